//! Numbers as the kernels store them.

use cubecl::bytes::Bytes;
use half::f16;

use crate::engine::storage::Storage;

impl Storage {
    /// The beginning of every kernel's source.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Single => include_str!("store_single.wgsl"),
            Self::Half => include_str!("store_half.wgsl"),
        }
    }

    /// Bytes of a number.
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Single => size_of::<f32>(),
            Self::Half => size_of::<f16>(),
        }
    }

    pub(super) fn encode(self, values: Vec<f32>) -> Bytes {
        match self {
            Self::Single => Bytes::from_elems(values),
            Self::Half => Bytes::from_elems(values.into_iter().map(f16::from_f32).collect()),
        }
    }

    #[cfg(test)]
    pub(super) fn decode(self, bytes: &[u8]) -> Vec<f32> {
        let value = |bytes: &[u8]| match *bytes {
            [a, b, c, d] => f32::from_le_bytes([a, b, c, d]),
            [a, b] => f16::from_le_bytes([a, b]).to_f32(),
            _ => f32::NAN,
        };
        bytes.chunks_exact(self.bytes()).map(value).collect()
    }
}
