//! Every layer against Burn's own operators, on random values.

use burn::tensor::activation::{relu, sigmoid};
use burn::tensor::module::{conv2d, interpolate, max_pool2d};
use burn::tensor::ops::{ConvOptions, InterpolateMode, InterpolateOptions, MaxPoolOptions};
use burn::tensor::{Device, Tensor, TensorData};
use wide::f32x4;

use super::conv3x3::{Conv3x3, Scratch, Source};
use super::gate::AttentionGate;
use super::in_bands;
use super::map::{LANES, Map, groups};
use super::stem::Stem;
use super::upsample::Upsample;
use crate::device::difference;
use crate::engine::network::{Conv, Gate};

/// Both sides compute in 32 bits on values around 1; Winograd's transforms lose a few bits.
const TOLERANCE: f32 = 1e-4;

struct Random(fastrand::Rng);

impl Random {
    fn values(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| 2.0 * self.0.f32() - 1.0).collect()
    }

    fn conv(&mut self, inputs: usize, outputs: usize, side: usize) -> Conv {
        let mut weight = self.values(outputs * inputs * side * side);
        let size = (inputs as f32).sqrt() * side as f32;
        weight.iter_mut().for_each(|weight| *weight /= size);
        Conv {
            inputs,
            outputs,
            side,
            weight,
            bias: self.values(outputs),
        }
    }

    /// The same values as a map and as [1, C, H, W].
    fn map(&mut self, channels: usize, [height, width]: [usize; 2]) -> (Map<'static>, Tensor<4>) {
        let values = self.values(channels * height * width);
        let mut map = used_map([height, width], channels);
        for y in 0..height {
            map.line_mut(y).fill(f32x4::ZERO);
        }
        for (index, &value) in values.iter().enumerate() {
            let (channel, pixel) = (index / (height * width), index % (height * width));
            let groups = map.groups;
            let group = &mut map.line_mut(pixel / width)[pixel % width * groups + channel / LANES];
            group.as_mut_array()[channel % LANES] = value;
        }
        (map, tensor(values, [1, channels, height, width]))
    }
}

/// A map in memory that was used before.
fn used_map(size: [usize; 2], channels: usize) -> Map<'static> {
    let groups = groups(channels);
    let room = vec![f32x4::splat(7.0); Map::vectors(size, groups)];
    Map::take(&mut room.leak(), size, groups)
}

fn random(seed: u64) -> Random {
    Random(fastrand::Rng::with_seed(seed))
}

fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

fn convolved(conv: &Conv, x: Tensor<4>) -> Tensor<4> {
    let weight = tensor(
        conv.weight.clone(),
        [conv.outputs, conv.inputs, conv.side, conv.side],
    );
    let bias = tensor(conv.bias.clone(), [conv.outputs]);
    let padding = conv.side / 2;
    let options = ConvOptions::new([1, 1], [padding, padding], [1, 1], 1);
    conv2d(x, weight, Some(bias), options)
}

fn upsampled(x: Tensor<4>) -> Tensor<4> {
    let [_, _, height, width] = x.dims();
    let options = InterpolateOptions::new(InterpolateMode::Bilinear)
        .with_align_corners(true)
        .with_output_size([2 * height, 2 * width]);
    interpolate(x, options)
}

fn assert_close(actual: &[f32], expected: Tensor<4>) {
    let expected = expected.into_data().try_into_vec::<f32>().unwrap();
    let error = difference(actual, &expected);
    assert!(error <= TOLERANCE, "off by {error}");
}

/// A map's values as [1, C, H, W].
fn values(map: &Map<'_>, channels: usize) -> Vec<f32> {
    let value = |channel: usize, y: usize, x: usize| {
        map.line(y)[x * map.groups + channel / LANES].as_array()[channel % LANES]
    };
    let pixels = (0..map.height).flat_map(|y| (0..map.width).map(move |x| (y, x)));
    (0..channels)
        .flat_map(|channel| pixels.clone().map(move |(y, x)| value(channel, y, x)))
        .collect()
}

/// Maps of the deepest stages are as small as one pixel; others are no multiple of Winograd's tile.
const SIZES: [[usize; 2]; 4] = [[1, 1], [2, 6], [16, 12], [7, 9]];

#[test]
fn conv3x3_agrees() {
    let mut random = random(1);
    for size in SIZES {
        for (inputs, outputs) in [(2, 2), (8, 4), (20, 24)] {
            let conv = random.conv(inputs, outputs, 3);
            let (map, x) = random.map(inputs, size);
            let mut out = used_map(size, outputs);
            Conv3x3::new(&conv, &[inputs]).run(
                0..out.tile_rows(),
                &[(&map).into()],
                &mut out,
                None,
                &mut Scratch::default(),
            );
            assert_close(&values(&out, outputs), relu(convolved(&conv, x)));
        }
    }
}

