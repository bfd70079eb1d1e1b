//! What can be wrong with a device.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a device cannot be used. The text is for the person who wanted it.
#[derive(Clone, Debug, PartialEq, Error, Serialize, Deserialize)]
pub enum DeviceError {
    /// No adapter, or it refused to make a device.
    #[error("No GPU is available to this page ({0}). The CPU does the same work, only slower.")]
    Unavailable(NoGpu),
    /// The GPU computes something else than the CPU.
    #[error(
        "The GPU gives wrong results here (off by {difference:.3} in probability), so it is not used. Updating the browser or the graphics driver may help."
    )]
    Wrong {
        /// Largest difference of probability found.
        difference: f32,
    },
    /// The GPU stopped answering.
    #[error("The GPU was lost ({0}). Try again, or switch to the CPU.")]
    Lost(String),
}

/// Why there is no GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum NoGpu {
    /// The browser does not know WebGPU.
    #[error("this browser has no WebGPU")]
    NoWebGpu,
    /// There is nothing that it could run on, or nothing that has what is needed.
    #[error("WebGPU finds none here that it can use")]
    NoAdapter,
    /// The adapter gives no device.
    #[error("the adapter refused to start")]
    Refused,
    /// A network so wide takes larger buffers than the adapter gives.
    #[error("these weights are too large for it")]
    TooSmall,
    /// Anything else.
    #[error("WebGPU could not be started")]
    NotStarted,
}
