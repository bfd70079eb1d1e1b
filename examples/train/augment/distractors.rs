//! Things that look like cracks and are none: joints, cables, edges, shadows, stains, voids, hollows, scratches, bricks, lettering.

use std::f32::consts::{FRAC_PI_2, PI, TAU};

use fastrand::Rng;

use super::picture::{CROP, Picture};
use super::strokes::{Point, Stroke, anywhere, coverage};
use super::{between, between_factors, chance, normal, sigmoid};

const SIDE: f32 = CROP as f32;

/// Draws one to `most` of them.
pub(super) fn draw(rng: &mut Rng, picture: &mut Picture, most: usize) {
    // What there is most of on a wall is drawn most.
    const KINDS: [fn(&mut Rng, &mut Picture); 16] = [
        joints, joints, cables, cables, edges, shadows, stains, voids, voids, voids, voids,
        hollows, hollows, scratches, bricks, lettering,
    ];
    for _ in 0..rng.usize(1..=most) {
        KINDS[rng.usize(..KINDS.len())](rng, picture);
        picture.change(|grey| grey.clamp(0.0, 1.0));
    }
}

/// Formwork joints and seams: one straight groove, or a row or grid of them.
fn joints(rng: &mut Rng, picture: &mut Picture) {
    let angle = if chance(rng, 0.6) {
        f32::from(rng.bool()) * FRAC_PI_2 + 0.06 * normal(rng)
    } else {
        PI * rng.f32()
    };
    let width = between_factors(rng, 1.0, 12.0);
    let lines = if rng.bool() {
        vec![straight(angle, between(rng, -0.4, 0.4) * SIDE)]
    } else {
        let (pitch, phase) = (between(rng, 25.0, 120.0), between(rng, 0.0, 100.0));
        let offsets = |stretch: f32| {
            let count = (2.0 * SIDE / pitch) as usize;
            (0..count).map(move |i| stretch * (i as f32 * pitch + phase - SIDE))
        };
        let mut lines: Vec<_> = offsets(1.0).map(|offset| straight(angle, offset)).collect();
        if chance(rng, 0.6) {
            let stretch = between(rng, 1.0, 2.5);
            lines.extend(offsets(stretch).map(|offset| straight(angle + FRAC_PI_2, offset)));
        }
        lines
    };
    groove(rng, picture, lines, width);
}

/// Courses of bricks with staggered heads.
fn bricks(rng: &mut Rng, picture: &mut Picture) {
    let (height, length) = (between(rng, 20.0, 60.0), between(rng, 50.0, 160.0));
    let width = between_factors(rng, 1.5, 8.0);
    let mut lines = Vec::new();
    for course in 0..(SIDE / height) as usize + 2 {
        let top = course as f32 * height;
        lines.push(vec![[0.0, top], [SIDE, top]]);
        let shift = if course % 2 == 0 { 0.0 } else { length / 2.0 };
        for head in 0..(SIDE / length) as usize + 2 {
            let x = head as f32 * length + shift;
            lines.push(vec![[x, top], [x, top + height]]);
        }
    }
    groove(rng, picture, lines, width);
}

fn groove(rng: &mut Rng, picture: &mut Picture, lines: Vec<Vec<Point>>, width: f32) {
    let strokes: Vec<_> = lines
        .into_iter()
        .map(|line| Stroke::even(line, width))
        .collect();
    let covered = coverage(&strokes);
    let mut soft = covered.blurred(between(rng, 0.3, 1.5));
    let rough = Picture::clouds(rng, 32);
    soft.combine(&rough, |covered, rough| {
        covered * (1.0 + 0.2 * rough).clamp(0.0, 1.2)
    });
    let tone = if chance(rng, 0.75) {
        between(rng, 0.0, 0.5)
    } else {
        between(rng, 0.6, 1.0)
    };
    picture.paint(&soft, tone, between(rng, 0.2, 0.9));
    if chance(rng, 0.4) {
        // The lit lip of a groove.
        let by = width.round() as i32;
        let lip = if rng.bool() {
            covered.shifted(by, 0)
        } else {
            covered.shifted(0, by)
        };
        picture.combine(&lip, |grey, lip| grey + 0.15 * lip);
    }
}

