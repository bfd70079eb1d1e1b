//! Finds the cracks in photos: `cargo run --release --example segment -- wall.jpg --out results`.
//!
//! Writes `STEM.mask.png` (0 and 255), `STEM.prob.png` (8-bit grey) and `STEM.overlay.png` for each photo, by the same
//! code that the browser runs.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::{Parser, ValueEnum};
use crack_segmenter::export::{Provenance, png_grey, png_rgb};
use crack_segmenter::overlay::overlay;
use crack_segmenter::plan::Mode;
use crack_segmenter::segmenter::Segmenter;
use crack_segmenter::weights::Weights;
use crack_segmenter::{device, photo};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

#[derive(Parser)]
struct Args {
    /// Photos: PNG, JPEG, WebP, BMP, TIFF or GIF.
    #[arg(required = true)]
    photos: Vec<PathBuf>,
    /// Folder for the results.
    #[arg(long, default_value = ".")]
    out: PathBuf,
    /// `native`: tiles of the photo as it is. `space`: the original's way, 256x256.
    #[arg(long, value_enum, default_value = "native")]
    mode: ModeArg,
    /// A .bpk, .safetensors or .pth file.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/weights/lite.bpk"))]
    weights: PathBuf,
    /// Where the network runs.
    #[arg(long, value_enum, default_value = "cpu")]
    backend: BackendArg,
    /// Probability above which a pixel is crack, 0 to 1; the weights' own if not given.
    #[arg(long)]
    threshold: Option<f32>,
    /// Opacity of the crack colour in the overlay, 0 to 1.
    #[arg(long, default_value_t = 0.6)]
    opacity: f32,
    /// Print a line of JSON for each photo.
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
    if let Some(threshold) = args.threshold
        && !(0.0..=1.0).contains(&threshold)
    {
        bail!("--threshold is a probability, 0 to 1, not {threshold}");
    }
    std::fs::create_dir_all(&args.out)
        .with_context(|| format!("cannot make {}", args.out.display()))?;

    let device = match args.backend {
        BackendArg::Cpu => device::cpu(),
        BackendArg::Gpu => pollster::block_on(device::gpu())?.device,
    };
    let weights =
        Weights::from_file(&args.weights).with_context(|| args.weights.display().to_string())?;
    let width = weights.config().width;
    let threshold = args.threshold.unwrap_or(weights.metadata().threshold);
    let name = weights.metadata().name.clone();
    let segmenter = Segmenter::new(weights.load(&device)?, width, device);

    for path in &args.photos {
        let result = segment(&segmenter, path, &name, threshold, &args);
        result.with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn segment(
    segmenter: &Segmenter,
    path: &Path,
    weights: &str,
    threshold: f32,
    args: &Args,
) -> Result<()> {
    let mode = match args.mode {
        ModeArg::Native => Mode::Native,
        ModeArg::Space => Mode::Space,
    };
    let photo = photo::decode(&std::fs::read(path)?)?;
    let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template(
        "{msg} {bar:30} {pos}/{len} tiles, {eta} left",
    )?);
    bar.set_message(path.display().to_string());

    let begin = Instant::now();
    let grey = photo::to_grey(&photo);
    let map = pollster::block_on(segmenter.segment(&grey, mode, async |progress| {
        bar.set_length(progress.total as u64);
        bar.set_position(progress.done as u64);
        ControlFlow::Continue(())
    }))?;
    bar.finish_and_clear();
    let seconds = begin.elapsed().as_secs_f64();

    let mask = map.mask(threshold);
    let stem = path
        .file_stem()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    let write = |kind: &str, png: Vec<u8>| -> Result<PathBuf> {
        let file = args.out.join(format!("{stem}.{kind}.png"));
        std::fs::write(&file, png).with_context(|| file.display().to_string())?;
        Ok(file)
    };
    let provenance = Provenance {
        photo: path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into(),
        mode,
        scale: 1.0,
        threshold: Some(threshold),
        weights: weights.to_owned(),
        backend: match args.backend {
            BackendArg::Cpu => "CPU".into(),
            BackendArg::Gpu => "GPU".into(),
        },
    };
    let without_threshold = Provenance {
        threshold: None,
        ..provenance.clone()
    };
    let mask_file = write("mask", png_grey(mask.as_image(), Some(&provenance))?)?;
    write("prob", png_grey(map.as_image(), Some(&without_threshold))?)?;
    write(
        "overlay",
        png_rgb(&overlay(&photo, &mask, args.opacity), Some(&provenance))?,
    )?;

    let share = map.crack_share(threshold);
    if args.json {
        let line = json!({
            "photo": path, "mask": mask_file, "width": mask.width(), "height": mask.height(),
            // Through its shortest decimal: the nearest double of an f32 has digits that nobody asked for.
            "threshold": threshold.to_string().parse::<f64>()?, "crack_share": share, "seconds": seconds,
        });
        println!("{line}");
    } else {
        println!(
            "{}: {:.2} % crack, {seconds:.1} s -> {}",
            path.display(),
            100.0 * share,
            mask_file.display()
        );
    }
    Ok(())
}
