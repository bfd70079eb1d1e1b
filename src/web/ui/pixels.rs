//! Colouring: from the probability map's bytes to the RGBA pixels of the overlay canvas. The colours are those of
//! [`crate::overlay`], so that the page and the downloads look alike.
//!
//! Zoomed out, several map pixels fall on one screen pixel. Left to the browser a crack of one pixel would break into
//! dashes, so the colours are averaged here over blocks of map pixels, which also leaves far fewer pixels to write.

use std::ops::Range;

use super::look::View;
use crate::mask::cutoff;
use crate::overlay::{CRACK_COLOR, OUTLINE, heat_table};
use crate::protocol::Size;

/// The probability from which on the heat map hides the photo; below, it fades out.
const HEAT_OPAQUE_FROM: f32 = 0.25;

/// Opacity of the dark line around cracks, 0 to 255.
const OUTLINE_ALPHA: u8 = (OUTLINE * 255.0) as u8;

/// Each value of the map, or each share of a block, as RGBA.
type Colours = [[u8; 4]; 256];

/// How many map pixels across one canvas pixel may stand for, so that the canvas still has a pixel for each of the
/// screen's, but no more than `most_pixels`. `screen_per_map` is the number of device pixels a map pixel covers.
pub fn block_for(screen_per_map: f64, map: Size, most_pixels: usize) -> u32 {
    let mut block = 1;
    while f64::from(block) * 2.0 * screen_per_map <= 1.0 || reduced(map, block).area() > most_pixels
    {
        block *= 2;
    }
    block
}

/// Size of the picture when one of its pixels stands for `block` x `block` of the map's.
pub fn reduced(map: Size, block: u32) -> Size {
    Size {
        width: map.width.div_ceil(block),
        height: map.height.div_ceil(block),
    }
}

/// How the values of a map become colours.
pub struct Palette {
    /// What a block averages: crack or not, except in the heat map, where it is the probability.
    levels: [u8; 256],
    /// The colour of each average.
    colours: Colours,
    /// The largest value that is no crack, where cracks get an outline.
    outline_above: Option<u8>,
}

impl Palette {
    /// The colours of a view; none for [`View::Original`].
    pub fn new(view: View, threshold: f32) -> Option<Self> {
        let colours = match view {
            View::Original => return None,
            View::Overlay => {
                let [red, green, blue] = CRACK_COLOR;
                table(|share| [red, green, blue, share])
            }
            View::Mask => table(|share| [share, share, share, 255]),
            View::Heat => heat_colours(),
        };
        let cutoff = cutoff(threshold);
        let levels = if view.is_thresholded() {
            table(|value| if value > cutoff { 255 } else { 0 })
        } else {
            table(|value| value)
        };
        Some(Self {
            levels,
            colours,
            outline_above: (view == View::Overlay).then_some(cutoff),
        })
    }

    /// Colours some rows of the [`reduced`] picture of a map. `rgba` is cleared first and keeps its memory, so that a
    /// picture of any size can be painted band by band in little of it. A map that is not of its size gives nothing.
    pub fn paint(&self, map: &[u8], size: Size, block: u32, rows: Range<u32>, rgba: &mut Vec<u8>) {
        rgba.clear();
        let (width, height) = (size.width as usize, size.height as usize);
        if map.is_empty() || map.len() != size.area() {
            return;
        }
        let map_rows = |row: u32| (row as usize * block as usize).min(height);
        let rows = map_rows(rows.start)..map_rows(rows.end);
        let band = &map[rows.start * width..rows.end * width];
        if block == 1 {
            let table: Colours =
                std::array::from_fn(|value| self.colours[usize::from(self.levels[value])]);
            rgba.extend(band.iter().flat_map(|&value| table[usize::from(value)]));
            if let Some(cutoff) = self.outline_above {
                outline(map, width, rows.start, cutoff, rgba);
            }
        } else {
            self.average(band, width, block as usize, rgba);
        }
    }

    /// Blocks at the right and bottom edge count only the pixels they have.
    fn average(&self, band: &[u8], width: usize, block: usize, rgba: &mut Vec<u8>) {
        let mut sums = vec![0_u32; width.div_ceil(block)];
        for rows in band.chunks(width * block) {
            sums.fill(0);
            for row in rows.chunks(width) {
                for (sum, values) in sums.iter_mut().zip(row.chunks(block)) {
                    *sum += values
                        .iter()
                        .map(|&value| u32::from(self.levels[usize::from(value)]))
                        .sum::<u32>();
                }
            }
            let height = rows.len() / width;
            for (column, &sum) in sums.iter().enumerate() {
                let width = block.min(width - column * block);
                rgba.extend_from_slice(&self.colours[sum as usize / (width * height)]);
            }
        }
    }
}

