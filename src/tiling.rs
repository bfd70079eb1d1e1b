//! Large pictures through a network of limited input: overlapping equal tiles, and their results blended again.
//!
//! [`TileGrid`] says where the tiles lie and cuts them out, [`Stitcher`] puts the results together. Beyond the
//! picture's edge a tile shows its reflection. Where tiles overlap, their weights rise and fall by a raised cosine
//! and add up to 1 at every pixel, so no seam shows and no sum of weights has to be kept.

use std::f32::consts::PI;

use ::image::GrayImage;

use crate::mask::{ProbabilityMap, quantise};

/// What a tile's sides are a multiple of: the network halves its input four times.
pub const SIDE_STEP: usize = 16;

/// Sides of the smallest tile, so that a tiny picture still gives the network some surroundings.
const MIN_TILE: usize = 64;

/// How a picture is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiling {
    /// Longest side of a tile, in pixels; rounded down to a multiple of [`SIDE_STEP`], at least 64.
    pub max_tile: usize,
    /// How far neighbours overlap at least, in pixels; rounded up to a multiple of [`SIDE_STEP`], at most a quarter of
    /// `max_tile`.
    pub overlap: usize,
}

impl Default for Tiling {
    fn default() -> Self {
        Self {
            max_tile: 512,
            overlap: 64,
        }
    }
}

/// The tiles of a picture of one size, counted row by row.
///
/// All are equally large: the fewest that cover the picture, no larger than they must be. They begin at multiples of
/// [`SIDE_STEP`] in the picture, so that each pixel has the same place in the network's lattice of halved resolutions
/// whichever tile it is seen in: overlapping tiles then agree but for what lies beyond their edges. What is too much goes
/// to the overlaps; right and below, a border narrower than [`SIDE_STEP`] is reflected (a wider one only where the picture
/// is smaller than the smallest tile).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TileGrid {
    across: Axis,
    down: Axis,
}

impl TileGrid {
    /// The tiles for a picture of `width` x `height` pixels; none where it has no pixels.
    pub fn new(width: u32, height: u32, tiling: Tiling) -> Self {
        Self {
            across: Axis::new(width as usize, tiling),
            down: Axis::new(height as usize, tiling),
        }
    }

    /// Size of every tile in pixels: (height, width), both multiples of [`SIDE_STEP`].
    pub fn tile_size(&self) -> (usize, usize) {
        (self.down.tile, self.across.tile)
    }

    /// Number of tiles.
    pub fn len(&self) -> usize {
        self.across.origins.len() * self.down.origins.len()
    }

    /// Whether there is no tile, because the picture has no pixels.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The grey values of tile `index`, row by row, 0 to 255.
    ///
    /// # Panics
    /// If `index` is not below [`len`](Self::len), or `photo` has not the size that the grid is for.
    pub fn cut(&self, photo: &GrayImage, index: usize) -> Vec<u8> {
        let size = (photo.width() as usize, photo.height() as usize);
        assert_eq!(
            size,
            (self.across.length, self.down.length),
            "a grid is for one size"
        );
        let (row, column) = self.place(index);
        let columns: Vec<usize> = self.across.sources(column).collect();
        let mut tile = Vec::with_capacity(self.down.tile * self.across.tile);
        for y in self.down.sources(row) {
            let line = &photo.as_raw()[y * size.0..][..size.0];
            tile.extend(columns.iter().map(|&x| line[x]));
        }
        tile
    }

    fn place(&self, index: usize) -> (usize, usize) {
        let columns = self.across.origins.len();
        (index / columns, index % columns)
    }
}

/// Where the tiles lie along one axis.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Axis {
    /// Pixels of the picture.
    length: usize,
    /// Pixels of a tile.
    tile: usize,
    /// First pixel of each tile.
    origins: Vec<usize>,
}

impl Axis {
    fn new(length: usize, tiling: Tiling) -> Self {
        let max_tile = (tiling.max_tile / SIDE_STEP * SIDE_STEP).max(MIN_TILE);
        let max_overlap = max_tile / 4 / SIDE_STEP * SIDE_STEP;
        let overlap = tiling.overlap.next_multiple_of(SIDE_STEP).min(max_overlap);
        let padded = length.next_multiple_of(SIDE_STEP).max(MIN_TILE);
        let count = padded
            .saturating_sub(overlap)
            .div_ceil(max_tile - overlap)
            .max(1);
        let tile = (padded + (count - 1) * overlap)
            .div_ceil(count)
            .next_multiple_of(SIDE_STEP)
            .max(MIN_TILE);
        // Rounding down to the lattice never parts two neighbours further than `tile - overlap`, which lies on it.
        let origin = |index| index * (padded - tile) / (count - 1).max(1) / SIDE_STEP * SIDE_STEP;
        let count = if length == 0 { 0 } else { count };
        Self {
            length,
            tile,
            origins: (0..count).map(origin).collect(),
        }
    }

