//! Trains the network: `cargo run --release --features libtorch --example train -- --data DIR --train LIST --out RUN`.
//!
//! Lists have a line `IMAGE MASK` a pair, relative to `--data`; lists of crack-free images a line `IMAGE`. Sources (the
//! first folder of a path) are drawn by the square root of their size. A step's batch depends on the seed and the step alone, so an
//! interrupted run that is resumed (`--resume`) sees the same pictures.
//!
//! The device is chosen by feature: `libtorch` for a CPU, `cuda` for a GPU; with neither it is Burn's own CPU backend.
//! `tests/parity/train.py` is faster on a CPU, and what made the shipped weights.
//!
//! With `--stream` it trains nothing and writes the batches to its standard output, as little-endian `f32`: the inputs,
//! then the targets, of each step. So another trainer learns from the very same pictures.

mod augment;
mod average;
mod curves;
mod data;
#[path = "../common/lists.rs"]
mod lists;
mod log;
mod loss;
mod recipe;
mod run;
mod validation;

use std::io::{self, BufWriter, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::{Result, bail, ensure};
use burn::module::Module;
use burn::optim::grad_clipping::GradientClippingConfig;
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::{Device, Tensor, TensorData};
use clap::Parser;
use crack_segmenter::model::AttentionUNetConfig;
use crack_segmenter::weights::Weights;
use indicatif::{ProgressBar, ProgressStyle};

use augment::CROP;
use data::{Batch, Pictures, Sampler};
use log::{Log, Row};
use recipe::Recipe;
use run::Run;
use validation::Validation;

#[derive(Parser)]
struct Args {
    /// Folder that the lists are relative to.
    #[arg(long)]
    data: PathBuf,
    /// Lists of pairs to learn from; with none, cracks are only drawn.
    #[arg(long, num_args = 1..)]
    train: Vec<PathBuf>,
    /// Lists of pairs to measure on.
    #[arg(long, num_args = 1..)]
    val: Vec<PathBuf>,
    /// Lists of crack-free images; every tenth is kept aside to measure on.
    #[arg(long, num_args = 1..)]
    negatives: Vec<PathBuf>,
    #[arg(long, value_enum, default_value = "ours")]
    recipe: recipe::Name,
    /// Share of crops that are more than turned, scaled and exposed anew, 0 to 1 (recipe `ours`).
    #[arg(long, default_value_t = 0.3)]
    strength: f32,
    /// Share of the crack-free ones among those that get cracks, drawn or from a pair, 0 to 1 (recipe `ours`).
    #[arg(long, default_value_t = 0.25)]
    drawn: f32,
    /// Channels of the network's finest stage.
    #[arg(long, default_value_t = 16)]
    width: usize,
    /// Optimiser steps; the recipe's own if not given.
    #[arg(long)]
    steps: Option<NonZeroUsize>,
    /// Crops of 256x256 a step.
    #[arg(long, default_value = "8")]
    batch: NonZeroUsize,
    /// Highest learning rate; the recipe's own if not given.
    #[arg(long)]
    learning_rate: Option<f64>,
    /// Tells runs apart.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Weights to begin with: .bpk, .safetensors or .pth.
    #[arg(long)]
    init: Option<PathBuf>,
    /// Steps between checkpoints.
    #[arg(long, default_value = "100")]
    checkpoint_every: NonZeroUsize,
    /// Steps between measurements on `--val`.
    #[arg(long, default_value = "500")]
    measure_every: NonZeroUsize,
    /// Folder for checkpoints, `log.csv`, `curves.svg` and the finished `weights.bpk`.
    #[arg(long, required_unless_present = "stream")]
    out: Option<PathBuf>,
    /// Go on from the last checkpoint in `--out`.
    #[arg(long)]
    resume: bool,
    /// Write batches to standard output instead of training.
    #[arg(long)]
    stream: bool,
    /// With `--stream`: the first step.
    #[arg(long, default_value_t = 0)]
    first_step: usize,
}

fn main() -> Result<()> {
    let args = Args::parse();
    ensure!(
        args.width.is_multiple_of(2) && (2..=128).contains(&args.width),
        "--width is even, and 128 at most"
    );
    for (share, name) in [(args.strength, "--strength"), (args.drawn, "--drawn")] {
        ensure!((0.0..=1.0).contains(&share), "{name} is a share, 0 to 1");
    }
    let recipe = Recipe::new(args.recipe, args.strength, args.drawn);
    let pictures = Pictures::read(&args.data, &args.train, &args.negatives)?;
    ensure!(
        pictures.pairs() > 0 || args.recipe != recipe::Name::Original,
        "recipe `original` learns from pairs alone: name lists of them with --train"
    );
    let steps = args.steps.map_or_else(
        || recipe.steps(pictures.pairs(), args.batch.get()),
        NonZeroUsize::get,
    );
    let sampler = Sampler {
        pictures,
        drawing: recipe.drawing,
        levels: recipe.usage.levels,
        seed: args.seed,
    };
    match &args.out {
        Some(out) if !args.stream => train(
            &args,
            &recipe,
            &sampler,
            steps,
            &Run::in_folder(out, recipe.usage)?,
        ),
        _ => stream(&args, &sampler, steps),
    }
}

fn stream(args: &Args, sampler: &Sampler, steps: usize) -> Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for step in args.first_step..steps {
        let Batch { inputs, targets } = sampler.batch(step, args.batch.get());
        for value in inputs.into_iter().chain(targets) {
            match out.write_all(&value.to_le_bytes()) {
                // The trainer has had enough.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
                written => written?,
            }
        }
    }
    Ok(out.flush()?)
}

