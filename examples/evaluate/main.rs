//! Measures weights on labelled photos: `cargo run --release --example evaluate -- --data DIR --list LIST`.
//!
//! Protocol: pooled over the pixels of all photos, at the labels' own size; strict, that is without any tolerance,
//! where nothing else is said. Crack-free photos (`--free`, or lines without a label) give the false alarms, and do not
//! count in the rest.
//!
//! With `--out` it also writes `photos.csv` (a row a photo), `precision-recall.svg`, `reliability.svg`, and
//! `sheet.png`: photo, label, mask and errors of the best, the middle and the worst.

mod charts;
mod photos;
mod report;
mod sheet;

use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use clap::{Parser, ValueEnum};
use crack_segmenter::device;
use crack_segmenter::mask::{Mask, ProbabilityMap};
use crack_segmenter::plan::Mode;
use crack_segmenter::segmenter::Segmenter;
use crack_segmenter::weights::Weights;
use image::GrayImage;
use indicatif::ProgressIterator;

use photos::{Labelled, read_grey};
use report::{Measured, Report};

#[derive(Parser)]
struct Args {
    /// Folder that the lists are relative to; without lists, a folder with `images/STEM.*` and `masks/STEM.png`.
    #[arg(long)]
    data: PathBuf,
    /// A line `IMAGE MASK` for each photo.
    #[arg(long)]
    list: Option<PathBuf>,
    /// A line `IMAGE` for each crack-free photo.
    #[arg(long)]
    free: Option<PathBuf>,
    /// Of the crack-free photos only every so-maniest, as the training keeps them aside.
    #[arg(long, default_value_t = 1)]
    free_every: usize,
    /// A .bpk, .safetensors or .pth file.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/weights/lite.bpk"))]
    weights: PathBuf,
    /// Probability above which a pixel is crack, 0 to 1; the weights' own if not given.
    #[arg(long)]
    threshold: Option<f32>,
    /// `native`: tiles of the photo as it is. `space`: the original's way, 256x256, the result stretched back.
    #[arg(long, value_enum, default_value = "native")]
    mode: ModeArg,
    /// Where the network runs.
    #[arg(long, value_enum, default_value = "cpu")]
    backend: BackendArg,
    /// Folder for the table of photos, the charts and the contact sheet.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum ModeArg {
    Native,
    Space,
}

#[derive(Clone, Copy, ValueEnum)]
enum BackendArg {
    Cpu,
    Gpu,
}

fn main() -> Result<()> {
    let args = Args::parse();
    ensure!(args.free_every > 0, "--free-every counts from 1");
    let mut photos = match (&args.list, &args.free) {
        (None, None) => photos::in_folder(&args.data)?,
        (Some(list), _) => photos::in_list(&args.data, list)?,
        (None, Some(_)) => Vec::new(),
    };
    if let Some(free) = &args.free {
        let free = photos::in_list(&args.data, free)?;
        photos.extend(
            free.into_iter()
                .skip(args.free_every - 1)
                .step_by(args.free_every),
        );
    }
    if photos.is_empty() {
        bail!("there is no photo to measure on");
    }

    let device = match args.backend {
        BackendArg::Cpu => device::cpu(),
        BackendArg::Gpu => pollster::block_on(device::gpu())?.device,
    };
    let weights =
        Weights::from_file(&args.weights).with_context(|| args.weights.display().to_string())?;
    let width = weights.config().width;
    let threshold = args.threshold.unwrap_or(weights.metadata().threshold);
    let segmenter = Segmenter::new(weights.load(&device)?, width, device);
    let mode = match args.mode {
        ModeArg::Native => Mode::Native,
        ModeArg::Space => Mode::Space,
    };

    let mut measured = Vec::new();
    for photo in photos.into_iter().progress() {
        let grey = read_grey(&photo.image)?;
        let label = photo.label(grey.dimensions())?;
        let map = segment(&segmenter, &grey, mode)?.resized(label.width(), label.height());
        measured.push(Measured::new(photo, &map, &label, threshold));
    }

    let report = Report::new(&measured, threshold);
    if args.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        println!("{report}");
    }
    if let Some(out) = &args.out {
        fs::create_dir_all(out).with_context(|| out.display().to_string())?;
        report::write_photos(&measured, &out.join("photos.csv"))?;
        charts::precision_recall(&measured, threshold, &out.join("precision-recall.svg"))?;
        charts::reliability(&measured, &out.join("reliability.svg"))?;
        let draw = |photo: &Labelled| -> Result<(GrayImage, Mask, Mask)> {
            let grey = read_grey(&photo.image)?;
            let label = photo.label(grey.dimensions())?;
            let map = segment(&segmenter, &grey, mode)?.resized(label.width(), label.height());
            Ok((grey, label, map.mask(threshold)))
        };
        sheet::write(&measured, draw, &out.join("sheet.png"))?;
    }
    Ok(())
}

fn segment(segmenter: &Segmenter, grey: &GrayImage, mode: Mode) -> Result<ProbabilityMap> {
    let never_stop = async |_| ControlFlow::Continue(());
    Ok(pollster::block_on(
        segmenter.segment(grey, mode, never_stop),
    )?)
}
