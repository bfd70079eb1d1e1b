//! Which matrix products are computed by several threads a block, each of which sums a part of the depth (split-K): what suits one GPU slows another one down.

use crate::device::Gpu;

/// Products of fewer blocks than this, unless they are shallow, are computed by `gpu/product_sliced.wgsl`, the others by
/// `gpu/product.wgsl`: four threads for each block keep a GPU busy that has more threads than there are blocks, and cost a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slicing(usize);

impl Slicing {
    /// Those worth measuring. At width 16 a tile of 256x256 has 344 to 4,608 blocks in the products of its coarser stages, and
    /// 9,216 to 18,432 in the finer ones; on an NVIDIA H200 all of these are faster when sliced.
    pub const CHOICES: [Self; 3] = [Self(0), Self(5 << 10), Self(20 << 10)];

    /// The choice where nothing was measured. A processor is kept busy by any number of blocks.
    pub fn usual(gpu: &Gpu) -> Self {
        let [none, _, most] = Self::CHOICES;
        if gpu.is_software { none } else { most }
    }

    /// Blocks from which on a product is not sliced.
    pub fn blocks(self) -> usize {
        self.0
    }

    #[cfg(test)]
    pub(in crate::engine) const ALWAYS: Self = Self(usize::MAX);
}
