#![allow(clippy::unwrap_used, reason = "a failing test panics")]

use std::f64::consts::PI;

use super::*;
use crate::mask::quantise;

type Segment = [f64; 4];

/// A map of straight strokes of a width, with flat ends: how much of each pixel they cover.
fn strokes(size: (u32, u32), strokes: &[(Segment, f64)]) -> ProbabilityMap {
    const PARTS: u32 = 8;
    let is_covered = |x: f64, y: f64| {
        strokes.iter().any(|&([ax, ay, bx, by], width)| {
            let (dx, dy) = (bx - ax, by - ay);
            let length = dx.hypot(dy);
            let along = ((x - ax) * dx + (y - ay) * dy) / length;
            let aside = ((x - ax) * dy - (y - ay) * dx) / length;
            (0.0..=length).contains(&along) && aside.abs() <= width / 2.0
        })
    };
    let part = |index: u32| (f64::from(index) + 0.5) / f64::from(PARTS) - 0.5;
    let mut values = Vec::new();
    for y in 0..size.1 {
        for x in 0..size.0 {
            let covered = (0..PARTS * PARTS).filter(|index| {
                let (x, y) = (
                    f64::from(x) + part(index % PARTS),
                    f64::from(y) + part(index / PARTS),
                );
                is_covered(x, y)
            });
            values.push(quantise(covered.count() as f32 / (PARTS * PARTS) as f32));
        }
    }
    ProbabilityMap::new(size.0, size.1, values).unwrap()
}

fn only(measured: Measurements) -> Crack {
    assert_eq!(measured.cracks.len(), 1, "{measured:?}");
    measured.cracks.into_iter().next().unwrap()
}

#[track_caller]
fn assert_near(measured: f64, true_value: f64, tolerance: f64) {
    assert!(
        (measured - true_value).abs() <= tolerance,
        "{measured} instead of {true_value}"
    );
}

#[test]
fn what_is_as_wide_as_long_is_measured_too() {
    for side in [20.0, 30.0, 31.0] {
        let square = strokes(
            (60, 60),
            &[([29.5 - side / 2.0, 29.5, 29.5 + side / 2.0, 29.5], side)],
        );
        let measured = only(measure(&square, 0.5));
        assert_near(measured.length, side, 1.5);
        assert_near(measured.mean_width, side, 1.5);
    }
    for (middle, radius) in [(29.5, 10.0), (30.0, 20.0), (29.8, 25.0_f64)] {
        let disc = GrayImage::from_fn(60, 60, |x, y| {
            let away = (f64::from(x) - middle).hypot(f64::from(y) - middle);
            Luma([if away < radius { 255 } else { 0 }])
        });
        let disc = ProbabilityMap::new(60, 60, disc.into_raw()).unwrap();
        let measured = only(measure(&disc, 0.5));
        assert_near(measured.length, 2.0 * radius, 3.0);
        assert_near(measured.mean_width, 2.0 * radius, 3.0);
    }
}

#[test]
fn a_straight_crack_has_its_length_width_and_direction_whichever_way_it_runs() {
    for degrees in [0.0, 8.0, 22.5, 45.0, 71.0, 90.0, 117.0, 135.0, 170.0_f64] {
        for width in [1.5, 2.0, 3.0, 5.0, 12.0] {
            let (middle, half) = ([110.3, 109.6], 90.0);
            let (dx, dy) = (
                half * degrees.to_radians().cos(),
                -half * degrees.to_radians().sin(),
            );
            let line = [
                middle[0] - dx,
                middle[1] - dy,
                middle[0] + dx,
                middle[1] + dy,
            ];
            let crack = only(measure(&strokes((220, 220), &[(line, width)]), 0.5));
            assert_near(crack.length, 2.0 * half, 3.0);
            assert_near(crack.mean_width, width, 0.2);
            assert_near(crack.max_width, width, 0.6);
            let off = (crack.direction.unwrap() - degrees + 90.0).rem_euclid(180.0) - 90.0;
            assert_near(off, 0.0, 2.0);
        }
    }
}

