//! What the network found: a probability for every pixel, and the mask that a threshold makes of it.

use ::image::{GrayImage, Luma, imageops};

use crate::photo::{resize_grey, resized_grey_rows};

/// The 8-bit form of a probability: ceil(255 p - 1/2), clamped to 0..=255; what is not a number gives 0.
///
/// This rounds to the nearest, ties down, so that 0.5 itself falls below the middle: `quantise(p) > 127` exactly
/// where `p > 0.5`, which is the original model's rule for a crack.
pub fn quantise(probability: f32) -> u8 {
    (255.0 * probability - 0.5).ceil() as u8
}

/// The largest 8-bit probability that is not a crack at `threshold` (0 to 1): a crack is a value above it.
///
/// At 0.5 this is 127. What is outside of 0 to 1 is clamped.
pub fn cutoff(threshold: f32) -> u8 {
    (255.0 * threshold) as u8
}

/// The log-odds of an 8-bit probability; 0 and 255 stand for the middle of all that rounds to them.
pub(crate) fn logit(value: u8) -> f64 {
    let value = f64::from(value).clamp(0.25, 254.75);
    (value / (255.0 - value)).ln()
}

/// Probability of crack for every pixel, 0 = surely none to 255 = surely crack.
///
/// This is the one form in which a result is kept: the page's sliders, the masks and the exports are made of it, so
/// they always agree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProbabilityMap {
    values: GrayImage,
}

impl ProbabilityMap {
    /// A map of `values`, row by row (see [`quantise`]); none where they are not `width` x `height`.
    pub fn new(width: u32, height: u32, values: Vec<u8>) -> Option<Self> {
        let fits = values.len() as u64 == u64::from(width) * u64::from(height);
        let values = GrayImage::from_raw(width, height, values).filter(|_| fits)?;
        Some(Self { values })
    }

    /// Pixels across.
    pub fn width(&self) -> u32 {
        self.values.width()
    }

    /// Pixels down.
    pub fn height(&self) -> u32 {
        self.values.height()
    }

    /// The probabilities, row by row, 0 to 255.
    pub fn values(&self) -> &[u8] {
        self.values.as_raw()
    }

    pub(crate) fn values_mut(&mut self) -> &mut [u8] {
        &mut self.values
    }

    /// The probabilities as a grey picture, without a copy.
    pub fn as_image(&self) -> &GrayImage {
        &self.values
    }

    /// Crack where the probability is above `threshold` (0 to 1).
    pub fn mask(&self, threshold: f32) -> Mask {
        let cutoff = cutoff(threshold);
        let mut image = self.values.clone();
        for value in image.iter_mut() {
            *value = if *value > cutoff { 255 } else { 0 };
        }
        Mask { image }
    }

    /// Number of pixels of each value, 0 to 255.
    pub fn counts(&self) -> [u32; 256] {
        let mut counts = [0; 256];
        for &value in self.values() {
            counts[usize::from(value)] += 1;
        }
        counts
    }

    /// Share of the pixels that are crack at `threshold` (0 to 1), 0 to 1; 0 for an empty map.
    pub fn crack_share(&self, threshold: f32) -> f64 {
        let cutoff = cutoff(threshold);
        share(self.values(), |value| value > cutoff)
    }

    /// The map at another size, by Pillow's antialiased bilinear resize.
    pub fn resized(&self, width: u32, height: u32) -> Self {
        Self {
            values: resize_grey(&self.values, width, height),
        }
    }
}

impl ProbabilityMap {
    /// The map of the same photo turned by 180 degrees.
    pub fn upside_down(mut self) -> Self {
        imageops::rotate180_in_place(&mut self.values);
        self
    }

    /// What this map and an `other` one of the same photo say together: at each pixel the mean of their log-odds, as is right
    /// for two witnesses who are not independent. The other one is brought to this one's size.
    pub fn averaged_with(mut self, other: &Self) -> Self {
        let (width, height) = self.values.dimensions();
        let log_odds = std::array::from_fn::<f32, 256, _>(|value| logit(value as u8) as f32);
        let mean = |a: u8, b: u8| {
            let sum = log_odds[usize::from(a)] + log_odds[usize::from(b)];
            quantise(1.0 / (1.0 + (-sum / 2.0).exp()))
        };
        let rows = resized_grey_rows(&other.values, width, height);
        let lines = self.values.chunks_exact_mut((width as usize).max(1));
        for (line, other) in lines.zip(rows) {
            for (value, other) in line.iter_mut().zip(other) {
                // Most pixels are surely none for both.
                if *value != other {
                    *value = mean(*value, other);
                }
            }
        }
        self
    }
}

/// Which pixels are crack. Every pixel is 0 (none) or 255 (crack), nothing between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mask {
    image: GrayImage,
}

impl Mask {
    /// Crack where `image` is above the middle (127), as the labels of data sets are read.
    pub fn from_grey(mut image: GrayImage) -> Self {
        for value in image.iter_mut() {
            *value = if *value > 127 { 255 } else { 0 };
        }
        Self { image }
    }

    /// One of these pixels, all within its size.
    pub(crate) fn of_pixels([width, height]: [u32; 2], pixels: &[(u32, u32)]) -> Self {
        let mut image = GrayImage::new(width, height);
        for &(x, y) in pixels {
            image.put_pixel(x, y, Luma([255]));
        }
        Self { image }
    }

