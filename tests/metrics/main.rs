//! The metrics against scikit-learn's and scikit-image's, on scenes and values made by `reference.py`.

#![allow(clippy::unwrap_used, reason = "a failing test panics")]

use std::fs;
use std::path::PathBuf;

use crack_segmenter::calibration::Calibration;
use crack_segmenter::mask::{Mask, ProbabilityMap};
use crack_segmenter::metrics::{Counts, Histogram, Overlap};
use crack_segmenter::photo;
use image::{GrayImage, Luma};
use serde_json::Value;

const SCENES: usize = 3;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/metrics/fixtures"
    ))
    .join(name)
}

fn grey(name: &str) -> GrayImage {
    photo::to_grey(&photo::decode(&fs::read(fixture(name)).unwrap()).unwrap())
}

fn scenes() -> Vec<(ProbabilityMap, Mask)> {
    let scene = |i| {
        let map = grey(&format!("map-{i}.png"));
        let map = ProbabilityMap::new(map.width(), map.height(), map.into_raw());
        (
            map.unwrap(),
            Mask::from_grey(grey(&format!("label-{i}.png"))),
        )
    };
    (0..SCENES).map(scene).collect()
}

fn reference() -> Value {
    serde_json::from_str(&fs::read_to_string(fixture("reference.json")).unwrap()).unwrap()
}

#[track_caller]
fn agrees(ours: f64, theirs: &Value) {
    let theirs = theirs.as_f64().unwrap();
    assert!((ours - theirs).abs() < 1e-12, "{ours} and not {theirs}");
}

#[test]
fn what_depends_on_a_threshold_agrees_with_scikit_learn() {
    let reference = reference();
    let mut all = Histogram::default();
    for ((map, label), best) in scenes()
        .iter()
        .zip(reference["best_f1_of_each"].as_array().unwrap())
    {
        let here = Histogram::of(map, label);
        agrees(here.best().1.f1(), best);
        all.add(&here);
    }
    let counts = all.counts(reference["threshold"].as_f64().unwrap() as f32);
    agrees(counts.precision(), &reference["precision"]);
    agrees(counts.recall(), &reference["recall"]);
    agrees(counts.f1(), &reference["f1"]);
    agrees(counts.iou(), &reference["iou"]);
    agrees(counts.mean_iou(), &reference["mean_iou"]);
    agrees(all.calibration_error(10), &reference["calibration_error"]);
    let (threshold, best) = all.best();
    agrees(best.f1(), &reference["ods"]);
    assert_eq!(
        all.counts(threshold),
        best,
        "the threshold gives what it promises"
    );
}

#[test]
fn calibration_agrees_with_scikit_learn() {
    let mut all = Histogram::default();
    for (map, label) in scenes() {
        all.add(&Histogram::of(&map, &label));
    }
    let fit = Calibration::fit(&all.crack, &all.rest);
    for (ours, theirs) in [fit.scale, fit.shift]
        .iter()
        .zip(reference()["calibration"].as_array().unwrap())
    {
        // Its solver stops earlier.
        assert!(
            (ours - theirs.as_f64().unwrap()).abs() < 1e-4,
            "{ours} and not {theirs}"
        );
    }
}

#[test]
fn what_tells_nothing_is_not_calibrated() {
    for (crack, rest) in [(0, 0), (0, 3), (3, 0)] {
        assert_eq!(
            Calibration::fit(&[crack; 256], &[rest; 256]),
            Calibration::NONE
        );
    }
    assert_eq!(Calibration::NONE.apply(0.25), 0.25);
}

#[test]
fn what_depends_on_shapes_agrees_with_scikit_image() {
    let reference = reference();
    let threshold = reference["threshold"].as_f64().unwrap() as f32;
    let (mut tolerant, mut center_lines) = (Overlap::default(), Overlap::default());
    for (map, label) in scenes() {
        let found = map.mask(threshold);
        tolerant.add(&Overlap::tolerant(&found, &label));
        center_lines.add(&Overlap::of_center_lines(&found, &label));
    }
    agrees(tolerant.f1(), &reference["tolerant_f1"]);
    agrees(center_lines.f1(), &reference["cl_dice"]);
}

#[test]
fn a_photo_without_cracks_is_right_when_nothing_is_marked() {
    let map = ProbabilityMap::new(3, 1, vec![0, 10, 20]).unwrap();
    let label = Mask::from_grey(GrayImage::new(3, 1));
    let nothing = Histogram::of(&map, &label).counts(0.5);
    assert_eq!(
        (nothing.f1(), nothing.iou(), nothing.mean_iou()),
        (1.0, 1.0, 1.0)
    );
    let marked = Histogram::of(&map, &label).counts(0.05);
    let expected = Counts {
        false_positives: 1,
        true_negatives: 2,
        ..Counts::default()
    };
    assert_eq!(marked, expected);
    assert_eq!((marked.precision(), marked.f1()), (0.0, 0.0));
}

#[test]
fn two_pixels_beside_are_near_and_three_are_not() {
    let line = |x: u32| {
        let image = GrayImage::from_fn(20, 5, |at, _| Luma([if at == x { 255 } else { 0 }]));
        Mask::from_grey(image)
    };
    assert_eq!(Overlap::tolerant(&line(6), &line(8)).f1(), 1.0);
    assert_eq!(Overlap::tolerant(&line(5), &line(8)).f1(), 0.0);
}

#[test]
fn probabilities_that_come_true_are_calibrated() {
    // Of four pixels given 3/4 (191), three are crack.
    let map = ProbabilityMap::new(4, 1, vec![191; 4]).unwrap();
    let label = Mask::from_grey(GrayImage::from_raw(4, 1, vec![255, 255, 0, 255]).unwrap());
    let histogram = Histogram::of(&map, &label);
    assert!(histogram.calibration_error(10) < 0.002);
    let bins = histogram.reliability(10);
    assert_eq!((bins.len(), bins[0].found, bins[0].pixels), (1, 0.75, 4));
}
