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
pub(super) struct Map {
    pub(super) height: usize,
    pub(super) width: usize,
    /// Groups of channels.
    pub(super) groups: usize,
    /// Pixels from a row to the next.
    row: usize,
    data: Vec<f32x4>,
}

impl Map {
    /// A map of zeros.
    pub(super) fn new(height: usize, width: usize, channels: usize) -> Self {
        Self::of_groups(height, width, groups(channels))
    }

    /// The same, the channels counted in groups.
    pub(super) fn of_groups(height: usize, width: usize, groups: usize) -> Self {
        let row = width.next_multiple_of(TILE) + 2;
        let rows = height.next_multiple_of(TILE) + 2;
        Self {
            height,
            width,
            groups,
            row,
            data: vec![f32x4::ZERO; rows * row * groups],
        }
    }

    /// Makes it a map of other channels, in the same memory where that was enough once. What it held is lost.
    pub(super) fn set_channels(&mut self, channels: usize) {
        let groups = groups(channels);
        if groups != self.groups {
            let size = self.data.len() / self.groups * groups;
            self.groups = groups;
            self.data.clear();
            self.data.resize(size, f32x4::ZERO);
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
