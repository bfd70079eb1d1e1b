//! A square grey picture of training size.

use crack_segmenter::connected::component;
use crack_segmenter::synthetic::raster;
use fastrand::Rng;
use image::{GrayImage, ImageBuffer, Luma, imageops};

use super::normal;

/// Side of a crop in pixels.
pub(crate) const CROP: usize = 256;

/// Where a pixel's value is, where it has one.
fn place((x, y): (u32, u32)) -> Option<usize> {
    let side = CROP as u32;
    (x < side && y < side).then_some((y * side + x) as usize)
}

/// A crop's values, row by row: grey or a share of coverage, mostly 0 to 1.
#[derive(Clone)]
pub(crate) struct Picture(Vec<f32>);

impl Picture {
    pub(crate) fn new(value: f32) -> Self {
        Self(vec![value; CROP * CROP])
    }

    pub(crate) fn from_fn(mut value: impl FnMut(f32, f32) -> f32) -> Self {
        let places = (0..CROP * CROP).map(|i| ((i % CROP) as f32, (i / CROP) as f32));
        Self(places.map(|(x, y)| value(x, y)).collect())
    }

    /// A smooth random field, about normal, with features of `CROP / cells` pixels.
    pub(crate) fn clouds(rng: &mut Rng, cells: u32) -> Self {
        let field = ImageBuffer::from_fn(cells, cells, |_, _| Luma([normal(rng)]));
        Self::resized(&field)
    }

    /// A float picture of any size, stretched to a crop.
    fn resized(field: &ImageBuffer<Luma<f32>, Vec<f32>>) -> Self {
        let side = CROP as u32;
        Self(imageops::resize(field, side, side, imageops::FilterType::CatmullRom).into_raw())
    }

    /// The upper `rows` rows, drawn out downwards.
    pub(crate) fn drawn_out(&self, rows: usize) -> Self {
        let field = ImageBuffer::from_fn(CROP as u32, rows as u32, |x, y| {
            Luma([self.0[y as usize * CROP + x as usize]])
        });
        Self::resized(&field)
    }

    /// As if taken from so far that a pixel covers `factor` of them, and enlarged again.
    pub(crate) fn enlarged(&self, factor: f32, filter: imageops::FilterType) -> Self {
        let side = CROP as u32;
        let small = ((CROP as f32 / factor) as u32).max(1);
        let field = ImageBuffer::from_fn(side, side, |x, y| {
            Luma([self.0[y as usize * CROP + x as usize]])
        });
        let small = imageops::resize(&field, small, small, imageops::FilterType::Triangle);
        Self(imageops::resize(&small, side, side, filter).into_raw())
    }

    pub(crate) fn values(&self) -> &[f32] {
        &self.0
    }

    pub(crate) fn change(&mut self, mut change: impl FnMut(f32) -> f32) {
        for value in &mut self.0 {
            *value = change(*value);
        }
    }

    pub(crate) fn combine(&mut self, other: &Self, mut combine: impl FnMut(f32, f32) -> f32) {
        for (value, &other) in self.0.iter_mut().zip(&other.0) {
            *value = combine(*value, other);
        }
    }

    /// Lays a tone over the picture where `coverage` says.
    pub(crate) fn paint(&mut self, coverage: &Self, tone: f32, opacity: f32) {
        self.combine(coverage, |value, covered| {
            value + covered * opacity * (tone - value)
        });
    }

    pub(crate) fn mean(&self) -> f32 {
        self.0.iter().sum::<f32>() / self.0.len() as f32
    }

    pub(crate) fn deviation(&self) -> f32 {
        let mean = self.mean();
        let squares: f32 = self.0.iter().map(|value| (value - mean).powi(2)).sum();
        (squares / self.0.len() as f32).sqrt()
    }

    /// Moved by whole pixels; what leaves at one side enters at the other.
    pub(crate) fn shifted(&self, right: i32, down: i32) -> Self {
        let side = CROP as i32;
        Self::from_fn(|x, y| {
            let from = |place: f32, by: i32| (place as i32 - by).rem_euclid(side) as usize;
            self.0[from(y, down) * CROP + from(x, right)]
        })
    }

    /// Sets to 0 what hangs together, also by corners, and reaches less far than this, corner to corner of its bounds.
    pub(crate) fn keep_pieces(&mut self, least: f32) {
        let mut left: Vec<_> = self.0.iter().map(|&value| value > 0.0).collect();
        for start in 0..CROP * CROP {
            let start = ((start % CROP) as u32, (start / CROP) as u32);
            let piece = component(start, |pixel| {
                place(pixel).is_some_and(|place| std::mem::take(&mut left[place]))
            });
            let extent = |axis: fn(&(u32, u32)) -> u32| {
                let (low, high) = (piece.iter().map(axis).min(), piece.iter().map(axis).max());
                low.zip(high)
                    .map_or(0.0, |(low, high)| (high - low + 1) as f32)
            };
            if extent(|pixel| pixel.0).hypot(extent(|pixel| pixel.1)) < least {
                for place in piece.into_iter().filter_map(place) {
                    self.0[place] = 0.0;
                }
            }
        }
    }

    /// Each pixel taken from a place beside it, so many pixels to the right and down, bilinear.
    pub(crate) fn displaced(&self, right: &Self, down: &Self) -> Self {
        let last = (CROP - 1) as f32;
        let mut by = right.0.iter().zip(&down.0);
        Self::from_fn(|x, y| {
            let (right, down) = by.next().unwrap_or((&0.0, &0.0));
            let (x, y) = ((x + right).clamp(0.0, last), (y + down).clamp(0.0, last));
            let (dx, dy) = (x.fract(), y.fract());
            let at = |x: usize, y: usize| self.0[y.min(CROP - 1) * CROP + x.min(CROP - 1)];
            let (x, y) = (x as usize, y as usize);
            let upper = at(x, y) * (1.0 - dx) + at(x + 1, y) * dx;
            let lower = at(x, y + 1) * (1.0 - dx) + at(x + 1, y + 1) * dx;
            upper * (1.0 - dy) + lower * dy
        })
    }

    /// Covers what lies within the radius of a segment; the radius changes evenly between its ends.
    pub(crate) fn cover(&mut self, segment: [[f32; 2]; 2], radii: [f32; 2]) {
        raster::cover(&mut self.0, CROP, segment, radii);
    }

    /// A Gaussian blur of this deviation in pixels.
    pub(crate) fn blurred(&self, sigma: f32) -> Self {
        Self(raster::blurred(&self.0, CROP, sigma, 3.0))
    }

    /// The picture in 8 bits.
    pub(crate) fn to_grey(&self) -> GrayImage {
        GrayImage::from_fn(CROP as u32, CROP as u32, |x, y| {
            // The cast stops at 0 and 255.
            Luma([(self.0[y as usize * CROP + x as usize] * 255.0).round() as u8])
        })
    }

    /// A picture of 8 bits, of the size of a crop.
    pub(crate) fn from_grey(image: &GrayImage) -> Self {
        Self::from_fn(|x, y| f32::from(image.get_pixel(x as u32, y as u32).0[0]) / 255.0)
    }
}