/// Darkens the pixels beside cracks, so that these are set off by brightness and not by colour alone. `rgba` holds the
/// rows from `first_row` on.
fn outline(map: &[u8], width: usize, first_row: usize, cutoff: u8, rgba: &mut [u8]) {
    let read = |row: Option<usize>, is_crack: &mut Vec<bool>| {
        let values = row
            .and_then(|row| map.get(row * width..(row + 1) * width))
            .unwrap_or_default();
        is_crack.clear();
        is_crack.extend(values.iter().map(|&value| value > cutoff));
        is_crack.resize(width, false);
    };
    let [mut above, mut here, mut below] = [const { Vec::new() }; 3];
    read(first_row.checked_sub(1), &mut here);
    read(Some(first_row), &mut below);
    for (row, pixels) in rgba.chunks_exact_mut(width * 4).enumerate() {
        std::mem::swap(&mut above, &mut here);
        std::mem::swap(&mut here, &mut below);
        read(Some(first_row + row + 1), &mut below);
        for (x, pixel) in pixels.chunks_exact_mut(4).enumerate() {
            let beside =
                above[x] || below[x] || (x > 0 && here[x - 1]) || (x + 1 < width && here[x + 1]);
            if beside && !here[x] {
                pixel.copy_from_slice(&[0, 0, 0, OUTLINE_ALPHA]);
            }
        }
    }
}

fn table<T>(entry: impl Fn(u8) -> T) -> [T; 256] {
    std::array::from_fn(|value| entry(u8::try_from(value).unwrap_or(u8::MAX)))
}

fn heat_colours() -> Colours {
    let heat = heat_table();
    table(|level| {
        let [red, green, blue] = heat[usize::from(level)];
        let alpha = (f32::from(level) / HEAT_OPAQUE_FROM).min(255.0);
        [red, green, blue, alpha.round() as u8]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size {
        width: 3,
        height: 2,
    };
    const MAP: [u8; 6] = [0, 128, 255, 0, 127, 255];

    fn painted_rows(block: u32, view: View, rows: Range<u32>) -> Vec<[u8; 4]> {
        let mut rgba = vec![1, 2, 3];
        if let Some(palette) = Palette::new(view, 0.5) {
            palette.paint(&MAP, SIZE, block, rows, &mut rgba);
        }
        rgba.chunks_exact(4)
            .map(|pixel| [pixel[0], pixel[1], pixel[2], pixel[3]])
            .collect()
    }

    fn painted(block: u32, view: View) -> Vec<[u8; 4]> {
        painted_rows(block, view, 0..reduced(SIZE, block).height)
    }

    #[test]
    fn overlay_colours_cracks_and_outlines_them() {
        let [red, green, blue] = CRACK_COLOR;
        let (crack, outline, clear) = (
            [red, green, blue, 255],
            [0, 0, 0, OUTLINE_ALPHA],
            [red, green, blue, 0],
        );
        assert_eq!(
            painted(1, View::Overlay),
            [outline, crack, crack, clear, outline, crack]
        );
    }

    #[test]
    fn mask_is_black_and_white() {
        let (black, white) = ([0, 0, 0, 255], [255; 4]);
        assert_eq!(
            painted(1, View::Mask),
            [black, white, white, black, black, white]
        );
    }

    #[test]
    fn blocks_average_and_narrow_edges_count_their_own_pixels() {
        let alphas: Vec<u8> = painted(2, View::Overlay)
            .iter()
            .map(|pixel| pixel[3])
            .collect();
        assert_eq!(
            alphas,
            [63, 255],
            "one crack of four pixels, then two of two"
        );
    }

    #[test]
    fn heat_fades_in() {
        let heat = heat_colours();
        assert_eq!(
            (heat[0][3], heat[32][3], heat[64][3], heat[255][3]),
            (0, 128, 255, 255)
        );
    }

    #[test]
    fn bands_join_without_a_seam() {
        for (block, view) in [(1, View::Overlay), (1, View::Heat), (2, View::Mask)] {
            let bands = (0..reduced(SIZE, block).height)
                .flat_map(|row| painted_rows(block, view, row..row + 1));
            assert_eq!(bands.collect::<Vec<_>>(), painted(block, view));
        }
    }

    #[test]
    fn nothing_is_painted_without_a_fitting_map() {
        assert!(Palette::new(View::Original, 0.5).is_none());
        let mut rgba = vec![0];
        if let Some(palette) = Palette::new(View::Mask, 0.5) {
            palette.paint(&MAP[1..], SIZE, 1, 0..2, &mut rgba);
        }
        assert!(rgba.is_empty());
    }

    #[test]
    fn block_keeps_a_pixel_for_each_screen_pixel() {
        let map = Size {
            width: 4000,
            height: 3000,
        };
        assert_eq!(block_for(1.0, map, usize::MAX), 1);
        assert_eq!(block_for(0.5, map, usize::MAX), 2);
        assert_eq!(block_for(0.26, map, usize::MAX), 2);
        assert_eq!(block_for(0.25, map, usize::MAX), 4);
        assert_eq!(block_for(1.0, map, 4_000_000), 2);
    }
}
