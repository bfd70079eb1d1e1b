//! The geometry of cracks, and how much of each pixel they cover.

use std::f32::consts::{PI, TAU};

use super::SceneSpec;
use super::concrete::Layer;
use super::noise::{Noise, Random};

type Point = [f32; 2];

/// How far each halving of a crack throws its middle aside, as a share of the length: what makes it jagged.
const JAGGEDNESS: f32 = 0.10;

/// Length below which a crack is straight, in pixels.
const STRAIGHT: f32 = 3.0;

/// Share of every pixel that is covered by cracks, 0 to 1.
pub(super) fn draw(spec: &SceneSpec, random: &mut Random) -> Layer {
    let mut coverage = Layer::new(spec.width as usize, spec.height as usize);
    let (width, height) = (spec.width as f32, spec.height as f32);
    for _ in 0..spec.cracks {
        // Through a point of the picture's middle, in any direction, seldom to both edges.
        let middle = [
            width * random.between(0.25, 0.75),
            height * random.between(0.25, 0.75),
        ];
        let direction = random.between(0.0, TAU);
        let diagonal = width.hypot(height);
        let start = step(middle, direction + PI, diagonal * random.between(0.25, 0.6));
        let end = step(middle, direction, diagonal * random.between(0.25, 0.6));
        let crack_width = spec.crack_width * random.between(0.75, 1.0);
        grow(start, end, crack_width, 0, spec, random, &mut coverage);
    }
    coverage
}

/// Draws one crack of at most `crack_width` pixels and its branches.
fn grow(
    start: Point,
    end: Point,
    crack_width: f32,
    generation: u32,
    spec: &SceneSpec,
    random: &mut Random,
    coverage: &mut Layer,
) {
    let mut path = vec![start];
    zigzag(start, end, random, &mut path);

    let swelling = Noise::new(random);
    let chips = Noise::new(random);
    let last = (path.len() - 1) as f32;
    let radius = |index: usize| {
        let place = index as f32;
        let swell =
            0.75 + 0.45 * swelling.at(place / 14.0, 0.5) + 0.25 * chips.at(place / 2.5, 0.5);
        // A branch starts at its parent's width; both ends of the first crack taper.
        let from_start = if generation == 0 { place } else { last };
        let taper = (from_start.min(last - place) / (0.25 * last + 1.0))
            .clamp(0.12, 1.0)
            .sqrt();
        (0.5 * crack_width * swell.clamp(0.3, 1.0) * taper).max(0.3)
    };
    for (index, pair) in path.windows(2).enumerate() {
        coverage.cover([pair[0], pair[1]], [radius(index), radius(index + 1)]);
    }

    if generation == 2 || crack_width < 0.9 {
        return;
    }
    let length = distance(start, end);
    let heading = (end[1] - start[1]).atan2(end[0] - start[0]);
    let expected = spec.branching * if generation == 0 { 4.0 } else { 1.5 };
    let branches = (expected * random.between(0.5, 1.5)).round() as u32;
    for _ in 0..branches {
        // Not at the tips, where a branch would look like a fold.
        let index = path.len() / 10 + random.below(path.len() * 3 / 4);
        let side = if random.chance(0.5) { 1.0 } else { -1.0 };
        let direction = heading + side * random.between(0.35, 1.2);
        let tip = step(path[index], direction, length * random.between(0.12, 0.4));
        let branch_width = 2.0 * radius(index) * random.between(0.45, 0.8);
        grow(
            path[index],
            tip,
            branch_width,
            generation + 1,
            spec,
            random,
            coverage,
        );
    }
}

/// Adds the points after `start` up to `end`, the middle thrown aside again and again.
fn zigzag(start: Point, end: Point, random: &mut Random, path: &mut Vec<Point>) {
    let length = distance(start, end);
    if length < STRAIGHT {
        path.push(end);
        return;
    }
    let aside = random.normal() * JAGGEDNESS;
    let along = random.between(0.4, 0.6);
    let [dx, dy] = [end[0] - start[0], end[1] - start[1]];
    let middle = [
        start[0] + along * dx - aside * dy,
        start[1] + along * dy + aside * dx,
    ];
    zigzag(start, middle, random, path);
    zigzag(middle, end, random, path);
}

fn step(from: Point, direction: f32, length: f32) -> Point {
    [
        from[0] + length * direction.cos(),
        from[1] + length * direction.sin(),
    ]
}

fn distance(a: Point, b: Point) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}
