//! What can be wrong with a weight file.

use std::borrow::Cow;
use std::{fmt, io};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why weights cannot be used. The text is for the person who chose the file.
#[derive(Clone, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
pub enum WeightsError {
    /// Neither of the known formats.
    #[error(
        "This is not a weight file. Choose a .bpk or .safetensors file; a PyTorch .pth file has to be converted first, as the project's README says."
    )]
    UnknownFormat,
    /// The format is known but the content is damaged.
    #[error("The weight file cannot be read ({0}). Download or convert it again.")]
    Damaged(String),
    /// The file could not be read or written.
    #[error("The weight file cannot be accessed ({0}). Check its name and that you may read it.")]
    Io(String),
    /// It takes more memory than there is.
    #[error(
        "This file is too large to be read here. A weight file has some megabytes: choose another file."
    )]
    TooLarge,
    /// A tensor that the network's size is read from is not there.
    #[error(
        "These are not weights of an Attention U-Net: the tensor `{0}` is missing or has an unexpected shape. Choose another file."
    )]
    NotThisNetwork(Cow<'static, str>),
    /// The tensors do not fit the network of the size that the file declares.
    #[error(
        "The weights do not fit an Attention U-Net of width {width}.{mismatch} Choose another file."
    )]
    Mismatch {
        /// Width read from the file.
        width: usize,
        /// Which tensors, and why.
        mismatch: Mismatch,
    },
}

impl From<io::Error> for WeightsError {
    fn from(error: io::Error) -> Self {
        Self::Io(error.to_string())
    }
}

/// The tensors that do not fit, by the module's names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mismatch {
    /// Needed and not in the file.
    pub missing: Vec<String>,
    /// In the file and not needed.
    pub extra: Vec<String>,
    /// Of another shape or type, or with values that are no numbers; each with why.
    pub unfit: Vec<String>,
}

impl Mismatch {
    /// Whether everything fits.
    pub fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.extra.is_empty() && self.unfit.is_empty()
    }
}

/// So many tensors of a kind are named, unless all are asked for.
const NAMED: usize = 3;

/// `{}` names a few tensors, `{:#}` all.
impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, names) in [
            ("Missing", &self.missing),
            ("Not expected", &self.extra),
            ("Not fitting", &self.unfit),
        ] {
            let named = if f.alternate() { names.len() } else { NAMED };
            let (named, others) = names.split_at(named.min(names.len()));
            match others.len() {
                _ if names.is_empty() => {}
                0 => write!(f, " {what}: {}.", named.join(", "))?,
                others => write!(f, " {what}: {} and {others} more.", named.join(", "))?,
            }
        }
        Ok(())
    }
}
