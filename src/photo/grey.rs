//! Grey pictures.

use ::image::{GrayImage, RgbImage};

/// The picture in grey, by the formula of Pillow's mode "L": (19595 R + 38470 G + 7471 B + 32768) >> 16.
///
/// This is ITU-R 601-2 luma in 16-bit fixed point. The `image` crate's own conversion weighs the colours otherwise
/// (ITU-R 709), so it would show the network other pictures than it was trained on.
pub fn to_grey(photo: &RgbImage) -> GrayImage {
    let mut grey = GrayImage::new(photo.width(), photo.height());
    for (value, pixel) in grey.iter_mut().zip(photo.pixels()) {
        let [r, g, b] = pixel.0.map(u32::from);
        *value = ((19595 * r + 38470 * g + 7471 * b + 32768) >> 16) as u8;
    }
    grey
}
