//! The choices that every program which segments photos offers, and the segmenter that they lead to.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use crack_segmenter::device;
use crack_segmenter::engine::kernels::Kernels;
use crack_segmenter::engine::network::Network;
use crack_segmenter::engine::{self, Precision};
use crack_segmenter::plan::Mode;
use crack_segmenter::segmenter::Segmenter;
use crack_segmenter::weights::{Metadata, Weights};
use serde::Deserialize as _;
use serde::de::value::{self, StrDeserializer};

#[derive(Args)]
pub(crate) struct EngineArgs {
    /// `native`: tiles of the photo as it is. `thorough`: the same, and once more upside down. `space`: the original's way, 256x256.
    #[arg(long, value_parser = mode, default_value = "native")]
    pub(crate) mode: Mode,
    /// A .bpk, .safetensors or .pth file.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/weights/lite.bpk"))]
    weights: PathBuf,
    /// Where the network runs.
    #[arg(long, value_enum, default_value = "cpu")]
    backend: BackendName,
    /// Probability above which a pixel is crack, 0 to 1; the weights' own if not given.
    #[arg(long)]
    threshold: Option<f32>,
}

/// By the name that the library knows it by.
fn mode(name: &str) -> Result<Mode, value::Error> {
    Mode::deserialize(StrDeserializer::new(name))
}

#[derive(Clone, Copy, ValueEnum)]
enum BackendName {
    Cpu,
    Gpu,
    /// The GPU, with numbers stored in 16 bits.
    GpuHalfStored,
    /// The GPU, with numbers stored and summed up in 16 bits.
    GpuHalf,
}

/// A segmenter, and how to use it.
pub(crate) struct Engine {
    pub(crate) segmenter: Segmenter,
    pub(crate) mode: Mode,
    pub(crate) threshold: f32,
    /// Name of the weights.
    pub(crate) weights: String,
    pub(crate) backend: &'static str,
}

impl EngineArgs {
    /// Loads the weights onto the processor.
    pub(crate) fn start(&self) -> Result<Engine> {
        let weights = Weights::from_file(&self.weights)
            .with_context(|| self.weights.display().to_string())?;
        let Metadata {
            name,
            threshold,
            usage,
        } = weights.metadata().clone();
        let threshold = self.threshold.unwrap_or(threshold);
        ensure!(
            (0.0..=1.0).contains(&threshold),
            "--threshold is a probability, 0 to 1, not {threshold}"
        );
        let network = weights.network()?;
        let (engine, backend) = match self.backend {
            BackendName::Cpu => (engine::Engine::on_cpu(&network), "CPU"),
            BackendName::Gpu => (on_gpu(&network, Precision::Single)?, "GPU"),
            BackendName::GpuHalfStored => (
                on_gpu(&network, Precision::HalfStored)?,
                "GPU, stored in 16 bits",
            ),
            BackendName::GpuHalf => (on_gpu(&network, Precision::Half)?, "GPU in 16 bits"),
        };
        Ok(Engine {
            segmenter: Segmenter::new(engine, usage),
            mode: self.mode,
            threshold,
            weights: name,
            backend,
        })
    }
}

fn on_gpu(network: &Network, precision: Precision) -> Result<engine::Engine> {
    let gpu = pollster::block_on(device::gpu())?;
    ensure!(
        Precision::choices(&gpu).contains(&precision),
        "{} has no numbers of 16 bits",
        gpu.name
    );
    let kernels = Kernels {
        precision,
        ..Kernels::usual(&gpu)
    };
    Ok(engine::Engine::on_gpu(network, &gpu, kernels)?)
}
