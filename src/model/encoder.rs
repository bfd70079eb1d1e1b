//! The contracting path.

use burn::module::Module;
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::tensor::{Device, Tensor};

use super::DoubleConv;

/// Five stages, each at half the resolution of the one before.
#[derive(Module, Debug)]
pub struct Encoder {
    inc: DoubleConv,
    down: Vec<DoubleConv>,
    pool: MaxPool2d,
}

impl Encoder {
    /// Stages of `width`, 2, 4, 8 and again 8 times `width` channels.
    pub fn new(width: usize, device: &Device) -> Self {
        let stage = |before, after| DoubleConv::new([before, after, after], device);
        Self {
            inc: stage(1, width),
            down: [(1, 2), (2, 4), (4, 8), (8, 8)]
                .map(|(before, after)| stage(before * width, after * width))
                .into(),
            pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
        }
    }

    /// \[N, 1, H, W\] -> the five stages, finest first: \[N, width, H, W\] ... \[N, 8 width, H/16, W/16\]
    /// (each half rounded down).
    pub fn forward(&self, x: Tensor<4>) -> [Tensor<4>; 5] {
        let x1 = self.inc.forward(x);
        let x2 = self.down(0, &x1);
        let x3 = self.down(1, &x2);
        let x4 = self.down(2, &x3);
        let x5 = self.down(3, &x4);
        [x1, x2, x3, x4, x5]
    }

    fn down(&self, level: usize, x: &Tensor<4>) -> Tensor<4> {
        self.down[level].forward(self.pool.forward(x.clone()))
    }
}
