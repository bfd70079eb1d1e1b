//! Weight files: the only place that knows a file format or a tensor's name.

mod error;
mod formats;
mod metadata;
mod names;

use burn::tensor::{DType, Device};
use burn_store::burn_pack::{Tensor, Writer};
use burn_store::{
    ApplyError, FloatCastAdapter, HalfPrecisionAdapter, IdentityAdapter, ModuleAdapter,
    ModuleSnapshot,
};

pub use error::{Mismatch, WeightsError};
pub use metadata::Metadata;

use crate::model::{AttentionUNet, AttentionUNetConfig};

/// The content of a weight file: tensors by the module's names, and what the file says of them.
#[derive(Clone, Debug)]
pub struct Weights {
    tensors: Vec<Tensor>,
    metadata: Metadata,
    config: AttentionUNetConfig,
}

/// How floats are stored in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// 32 bits throughout.
    #[default]
    Full,
    /// Convolutions in 16 bits; the batch norms, which are small and sensitive, stay at 32.
    Half,
}

impl Weights {
    /// Reads a `.bpk` or `.safetensors` file with the module's or the original's tensor names. `name` stands in where
    /// the file does not name its weights.
    ///
    /// # Errors
    /// Another format, damage, or tensors of another network.
    pub fn from_bytes(bytes: Vec<u8>, name: &str) -> Result<Self, WeightsError> {
        Self::from_content(formats::read_bytes(bytes)?, name)
    }

    /// Reads a weight file; PyTorch's `.pth` and `.pt` too. Weights without a name are named after the file.
    ///
    /// # Errors
    /// As [`Weights::from_bytes`], and when the file cannot be read.
    #[cfg(not(target_family = "wasm"))]
    pub fn from_file(path: &std::path::Path) -> Result<Self, WeightsError> {
        let is_pytorch = path
            .extension()
            .is_some_and(|extension| extension == "pth" || extension == "pt");
        let content = if is_pytorch {
            std::fs::metadata(path)?;
            formats::read_pytorch(path)?
        } else {
            formats::read_bytes(std::fs::read(path)?)?
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
        let config = read_config(&tensors)?;
        Ok(Self {
            tensors,
            metadata: Metadata::from_text(&text, name),
            config,
        })
    }

    /// The network's sizes, as the tensors' shapes tell.
    pub fn config(&self) -> AttentionUNetConfig {
        self.config
    }

    /// What the file says of the weights.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The network with these weights, in 32-bit floats whatever the file holds.
    ///
    /// # Errors
    /// [`WeightsError::Mismatch`] names every tensor that is missing, not expected or of another shape.
    pub fn load(self, device: &Device) -> Result<AttentionUNet, WeightsError> {
        let mut model = self.config.init(device);
        let cast = FloatCastAdapter::to(DType::F32);
        let result = model.apply(self.tensors, None, Some(Box::new(cast)), false);
        let mismatch = Mismatch {
            missing: result.missing.into_iter().map(|(name, _)| name).collect(),
            extra: result.unused,
            misshapen: result.errors.iter().map(ApplyError::to_string).collect(),
        };
        if mismatch.is_empty() {
            Ok(model)
        } else {
            Err(WeightsError::Mismatch {
                width: self.config.width,
                mismatch,
            })
        }
    }
}

/// Writes a network as a `.bpk` file.
///
/// # Errors
/// When a tensor cannot be read back from its device.
pub fn to_burnpack(
    model: &AttentionUNet,
    metadata: &Metadata,
    precision: Precision,
) -> Result<Vec<u8>, WeightsError> {
    let mut writer = Writer::new(model.collect(None, Some(adapter(precision)), false));
    for (key, value) in metadata.to_text() {
        writer = writer.with_metadata(key, &value);
    }
    let bytes = writer
        .into_bytes()
        .map_err(|error| WeightsError::Damaged(error.to_string()))?;
    Ok(bytes.to_vec())
}

/// Writes a network as a `.safetensors` file with the original's names, for PyTorch. What `load_state_dict` misses are the
/// counters of the batch norms, which only training uses.
///
/// # Errors
/// When a tensor cannot be read back from its device, or the original has none of its name.
pub fn to_safetensors(
    model: &AttentionUNet,
    metadata: &Metadata,
    precision: Precision,
) -> Result<Vec<u8>, WeightsError> {
    let mut tensors = Vec::new();
    for tensor in model.collect(None, Some(adapter(precision)), false) {
        let name = names::original_name(&tensor.name).ok_or_else(|| {
            WeightsError::Damaged(format!("`{}` is not the original's", tensor.name))
        })?;
        tensors.push((name, tensor));
    }
    let text = metadata
        .to_text()
        .map(|(key, value)| (key.to_owned(), value));
    formats::write_safetensors(tensors, text.into())
}

fn adapter(precision: Precision) -> Box<dyn ModuleAdapter> {
    match precision {
        Precision::Full => Box::new(IdentityAdapter),
        Precision::Half => Box::new(HalfPrecisionAdapter::new()),
    }
}

/// Reads the network's sizes from the shapes of its first and its last convolution.
fn read_config(tensors: &[Tensor]) -> Result<AttentionUNetConfig, WeightsError> {
    const FIRST: &str = "encoder.inc.conv1.weight";
    const LAST: &str = "head.weight";
    let shape = |name| {
        let tensor = tensors.iter().find(|tensor| tensor.name == name);
        tensor
            .and_then(|tensor| <[usize; 4]>::try_from(tensor.shape.to_vec()).ok())
            .ok_or(WeightsError::NotThisNetwork(name))
    };
    let [width, n_channels, 3, 3] = shape(FIRST)? else {
        return Err(WeightsError::NotThisNetwork(FIRST));
    };
    let [n_classes, _, 1, 1] = shape(LAST)? else {
        return Err(WeightsError::NotThisNetwork(LAST));
    };
    if width < 2
        || !width.is_multiple_of(2)
        || width > MAX_WIDTH
        || n_channels != 1
        || n_classes == 0
    {
        return Err(WeightsError::NotThisNetwork(FIRST));
    }
    Ok(AttentionUNetConfig {
        width,
        n_channels,
        n_classes,
    })
}

/// A guard against nonsense files: the original is 64 wide.
const MAX_WIDTH: usize = 128;
