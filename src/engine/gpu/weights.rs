//! Weights in the order in which the kernels read them, on the device.

use cubecl::client::Client;
use cubecl::server::Handle;

use crate::engine::network::{Conv, Gate, Network, UpBlock};
use crate::engine::precision::Precision;
use crate::engine::winograd::{POINTS, transform_kernel};

/// Channels come in groups of this many in every map; a map of fewer has some that stay zero.
const GROUP: usize = 8;

/// Channels that a map of `channels` has.
pub(super) fn padded(channels: usize) -> usize {
    channels.next_multiple_of(GROUP)
}

/// Everything the kernels read besides maps.
pub(super) struct Weights {
    pub(super) first: First,
    /// Finest first.
    pub(super) encoder: [Stage; 5],
    /// Deepest first.
    pub(super) decoder: [Up; 4],
    /// The last convolution but the head.
    pub(super) last: Conv3x3,
    /// One weight a channel, then the bias.
    pub(super) head: Handle,
}

/// The first convolution of the network.
pub(super) struct First {
    pub(super) outputs: usize,
    pub(super) weight: Handle,
    pub(super) bias: Handle,
}

/// A stage of the encoder.
pub(super) struct Stage {
    /// `None` in the finest, which begins with [`First`].
    pub(super) before: Option<Conv3x3>,
    pub(super) last: Conv3x3,
}

/// A step of the decoder.
pub(super) struct Up {
    pub(super) gate: GateWeights,
    pub(super) conv: Conv3x3,
    /// `None` in the finest, which ends with [`Weights::last`].
    pub(super) last: Option<Conv3x3>,
}

/// A 3x3 convolution in Winograd's domain.
pub(super) struct Conv3x3 {
    /// Planes in and out, padded.
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    /// \[36, inputs, outputs\].
    pub(super) weight: Handle,
    pub(super) bias: Handle,
}

/// An attention gate.
pub(super) struct GateWeights {
    /// Planes of skip and signal, and in between, padded.
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    /// \[inputs, outputs\].
    pub(super) w_g: Handle,
    pub(super) w_x: Handle,
    /// For each four outputs the sum of the biases, then the weights of psi; at the end the bias of psi.
    pub(super) join: Handle,
}

impl Weights {
    /// The largest buffer that they take, in bytes: a 3x3 convolution's. From width 86 on that is more than the 128 MiB that WebGPU binds
    /// everywhere.
    pub(super) fn largest_buffer(network: &Network, precision: Precision) -> usize {
        let decoder = network.decoder.iter().flat_map(|up| &up.conv);
        let convs = network.encoder.iter().flatten().chain(decoder);
        let values = convs.map(|conv| {
            // As of two maps, which some of them read.
            POINTS * conv.inputs.next_multiple_of(2 * GROUP) * padded(conv.outputs)
        });
        precision.bytes() * values.max().unwrap_or_default()
    }

    pub(super) fn upload(network: &Network, client: &Client, precision: Precision) -> Self {
        let whole = |conv: &Conv| upload_conv(conv, &[conv.inputs], client, precision);
        let [first, _] = &network.encoder[0];
        Self {
            first: First {
                outputs: padded(first.outputs),
                weight: upload(taps(first), client, Precision::Single),
                bias: upload(
                    extended(&first.bias, padded(first.outputs)),
                    client,
                    Precision::Single,
                ),
            },
            encoder: std::array::from_fn(|stage| Stage {
                before: (stage > 0).then(|| whole(&network.encoder[stage][0])),
                last: whole(&network.encoder[stage][1]),
            }),
            decoder: std::array::from_fn(|step| {
                let UpBlock { gate, conv } = &network.decoder[step];
                let [joined, last] = conv;
                let half = joined.inputs / 2;
                Up {
                    gate: upload_gate(gate, client, precision),
                    conv: upload_conv(joined, &[half, half], client, precision),
                    last: (step < 3).then(|| whole(last)),
                }
            }),
            last: whole(&network.decoder[3].conv[1]),
            head: upload(
                head(&network.head, padded(network.head.inputs)),
                client,
                Precision::Single,
            ),
        }
    }
}

