//! Weight files: the only place that knows a file format or a tensor's name.

mod formats;
mod metadata;
#[cfg(feature = "model")]
mod module;
mod names;
mod network;

use std::collections::BTreeSet;

use burn_pack::Tensor;

pub use metadata::Metadata;
#[cfg(feature = "model")]
pub use module::{NotWritten, Storage, to_burnpack, to_checkpoint, to_safetensors};

use crate::engine::network::Network;
pub use crate::failure::{Mismatch, WeightsError};

/// The content of a weight file: tensors by the module's names, and what the file says of them.
#[derive(Clone, Debug)]
pub struct Weights {
    tensors: Vec<Tensor>,
    metadata: Metadata,
    sizes: Sizes,
}

/// The sizes of a network that differ between files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sizes {
    /// Channels of the finest stage.
    width: usize,
    /// Channels of the output.
    classes: usize,
}

impl Weights {
    /// Reads a `.bpk` or `.safetensors` file with the module's or the original's tensor names. `name` stands in where
    /// the file does not name its weights.
    ///
    /// # Errors
    /// Another format, damage, tensors of another network, or metadata that this program does not know.
    pub fn from_bytes(bytes: Vec<u8>, name: &str) -> Result<Self, WeightsError> {
        Self::from_content(formats::read_bytes(bytes)?, name)
    }

    /// Reads a weight file, PyTorch's too, whatever it is called. Weights without a name are named after the file.
    ///
    /// # Errors
    /// As [`Weights::from_bytes`], and when the file cannot be read.
    #[cfg(all(feature = "model", not(target_family = "wasm")))]
    pub fn from_file(path: &std::path::Path) -> Result<Self, WeightsError> {
        let bytes = std::fs::read(path)?;
        let is_pytorch = formats::is_pytorch(&bytes);
        let content = match formats::read_bytes(bytes) {
            Err(WeightsError::UnknownFormat) if is_pytorch => formats::read_pytorch(path)?,
            content => content?,
        };
        let name = path
            .file_stem()
            .map(|stem| stem.to_string_lossy())
            .unwrap_or_default();
        Self::from_content(content, &name)
    }

    fn from_content((tensors, text): formats::Content, name: &str) -> Result<Self, WeightsError> {
        let tensors: Vec<_> = tensors
            .into_iter()
            .filter(|tensor| !names::is_bookkeeping(&tensor.name))
            .map(|mut tensor| {
                tensor.name = names::module_name(&tensor.name);
                tensor
            })
            .collect();
        // As where a file has the averaged weights beside those of the last step.
        let mut names = BTreeSet::new();
        if let Some(tensor) = tensors.iter().find(|tensor| !names.insert(&tensor.name)) {
            let twice = format!("`{}` is in it twice", tensor.name);
            return Err(WeightsError::Damaged(twice));
        }
        let sizes = read_sizes(&tensors)?;
        Ok(Self {
            tensors,
            metadata: Metadata::from_text(&text, name)?,
            sizes,
        })
    }

    /// Channels of the network's finest stage, as the tensors' shapes tell.
    pub fn width(&self) -> usize {
        self.sizes.width
    }

    /// What the file says of the weights.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The network as the engines take it.
    ///
    /// # Errors
    /// [`WeightsError::Mismatch`] names every tensor that is missing, not expected or of another shape.
    pub fn network(&self) -> Result<Network, WeightsError> {
        network::network(&self.tensors, self.sizes).map_err(|mismatch| WeightsError::Mismatch {
            width: self.sizes.width,
            mismatch,
        })
    }
}

/// Reads the network's sizes from the shapes of its first and its last convolution.
fn read_sizes(tensors: &[Tensor]) -> Result<Sizes, WeightsError> {
    const FIRST: &str = "encoder.inc.conv1.weight";
    const LAST: &str = "head.weight";
    let shape = |name: &'static str| {
        let tensor = tensors.iter().find(|tensor| tensor.name == name);
        tensor
            .and_then(|tensor| <[usize; 4]>::try_from(tensor.shape.to_vec()).ok())
            .ok_or(WeightsError::NotThisNetwork(name.into()))
    };
    let [width, inputs, 3, 3] = shape(FIRST)? else {
        return Err(WeightsError::NotThisNetwork(FIRST.into()));
    };
    let [classes, head_inputs, 1, 1] = shape(LAST)? else {
        return Err(WeightsError::NotThisNetwork(LAST.into()));
    };
    let is_width = (2..=MAX_WIDTH).contains(&width) && width.is_multiple_of(2);
    if !is_width || inputs != 1 {
        return Err(WeightsError::NotThisNetwork(FIRST.into()));
    }
    // With as many inputs as that, the file has bytes for every class that it declares.
    if classes == 0 || head_inputs != width {
        return Err(WeightsError::NotThisNetwork(LAST.into()));
    }
    Ok(Sizes { width, classes })
}

/// A guard against nonsense files: the original is 64 wide.
const MAX_WIDTH: usize = 128;
