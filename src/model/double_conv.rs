//! Two rounds of convolution, batch normalisation and ReLU.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

/// \[conv 3x3 without bias, batch norm, ReLU\] twice; height and width stay.
#[derive(Module, Debug)]
pub struct DoubleConv {
    conv1: Conv2d,
    norm1: BatchNorm,
    conv2: Conv2d,
    norm2: BatchNorm,
}

impl DoubleConv {
    /// `channels` before, between and after the two convolutions.
    pub fn new(channels: [usize; 3], device: &Device) -> Self {
        let [before, between, after] = channels;
        Self {
            conv1: conv3x3(before, between, device),
            norm1: BatchNormConfig::new(between).init(device),
            conv2: conv3x3(between, after, device),
            norm2: BatchNormConfig::new(after).init(device),
        }
    }

    /// \[N, before, H, W\] -> \[N, after, H, W\].
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let x = relu(self.norm1.forward(self.conv1.forward(x)));
        relu(self.norm2.forward(self.conv2.forward(x)))
    }
}

fn conv3x3(before: usize, after: usize, device: &Device) -> Conv2d {
    Conv2dConfig::new([before, after], [3, 3])
        .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
        .with_bias(false)
        .init(device)
}
