//! Turns PyTorch's `model.pth` (or a .safetensors file) into a `.bpk` file for the app, or any of them into a .safetensors
//! file for PyTorch:
//!
//! ```text
//! cargo run --release --example convert -- model.pth out.bpk --f16
//! cargo run --release --example convert -- weights/lite.bpk lite.safetensors
//! ```

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use burn::tensor::Device;
use clap::{Parser, ValueEnum};
use crack_segmenter::calibration::Calibration;
use crack_segmenter::photo::Levels;
use crack_segmenter::segmenter::{Scales, Usage};
use crack_segmenter::weights::{self, Storage, Weights, WeightsError};
use sha2::{Digest, Sha256};

#[derive(Parser)]
struct Args {
    /// A .pth, .safetensors or .bpk file with weights of the Attention U-Net.
    input: PathBuf,
    /// The .bpk file to write; one that ends in .safetensors gets that format, with the original's names.
    output: PathBuf,
    /// Store convolutions in 16 bits: half the size.
    #[arg(long)]
    f16: bool,
    /// Store convolutions in 16 bits of which eight are significant: half the size, and once compressed
    /// (by Brotli) a third less. Rounds a little.
    #[arg(long, conflicts_with = "f16")]
    compact: bool,
    /// Name of the weights; the input's own, or its file name, if not given.
    #[arg(long)]
    name: Option<String>,
    /// Threshold to store with the weights, 0 to 1; if not given, the input's own (or 0.5), calibrated.
    #[arg(long)]
    threshold: Option<f32>,
    /// What the weights were trained on; the input's own (or as taken) if not given.
    #[arg(long, value_enum)]
    levels: Option<LevelsName>,
    /// At how many sizes they are to see a photo: its own, or half of it too; the input's own (or one) if not given.
    #[arg(long, value_enum)]
    scales: Option<ScalesName>,
    /// Scale and shift the logits by these, as `evaluate` found them on validation photos.
    #[arg(long, num_args = 2, value_names = ["SCALE", "SHIFT"], allow_negative_numbers = true)]
    calibrate: Vec<f64>,
}

#[derive(Clone, Copy, ValueEnum)]
enum LevelsName {
    AsTaken,
    Even,
}

#[derive(Clone, Copy, ValueEnum)]
enum ScalesName {
    One,
    Two,
}

fn main() -> Result<()> {
    let args = Args::parse();
    ensure!(
        args.threshold
            .is_none_or(|threshold| (0.0..=1.0).contains(&threshold)),
        "--threshold is a probability, 0 to 1"
    );
    let whole = |path: &Path| path.canonicalize().ok();
    ensure!(
        whole(&args.output).is_none() || whole(&args.output) != whole(&args.input),
        "{} would take its own place: name another output",
        args.input.display()
    );
    let weights =
        Weights::from_file(&args.input).with_context(|| args.input.display().to_string())?;
    let mut metadata = weights.metadata().clone();
    metadata.name = args.name.unwrap_or(metadata.name);
    let Usage { levels, scales } = metadata.usage;
    metadata.usage = Usage {
        levels: match args.levels {
            Some(LevelsName::AsTaken) => Levels::AsTaken,
            Some(LevelsName::Even) => Levels::Even,
            None => levels,
        },
        scales: match args.scales {
            Some(ScalesName::One) => Scales::One,
            Some(ScalesName::Two) => Scales::Two,
            None => scales,
        },
    };
    let width = weights.width();

    let model = weights
        .load(&Device::flex())
        .map_err(|error| match error {
            WeightsError::Mismatch { width, mismatch } => {
                anyhow!("the weights do not fit an Attention U-Net of width {width}.{mismatch:#}")
            }
            error => error.into(),
        })
        .with_context(|| args.input.display().to_string())?;
    let calibration = match args.calibrate[..] {
        [scale, shift] => {
            ensure!(
                scale.is_finite() && scale > 0.0 && shift.is_finite(),
                "--calibrate takes a scale above 0 and a shift, not {scale} and {shift}"
            );
            Calibration { scale, shift }
        }
        _ => Calibration::NONE,
    };
    let model = model.calibrated(calibration);
    // Marks the same pixels as before.
    let threshold = calibration.apply(f64::from(metadata.threshold)) as f32;
    metadata.threshold = args.threshold.unwrap_or(threshold);
    let storage = match (args.f16, args.compact) {
        (_, true) => Storage::Compact,
        (true, false) => Storage::Half,
        (false, false) => Storage::Full,
    };
    let bytes = match args.output.extension() {
        Some(extension) if extension == "safetensors" => {
            weights::to_safetensors(&model, &metadata, storage)?
        }
        Some(extension) if extension == "bpk" => weights::to_burnpack(&model, &metadata, storage)?,
        _ => bail!(
            "{}: name the output .bpk or .safetensors, which it is to be",
            args.output.display()
        ),
    };
    std::fs::write(&args.output, &bytes).with_context(|| args.output.display().to_string())?;

    println!(
        "{}: width {width}, threshold {}",
        metadata.name, metadata.threshold
    );
    let hash: String = Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    println!(
        "{}: {} bytes, sha256 {hash}",
        args.output.display(),
        bytes.len()
    );
    Ok(())
}
