//! Lines drawn with soft edges, and the cracks among them.

use std::f32::consts::TAU;

use fastrand::Rng;

use super::picture::{CROP, Picture};
use super::{between, between_factors, chance, normal};

pub(super) type Point = [f32; 2];

/// What reaches less far, in pixels, is a dark spot and not labelled: or all dark spots would be cracks.
const SPECK: f32 = 24.0;

/// Share of cracked surfaces that are cracked all over.
const NETWORKS: f32 = 0.15;

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
    let is_network = chance(rng, NETWORKS);
    let width = between_factors(rng, 0.9, if is_network { 5.0 } else { 14.0 });
    let covered = if is_network {
        network(rng, width)
    } else {
        coverage(&trees(rng, width))
    };
    let covered = ragged(rng, &covered, width);
    darken(rng, picture, &covered, width);
    let mut label = covered;
    label.change(|covered| if covered > 0.45 { 1.0 } else { 0.0 });
    label.keep_pieces(SPECK);
    label
}

/// Trunks with finer branches, none much wider than this.
fn trees(rng: &mut Rng, widest: f32) -> Vec<Stroke> {
    let mut strokes = Vec::new();
    for _ in 0..rng.usize(1..4) {
        let width = widest * between_factors(rng, 0.4, 1.0);
        let (start, heading, length) = (anywhere(rng), TAU * rng.f32(), between(rng, 60.0, 500.0));
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
    strokes
}

/// What surrounds the fields of a surface that is cracked all over: the borders of the regions nearest to random places.
fn network(rng: &mut Rng, width: f32) -> Picture {
    let places: Vec<Point> = (0..rng.usize(4..30)).map(|_| anywhere(rng)).collect();
    let borders = Picture::from_fn(|x, y| {
        let away = |place: Point| (place[0] - x).hypot(place[1] - y);
        let (mut nearest, mut second) = (places[0], places[1]);
        for &place in &places[1..] {
            if away(place) < away(nearest) {
                (nearest, second) = (place, nearest);
            } else if away(place) < away(second) {
                second = place;
            }
        }
        let apart = (second[0] - nearest[0]).hypot(second[1] - nearest[1]);
        let to_border =
            (away(second).powi(2) - away(nearest).powi(2)) / (2.0 * apart + f32::EPSILON);
        (width / 2.0 + 0.5 - to_border).clamp(0.0, 1.0)
    });
    let mut seen = Picture::clouds(rng, 6);
    let level = between(rng, -1.5, 0.3);
    seen.combine(
        &borders,
        |seen, border| if seen > level { border } else { 0.0 },
    );
    let by = between(rng, 1.0, 5.0);
    displaced(rng, &seen, 24, by)
}

/// Edges as torn as the grains of the surface are coarse.
fn ragged(rng: &mut Rng, covered: &Picture, width: f32) -> Picture {
    let most = 0.4 + 0.3 * width;
    let by = [2.5, 1.2].map(|largest: f32| between(rng, 0.0, most.min(largest)));
    let torn = displaced(rng, covered, 64, by[0]);
    displaced(rng, &torn, 128, by[1])
}

/// Moved here and there by about so many pixels, differently in each of `cells` parts of the width.
fn displaced(rng: &mut Rng, picture: &Picture, cells: u32, by: f32) -> Picture {
    let [mut right, mut down] = [0, 1].map(|_| Picture::clouds(rng, cells));
    right.change(|value| by * value);
    down.change(|value| by * value);
    picture.displaced(&right, &down)
}

/// Cracks are dark, unevenly so; wide ones may be shallow, with soft edges and a lit side.
fn darken(rng: &mut Rng, picture: &mut Picture, covered: &Picture, width: f32) {
    let softest = if chance(rng, 0.3) { 0.2 * width } else { 0.0 };
    let mut darkness = covered.blurred(between(rng, 0.3, 0.9 + softest));
    let depth = between(rng, 0.2, 0.9);
    for (cells, most) in [(24, 0.35), (128, 0.4)] {
        let (uneven, by) = (Picture::clouds(rng, cells), between(rng, 0.0, most));
        darkness.combine(&uneven, |dark, uneven| {
            dark * (1.0 + by * uneven).clamp(0.2, 1.3)
        });
    }
    if chance(rng, 0.25) {
        let [right, down] = [0, 1].map(|_| Picture::new(between(rng, -2.0, 2.0)));
        let lit = covered.displaced(&right, &down);
        let light = between(rng, 0.05, 0.3);
        picture.combine(&lit, |grey, lit| grey * (1.0 + light * lit));
    }
    picture.combine(&darkness, |grey, dark| {
        (grey * (1.0 - depth * dark)).clamp(0.0, 1.0)
    });
}

/// A jagged walk: a slow drift of direction, fine jitter and rare sharp turns; some are nearly straight.
fn wander(rng: &mut Rng, start: Point, heading: f32, length: f32) -> Vec<Point> {
    let step = between(rng, 1.5, 4.0);
    let jitter = between(rng, 0.1, 0.5);
    let (drifting, turning) = (between_factors(rng, 0.02, 0.15), between(rng, 0.0, 0.06));
    let (mut drift, mut at) = (0.0_f32, start);
    let count = ((length / step) as usize).max(3);
    (0..count)
        .map(|_| {
            drift += drifting * normal(rng);
            if chance(rng, turning) {
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
