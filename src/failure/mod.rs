//! Why something that was asked for did not happen. All of it crosses from the worker to the page as it is, so it is
//! compiled without the engine too.
//!
//! `Display` says it in English, to programs and in the terminal; the page says it in the person's language
//! (`web::ui::words`). What a library or the browser has to say of its own comes along word for word.

mod device;
mod fetch;
mod weights;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use device::{DeviceError, NoGpu};
pub use fetch::FetchError;
pub use weights::{Mismatch, WeightsError};

use crate::photo::DecodeError;

/// A failure, for the person and for what has to go on.
#[derive(Clone, Debug, PartialEq, Error, Serialize, Deserialize)]
#[error("{}{cause}", file.as_ref().map(|file| format!("{file}: ")).unwrap_or_default())]
pub struct Failure {
    /// Which part failed.
    pub kind: FailureKind,
    /// Name of the file, where it is not plain which one is meant.
    pub file: Option<String>,
    /// What happened and what to do.
    pub cause: Cause,
}

impl Failure {
    /// A failure that no file has to be named for.
    pub fn new(kind: FailureKind, cause: impl Into<Cause>) -> Self {
        Self {
            kind,
            file: None,
            cause: cause.into(),
        }
    }
}

/// Which part failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The photo could not be read.
    Photo,
    /// The shipped weights could not be fetched or do not fit.
    Weights,
    /// The weights that the person brought can't be used; others are used instead.
    OtherWeights,
    /// The program itself could not be loaded or started.
    Program,
    /// The GPU is missing, wrong or lost.
    Device,
    /// A result could not be written.
    Export,
    /// A result could not be measured.
    Measure,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Error, Serialize, Deserialize)]
pub enum Cause {
    /// The photo.
    #[error(transparent)]
    Photo(#[from] DecodeError),
    /// A weight file that the person brought.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// A weight file that the page named.
    #[error("The weights of this page can't be used; tell its owner. {0}")]
    ServedWeights(WeightsError),
    /// The way to the weights.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The GPU.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// A file that is not there any more.
    #[error("The file can't be read any more. It may have been moved or deleted: add it again.")]
    Unreadable,
    /// A photo without an engine.
    #[error("The segmenter has not started, so no photo can be segmented. Reload the page.")]
    NotStarted,
    /// A result without room for it.
    #[error("This browser has no room left for the result. Clear some photos and run it again.")]
    NoRoom,
    /// A result of another size than it says.
    #[error("The result is incomplete. Segment the photo again.")]
    Incomplete,
    /// A picture that the encoder refused.
    #[error("The picture could not be written as PNG ({0}). Clear some photos and try again.")]
    NotWritten(String),
    /// The worker was lost at every try.
    #[error("The segmenter stopped unexpectedly, twice ({0}). Try again, or with a smaller photo.")]
    StoppedTwice(String),
    /// The worker's program did not come.
    #[error("The program could not be loaded ({0}). Check the connection and try again.")]
    NotLoaded(String),
    /// The browser starts no worker.
    #[error("This browser cannot start the segmenter ({0}). Update it, or try another one.")]
    NoWorker(String),
}
