//! How much of a probability map lies above a threshold, answered at once for any threshold.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::mask::cutoff;

/// Number of map pixels of each value. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<u32>", into = "Vec<u32>")]
pub struct Tally(Arc<[u32]>);

impl From<Vec<u32>> for Tally {
    fn from(counts: Vec<u32>) -> Self {
        Self::new(counts)
    }
}

impl From<Tally> for Vec<u32> {
    fn from(tally: Tally) -> Self {
        tally.0.to_vec()
    }
}

impl Tally {
    /// `counts[value]` is the number of pixels of a value, 0 to 255.
    pub fn new(counts: Vec<u32>) -> Self {
        Self(counts.into())
    }

    /// The number of pixels of each value.
    pub fn counts(&self) -> &[u32] {
        &self.0
    }

    /// The fraction of pixels that are crack at a threshold; 0 for an empty map.
    pub fn share(&self, threshold: f32) -> f64 {
        let sum = |counts: &[u32]| counts.iter().copied().map(u64::from).sum::<u64>();
        let pixels = sum(&self.0);
        let above = usize::from(cutoff(threshold)) + 1;
        let crack = sum(self.0.get(above..).unwrap_or_default());
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
        let mut counts = vec![0; 256];
        for value in [0, 100, 128, 255] {
            counts[value] += 1;
        }
        let tally = Tally::new(counts);
        assert_eq!(tally.share(0.5), 0.5);
        assert_eq!(tally.share(0.3), 0.75);
        assert_eq!(tally.share(1.0), 0.0);
        assert_eq!(Tally::new(Vec::new()).share(0.5), 0.0);
    }
}
