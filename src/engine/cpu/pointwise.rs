//! 1x1 convolutions: a matrix product over pixels.

use wide::f32x4;

use super::map::{CHANNEL_STEP, LANES, groups, padded};
use crate::engine::network::Conv;

/// Vectors of outputs of one pass of the innermost loop.
const PANEL: usize = CHANNEL_STEP / LANES;

/// Pixels of one pass of the innermost loop.
const PIXELS: usize = 4;

/// The layer.
pub(super) struct Pointwise {
    inputs: usize,
    outputs: usize,
    /// \[outputs / PANEL, inputs * LANES, PANEL\].
    weight: Vec<f32x4>,
    /// \[outputs\].
    bias: Vec<f32x4>,
}

impl Pointwise {
    pub(super) fn new(conv: &Conv) -> Self {
        let (inputs, outputs) = (groups(conv.inputs), groups(conv.outputs));
        let mut weight = vec![[0.0; LANES]; inputs * LANES * outputs];
        for output in 0..conv.outputs {
            let (panel, lane) = (output / CHANNEL_STEP, output % CHANNEL_STEP);
            for input in 0..conv.inputs {
                let row = panel * inputs * LANES + input;
                weight[row * PANEL + lane / LANES][lane % LANES] = conv.weight(output, input, 0, 0);
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

    /// A line of pixels \[pixels, inputs\] -> \[pixels, outputs\].
    pub(super) fn run(&self, line: &[f32x4], out: &mut [f32x4]) {
        let whole = line.len() / (self.inputs * PIXELS);
        let (line, last) = line.split_at(whole * self.inputs * PIXELS);
        let (out, last_out) = out.split_at_mut(whole * self.outputs * PIXELS);
        self.run_pixels::<PIXELS>(line, out);
        self.run_pixels::<1>(last, last_out);
    }

    /// `N` pixels at once.
    fn run_pixels<const N: usize>(&self, line: &[f32x4], out: &mut [f32x4]) {
        let panel_size = self.inputs * LANES * PANEL;
        let panels = self.weight.chunks_exact(panel_size);
        for (panel, (weight, bias)) in panels.zip(self.bias.chunks_exact(PANEL)).enumerate() {
            let pixels = line.chunks_exact(self.inputs * N);
            for (pixels, out) in pixels.zip(out.chunks_exact_mut(self.outputs * N)) {
                let sums = multiply_pixels::<N>(pixels, self.inputs, weight);
                for (sums, out) in sums.iter().zip(out.chunks_exact_mut(self.outputs)) {
                    let out = &mut out[panel * PANEL..][..PANEL];
                    for ((out, &sum), &bias) in out.iter_mut().zip(sums).zip(bias) {
                        *out = sum + bias;
                    }
                }
            }
        }
    }
}

/// `N` pixels times one panel of outputs. `weight`: \[inputs * LANES, PANEL\] vectors of outputs.
fn multiply_pixels<const N: usize>(
    pixels: &[f32x4],
    inputs: usize,
    weight: &[f32x4],
) -> [[f32x4; PANEL]; N] {
    let mut sums = [[f32x4::ZERO; PANEL]; N];
    let pixels: [&[f32x4]; N] = std::array::from_fn(|pixel| &pixels[pixel * inputs..][..inputs]);
    for (group, weight) in weight.chunks_exact(LANES * PANEL).enumerate() {
        for (lane, weight) in weight.chunks_exact(PANEL).enumerate() {
            for (sums, pixel) in sums.iter_mut().zip(pixels) {
                let input = f32x4::splat(pixel[group].as_array()[lane]);
                for (sum, &weight) in sums.iter_mut().zip(weight) {
                    *sum += input * weight;
                }
            }
        }
    }
    sums
}
