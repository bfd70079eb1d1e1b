//! Weights in and out of the Burn module.

use std::collections::BTreeMap;

use burn::tensor::{DType, Device};
use burn_pack::{Bytes, Tensor, Writer};
use burn_store::{
    FloatCastAdapter, HalfPrecisionAdapter, IdentityAdapter, ModuleAdapter, ModuleSnapshot,
};
use half::{bf16, f16};

use super::{Metadata, Weights, WeightsError, formats, names};
use crate::model::{AttentionUNet, AttentionUNetConfig};

/// How floats are stored in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Storage {
    /// 32 bits throughout.
    #[default]
    Full,
    /// Convolutions in 16 bits; the batch norms, which are small and sensitive, stay at 32.
    Half,
    /// As [`Storage::Half`], rounded to the eight significant bits of bfloat16, so that three in sixteen are 0 and a server's
    /// compression takes a third off the file by Brotli, a quarter by gzip.
    Compact,
}

/// Why no file was made of a network.
#[derive(Debug, thiserror::Error)]
#[error("The weights cannot be written ({0}).")]
pub struct NotWritten(pub(super) String);

impl From<burn_pack::Error> for NotWritten {
    fn from(error: burn_pack::Error) -> Self {
        Self(error.to_string())
    }
}

impl Weights {
    /// The network as a Burn module, in 32-bit floats whatever the file holds.
    ///
    /// # Errors
    /// As [`Weights::network`].
    pub fn load(self, device: &Device) -> Result<AttentionUNet, WeightsError> {
        self.network()?;
        let mut model = AttentionUNetConfig::new()
            .with_width(self.sizes.width)
            .with_n_classes(self.sizes.classes)
            .init(device);
        let cast = FloatCastAdapter::to(DType::F32);
        let result = model.apply(self.tensors, None, Some(Box::new(cast)), false);
        match result.errors.first() {
            None => Ok(model),
            Some(error) => Err(WeightsError::Damaged(error.to_string())),
        }
    }

    /// The weights of a module, under a name.
    ///
    /// # Errors
    /// When a tensor cannot be read back from its device.
    pub fn of(model: &AttentionUNet, name: &str) -> Result<Self, WeightsError> {
        Self::from_content((model.collect(None, None, false), BTreeMap::new()), name)
    }
}

/// Writes a network as a `.bpk` file.
///
/// # Errors
/// When a tensor cannot be read back from its device.
pub fn to_burnpack(
    model: &AttentionUNet,
    metadata: &Metadata,
    storage: Storage,
) -> Result<Vec<u8>, NotWritten> {
    burnpack(tensors(model, storage)?, metadata)
}

/// Writes a network as a `.bpk` file in 32 bits that training can go on from: with what Burn's optimisers know its parameters by,
/// which is drawn at random.
///
/// # Errors
/// When a tensor cannot be read back from its device.
pub fn to_checkpoint(model: &AttentionUNet, metadata: &Metadata) -> Result<Vec<u8>, NotWritten> {
    burnpack(model.collect(None, None, false), metadata)
}

fn burnpack(tensors: Vec<Tensor>, metadata: &Metadata) -> Result<Vec<u8>, NotWritten> {
    let mut writer = Writer::new(tensors);
    for (key, value) in metadata.to_text() {
        writer = writer.with_metadata(key, &value);
    }
    Ok(writer.into_bytes()?.to_vec())
}

/// Writes a network as a `.safetensors` file with the original's names, for PyTorch. What `load_state_dict` misses are the
/// counters of the batch norms, which only training uses.
///
/// # Errors
/// When a tensor cannot be read back from its device, or the original has none of its name.
pub fn to_safetensors(
    model: &AttentionUNet,
    metadata: &Metadata,
    storage: Storage,
) -> Result<Vec<u8>, NotWritten> {
    let mut named = Vec::new();
    for tensor in tensors(model, storage)? {
        let name = names::original_name(&tensor.name)
            .ok_or_else(|| NotWritten(format!("`{}` is not the original's", tensor.name)))?;
        named.push((name, tensor));
    }
    let text = metadata
        .to_text()
        .map(|(key, value)| (key.to_owned(), value));
    formats::write_safetensors(named, text.into())
}

/// The module's tensors as a file is to hold them.
fn tensors(model: &AttentionUNet, storage: Storage) -> Result<Vec<Tensor>, NotWritten> {
    let adapter: Box<dyn ModuleAdapter> = match storage {
        Storage::Full => Box::new(IdentityAdapter),
        Storage::Half | Storage::Compact => Box::new(HalfPrecisionAdapter::new()),
    };
    let mut tensors = model.collect(None, Some(adapter), false);
    for tensor in &mut tensors {
        // Drawn at random: the same weights are to make the same file.
        tensor.param_id = None;
    }
    if storage != Storage::Compact {
        return Ok(tensors);
    }
    let rounded = tensors.into_iter().map(|tensor| {
        if tensor.dtype != DType::F16 {
            return Ok(tensor);
        }
        let (name, dtype, shape, id, bytes) = tensor.into_parts()?;
        let values = bytes.as_chunks().0.iter();
        let rounded = values.flat_map(|&value| {
            let value = f16::from_le_bytes(value);
            let rounded = f16::from_f32(bf16::from_f32(value.to_f32()).to_f32());
            // The largest would be rounded to infinity.
            let is_kept = rounded.is_finite();
            (if is_kept { rounded } else { value }).to_le_bytes()
        });
        let bytes = Bytes::from_bytes_vec(rounded.collect());
        Ok(Tensor::new(name, dtype, shape, id, bytes))
    });
    rounded
        .collect::<Result<_, burn_pack::Error>>()
        .map_err(NotWritten::from)
}
