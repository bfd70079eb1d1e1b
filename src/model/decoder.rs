//! The expanding path.

use burn::module::Module;
use burn::tensor::module::interpolate;
use burn::tensor::ops::{InterpolateMode, InterpolateOptions, PadMode};
use burn::tensor::{Device, Tensor};

use super::{AttentionGate, DoubleConv};

/// One step up: upsample, gate the skip, concatenate, convolve.
#[derive(Module, Debug)]
pub struct UpBlock {
    gate: AttentionGate,
    conv: DoubleConv,
}

impl UpBlock {
    /// `before` channels of skip and deeper map together, `after` channels out.
    pub fn new(before: usize, after: usize, device: &Device) -> Self {
        Self {
            gate: AttentionGate::new(before / 2, before / 4, device),
            conv: DoubleConv::new([before, before / 2, after], device),
        }
    }

    /// Deeper map `g` \[N, before/2, h, w\] and skip `x` \[N, before/2, H, W\]
    /// -> (features \[N, after, H, W\], psi \[N, 1, H, W\]).
    pub fn forward(&self, g: Tensor<4>, x: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        let g = upsample_to(g, &x);
        let psi = self.gate.forward(g.clone(), x.clone());
        let features = self.conv.forward(Tensor::cat(vec![x * psi.clone(), g], 1));
        (features, psi)
    }
}

/// Four steps up, from the deepest stage to the finest.
#[derive(Module, Debug)]
pub struct Decoder {
    up: Vec<UpBlock>,
}

impl Decoder {
    /// Undoes an [`Encoder`](super::Encoder) of the same `width`.
    pub fn new(width: usize, device: &Device) -> Self {
        Self {
            up: [(16, 4), (8, 2), (4, 1), (2, 1)]
                .map(|(before, after)| UpBlock::new(before * width, after * width, device))
                .into(),
        }
    }

    /// The encoder's five stages, finest first -> (features \[N, width, H, W\], the four psi, deepest first).
    pub fn forward(&self, stages: [Tensor<4>; 5]) -> (Tensor<4>, Vec<Tensor<4>>) {
        let [skips @ .., mut features] = stages;
        let mut attention = Vec::with_capacity(self.up.len());
        for (up, skip) in self.up.iter().zip(skips.into_iter().rev()) {
            let (finer, psi) = up.forward(features, skip);
            features = finer;
            attention.push(psi);
        }
        (features, attention)
    }
}

/// Bilinear x2 with aligned corners, then zeros around up to the skip's size, the smaller half first.
fn upsample_to(g: Tensor<4>, skip: &Tensor<4>) -> Tensor<4> {
    let [_, _, height, width] = skip.dims();
    let [_, _, h, w] = g.dims();
    let (h, w) = (2 * h, 2 * w);
    let options = InterpolateOptions::new(InterpolateMode::Bilinear)
        .with_align_corners(true)
        .with_output_size([h, w]);
    let g = interpolate(g, options);
    let (bottom, right) = (height - h, width - w);
    if bottom == 0 && right == 0 {
        return g;
    }
    let (top, left) = (bottom / 2, right / 2);
    g.pad(
        (left, right - left, top, bottom - top),
        PadMode::Constant(0.0),
    )
}
