//! The network against PyTorch, layer by layer.
//!
//! `fixtures.py` beside this file made the numbers, with seeded random weights and batch norm statistics at width 4.
//! Order of the checks: input, intermediates, outputs, so that the first failure names the culprit.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failing test panics"
)]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use crack_segmenter::device;
use crack_segmenter::model::AttentionUNet;
use crack_segmenter::photo::Levels;
use crack_segmenter::segmenter::{Scales, Usage};
use crack_segmenter::weights::{self, Metadata, Storage, Weights, WeightsError};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde::Deserialize;

/// Bound on the error of every layer. Both sides compute in 32 bits and differ in the order of their sums only;
/// measured are 1e-5 and less.
const TOLERANCE: f32 = 1e-4;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/parity/fixtures")
        .join(name)
}

/// What PyTorch computed: every `stride`-th element of tensors of `shape`, by name.
struct Reference {
    bytes: Vec<u8>,
    sampled: HashMap<String, Sampling>,
}

#[derive(Deserialize)]
struct Sampling {
    shape: Vec<usize>,
    stride: usize,
}

impl Reference {
    fn read() -> Self {
        let bytes = std::fs::read(fixture("cases.safetensors")).unwrap();
        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
        let sampled =
            serde_json::from_str(&header.metadata().as_ref().unwrap()["tensors"]).unwrap();
        Self { bytes, sampled }
    }

    /// A grey picture [H, W] as the network's input [1, 1, H, W].
    fn input(&self, name: &str, device: &Device) -> Tensor<4> {
        let tensors = SafeTensors::deserialize(&self.bytes).unwrap();
        let view = tensors.tensor(name).unwrap();
        let [height, width] = <[usize; 2]>::try_from(view.shape()).unwrap();
        let pixels: Vec<f32> = view
            .data()
            .iter()
            .map(|&grey| (f32::from(grey) / 255.0 - 0.5) / 0.5)
            .collect();
        Tensor::from_data(TensorData::new(pixels, [1, 1, height, width]), device)
    }

    fn values(&self, name: &str) -> Vec<f32> {
        let tensors = SafeTensors::deserialize(&self.bytes).unwrap();
        let data = tensors.tensor(name).unwrap().data();
        data.chunks_exact(4)
            .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()))
            .collect()
    }

    fn check(&self, name: &str, actual: Tensor<4>) {
        let (shape, stride) = match self.sampled.get(name) {
            Some(sampling) => (sampling.shape.clone(), sampling.stride),
            None => (actual.dims().to_vec(), 1),
        };
        assert_eq!(actual.dims().to_vec(), shape, "shape of {name}");
        let actual = pollster::block_on(actual.into_data_async())
            .unwrap()
            .try_into_vec::<f32>()
            .unwrap();
        let actual: Vec<f32> = actual.into_iter().step_by(stride).collect();
        let error = device::difference(&actual, &self.values(name));
        assert!(error <= TOLERANCE, "{name} is off by {error}");
    }
}

fn model(name: &str, device: &Device) -> AttentionUNet {
    Weights::from_file(&fixture(name))
        .unwrap()
        .load(device)
        .unwrap()
}

fn every_layer_agrees(device: &Device) {
    let reference = Reference::read();
    for classes in ["c1", "c3"] {
        let model = model(&format!("weights_{classes}.safetensors"), device);
        for size in ["256x256", "103x77"] {
            let input = reference.input(&format!("input_{size}"), device);
            for (stage, level) in model.encoder().forward(input.clone()).into_iter().zip(1..) {
                reference.check(&format!("{classes}_{size}/x{level}"), stage);
            }
            let output = model.forward(input);
            for (psi, level) in output.attention.into_iter().zip(1..) {
                reference.check(&format!("{classes}_{size}/psi{level}"), psi);
            }
            reference.check(&format!("{classes}_{size}/logits"), output.logits);
        }
    }
}

#[test]
fn every_layer_agrees_on_the_cpu() {
    every_layer_agrees(&Device::flex());
}

#[test]
fn every_layer_agrees_on_the_gpu() {
    let gpu = pollster::block_on(device::gpu())
        .expect("a Vulkan driver; `cargo xtask test` installs Mesa's lavapipe");
    every_layer_agrees(&gpu.device);
}

