//! Photos as a worse camera would have taken them: how well what was learned holds elsewhere.

use clap::ValueEnum;
use fastrand::Rng;
use image::GrayImage;
use image::imageops::{self, FilterType};
use serde::Serialize;

/// Which camera took the photos.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Camera {
    /// The one that did.
    Own,
    /// In haze: two fifths of the contrast.
    Dim,
    /// Out of focus: blurred by a Gaussian of two pixels.
    Soft,
    /// With a zoom that only enlarges: twice the size.
    Enlarged,
    /// In the dark: noise of 12 grey levels.
    Noisy,
}

const CONTRAST: f32 = 0.4;
const BLUR: f32 = 2.0;
const ZOOM: u32 = 2;
const NOISE: f32 = 12.0;

impl Camera {
    /// The photo as this camera takes it; the same each time.
    pub(crate) fn takes(self, photo: GrayImage) -> GrayImage {
        match self {
            Self::Own => photo,
            Self::Dim => {
                let sum: f64 = photo.iter().map(|&value| f64::from(value)).sum();
                let mean = (sum / photo.len().max(1) as f64) as f32;
                changed(photo, |value| mean + CONTRAST * (value - mean))
            }
            Self::Soft => imageops::blur(&photo, BLUR),
            Self::Enlarged => {
                let (width, height) = (ZOOM * photo.width(), ZOOM * photo.height());
                imageops::resize(&photo, width, height, FilterType::CatmullRom)
            }
            Self::Noisy => {
                let mut rng = Rng::with_seed(0);
                changed(photo, |value| value + NOISE * normal(&mut rng))
            }
        }
    }
}

fn changed(mut photo: GrayImage, mut change: impl FnMut(f32) -> f32) -> GrayImage {
    for value in photo.iter_mut() {
        *value = change(f32::from(*value)).round() as u8;
    }
    photo
}

/// Near enough to normal, of mean 0 and deviation 1: the sum of twelve even draws.
fn normal(rng: &mut Rng) -> f32 {
    (0..12).map(|_| rng.f32()).sum::<f32>() - 6.0
}
