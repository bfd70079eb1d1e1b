//! The maps between the layers.

use wide::f32x4;

use crate::engine::winograd::TILE;

/// Channels that are computed together.
pub(super) const LANES: usize = 4;

/// What channel counts are rounded up to: the outputs of one pass of the innermost loops.
pub(super) const CHANNEL_STEP: usize = 8;

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
/// pixel beyond the last whole or partial [`TILE`]. So a convolution reads without looking where it is. Nobody writes there.
pub(super) struct Map<'a> {
    pub(super) height: usize,
    pub(super) width: usize,
    /// Groups of channels.
    pub(super) groups: usize,
    /// Pixels from a row to the next.
    row: usize,
    data: &'a mut [f32x4],
}

impl<'a> Map<'a> {
    /// The vectors that a map of `size` (height, width) takes.
    pub(super) fn vectors([height, width]: [usize; 2], groups: usize) -> usize {
        (height.next_multiple_of(TILE) + 2) * (width.next_multiple_of(TILE) + 2) * groups
    }

    /// A map in the memory at the front of `room`, which is left with the rest. Its picture is whatever was there.
    ///
    /// # Panics
    /// If `room` is smaller than [`vectors`](Self::vectors).
    pub(super) fn take(room: &mut &'a mut [f32x4], size: [usize; 2], groups: usize) -> Self {
        let (data, rest) = std::mem::take(room).split_at_mut(Self::vectors(size, groups));
        *room = rest;
        let [height, width] = size;
        let mut map = Self {
            height,
            width,
            groups,
            row: width.next_multiple_of(TILE) + 2,
            data,
        };
        map.clear_border();
        map
    }

    /// A map of fewer channels, or as many, in the same memory. Its picture is whatever was there.
    pub(super) fn with_groups(self, groups: usize) -> Self {
        let mut room = self.data;
        Self::take(&mut room, [self.height, self.width], groups)
    }

    fn clear_border(&mut self) {
        let (stride, pixel) = (self.row_stride(), self.groups);
        for (y, row) in self.data.chunks_exact_mut(stride).enumerate() {
            if (1..=self.height).contains(&y) {
                row[..pixel].fill(f32x4::ZERO);
                row[(self.width + 1) * pixel..].fill(f32x4::ZERO);
            } else {
                row.fill(f32x4::ZERO);
            }
        }
    }

    /// From a pixel to the one below, in elements of [`corner`](Self::corner)'s slice.
    pub(super) fn row_stride(&self) -> usize {
        self.row * self.groups
    }

    /// The pixels from the one above and left of (`y`, `x`) on.
    pub(super) fn corner(&self, y: usize, x: usize) -> &[f32x4] {
        &self.data[(y * self.row + x) * self.groups..]
    }

    /// All pixels of a row.
    pub(super) fn line(&self, y: usize) -> &[f32x4] {
        let start = ((y + 1) * self.row + 1) * self.groups;
        &self.data[start..][..self.width * self.groups]
    }

    /// All pixels of a row.
    pub(super) fn line_mut(&mut self, y: usize) -> &mut [f32x4] {
        let start = ((y + 1) * self.row + 1) * self.groups;
        &mut self.data[start..][..self.width * self.groups]
    }
}
