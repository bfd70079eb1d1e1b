//! Photo to map with the shipped weights, on the CPU.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failing test panics"
)]

use std::cell::Cell;
use std::ops::ControlFlow;

use burn::tensor::{Device, Distribution, Tensor};
use crack_segmenter::calibration::Calibration;
use crack_segmenter::engine::Engine;
use crack_segmenter::mask::{Mask, ProbabilityMap};
use crack_segmenter::metrics::Counts;
use crack_segmenter::photo::{Levels, resize_grey, to_grey};
use crack_segmenter::plan::Mode;
use crack_segmenter::segmenter::{
    Helpers, HelpersPass, Progress, Scales, SegmentError, Segmenter, Usage,
};
use crack_segmenter::synthetic::{Scene, SceneSpec, generate};
use crack_segmenter::weights::Weights;
use image::{GrayImage, imageops};

fn lite() -> Weights {
    Weights::from_file(concat!(env!("CARGO_MANIFEST_DIR"), "/weights/lite.bpk").as_ref()).unwrap()
}

fn segmenter() -> Segmenter {
    let weights = lite();
    Segmenter::new(
        Engine::on_cpu(&weights.network().unwrap()),
        weights.metadata().usage,
    )
}

fn segment(segmenter: &Segmenter, grey: &GrayImage, mode: Mode) -> ProbabilityMap {
    pollster::block_on(segmenter.segment(grey.clone(), mode, async |_| ControlFlow::Continue(())))
        .unwrap()
}

fn scene(width: u32, height: u32) -> Scene {
    generate(&SceneSpec {
        width,
        height,
        seed: 5,
        ..SceneSpec::default()
    })
}

fn crop(map: &ProbabilityMap, x: u32, y: u32, width: u32, height: u32) -> Mask {
    let values = imageops::crop_imm(map.as_image(), x, y, width, height).to_image();
    ProbabilityMap::new(width, height, values.into_raw())
        .unwrap()
        .mask(0.5)
}

#[test]
fn a_drawn_crack_is_found() {
    let scene = scene(480, 360);
    let found = segment(&segmenter(), &to_grey(&scene.photo), Mode::Native).mask(0.5);
    let iou = Counts::of(&found, &scene.truth).iou();
    assert!(iou > 0.3, "IoU {iou}");
}

#[test]
fn on_even_levels_a_dark_photo_gives_what_a_bright_one_gives() {
    let usage = Usage {
        levels: Levels::Even,
        scales: Scales::One,
    };
    let segmenter = Segmenter::new(Engine::on_cpu(&lite().network().unwrap()), usage);
    let bright = to_grey(&scene(600, 400).photo);
    let mut dark = bright.clone();
    for value in dark.iter_mut() {
        *value = 20 + *value / 2;
    }
    let (bright, dark) = (
        segment(&segmenter, &bright, Mode::Native).mask(0.5),
        segment(&segmenter, &dark, Mode::Native).mask(0.5),
    );
    assert!(bright.crack_share() > 0.0);
    let agreement = Counts::of(&bright, &dark).iou();
    assert!(agreement > 0.85, "IoU {agreement}");
}

#[test]
fn several_looks_are_their_maps_averaged() {
    let with = |scales| {
        let usage = Usage {
            levels: Levels::AsTaken,
            scales,
        };
        Segmenter::new(Engine::on_cpu(&lite().network().unwrap()), usage)
    };
    let photo = to_grey(&scene(301, 200).photo);
    let (one, two) = (with(Scales::One), with(Scales::Two));
    let fine = segment(&one, &photo, Mode::Native);
    let coarse = segment(&one, &resize_grey(&photo, 151, 100), Mode::Native);
    assert_eq!(
        segment(&two, &photo, Mode::Native),
        fine.averaged_with(&coarse)
    );
    // A thorough look is one at the photo and one at it turned.
    let turned = segment(&two, &imageops::rotate180(&photo), Mode::Native).upside_down();
    assert_eq!(
        segment(&two, &photo, Mode::Thorough),
        segment(&two, &photo, Mode::Native).averaged_with(&turned)
    );
    // In the original's way there is one size, and a tiny photo shows nothing at half of it.
    let tiny = to_grey(&scene(60, 40).photo);
    for (photo, mode) in [(&photo, Mode::Space), (&tiny, Mode::Native)] {
        assert_eq!(segment(&two, photo, mode), segment(&one, photo, mode));
    }
}

#[test]
fn the_map_has_the_photos_size_whatever_it_is() {
    let segmenter = segmenter();
    for (width, height) in [(1, 1), (17, 5), (100, 333), (641, 64)] {
        let map = segment(
            &segmenter,
            &to_grey(&scene(width, height).photo),
            Mode::Native,
        );
        assert_eq!((map.width(), map.height()), (width, height));
    }
}

