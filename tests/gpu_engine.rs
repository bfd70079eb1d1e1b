//! The GPU engine against the same network in Burn's own operators on the CPU. Needs an adapter; a software one
//! (lavapipe: Debian's mesa-vulkan-drivers) will do.

#![allow(clippy::unwrap_used, reason = "a failing test panics")]

use std::sync::LazyLock;

use burn::tensor::activation::{relu, sigmoid};
use burn::tensor::module::{conv2d, interpolate, max_pool2d};
use burn::tensor::ops::{ConvOptions, InterpolateMode, InterpolateOptions, MaxPoolOptions};
use burn::tensor::{Device, Tensor, TensorData};
use crack_segmenter::device;
use crack_segmenter::engine::gpu::GpuEngine;
use crack_segmenter::engine::network::{Conv, Gate, Network, UpBlock};
use pollster::block_on;

static GPU: LazyLock<Device> = LazyLock::new(|| block_on(device::gpu()).unwrap().device);

fn conv(inputs: usize, outputs: usize, side: usize, random: &mut fastrand::Rng) -> Conv {
    let inputs_of_one = inputs * side * side;
    // Keeps the size of values from layer to layer.
    let bound = (6.0 / inputs_of_one as f32).sqrt();
    let mut values = |count, bound: f32| {
        (0..count)
            .map(|_| (random.f32() * 2.0 - 1.0) * bound)
            .collect()
    };
    Conv {
        inputs,
        outputs,
        side,
        weight: values(outputs * inputs_of_one, bound),
        bias: values(outputs, 0.3),
    }
}

fn random_network(width: usize, n_classes: usize) -> Network {
    let random = &mut fastrand::Rng::with_seed(7);
    let encoder = [(1, width), (width, 2 * width), (2 * width, 4 * width)]
        .into_iter()
        .chain([(4 * width, 8 * width), (8 * width, 8 * width)])
        .map(|(before, after)| {
            [
                conv(before, after, 3, random),
                conv(after, after, 3, random),
            ]
        })
        .collect::<Vec<_>>();
    let decoder = [(16, 4), (8, 2), (4, 1), (2, 1)].map(|(before, after)| {
        let (before, after) = (before * width, after * width);
        UpBlock {
            gate: Gate {
                w_g: conv(before / 2, before / 4, 1, random),
                w_x: conv(before / 2, before / 4, 1, random),
                psi: conv(before / 4, 1, 1, random),
            },
            conv: [
                conv(before, before / 2, 3, random),
                conv(before / 2, after, 3, random),
            ],
        }
    });
    Network {
        encoder: encoder.try_into().unwrap(),
        decoder,
        head: conv(width, n_classes, 1, random),
    }
}

fn apply(conv: &Conv, x: Tensor<4>) -> Tensor<4> {
    let device = x.device();
    let shape = [conv.outputs, conv.inputs, conv.side, conv.side];
    let weight = Tensor::from_data(
        TensorData::new::<f32, _>(conv.weight.clone(), shape),
        &device,
    );
    let bias = TensorData::new::<f32, _>(conv.bias.clone(), [conv.outputs]);
    let padding = conv.side / 2;
    let options = ConvOptions::new([1, 1], [padding, padding], [1, 1], 1);
    conv2d(x, weight, Some(Tensor::from_data(bias, &device)), options)
}

fn apply_both([first, second]: &[Conv; 2], x: Tensor<4>) -> Tensor<4> {
    relu(apply(second, relu(apply(first, x))))
}

fn reference(
    network: &Network,
    tiles: &[f32],
    count: usize,
    [height, width]: [usize; 2],
) -> Vec<f32> {
    let tiles = TensorData::new::<f32, _>(tiles.to_vec(), [count, 1, height, width]);
    let mut x = Tensor::<4>::from_data(tiles, &device::cpu());
    let mut skips = Vec::new();
    for (stage, both) in network.encoder.iter().enumerate() {
        if stage > 0 {
            skips.push(x.clone());
            x = max_pool2d(x, MaxPoolOptions::new([2, 2]).with_stride([2, 2]));
        }
        x = apply_both(both, x);
    }
    for UpBlock { gate, conv } in &network.decoder {
        let skip = skips.pop().unwrap();
        let [_, _, height, width] = skip.dims();
        let options = InterpolateOptions::new(InterpolateMode::Bilinear)
            .with_align_corners(true)
            .with_output_size([height, width]);
        let g = interpolate(x, options);
        let between = relu(apply(&gate.w_g, g.clone()) + apply(&gate.w_x, skip.clone()));
        let psi = sigmoid(apply(&gate.psi, between));
        x = apply_both(conv, Tensor::cat(vec![skip * psi, g], 1));
    }
    sigmoid(apply(&network.head, x).narrow(1, 0, 1))
        .into_data()
        .try_into_vec()
        .unwrap()
}

/// The engine is within 1e-4 of the reference for random weights and tiles, and the answer is no constant.
fn check(width: usize, n_classes: usize, cases: &[(usize, [usize; 2])]) {
    let network = random_network(width, n_classes);
    let engine = block_on(GpuEngine::new(&network, &GPU)).unwrap();
    for &(count, size) in cases {
        let mut random = fastrand::Rng::with_seed(11);
        let tiles: Vec<f32> = (0..count * size[0] * size[1])
            .map(|_| random.f32() * 2.0 - 1.0)
            .collect();
        let answer = block_on(engine.probabilities(&tiles, count, size)).unwrap();
        let expected = reference(&network, &tiles, count, size);
        assert_eq!(answer.len(), expected.len());
        let (least, most) = expected
            .iter()
            .fold((1.0_f32, 0.0_f32), |(least, most), &p| {
                (least.min(p), most.max(p))
            });
        assert!(most - least > 0.05, "the network answers {least}..{most}");
        // Also false for what is no number.
        let differs = answer.iter().zip(&expected).map(|(a, b)| (a - b).abs());
        let worst = differs.fold(
            0.0,
            |worst, error| if error <= worst { worst } else { error },
        );
        println!("width {width}, {count} of {size:?}: {least:.3}..{most:.3}, off by {worst:.1e}");
        assert!(
            worst < 1e-4,
            "width {width}, {count} of {size:?}: off by {worst}"
        );
    }
}

#[test]
fn few_channels() {
    check(
        4,
        1,
        &[
            (1, [16, 16]),
            (2, [32, 48]),
            (1, [112, 16]),
            (3, [64, 80]),
            (2, [32, 48]),
        ],
    );
    check(2, 1, &[(1, [48, 32])]);
    check(6, 1, &[(2, [16, 112])]);
}

#[test]
fn the_shipped_width() {
    check(16, 1, &[(1, [128, 128]), (3, [64, 48]), (1, [256, 272])]);
}

#[test]
fn the_first_of_several_classes() {
    check(16, 3, &[(1, [64, 64])]);
}

#[test]
fn more_than_one_strip() {
    check(4, 1, &[(5, [256, 208])]);
}
