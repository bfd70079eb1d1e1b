//! Trains the network: `cargo run --release --features libtorch --example train -- --data DIR --train LIST`.
//!
//! Lists have a line `IMAGE MASK` a pair, relative to `--data`; lists of crack-free images a line `IMAGE`. Sources (the
//! first folder of a path) are drawn with equal weight. A step's batch depends on the seed and the step alone, so an
//! interrupted run that is resumed sees the same pictures.
//!
//! The device is chosen by feature: `libtorch` is the fastest without a GPU, `cuda` with one; with neither it is Burn's
//! own CPU backend.

mod data;
mod loss;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::{Device, Tensor, TensorData};
use clap::Parser;
use crack_segmenter::model::{AttentionUNet, AttentionUNetConfig};
use crack_segmenter::weights::{self, Metadata, Precision, Weights};
use indicatif::{ProgressBar, ProgressStyle};

use data::{CROP, Sampler};

#[derive(Parser)]
struct Args {
    /// Folder that the lists are relative to.
    #[arg(long)]
    data: PathBuf,
    /// List of pairs to learn from.
    #[arg(long)]
    train: PathBuf,
    /// List of crack-free images to learn from.
    #[arg(long)]
    negatives: Option<PathBuf>,
    /// Channels of the network's finest stage.
    #[arg(long, default_value_t = 16)]
    width: usize,
    /// Optimiser steps.
    #[arg(long, default_value_t = 2800)]
    steps: usize,
    /// Crops of 256x256 a step.
    #[arg(long, default_value_t = 8)]
    batch: usize,
    /// Highest learning rate, reached after a hundred steps and led down to zero by a cosine.
    #[arg(long, default_value_t = 2e-3)]
    learning_rate: f64,
    /// Tells runs apart.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Folder for checkpoints, `log.csv` and the finished `weights.bpk`.
    #[arg(long)]
    out: PathBuf,
    /// Go on from the last checkpoint in `--out`.
    #[arg(long)]
    resume: bool,
}

const WARM_UP: usize = 100;
const CHECKPOINT_EVERY: usize = 100;

fn main() -> Result<()> {
    let args = Args::parse();
    fs::create_dir_all(&args.out).with_context(|| args.out.display().to_string())?;
    let sampler = Sampler::read(
        &args.data,
        &args.train,
        args.negatives.as_deref(),
        args.seed,
    )?;

    let device = training_device();
    device.seed(args.seed);
    let mut model = AttentionUNetConfig::new()
        .with_width(args.width)
        .init(&device);
    let mut optimizer = AdamWConfig::new().with_weight_decay(1e-4).init();
    let mut first = 0;
    if args.resume {
        let checkpoint = Checkpoint::in_folder(&args.out);
        model = Weights::from_file(&checkpoint.model)?.load(&device)?;
        optimizer = optimizer.load(&checkpoint.optimizer)?;
        first = fs::read_to_string(&checkpoint.step)?.trim().parse()?;
    }

    let mut log = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(args.out.join("log.csv"))?;
    let bar = ProgressBar::new(args.steps as u64).with_style(ProgressStyle::with_template(
        "{bar:30} step {pos}/{len}, loss {msg}, {eta} left",
    )?);
    for step in first..args.steps {
        let batch = sampler.batch(step, args.batch);
        let shape = [args.batch, 1, CROP, CROP];
        let input = Tensor::<4>::from_data(TensorData::new(batch.inputs, shape), &device);
        let target = Tensor::<4>::from_data(TensorData::new(batch.targets, shape), &device);

        let loss = loss::bce_and_dice(model.forward(input).logits, target);
        let value: f32 = loss.clone().into_scalar();
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        model = optimizer.step(learning_rate(step, &args), model, gradients);

        writeln!(log, "{step},{value}")?;
        bar.set_message(format!("{value:.4}"));
        bar.set_position(step as u64 + 1);
        if (step + 1) % CHECKPOINT_EVERY == 0 {
            let checkpoint = Checkpoint::in_folder(&args.out);
            save(&model, &checkpoint.model)?;
            optimizer.save(&checkpoint.optimizer)?;
            fs::write(&checkpoint.step, (step + 1).to_string())?;
        }
    }
    bar.finish();
    let finished = args.out.join("weights.bpk");
    save(&model, &finished)?;
    println!("{}", finished.display());
    Ok(())
}

fn training_device() -> Device {
    #[cfg(feature = "cuda")]
    let device = Device::cuda(0);
    #[cfg(all(feature = "libtorch", not(feature = "cuda")))]
    let device = Device::libtorch();
    #[cfg(not(any(feature = "libtorch", feature = "cuda")))]
    let device = crack_segmenter::device::cpu();
    device.autodiff()
}

fn learning_rate(step: usize, args: &Args) -> f64 {
    let warm_up = ((step + 1) as f64 / WARM_UP as f64).min(1.0);
    let progress = step as f64 / args.steps as f64;
    args.learning_rate * warm_up * 0.5 * (1.0 + (std::f64::consts::PI * progress).cos())
}

fn save(model: &AttentionUNet, path: &Path) -> Result<()> {
    let metadata = Metadata {
        name: "trained".into(),
        threshold: 0.5,
    };
    let bytes = weights::to_burnpack(&model.valid(), &metadata, Precision::Full)?;
    fs::write(path, bytes).with_context(|| path.display().to_string())
}

/// What a run needs to go on.
struct Checkpoint {
    model: PathBuf,
    optimizer: PathBuf,
    step: PathBuf,
}

impl Checkpoint {
    fn in_folder(folder: &Path) -> Self {
        Self {
            model: folder.join("checkpoint.bpk"),
            optimizer: folder.join("checkpoint.optimizer"),
            step: folder.join("checkpoint.step"),
        }
    }
}
