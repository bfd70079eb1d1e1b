//! How well cracks are found, measured as the field measures it: against labels, pooled over the pixels of many photos.
//!
//! Everything that depends on a threshold is read off one [`Histogram`] of the probabilities on cracks and beside them.

use crate::mask::{Mask, ProbabilityMap, cutoff};
use crate::skeleton::skeleton;

/// Share of a crack-free photo that may be marked before the photo counts as a false alarm.
pub const FALSE_ALARM_SHARE: f64 = 0.001;

/// How far a mask's pixel may lie from the label's in [`Overlap::tolerant`], in pixels.
pub const TOLERANCE: i32 = 2;

/// Pixels by what they are and what they were taken for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Crack, and found.
    pub true_positives: u64,
    /// No crack, but marked.
    pub false_positives: u64,
    /// Crack, but missed.
    pub false_negatives: u64,
    /// No crack, and left alone.
    pub true_negatives: u64,
}

impl Counts {
    /// Counts a mask against its label, both of one size.
    pub fn of(found: &Mask, label: &Mask) -> Self {
        let mut counts = Self::default();
        for (&found, &label) in found.as_image().iter().zip(label.as_image().iter()) {
            *match (found > 0, label > 0) {
                (true, true) => &mut counts.true_positives,
                (true, false) => &mut counts.false_positives,
                (false, true) => &mut counts.false_negatives,
                (false, false) => &mut counts.true_negatives,
            } += 1;
        }
        counts
    }

    /// Share of what is marked that is crack, 0 to 1.
    pub fn precision(&self) -> f64 {
        ratio(
            self.true_positives,
            self.true_positives + self.false_positives,
        )
    }

    /// Share of the cracks that is marked, 0 to 1.
    pub fn recall(&self) -> f64 {
        ratio(
            self.true_positives,
            self.true_positives + self.false_negatives,
        )
    }

    /// Harmonic mean of precision and recall (the Dice coefficient), 0 to 1.
    pub fn f1(&self) -> f64 {
        let errors = self.false_positives + self.false_negatives;
        ratio(2 * self.true_positives, 2 * self.true_positives + errors)
    }

    /// Intersection over union of the cracks, 0 to 1.
    pub fn iou(&self) -> f64 {
        let errors = self.false_positives + self.false_negatives;
        ratio(self.true_positives, self.true_positives + errors)
    }

    /// Mean of the intersections over union of cracks and of all the rest, 0 to 1.
    pub fn mean_iou(&self) -> f64 {
        let errors = self.false_positives + self.false_negatives;
        f64::midpoint(
            self.iou(),
            ratio(self.true_negatives, self.true_negatives + errors),
        )
    }
}

/// 1 for nothing of nothing: where there is no crack, finding none is right.
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}

/// How often each 8-bit probability was given to a pixel of crack, and to one of none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    /// Pixels of crack, by the value given.
    pub crack: [u64; 256],
    /// Pixels of none, by the value given.
    pub rest: [u64; 256],
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            crack: [0; 256],
            rest: [0; 256],
        }
    }
}

impl Histogram {
    /// Counts a photo, of whose size map and label have to be.
    pub fn of(map: &ProbabilityMap, label: &Mask) -> Self {
        let mut this = Self::default();
        for (&value, &label) in map.values().iter().zip(label.as_image().as_raw()) {
            let counts = if label > 0 {
                &mut this.crack
            } else {
                &mut this.rest
            };
            counts[usize::from(value)] += 1;
        }
        this
    }

    /// Adds the counts of another photo.
    pub fn add(&mut self, other: &Self) {
        for value in 0..256 {
            self.crack[value] += other.crack[value];
            self.rest[value] += other.rest[value];
        }
    }

    /// What a threshold (0 to 1) makes of it.
    pub fn counts(&self, threshold: f32) -> Counts {
        self.counts_above(cutoff(threshold))
    }

    fn counts_above(&self, cutoff: u8) -> Counts {
        let split = |counts: &[u64; 256]| {
            let (below, above) = counts.split_at(usize::from(cutoff) + 1);
            (below.iter().sum(), above.iter().sum())
        };
        let (false_negatives, true_positives) = split(&self.crack);
        let (true_negatives, false_positives) = split(&self.rest);
        Counts {
            true_positives,
            false_positives,
            false_negatives,
            true_negatives,
        }
    }

    /// Threshold and counts of the highest F1; of several thresholds the middle one.
    ///
    /// Over a whole set this is the field's ODS (optimal data-set scale), over one photo its share of OIS (optimal image
    /// scale).
    pub fn best(&self) -> (f32, Counts) {
        let f1 = |cutoff: u8| self.counts_above(cutoff).f1();
        let best = (0..255).map(f1).fold(0.0, f64::max);
        let cutoffs: Vec<u8> = (0..255).filter(|&cutoff| f1(cutoff) >= best).collect();
        let middle = cutoffs.get(cutoffs.len() / 2).copied().unwrap_or_default();
        // The middle between this value and the next, so that it stays on its side through any rounding.
        let threshold = (f32::from(middle) + 0.5) / 255.0;
        (threshold, self.counts_above(middle))
    }

