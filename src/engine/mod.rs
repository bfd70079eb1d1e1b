//! The network, made fast: the same weights and results as [`model`](crate::model)'s, by kernels of its own.

mod cpu;
#[cfg(feature = "gpu")]
mod gpu;
pub mod kernels;
pub mod network;
mod precision;
mod slicing;
mod winograd;

use std::future::ready;
use std::pin::Pin;

use self::cpu::CpuEngine;
#[cfg(feature = "gpu")]
use self::gpu::GpuEngine;
#[cfg(feature = "gpu")]
use self::kernels::Kernels;
use self::network::Network;
pub use self::precision::Precision;
pub use self::slicing::Slicing;
use crate::device::DeviceError;
#[cfg(feature = "gpu")]
use crate::device::Gpu;

/// Channels times pixels of the tiles of a pass: one large tile or several small ones. A map of so many values takes 32 MiB,
/// a quarter of what every WebGPU adapter binds.
const PASS_VALUES: usize = 32 * 512 * 512;

/// Tells the GPU's kernels from another build's: what is known of those says nothing of these. 0 without a GPU.
pub fn kernels_version() -> u32 {
    #[cfg(feature = "gpu")]
    let version = gpu::kernel::version();
    #[cfg(not(feature = "gpu"))]
    let version = 0;
    version
}

/// A pass that was started: the probabilities once it is done. It has to be awaited to its end: a GPU's memory that nobody
/// fetches stays locked, and the device fails when it is to be used again.
pub type Pass<'a> = Pin<Box<dyn Future<Output = Result<Vec<f32>, DeviceError>> + Send + 'a>>;

/// The network on a processor.
#[derive(Debug)]
pub struct Engine(Processor);

#[derive(Debug)]
enum Processor {
    Cpu(Box<CpuEngine>),
    #[cfg(feature = "gpu")]
    Gpu(Box<GpuEngine>),
}

impl Engine {
    /// On the CPU.
    pub fn on_cpu(network: &Network) -> Self {
        Self(Processor::Cpu(Box::new(CpuEngine::new(network))))
    }

    /// On the GPU, by kernels that it knows ([`Precision::choices`]).
    ///
    /// # Errors
    /// [`DeviceError::Unavailable`] where it is none, or has no room for the weights.
    #[cfg(feature = "gpu")]
    pub fn on_gpu(network: &Network, gpu: &Gpu, kernels: Kernels) -> Result<Self, DeviceError> {
        let engine = GpuEngine::new(network, gpu, kernels)?;
        Ok(Self(Processor::Gpu(Box::new(engine))))
    }

    /// From the next pass on products are sliced so, instead of as usual: that changes no probability but for rounding. Without
    /// effect on the CPU.
    #[cfg_attr(
        not(feature = "gpu"),
        allow(unused_variables, reason = "without a GPU there is nothing to slice")
    )]
    pub fn set_slicing(&mut self, slicing: Slicing) {
        match &mut self.0 {
            Processor::Cpu(_) => {}
            #[cfg(feature = "gpu")]
            Processor::Gpu(engine) => engine.set_slicing(slicing),
        }
    }

    /// Starts a pass over whole tiles of `size` (height, width; multiples of 16), grey scaled to -1..1 and one after the
    /// other, to the probability of crack at every pixel, in the same order. The GPU's buffers are made for passes of some
    /// 8 million pixels divided by the network's width.
    ///
    /// # Errors
    /// The pass's: [`DeviceError::Lost`].
    pub fn probabilities(&self, tiles: &[f32], size: [usize; 2]) -> Pass<'_> {
        let area = size[0] * size[1];
        match &self.0 {
            Processor::Cpu(engine) => {
                let tiles = tiles.chunks_exact(area);
                let found: Vec<_> = tiles.map(|tile| engine.probabilities(tile, size)).collect();
                Box::pin(ready(Ok(found.concat())))
            }
            #[cfg(feature = "gpu")]
            Processor::Gpu(engine) => {
                Box::pin(engine.probabilities(tiles, tiles.len() / area, size))
            }
        }
    }

    /// How many passes are best under way while the next tiles are made ready: a GPU works by itself, a CPU is done when a
    /// pass is started.
    pub(crate) fn passes_under_way(&self) -> usize {
        match &self.0 {
            Processor::Cpu(_) => 0,
            #[cfg(feature = "gpu")]
            Processor::Gpu(_) => 1,
        }
    }

    /// Takes the memory for passes over tiles of `size`, where that is what the pass would do anyway. Taken for all sizes before
    /// anything else lies between, it is taken once: WebAssembly's memory only grows, and has no use for gaps.
    pub(crate) fn reserve(&self, size: [usize; 2]) {
        match &self.0 {
            Processor::Cpu(engine) => engine.reserve(size),
            // Its buffers lie elsewhere.
            #[cfg(feature = "gpu")]
            Processor::Gpu(_) => {}
        }
    }

    /// Gives the memory back that passes are computed in, many times the tiles' own; the next one takes it anew.
    pub(crate) fn release_memory(&self) {
        match &self.0 {
            Processor::Cpu(engine) => engine.release_memory(),
            #[cfg(feature = "gpu")]
            Processor::Gpu(engine) => engine.release_memory(),
        }
    }

    /// How many pixels a pass takes at most.
    pub(crate) fn pass_pixels(&self) -> usize {
        let width = match &self.0 {
            Processor::Cpu(engine) => engine.width(),
            #[cfg(feature = "gpu")]
            Processor::Gpu(engine) => engine.width(),
        };
        PASS_VALUES / width
    }
}
