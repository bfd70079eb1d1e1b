//! Numbers as the kernels store them.

use cubecl::bytes::Bytes;
use half::f16;

use crate::engine::precision::Precision;

/// The largest number of 16 bits that is finite.
const LARGEST: f32 = 65504.0;

impl Precision {
    /// The beginning of every kernel's source.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Single => {
                concat!(
                    include_str!("store_single.wgsl"),
                    include_str!("compute_single.wgsl")
                )
            }
            Self::HalfStored => {
                concat!(
                    include_str!("store_half.wgsl"),
                    include_str!("compute_single.wgsl")
                )
            }
            Self::Half => concat!(
                include_str!("store_half.wgsl"),
                include_str!("compute_half.wgsl")
            ),
        }
    }

    /// Bytes of a number.
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Single => size_of::<f32>(),
            Self::HalfStored | Self::Half => size_of::<f16>(),
        }
    }

    /// How many times as large Winograd's kernels are stored, and how many times as small the patches (`PATCH` in the sources): the
    /// transforms make the ones small and the others large.
    pub(super) fn kernel_scale(self) -> f32 {
        match self {
            Self::Single => 1.0,
            Self::HalfStored | Self::Half => 16.0,
        }
    }

    pub(super) fn encode(self, values: Vec<f32>) -> Bytes {
        match self {
            Self::Single => Bytes::from_elems(values),
            Self::HalfStored | Self::Half => {
                let value = |value: f32| f16::from_f32(value.clamp(-LARGEST, LARGEST));
                Bytes::from_elems(values.into_iter().map(value).collect())
            }
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
