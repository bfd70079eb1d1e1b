//! The network's weights on the host, batch norms folded into the convolutions before them.

/// A convolution with bias, padded so that the size stays.
#[derive(Debug, Clone)]
pub struct Conv {
    /// Channels in.
    pub inputs: usize,
    /// Channels out.
    pub outputs: usize,
    /// 1 or 3.
    pub side: usize,
    /// \[outputs, inputs, side, side\].
    pub weight: Vec<f32>,
    /// \[outputs\].
    pub bias: Vec<f32>,
}

/// The attention gate of a skip connection.
#[derive(Debug, Clone)]
pub struct Gate {
    /// Of the deeper map.
    pub w_g: Conv,
    /// Of the skip.
    pub w_x: Conv,
    /// To one channel.
    pub psi: Conv,
}

/// One step up.
#[derive(Debug, Clone)]
pub struct UpBlock {
    /// Weighs the skip.
    pub gate: Gate,
    /// Over the skip and the upsampled deeper map together, then once more.
    pub conv: [Conv; 2],
}

/// All weights.
#[derive(Debug, Clone)]
pub struct Network {
    /// Finest first.
    pub encoder: [[Conv; 2]; 5],
    /// Deepest first.
    pub decoder: [UpBlock; 4],
    /// 1x1 to the classes; the first is the crack.
    pub head: Conv,
}
