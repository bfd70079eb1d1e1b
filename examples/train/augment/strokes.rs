//! Lines drawn with soft edges, and the cracks among them.

use std::f32::consts::TAU;

use fastrand::Rng;

use super::picture::{CROP, Picture};
use super::{between, between_factors, chance, normal};

pub(super) type Point = [f32; 2];

/// A line through points, of a width at each, in pixels.
pub(super) struct Stroke {
    pub(super) points: Vec<Point>,
    pub(super) widths: Vec<f32>,
}

impl Stroke {
    /// A line of one width.
    pub(super) fn even(points: Vec<Point>, width: f32) -> Self {
        let widths = vec![width; points.len()];
        Self { points, widths }
    }
}

/// How much of each pixel strokes cover, 0 to 1.
pub(super) fn coverage(strokes: &[Stroke]) -> Picture {
    let mut covered = Picture::new(0.0);
    for stroke in strokes {
        for (points, widths) in stroke.points.windows(2).zip(stroke.widths.windows(2)) {
            covered.cover([points[0], points[1]], [widths[0] / 2.0, widths[1] / 2.0]);
        }
    }
    covered
}

/// Draws cracks; gives back where they are.
pub(super) fn cracks(rng: &mut Rng, picture: &mut Picture) -> Picture {
    let mut strokes = Vec::new();
    for _ in 0..rng.usize(1..4) {
        let width = between_factors(rng, 0.9, 6.0);
        let (start, heading, length) = (anywhere(rng), TAU * rng.f32(), between(rng, 60.0, 350.0));
        let trunk = wander(rng, start, heading, length);
        for _ in 0..rng.usize(..4) {
            let at = rng.usize(..trunk.len() - 1);
            let ahead = (trunk[at + 1][1] - trunk[at][1]).atan2(trunk[at + 1][0] - trunk[at][0]);
            let side = if rng.bool() { 1.0 } else { -1.0 };
            let (turn, length) = (side * between(rng, 0.4, 1.3), between(rng, 15.0, 120.0));
            let branch = wander(rng, trunk[at], ahead + turn, length);
            let finer = width * between(rng, 0.4, 0.9);
            strokes.push(swelling(rng, branch, finer));
        }
        strokes.push(swelling(rng, trunk, width));
    }
    let covered = coverage(&strokes);
    let mut darkness = covered.blurred(between(rng, 0.3, 0.9));
    let uneven = Picture::clouds(rng, 24);
    let depth = between(rng, 0.35, 0.9);
    darkness.combine(&uneven, |dark, uneven| {
        dark * depth * (1.0 + 0.25 * uneven).clamp(0.3, 1.2)
    });
    picture.combine(&darkness, |grey, dark| {
        (grey * (1.0 - dark)).clamp(0.0, 1.0)
    });
    let mut label = covered;
    label.change(|covered| if covered > 0.45 { 1.0 } else { 0.0 });
    label
}

/// A jagged walk: a slow drift of direction, fine jitter and rare sharp turns.
fn wander(rng: &mut Rng, start: Point, heading: f32, length: f32) -> Vec<Point> {
    let step = between(rng, 1.5, 4.0);
    let jitter = between(rng, 0.1, 0.5);
    let (mut drift, mut at) = (0.0_f32, start);
    let count = ((length / step) as usize).max(3);
    (0..count)
        .map(|_| {
            drift += 0.12 * normal(rng);
            if chance(rng, 0.06) {
                drift += 0.9 * normal(rng);
            }
            let direction = heading + 1.2 * (drift / 1.2).tanh() + jitter * normal(rng);
            at = [
                at[0] + step * direction.cos(),
                at[1] + step * direction.sin(),
            ];
            at
        })
        .collect()
}

/// A crack along these points that swells, narrows and tapers to one end.
fn swelling(rng: &mut Rng, points: Vec<Point>, width: f32) -> Stroke {
    let count = points.len();
    let knots: Vec<f32> = (0..3 + count / 10).map(|_| 0.35 * normal(rng)).collect();
    let (thin, from_end) = (between(rng, 0.3, 1.0), rng.bool());
    let widths = (0..count)
        .map(|i| {
            let place = i as f32 / count as f32 * (knots.len() - 1) as f32;
            let (knot, part) = (place as usize, place.fract());
            let swell = knots[knot] * (1.0 - part) + knots[(knot + 1).min(knots.len() - 1)] * part;
            let along = (if from_end { count - 1 - i } else { i }) as f32 / count as f32;
            (width * swell.exp() * (1.0 + (thin - 1.0) * along)).max(0.8)
        })
        .collect();
    Stroke { points, widths }
}

pub(super) fn anywhere(rng: &mut Rng) -> Point {
    [CROP as f32 * rng.f32(), CROP as f32 * rng.f32()]
}
