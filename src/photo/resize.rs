//! Pillow's antialiased bilinear resize, bit for bit.
//!
//! The method of Pillow's `Resample.c` for 8-bit pictures: a triangle filter, widened by the scale when the picture
//! shrinks so that every source pixel counts; weights in 22-bit fixed point; first along the rows, then along the
//! columns, rounded to 8 bits in between; a direction whose length stays is skipped.
//!
//! Bit for bit that is Pillow before 13 (2026). Since then Pillow takes the columns first where the height shrinks
//! much more than the width, and differs there by one level.

use std::collections::VecDeque;

use ::image::{GrayImage, RgbImage};

/// Fractional bits of a weight: 32 less 8 for the value and 2 for overshoot, as in Pillow.
const PRECISION: u32 = 32 - 8 - 2;

/// The weight of a sample that stays as it is.
const ONE: i32 = 1 << PRECISION;

/// `photo` at `width` x `height` pixels; the aspect is not kept. A picture without pixels gives a black one.
pub fn resize_grey(photo: &GrayImage, width: u32, height: u32) -> GrayImage {
    let mut values = Vec::with_capacity(width as usize * height as usize);
    resized_grey_rows(photo, width, height).for_each(|row| values.extend(row));
    GrayImage::from_raw(width, height, values).unwrap_or_default()
}

/// The rows of [`resize_grey`], one by one.
pub fn resized_grey_rows(
    photo: &GrayImage,
    width: u32,
    height: u32,
) -> impl Iterator<Item = Vec<u8>> {
    resized_rows::<1>(photo, photo.dimensions(), (width, height))
}

/// The rows of `photo` at `width` x `height` pixels, one by one for those who have no room for all; each colour for itself,
/// the aspect is not kept. A picture without pixels gives a black one.
pub fn resized_rgb_rows(
    photo: &RgbImage,
    width: u32,
    height: u32,
) -> impl Iterator<Item = Vec<u8>> {
    resized_rows::<3>(photo, photo.dimensions(), (width, height))
}

/// Resizes interleaved samples of `C` channels; sizes are (width, height).
fn resized_rows<const C: usize>(
    source: &[u8],
    from: (u32, u32),
    to: (u32, u32),
) -> impl Iterator<Item = Vec<u8>> {
    let across = (from.0 != to.0).then(|| taps(from.0 as usize, to.0 as usize));
    let down = taps(from.1 as usize, to.1 as usize);
    let stride = to.0 as usize * C;
    let mut narrowed = source
        .chunks_exact((from.0 as usize * C).max(1))
        .map(move |row| match &across {
            Some(taps) => along_row::<C>(row, taps),
            None => row.to_vec(),
        });
    // Those that the next row is made of, from `top` on: most of them serve the one after it too.
    let (mut rows, mut top) = (VecDeque::new(), 0);
    down.into_iter().map(move |Taps { first, weights }| {
        while top < first {
            top += 1;
            if rows.pop_front().is_none() {
                narrowed.next();
            }
        }
        let missing = weights.len().saturating_sub(rows.len());
        rows.extend(narrowed.by_ref().take(missing));
        match (rows.front(), &weights[..]) {
            (Some(row), [ONE]) => row.clone(),
            _ => along_columns(&rows, &weights, stride),
        }
    })
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
    if from == to {
        let itself = |first| Taps {
            first,
            weights: vec![ONE],
        };
        return (0..to).map(itself).collect();
    }
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

fn along_row<const C: usize>(row: &[u8], taps: &[Taps]) -> Vec<u8> {
    let (pixels, _) = row.as_chunks::<C>();
    let mut result = Vec::with_capacity(taps.len() * C);
    for Taps { first, weights } in taps {
        let mut sums = [HALF; C];
        for (pixel, weight) in pixels[*first..].iter().zip(weights) {
            for (sum, &sample) in sums.iter_mut().zip(pixel) {
                *sum += i32::from(sample) * weight;
            }
        }
        result.extend(sums.map(to_sample));
    }
    result
}

/// `stride` is the number of samples in a row.
fn along_columns(rows: &VecDeque<Vec<u8>>, weights: &[i32], stride: usize) -> Vec<u8> {
    let mut sums = vec![HALF; stride];
    for (row, weight) in rows.iter().zip(weights) {
        for (sum, &sample) in sums.iter_mut().zip(row) {
            *sum += i32::from(sample) * weight;
        }
    }
    sums.into_iter().map(to_sample).collect()
}
