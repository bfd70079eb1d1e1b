//! The look of concrete: a height field lit from the side, an albedo over it, and the camera's softness and noise.

use std::f32::consts::{PI, TAU};

use ::image::{Rgb, RgbImage};

use super::noise::{Noise, Random};
use super::{SceneSpec, raster};

/// One value for each pixel.
#[derive(Clone)]
pub(super) struct Layer {
    pub(super) width: usize,
    pub(super) height: usize,
    values: Vec<f32>,
}

impl Layer {
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self::from_fn(width, height, |_, _| 0.0)
    }

    fn from_fn(width: usize, height: usize, mut value: impl FnMut(f32, f32) -> f32) -> Self {
        let mut values = Vec::with_capacity(width * height);
        for y in 0..height {
            values.extend((0..width).map(|x| value(x as f32, y as f32)));
        }
        Self {
            width,
            height,
            values,
        }
    }

    pub(super) fn at(&self, x: usize, y: usize) -> f32 {
        self.values[y * self.width + x]
    }

    pub(super) fn at_mut(&mut self, x: usize, y: usize) -> &mut f32 {
        &mut self.values[y * self.width + x]
    }

    /// The value there, or at the nearest pixel of the picture.
    fn near(&self, x: isize, y: isize) -> f32 {
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        self.at(x, y)
    }

    /// As [`raster::cover`].
    pub(super) fn cover(&mut self, segment: [[f32; 2]; 2], radii: [f32; 2]) {
        raster::cover(&mut self.values, self.width, segment, radii);
    }

    fn blurred(&self, sigma: f32) -> Self {
        Self {
            values: raster::blurred(&self.values, self.width, sigma, 2.5),
            ..*self
        }
    }

    /// Sets the pixels within `radius` of a point to `change(value, distance from the point)`.
    fn disc(&mut self, center: [f32; 2], radius: f32, change: impl Fn(f32, f32) -> f32) {
        // The casts stop at 0.
        let span = |middle: f32, length: usize| {
            let end = ((middle + radius) as usize + 1).min(length);
            ((middle - radius) as usize).min(end)..end
        };
        for y in span(center[1], self.height) {
            for x in span(center[0], self.width) {
                let away = (x as f32 - center[0]).hypot(y as f32 - center[1]);
                if away < radius {
                    let value = self.at_mut(x, y);
                    *value = change(*value, away);
                }
            }
        }
    }
}

/// The photo of the concrete of `spec` with the cracks of `coverage` (0 to 1) in it.
pub(super) fn render(spec: &SceneSpec, coverage: &Layer, random: &mut Random) -> RgbImage {
    let (width, height) = (spec.width as usize, spec.height as usize);
    let mut relief = surface(spec, random);
    let mut albedo = tone(spec, random);
    aggregate(spec, random, &mut relief, &mut albedo);
    pores(spec, random, &mut relief, &mut albedo);
    if spec.joint {
        joint(random, &mut relief, &mut albedo);
    }
    let stains = stains(spec, random);

    let crack_depth = random.between(0.62, 0.8);
    // Dirt gathers along a crack.
    let dirt = coverage.blurred(2.5);
    let lips = coverage.blurred(0.7);

    let direction = random.between(-0.75 * PI, -0.25 * PI);
    let (light_x, light_y) = (direction.cos(), direction.sin());
    let glow = random.between(0.0, 0.14);
    let exposure = random.between(0.86, 1.08);
    let vignette = random.between(0.0, 0.12);
    let size = width.max(height) as f32;
    let mut shade = Layer::from_fn(width, height, |x, y| {
        let (column, row) = (x as isize, y as isize);
        let depth = |right: isize, down: isize| {
            relief.near(column + right, row + down) - 1.2 * lips.near(column + right, row + down)
        };
        // The slope towards the light: what faces it is bright.
        let slope = light_x * (depth(-1, 0) - depth(1, 0)) + light_y * (depth(0, -1) - depth(0, 1));
        let lit = (1.0 - 0.09 * slope.clamp(-3.0, 3.0)).max(0.1);
        let (across, down) = (
            (x - 0.5 * width as f32) / size,
            (y - 0.5 * height as f32) / size,
        );
        let light = 1.0 + glow * 2.0 * (across * light_x + down * light_y)
            - vignette * 2.0 * (across * across + down * down);
        let (x, y) = (x as usize, y as usize);
        let crack = (1.0 - crack_depth * coverage.at(x, y)) * (1.0 - 0.10 * dirt.at(x, y));
        albedo.at(x, y) * lit * light * exposure * crack
    });

    shade = shade.blurred(random.between(0.5, 0.75));
    let warmth = random.between(-0.02, 0.05);
    let tint = [1.0 + warmth, 1.0 + 0.3 * warmth, 1.0 - warmth];
    // Rust and water marks take away blue more than red.
    let rust = [0.10, 0.17, 0.25];
    let noise = random.between(0.006, 0.014);
    RgbImage::from_fn(spec.width, spec.height, |x, y| {
        let (x, y) = (x as usize, y as usize);
        let (shade, stain) = (shade.at(x, y), stains.at(x, y));
        let grain = noise * random.normal();
        Rgb(std::array::from_fn(|channel| {
            let color = shade * tint[channel] * (1.0 - rust[channel] * stain);
            (255.0 * (color + grain + 0.35 * noise * random.normal()) + 0.5) as u8
        }))
    })
}

