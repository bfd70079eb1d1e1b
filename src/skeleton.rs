//! Centre lines of cracks.

use image::{GrayImage, Luma};

use crate::connected::around;
use crate::mask::Mask;

/// What a pixel is that has been seen to lie at an edge.
const AT_EDGE: u8 = 127;

/// Thins a mask to lines one pixel wide that keep its connections (Z. Guo and R. W. Hall, "Parallel thinning with
/// two-subiteration algorithms", 1989, as scikit-image's `thin` states it).
pub fn skeleton(mask: &Mask) -> Mask {
    let mut image = mask.as_image().clone();
    let full = image.enumerate_pixels();
    let full = full.filter_map(|(x, y, pixel)| (pixel.0[0] > 0).then_some((x, y)));
    let pixels: Vec<_> = full.collect();
    thin(&mut image, &pixels);
    Mask::from_grey(image)
}

/// The same of a picture of 0 and 255, of which these pixels are the full ones. Gives back those that stay, in their order.
pub(crate) fn thin(image: &mut GrayImage, pixels: &[(u32, u32)]) -> Vec<(u32, u32)> {
    // Only these can go: a step looks at no pixel inside, so that wide marks do not take the square of their width.
    let is_at_edge = |&&(x, y): &&(u32, u32)| neighbours(image, x, y).contains(&false);
    let mut edge: Vec<_> = pixels.iter().filter(is_at_edge).copied().collect();
    for &(x, y) in &edge {
        image.put_pixel(x, y, Luma([AT_EDGE]));
    }
    loop {
        let mut is_done = true;
        for pass in [Pass::First, Pass::Second] {
            // All are looked at before any is taken away: that makes it independent of the order.
            let (gone, left): (Vec<_>, Vec<_>) = edge
                .into_iter()
                .partition(|&(x, y)| pass.takes(neighbours(image, x, y)));
            edge = left;
            is_done &= gone.is_empty();
            for &(x, y) in &gone {
                image.put_pixel(x, y, Luma([0]));
            }
            for (x, y) in gone.into_iter().flat_map(around) {
                if let Some(pixel) = image.get_pixel_mut_checked(x, y)
                    && pixel.0[0] > AT_EDGE
                {
                    *pixel = Luma([AT_EDGE]);
                    edge.push((x, y));
                }
            }
        }
        if is_done {
            break;
        }
    }
    for (x, y) in edge {
        image.put_pixel(x, y, Luma([u8::MAX]));
    }
    let stays = |&&(x, y): &&(u32, u32)| image.get_pixel(x, y).0[0] > 0;
    pixels.iter().filter(stays).copied().collect()
}

/// The two halves of a step; each takes away from its own side.
#[derive(Clone, Copy)]
enum Pass {
    First,
    Second,
}

impl Pass {
    /// Whether a pixel with these neighbours is taken away.
    fn takes(self, around: [bool; 8]) -> bool {
        let next = |i: usize| around[(i + 1) % 8];
        // How many lines meet in the pixel, if it is kept.
        let crossings = (0..8)
            .step_by(2)
            .filter(|&i| !around[i] && (next(i) || next(i + 1)))
            .count();
        let pairs = |first: usize| {
            let pairs = (first..8).step_by(2);
            pairs.filter(|&i| around[i] || next(i)).count()
        };
        let fewest = pairs(0).min(pairs(1));
        let [x1, x2, x3, x4, x5, x6, x7, x8] = around;
        let is_on_other_side = match self {
            Self::First => (x2 || x3 || !x8) && x1,
            Self::Second => (x6 || x7 || !x4) && x5,
        };
        crossings == 1 && (2..=3).contains(&fewest) && !is_on_other_side
    }
}

fn neighbours(image: &GrayImage, x: u32, y: u32) -> [bool; 8] {
    around((x, y)).map(|(x, y)| {
        let pixel = image.get_pixel_checked(x, y);
        pixel.is_some_and(|pixel| pixel.0[0] > 0)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test panics")]
mod tests {
    use super::*;

    fn mask(rows: &[&str]) -> Mask {
        let width = rows[0].len() as u32;
        let values = rows.iter().flat_map(|row| row.bytes());
        let values = values
            .map(|byte| if byte == b'#' { 255 } else { 0 })
            .collect();
        Mask::from_grey(GrayImage::from_raw(width, rows.len() as u32, values).unwrap())
    }

    #[test]
    fn a_bar_becomes_a_line() {
        let bar = mask(&[
            "         ",
            " ####### ",
            " ####### ",
            " ####### ",
            "         ",
        ]);
        let line = skeleton(&bar);
        let rows: Vec<u32> = line
            .as_image()
            .enumerate_pixels()
            .filter(|(_, _, pixel)| pixel.0[0] > 0)
            .map(|(_, y, _)| y)
            .collect();
        assert!(rows.len() >= 4, "{rows:?}");
        assert!(rows.iter().all(|&y| y == 2), "{rows:?}");
    }

    #[test]
    fn a_ring_stays_a_ring() {
        let ring = mask(&[
            "       ", " ##### ", " ##### ", " ## ## ", " ##### ", " ##### ", "       ",
        ]);
        let line = skeleton(&ring);
        let pixels = line.as_image().iter().filter(|&&value| value > 0).count();
        assert!((4..=12).contains(&pixels), "{pixels}");
        assert_eq!(line.as_image().get_pixel(3, 3).0[0], 0, "the hole is kept");
    }

    #[test]
    fn thin_and_empty_masks_stay_as_they_are() {
        let diagonal = mask(&["#   ", " #  ", "  # ", "   #"]);
        assert_eq!(skeleton(&diagonal), diagonal);
        assert_eq!(skeleton(&mask(&["   "])), mask(&["   "]));
        assert_eq!(skeleton(&Mask::default()), Mask::default());
    }
}
