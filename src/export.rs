//! Results as PNG files.

use ::image::codecs::png::{CompressionType, FilterType, PngEncoder};
use ::image::{ExtendedColorType, GrayImage, ImageEncoder, ImageError, RgbImage};
use thiserror::Error;

/// A picture could not be written.
#[derive(Debug, Error)]
#[error("The picture could not be written as PNG: {0}")]
pub struct ExportError(#[from] ImageError);

/// A grey picture (mask, probabilities) as an 8-bit grey PNG.
pub fn png_grey(image: &GrayImage) -> Result<Vec<u8>, ExportError> {
    png(image, image.dimensions(), ExtendedColorType::L8)
}

/// A colour picture (overlay) as an 8-bit RGB PNG.
pub fn png_rgb(image: &RgbImage) -> Result<Vec<u8>, ExportError> {
    png(image, image.dimensions(), ExtendedColorType::Rgb8)
}

fn png(
    samples: &[u8],
    (width, height): (u32, u32),
    color: ExtendedColorType,
) -> Result<Vec<u8>, ExportError> {
    let mut file = Vec::new();
    // A person waits for it: the fast setting takes a fraction of the default's time for somewhat larger files.
    PngEncoder::new_with_quality(&mut file, CompressionType::Fast, FilterType::Adaptive)
        .write_image(samples, width, height, color)?;
    Ok(file)
}
