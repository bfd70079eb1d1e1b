//! 3x3 convolution, bias and ReLU, by Winograd's way.
//!
//! A block of tiles at a time, small enough to stay in the cache: the inputs of each tile are transformed, 36 small matrix
//! products follow (tiles x inputs times inputs x outputs), and their results are transformed back.

use std::ops::Range;

use wide::f32x4;

use super::map::{CHANNEL_STEP, LANES, Map, groups, padded};
use crate::engine::network::Conv;
use crate::engine::winograd::{POINTS, REACH, TILE, transform_kernel};

/// Tiles of one pass of the innermost loop: with [`CHANNEL_STEP`] outputs each, as many sums as 16 registers hold.
const ROWS: usize = 6;

/// Vectors of outputs of one pass of the innermost loop.
const PANEL: usize = CHANNEL_STEP / LANES;

/// Vectors that a block of transformed tiles takes at most, before and after the products, unless [`ROWS`] tiles
/// need more: 128 KiB.
const BLOCK_VECTORS: usize = 8 * 1024;

/// The layer, with its weights transformed.
pub(super) struct Conv3x3 {
    /// Groups of input channels, of all sources together.
    inputs: usize,
    /// Groups of output channels.
    outputs: usize,
    /// \[POINTS, outputs / PANEL, inputs * LANES, PANEL\].
    weight: Vec<f32x4>,
    /// \[outputs\].
    bias: Vec<f32x4>,
}

/// What a convolution reads: a map, each pixel multiplied by its gate's value where there is a gate.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) map: &'a Map<'a>,
    /// One value a pixel of the map's picture, row by row.
    pub(super) gate: Option<&'a [f32]>,
}

impl<'a> From<&'a Map<'a>> for Source<'a> {
    fn from(map: &'a Map<'a>) -> Self {
        Self { map, gate: None }
    }
}

/// Room for a block, kept from layer to layer.
#[derive(Default)]
pub(super) struct Scratch {
    /// \[POINTS, tiles / ROWS, inputs, ROWS\].
    before: Vec<f32x4>,
    /// \[POINTS, tiles, outputs\].
    after: Vec<f32x4>,
}

impl Conv3x3 {
    /// `sources`: the channels of each of the maps that [`run`](Self::run) will read, `conv.inputs` together.
    pub(super) fn new(conv: &Conv, sources: &[usize]) -> Self {
        let inputs: usize = sources.iter().map(|&channels| groups(channels)).sum();
        let outputs = groups(conv.outputs);
        let mut weight = vec![[0.0; LANES]; POINTS * inputs * LANES * outputs];
        // Each source is padded by itself.
        let mut places = Vec::new();
        let mut first = 0;
        for &channels in sources {
            places.extend(first..first + channels);
            first += groups(channels) * LANES;
        }
        for output in 0..conv.outputs {
            let (panel, lane) = (output / CHANNEL_STEP, output % CHANNEL_STEP);
            for (input, &place) in places.iter().enumerate() {
                let kernel = conv.kernel(output, input);
                for (point, value) in transform_kernel(kernel).into_iter().enumerate() {
                    let panels = outputs / PANEL;
                    let row = (point * panels + panel) * inputs * LANES + place;
                    weight[row * PANEL + lane / LANES][lane % LANES] = value;
                }
            }
        }
        Self {
            inputs,
            outputs,
            weight: weight.into_iter().map(f32x4::from).collect(),
            bias: padded(&conv.bias),
        }
    }

    /// Groups of output channels.
    pub(super) fn outputs(&self) -> usize {
        self.outputs
    }

