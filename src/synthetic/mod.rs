//! Made-up photos of concrete with cracks of known geometry, for tests and the page's examples.
//!
//! A scene is computed from its [`SceneSpec`] alone: the same numbers give the same picture. The surface is a height
//! field lit from the side (grain, aggregate, pores, joints) with an albedo over it (clouds, stains); the cracks are
//! jagged lines of known width, of which [`Scene::truth`] holds exactly the pixels that are covered by more than half.

mod concrete;
mod crack;
mod noise;
pub mod raster;

use ::image::{GrayImage, RgbImage};

use crate::mask::Mask;
use noise::Random;

/// What to make.
#[derive(Clone, Debug, PartialEq)]
pub struct SceneSpec {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Chooses among all scenes of this kind.
    pub seed: u64,
    /// Number of cracks, not counting their branches; 0 gives sound concrete.
    pub cracks: u32,
    /// Width of the cracks at their widest, in pixels (0.8 to 6 looks real); branches are finer.
    pub crack_width: f32,
    /// How often cracks branch: 0 never, 1 often.
    pub branching: f32,
    /// 0 = trowelled smooth, 1 = rough, with aggregate and many pores.
    pub roughness: f32,
    /// Stains and water marks: 0 none, 1 many.
    pub stains: f32,
    /// Whether a formwork joint runs through the picture.
    pub joint: bool,
}

impl Default for SceneSpec {
    fn default() -> Self {
        Self {
            width: 256,
            height: 256,
            seed: 0,
            cracks: 1,
            crack_width: 3.0,
            branching: 0.5,
            roughness: 0.4,
            stains: 0.3,
            joint: false,
        }
    }
}

impl SceneSpec {
    /// A scene of any kind, drawn by `seed`: now and then sound, mostly cracked, smooth to rough.
    pub fn varied(width: u32, height: u32, seed: u64) -> Self {
        let mut random = Random::new(seed ^ 0x5CE7_E5CE);
        Self {
            width,
            height,
            seed,
            cracks: [0, 1, 1, 1, 2, 3][random.below(6)],
            crack_width: random.between(0.8, 2.45).powi(2),
            branching: random.unit(),
            roughness: random.unit(),
            stains: random.unit() * random.unit(),
            joint: random.chance(0.25),
        }
    }
}

/// A picture and what is true of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// The photo.
    pub photo: RgbImage,
    /// Its cracks: the pixels that a crack covers by more than half.
    pub truth: Mask,
}

/// Makes the scene of `spec`.
pub fn generate(spec: &SceneSpec) -> Scene {
    let mut random = Random::new(spec.seed);
    let coverage = crack::draw(spec, &mut random);
    let truth = GrayImage::from_fn(spec.width, spec.height, |x, y| {
        let covered = coverage.at(x as usize, y as usize) > 0.5;
        ::image::Luma([if covered { 255 } else { 0 }])
    });
    Scene {
        photo: concrete::render(spec, &coverage, &mut random),
        truth: Mask::from_grey(truth),
    }
}