    /// Pixels across.
    pub fn width(&self) -> u32 {
        self.image.width()
    }

    /// Pixels down.
    pub fn height(&self) -> u32 {
        self.image.height()
    }

    /// Share of the pixels that are crack, 0 to 1; 0 for an empty mask.
    pub fn crack_share(&self) -> f64 {
        share(self.image.as_raw(), |value| value != 0)
    }

    /// The mask at another size, each pixel taking the value of the one its centre falls on.
    pub fn resized_nearest(&self, width: u32, height: u32) -> Self {
        let (from_width, from_height) = self.image.dimensions();
        if from_width == 0 || from_height == 0 {
            return Self {
                image: GrayImage::new(width, height),
            };
        }
        let nearest = |position: u32, from: u32, to: u32| {
            ((2 * u64::from(position) + 1) * u64::from(from) / (2 * u64::from(to))) as u32
        };
        let columns: Vec<u32> = (0..width).map(|x| nearest(x, from_width, width)).collect();
        let image = GrayImage::from_fn(width, height, |x, y| {
            let Luma(value) = self
                .image
                .get_pixel(columns[x as usize], nearest(y, from_height, height));
            Luma(*value)
        });
        Self { image }
    }

    /// The map of which any threshold below 1 makes this mask.
    pub fn to_map(&self) -> ProbabilityMap {
        ProbabilityMap {
            values: self.image.clone(),
        }
    }

    /// The mask as a grey picture of 0 and 255.
    pub fn as_image(&self) -> &GrayImage {
        &self.image
    }

    /// The same, without a copy.
    pub fn into_image(self) -> GrayImage {
        self.image
    }
}

fn share(values: &[u8], is_crack: impl Fn(u8) -> bool) -> f64 {
    let cracks = values.iter().filter(|&&value| is_crack(value)).count();
    cracks as f64 / values.len().max(1) as f64
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test panics")]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_crack_exactly_above_one_half() {
        assert_eq!(cutoff(0.5), 127);
        for (probability, is_crack) in [
            (0.5, false),
            (0.5_f32.next_up(), true),
            (0.5_f32.next_down(), false),
            (1.0, true),
            (0.0, false),
            (f32::NAN, false),
            (f32::INFINITY, true),
            (f32::NEG_INFINITY, false),
        ] {
            assert_eq!(
                quantise(probability) > cutoff(0.5),
                is_crack,
                "{probability}"
            );
        }
    }

    #[test]
    fn every_value_survives_quantisation() {
        for value in 0..=255_u8 {
            assert_eq!(quantise(f32::from(value) / 255.0), value);
        }
    }

    #[test]
    fn thresholds_count_and_mask_alike() {
        let map = ProbabilityMap::new(4, 2, vec![0, 50, 100, 127, 128, 200, 254, 255]).unwrap();
        for (threshold, cracks) in [(0.0, 7), (0.5, 4), (0.99, 2), (1.0, 0), (2.0, 0), (-1.0, 7)] {
            assert_eq!(map.crack_share(threshold), f64::from(cracks) / 8.0);
            assert_eq!(map.mask(threshold).crack_share(), f64::from(cracks) / 8.0);
        }
    }

    #[test]
    fn sizes_are_checked() {
        assert!(ProbabilityMap::new(2, 2, vec![0; 3]).is_none());
        assert!(ProbabilityMap::new(2, 2, vec![0; 5]).is_none());
        assert_eq!(
            ProbabilityMap::new(0, 0, vec![]).unwrap().crack_share(0.5),
            0.0
        );
    }

    #[test]
    fn a_mask_grows_by_whole_pixels_and_stays_black_and_white() {
        let mask = Mask::from_grey(GrayImage::from_raw(2, 1, vec![127, 128]).unwrap());
        let grown = mask.resized_nearest(5, 2);
        assert_eq!(
            grown.as_image().as_raw(),
            &[0, 0, 255, 255, 255, 0, 0, 255, 255, 255]
        );
        assert_eq!(grown.resized_nearest(2, 1), mask);
        assert_eq!(Mask::default().resized_nearest(2, 1).crack_share(), 0.0);
    }

    #[test]
    fn two_maps_are_averaged_by_their_log_odds() {
        let map = |values: &[u8]| ProbabilityMap::new(values.len() as u32, 1, values.to_vec());
        let fine = map(&[0, 255, 128, 25, 0, 200]).unwrap();
        let coarse = map(&[0, 255, 128, 230, 255, 127]).unwrap();
        let both = fine.clone().averaged_with(&coarse);
        // What both say stays; what they say equally surely against each other becomes a half; the rest lies between.
        assert_eq!(both.values()[..3], [0, 255, 128]);
        assert!(
            both.values()[3..5]
                .iter()
                .all(|value| (127..=128).contains(value))
        );
        assert!((150..190).contains(&both.values()[5]), "{both:?}");
        assert_eq!(both.values(), coarse.averaged_with(&fine).values());
    }

    #[test]
    fn a_coarser_map_is_brought_to_size() {
        let fine = ProbabilityMap::new(4, 2, vec![255; 8]).unwrap();
        let coarse = ProbabilityMap::new(2, 1, vec![255, 255]).unwrap();
        assert_eq!(fine.clone().averaged_with(&coarse), fine);
        let empty = ProbabilityMap::default();
        assert_eq!(empty.clone().averaged_with(&coarse), empty);
    }
}
