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

/// What must be left of a crack's visibility after a bad camera.
const STILL_SEEN: f32 = 0.4;

/// Photographs a surface as any camera might, but not so badly that the labelled crack is lost: a label that nobody could
/// have drawn teaches to guess.
pub(super) fn photograph(rng: &mut Rng, picture: &mut Picture, label: &Picture) {
    let mut photo = picture.clone();
    any_camera(rng, &mut photo);
    if visibility(&photo, label) < STILL_SEEN * visibility(picture, label) {
        expose(rng, picture);
    } else {
        *picture = photo;
    }
}

/// How far a crack's tone is from that of the surface beside it, measured by the roughness of that surface; 0 without a crack.
pub(super) fn visibility(photo: &Picture, label: &Picture) -> f32 {
    /// Roughness of a perfectly even surface: what the eye takes for one.
    const EVEN: f32 = 0.02;
    if label.values().iter().all(|&share| share <= 0.5) {
        return 0.0;
    }
    let near = label.blurred(3.0);
    let of = |is_wanted: &dyn Fn(f32, f32) -> bool| {
        let places = label.values().iter().zip(near.values()).zip(photo.values());
        let values: Vec<f32> = places
            .filter(|((label, near), _)| is_wanted(**label, **near))
            .map(|(_, grey)| *grey)
            .collect();
        let count = values.len().max(1) as f32;
        let mean = values.iter().sum::<f32>() / count;
        let squares: f32 = values.iter().map(|value| (value - mean).powi(2)).sum();
        (mean, (squares / count).sqrt())
    };
    let (crack, _) = of(&|label, _| label > 0.5);
    let (beside, roughness) = of(&|label, near| label < 0.1 && near > 0.02);
    (crack - beside).abs() / (roughness + EVEN)
}

/// Light, lens, enlargement, sensor and compression.
fn any_camera(rng: &mut Rng, picture: &mut Picture) {
    if chance(rng, 0.2) {
        shadows(rng, picture);
    }
    let gamma = (0.25 * normal(rng)).exp();
    picture.change(|grey| grey.clamp(0.0, 1.0).powf(gamma));
    let contrast = if chance(rng, 0.7) {
        between_factors(rng, 0.25, 1.8)
    } else {
        1.0
    };
    let mean = picture.mean();
    let light = (mean + between(rng, -0.2, 0.2)).clamp(0.12, 0.88);
    picture.change(|grey| contrast * (grey - mean) + light);
    if chance(rng, 0.4) {
        *picture = picture.blurred(between_factors(rng, 0.4, 3.0));
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
