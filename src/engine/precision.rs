//! In how many bits the GPU's kernels store and multiply: half as many are faster, and round.

use crate::device::Gpu;

/// Of each number in feature maps, transformed tiles and the weights of products, and of the sums of these products. What is
/// around them is computed in 32 bits in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Precision {
    /// 32 bits.
    Single,
    /// Stored in 16 bits, summed up in 32. By the shipped `lite` weights, probabilities of twelve photos of the validation list
    /// then differ by .027 at most and .00003 in the mean.
    HalfStored,
    /// Stored and summed up in 16 bits: .035 at most and .00009 in the mean.
    Half,
}

impl Precision {
    /// The most exact one first.
    pub const ALL: [Self; 3] = [Self::Single, Self::HalfStored, Self::Half];

    /// What a GPU's kernels can use, the usual one first.
    pub fn choices(gpu: &Gpu) -> &'static [Self] {
        if gpu.has_f16 {
            &Self::ALL
        } else {
            &[Self::Single]
        }
    }

    /// Largest difference of probability from the CPU's that is still rounding. Measured on trained weights, by the self-test's
    /// question: below 1e-5 in 32 bits, .006 (`lite`) and .024 (`open`) stored in 16, .017 and .030 summed up so too.
    pub fn tolerance(self) -> f32 {
        match self {
            Self::Single => 1e-3,
            Self::HalfStored | Self::Half => 5e-2,
        }
    }
}
