//! Makes training crops: warped photographs, cracks drawn or from elsewhere, drawn things that only look like cracks, bad cameras.
//!
//! All chance comes from the generator that is passed in.

mod camera;
mod distractors;
mod picture;
mod strokes;
mod transplant;
mod walls;
mod warp;

use fastrand::Rng;
use image::GrayImage;

pub(crate) use picture::{CROP, Picture};

/// Shares of samples and the like, by name; the recipe's knobs.
const DISTRACTED_CRACKS: f32 = 0.12;
const PLAIN_WALLS: f32 = 0.4;
const ROUGH_WALLS: f32 = 0.5;
const RENDERED_WALLS: f32 = 0.25;
const CLUTTERED_WALLS: f32 = 0.2;

/// How visible cracks are at least that were put onto a surface: by eye, what a person still finds.
const SEEN: f32 = 0.3;
const DISTRACTED_WALLS: f32 = 0.65;

/// A crop and the share of crack at each of its pixels, both 0 to 1.
pub(crate) struct Sample {
    pub(crate) photo: Picture,
    pub(crate) label: Picture,
}

/// A cracked surface. `strength` is the share of samples that are more than turned, scaled and exposed anew.
pub(crate) fn cracked(rng: &mut Rng, photo: &GrayImage, mask: &GrayImage, strength: f32) -> Sample {
    let view = warp::View::random(rng, photo, Some(mask));
    let (mut crop, label) = (view.of(photo), view.of(mask));
    if !chance(rng, strength) {
        camera::expose(rng, &mut crop);
    } else {
        if chance(rng, DISTRACTED_CRACKS) {
            distractors::draw(rng, &mut crop, 1);
        }
        camera::photograph(rng, &mut crop, &label);
    }
    Sample { photo: crop, label }
}

/// A crack-free surface: as it is, with distractors, or (a share `drawn`) with cracks, which are then the label: those of a
/// `donor`'s photo and mask, or drawn ones.
pub(crate) fn uncracked(
    rng: &mut Rng,
    photo: &GrayImage,
    strength: f32,
    drawn: f32,
    donor: Option<(&GrayImage, &GrayImage)>,
) -> Sample {
    let mut label = Picture::new(0.0);
    let warped = |rng: &mut Rng| warp::View::random(rng, photo, None).of(photo);
    if !chance(rng, strength) {
        let mut crop = warped(rng);
        camera::expose(rng, &mut crop);
        return Sample { photo: crop, label };
    }
    let mut crop = if chance(rng, PLAIN_WALLS) {
        walls::plain_wall(rng)
    } else {
        warped(rng)
    };
    if chance(rng, ROUGH_WALLS) {
        walls::roughen(rng, &mut crop);
    }
    if chance(rng, RENDERED_WALLS) {
        walls::render(rng, &mut crop);
    }
    if chance(rng, CLUTTERED_WALLS) {
        walls::clutter(rng, &mut crop);
    }
    if chance(rng, DISTRACTED_WALLS) {
        distractors::draw(rng, &mut crop, 3);
    }
    if chance(rng, drawn) {
        let mut cracked = crop.clone();
        let donor = donor.map(|(photo, mask)| {
            let view = warp::View::random(rng, photo, Some(mask));
            (view.of(photo), view.of(mask))
        });
        let cracks = match donor {
            Some((photo, cracks)) if cracks.values().iter().any(|&share| share > 0.5) => {
                transplant::transplant(&photo, &cracks, &mut cracked);
                cracks
            }
            // It may show none of its cracks.
            _ => strokes::cracks(rng, &mut cracked),
        };
        if camera::visibility(&cracked, &cracks) > SEEN {
            (crop, label) = (cracked, cracks);
        }
    }
    camera::photograph(rng, &mut crop, &label);
    Sample { photo: crop, label }
}

fn chance(rng: &mut Rng, probability: f32) -> bool {
    rng.f32() < probability
}

fn between(rng: &mut Rng, low: f32, high: f32) -> f32 {
    low + (high - low) * rng.f32()
}

/// Evenly among the factors from `low` to `high`.
fn between_factors(rng: &mut Rng, low: f32, high: f32) -> f32 {
    between(rng, low.ln(), high.ln()).exp()
}

/// Normal, of mean 0 and deviation 1 (Box and Muller).
fn normal(rng: &mut Rng) -> f32 {
    let radius = (-2.0 * (1.0 - rng.f32()).ln()).sqrt();
    radius * (std::f32::consts::TAU * rng.f32()).cos()
}

/// 0 far below 0, 1 far above, over a width of about four.
fn sigmoid(value: f32) -> f32 {
    1.0 / (1.0 + (-value).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crack_free_surface_is_labelled_where_cracks_are_drawn_and_not_otherwise() {
        let concrete = GrayImage::from_pixel(227, 227, image::Luma([128]));
        for (drawn, least) in [(0.0, 0), (1.0, 20)] {
            let mut labelled = 0;
            for seed in 0..40 {
                let mut rng = Rng::with_seed(seed);
                let Sample { photo, label } = uncracked(&mut rng, &concrete, 1.0, drawn, None);
                assert!(photo.values().iter().all(|grey| (0.0..=1.0).contains(grey)));
                labelled += usize::from(label.values().iter().any(|&share| share > 0.5));
            }
            assert!(
                (least..=2 * least).contains(&labelled),
                "{labelled} of 40 at {drawn}"
            );
        }
    }
}