    /// Fills some rows of tiles of `out` from `sources`, whose pictures have its size; and those of `pooled`, of half the
    /// size, with the maximum of each square of 2x2.
    pub(super) fn run(
        &self,
        rows: Range<usize>,
        sources: &[Source<'_>],
        out: &mut Map<'_>,
        mut pooled: Option<&mut Map<'_>>,
        scratch: &mut Scratch,
    ) {
        let across = out.width.div_ceil(TILE);
        let [begin, end] = [rows.start, rows.end].map(|row| row * across);
        let fit = BLOCK_VECTORS / (POINTS * (self.inputs + self.outputs)) / ROWS * ROWS;
        let block = fit.max(ROWS);
        reserve(&mut scratch.before, POINTS * block * self.inputs);
        reserve(&mut scratch.after, POINTS * block * self.outputs);
        for first in (begin..end).step_by(block) {
            let count = block.min(end - first);
            let place = |index: usize| {
                let tile = first + index;
                (tile / across * TILE, tile % across * TILE)
            };
            for index in 0..count {
                self.transform_tile(sources, place(index), index, block, &mut scratch.before);
            }
            self.multiply(block, count, scratch);
            for index in 0..count {
                self.finish_tile(place(index), index, block, &scratch.after, out, &mut pooled);
            }
        }
    }

    /// Transforms the inputs of the tile at (`y`, `x`) to the place of tile `index` in a block.
    #[inline(never)]
    fn transform_tile(
        &self,
        sources: &[Source<'_>],
        (y, x): (usize, usize),
        index: usize,
        block: usize,
        before: &mut [f32x4],
    ) {
        let stride = block * self.inputs;
        let mut place = index / ROWS * self.inputs * ROWS + index % ROWS;
        for source in sources {
            let map = source.map;
            let pixel = map.groups;
            let lines: [_; REACH] =
                std::array::from_fn(|line| &map.corner(y + line, x)[..REACH * pixel]);
            let gate = source.gate.map(|gate| gate_tile(gate, map, y, x));
            for group in 0..map.groups {
                let mut values = [[f32x4::ZERO; REACH]; REACH];
                for (line, values) in lines.iter().zip(&mut values) {
                    for (value, pixel) in values.iter_mut().zip(line.chunks_exact(pixel)) {
                        *value = pixel[group];
                    }
                }
                if let Some(gate) = &gate {
                    for (values, gate) in values.iter_mut().zip(gate) {
                        for (value, gate) in values.iter_mut().zip(gate) {
                            *value *= *gate;
                        }
                    }
                }
                let transformed = transform_input(values);
                for (before, value) in before.chunks_exact_mut(stride).zip(transformed) {
                    before[place] = value;
                }
                place += ROWS;
            }
        }
    }

    /// The matrix products of a block.
    #[inline(never)]
    fn multiply(&self, block: usize, count: usize, scratch: &mut Scratch) {
        let panels = self.outputs / PANEL;
        let panel_size = self.inputs * LANES * PANEL;
        for point in 0..POINTS {
            let before = &scratch.before[point * block * self.inputs..][..block * self.inputs];
            let after = &mut scratch.after[point * block * self.outputs..][..block * self.outputs];
            let weight = &self.weight[point * panels * panel_size..][..panels * panel_size];
            for (panel, weight) in weight.chunks_exact(panel_size).enumerate() {
                let rows = before.chunks_exact(self.inputs * ROWS);
                let results = after.chunks_exact_mut(self.outputs * ROWS);
                for (rows, results) in rows.zip(results).take(count.div_ceil(ROWS)) {
                    let sums = multiply_rows(rows, weight);
                    for (sums, result) in sums.iter().zip(results.chunks_exact_mut(self.outputs)) {
                        result[panel * PANEL..][..PANEL].copy_from_slice(sums);
                    }
                }
            }
        }
    }

    /// Transforms the results of tile `index` of a block back, adds bias and ReLU, and writes them at (`y`, `x`).
    #[inline(never)]
    fn finish_tile(
        &self,
        (y, x): (usize, usize),
        index: usize,
        block: usize,
        after: &[f32x4],
        out: &mut Map<'_>,
        pooled: &mut Option<&mut Map<'_>>,
    ) {
        let stride = block * self.outputs;
        let first = index * self.outputs;
        let (height, width) = ((out.height - y).min(TILE), (out.width - x).min(TILE));
        let places: [_; TILE] = std::array::from_fn(|row| out.place(y + row, x));
        let pooled_places: [_; TILE / 2] = std::array::from_fn(|row| {
            let pooled = pooled.as_ref();
            pooled.map_or(0, |pooled| pooled.place(y / 2 + row, x / 2))
        });
        for (group, &bias) in self.bias.iter().enumerate() {
            let mut values = [f32x4::ZERO; POINTS];
            for (value, results) in values.iter_mut().zip(after.chunks_exact(stride)) {
                *value = results[first + group];
            }
            let values = transform_output(values)
                .map(|row| row.map(|value| (value + bias).fast_max(f32x4::ZERO)));
            for (&place, values) in places[..height].iter().zip(&values) {
                let pixels = out.pixels_mut(place + group);
                for (pixel, &value) in pixels.zip(&values[..width]) {
                    *pixel = value;
                }
            }
            if let Some(pooled) = pooled {
                for row in 0..height / 2 {
                    let pixels = pooled.pixels_mut(pooled_places[row] + group);
                    for (column, pixel) in pixels.take(width / 2).enumerate() {
                        let [above, below] = [values[2 * row], values[2 * row + 1]];
                        *pixel = above[2 * column]
                            .fast_max(above[2 * column + 1])
                            .fast_max(below[2 * column].fast_max(below[2 * column + 1]));
                    }
                }
            }
        }
    }
}

/// Makes room for so many vectors at least.
fn reserve(room: &mut Vec<f32x4>, vectors: usize) {
    if room.len() < vectors {
        room.resize(vectors, f32x4::ZERO);
    }
}

/// The gate's values of the pixels that the tile at (`y`, `x`) depends on; outside the picture anything, as zeros are
/// multiplied there.
fn gate_tile(gate: &[f32], map: &Map<'_>, y: usize, x: usize) -> [[f32x4; REACH]; REACH] {
    let inside = |place: usize, size: usize| place.saturating_sub(1).min(size - 1);
    std::array::from_fn(|row| {
        let line = &gate[inside(y + row, map.height) * map.width..][..map.width];
        std::array::from_fn(|column| f32x4::splat(line[inside(x + column, map.width)]))
    })
}

/// [`ROWS`] tiles times one panel of outputs. `rows`: \[inputs, ROWS\] vectors of inputs; `weight`: \[inputs * LANES,
/// PANEL\] vectors of outputs.
#[inline(never)]
fn multiply_rows(rows: &[f32x4], weight: &[f32x4]) -> [[f32x4; PANEL]; ROWS] {
    let mut sums = [[f32x4::ZERO; PANEL]; ROWS];
    let steps = rows.chunks_exact(ROWS);
    for (rows, weight) in steps.zip(weight.chunks_exact(LANES * PANEL)) {
        for (lane, weight) in weight.chunks_exact(PANEL).enumerate() {
            for (sums, inputs) in sums.iter_mut().zip(rows) {
                let input = f32x4::splat(inputs.as_array()[lane]);
                for (sum, &weight) in sums.iter_mut().zip(weight) {
                    *sum += input * weight;
                }
            }
        }
    }
    sums
}

/// Bᵀ d B.
#[inline(always)]
fn transform_input(values: [[f32x4; REACH]; REACH]) -> [f32x4; POINTS] {
    let rows = values.map(transform_input_line);
    let mut transformed = [f32x4::ZERO; POINTS];
    for x in 0..REACH {
        let column = transform_input_line(std::array::from_fn(|y| rows[y][x]));
        for (y, value) in column.into_iter().enumerate() {
            transformed[y * REACH + x] = value;
        }
    }
    transformed
}

#[inline(always)]
fn transform_input_line([d0, d1, d2, d3, d4, d5]: [f32x4; REACH]) -> [f32x4; REACH] {
    let (two, four, five) = (f32x4::splat(2.0), f32x4::splat(4.0), f32x4::splat(5.0));
    let (a, b) = (d4 - four * d2, d3 - four * d1);
    let (c, e) = (d4 - d2, two * (d3 - d1));
    [
        four * d0 - five * d2 + d4,
        a + b,
        a - b,
        c + e,
        c - e,
        four * d1 - five * d3 + d5,
    ]
}

/// Aᵀ m A.
#[inline(always)]
fn transform_output(values: [f32x4; POINTS]) -> [[f32x4; TILE]; TILE] {
    let columns: [[f32x4; TILE]; REACH] = std::array::from_fn(|x| {
        transform_output_line(std::array::from_fn(|y| values[y * REACH + x]))
    });
    std::array::from_fn(|y| transform_output_line(std::array::from_fn(|x| columns[x][y])))
}

#[inline(always)]
fn transform_output_line([m0, m1, m2, m3, m4, m5]: [f32x4; REACH]) -> [f32x4; TILE] {
    let (two, four, eight) = (f32x4::splat(2.0), f32x4::splat(4.0), f32x4::splat(8.0));
    let (near, near_odd) = (m1 + m2, m1 - m2);
    let (far, far_odd) = (m3 + m4, m3 - m4);
    [
        m0 + near + far,
        near_odd + two * far_odd,
        near + four * far,
        near_odd + eight * far_odd + m5,
    ]
}
