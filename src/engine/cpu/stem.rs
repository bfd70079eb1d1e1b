//! The first convolution: 3x3 from one channel, where there is nothing to gain by Winograd's way.

use std::ops::Range;

use wide::f32x4;

use super::map::{Map, padded, tile_lines};
use crate::engine::network::Conv;

const TAPS: usize = 9;

/// The layer.
pub(super) struct Stem {
    /// \[TAPS, groups\].
    weight: Vec<f32x4>,
    bias: Vec<f32x4>,
}

impl Stem {
    pub(super) fn new(conv: &Conv) -> Self {
        let tap = |tap: usize| {
            let of_output = |output| conv.weight(output, 0, tap / 3, tap % 3);
            padded(&(0..conv.outputs).map(of_output).collect::<Vec<_>>())
        };
        Self {
            weight: (0..TAPS).flat_map(tap).collect(),
            bias: padded(&conv.bias),
        }
    }

    /// Fills some rows of tiles of `out` from a grey picture of its size, row by row.
    pub(super) fn run(&self, rows: Range<usize>, grey: &[f32], out: &mut Map<'_>) {
        let width = out.width;
        let ys = tile_lines(&rows, out.height);
        // With zeros all around.
        let row = width + 2;
        let mut framed = vec![0.0; (ys.len() + 2) * row];
        let first = ys.start.saturating_sub(1);
        let above = first + 1 - ys.start;
        let grey = grey[first * width..].chunks_exact(width);
        for (framed, line) in framed.chunks_exact_mut(row).skip(above).zip(grey) {
            framed[1..=width].copy_from_slice(line);
        }
        for (place, y) in ys.enumerate() {
            let lines: [&[f32]; 3] = std::array::from_fn(|dy| &framed[(place + dy) * row..][..row]);
            let groups = out.groups;
            for (x, pixel) in out.line_mut(y).chunks_exact_mut(groups).enumerate() {
                let taps: [f32x4; TAPS] =
                    std::array::from_fn(|tap| f32x4::splat(lines[tap / 3][x + tap % 3]));
                for (group, (value, &bias)) in pixel.iter_mut().zip(&self.bias).enumerate() {
                    let mut sum = bias;
                    for (tap, &input) in taps.iter().enumerate() {
                        sum += input * self.weight[tap * groups + group];
                    }
                    *value = sum.fast_max(f32x4::ZERO);
                }
            }
        }
    }
}