/// Height of the bare surface, in units of a bump of one grey step: waves, trowel marks, sand.
fn surface(spec: &SceneSpec, random: &mut Random) -> Layer {
    let (waves, sand, marks) = (Noise::new(random), Noise::new(random), Noise::new(random));
    let coarse = 1.2 + 3.0 * spec.roughness;
    let fine = 0.25 + 1.1 * spec.roughness;
    let turn = random.between(0.0, TAU);
    let (cos, sin) = (turn.cos(), turn.sin());
    Layer::from_fn(spec.width as usize, spec.height as usize, |x, y| {
        let (along, aside) = (x * cos + y * sin, y * cos - x * sin);
        coarse * waves.fractal(x / 46.0, y / 46.0, 4, 0.52)
            + fine * sand.fractal(x / 4.2, y / 4.2, 2, 0.7)
            + 0.5 * (1.0 - spec.roughness) * marks.at(along / 90.0, aside / 5.0)
    })
}

/// Brightness of the bare concrete: clouds of moisture and cement over a base tone.
fn tone(spec: &SceneSpec, random: &mut Random) -> Layer {
    let (clouds, bend, mottle, grain) = (
        Noise::new(random),
        Noise::new(random),
        Noise::new(random),
        Noise::new(random),
    );
    let base = random.between(0.56, 0.76);
    let contrast = random.between(0.05, 0.11);
    Layer::from_fn(spec.width as usize, spec.height as usize, |x, y| {
        // Noise bent by noise loses its even, blotchy look.
        let (bent_x, bent_y) = (
            x + 40.0 * bend.fractal(x / 130.0, y / 130.0, 2, 0.5),
            y + 40.0 * bend.fractal(x / 130.0 + 9.7, y / 130.0 - 3.1, 2, 0.5),
        );
        let cloud = clouds.fractal(bent_x / 170.0, bent_y / 170.0, 5, 0.55);
        let blotch = mottle.fractal(bent_x / 19.0, bent_y / 19.0, 3, 0.6);
        let speck = grain.fractal(x / 2.6, y / 2.6, 2, 0.8);
        base * (1.0 + contrast * cloud + 0.035 * blotch + (0.02 + 0.035 * spec.roughness) * speck)
    })
}

/// Grains of sand and stone: spots a little darker, lighter or higher than the cement around them.
fn aggregate(spec: &SceneSpec, random: &mut Random, relief: &mut Layer, albedo: &mut Layer) {
    let area = (relief.width * relief.height) as f32;
    let count = area * (0.002 + 0.014 * spec.roughness);
    for _ in 0..count as usize {
        let center = anywhere(relief, random);
        let radius = 0.8 + (0.6 + 2.6 * spec.roughness) * random.unit().powi(4);
        let change = 1.0 + 0.09 * random.normal() * (0.4 + 0.6 * spec.roughness);
        let bump = random.normal() * 0.5 * spec.roughness;
        albedo.disc(center, radius, |value, _| value * change);
        relief.disc(center, radius, |value, away| value + bump * (radius - away));
    }
}

