//! Light and contrast made the same everywhere, so that a crack in the shade looks like one in the sun.

use std::collections::VecDeque;

use image::GrayImage;

/// How a network was trained to see light and contrast.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Levels {
    /// As the photo has them: the original's way.
    #[default]
    AsTaken,
    /// Made the same everywhere (local contrast normalisation): each pixel standardised by the window of 256x256 around it, to a mean of 128 and a deviation
    /// of 32 grey levels.
    Even,
}

impl Levels {
    /// The picture as the network is to see it.
    pub fn of(self, grey: GrayImage) -> GrayImage {
        match self {
            Self::AsTaken => grey,
            Self::Even => even_levels(grey),
        }
    }
}

/// Side of the window whose mean and deviation are made the same, in pixels; that of a training crop.
const WINDOW: usize = 256;

/// The mean that it is given, in grey levels.
const MEAN: f32 = 128.0;

/// The standard deviation that it is given, in grey levels.
const DEVIATION: f32 = 32.0;

/// What counts as an even surface, in grey levels of deviation: less is noise, and not amplified further.
const EVEN: f32 = 4.0;

/// Gives the surroundings of every pixel the same mean (128) and standard deviation (32): local standardisation by the
/// window of 256x256 pixels around it, which is pushed inwards where it would leave the picture. So a picture of no more than
/// a window is standardised as a whole. A perfectly even surface becomes 128 throughout.
fn even_levels(grey: GrayImage) -> GrayImage {
    let size = grey.dimensions();
    let (width, height) = (size.0 as usize, size.1 as usize);
    let mut values = grey.into_raw();
    let (across, down) = (WINDOW.min(width), WINDOW.min(height));
    let row = |values: &[u8], y: usize| values[y * width..][..width].to_vec();

    // The window's rows as they were: its upper half has been evened since.
    let mut rows: VecDeque<_> = (0..down).map(|y| row(&values, y)).collect();
    // Sums run along: what leaves the window is subtracted, what enters it added.
    let mut columns = vec![Sums::default(); width];
    for row in &rows {
        for (column, &value) in columns.iter_mut().zip(row) {
            column.add(Sums::of(value));
        }
    }
    let mut top = 0;
    for y in 0..height {
        while top < window_begin(y, down, height) {
            let entering = row(&values, top + down);
            let leaving = rows.pop_front().unwrap_or_default();
            for (column, (&entering, &leaving)) in
                columns.iter_mut().zip(entering.iter().zip(&leaving))
            {
                column.add(Sums::of(entering));
                column.subtract(Sums::of(leaving));
            }
            rows.push_back(entering);
            top += 1;
        }
        let mut window = Sums::default();
        for &column in &columns[..across] {
            window.add(column);
        }
        let mut left = 0;
        for (x, value) in values[y * width..][..width].iter_mut().enumerate() {
            while left < window_begin(x, across, width) {
                window.add(columns[left + across]);
                window.subtract(columns[left]);
                left += 1;
            }
            *value = window.even(*value, across * down);
        }
    }
    GrayImage::from_raw(size.0, size.1, values).unwrap_or_default()
}

/// Where the window around a pixel begins, along an axis of `length` pixels.
fn window_begin(pixel: usize, window: usize, length: usize) -> usize {
    pixel.saturating_sub(window / 2).min(length - window)
}

/// Sums over some pixels.
#[derive(Clone, Copy, Default)]
struct Sums {
    values: u32,
    squares: u32,
}

// The largest sum there is, that of a white window, fits.
const _: () = assert!((WINDOW * WINDOW) as u64 * 255 * 255 <= u32::MAX as u64);

impl Sums {
    fn of(value: u8) -> Self {
        let value = u32::from(value);
        Self {
            values: value,
            squares: value * value,
        }
    }

    fn add(&mut self, other: Self) {
        self.values += other.values;
        self.squares += other.squares;
    }

    fn subtract(&mut self, other: Self) {
        self.values -= other.values;
        self.squares -= other.squares;
    }

    fn mean(self, count: usize) -> f32 {
        self.values as f32 / count as f32
    }

