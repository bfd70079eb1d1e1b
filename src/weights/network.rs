//! From named tensors to an engine's [`Network`]: widened to 32 bits, the batch norms folded into the convolutions.

use std::collections::BTreeMap;

use burn_pack::{DType, Tensor};
use half::{bf16, f16};

use super::{Mismatch, Sizes};
use crate::engine::network::{Conv, Gate, Network, UpBlock};

/// What a batch norm adds to the variance; the original's.
const EPSILON: f32 = 1e-5;

/// The network of these sizes, or which tensors do not fit it.
pub(super) fn network(tensors: &[Tensor], sizes: Sizes) -> Result<Network, Mismatch> {
    let mut fold = Fold {
        unused: tensors
            .iter()
            .map(|tensor| (tensor.name.as_str(), tensor))
            .collect(),
        mismatch: Mismatch::default(),
    };
    let Sizes { width, classes } = sizes;
    let network = Network {
        encoder: [
            fold.double_conv("encoder.inc", [1, width, width]),
            fold.stage(0, width, 2 * width),
            fold.stage(1, 2 * width, 4 * width),
            fold.stage(2, 4 * width, 8 * width),
            fold.stage(3, 8 * width, 8 * width),
        ],
        decoder: [
            fold.up(0, 16 * width, 4 * width),
            fold.up(1, 8 * width, 2 * width),
            fold.up(2, 4 * width, width),
            fold.up(3, 2 * width, width),
        ],
        head: fold.conv("head", [classes, width, 1], Bias::Own),
    };
    fold.mismatch
        .extra
        .extend(fold.unused.into_keys().map(str::to_owned));
    if fold.mismatch.is_empty() {
        Ok(network)
    } else {
        Err(fold.mismatch)
    }
}

/// Takes tensors by name, and notes those that do not fit; zeros stand in for them.
struct Fold<'a> {
    unused: BTreeMap<&'a str, &'a Tensor>,
    mismatch: Mismatch,
}

/// What a convolution adds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bias {
    None,
    Own,
}

impl Fold<'_> {
    fn stage(&mut self, level: usize, before: usize, after: usize) -> [Conv; 2] {
        self.double_conv(&format!("encoder.down.{level}"), [before, after, after])
    }

    fn up(&mut self, level: usize, before: usize, after: usize) -> UpBlock {
        let path = format!("decoder.up.{level}");
        let (channels, between) = (before / 2, before / 4);
        let mut conv1x1 = |name: &str, outputs, inputs| {
            let conv = self.conv(
                &format!("{path}.gate.{name}"),
                [outputs, inputs, 1],
                Bias::Own,
            );
            let norm = match name.strip_prefix("w_") {
                Some(of) => format!("{path}.gate.norm_{of}"),
                None => format!("{path}.gate.norm_{name}"),
            };
            self.normalised(conv, &norm)
        };
        UpBlock {
            gate: Gate {
                w_g: conv1x1("w_g", between, channels),
                w_x: conv1x1("w_x", between, channels),
                psi: conv1x1("psi", 1, between),
            },
            conv: self.double_conv(&format!("{path}.conv"), [before, channels, after]),
        }
    }

    fn double_conv(&mut self, path: &str, channels: [usize; 3]) -> [Conv; 2] {
        [1, 2].map(|index| {
            let shape = [channels[index], channels[index - 1], 3];
            let conv = self.conv(&format!("{path}.conv{index}"), shape, Bias::None);
            self.normalised(conv, &format!("{path}.norm{index}"))
        })
    }

    fn conv(&mut self, path: &str, [outputs, inputs, side]: [usize; 3], bias: Bias) -> Conv {
        let weight = self.floats(&format!("{path}.weight"), &[outputs, inputs, side, side]);
        let bias = match bias {
            Bias::None => vec![0.0; outputs],
            Bias::Own => self.floats(&format!("{path}.bias"), &[outputs]),
        };
        self.expect_finite(path, weight.iter().chain(&bias));
        Conv {
            inputs,
            outputs,
            side,
            weight,
            bias,
        }
    }

    /// The convolution with the batch norm `norm` after it.
    fn normalised(&mut self, mut conv: Conv, norm: &str) -> Conv {
        let [gamma, beta, mean, variance] = ["gamma", "beta", "running_mean", "running_var"]
            .map(|parameter| self.floats(&format!("{norm}.{parameter}"), &[conv.outputs]));
        let kernels = conv
            .weight
            .chunks_exact_mut(conv.inputs * conv.side * conv.side);
        for (output, kernel) in kernels.enumerate() {
            let scale = gamma[output] / (variance[output] + EPSILON).sqrt();
            for weight in kernel {
                *weight *= scale;
            }
            let bias = &mut conv.bias[output];
            *bias = (*bias - mean[output]) * scale + beta[output];
        }
        self.expect_finite(norm, conv.weight.iter().chain(&conv.bias));
        conv
    }

    /// Values beyond all bounds (as of a negative variance) would make every probability NaN.
    fn expect_finite<'v>(&mut self, name: &str, mut values: impl Iterator<Item = &'v f32>) {
        if !values.all(|value| value.is_finite()) {
            let unfit = format!("{name} leads to values that are no numbers");
            self.mismatch.unfit.push(unfit);
        }
    }

    fn floats(&mut self, name: &str, shape: &[usize]) -> Vec<f32> {
        let length = shape.iter().product();
        let zeros = || vec![0.0; length];
        let Some(tensor) = self.unused.remove(name) else {
            self.mismatch.missing.push(name.to_owned());
            return zeros();
        };
        let found = tensor.shape.to_vec();
        if found != shape {
            let unfit = format!("{name} is {found:?} instead of {shape:?}");
            self.mismatch.unfit.push(unfit);
            return zeros();
        }
        match widened(tensor) {
            Some(values) if values.len() == length => values,
            _ => {
                let unfit = format!("{name} holds {:?}, not floats", tensor.dtype);
                self.mismatch.unfit.push(unfit);
                zeros()
            }
        }
    }
}

/// A tensor's values; none where they are no floats.
fn widened(tensor: &Tensor) -> Option<Vec<f32>> {
    fn each<const N: usize>(bytes: &[u8], read: impl Fn([u8; N]) -> f32) -> Vec<f32> {
        let (values, _) = bytes.as_chunks();
        values.iter().map(|&value| read(value)).collect()
    }
    let bytes = tensor.to_bytes().ok()?;
    Some(match tensor.dtype {
        DType::F64 => each(&bytes, |value| f64::from_le_bytes(value) as f32),
        DType::F32 => each(&bytes, f32::from_le_bytes),
        DType::F16 => each(&bytes, |value| f16::from_le_bytes(value).to_f32()),
        DType::BF16 => each(&bytes, |value| bf16::from_le_bytes(value).to_f32()),
        _ => return None,
    })
}
