//! The attention gate.

use wide::f32x4;

use super::map::{Map, padded};
use super::pointwise::Pointwise;
use super::sigmoid;
use super::upsample::Upsample;
use crate::engine::network::Gate;

/// psi = sigmoid(psi(relu(w_g(g) + w_x(x)))).
pub(super) struct AttentionGate {
    w_g: Pointwise,
    w_x: Pointwise,
    psi: Vec<f32x4>,
    psi_bias: f32,
}

impl AttentionGate {
    pub(super) fn new(gate: &Gate) -> Self {
        Self {
            w_g: Pointwise::new(&gate.w_g),
            w_x: Pointwise::new(&gate.w_x),
            psi: padded(&gate.psi.weight),
            psi_bias: gate.psi.bias[0],
        }
    }

    /// Groups of channels of [`signal`](Self::signal).
    pub(super) fn channels(&self) -> usize {
        self.w_g.outputs()
    }

    /// The gating signal `deeper`, of half the skip's size, before it is upsampled: a 1x1 convolution may as well come first, as
    /// both are linear and the shares of the bilinear mean add up to 1, and has a quarter of the work there.
    pub(super) fn signal(&self, deeper: &Map<'_>, signal: &mut Map<'_>) {
        for y in 0..deeper.height {
            self.w_g.run(deeper.line(y), signal.line_mut(y));
        }
    }

    /// Looks at a skip line by line, by a [`signal`](Self::signal).
    pub(super) fn by<'a>(&'a self, signal: &'a Map<'a>) -> Gating<'a> {
        let line = vec![f32x4::ZERO; 2 * signal.width * self.channels()];
        Gating {
            gate: self,
            signal: Upsample::new(signal),
            of_signal: line.clone(),
            of_skip: line,
        }
    }
}

/// The gate of one map.
pub(super) struct Gating<'a> {
    gate: &'a AttentionGate,
    signal: Upsample<'a>,
    of_signal: Vec<f32x4>,
    of_skip: Vec<f32x4>,
}

impl Gating<'_> {
    /// Where to look in line `y` of the skip: a value a pixel, 0 to 1.
    pub(super) fn line(&mut self, y: usize, skip: &[f32x4]) -> impl Iterator<Item = f32> {
        let channels = self.gate.channels();
        self.signal.line(y, &mut self.of_signal);
        self.gate.w_x.run(skip, &mut self.of_skip);
        let pixels = self.of_signal.chunks_exact(channels);
        pixels
            .zip(self.of_skip.chunks_exact(channels))
            .map(|(g, x)| {
                let mut sum = f32x4::ZERO;
                for ((&g, &x), &weight) in g.iter().zip(x).zip(&self.gate.psi) {
                    sum += (g + x).fast_max(f32x4::ZERO) * weight;
                }
                sigmoid(sum.reduce_add() + self.gate.psi_bias)
            })
    }
}
