//! Random crops of photos and their masks.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use crack_segmenter::photo;
use fastrand::Rng;
use image::GrayImage;

/// Side of a crop in pixels.
pub(crate) const CROP: usize = 256;

/// Share of crack-free crops in a batch, where there are crack-free images.
const NEGATIVE_SHARE: f64 = 0.15;

/// A photo and its mask (255 = crack), both grey and of one size.
struct Pair {
    photo: GrayImage,
    mask: GrayImage,
}

/// Draws batches.
pub(crate) struct Sampler {
    sources: Vec<Vec<Pair>>,
    negatives: Vec<Pair>,
    seed: u64,
}

/// Crops \[N, 1, 256, 256\], one after the other.
pub(crate) struct Batch {
    /// Grey scaled to -1..1.
    pub(crate) inputs: Vec<f32>,
    /// Share of crack at each pixel, 0..1.
    pub(crate) targets: Vec<f32>,
}

impl Sampler {
    /// Reads all pictures into memory.
    pub(crate) fn read(
        data: &Path,
        pairs: &Path,
        negatives: Option<&Path>,
        seed: u64,
    ) -> Result<Self> {
        let mut sources: BTreeMap<String, Vec<Pair>> = BTreeMap::new();
        for line in lines(pairs)? {
            let (photo, mask) = line
                .split_once(' ')
                .with_context(|| format!("`{line}` is not `IMAGE MASK`"))?;
            let source = photo.split('/').next().unwrap_or_default().to_owned();
            let (photo, mask) = (read_grey(&data.join(photo))?, read_grey(&data.join(mask))?);
            ensure!(
                photo.dimensions() == mask.dimensions(),
                "{line}: photo and mask differ in size"
            );
            sources
                .entry(source)
                .or_default()
                .push(Pair { photo, mask });
        }
        let mut free = Vec::new();
        for line in negatives.map(lines).transpose()?.unwrap_or_default() {
            let photo = read_grey(&data.join(line))?;
            let mask = GrayImage::new(photo.width(), photo.height());
            free.push(Pair { photo, mask });
        }
        ensure!(!sources.is_empty(), "{} lists no pair", pairs.display());
        Ok(Self {
            sources: sources.into_values().collect(),
            negatives: free,
            seed,
        })
    }

    /// The batch of one step: the same for the same seed and step.
    pub(crate) fn batch(&self, step: usize, size: usize) -> Batch {
        let mut rng = Rng::with_seed(self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ step as u64);
        let mut batch = Batch {
            inputs: Vec::new(),
            targets: Vec::new(),
        };
        for _ in 0..size {
            let pair = self.draw(&mut rng);
            let view = View::random(pair, &mut rng);
            let light = Light::random(&mut rng);
            for y in 0..CROP {
                for x in 0..CROP {
                    let (u, v) = view.source(x, y);
                    batch
                        .inputs
                        .push(light.apply(sample(&pair.photo, u, v), &mut rng) * 2.0 - 1.0);
                    batch.targets.push(sample(&pair.mask, u, v));
                }
            }
        }
        batch
    }

    fn draw(&self, rng: &mut Rng) -> &Pair {
        let pool = if !self.negatives.is_empty() && rng.f64() < NEGATIVE_SHARE {
            &self.negatives
        } else {
            &self.sources[rng.usize(..self.sources.len())]
        };
        &pool[rng.usize(..pool.len())]
    }
}

/// A crop turned, scaled and mirrored at random.
struct View {
    center: [f32; 2],
    /// Steps in the photo for a step to the right and a step down in the crop.
    right: [f32; 2],
    down: [f32; 2],
}

impl View {
    fn random(pair: &Pair, rng: &mut Rng) -> Self {
        let step = (-1.0 + 1.8 * rng.f32()).exp2();
        let (sin, cos) = (rng.f32() * std::f32::consts::TAU).sin_cos();
        let mirror = if rng.bool() { 1.0 } else { -1.0 };
        Self {
            center: [
                rng.f32() * pair.photo.width() as f32,
                rng.f32() * pair.photo.height() as f32,
            ],
            right: [step * cos, step * sin],
            down: [-step * sin * mirror, step * cos * mirror],
        }
    }

    fn source(&self, x: usize, y: usize) -> (f32, f32) {
        let (x, y) = (x as f32 - CROP as f32 / 2.0, y as f32 - CROP as f32 / 2.0);
        let along = |axis: usize| self.center[axis] + x * self.right[axis] + y * self.down[axis];
        (along(0), along(1))
    }
}

/// Another exposure of the same surface.
struct Light {
    gain: f32,
    offset: f32,
    gamma: f32,
    noise: f32,
}

impl Light {
    fn random(rng: &mut Rng) -> Self {
        Self {
            gain: 0.5 + rng.f32(),
            offset: 0.4 * (rng.f32() - 0.5),
            gamma: (rng.f32() - 0.5).exp2(),
            noise: 0.05 * rng.f32() * rng.f32(),
        }
    }

    /// Grey in 0..1 to grey in 0..1.
    fn apply(&self, grey: f32, rng: &mut Rng) -> f32 {
        let noise = self.noise * (rng.f32() + rng.f32() + rng.f32() - 1.5) * 2.0;
        let lit = (grey.powf(self.gamma) - 0.5) * self.gain + 0.5 + self.offset + noise;
        lit.clamp(0.0, 1.0)
    }
}

/// The picture at a place between pixels, bilinear, mirrored beyond its edges; 0..1.
fn sample(picture: &GrayImage, x: f32, y: f32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let (dx, dy) = (x - left, y - top);
    let at = |x: f32, y: f32| {
        let pixel = picture.get_pixel(
            mirror(x as i64, picture.width()),
            mirror(y as i64, picture.height()),
        );
        f32::from(pixel.0[0]) / 255.0
    };
    let upper = at(left, top) * (1.0 - dx) + at(left + 1.0, top) * dx;
    let lower = at(left, top + 1.0) * (1.0 - dx) + at(left + 1.0, top + 1.0) * dx;
    upper * (1.0 - dy) + lower * dy
}

fn mirror(position: i64, length: u32) -> u32 {
    let length = i64::from(length);
    let offset = position.rem_euclid(2 * length);
    offset.min(2 * length - 1 - offset) as u32
}

fn lines(list: &Path) -> Result<Vec<String>> {
    let text = fs::read_to_string(list).with_context(|| list.display().to_string())?;
    Ok(text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect())
}

fn read_grey(path: &Path) -> Result<GrayImage> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    let picture = photo::decode(&bytes).with_context(|| path.display().to_string())?;
    Ok(photo::to_grey(&picture))
}