#[test]
fn short_thick_crosses_are_measured_too() {
    for (half, width) in [(36.0_f64, 20.0), (19.0, 12.0)] {
        let stroke = |degrees: f64| {
            let (sin, cos) = degrees.to_radians().sin_cos();
            let (dx, dy) = (half * cos, half * sin);
            ([60.5 - dx, 60.5 - dy, 60.5 + dx, 60.5 + dy], width)
        };
        let cross = [45.0, 135.0].map(stroke);
        let crack = only(measure(&strokes((122, 122), &cross), 0.5));
        // One stroke at least, both at most.
        let lengths = 1.6 * half..4.2 * half;
        assert!(lengths.contains(&crack.length), "{crack:?}");
        // Beside the middle, from an inner corner to the edge opposite.
        assert!(crack.max_width < 3.0 * width, "{crack:?}");
    }
}

#[test]
fn a_horizontal_crack_has_the_direction_0_whichever_way_it_is_followed() {
    for (from, to) in [(0.0, 9.0), (9.0, 0.0)] {
        let line = Branch {
            points: vec![[from, 5.0], [to, 5.0]],
            hooks: Default::default(),
            ends: [centre_line::End::Tip; 2],
        };
        assert_eq!(direction(&[line]).map(f64::round), Some(0.0));
    }
}

#[test]
fn a_mean_width_is_one_along_the_length() {
    // Of 100 pixels each; at 45 degrees there are fewer points.
    let slant = 100.0 / 2.0_f64.sqrt();
    let elbow = [
        ([20.0, 40.0, 120.0, 40.0], 4.0),
        ([120.0, 40.0, 120.0 + slant, 40.0 + slant], 8.0),
    ];
    let crack = only(measure(&strokes((220, 140), &elbow), 0.5));
    assert_near(crack.mean_width, 6.0, 0.3);
}

#[test]
fn no_crack_is_wider_in_the_mean_than_where_it_is_widest() {
    // Short, and narrowest in the middle.
    for length in [16.0, 20.0, 24.0, 28.0] {
        for waist in [4.0, 5.0, 6.0] {
            let (left, right) = (40.0 - length / 2.0, 40.0 + length / 2.0);
            let shape = [
                ([left, 40.0, right, 40.0], waist),
                ([left, 40.0, left + 2.0, 40.0], 8.0),
                ([right - 2.0, 40.0, right, 40.0], 8.0),
            ];
            let crack = only(measure(&strokes((80, 80), &shape), 0.5));
            assert!(crack.mean_width <= crack.max_width, "{crack:?}");
        }
    }
}

#[test]
fn a_ring_is_as_long_as_its_middle_circle() {
    let (radius, width) = (60.0_f64, 6.0);
    let image = GrayImage::from_fn(150, 150, |x, y| {
        let from_middle = (f64::from(x) - 75.0).hypot(f64::from(y) - 75.0);
        let covered = (width / 2.0 - (from_middle - radius).abs() + 0.5).clamp(0.0, 1.0);
        Luma([quantise(covered as f32)])
    });
    let map = ProbabilityMap::new(150, 150, image.into_raw()).unwrap();
    let crack = only(measure(&map, 0.5));
    assert_near(crack.length, 2.0 * PI * radius, 4.0);
    assert_near(crack.mean_width, width, 0.2);
    assert_eq!(crack.direction, None);
}

#[test]
fn branches_add_up_and_their_junction_is_no_width() {
    let arms: [(Segment, f64); 3] = [
        ([20.0, 100.0, 100.0, 100.0], 6.0),
        ([100.0, 100.0, 180.0, 40.0], 6.0),
        ([100.0, 100.0, 180.0, 160.0], 6.0),
    ];
    let crack = only(measure(&strokes((200, 200), &arms), 0.5));
    assert_near(crack.length, 80.0 + 100.0 + 100.0, 6.0);
    assert_near(crack.mean_width, 6.0, 0.3);
    // Where they meet the mark is twice as wide.
    assert_near(crack.max_width, 6.0, 0.8);
}