#[test]
fn conv3x3_pools() {
    let mut random = random(2);
    for size in [[2, 2], [6, 10], [16, 12]] {
        let conv = random.conv(4, 12, 3);
        let (map, x) = random.map(4, size);
        let mut out = used_map(size, 12);
        let mut pooled = used_map(size.map(|side| side / 2), 12);
        Conv3x3::new(&conv, &[4]).run(
            0..out.tile_rows(),
            &[(&map).into()],
            &mut out,
            Some(&mut pooled),
            &mut Scratch::default(),
        );
        let pool = MaxPoolOptions::new([2, 2]).with_stride([2, 2]);
        let expected = max_pool2d(relu(convolved(&conv, x)), pool);
        assert_close(&values(&pooled, 12), expected);
    }
}

#[test]
fn conv3x3_reads_a_gated_and_a_plain_map() {
    let mut random = random(3);
    for size in SIZES {
        let conv = random.conv(6 + 10, 8, 3);
        let (skip, x) = random.map(6, size);
        let (deeper, g) = random.map(10, size);
        let gate = random.values(size[0] * size[1]);
        let sources = [
            Source {
                map: &skip,
                gate: Some(&gate),
            },
            (&deeper).into(),
        ];
        let mut out = used_map(size, 8);
        let rows = 0..out.tile_rows();
        Conv3x3::new(&conv, &[6, 10]).run(rows, &sources, &mut out, None, &mut Scratch::default());
        let psi = tensor(gate.clone(), [1, 1, size[0], size[1]]);
        let expected = relu(convolved(&conv, Tensor::cat(vec![x * psi, g], 1)));
        assert_close(&values(&out, 8), expected);
    }
}

/// What a smaller tile left behind must not show in the next.
#[test]
fn conv3x3_takes_a_used_scratch() {
    let mut random = random(4);
    let mut scratch = Scratch::default();
    for size in [[16, 16], [2, 3], [40, 8]] {
        let conv = random.conv(8, 8, 3);
        let (map, x) = random.map(8, size);
        let mut out = used_map(size, 8);
        let rows = 0..out.tile_rows();
        Conv3x3::new(&conv, &[8]).run(rows, &[(&map).into()], &mut out, None, &mut scratch);
        assert_close(&values(&out, 8), relu(convolved(&conv, x)));
    }
}

/// As high as several bands, so that each place of the window is used again; the last as wide as large photos' tiles.
#[test]
fn convolutions_agree_through_a_window() {
    let mut random = random(8);
    for size in [[5, 9], [83, 70], [64, 260], [40, 512]] {
        let convs = [random.conv(3, 8, 3), random.conv(8, 6, 3)];
        let layers = convs
            .each_ref()
            .map(|conv| Conv3x3::new(conv, &[conv.inputs]));
        let (map, x) = random.map(3, size);
        let mut room = vec![f32x4::splat(7.0); Map::window_vectors(size, groups(8))];
        let mut between = Map::take_window(&mut &mut room[..], size, groups(8));
        let mut out = used_map(size, 6);
        in_bands(
            &mut between,
            &mut Scratch::default(),
            |rows, between, scratch| {
                layers[0].run(rows, &[(&map).into()], between, None, scratch);
            },
            |rows, between, scratch| {
                layers[1].run(rows, &[between.into()], &mut out, None, scratch);
            },
        );
        let expected = convs.iter().fold(x, |x, conv| relu(convolved(conv, x)));
        assert_close(&values(&out, 6), expected);
    }
}

#[test]
fn the_stem_agrees() {
    let mut random = random(5);
    for size in SIZES {
        let conv = random.conv(1, 6, 3);
        let grey = random.values(size[0] * size[1]);
        let mut out = used_map(size, 6);
        for row in 0..out.tile_rows() {
            Stem::new(&conv).run(row..row + 1, &grey, &mut out);
        }
        let x = tensor(grey, [1, 1, size[0], size[1]]);
        assert_close(&values(&out, 6), relu(convolved(&conv, x)));
    }
}

#[test]
fn upsampling_agrees() {
    let mut random = random(6);
    for size in SIZES {
        let (map, x) = random.map(4, size);
        let mut out = used_map(size.map(|side| 2 * side), 4);
        let mut lines = Upsample::new(&map);
        for y in 0..out.height {
            lines.line(y, out.line_mut(y));
        }
        assert_close(&values(&out, 4), upsampled(x));
    }
}

#[test]
fn the_gate_agrees() {
    let mut random = random(7);
    for size in SIZES {
        let gate = Gate {
            w_g: random.conv(20, 10, 1),
            w_x: random.conv(20, 10, 1),
            psi: random.conv(10, 1, 1),
        };
        let (deeper, g) = random.map(20, size);
        let (skip, x) = random.map(20, size.map(|side| 2 * side));
        let layer = AttentionGate::new(&gate);
        let mut signal = used_map(size, 10);
        layer.signal(&deeper, &mut signal);
        let mut gating = layer.by(&signal);
        let mut psi = Vec::new();
        for y in 0..skip.height {
            psi.extend(gating.line(y, skip.line(y)));
        }
        let sum = convolved(&gate.w_g, upsampled(g)) + convolved(&gate.w_x, x);
        assert_close(&psi, sigmoid(convolved(&gate.psi, relu(sum))));
    }
}