    /// The picture's pixel that stands at each place of a tile.
    fn sources(&self, index: usize) -> impl Iterator<Item = usize> {
        let origin = self.origins[index];
        (origin..origin + self.tile).map(|position| reflect(position, self.length))
    }

    /// The tile's places that lie in the picture, as (place, pixel, weight).
    fn weights(&self, index: usize) -> Vec<(usize, usize, f32)> {
        let origin = self.origins[index];
        (origin..self.length.min(origin + self.tile))
            .map(|pixel| {
                // What this tile's left seam lets in, less what its right seam hands on: a telescoping sum over the
                // tiles, 1 at every pixel.
                let weight = self.rise(index, pixel) - self.rise(index + 1, pixel);
                (pixel - origin, pixel, weight)
            })
            .collect()
    }

    /// How far the picture at `pixel` belongs to tile `index` and those after it: 0 before the tile begins,
    /// 1 after the tile before it ends, a raised cosine in between.
    fn rise(&self, index: usize, pixel: usize) -> f32 {
        if index == 0 {
            return 1.0;
        }
        let Some(&begin) = self.origins.get(index) else {
            return 0.0;
        };
        let end = self.origins[index - 1] + self.tile;
        let share = (pixel as f32 + 0.5 - begin as f32) / (end - begin) as f32;
        0.5 - 0.5 * (PI * share.clamp(0.0, 1.0)).cos()
    }
}

/// The pixel that a mirrored continuation of `0..length` shows at `position`: 0 1 2 1 0 1 ..., the edge not repeated.
fn reflect(position: usize, length: usize) -> usize {
    let period = (2 * (length - 1)).max(1);
    let offset = position % period;
    offset.min(period - offset).min(length - 1)
}

/// Blends the tiles' results into one [`ProbabilityMap`].
///
/// Only the rows that the present tiles cover are kept as floats; those above are done and kept in 8 bits. So the
/// memory is about a byte a pixel, and four for each pixel of a row of tiles.
pub struct Stitcher {
    grid: TileGrid,
    /// Sums of the rows from `values.len() / width` on, as many as a tile has.
    band: Vec<f32>,
    /// The finished rows.
    values: Vec<u8>,
}

impl Stitcher {
    /// For the results of `grid`.
    pub fn new(grid: &TileGrid) -> Self {
        Self {
            grid: grid.clone(),
            band: vec![0.0; grid.down.tile * grid.across.length],
            values: Vec::with_capacity(grid.down.length * grid.across.length),
        }
    }

    /// Adds the result of tile `index`: probabilities 0 to 1, row by row, as many as the tile has pixels.
    /// Every tile is added once, in the grid's order (within a row of tiles any order will do).
    ///
    /// # Panics
    /// If `index` is not below the grid's length, or `probabilities` has another length than a tile.
    pub fn add(&mut self, index: usize, probabilities: &[f32]) {
        let (row, column) = self.grid.place(index);
        let (tile_height, tile_width) = self.grid.tile_size();
        assert_eq!(
            probabilities.len(),
            tile_height * tile_width,
            "one probability a pixel"
        );
        self.complete_rows(self.grid.down.origins[row]);

        let width = self.grid.across.length;
        let top = self.values.len() / width;
        let columns = self.grid.across.weights(column);
        for (place, y, row_weight) in self.grid.down.weights(row) {
            let source = &probabilities[place * tile_width..][..tile_width];
            let target = &mut self.band[(y - top) * width..][..width];
            for &(place, x, weight) in &columns {
                target[x] += row_weight * weight * source[place];
            }
        }
    }

    /// The whole map. A tile that was not added counts as free of cracks.
    pub fn finish(mut self) -> ProbabilityMap {
        let (width, height) = (self.grid.across.length, self.grid.down.length);
        self.complete_rows(height);
        ProbabilityMap::new(width as u32, height as u32, self.values).unwrap_or_default()
    }