#[test]
fn crossings_add_nothing_to_the_length() {
    let arms = |middle: [f64; 2], degrees: &[f64]| -> Vec<Segment> {
        let arm = |degrees: &f64| {
            let (sin, cos) = degrees.to_radians().sin_cos();
            [
                middle[0],
                middle[1],
                middle[0] + 60.0 * cos,
                middle[1] + 60.0 * sin,
            ]
        };
        degrees.iter().map(arm).collect()
    };
    for turn in [0.0, 22.0, 45.0, 70.0] {
        for angle in [30.0, 45.0, 90.0] {
            for width in [2.0, 6.0] {
                let middle = [65.5 + turn / 200.0, 65.5 - angle / 300.0];
                let tee = arms(middle, &[turn, turn + angle, turn + 160.0]);
                let cross = arms(
                    middle,
                    &[turn, turn + angle, turn + 160.0, turn + angle + 160.0],
                );
                for arms in [tee, cross] {
                    let drawn: Vec<_> = arms.iter().map(|&arm| (arm, width)).collect();
                    let crack = only(measure(&strokes((132, 132), &drawn), 0.5));
                    let true_length = 60.0 * arms.len() as f64;
                    let off = (crack.length / true_length - 1.0).abs();
                    assert!(
                        off < 0.1,
                        "{turn} {angle} {width} {}: {crack:?}",
                        arms.len()
                    );
                }
            }
        }
    }
}

#[test]
fn a_surer_crack_is_not_narrower() {
    // A blurred crack of growing probability.
    let profile = |y: f64| (-(y - 15.0).powi(2) / 12.5).exp();
    let width = |peak: f64| {
        let values = (0..31).flat_map(|y| {
            let value = quantise((peak * profile(f64::from(y))) as f32);
            [value; 60]
        });
        let map = ProbabilityMap::new(60, 31, values.collect()).unwrap();
        only(measure(&map, 0.35)).mean_width
    };
    let widths: Vec<f64> = (8..=20).map(|peak| width(f64::from(peak) / 20.0)).collect();
    for pair in widths.windows(2) {
        assert!(pair[1] >= pair[0] - 0.05, "{widths:?}");
    }
}

#[test]
fn bumps_of_an_edge_are_no_branches() {
    let bumpy: Vec<(Segment, f64)> = [([20.0, 50.0, 180.0, 50.0], 10.0)]
        .into_iter()
        .chain((0..7).map(|bump| {
            let x = 35.0 + 22.0 * f64::from(bump);
            ([x, 50.0, x, 42.5], 3.0)
        }))
        .collect();
    let crack = only(measure(&strokes((200, 100), &bumpy), 0.5));
    assert_near(crack.length, 160.0, 6.0);
}

#[test]
fn pinholes_do_not_make_a_crack_longer() {
    let band = strokes((220, 80), &[([20.0, 40.0, 200.0, 40.0], 20.0)]);
    let mut values = band.values().to_vec();
    for hole in 0..8 {
        let (x, y) = (35 + 20 * hole, 40 - 4 + 8 * (hole % 2));
        for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1), (2, 1)] {
            values[(y + dy) * 220 + x + dx] = 0;
        }
    }
    let holed = ProbabilityMap::new(220, 80, values).unwrap();
    let [whole, holed] = [band, holed].map(|map| only(measure(&map, 0.5)));
    assert_near(holed.length, whole.length, 2.0);
    assert_near(holed.max_width, whole.max_width, 1.0);
    assert_near(holed.mean_width, whole.mean_width, 5.0);
    assert_eq!(holed.area, whole.area - 40);
}

#[test]
fn no_mark_is_wider_than_it_is_across() {
    // Wide for their length, with edges that make the centre line turn, and a bend.
    for width in [24.0, 40.0, 60.0] {
        let band: Segment = [20.0, 60.0, 200.0, 90.0];
        let bumps = (0..8).map(|bump| {
            let x = 30.0 + 22.0 * f64::from(bump);
            let up = if bump % 2 == 0 { -1.0 } else { 1.0 };
            let y = 60.0 + (x - 20.0) / 6.0;
            ([x, y, x + 3.0, y + up * (width / 2.0 + 4.0)], 9.0)
        });
        let bend = ([200.0, 90.0, 240.0, 180.0], width);
        let shape: Vec<_> = [(band, width), bend].into_iter().chain(bumps).collect();
        let crack = only(measure(&strokes((300, 240), &shape), 0.5));
        assert!(crack.max_width < 1.3 * width, "{width}: {crack:?}");
        assert_near(crack.mean_width, width, 0.15 * width);
    }
}

