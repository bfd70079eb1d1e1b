//! Which photos are measured on, and their labels.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use crack_segmenter::mask::Mask;
use image::GrayImage;

use crate::lists::{read_label, read_list};

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

    /// The label of the photo, which has this size when upright; empty for a crack-free one.
    pub(crate) fn label(&self, (width, height): (u32, u32)) -> Result<Mask> {
        let Some(file) = &self.mask else {
            return Ok(Mask::from_grey(GrayImage::new(width, height)));
        };
        let label = read_label(file)?;
        // It may have another size, of which either side was rounded by less than a pixel.
        let product = |across: u32, down: u32| u64::from(across) * u64::from(down);
        let off = product(label.width(), height).abs_diff(product(width, label.height()));
        ensure!(
            off < u64::from(width) + u64::from(height),
            "{}: a label has its photo's shape, and this one is {} x {} pixels, the photo, upright, {width} x {height}",
            file.display(),
            label.width(),
            label.height()
        );
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

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    /// A photo whose label is all of this value.
    fn labelled(name: &str, (width, height): (u32, u32), value: u8) -> Result<Labelled> {
        let file = std::env::temp_dir().join(format!("evaluate-{}-{name}", std::process::id()));
        GrayImage::from_pixel(width, height, Luma([value])).save(&file)?;
        Ok(Labelled {
            name: name.to_owned(),
            image: PathBuf::new(),
            mask: Some(file),
        })
    }

    /// What is said of a label, which is then removed.
    fn refusal(labelled: &Labelled, photo: (u32, u32)) -> Result<String> {
        let told = labelled.label(photo).err().map(|error| error.to_string());
        labelled.mask.as_ref().map_or(Ok(()), fs::remove_file)?;
        Ok(told.unwrap_or_default())
    }

    #[test]
    fn labels_that_are_not_the_photos_are_refused() -> Result<()> {
        let turned = refusal(&labelled("turned.png", (30, 20), 255)?, (20, 30))?;
        assert!(turned.contains("shape"), "{turned}");
        let small_values = refusal(&labelled("ones.png", (30, 20), 1)?, (30, 20))?;
        assert!(small_values.contains("255"), "{small_values}");
        for (size, value) in [
            ((30, 20), 255),
            ((30, 20), 0),
            ((15, 10), 255),
            ((10, 7), 255),
        ] {
            let told = refusal(&labelled("good.png", size, value)?, (30, 20))?;
            assert_eq!(told, "", "{size:?}, {value}");
        }
        Ok(())
    }
}
