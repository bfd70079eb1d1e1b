//! Which photos are measured on, and their labels.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use crack_segmenter::mask::Mask;
use image::GrayImage;

use crate::lists::{read_grey, read_list};

/// A photo and where its cracks are.
pub(crate) struct Labelled {
    /// As the list names it.
    pub(crate) name: String,
    pub(crate) image: PathBuf,
    /// None for a crack-free photo.
    mask: Option<PathBuf>,
}

impl Labelled {
    pub(crate) fn is_free(&self) -> bool {
        self.mask.is_none()
    }

    /// The label, empty for a crack-free photo of `size`.
    pub(crate) fn label(&self, (width, height): (u32, u32)) -> Result<Mask> {
        let label = match &self.mask {
            Some(mask) => read_grey(mask)?,
            None => GrayImage::new(width, height),
        };
        Ok(Mask::from_grey(label))
    }
}

/// The photos of a list.
pub(crate) fn in_list(data: &Path, list: &Path) -> Result<Vec<Labelled>> {
    let photos = read_list(list)?.into_iter().map(|entry| Labelled {
        image: data.join(&entry.image),
        name: entry.image,
        mask: entry.mask.map(|mask| data.join(mask)),
    });
    Ok(photos.collect())
}

/// The pairs `images/STEM.*` and `masks/STEM.png` of a folder.
pub(crate) fn in_folder(folder: &Path) -> Result<Vec<Labelled>> {
    let images = folder.join("images");
    let mut photos = Vec::new();
    for entry in fs::read_dir(&images).with_context(|| images.display().to_string())? {
        let image = entry?.path();
        let (Some(stem), Some(name)) = (image.file_stem(), image.file_name()) else {
            continue;
        };
        let mask = folder.join("masks").join(stem).with_added_extension("png");
        ensure!(
            mask.exists(),
            "{} has no label: {} is missing",
            image.display(),
            mask.display()
        );
        photos.push(Labelled {
            name: name.to_string_lossy().into(),
            mask: Some(mask),
            image,
        });
    }
    photos.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(photos)
}
