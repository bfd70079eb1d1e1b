//! How a result looks: the colour of cracks, the colours of probabilities, and cracks drawn onto the photo.

use ::image::RgbImage;

use crate::mask::Mask;

/// The colour of cracks, RGB: a bright cyan. Neither concrete nor rust, moss or lime comes near it, and it keeps apart
/// from grey in every kind of colour blindness.
pub const CRACK_COLOR: [u8; 3] = [0, 229, 255];

/// How much the outline darkens the photo at full opacity, 0 to 1.
pub const OUTLINE: f32 = 0.75;

/// Opacity of the crack colour where nobody has chosen another, 0 to 1.
pub const OPACITY: f32 = 0.8;

/// `photo` with the cracks of `mask` in [`CRACK_COLOR`], mixed in by `opacity` (0 to 1).
///
/// A dark line of one pixel around the cracks sets them off by brightness too, not by colour alone. A mask of another
/// size is stretched over the photo.
pub fn overlay(mut photo: RgbImage, mask: &Mask, opacity: f32) -> RgbImage {
    let (width, height) = photo.dimensions();
    let stretched;
    let mask = if mask.as_image().dimensions() == (width, height) {
        mask
    } else {
        stretched = mask.resized_nearest(width, height);
        &stretched
    };
    let opacity = opacity.clamp(0.0, 1.0);
    if width == 0 {
        return photo;
    }

    let width = width as usize;
    let cracks = mask.as_image().as_raw();
    let is_crack = |index: usize| cracks.get(index).is_some_and(|&value| value != 0);
    for (index, pixel) in photo.pixels_mut().enumerate() {
        let x = index % width;
        let touches_crack = || {
            (x > 0 && is_crack(index - 1))
                || (x + 1 < width && is_crack(index + 1))
                || (index >= width && is_crack(index - width))
                || is_crack(index + width)
        };
        if is_crack(index) {
            for (value, color) in pixel.0.iter_mut().zip(CRACK_COLOR) {
                *value = mix(*value, color, opacity);
            }
        } else if touches_crack() {
            pixel.0 = pixel.0.map(|value| mix(value, 0, OUTLINE * opacity));
        }
    }
    photo
}

fn mix(from: u8, to: u8, share: f32) -> u8 {
    let (from, to) = (f32::from(from), f32::from(to));
    (from + (to - from) * share + 0.5) as u8
}

/// Colours for the probabilities 0 to 255, RGB: from near black over violet and orange to pale yellow.
///
/// Perceptually uniform: the lightness of OKLab grows by the same amount from each colour to the next, so the order is
/// also seen in grey and by the colour-blind. Only the hue is a matter of taste.
pub fn heat_table() -> [[u8; 3]; 256] {
    /// Control points of a Bézier curve through OKLab's (a, b) plane; all of it lies within sRGB.
    const HUES: [[f32; 2]; 6] = [
        [0.00, -0.03],
        [0.02, -0.22],
        [0.26, -0.04],
        [0.17, 0.14],
        [0.04, 0.18],
        [-0.02, 0.08],
    ];
    const DARKEST: f32 = 0.14;
    const LIGHTEST: f32 = 0.96;
    std::array::from_fn(|value| {
        let share = value as f32 / 255.0;
        let mut hues = HUES;
        // De Casteljau's construction: each round leaves one point less, in the end the curve's.
        for points in (1..HUES.len()).rev() {
            for index in 0..points {
                let next = hues[index + 1];
                for (from, to) in hues[index].iter_mut().zip(next) {
                    *from += (to - *from) * share;
                }
            }
        }
        let [a, b] = hues[0];
        oklab_to_srgb(DARKEST + (LIGHTEST - DARKEST) * share, a, b)
    })
}

/// By Björn Ottosson's definition of OKLab (2020); colours outside of sRGB are clipped.
fn oklab_to_srgb(lightness: f32, a: f32, b: f32) -> [u8; 3] {
    let l = (lightness + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
    let m = (lightness - 0.105_561_346 * a - 0.063_854_17 * b).powi(3);
    let s = (lightness - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
    let linear = [
        4.076_741_7 * l - 3.307_711_6 * m + 0.230_969_94 * s,
        -1.268_438 * l + 2.609_757_4 * m - 0.341_319_4 * s,
        -0.004_196_086 * l - 0.703_418_6 * m + 1.707_614_7 * s,
    ];
    linear.map(|value| {
        let value = value.clamp(0.0, 1.0);
        let encoded = if value <= 0.003_130_8 {
            12.92 * value
        } else {
            1.055 * value.powf(1.0 / 2.4) - 0.055
        };
        (255.0 * encoded + 0.5) as u8
    })
}

#[cfg(test)]
mod tests {
    use ::image::{GrayImage, Luma, Rgb};

    use super::*;

    #[test]
    fn heat_grows_lighter_with_every_step() {
        let luma = heat_table()
            .map(|[r, g, b]| 2126 * u32::from(r) + 7152 * u32::from(g) + 722 * u32::from(b));
        assert!(luma.is_sorted(), "{luma:?}");
        assert!(luma[0] < 150_000 && luma[255] > 2_100_000);
    }

    #[test]
    fn cracks_are_coloured_and_outlined_and_the_rest_is_left() {
        let photo = RgbImage::from_pixel(5, 5, Rgb([100, 120, 140]));
        let mut cracks = GrayImage::new(5, 5);
        cracks.put_pixel(4, 2, Luma([255]));
        let mask = Mask::from_grey(cracks);

        let drawn = overlay(photo.clone(), &mask, 1.0);
        assert_eq!(drawn.get_pixel(4, 2).0, CRACK_COLOR);
        for (x, y) in [(3, 2), (4, 1), (4, 3)] {
            assert_eq!(drawn.get_pixel(x, y).0, [25, 30, 35]);
        }
        let untouched = drawn
            .pixels()
            .filter(|pixel| pixel.0 == [100, 120, 140])
            .count();
        assert_eq!(untouched, 21, "no line runs over to the other side");
        assert_eq!(overlay(photo.clone(), &mask, 0.0), photo);
    }

    #[test]
    fn a_mask_of_another_size_is_stretched() {
        let photo = RgbImage::from_pixel(8, 6, Rgb([0; 3]));
        let mask = Mask::from_grey(GrayImage::from_pixel(2, 2, Luma([255])));
        assert!(
            overlay(photo, &mask, 1.0)
                .pixels()
                .all(|pixel| pixel.0 == CRACK_COLOR)
        );
    }
}