    /// Turns the rows before `end` into 8 bits and moves the band down to `end`.
    fn complete_rows(&mut self, end: usize) {
        let missing = (end * self.grid.across.length).saturating_sub(self.values.len());
        let (finished, beyond) = (
            missing.min(self.band.len()),
            missing.saturating_sub(self.band.len()),
        );
        self.values
            .extend(self.band[..finished].iter().map(|&p| quantise(p)));
        self.values.extend(std::iter::repeat_n(0, beyond));
        self.band.copy_within(finished.., 0);
        let kept = self.band.len() - finished;
        self.band[kept..].fill(0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TILINGS: [Tiling; 5] = [
        Tiling {
            max_tile: 512,
            overlap: 64,
        },
        Tiling {
            max_tile: 64,
            overlap: 16,
        },
        Tiling {
            max_tile: 100,
            overlap: 1000,
        },
        Tiling {
            max_tile: 0,
            overlap: 0,
        },
        Tiling {
            max_tile: 256,
            overlap: 31,
        },
    ];
    const LENGTHS: [usize; 22] = [
        1, 2, 3, 15, 16, 17, 63, 64, 65, 100, 127, 255, 256, 257, 511, 512, 513, 960, 961, 1023,
        2049, 4001,
    ];

    fn axes() -> impl Iterator<Item = (Axis, Tiling)> {
        TILINGS
            .iter()
            .flat_map(|&tiling| LENGTHS.map(|length| (Axis::new(length, tiling), tiling)))
    }

    #[test]
    fn tiles_cover_the_picture_with_enough_overlap_and_little_waste() {
        for (axis, tiling) in axes() {
            let max_tile = (tiling.max_tile / 16 * 16).max(64);
            assert_eq!(axis.tile % SIDE_STEP, 0, "{axis:?}");
            assert!((MIN_TILE..=max_tile).contains(&axis.tile), "{axis:?}");
            let (first, last) = (axis.origins[0], axis.origins[axis.origins.len() - 1]);
            let end = last + axis.tile;
            assert!(first == 0 && end >= axis.length, "{axis:?}");
            if axis.length >= MIN_TILE {
                assert!(end < axis.length + SIDE_STEP, "{axis:?}");
            }
            let wanted = tiling.overlap.min(max_tile / 4 / 16 * 16);
            for pair in axis.origins.windows(2) {
                assert_eq!(pair[1] % SIDE_STEP, 0, "{axis:?}");
                assert!(pair[0] + axis.tile >= pair[1] + wanted, "{axis:?}");
            }
        }
    }

    #[test]
    fn weights_add_up_to_one_and_are_never_negative() {
        for (axis, _) in axes() {
            let mut sums = vec![0.0; axis.length];
            for index in 0..axis.origins.len() {
                for (_, pixel, weight) in axis.weights(index) {
                    assert!(weight >= 0.0, "{axis:?}");
                    sums[pixel] += weight;
                }
            }
            assert!(
                sums.iter().all(|sum: &f32| (sum - 1.0).abs() < 1e-6),
                "{axis:?}"
            );
        }
    }

    #[test]
    fn reflection_repeats_no_edge_and_never_ends() {
        let shown: Vec<usize> = (0..8).map(|position| reflect(position, 3)).collect();
        assert_eq!(shown, [0, 1, 2, 1, 0, 1, 2, 1]);
        assert_eq!(reflect(1000, 1), 0);
    }

    /// Stitches what `probability` gives for each grey value.
    fn round_trip(
        photo: &GrayImage,
        tiling: Tiling,
        probability: impl Fn(u8) -> f32,
    ) -> ProbabilityMap {
        let grid = TileGrid::new(photo.width(), photo.height(), tiling);
        let mut stitcher = Stitcher::new(&grid);
        for index in 0..grid.len() {
            let tile = grid.cut(photo, index);
            let probabilities: Vec<f32> = tile.into_iter().map(&probability).collect();
            stitcher.add(index, &probabilities);
        }
        stitcher.finish()
    }

    #[test]
    fn what_was_cut_is_stitched_to_the_same_picture() {
        let sizes = [(1, 1), (2, 70), (65, 64), (130, 333), (517, 61)];
        for (width, height) in sizes {
            let photo = GrayImage::from_fn(width, height, |x, y| {
                ::image::Luma([(x * 7 + y * 13) as u8])
            });
            for tiling in TILINGS {
                let map = round_trip(&photo, tiling, |value| f32::from(value) / 255.0);
                assert_eq!((map.width(), map.height()), (width, height));
                assert_eq!(
                    map.values(),
                    photo.as_raw().as_slice(),
                    "{width}x{height} {tiling:?}"
                );
            }
        }
    }

    #[test]
    fn a_constant_stays_constant() {
        let photo = GrayImage::new(300, 217);
        for constant in [0.0, 0.25, 1.0] {
            let map = round_trip(&photo, TILINGS[1], |_| constant);
            assert!(
                map.values()
                    .iter()
                    .all(|&value| value == quantise(constant))
            );
        }
    }

    #[test]
    fn missing_tiles_and_empty_pictures_are_no_crack() {
        let grid = TileGrid::new(200, 1000, TILINGS[1]);
        let mut stitcher = Stitcher::new(&grid);
        stitcher.add(grid.len() - 1, &[1.0; 64 * 64]);
        let map = stitcher.finish();
        assert_eq!(map.values().len(), 200 * 1000);
        assert_eq!((map.values()[0], map.values()[200 * 1000 - 1]), (0, 255));

        let grid = TileGrid::new(0, 7, Tiling::default());
        assert!(grid.is_empty());
        assert!(Stitcher::new(&grid).finish().values().is_empty());
    }
}
