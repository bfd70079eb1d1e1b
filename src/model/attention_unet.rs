//! The whole network.

use burn::config::Config;
use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::{Device, Tensor};

use super::{Decoder, Encoder};
use crate::calibration::Calibration;

/// The sizes of an [`AttentionUNet`].
#[derive(Config, Debug, PartialEq, Eq, Copy)]
pub struct AttentionUNetConfig {
    /// Channels of the finest stage; every other channel count scales with it. 64 in the original, 16 in "lite";
    /// even, because the finest gate works in half as many.
    #[config(default = 64)]
    pub width: usize,
    /// Channels of the output. The first is the crack.
    #[config(default = 1)]
    pub n_classes: usize,
}

impl AttentionUNetConfig {
    /// A network with random weights.
    pub fn init(&self, device: &Device) -> AttentionUNet {
        AttentionUNet {
            encoder: Encoder::new(self.width, device),
            decoder: Decoder::new(self.width, device),
            head: Conv2dConfig::new([self.width, self.n_classes], [1, 1]).init(device),
        }
    }
}

/// Attention U-Net with four levels.
#[derive(Module, Debug)]
pub struct AttentionUNet {
    encoder: Encoder,
    decoder: Decoder,
    head: Conv2d,
}

/// What one pass gives.
#[derive(Debug)]
pub struct Output {
    /// \[N, n_classes, H, W\]; the probability is the sigmoid.
    pub logits: Tensor<4>,
    /// Where each gate looked, deepest first: \[N, 1, H/8, W/8\] ... \[N, 1, H, W\], 0..1.
    pub attention: Vec<Tensor<4>>,
}

impl AttentionUNet {
    /// \[N, 1, H, W\], grey scaled to -1..1 -> [`Output`]. H and W are at least 16.
    pub fn forward(&self, x: Tensor<4>) -> Output {
        let (features, attention) = self.decoder.forward(self.encoder.forward(x));
        Output {
            logits: self.head.forward(features),
            attention,
        }
    }

    /// The same network with other probabilities.
    pub fn calibrated(mut self, Calibration { scale, shift }: Calibration) -> Self {
        self.head.weight = self.head.weight.map(|weight| weight * scale);
        self.head.bias = self
            .head
            .bias
            .map(|bias| bias.map(|bias| bias * scale + shift));
        self
    }

    /// Channels of the finest stage.
    pub fn width(&self) -> usize {
        let [_, width, _, _] = self.head.weight.dims();
        width
    }

    /// The contracting path alone.
    pub fn encoder(&self) -> &Encoder {
        &self.encoder
    }
}
