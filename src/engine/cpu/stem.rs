//! The first convolution: 3x3 from one channel, where there is nothing to gain by Winograd's way.

use wide::f32x4;

use super::map::{Map, padded};
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

    /// Fills `out` from a grey picture of its size, row by row.
    pub(super) fn run(&self, grey: &[f32], out: &mut Map<'_>) {
        let (height, width) = (out.height, out.width);
        // With zeros all around.
        let row = width + 2;
        let mut framed = vec![0.0; (height + 2) * row];
        for (framed, line) in framed[row..]
            .chunks_exact_mut(row)
            .zip(grey.chunks_exact(width))
        {
            framed[1..=width].copy_from_slice(line);
        }
        for y in 0..height {
            let lines: [&[f32]; 3] = std::array::from_fn(|dy| &framed[(y + dy) * row..][..row]);
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