    /// The counts at every threshold that makes a difference, from the lowest to the highest.
    pub fn curve(&self) -> Vec<Counts> {
        (0..255).map(|cutoff| self.counts_above(cutoff)).collect()
    }

    /// For `bins` equal ranges of probability: the mean probability given, the share that was crack, and the number of
    /// pixels. Ranges without a pixel are left out.
    pub fn reliability(&self, bins: usize) -> Vec<Bin> {
        let mut all = vec![(0.0, 0, 0); bins];
        for value in 0..256 {
            let (sum, crack, pixels) = &mut all[value * bins / 256];
            let here = self.crack[value] + self.rest[value];
            *sum += here as f64 * value as f64 / 255.0;
            *crack += self.crack[value];
            *pixels += here;
        }
        let filled = all.into_iter().filter(|&(_, _, pixels)| pixels > 0);
        filled
            .map(|(sum, crack, pixels)| Bin {
                given: sum / pixels as f64,
                found: crack as f64 / pixels as f64,
                pixels,
            })
            .collect()
    }

    /// Expected calibration error over `bins` ranges (Guo et al., 2017): the mean distance between the probability given
    /// and the share that was crack, over all pixels; 0 is best.
    pub fn calibration_error(&self, bins: usize) -> f64 {
        let bins = self.reliability(bins);
        let pixels: u64 = bins.iter().map(|bin| bin.pixels).sum();
        let error = |bin: &Bin| (bin.given - bin.found).abs() * bin.pixels as f64;
        bins.iter().map(error).sum::<f64>() / pixels.max(1) as f64
    }
}

/// A range of probabilities, see [`Histogram::reliability`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// Mean probability given, 0 to 1.
    pub given: f64,
    /// Share that was crack, 0 to 1.
    pub found: f64,
    /// Number of pixels.
    pub pixels: u64,
}

/// Precision and recall of pixels against pixels of another mask, pooled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overlap {
    found: u64,
    found_right: u64,
    label: u64,
    label_found: u64,
}

impl Overlap {
    /// The pixels of a mask that lie within [`TOLERANCE`] of the label's, and the other way round.
    pub fn tolerant(found: &Mask, label: &Mask) -> Self {
        Self::of((found, &grown(label)), (label, &grown(found)))
    }

    /// The pixels of a mask's centre line that lie on the label, and the other way round: what clDice counts (Shit et
    /// al., 2021), which asks whether cracks are whole rather than how wide.
    pub fn of_center_lines(found: &Mask, label: &Mask) -> Self {
        Self::of((&skeleton(found), label), (&skeleton(label), found))
    }

    fn of((found, on): (&Mask, &Mask), (label, in_found): (&Mask, &Mask)) -> Self {
        let count = |mask: &Mask, other: &Mask| {
            let pixels = || mask.as_image().iter().zip(other.as_image().iter());
            let all = pixels().filter(|&(&here, _)| here > 0).count();
            let both = pixels()
                .filter(|&(&here, &other)| here > 0 && other > 0)
                .count();
            (all as u64, both as u64)
        };
        let (found, found_right) = count(found, on);
        let (label, label_found) = count(label, in_found);
        Self {
            found,
            found_right,
            label,
            label_found,
        }
    }

    /// Adds another photo.
    pub fn add(&mut self, other: &Self) {
        self.found += other.found;
        self.found_right += other.found_right;
        self.label += other.label;
        self.label_found += other.label_found;
    }

    /// Harmonic mean of the two shares, 0 to 1.
    pub fn f1(&self) -> f64 {
        let precision = ratio(self.found_right, self.found);
        let recall = ratio(self.label_found, self.label);
        if precision + recall > 0.0 {
            2.0 * precision * recall / (precision + recall)
        } else {
            0.0
        }
    }
}

/// All pixels within [`TOLERANCE`] of the mask's.
fn grown(mask: &Mask) -> Mask {
    let image = mask.as_image();
    let (width, height) = image.dimensions();
    let mut grown = image.clone();
    for (x, y, _) in image
        .enumerate_pixels()
        .filter(|(_, _, pixel)| pixel.0[0] > 0)
    {
        for dy in -TOLERANCE..=TOLERANCE {
            for dx in -TOLERANCE..=TOLERANCE {
                let (Some(x), Some(y)) = (x.checked_add_signed(dx), y.checked_add_signed(dy))
                else {
                    continue;
                };
                if dx * dx + dy * dy <= TOLERANCE * TOLERANCE && x < width && y < height {
                    grown.put_pixel(x, y, image::Luma([255]));
                }
            }
        }
    }
    Mask::from_grey(grown)
}
