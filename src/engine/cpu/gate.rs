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

    /// Where to look in `skip`: a value a pixel, row by row. `deeper`, of half the size, is the gating signal before it is
    /// upsampled: a 1x1 convolution may as well come first, as both are linear and the shares of the bilinear mean add up
    /// to 1, and has a quarter of the work there.
    pub(super) fn run(&self, deeper: &Map<'_>, skip: &Map<'_>, psi: &mut Vec<f32>) {
        let channels = self.w_g.outputs();
        let size = [deeper.height, deeper.width];
        let mut room = vec![f32x4::ZERO; Map::vectors(size, channels)];
        let mut signal = Map::take(&mut room.as_mut_slice(), size, channels);
        for y in 0..deeper.height {
            self.w_g.run(deeper.line(y), signal.line_mut(y));
        }
        let mut signal = Upsample::new(&signal);
        let mut of_signal = vec![f32x4::ZERO; skip.width * channels];
        let mut of_skip = of_signal.clone();
        psi.clear();
        for y in 0..skip.height {
            signal.line(y, &mut of_signal);
            self.w_x.run(skip.line(y), &mut of_skip);
            let pixels = of_signal.chunks_exact(channels);
            psi.extend(pixels.zip(of_skip.chunks_exact(channels)).map(|(g, x)| {
                let mut sum = f32x4::ZERO;
                for ((&g, &x), &weight) in g.iter().zip(x).zip(&self.psi) {
                    sum += (g + x).fast_max(f32x4::ZERO) * weight;
                }
                sigmoid(sum.reduce_add() + self.psi_bias)
            }));
        }
    }
}