#[test]
fn pytorch_files_give_the_original_logits() {
    let device = Device::flex();
    let reference = Reference::read();
    for file in ["plain.pth", "legacy.pth"] {
        let weights = Weights::from_file(&fixture(file)).unwrap();
        assert_eq!(weights.width(), 2);
        let model = weights.load(&device).unwrap();
        reference.check(
            "w2_48x64/logits",
            model
                .forward(reference.input("input_48x64", &device))
                .logits,
        );
    }
}

#[test]
fn pytorch_gets_back_what_it_gave() {
    let file = fixture("weights_c1.safetensors");
    let metadata = Metadata {
        name: "four".into(),
        threshold: 0.375,
        usage: Usage {
            levels: Levels::Even,
            scales: Scales::Two,
        },
    };
    let model = model("weights_c1.safetensors", &Device::flex());
    let written = weights::to_safetensors(&model, &metadata, Storage::Full).unwrap();
    let read = Weights::from_bytes(written.clone(), "file").unwrap();
    assert_eq!(read.metadata(), &metadata);

    let original = std::fs::read(file).unwrap();
    let (original, written) = (
        SafeTensors::deserialize(&original).unwrap(),
        SafeTensors::deserialize(&written).unwrap(),
    );
    assert_eq!(original.len(), written.len());
    for (name, tensor) in original.iter() {
        let halves = tensor.data().chunks_exact(2);
        let expected: Vec<f32> = halves
            .map(|bytes| burn::tensor::f16::from_le_bytes(bytes.try_into().unwrap()).to_f32())
            .collect();
        let written = written.tensor(name).unwrap();
        let values: Vec<f32> = written
            .data()
            .chunks_exact(4)
            .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()))
            .collect();
        assert_eq!(
            (written.shape(), values),
            (tensor.shape(), expected),
            "{name}"
        );
    }
}

#[test]
fn burnpack_keeps_weights_and_metadata() {
    let device = Device::flex();
    let reference = Reference::read();
    let original = model("plain.pth", &device);
    let metadata = Metadata {
        name: "two".into(),
        threshold: 0.375,
        usage: Usage {
            levels: Levels::Even,
            scales: Scales::Two,
        },
    };
    // The fixtures' values are exact in 16 bits, so that half precision loses nothing either.
    for storage in [Storage::Full, Storage::Half] {
        let bytes = weights::to_burnpack(&original, &metadata, storage).unwrap();
        let read = Weights::from_bytes(bytes, "file").unwrap();
        assert_eq!(read.metadata(), &metadata);
        let model = read.load(&device).unwrap();
        reference.check(
            "w2_48x64/logits",
            model
                .forward(reference.input("input_48x64", &device))
                .logits,
        );
    }
}

#[test]
fn compact_weights_keep_eight_significant_bits() {
    let device = Device::flex();
    let weights = Weights::from_file(&fixture("plain.pth")).unwrap();
    let original = model("plain.pth", &device);
    let write = |storage| weights::to_safetensors(&original, weights.metadata(), storage).unwrap();
    let (half, compact) = (write(Storage::Half), write(Storage::Compact));
    let of = |bytes| SafeTensors::deserialize(bytes).unwrap();
    let (half, compact) = (of(&half), of(&compact));
    let mut rounded = 0;
    for (name, tensor) in half.tensors() {
        let other = compact.tensor(&name).unwrap();
        assert_eq!(tensor.dtype(), other.dtype(), "{name}");
        if tensor.dtype() != Dtype::F16 {
            assert_eq!(tensor.data(), other.data(), "{name}");
            continue;
        }
        for (before, after) in tensor.data().chunks(2).zip(other.data().chunks(2)) {
            let [before, after] =
                [before, after].map(|value| u16::from_le_bytes([value[0], value[1]]));
            // Neighbouring floats of one sign are neighbouring integers. The finest have fewer bits as it is.
            let away = (i32::from(before) - i32::from(after)).abs();
            let is_subnormal = after & 0x7c00 == 0;
            assert!(
                away <= 4 && (after & 0b111 == 0 || is_subnormal),
                "{name}: {before:x} became {after:x}"
            );
            rounded += u32::from(away > 0);
        }
    }
    assert!(rounded > 0, "the fixture has nothing to round");
}

