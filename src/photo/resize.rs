//! Pillow's antialiased bilinear resize, bit for bit.
//!
//! The method of Pillow's `Resample.c` for 8-bit pictures: a triangle filter, widened by the scale when the picture
//! shrinks so that every source pixel counts; weights in 22-bit fixed point; first along the rows, then along the
//! columns, rounded to 8 bits in between; a direction whose length stays is skipped.
//!
//! Bit for bit that is Pillow before 13 (2026). Since then Pillow takes the columns first where the height shrinks
//! much more than the width, and differs there by one level.

use ::image::{GrayImage, RgbImage};

/// Fractional bits of a weight: 32 less 8 for the value and 2 for overshoot, as in Pillow.
const PRECISION: u32 = 32 - 8 - 2;

/// `photo` at `width` x `height` pixels; the aspect is not kept. A picture without pixels gives a black one.
pub fn resize_grey(photo: &GrayImage, width: u32, height: u32) -> GrayImage {
    let values = resize::<1>(photo, photo.dimensions(), (width, height));
    GrayImage::from_raw(width, height, values).unwrap_or_default()
}

/// `photo` at `width` x `height` pixels, each colour for itself; the aspect is not kept.
/// A picture without pixels gives a black one.
pub fn resize_rgb(photo: &RgbImage, width: u32, height: u32) -> RgbImage {
    let values = resize::<3>(photo, photo.dimensions(), (width, height));
    RgbImage::from_raw(width, height, values).unwrap_or_default()
}

/// Resizes interleaved samples of `C` channels; sizes are (width, height).
fn resize<const C: usize>(source: &[u8], from: (u32, u32), to: (u32, u32)) -> Vec<u8> {
    let (from_width, from_height) = (from.0 as usize, from.1 as usize);
    let (to_width, to_height) = (to.0 as usize, to.1 as usize);
    // One by one: the product of 256x256 and 256x256 is more than a browser's program counts to.
    if [from_width, from_height, to_width, to_height].contains(&0) {
        return vec![0; to_width * to_height * C];
    }
    match (from_width == to_width, from_height == to_height) {
        (true, true) => source.to_vec(),
        (true, false) => along_columns(source, from_width * C, &taps(from_height, to_height)),
        (false, true) => along_rows::<C>(source, from_width, &taps(from_width, to_width)),
        (false, false) => {
            let narrowed = along_rows::<C>(source, from_width, &taps(from_width, to_width));
            along_columns(&narrowed, to_width * C, &taps(from_height, to_height))
        }
    }
}

/// The source samples that make one output sample.
struct Taps {
    /// Index of the first source sample.
    first: usize,
    /// Fixed-point weight of it and of those that follow; they add up to about 1.
    weights: Vec<i32>,
}

/// One [`Taps`] for each of `to` output samples over `from` source samples.
fn taps(from: usize, to: usize) -> Vec<Taps> {
    let scale = from as f64 / to as f64;
    // Also the filter's half width: it never gets narrower than two source samples.
    let support = scale.max(1.0);
    (0..to)
        .map(|index| {
            let center = (index as f64 + 0.5) * scale;
            // The casts cut off and stop at 0, as Pillow does.
            let first = (center - support + 0.5) as usize;
            let end = ((center + support + 0.5) as usize).min(from);
            let weights: Vec<f64> = (first..end)
                .map(|position| ((position as f64 - center + 0.5) * (1.0 / support)).abs())
                .map(|distance| (1.0 - distance).max(0.0))
                .collect();
            let total: f64 = weights.iter().sum();
            let fixed = |weight: &f64| (0.5 + weight / total * f64::from(1 << PRECISION)) as i32;
            Taps {
                first,
                weights: weights.iter().map(fixed).collect(),
            }
        })
        .collect()
}

/// Half a grey level, so that [`to_sample`] rounds instead of cutting off.
const HALF: i32 = 1 << (PRECISION - 1);

fn to_sample(sum: i32) -> u8 {
    (sum >> PRECISION).clamp(0, 255) as u8
}

fn along_rows<const C: usize>(source: &[u8], width: usize, taps: &[Taps]) -> Vec<u8> {
    let rows = source.chunks_exact(width * C);
    let mut result = Vec::with_capacity(rows.len() * taps.len() * C);
    for row in rows {
        let (pixels, _) = row.as_chunks::<C>();
        for Taps { first, weights } in taps {
            let mut sums = [HALF; C];
            for (pixel, weight) in pixels[*first..].iter().zip(weights) {
                for (sum, &sample) in sums.iter_mut().zip(pixel) {
                    *sum += i32::from(sample) * weight;
                }
            }
            result.extend(sums.map(to_sample));
        }
    }
    result
}

/// `stride` is the number of samples in a row.
fn along_columns(source: &[u8], stride: usize, taps: &[Taps]) -> Vec<u8> {
    let mut result = Vec::with_capacity(taps.len() * stride);
    let mut sums = vec![HALF; stride];
    for Taps { first, weights } in taps {
        sums.fill(HALF);
        for (row, weight) in source[first * stride..].chunks_exact(stride).zip(weights) {
            for (sum, &sample) in sums.iter_mut().zip(row) {
                *sum += i32::from(sample) * weight;
            }
        }
        result.extend(sums.iter().map(|&sum| to_sample(sum)));
    }
    result
}