fn upload(values: Vec<f32>, client: &Client, precision: Precision) -> Handle {
    client.create(precision.encode(values))
}

/// A 3x3 convolution whose inputs come from maps of `parts` channels.
pub(super) fn upload_conv(
    conv: &Conv,
    parts: &[usize],
    client: &Client,
    precision: Precision,
) -> Conv3x3 {
    Conv3x3 {
        inputs: parts.iter().map(|&part| padded(part)).sum(),
        outputs: padded(conv.outputs),
        weight: upload(
            winograd(conv, parts, precision.kernel_scale()),
            client,
            precision,
        ),
        bias: upload(
            extended(&conv.bias, padded(conv.outputs)),
            client,
            Precision::Single,
        ),
    }
}

pub(super) fn upload_gate(gate: &Gate, client: &Client, precision: Precision) -> GateWeights {
    GateWeights {
        inputs: padded(gate.w_g.inputs),
        outputs: padded(gate.w_g.outputs),
        w_g: upload(by_input(&gate.w_g), client, precision),
        w_x: upload(by_input(&gate.w_x), client, precision),
        join: upload(join(gate), client, Precision::Single),
    }
}

/// Filled up with zeros.
fn extended(values: &[f32], length: usize) -> Vec<f32> {
    let mut values = values.to_vec();
    values.resize(length, 0.0);
    values
}

/// The first convolution: \[outputs / 4, 9, 4\].
fn taps(conv: &Conv) -> Vec<f32> {
    let mut packed = vec![0.0; padded(conv.outputs) * 9];
    for output in 0..conv.outputs {
        for tap in 0..9 {
            packed[(output / 4 * 9 + tap) * 4 + output % 4] = conv.weight[output * 9 + tap];
        }
    }
    packed
}

/// A 1x1 convolution: \[inputs, outputs\].
fn by_input(conv: &Conv) -> Vec<f32> {
    let outputs = padded(conv.outputs);
    let mut packed = vec![0.0; padded(conv.inputs) * outputs];
    for output in 0..conv.outputs {
        for input in 0..conv.inputs {
            packed[input * outputs + output] = conv.weight[output * conv.inputs + input];
        }
    }
    packed
}

fn join(Gate { w_g, w_x, psi }: &Gate) -> Vec<f32> {
    let mut packed = vec![0.0; padded(w_g.outputs) * 2 + 4];
    for output in 0..w_g.outputs {
        let quad = output / 4 * 8 + output % 4;
        packed[quad] = w_g.bias[output] + w_x.bias[output];
        packed[quad + 4] = psi.weight[output];
    }
    let end = packed.len() - 4;
    packed[end] = psi.bias[0];
    packed
}

/// The first class alone: what is shown is the crack's probability.
fn head(conv: &Conv, channels: usize) -> Vec<f32> {
    let mut packed = extended(&conv.weight[..conv.inputs], channels);
    packed.push(conv.bias[0]);
    packed
}

/// `scale` times G w G^T of every 3x3 kernel w: \[36, inputs, outputs\]. The inputs come from maps of `parts` channels, each padded.
fn winograd(conv: &Conv, parts: &[usize], scale: f32) -> Vec<f32> {
    let planes: usize = parts.iter().map(|&part| padded(part)).sum();
    let outputs = padded(conv.outputs);
    let mut packed = vec![0.0; POINTS * planes * outputs];
    let mut plane = 0;
    let mut input = 0;
    for &part in parts {
        for offset in 0..part {
            for output in 0..conv.outputs {
                let transformed = transform_kernel(conv.kernel(output, input + offset));
                for (position, value) in transformed.into_iter().enumerate() {
                    packed[(position * planes + plane + offset) * outputs + output] = scale * value;
                }
            }
        }
        input += part;
        plane += padded(part);
    }
    packed
}