#[test]
fn tensors_that_do_not_fit_are_named() {
    let bytes = std::fs::read(fixture("weights_c1.safetensors")).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let mut views: HashMap<String, _> = tensors
        .iter()
        .map(|(name, view)| (name.to_owned(), view))
        .collect();
    let gate = views.remove("up1.att.W_g.0.weight").unwrap();
    views.insert("up9.surprise".into(), gate);
    let misshapen = views["outc.conv.weight"].clone();
    views.insert("inc.double_conv.3.weight".into(), misshapen);
    let broken = safetensors::serialize(views, None).unwrap();

    let error = Weights::from_bytes(broken, "broken")
        .unwrap()
        .load(&Device::flex())
        .unwrap_err();
    let WeightsError::Mismatch { width: 4, mismatch } = &error else {
        panic!("{error}")
    };
    assert_eq!(mismatch.missing, ["decoder.up.0.gate.w_g.weight"]);
    assert_eq!(mismatch.extra, ["up9.surprise"]);
    assert_eq!(mismatch.unfit.len(), 1);
    assert!(
        error.to_string().contains("encoder.inc.conv2.weight"),
        "{error}"
    );
}

#[test]
fn values_beyond_all_bounds_are_refused() {
    let bytes = std::fs::read(fixture("weights_c1.safetensors")).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let variance = "up2.conv.double_conv.4.running_var";
    let negative: Vec<u8> = (0..tensors.tensor(variance).unwrap().shape()[0])
        .flat_map(|_| (-1.0f32).to_le_bytes())
        .collect();
    let shape = vec![negative.len() / 4];
    let view = TensorView::new(Dtype::F32, shape, &negative).unwrap();
    let mut views: HashMap<String, _> = tensors
        .iter()
        .map(|(name, view)| (name.to_owned(), view))
        .collect();
    views.insert(variance.into(), view);
    let broken = safetensors::serialize(views, None).unwrap();
    let error = Weights::from_bytes(broken, "broken")
        .unwrap()
        .network()
        .unwrap_err();
    let words = error.to_string();
    assert!(words.contains("decoder.up.1.conv.norm2"), "{words}");
}

#[test]
fn files_that_are_no_weights_are_refused() {
    let whole = std::fs::read(fixture("weights_c1.safetensors")).unwrap();
    let burnpack = weights::to_burnpack(
        &model("plain.pth", &Device::flex()),
        &Metadata {
            name: "two".into(),
            threshold: 0.5,
            usage: Usage::default(),
        },
        Storage::Half,
    )
    .unwrap();
    for bytes in [
        whole[..whole.len() / 2].to_vec(),
        burnpack[..burnpack.len() / 2].to_vec(),
        burnpack[..10].to_vec(),
    ] {
        let error = Weights::from_bytes(bytes, "cut")
            .and_then(|weights| weights.load(&Device::flex()))
            .unwrap_err();
        assert!(matches!(error, WeightsError::Damaged(_)), "{error}");
    }
    for bytes in [Vec::new(), b"not weights".to_vec()] {
        let error = Weights::from_bytes(bytes, "none").unwrap_err();
        assert!(matches!(error, WeightsError::UnknownFormat), "{error}");
    }
    let other = safetensors::serialize(
        [("x", TensorView::new(Dtype::F32, vec![1], &[0; 4]).unwrap())],
        None,
    )
    .unwrap();
    // Classes without a byte, which no memory could hold.
    let first = vec![0; 4 * 16 * 9];
    let boundless = safetensors::serialize(
        [
            (
                "encoder.inc.conv1.weight",
                TensorView::new(Dtype::F32, vec![16, 1, 3, 3], &first).unwrap(),
            ),
            (
                "head.weight",
                TensorView::new(Dtype::F32, vec![1 << 40, 0, 1, 1], &[]).unwrap(),
            ),
        ],
        None,
    )
    .unwrap();
    for bytes in [other, boundless] {
        let error = Weights::from_bytes(bytes, "other").unwrap_err();
        assert!(matches!(error, WeightsError::NotThisNetwork(_)), "{error}");
    }
    assert!(matches!(
        Weights::from_file(&fixture("nowhere.pth")).unwrap_err(),
        WeightsError::Io(_)
    ));
}
