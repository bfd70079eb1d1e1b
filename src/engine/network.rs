//! The network's weights as the engines take them: in 32 bits on the host, each batch norm folded into the convolution
//! before it. Made by [`Weights::network`](crate::weights::Weights::network).

/// A convolution with bias; `side` 3 with padding 1, or `side` 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Conv {
    /// Channels before.
    pub inputs: usize,
    /// Channels after.
    pub outputs: usize,
    /// Height and width of the kernel.
    pub side: usize,
    /// \[outputs, inputs, side, side\], row-major.
    pub weight: Vec<f32>,
    /// \[outputs\].
    pub bias: Vec<f32>,
}

impl Conv {
    /// The weight from an input to an output at a place of the kernel.
    pub fn weight(&self, output: usize, input: usize, y: usize, x: usize) -> f32 {
        self.weight[((output * self.inputs + input) * self.side + y) * self.side + x]
    }

    /// The kernel from an input to an output, of a convolution of side 3.
    pub(super) fn kernel(&self, output: usize, input: usize) -> [[f32; 3]; 3] {
        std::array::from_fn(|y| std::array::from_fn(|x| self.weight(output, input, y, x)))
    }
}

/// An attention gate: psi = sigmoid(psi(relu(w_g(g) + w_x(x)))).
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// Of the gating signal, 1x1.
    pub w_g: Conv,
    /// Of the skip, 1x1.
    pub w_x: Conv,
    /// To one channel, 1x1.
    pub psi: Conv,
}

/// One step up: gate, then two convolutions over the gated skip and the upsampled deeper map.
#[derive(Clone, Debug, PartialEq)]
pub struct UpBlock {
    /// Where to look in the skip.
    pub gate: Gate,
    /// 3x3, each followed by ReLU.
    pub conv: [Conv; 2],
}

/// All weights of an Attention U-Net.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// Two 3x3 convolutions a stage, each followed by ReLU; finest first.
    pub encoder: [[Conv; 2]; 5],
    /// Deepest first.
    pub decoder: [UpBlock; 4],
    /// 1x1 to the classes; the first is the crack.
    pub head: Conv,
}

impl Network {
    /// Channels of the finest stage.
    pub fn width(&self) -> usize {
        self.head.inputs
    }
}
