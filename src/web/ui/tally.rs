//! How much of a probability map lies above a threshold, answered at once for any threshold.

use std::sync::Arc;

use crate::mask::cutoff;

/// Number of map pixels of each value. Counted once a map; cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally(Arc<[u32; 256]>);

impl Tally {
    /// Counts the values of a map.
    pub fn of(map: &[u8]) -> Self {
        let mut counts = [0; 256];
        for &value in map {
            counts[usize::from(value)] += 1;
        }
        Self(Arc::new(counts))
    }

    /// The fraction of pixels that are crack at a threshold; 0 for an empty map.
    pub fn share(&self, threshold: f32) -> f64 {
        let sum = |counts: &[u32]| counts.iter().copied().map(u64::from).sum::<u64>();
        let pixels = sum(&self.0[..]);
        let crack = sum(&self.0[usize::from(cutoff(threshold)) + 1..]);
        if pixels == 0 {
            0.0
        } else {
            crack as f64 / pixels as f64
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn share_counts_pixels_above_the_threshold() {
        let tally = Tally::of(&[0, 100, 128, 255]);
        assert_eq!(tally.share(0.5), 0.5);
        assert_eq!(tally.share(0.3), 0.75);
        assert_eq!(tally.share(1.0), 0.0);
        assert_eq!(Tally::of(&[]).share(0.5), 0.0);
    }
}
