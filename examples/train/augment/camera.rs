//! What light and cameras do to a surface.

use std::io::Cursor;

use fastrand::Rng;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;

use super::distractors::shadows;
use super::picture::Picture;
use super::{between, between_factors, chance, normal};

/// The same photograph, a little lighter or darker.
pub(super) fn expose(rng: &mut Rng, picture: &mut Picture) {
    let mean = picture.mean();
    let (contrast, light) = (between_factors(rng, 0.75, 1.3), between(rng, -0.1, 0.1));
    picture.change(|grey| (contrast * (grey - mean) + mean + light).clamp(0.0, 1.0));
}

/// Light, lens, enlargement, sensor and compression of any camera.
pub(super) fn photograph(rng: &mut Rng, picture: &mut Picture) {
    if chance(rng, 0.2) {
        shadows(rng, picture);
    }
    let gamma = (0.25 * normal(rng)).exp();
    picture.change(|grey| grey.clamp(0.0, 1.0).powf(gamma));
    let contrast = if chance(rng, 0.7) {
        between_factors(rng, 0.45, 1.8)
    } else {
        1.0
    };
    let mean = picture.mean();
    let light = (mean + between(rng, -0.2, 0.2)).clamp(0.12, 0.88);
    picture.change(|grey| contrast * (grey - mean) + light);
    if chance(rng, 0.35) {
        *picture = picture.blurred(between_factors(rng, 0.4, 2.5));
    }
    if chance(rng, 0.25) {
        let filters = [
            FilterType::Triangle,
            FilterType::CatmullRom,
            FilterType::Lanczos3,
        ];
        let filter = filters[rng.usize(..filters.len())];
        *picture = picture.enlarged(between_factors(rng, 1.3, 4.0), filter);
    }
    if chance(rng, 0.4) {
        let noise = between_factors(rng, 0.005, 0.06);
        picture.change(|grey| grey + noise * normal(rng));
    }
    picture.change(|grey| grey.clamp(0.0, 1.0));
    if chance(rng, 0.3) {
        compress(picture, rng.u8(20..90));
    }
}

/// The marks that JPEG leaves at a quality of 1 to 100. A picture that the encoder refuses stays as it is.
fn compress(picture: &mut Picture, quality: u8) {
    let mut file = Vec::new();
    let packed = JpegEncoder::new_with_quality(Cursor::new(&mut file), quality)
        .encode_image(&picture.to_grey());
    if let (Ok(()), Ok(image)) = (packed, image::load_from_memory(&file)) {
        *picture = Picture::from_grey(&image.into_luma8());
    }
}
