//! The gate that tells a skip connection where to look.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig};
use burn::tensor::activation::{relu, sigmoid};
use burn::tensor::{Device, Tensor};

/// Additive attention: psi = sigmoid(BN(conv(relu(BN(conv g) + BN(conv x))))), all convolutions 1x1 with bias.
#[derive(Module, Debug)]
pub struct AttentionGate {
    w_g: Conv2d,
    norm_g: BatchNorm,
    w_x: Conv2d,
    norm_x: BatchNorm,
    psi: Conv2d,
    norm_psi: BatchNorm,
}

impl AttentionGate {
    /// `channels` of both the gating signal and the skip; `intermediate` channels in between.
    pub fn new(channels: usize, intermediate: usize, device: &Device) -> Self {
        let conv1x1 = |before, after| Conv2dConfig::new([before, after], [1, 1]).init(device);
        let norm = |channels| BatchNormConfig::new(channels).init(device);
        Self {
            w_g: conv1x1(channels, intermediate),
            norm_g: norm(intermediate),
            w_x: conv1x1(channels, intermediate),
            norm_x: norm(intermediate),
            psi: conv1x1(intermediate, 1),
            norm_psi: norm(1),
        }
    }

    /// Gating signal `g` and skip `x`, both \[N, channels, H, W\] -> psi \[N, 1, H, W\] in 0..1.
    pub fn forward(&self, g: Tensor<4>, x: Tensor<4>) -> Tensor<4> {
        let g = self.norm_g.forward(self.w_g.forward(g));
        let x = self.norm_x.forward(self.w_x.forward(x));
        sigmoid(self.norm_psi.forward(self.psi.forward(relu(g + x))))
    }
}