fn train(args: &Args, recipe: &Recipe, sampler: &Sampler, steps: usize, run: &Run) -> Result<()> {
    ensure!(
        args.resume || !run.has_checkpoint(),
        "--out has a checkpoint, which would be overwritten: go on from it with --resume, or name another folder"
    );
    let validation = Validation::read(&args.data, &args.val, &args.negatives, recipe.usage)?;
    let (plain_device, device) = training_devices();
    device.seed(args.seed);
    let config = AttentionUNetConfig::new().with_width(args.width);
    let mut model = match &args.init {
        Some(init) => {
            let weights = Weights::from_file(init)?;
            if weights.width() != args.width {
                bail!("{} has width {}", init.display(), weights.width());
            }
            weights.load(&device)?
        }
        None => config.init(&device),
    };
    let clipping = recipe.clip.map(GradientClippingConfig::Norm);
    let mut optimizer = AdamWConfig::new()
        .with_weight_decay(recipe.weight_decay)
        .with_grad_clipping(clipping)
        .init();
    let mut average = model.valid();
    let mut first = 0;
    if args.resume {
        (model, average) = (
            Weights::from_file(&run.model())?.load(&device)?,
            Weights::from_file(&run.average())?.load(&plain_device)?,
        );
        optimizer = optimizer.load(run.optimizer())?;
        first = run.step()?;
    }

    let mut log = Log::open(&run.log_file(), first)?;
    let bar = ProgressBar::new(steps as u64).with_style(ProgressStyle::with_template(
        "{bar:30} step {pos}/{len}, {msg}, {eta} left",
    )?);
    let highest = args.learning_rate.unwrap_or(recipe.learning_rate);
    for step in first..steps {
        let Batch { inputs, targets } = sampler.batch(step, args.batch.get());
        let shape = [args.batch.get(), 1, CROP, CROP];
        let inputs = Tensor::<4>::from_data(TensorData::new(inputs, shape), &device);
        let targets = Tensor::<4>::from_data(TensorData::new(targets, shape), &device);

        let loss = recipe.loss.of(model.forward(inputs).logits, targets);
        let value: f32 = loss.clone().into_scalar();
        ensure!(
            value.is_finite(),
            "the loss of step {} is {value}: try a lower --learning-rate, with --resume from the last checkpoint on if there is one",
            step + 1
        );
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        let learning_rate = recipe.learning_rate_at(step, steps, highest);
        model = optimizer.step(learning_rate, model, gradients);
        average = match recipe.averaging {
            // Early on the average would still hold the random start, so its memory grows with the steps.
            Some(keep) => average::moved(
                average,
                &model.valid(),
                keep.min(step as f64 / (step as f64 + 10.0)),
            ),
            None => model.valid(),
        };

        let done = step + 1;
        let is_last = done == steps;
        let mut score = None;
        if !validation.is_empty() && (done % args.measure_every == 0 || is_last) {
            score = Some(validation.measure(&average)?);
        }
        if let Some(score) = &score {
            bar.println(format!(
                "step {done}: F1 {:.4} at 0.5, {:.4} at {:.2}{}",
                score.f1,
                score.best_f1,
                score.best_threshold,
                score.false_alarms.map_or(String::new(), |share| format!(
                    ", false alarms {:.1} %",
                    100.0 * share
                )),
            ));
        }
        log.write(&Row {
            step: done,
            loss: value.into(),
            learning_rate,
            f1: score.as_ref().map(|score| score.f1),
            best_f1: score.as_ref().map(|score| score.best_f1),
            false_alarms: score.as_ref().and_then(|score| score.false_alarms),
        })?;
        bar.set_message(format!("loss {value:.4}"));
        bar.set_position(done as u64);
        if done % args.checkpoint_every == 0 || is_last {
            run.save(&model, &average, &optimizer, done)?;
            curves::draw(&run.log_file(), &run.curves())?;
        }
    }
    bar.finish();
    println!("{}", run.finish(&average)?.display());
    Ok(())
}

/// The device to measure on, and the same to learn on.
fn training_devices() -> (Device, Device) {
    #[cfg(feature = "cuda")]
    let device = Device::cuda(0);
    #[cfg(all(feature = "libtorch", not(feature = "cuda")))]
    let device = Device::libtorch();
    #[cfg(not(any(feature = "libtorch", feature = "cuda")))]
    let device = Device::flex();
    (device.clone(), device.autodiff())
}
