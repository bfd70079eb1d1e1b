//! Crops scaled, turned, stretched and mirrored at random.

use std::f32::consts::TAU;

use fastrand::Rng;
use image::GrayImage;

use super::picture::{CROP, Picture};
use super::{between, chance, normal};

/// Enlargement, from less than a half to triple, mostly near 1.
const SCALES: [f32; 2] = [0.45, 3.0];

/// Share of crops that are turned by any angle and not by quarters.
const TURNED: f32 = 0.6;

/// Share of crops taken near a crack, where there is one.
const NEAR_CRACK: f32 = 0.5;

/// Which part of a photo a crop shows, and how.
pub(super) struct View {
    center: [f32; 2],
    /// Steps in the photo for a step to the right, and for a step down, in the crop.
    right: [f32; 2],
    down: [f32; 2],
}

impl View {
    pub(super) fn random(rng: &mut Rng, photo: &GrayImage, mask: Option<&GrayImage>) -> Self {
        // Two even draws added give the middle more weight.
        let spread = (SCALES[1] / SCALES[0]).ln() / 2.0;
        let scale = SCALES[0] * (spread * (rng.f32() + rng.f32())).exp();
        let stretch = (0.08 * normal(rng)).exp();
        let angle = if chance(rng, TURNED) {
            TAU * rng.f32()
        } else {
            f32::from(rng.u8(..4)) * TAU / 4.0
        };
        let (sin, cos) = angle.sin_cos();
        let mirror = if rng.bool() { 1.0 } else { -1.0 };
        let (width, height) = (photo.width() as f32, photo.height() as f32);
        let near_crack = if chance(rng, NEAR_CRACK) {
            mask.and_then(|mask| a_crack_pixel(rng, mask))
        } else {
            None
        };
        let center = match near_crack {
            // Near it, but not centred on it: the network must not learn to look at the middle.
            Some((x, y)) => [x, y].map(|at| at + between(rng, -0.4, 0.4) * CROP as f32 / scale),
            None => [width * rng.f32(), height * rng.f32()],
        };
        Self {
            center: [center[0].clamp(0.0, width), center[1].clamp(0.0, height)],
            right: [
                cos * mirror * stretch / scale,
                sin * mirror * stretch / scale,
            ],
            down: [-sin / stretch / scale, cos / stretch / scale],
        }
    }

    /// The crop of a photo or of its mask.
    pub(super) fn of(&self, picture: &GrayImage) -> Picture {
        let middle = (CROP as f32 - 1.0) / 2.0;
        Picture::from_fn(|x, y| {
            let (x, y) = (x - middle, y - middle);
            let along =
                |axis: usize| self.center[axis] + x * self.right[axis] + y * self.down[axis];
            between_pixels(picture, along(0), along(1))
        })
    }
}

fn a_crack_pixel(rng: &mut Rng, mask: &GrayImage) -> Option<(f32, f32)> {
    let cracks = || {
        mask.enumerate_pixels()
            .filter(|(_, _, pixel)| pixel.0[0] > 127)
    };
    let count = cracks().count();
    let (x, y, _) = cracks().nth(rng.usize(..count.max(1)))?;
    Some((x as f32, y as f32))
}

/// The picture at a place between pixels, bilinear, mirrored beyond its edges; 0 to 1.
fn between_pixels(picture: &GrayImage, x: f32, y: f32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let (dx, dy) = (x - left, y - top);
    let at = |x: f32, y: f32| {
        let pixel = picture.get_pixel(
            mirrored(x as i64, picture.width()),
            mirrored(y as i64, picture.height()),
        );
        f32::from(pixel.0[0]) / 255.0
    };
    let upper = at(left, top) * (1.0 - dx) + at(left + 1.0, top) * dx;
    let lower = at(left, top + 1.0) * (1.0 - dx) + at(left + 1.0, top + 1.0) * dx;
    upper * (1.0 - dy) + lower * dy
}

fn mirrored(position: i64, length: u32) -> u32 {
    let length = i64::from(length);
    let offset = position.rem_euclid(2 * length);
    offset.min(2 * length - 1 - offset) as u32
}