#[test]
fn a_crack_may_end_in_its_widest_place() {
    for width in [12.0, 30.0] {
        let image = GrayImage::from_fn(200, 80, |x, y| {
            let [x, y] = [f64::from(x), f64::from(y) - 40.0];
            let line = (y.abs() - 2.0).max(10.0 - x).max(x - 150.0);
            let hole = (x - 150.0).hypot(y) - width / 2.0;
            let covered = (0.5 - line.min(hole)).clamp(0.0, 1.0);
            Luma([quantise(covered as f32)])
        });
        let map = ProbabilityMap::new(200, 80, image.into_raw()).unwrap();
        let crack = only(measure(&map, 0.5));
        assert_near(crack.max_width, width, 0.15 * width);
        assert_near(crack.widest[0], 150.0, width / 3.0);
    }
}

#[test]
fn the_widest_place_is_found() {
    let parts = [
        ([10.0, 40.0, 190.0, 40.0], 4.0),
        ([120.0, 40.0, 150.0, 40.0], 9.0),
    ];
    let crack = only(measure(&strokes((200, 80), &parts), 0.5));
    assert_near(crack.max_width, 9.0, 0.3);
    assert_near(crack.widest[0], 135.0, 15.0);
    assert_near(crack.widest[1], 40.0, 1.0);
    assert!((4.0..6.0).contains(&crack.mean_width), "{crack:?}");
}

#[test]
fn a_threshold_that_is_no_number_is_none() {
    let map = strokes((120, 120), &[([20.0, 60.0, 100.0, 60.0], 5.0)]);
    assert_eq!(measure(&map, f32::NAN), measure(&map, 0.0));
    assert_eq!(map.mask(f32::NAN), map.mask(0.0));
}

#[test]
fn edges_lie_where_a_crack_is_as_likely_as_not() {
    // A blurred crack: a slope of 64 a pixel on either side of a plateau.
    let slope = [0, 0, 64, 128, 192, 255, 255, 255, 192, 128, 64, 0, 0];
    let map = ProbabilityMap::new(
        60,
        13,
        slope.iter().flat_map(|&value| [value; 60]).collect(),
    )
    .unwrap();
    let width = |threshold: f32| only(measure(&map, threshold)).mean_width;
    assert_near(width(0.5), 6.0, 0.05);
    assert_near(width(0.25), 6.0, 0.05);
    assert_near(width(0.75), 4.0, 0.05);
    let faint = slope.map(|value| value / 3);
    let map = ProbabilityMap::new(
        60,
        13,
        faint.iter().flat_map(|&value| [value; 60]).collect(),
    );
    let width = only(measure(&map.unwrap(), 64.0 / 3.0 / 255.0)).mean_width;
    assert_near(width, 6.0, 0.1);
}

#[test]
fn cracks_go_on_to_the_picture_edge() {
    let crack = only(measure(
        &strokes((100, 40), &[([-20.0, 20.0, 120.0, 20.0], 4.0)]),
        0.5,
    ));
    assert_near(crack.length, 100.0, 0.1);
    assert_near(crack.mean_width, 4.0, 0.1);
    for height in [1, 2, 3, 8] {
        let all = ProbabilityMap::new(100, height, vec![255; 100 * height as usize]).unwrap();
        let crack = only(measure(&all, 0.5));
        assert_near(crack.length, 100.0, 0.1);
        assert_near(crack.mean_width, f64::from(height), 0.1);
    }
    let full = ProbabilityMap::new(30, 20, vec![255; 600]).unwrap();
    let crack = only(measure(&full, 0.5));
    assert_eq!((crack.area, crack.bounds), (600, [0, 0, 30, 20]));
}

#[test]
fn cracks_are_told_apart_longest_first_and_specks_are_left_out() {
    let three = [
        ([10.0, 10.0, 60.0, 10.0], 3.0),
        ([10.0, 30.0, 150.0, 30.0], 3.0),
        ([10.0, 50.0, 18.0, 50.0], 3.0),
    ];
    let measured = measure(&strokes((160, 60), &three), 0.5);
    let lengths: Vec<f64> = measured
        .cracks
        .iter()
        .map(|crack| crack.length.round())
        .collect();
    assert_eq!(lengths, [140.0, 50.0]);
    assert_eq!(measured.specks, 1);
    assert_near(measured.length(), 190.0, 2.0);
    assert_near(measured.mean_width().unwrap(), 3.0, 0.1);
    assert_eq!(
        measured.widest().map(|crack| crack.max_width > 2.8),
        Some(true)
    );
    assert_eq!(
        measure(&ProbabilityMap::default(), 0.5),
        Measurements::default()
    );
    assert_eq!(Measurements::default().mean_width(), None);
}