/// Cables, wires and roots with their shadows.
fn cables(rng: &mut Rng, picture: &mut Picture) {
    for _ in 0..rng.usize(1..4) {
        let points = if chance(rng, 0.75) {
            curve(rng)
        } else {
            straight(PI * rng.f32(), between(rng, -90.0, 90.0))
        };
        let (width, thin) = (between_factors(rng, 1.0, 9.0), between(rng, 0.4, 1.0));
        let last = (points.len() - 1) as f32;
        let widths = (0..points.len()).map(|i| width * (1.0 + (thin - 1.0) * i as f32 / last));
        let covered = coverage(&[Stroke {
            widths: widths.collect(),
            points,
        }]);
        if chance(rng, 0.6) {
            let shadow = covered
                .shifted(rng.i32(-8..9), rng.i32(-8..9))
                .blurred(between(rng, 0.7, 3.0));
            let dark = between(rng, 0.1, 0.5);
            picture.combine(&shadow, |grey, shadow| grey * (1.0 - dark * shadow));
        }
        picture.paint(&covered, rng.f32(), between(rng, 0.6, 1.0));
    }
}

/// Where one surface ends and another begins.
fn edges(rng: &mut Rng, picture: &mut Picture) {
    let softness = between(rng, 0.3, 1.5);
    let mut side = half_plane(rng);
    side.change(|away| sigmoid(away / softness));
    picture.paint(&side, rng.f32(), between(rng, 0.15, 0.9));
}

/// Hard and soft shadows.
pub(super) fn shadows(rng: &mut Rng, picture: &mut Picture) {
    let mut field = if chance(rng, 0.4) {
        let mut field = half_plane(rng);
        field.change(|away| away / 40.0);
        field
    } else {
        let cells = rng.u32(3..7);
        let mut field = Picture::clouds(rng, cells);
        field.change(|value| 2.0 * value);
        field
    };
    let (softness, dark) = (between_factors(rng, 0.03, 0.8), between(rng, 0.1, 0.6));
    field.change(|value| sigmoid(value / softness));
    picture.combine(&field, |grey, shade| grey * (1.0 - dark * shade));
}

/// Spots, and runs that water drew downwards.
fn stains(rng: &mut Rng, picture: &mut Picture) {
    let cells = rng.u32(4..20);
    let mut field = Picture::clouds(rng, cells);
    if chance(rng, 0.4) {
        field = field.drawn_out(rng.usize(20..80));
    }
    let (level, steep) = (between(rng, 0.6, 1.6), between_factors(rng, 3.0, 30.0));
    field.change(|value| sigmoid((value - level) * steep));
    picture.paint(&field, rng.f32(), between(rng, 0.1, 0.6));
}

/// Pores, blowholes and chipped spots: small, dark, round to ragged, now and then with a lit rim.
fn voids(rng: &mut Rng, picture: &mut Picture) {
    let (size, most_ragged) = (between_factors(rng, 1.0, 9.0), between(rng, 0.0, 1.5));
    let voids: Vec<_> = (0..between_factors(rng, 2.0, 150.0) as usize)
        .map(|_| {
            let (center, ragged) = (anywhere(rng), most_ragged * rng.f32());
            let width = size * (0.4 * normal(rng)).exp();
            let mut near = |at: f32| at + ragged * width * normal(rng);
            let points: Vec<Point> = (0..4).map(|_| center.map(&mut near)).collect();
            let widths = (0..4).map(|_| width * between(rng, 0.4, 1.0)).collect();
            Stroke { points, widths }
        })
        .collect();
    let covered = coverage(&voids);
    if chance(rng, 0.3) {
        let rim = covered.shifted(rng.i32(-2..3), rng.i32(-2..3));
        picture.combine(&rim, |grey, rim| grey + 0.1 * rim);
    }
    let covered = covered.blurred(between(rng, 0.3, 1.5));
    picture.paint(&covered, between(rng, 0.0, 0.35), between(rng, 0.2, 0.95));
}

