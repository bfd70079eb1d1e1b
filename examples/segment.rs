//! Finds the cracks in photos: `cargo run --release --example segment -- wall.jpg --out results`.
//!
//! Writes `STEM.mask.png` (0 and 255), `STEM.prob.png` (8-bit grey), `STEM.overlay.png` and `STEM.cracks.csv` (a row a crack)
//! for each photo, by the same code that the browser runs; in Space mode `STEM.space.mask.png` and so on, without a table.

#[path = "common/engine.rs"]
mod engine;

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use crack_segmenter::export::{ExportKind, Provenance, file_name, png_grey, png_rgb};
use crack_segmenter::measure::{self, Decimals, Measured, Measurements, Scale, measure};
use crack_segmenter::overlay::{OPACITY, overlay};
use crack_segmenter::photo;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use engine::{Engine, EngineArgs};

#[derive(Parser)]
struct Args {
    /// Photos: PNG, JPEG, WebP, BMP, TIFF or GIF.
    #[arg(required = true)]
    photos: Vec<PathBuf>,
    /// Folder for the results, which take the place of files of their names.
    #[arg(long, default_value = ".")]
    out: PathBuf,
    #[command(flatten)]
    engine: EngineArgs,
    /// Opacity of the crack colour in the overlay, 0 to 1.
    #[arg(long, default_value_t = OPACITY)]
    opacity: f32,
    /// What a pixel of the photos is on the wall, for lengths and widths in millimetres.
    #[arg(long)]
    mm_per_px: Option<f64>,
    /// Print a line of JSON for each photo.
    #[arg(long)]
    json: bool,
}

fn main() -> Result<()> {
    let args = Args::parse();
    ensure!(
        (0.0..=1.0).contains(&args.opacity),
        "--opacity is a share, 0 to 1, not {}",
        args.opacity
    );
    std::fs::create_dir_all(&args.out)
        .with_context(|| format!("cannot make {}", args.out.display()))?;
    let mut stems = HashSet::new();
    let whole = |path: &Path| path.canonicalize().ok();
    let photos: HashSet<_> = args.photos.iter().filter_map(|path| whole(path)).collect();
    for path in &args.photos {
        let is_new = stems.insert(path.file_stem());
        ensure!(
            is_new,
            "{}: another photo's results would have the same names",
            path.display()
        );
        for file in Outputs::of(path, &args).all() {
            ensure!(
                whole(file).is_none_or(|file| !photos.contains(&file)),
                "{}: the results would take the place of {}, which is to be segmented too",
                path.display(),
                file.display()
            );
        }
    }
    let scale = args.mm_per_px.map(|millimetres| {
        Scale::of_length(1.0, millimetres).context("--mm-per-px is a length of 0.0001 to 1000")
    });
    let scale = scale.transpose()?;
    let engine = args.engine.start()?;
    let mut failed = 0;
    for path in &args.photos {
        if let Err(error) = segment(&engine, path, &args, scale) {
            eprintln!("{}: {error:#}", path.display());
            failed += 1;
        }
    }
    ensure!(
        failed == 0,
        "{failed} of {} photos have no result",
        args.photos.len()
    );
    Ok(())
}

/// Where a photo's results go.
struct Outputs {
    stem: String,
    mask: PathBuf,
    probability: PathBuf,
    overlay: PathBuf,
    table: PathBuf,
}

impl Outputs {
    fn of(photo: &Path, args: &Args) -> Self {
        let stem = photo.file_stem().unwrap_or(photo.as_os_str());
        let stem = stem.to_string_lossy().into_owned();
        let picture = |kind| args.out.join(file_name(&stem, args.engine.mode, kind));
        Self {
            mask: picture(ExportKind::Mask),
            probability: picture(ExportKind::Probability),
            overlay: picture(ExportKind::Overlay),
            table: args.out.join(measure::file_name(Some(&stem))),
            stem,
        }
    }

