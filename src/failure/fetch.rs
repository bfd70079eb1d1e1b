//! What can go wrong on the way to the weights.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why the weights to start with could not be fetched. It may be the connection, which the person can check, or their
/// address, which only the owner of the page can put right.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum FetchError {
    /// No answer that the browser lets through.
    #[error(
        "The weights cannot be loaded ({0}). Check the connection and try again. If that does not help, tell the owner \
         of this website: their address may be wrong, or their server may not allow this page to fetch them."
    )]
    Unreachable(String),
    /// The server does not have them.
    #[error(
        "The weights cannot be loaded: the server answers {status} for {url}. Try again later; if it stays, tell the \
         owner of this website."
    )]
    Refused {
        /// HTTP status.
        status: u16,
        /// What was asked for.
        url: String,
    },
    /// The folder's list of weights makes no sense.
    #[error("The list of weights can't be read ({0}). Tell the owner of this website.")]
    Manifest(String),
    /// More than the manifest promises, or than any weights of this network are.
    #[error("The weight file is larger than it says. Tell the owner of this website.")]
    TooLarge,
    /// More than there is memory for.
    #[error("The weights take more memory than there is here. Close other pages, and try again.")]
    NoMemory,
    /// Not the bytes that the manifest promises.
    #[error("The weights arrived damaged. Try again; if it stays, tell the owner of this website.")]
    Damaged,
}