#[test]
fn the_space_mode_gives_256_by_256() {
    let map = segment(&segmenter(), &to_grey(&scene(300, 200).photo), Mode::Space);
    assert_eq!((map.width(), map.height()), (256, 256));
}

#[test]
fn calibration_scales_and_shifts_every_logit() {
    let device = Device::flex();
    let weights = concat!(env!("CARGO_MANIFEST_DIR"), "/weights/lite.bpk");
    let model = Weights::from_file(weights.as_ref())
        .unwrap()
        .load(&device)
        .unwrap();
    let grey = Tensor::<4>::random([1, 1, 32, 48], Distribution::Uniform(-1.0, 1.0), &device);
    let plain = model.forward(grey.clone()).logits;
    let (scale, shift) = (0.7, -1.2);
    let calibrated = model
        .calibrated(Calibration { scale, shift })
        .forward(grey)
        .logits;
    let difference = (plain * scale + shift - calibrated)
        .abs()
        .max()
        .into_scalar::<f32>();
    assert!(difference < 1e-5, "off by {difference}");
}

/// The same surface, photographed with another frame, so that every tile lies elsewhere: where both frames see enough
/// around, they must agree.
#[test]
fn tiles_leave_no_seams() {
    const SHIFT: (u32, u32) = (112, 80);
    const MARGIN: u32 = 64;
    let segmenter = segmenter();
    let whole = to_grey(&scene(1200, 800).photo);
    let shifted =
        imageops::crop_imm(&whole, SHIFT.0, SHIFT.1, 1200 - SHIFT.0, 800 - SHIFT.1).to_image();
    let (whole, shifted) = (
        segment(&segmenter, &whole, Mode::Native),
        segment(&segmenter, &shifted, Mode::Native),
    );
    let (width, height) = (1200 - SHIFT.0 - 2 * MARGIN, 800 - SHIFT.1 - 2 * MARGIN);
    let whole = crop(&whole, SHIFT.0 + MARGIN, SHIFT.1 + MARGIN, width, height);
    let shifted = crop(&shifted, MARGIN, MARGIN, width, height);
    assert!(whole.crack_share() > 0.0);
    let agreement = Counts::of(&whole, &shifted).iou();
    assert!(agreement > 0.85, "IoU {agreement}");
}

#[test]
fn progress_counts_every_tile_and_can_stop() {
    let segmenter = segmenter();
    let grey = to_grey(&scene(1100, 300).photo);
    let mut totals = Vec::new();
    for mode in [Mode::Native, Mode::Thorough] {
        let mut told = Vec::new();
        let work = segmenter.segment(grey.clone(), mode, async |progress| {
            told.push(progress);
            ControlFlow::Continue(())
        });
        pollster::block_on(work).unwrap();
        let total = told[0].total;
        assert!(total > 1);
        assert_eq!(told[0].done, 0);
        assert_eq!(told[told.len() - 1], Progress { done: total, total });
        assert!(told.is_sorted_by(|a, b| a.done < b.done));
        totals.push(total);

        // At once, and in the second look where there are two.
        for least in [1, total / 2 + 1] {
            let mut done = Vec::new();
            let work = segmenter.segment(grey.clone(), mode, async |progress| {
                done.push(progress.done);
                if progress.done >= least {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            });
            let stopped = pollster::block_on(work);
            assert!(matches!(stopped, Err(SegmentError::Cancelled)));
            assert_eq!(done.iter().filter(|done| **done >= least).count(), 1);
        }
    }
    assert_eq!(totals[1], 2 * totals[0]);
}

/// Of three passes the first is done by a helper, the second is lost with one, the third finds none free.
struct Two<'a> {
    segmenter: &'a Segmenter,
    asked: Cell<usize>,
}

impl Helpers for Two<'_> {
    fn count(&self) -> usize {
        2
    }

    fn start(&self, tiles: &[u8], size: [usize; 2]) -> Option<HelpersPass> {
        let asked = self.asked.replace(self.asked.get() + 1);
        let found = match asked % 3 {
            0 => Some(pollster::block_on(self.segmenter.probabilities(tiles, size)).unwrap()),
            1 => None,
            _ => return None,
        };
        Some(Box::pin(std::future::ready(found)))
    }
}

#[test]
fn helpers_and_their_loss_change_no_value() {
    let segmenter = segmenter();
    let grey = to_grey(&scene(1500, 900).photo);
    let helpers = Two {
        segmenter: &segmenter,
        asked: Cell::default(),
    };
    let mut told = Vec::new();
    let work = segmenter.segment_with(&helpers, grey.clone(), Mode::Native, async |progress| {
        told.push(progress);
        ControlFlow::Continue(())
    });
    let map = pollster::block_on(work).unwrap();
    assert!(helpers.asked.get() > 5);
    assert_eq!(told.last().map(|told| told.done), Some(told[0].total));
    assert!(map == segment(&segmenter, &grey, Mode::Native));
}
