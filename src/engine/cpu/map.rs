//! The maps between the layers.

use std::ops::Range;

use wide::f32x4;

use crate::engine::winograd::TILE;

/// Channels that are computed together.
pub(super) const LANES: usize = 4;

/// What channel counts are rounded up to: the outputs of one pass of the innermost loops.
pub(super) const CHANNEL_STEP: usize = 8;

/// Tiles of a band of rows, at least: so many that few places of the innermost loops stay empty at its end.
const BAND_TILES: usize = 128;

/// Number of groups of [`LANES`] channels that hold `channels`.
pub(super) fn groups(channels: usize) -> usize {
    channels.next_multiple_of(CHANNEL_STEP) / LANES
}

/// Values in vectors, the last filled up with zeros to a multiple of [`CHANNEL_STEP`].
pub(super) fn padded(values: &[f32]) -> Vec<f32x4> {
    let mut vectors = vec![[0.0; LANES]; groups(values.len())];
    for (channel, &value) in values.iter().enumerate() {
        vectors[channel / LANES][channel % LANES] = value;
    }
    vectors.into_iter().map(f32x4::from).collect()
}

/// A picture of many channels: pixel by pixel, the channels of a pixel together, padded with zeros to a multiple of
/// [`CHANNEL_STEP`].
///
/// Around the picture lies a border of zeros, one pixel at the top and on the left; at the bottom and on the right one
/// pixel beyond the last whole or partial [`TILE`]. So a convolution reads without looking where it is. No layer writes there.
///
/// A window holds only the rows that were written last, each in the place of one that is not read any more; the border above goes
/// with the first rows.
pub(super) struct Map<'a> {
    pub(super) height: usize,
    pub(super) width: usize,
    /// Groups of channels.
    pub(super) groups: usize,
    /// Rows that there is memory for, with those of the border.
    held: usize,
    data: &'a mut [f32x4],
}

/// The lines of rows of tiles, in a picture of `height`.
pub(super) fn tile_lines(tile_rows: &Range<usize>, height: usize) -> Range<usize> {
    tile_rows.start * TILE..height.min(tile_rows.end * TILE)
}

/// Rows of a picture of `height` with its border.
fn all_rows(height: usize) -> usize {
    height.next_multiple_of(TILE) + 2
}

/// Vectors of a row with its border.
fn row_vectors(width: usize, groups: usize) -> usize {
    (width.next_multiple_of(TILE) + 2) * groups
}

/// Rows that a window on a picture of this size holds: those of a [band](Map::band), and those around that are still read.
fn window_rows([height, width]: [usize; 2]) -> usize {
    all_rows(height).min((band(width) + 2) * TILE)
}

/// Rows of tiles that are computed together.
fn band(width: usize) -> usize {
    BAND_TILES.div_ceil(width.div_ceil(TILE))
}

impl<'a> Map<'a> {
    /// The vectors that a map of `size` (height, width) takes.
    pub(super) fn vectors([height, width]: [usize; 2], groups: usize) -> usize {
        all_rows(height) * row_vectors(width, groups)
    }

    /// Those of a window.
    pub(super) fn window_vectors(size: [usize; 2], groups: usize) -> usize {
        window_rows(size) * row_vectors(size[1], groups)
    }

    /// A map in the memory at the front of `room`, which is left with the rest. Its picture is whatever was there.
    ///
    /// # Panics
    /// If `room` is smaller than [`vectors`](Self::vectors).
    pub(super) fn take(room: &mut &'a mut [f32x4], size: [usize; 2], groups: usize) -> Self {
        let mut map = Self::take_rows(room, size, groups, all_rows(size[0]));
        map.clear_below();
        map
    }

    /// A window. Its picture is to be written from the top down, and [`clear_below`](Self::clear_below) called at its end.
    ///
    /// # Panics
    /// If `room` is smaller than [`window_vectors`](Self::window_vectors).
    pub(super) fn take_window(room: &mut &'a mut [f32x4], size: [usize; 2], groups: usize) -> Self {
        Self::take_rows(room, size, groups, window_rows(size))
    }

    fn take_rows(
        room: &mut &'a mut [f32x4],
        [height, width]: [usize; 2],
        groups: usize,
        held: usize,
    ) -> Self {
        let row = row_vectors(width, groups);
        let (data, rest) = std::mem::take(room).split_at_mut(held * row);
        *room = rest;
        data[..row].fill(f32x4::ZERO);
        for row in data.chunks_exact_mut(row) {
            row[..groups].fill(f32x4::ZERO);
            row[(width + 1) * groups..].fill(f32x4::ZERO);
        }
        Self {
            height,
            width,
            groups,
            held,
            data,
        }
    }

    /// Makes the border below the picture.
    pub(super) fn clear_below(&mut self) {
        for place in self.height + 1..all_rows(self.height) {
            let begin = self.begin(place);
            self.data[begin..][..row_vectors(self.width, self.groups)].fill(f32x4::ZERO);
        }
    }

    /// Rows of tiles that the picture has, the last perhaps partial.
    pub(super) fn tile_rows(&self) -> usize {
        self.height.div_ceil(TILE)
    }

    /// Rows of tiles that are best computed together: as many as [`BAND_TILES`] are, at least.
    pub(super) fn band(&self) -> usize {
        band(self.width)
    }

    /// Where the row lies that is `place` rows below the border's first.
    fn begin(&self, place: usize) -> usize {
        place % self.held * row_vectors(self.width, self.groups)
    }

    /// The pixels of the row above `y`, from the one left of `x` on.
    pub(super) fn corner(&self, y: usize, x: usize) -> &[f32x4] {
        &self.data[self.begin(y) + x * self.groups..]
    }

    /// All pixels of a row.
    pub(super) fn line(&self, y: usize) -> &[f32x4] {
        &self.corner(y + 1, 1)[..self.width * self.groups]
    }

    /// All pixels of a row.
    pub(super) fn line_mut(&mut self, y: usize) -> &mut [f32x4] {
        let place = self.place(y, 0);
        &mut self.data[place..][..self.width * self.groups]
    }

    /// Where the first group of a pixel lies.
    pub(super) fn place(&self, y: usize, x: usize) -> usize {
        self.begin(y + 1) + (x + 1) * self.groups
    }

    /// The group that lies at a place, and those of the next pixels of the row.
    pub(super) fn pixels_mut(&mut self, place: usize) -> impl Iterator<Item = &mut f32x4> {
        self.data[place..].iter_mut().step_by(self.groups)
    }
}