    fn all(&self) -> [&Path; 4] {
        [&self.mask, &self.probability, &self.overlay, &self.table]
    }
}

fn segment(engine: &Engine, path: &Path, args: &Args, scale: Option<Scale>) -> Result<()> {
    let Engine {
        mode, threshold, ..
    } = *engine;
    let photo = photo::decode(&std::fs::read(path)?)?;
    let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template(
        "{msg} {bar:30} {pos}/{len} tiles, {eta} left",
    )?);
    bar.set_message(path.display().to_string());

    let begin = Instant::now();
    let grey = photo::to_grey(&photo);
    let map = pollster::block_on(engine.segmenter.segment(grey, mode, async |progress| {
        bar.set_length(progress.total as u64);
        bar.set_position(progress.done as u64);
        ControlFlow::Continue(())
    }))?;
    bar.finish_and_clear();
    let seconds = begin.elapsed().as_secs_f64();

    let mask = map.mask(threshold);
    let outputs = Outputs::of(path, args);
    let write = |file: &Path, content: &[u8]| {
        std::fs::write(file, content).with_context(|| file.display().to_string())
    };
    let provenance = Provenance {
        photo: path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into(),
        mode,
        working_scale: 1.0,
        threshold: Some(threshold),
        weights: engine.weights.clone(),
        backend: engine.backend.to_owned(),
        left_out: 0,
    };
    let of_probability = provenance.clone().of(ExportKind::Probability);
    write(
        &outputs.mask,
        &png_grey(mask.as_image(), Some(&provenance))?,
    )?;
    write(
        &outputs.probability,
        &png_grey(map.as_image(), Some(&of_probability))?,
    )?;
    write(
        &outputs.overlay,
        &png_rgb(&overlay(photo, &mask, args.opacity), Some(&provenance))?,
    )?;

    let measurements = mode.is_in_shape().then(|| measure(&map, threshold));
    if let Some(measurements) = &measurements {
        let measured = Measured {
            provenance,
            stem: outputs.stem.clone(),
            size: [map.width(), map.height()],
            scale,
            measurements: measurements.clone(),
        };
        let table = measure::csv([&measured], Decimals::Point);
        write(&outputs.table, table.as_bytes())?;
    }

    let share = map.crack_share(threshold);
    if args.json {
        let length = measurements.as_ref().map(Measurements::length);
        let mean_width = measurements.as_ref().and_then(Measurements::mean_width);
        let max_width = measurements
            .as_ref()
            .and_then(|it| Some(it.widest()?.max_width));
        let millimetres = |pixels: Option<f64>| Some(pixels? * args.mm_per_px?);
        let line = json!({
            "photo": path.to_string_lossy(), "mask": outputs.mask.to_string_lossy(),
            "probability": outputs.probability.to_string_lossy(), "overlay": outputs.overlay.to_string_lossy(),
            "table": measurements.as_ref().map(|_| outputs.table.to_string_lossy()),
            "mode": mode, "weights": engine.weights, "backend": engine.backend, "width": mask.width(), "height": mask.height(),
            // Through its shortest decimal: the nearest double of an f32 has digits that nobody asked for.
            "threshold": threshold.to_string().parse::<f64>()?, "crack_share": share, "seconds": seconds,
            "cracks": measurements.as_ref().map(|it| it.cracks.len()), "mm_per_px": args.mm_per_px,
            "length_px": length, "mean_width_px": mean_width, "max_width_px": max_width,
            "length_mm": millimetres(length), "mean_width_mm": millimetres(mean_width), "max_width_mm": millimetres(max_width),
        });
        println!("{line}");
    } else {
        let cracks = measurements.map_or_else(String::new, |cracks| {
            format!(
                ", {} cracks of {:.0} px",
                cracks.cracks.len(),
                cracks.length()
            )
        });
        println!(
            "{}: {:.2} % crack{cracks}, {seconds:.1} s -> {}",
            path.display(),
            100.0 * share,
            outputs.mask.display()
        );
    }
    Ok(())
}