/// What is dark and deep between things, as under a ledge or behind a pipe: drawn out, with an edge sharp to soft.
fn hollows(rng: &mut Rng, picture: &mut Picture) {
    let hollows: Vec<_> = (0..rng.usize(1..5))
        .map(|_| {
            let (width, mut at) = (between_factors(rng, 8.0, 70.0), anywhere(rng));
            let points = (0..rng.usize(2..5)).map(|_| {
                let here = at;
                at = at.map(|at| at + width * 1.2 * normal(rng));
                here
            });
            let points: Vec<Point> = points.collect();
            let widths = points.iter().map(|_| width * between(rng, 0.3, 1.0));
            Stroke {
                widths: widths.collect(),
                points,
            }
        })
        .collect();
    let covered = coverage(&hollows).blurred(between_factors(rng, 0.5, 6.0));
    picture.paint(&covered, between(rng, 0.0, 0.25), between(rng, 0.4, 1.0));
}

/// Parallel strokes of a brush or a trowel: straight, short, and often lighter than the wall.
fn scratches(rng: &mut Rng, picture: &mut Picture) {
    let (angle, spread) = (PI * rng.f32(), [0.03, 0.15, 1.0][rng.usize(..3)]);
    let strokes: Vec<_> = (0..rng.usize(2..25))
        .map(|_| {
            let (start, heading) = (anywhere(rng), angle + spread * normal(rng));
            let length = between(rng, 8.0, 160.0);
            let end = [
                start[0] + length * heading.cos(),
                start[1] + length * heading.sin(),
            ];
            Stroke::even(vec![start, end], between(rng, 0.5, 2.0))
        })
        .collect();
    let covered = coverage(&strokes).blurred(between(rng, 0.2, 1.0));
    let tone = if rng.bool() {
        between(rng, 0.0, 0.3)
    } else {
        between(rng, 0.6, 1.0)
    };
    picture.paint(&covered, tone, between(rng, 0.1, 0.7));
}

/// Rows of signs, each of some straight strokes in a frame, as if sprayed, chalked or painted.
fn lettering(rng: &mut Rng, picture: &mut Picture) {
    let (height, slant) = (between_factors(rng, 10.0, 90.0), 0.3 * normal(rng));
    let (sin, cos) = slant.sin_cos();
    let pen = height * between(rng, 0.06, 0.2);
    let corner = [0, 1].map(|_| between(rng, -0.1, 0.6) * SIDE);
    let mut strokes = Vec::new();
    for sign in 0..rng.usize(2..9) {
        let left = sign as f32 * 0.75 * height;
        let points = (0..rng.usize(3..7)).map(|_| {
            let x = left + 0.25 * height * f32::from(rng.u8(..3));
            let y = 0.5 * height * f32::from(rng.u8(..3));
            [corner[0] + x * cos - y * sin, corner[1] + x * sin + y * cos]
        });
        strokes.push(Stroke::even(points.collect(), pen));
    }
    let covered = coverage(&strokes).blurred(between(rng, 0.3, 1.5));
    picture.paint(&covered, rng.f32(), between(rng, 0.3, 1.0));
}

/// A line through the whole picture, `offset` pixels beside its middle.
fn straight(angle: f32, offset: f32) -> Vec<Point> {
    let (sin, cos) = angle.sin_cos();
    let middle = [SIDE / 2.0 - offset * sin, SIDE / 2.0 + offset * cos];
    [-SIDE, SIDE]
        .map(|along| [middle[0] + along * cos, middle[1] + along * sin])
        .to_vec()
}

/// A smooth cubic through the picture.
fn curve(rng: &mut Rng) -> Vec<Point> {
    let ends: [Point; 4] = std::array::from_fn(|_| [0, 1].map(|_| between(rng, -0.2, 1.2) * SIDE));
    (0..60)
        .map(|i| {
            let t = i as f32 / 59.0;
            let u = 1.0 - t;
            let weights = [u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t];
            [0, 1].map(|axis| (0..4).map(|end| weights[end] * ends[end][axis]).sum())
        })
        .collect()
}

/// Distance in pixels from a line through the picture, with its side as the sign.
fn half_plane(rng: &mut Rng) -> Picture {
    let (sin, cos) = (TAU * rng.f32()).sin_cos();
    let [x0, y0] = [0, 1].map(|_| between(rng, 0.15, 0.85) * SIDE);
    Picture::from_fn(|x, y| cos * (x - x0) + sin * (y - y0))
}
