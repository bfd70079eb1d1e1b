//! The network on a GPU, in kernels written for it.
//!
//! Burn's general operators would take several times as long and be most of the program. Here a pass is some seventy
//! launches of twelve kernels (`*.wgsl`, each of which says what it computes), on Burn's device and in its memory.
//!
//! A 3x3 convolution goes by Winograd's F(4x4, 3x3): patches of its input (of the gated skip and the upsampled deeper
//! map in the decoder, which are never written) -> 36 matrix products -> bias, ReLU and, fused, pooling or the head.
//! `shape.wgsl` has the layout of feature maps (`map`), `weights` that of weights, `pass` the order of launches.

pub(super) mod kernel;
mod launch;
mod map;
mod pass;
mod recording;
mod stored;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test panics")]
mod tests;
mod weights;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use burn_dispatch::DispatchDevice;
use cubecl::bytes::Bytes;
use cubecl::client::Client;
use cubecl::server::ServerError;

use self::pass::{Pass, TRAILER, Tuning};
use self::weights::Weights;
use super::kernels::Kernels;
use super::network::Network;
use super::slicing::Slicing;
use crate::device::{DeviceError, Gpu, NoGpu};

/// A network on a GPU.
pub(super) struct GpuEngine {
    client: Client,
    weights: Weights,
    width: usize,
    tuning: Tuning,
    /// The last pass: photos come in many batches of one size.
    pass: Mutex<Option<Pass>>,
}

impl std::fmt::Debug for GpuEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GpuEngine").finish_non_exhaustive()
    }
}

impl GpuEngine {
    /// Uploads the weights.
    ///
    /// # Errors
    /// [`DeviceError::Unavailable`] where it is none, or has no room for them.
    pub(super) fn new(network: &Network, gpu: &Gpu, kernels: Kernels) -> Result<Self, DeviceError> {
        let client = match gpu.device.as_dispatch() {
            DispatchDevice::Cube(device) => device.client(),
            #[allow(
                unreachable_patterns,
                reason = "browsers' programs have no other devices"
            )]
            _ => return Err(DeviceError::Unavailable(NoGpu::NotStarted)),
        };
        let largest = Weights::largest_buffer(network, kernels.precision);
        if largest as u64 > client.properties().memory.max_page_size {
            return Err(DeviceError::Unavailable(NoGpu::TooSmall));
        }
        let weights = Weights::upload(network, &client, kernels.precision);
        Ok(Self {
            client,
            weights,
            width: network.width(),
            tuning: Tuning::new(kernels),
            pass: Mutex::new(None),
        })
    }

    /// Slices products so from the next pass on.
    pub(super) fn set_slicing(&mut self, slicing: Slicing) {
        self.tuning.kernels.slicing = slicing;
        self.release_memory();
    }

    /// Channels of the finest stage.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Starts a pass over `count` tiles of `size` (height, width; multiples of 16), one after the other, grey scaled to
    /// -1..1 -> the probability of crack at every pixel, in the same order. It runs whether or not it is awaited, and passes
    /// end in the order in which they are started.
    ///
    /// # Errors
    /// [`DeviceError::Lost`].
    pub(super) fn probabilities<'a>(
        &'a self,
        tiles: &[f32],
        count: usize,
        size: [usize; 2],
    ) -> impl Future<Output = Result<Vec<f32>, DeviceError>> + Send + use<'a> {
        let (bytes, number) = self.start(tiles, count, size);
        async move {
            let bytes = bytes
                .await
                .map_err(|error| DeviceError::Lost(error.to_string()))?;
            // One handle, one answer.
            let bytes = bytes.first().map_or(&[][..], |bytes| bytes);
            let value = |bytes: &[u8]| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
            let values = bytes.chunks_exact(4).map(value).collect();
            answer(values, number).ok_or_else(|| DeviceError::Lost(NOT_RUN.to_owned()))
        }
    }

    /// Gives the maps' memory back.
    pub(super) fn release_memory(&self) {
        *self.pass.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn start<'a>(
        &'a self,
        tiles: &[f32],
        count: usize,
        size: [usize; 2],
    ) -> (
        impl Future<Output = Result<Vec<Bytes>, ServerError>> + Send + use<'a>,
        f32,
    ) {
        let mut kept = self.pass.lock().unwrap_or_else(PoisonError::into_inner);
        if !kept.as_ref().is_some_and(|pass| pass.is_for(count, size)) {
            // The old maps go first, so that both need not fit.
            *kept = None;
        }
        let pass = kept.get_or_insert_with(|| {
            Pass::new(&self.weights, count, size, &self.client, self.tuning)
        });
        let number = (1 + STARTS.fetch_add(1, Ordering::Relaxed) % NUMBERS) as f32;
        let output = pass.start(tiles, number, &self.client);
        // The copy is queued here, before a later pass can write over it.
        (self.client.read_async(vec![output]), number)
    }
}

/// Passes started so far, by all engines: they share what is read through.
static STARTS: AtomicUsize = AtomicUsize::new(0);

/// Starts are told apart by as many numbers, which 16 bits hold exactly. The first is 1, as a new buffer holds 0.
const NUMBERS: usize = 1024;

/// What is said of a pass that was read and had not run.
const NOT_RUN: &str = "it did not run what it was given";

/// The probabilities of what was read, without the trailer; none where that is not of the start of this number.
fn answer(mut values: Vec<f32>, number: f32) -> Option<Vec<f32>> {
    let length = values.len().checked_sub(TRAILER)?;
    let is_it = values[length] == number;
    values.truncate(length);
    is_it.then_some(values)
}
