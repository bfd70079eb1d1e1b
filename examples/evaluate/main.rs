//! Measures weights on labelled photos: `cargo run --release --example evaluate -- --data DIR --list LIST`.
//!
//! Protocol: pooled over the pixels of all photos, at the labels' own size; strict, that is without any tolerance,
//! where nothing else is said. Crack-free photos (`--free`, or lines without a label) give the false alarms, and do not
//! count in the rest.
//!
//! With `--out` it also writes `photos.csv` (a row a photo) and, where there are labels, `precision-recall.svg`,
//! `reliability.svg`, and `sheet.png`: photo, label, mask and errors of the best, the middle and the worst.

mod camera;
mod charts;
#[path = "../common/engine.rs"]
mod engine;
#[path = "../common/lists.rs"]
mod lists;
mod photos;
mod report;
mod sheet;

use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use crack_segmenter::mask::{Mask, ProbabilityMap};
use image::GrayImage;
use indicatif::ProgressIterator;

use camera::Camera;
use engine::{Engine, EngineArgs};
use lists::read_grey;
use photos::Labelled;
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
    /// Of the crack-free photos only every N-th, as the training keeps them aside.
    #[arg(long, default_value_t = 1)]
    free_every: usize,
    /// As if that camera had taken the photos.
    #[arg(long, value_enum, default_value = "own")]
    camera: Camera,
    #[command(flatten)]
    engine: EngineArgs,
    /// Folder for the table of photos, the charts and the contact sheet.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
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

    let engine = args.engine.start()?;
    let threshold = engine.threshold;
    let segment = |photo: &Labelled| -> Result<(GrayImage, Mask, ProbabilityMap)> {
        let grey = read_grey(&photo.image)?;
        let label = photo.label(grey.dimensions())?;
        let map = segment(&engine, args.camera.takes(grey.clone()))?;
        let map = map.resized(label.width(), label.height());
        Ok((grey, label, map))
    };
    let mut measured = Vec::new();
    for photo in photos.into_iter().progress() {
        let (_, label, map) = segment(&photo)?;
        measured.push(Measured::new(photo, &map, &label, threshold));
    }

    let report = Report::new(&measured, &engine, args.camera);
    if args.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        println!("{report}");
    }
    if let Some(out) = &args.out {
        fs::create_dir_all(out).with_context(|| out.display().to_string())?;
        report::write_photos(&measured, &out.join("photos.csv"))?;
        // Without a label they would show a network that makes no errors.
        if measured.iter().any(|it| !it.photo.is_free()) {
            charts::precision_recall(&measured, threshold, &out.join("precision-recall.svg"))?;
            charts::reliability(&measured, &out.join("reliability.svg"))?;
        }
        let draw = |photo: &Labelled| -> Result<(GrayImage, Mask, Mask)> {
            let (grey, label, map) = segment(photo)?;
            Ok((grey, label, map.mask(threshold)))
        };
        sheet::write(&measured, draw, &out.join("sheet.png"))?;
    }
    Ok(())
}

/// The map of a photo; in the original's way it has 256x256 pixels.
fn segment(engine: &Engine, grey: GrayImage) -> Result<ProbabilityMap> {
    let never_stop = async |_| ControlFlow::Continue(());
    let map = engine.segmenter.segment(grey, engine.mode, never_stop);
    Ok(pollster::block_on(map)?)
}
