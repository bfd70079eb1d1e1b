//! Lists of photos, a line `IMAGE MASK` each, or `IMAGE` for a crack-free one; and reading what they name.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use crack_segmenter::photo;
use image::GrayImage;

/// A line of a list: paths relative to the folder of the data.
pub(crate) struct Entry {
    pub(crate) image: String,
    /// None for a crack-free photo.
    pub(crate) mask: Option<String>,
}

pub(crate) fn read_list(list: &Path) -> Result<Vec<Entry>> {
    let text = fs::read_to_string(list).with_context(|| list.display().to_string())?;
    let entries = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace().map(str::to_owned);
        Some(Entry {
            image: words.next()?,
            mask: words.next(),
        })
    });
    Ok(entries.collect())
}

pub(crate) fn read_grey(path: &Path) -> Result<GrayImage> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    let picture = photo::decode(&bytes).with_context(|| path.display().to_string())?;
    Ok(photo::to_grey(&picture))
}

/// A label: none at 0, crack at 255.
pub(crate) fn read_label(path: &Path) -> Result<GrayImage> {
    let label = read_grey(path)?;
    let largest = label.iter().copied().max().unwrap_or_default();
    ensure!(
        !(1..=127).contains(&largest),
        "{}: labels are 0 (none) and 255 (crack), and this one's largest value is {largest}; multiply it so that crack is 255",
        path.display()
    );
    Ok(label)
}