/// Air holes: mostly pinpricks, a few large ones; deep, so dark inside with one lit rim.
fn pores(spec: &SceneSpec, random: &mut Random, relief: &mut Layer, albedo: &mut Layer) {
    let gathering = Noise::new(random);
    let area = (relief.width * relief.height) as f32;
    let count = area * random.between(0.0003, 0.0010) * (0.5 + spec.roughness);
    for _ in 0..count as usize {
        let center = anywhere(relief, random);
        // Pores come in swarms.
        if gathering.at(center[0] / 120.0, center[1] / 120.0) < random.between(-0.5, 0.5) {
            continue;
        }
        let largest = 0.8 + 4.0 * random.unit().powi(8);
        let dark = random.between(0.08, 0.4);
        // Of one to four bubbles, so that few are round.
        for _ in 0..1 + random.below(4) {
            let radius = largest * random.between(0.5, 1.0);
            let center = center.map(|middle| middle + largest * random.between(-0.6, 0.6));
            relief.disc(center, radius, |value, away| {
                value - 1.6 * (1.0 - (away / radius).powi(2)) * radius.min(2.0)
            });
            albedo.disc(center, radius, |value, away| {
                value * (1.0 - dark * (1.0 - (away / radius).powi(2)))
            });
        }
    }
}

/// Where two boards of the formwork met: a fin or groove straight through the picture, and two tones.
fn joint(random: &mut Random, relief: &mut Layer, albedo: &mut Layer) {
    let (wobble, gaps) = (Noise::new(random), Noise::new(random));
    let upright = random.chance(0.5);
    let (width, height) = (relief.width, relief.height);
    let across = if upright { width } else { height } as f32;
    let place = across * random.between(0.2, 0.8);
    let tilt = random.between(-0.015, 0.015);
    let half = random.between(1.0, 2.2);
    let depth = random.between(0.8, 2.5);
    let step = random.between(-0.05, 0.05);
    for y in 0..height {
        for x in 0..width {
            let (along, aside) = if upright {
                (y as f32, x as f32)
            } else {
                (x as f32, y as f32)
            };
            let line = place + tilt * along + 1.2 * wobble.fractal(along / 60.0, 0.5, 3, 0.5);
            let away = aside - line;
            let groove = (1.0 - (away / half).powi(2)).max(0.0);
            let filled = (0.75 + gaps.fractal(along / 35.0, 0.5, 3, 0.6)).clamp(0.15, 1.0);
            *relief.at_mut(x, y) -= depth * filled * groove;
            *albedo.at_mut(x, y) *=
                (1.0 - 0.22 * filled * groove) * (1.0 + step * away.clamp(-3.0, 3.0) / 3.0);
        }
    }
}

/// Strength of rust and water marks, 0 to 1: patches with soft edges, and runs that water drew downwards.
fn stains(spec: &SceneSpec, random: &mut Random) -> Layer {
    let (patches, runs, fray) = (Noise::new(random), Noise::new(random), Noise::new(random));
    let strength = random.between(0.6, 1.0) * spec.stains;
    Layer::from_fn(spec.width as usize, spec.height as usize, |x, y| {
        let edge = 0.35 * fray.fractal(x / 22.0, y / 30.0, 4, 0.6);
        let patch = patches.fractal(x / 210.0, y / 210.0, 2, 0.5) + edge;
        let run = runs.fractal(x / 26.0, y / 420.0, 3, 0.6) + 0.6 * edge + 0.2 * patch;
        strength * (smooth(0.05, 0.75, patch) * 0.7 + smooth(0.3, 1.0, run)).min(1.0)
    })
}

fn anywhere(layer: &Layer, random: &mut Random) -> [f32; 2] {
    [
        random.unit() * layer.width as f32,
        random.unit() * layer.height as f32,
    ]
}

/// 0 below `low`, 1 above `high`, smooth between.
fn smooth(low: f32, high: f32, value: f32) -> f32 {
    let share = ((value - low) / (high - low)).clamp(0.0, 1.0);
    share * share * (3.0 - 2.0 * share)
}
