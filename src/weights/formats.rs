//! The file formats: read into named tensors, and safetensors written.

use std::collections::BTreeMap;
#[cfg(feature = "model")]
use std::collections::HashMap;
use std::sync::Arc;

use burn_pack::{Bytes, DType, Reader, Tensor};
#[cfg(feature = "model")]
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use super::WeightsError;
#[cfg(feature = "model")]
use super::module::NotWritten;

/// Tensors by the file's names, and the file's metadata.
pub(super) type Content = (Vec<Tensor>, BTreeMap<String, String>);

/// Reads a `.bpk` or `.safetensors` file, told apart by content.
pub(super) fn read_bytes(bytes: Vec<u8>) -> Result<Content, WeightsError> {
    if bytes.starts_with(&burn_pack::MAGIC_NUMBER.to_le_bytes()) {
        read_burnpack(bytes)
    } else if bytes.get(8) == Some(&b'{') {
        read_safetensors(bytes)
    } else {
        Err(WeightsError::UnknownFormat)
    }
}

fn read_burnpack(bytes: Vec<u8>) -> Result<Content, WeightsError> {
    let damaged = |error: burn_pack::Error| WeightsError::Damaged(error.to_string());
    let reader = Reader::from_bytes(Bytes::from_bytes_vec(bytes)).map_err(damaged)?;
    let metadata = reader.metadata().clone();
    Ok((reader.into_tensors().map_err(damaged)?, metadata))
}

fn read_safetensors(bytes: Vec<u8>) -> Result<Content, WeightsError> {
    let (header_len, header) = SafeTensors::read_metadata(&bytes)
        .map_err(|error| WeightsError::Damaged(error.to_string()))?;
    let metadata = header.metadata().clone().unwrap_or_default();
    // The header comes after the eight bytes of its length.
    let data = 8 + header_len;
    let file = Arc::new(bytes);
    let mut tensors = Vec::new();
    for (name, info) in header.tensors() {
        let dtype = match info.dtype {
            Dtype::F64 => DType::F64,
            Dtype::F32 => DType::F32,
            Dtype::F16 => DType::F16,
            Dtype::BF16 => DType::BF16,
            Dtype::I64 => DType::I64,
            other => {
                return Err(WeightsError::Damaged(format!(
                    "`{name}` holds {other:?}, not floats"
                )));
            }
        };
        let (start, end) = info.data_offsets;
        let file = file.clone();
        // A foreign file may be larger than the memory left, so only what the network asks for is copied.
        let copy = move || {
            let bytes = file[data + start..data + end].to_vec();
            Ok(Bytes::from_bytes_vec(bytes))
        };
        let shape = info.shape.clone();
        tensors.push(Tensor::deferred(
            name,
            dtype,
            shape,
            None,
            end - start,
            copy,
        ));
    }
    Ok((tensors, metadata.into_iter().collect()))
}

/// Writes tensors of 32-bit or 16-bit floats.
#[cfg(feature = "model")]
pub(super) fn write_safetensors(
    tensors: Vec<(String, Tensor)>,
    metadata: HashMap<String, String>,
) -> Result<Vec<u8>, NotWritten> {
    let not_written = |error: safetensors::SafeTensorError| NotWritten(error.to_string());
    let mut parts = Vec::new();
    for (name, tensor) in tensors {
        let dtype = match tensor.dtype {
            DType::F32 => Dtype::F32,
            DType::F16 => Dtype::F16,
            other => return Err(NotWritten(format!("`{name}` holds {other:?}"))),
        };
        let shape = tensor.shape.to_vec();
        parts.push((name, dtype, shape, tensor.into_bytes()?));
    }
    let mut views = Vec::new();
    for (name, dtype, shape, bytes) in &parts {
        let view = TensorView::new(*dtype, shape.clone(), bytes).map_err(not_written)?;
        views.push((name, view));
    }
    safetensors::serialize(views, Some(metadata)).map_err(not_written)
}

/// Whether a file that is none of the other formats begins as `torch.save` writes it: a ZIP archive, or a pickle.
#[cfg(all(feature = "model", not(target_family = "wasm")))]
pub(super) fn is_pytorch(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || matches!(bytes, [0x80, 2..=5, ..])
}

/// Reads a PyTorch state dict (zip or legacy pickle). Only native code can: the reader wants a file.
#[cfg(all(feature = "model", not(target_family = "wasm")))]
pub(super) fn read_pytorch(path: &std::path::Path) -> Result<Content, WeightsError> {
    use burn_store::{ModuleStore, PytorchStore};

    // The indices are part of the names that `names` knows.
    let mut store = PytorchStore::from_file(path).map_indices_contiguous(false);
    let tensors = store
        .get_all_tensors()
        .map_err(|error| WeightsError::Damaged(error.to_string()))?;
    Ok((tensors.values().cloned().collect(), BTreeMap::new()))
}
