//! Measures weights on labelled photos: `cargo run --release --example evaluate -- --data DIR --list LIST`.
//!
//! Protocol: strict (no pixel tolerance), pooled over the pixels of all photos, at the photos' own size.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use crack_segmenter::mask::{Mask, ProbabilityMap};
use crack_segmenter::plan::Mode;
use crack_segmenter::segmenter::Segmenter;
use crack_segmenter::weights::Weights;
use crack_segmenter::{device, photo};
use indicatif::ProgressIterator;
use serde_json::json;

#[derive(Parser)]
struct Args {
    /// Folder that the list is relative to.
    #[arg(long)]
    data: PathBuf,
    /// A line `IMAGE MASK` for each photo.
    #[arg(long)]
    list: PathBuf,
    /// A .bpk, .safetensors or .pth file.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/weights/lite.bpk"))]
    weights: PathBuf,
    /// Probability above which a pixel is crack, 0 to 1; the weights' own if not given.
    #[arg(long)]
    threshold: Option<f32>,
    /// Measure the original's way: the photo stretched to 256x256, the mask stretched back.
    #[arg(long)]
    space: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Pixels by what they are and what they were taken for.
#[derive(Default)]
struct Counts {
    true_positive: u64,
    false_positive: u64,
    false_negative: u64,
}

impl Counts {
    fn add(&mut self, found: &Mask, label: &Mask) {
        for (found, label) in found.as_image().iter().zip(label.as_image().iter()) {
            match (*found > 0, *label > 0) {
                (true, true) => self.true_positive += 1,
                (true, false) => self.false_positive += 1,
                (false, true) => self.false_negative += 1,
                (false, false) => {}
            }
        }
    }

    fn precision(&self) -> f64 {
        ratio(self.true_positive, self.true_positive + self.false_positive)
    }

    fn recall(&self) -> f64 {
        ratio(self.true_positive, self.true_positive + self.false_negative)
    }

    fn f1(&self) -> f64 {
        ratio(
            2 * self.true_positive,
            2 * self.true_positive + self.false_positive + self.false_negative,
        )
    }

    fn iou(&self) -> f64 {
        ratio(
            self.true_positive,
            self.true_positive + self.false_positive + self.false_negative,
        )
    }
}

/// 1 for nothing of nothing: without cracks, finding none is right.
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}

fn main() -> Result<()> {
    let args = Args::parse();
    let weights =
        Weights::from_file(&args.weights).with_context(|| args.weights.display().to_string())?;
    let width = weights.config().width;
    let threshold = args.threshold.unwrap_or(weights.metadata().threshold);
    let device = device::cpu();
    let segmenter = Segmenter::new(weights.load(&device)?, width, device);
    let mode = if args.space {
        Mode::Space
    } else {
        Mode::Native
    };

    let list =
        std::fs::read_to_string(&args.list).with_context(|| args.list.display().to_string())?;
    let pairs: Vec<_> = list
        .lines()
        .filter_map(|line| line.split_once(' '))
        .collect();
    ensure!(!pairs.is_empty(), "{} lists no pair", args.list.display());
    let mut counts = Counts::default();
    for (photo, mask) in pairs.iter().progress() {
        let label = Mask::from_grey(read_grey(&args.data.join(mask))?);
        let map = segment(&segmenter, &read_grey(&args.data.join(photo))?, mode)?;
        let found = map
            .mask(threshold)
            .resized_nearest(label.width(), label.height());
        counts.add(&found, &label);
    }

    let (precision, recall, f1, iou) = (
        counts.precision(),
        counts.recall(),
        counts.f1(),
        counts.iou(),
    );
    if args.json {
        println!(
            "{}",
            json!({"photos": pairs.len(), "threshold": threshold, "precision": precision, "recall": recall, "f1": f1, "iou": iou})
        );
    } else {
        println!(
            "{} photos, threshold {threshold}: precision {precision:.3}, recall {recall:.3}, F1 {f1:.3}, IoU {iou:.3}",
            pairs.len()
        );
    }
    Ok(())
}

fn segment(segmenter: &Segmenter, grey: &image::GrayImage, mode: Mode) -> Result<ProbabilityMap> {
    let never_stop = async |_| ControlFlow::Continue(());
    Ok(pollster::block_on(
        segmenter.segment(grey, mode, never_stop),
    )?)
}

fn read_grey(path: &Path) -> Result<image::GrayImage> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    let photo = photo::decode(&bytes).with_context(|| path.display().to_string())?;
    Ok(photo::to_grey(&photo))
}