    fn deviation(self, count: usize) -> f32 {
        let (values, squares) = (u64::from(self.values), u64::from(self.squares));
        ((count as u64 * squares - values * values) as f32).sqrt() / count as f32
    }

    /// What becomes of a value in the middle of `count` pixels of these sums.
    fn even(self, value: u8, count: usize) -> u8 {
        let gain = DEVIATION / self.deviation(count).max(EVEN);
        // The cast saturates: what is far from the mean stays black or white.
        (MEAN + gain * (f32::from(value) - self.mean(count))).round() as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Luma, imageops};

    fn rough(width: u32, height: u32) -> GrayImage {
        let mut random = fastrand::Rng::with_seed(5);
        GrayImage::from_fn(width, height, |_, _| Luma([random.u8(60..180)]))
    }

    /// Mean and deviation of a part.
    fn moments(grey: &GrayImage, left: u32, width: u32) -> (f32, f32) {
        let part = imageops::crop_imm(grey, left, 0, width, grey.height()).to_image();
        let mut sums = Sums::default();
        for &value in part.iter() {
            sums.add(Sums::of(value));
        }
        (sums.mean(part.len()), sums.deviation(part.len()))
    }

    #[test]
    fn a_picture_of_one_window_gets_the_mean_and_the_deviation() {
        for (width, height) in [(256, 256), (100, 31), (7, 256)] {
            let (mean, deviation) = moments(&even_levels(rough(width, height)), 0, width);
            assert!((mean - MEAN).abs() < 0.5, "{mean}");
            assert!((deviation - DEVIATION).abs() < 0.5, "{deviation}");
        }
    }

    #[test]
    fn each_pixel_is_judged_by_the_window_around_it() {
        let photo = rough(400, 300);
        let even = even_levels(photo.clone());
        for (x, y, left, top) in [(0, 0, 0, 0), (200, 150, 72, 22), (399, 299, 144, 44)] {
            let window = imageops::crop_imm(&photo, left, top, 256, 256).to_image();
            let alone = even_levels(window);
            assert_eq!(even.get_pixel(x, y), alone.get_pixel(x - left, y - top));
        }
    }

    #[test]
    fn a_dark_flat_photo_becomes_what_a_bright_one_becomes() {
        let bright = rough(700, 300);
        let darker = |x, y| Luma([bright.get_pixel(x, y).0[0] / 4 + 10]);
        let dark = even_levels(GrayImage::from_fn(700, 300, darker));
        // A level of the dark one is four of the bright one.
        let bright = even_levels(bright);
        let worst = bright.iter().zip(dark.iter()).map(|(a, b)| a.abs_diff(*b));
        assert!(worst.max() <= Some(5));
    }

    #[test]
    fn shade_is_lifted_where_it_is() {
        let surface = rough(1024, 256);
        let shaded = GrayImage::from_fn(1024, 256, |x, y| {
            let value = surface.get_pixel(x, y).0[0];
            Luma([if x < 512 { value } else { value / 3 }])
        });
        let even = even_levels(shaded);
        for left in [0, 768] {
            let (mean, deviation) = moments(&even, left, 256);
            assert!((mean - MEAN).abs() < 4.0, "{mean}");
            assert!((deviation - DEVIATION).abs() < 6.0, "{deviation}");
        }
    }

    #[test]
    fn an_even_surface_stays_even_and_noise_stays_small() {
        let even = even_levels(GrayImage::from_pixel(300, 300, Luma([9])));
        assert!(even.iter().all(|&value| value == 128));
        let noise = GrayImage::from_fn(300, 300, |x, y| Luma([90 + ((x * 7 + y * 3) % 2) as u8]));
        let noise = even_levels(noise);
        assert!(noise.iter().all(|&value| value.abs_diff(128) <= 8));
        let white = even_levels(GrayImage::from_pixel(256, 256, Luma([255])));
        assert!(white.iter().all(|&value| value == 128));
        assert_eq!(even_levels(GrayImage::new(0, 5)).len(), 0);
    }
}
