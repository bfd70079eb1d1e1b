//! The engines against the network as a Burn module, on random and on the shipped weights.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failing test panics"
)]

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use burn::tensor::activation::sigmoid;
use burn::tensor::{Device, Distribution, Tensor};
use crack_segmenter::device::{self, Gpu};
use crack_segmenter::engine::kernels::Kernels;
use crack_segmenter::engine::network::Network;
use crack_segmenter::engine::{Engine, Precision};
use crack_segmenter::model::{AttentionUNet, AttentionUNetConfig};
use crack_segmenter::plan::Mode;
use crack_segmenter::segmenter::{SegmentError, Segmenter, Usage};
use crack_segmenter::weights::Weights;
use image::{GrayImage, Luma};

/// Bound on the error of a probability. Both sides compute in 32 bits, in different order and, on the engines' side, by
/// Winograd's transforms. Measured are 1e-5, and 1.3e-4 on the largest tile with random weights, where the places between
/// the pixels of upsampled maps are rounded differently.
const TOLERANCE: f32 = 3e-4;

/// The same where one of them has numbers of 16 bits, on the shipped weights: measured are 1e-3. Other noise than this gives up to
/// 1e-2, on the smallest tile.
const HALF_TOLERANCE: f32 = 5e-3;

/// Number of tiles, height, width: the smallest that there is, one that no power of two divides, several at once, one that
/// the GPU takes in strips, one as wide as large photos' tiles.
const SIZES: [[usize; 3]; 5] = [
    [1, 16, 16],
    [1, 80, 48],
    [3, 64, 96],
    [1, 400, 368],
    [1, 64, 512],
];

/// One test at a time: all draw from one generator of random numbers, and a GPU is made to be used from one thread.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The one GPU of this process.
static GPU: LazyLock<Gpu> = LazyLock::new(|| {
    pollster::block_on(device::gpu())
        .expect("a Vulkan driver; `cargo xtask test` installs Mesa's lavapipe")
});

/// Which of the networks is the shipped one.
const SHIPPED: usize = 3;

/// Random weights and batch norms of widths 2 and 4 with one class and three, the shipped ones, and random ones of width 32.
fn networks() -> Vec<(Network, AttentionUNet)> {
    let device = Device::flex();
    let mut weights: Vec<_> = [
        "tests/parity/fixtures/plain.pth",
        "tests/parity/fixtures/weights_c1.safetensors",
        "tests/parity/fixtures/weights_c3.safetensors",
        "weights/lite.bpk",
    ]
    .iter()
    .map(|file| Path::new(env!("CARGO_MANIFEST_DIR")).join(file))
    .map(|file| Weights::from_file(&file).unwrap())
    .collect();
    device.seed(1);
    let wide = AttentionUNetConfig::new().with_width(32).init(&device);
    weights.push(Weights::of(&wide, "random").unwrap());
    weights
        .into_iter()
        .map(|weights| (weights.network().unwrap(), weights.load(&device).unwrap()))
        .collect()
}

/// On the same noise whoever computes.
fn agrees(engine: &Engine, model: &AttentionUNet, tolerance: f32) {
    let device = Device::flex();
    device.seed(3);
    for [count, height, width] in SIZES {
        let shape = [count, 1, height, width];
        let input = Tensor::<4>::random(shape, Distribution::Uniform(-1.0, 1.0), &device);
        let expected = sigmoid(model.forward(input.clone()).logits.narrow(1, 0, 1));
        let input = input.into_data().try_into_vec::<f32>().unwrap();
        let expected = expected.into_data().try_into_vec::<f32>().unwrap();
        let found = pollster::block_on(engine.probabilities(&input, [height, width])).unwrap();
        let difference = device::difference(&found, &expected);
        assert!(
            difference <= tolerance,
            "{count} tiles of {height}x{width} at width {}: off by {difference}",
            model.width()
        );
    }
}

#[test]
fn the_cpu_engine_agrees() {
    let _turn = turn();
    for (network, model) in networks() {
        agrees(&Engine::on_cpu(&network), &model, TOLERANCE);
    }
}

#[test]
fn the_gpu_engine_agrees() {
    let _turn = turn();
    for (network, model) in networks() {
        let engine = Engine::on_gpu(&network, &GPU, Kernels::usual(&GPU)).unwrap();
        agrees(&engine, &model, TOLERANCE);
    }
}

/// With trained weights: those that have learned nothing answer to every rounding. Each layer is held to its sums in `engine::gpu`.
#[test]
fn the_gpu_engine_agrees_in_half_the_bits() {
    let _turn = turn();
    if !GPU.has_f16 {
        // Mesa's, which `cargo xtask test` brings along, does.
        assert!(!GPU.name.contains("llvmpipe"), "{} should", GPU.name);
        return println!("skipped: {} has no numbers of 16 bits", GPU.name);
    }
    let (network, model) = networks().remove(SHIPPED);
    let halves = [Precision::HalfStored, Precision::Half].map(|precision| Kernels {
        precision,
        ..Kernels::usual(&GPU)
    });
    for half in halves {
        let gpu = Engine::on_gpu(&network, &GPU, half).unwrap();
        agrees(&gpu, &model, HALF_TOLERANCE);
    }

    // A crack, as the app asks before it takes such kernels.
    let side = device::SELF_TEST_SIZE;
    let tile = device::self_test_tile(side).into_iter();
    let tile: Vec<f32> = tile.map(|grey| f32::from(grey) / 127.5 - 1.0).collect();
    let answer =
        |engine: &Engine| pollster::block_on(engine.probabilities(&tile, [side; 2])).unwrap();
    for file in ["weights/lite.bpk", "weights/open.bpk"] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let network = Weights::from_file(&file).unwrap().network().unwrap();
        let expected = answer(&Engine::on_cpu(&network));
        assert!(expected.iter().any(|&probability| probability > 0.9));
        let mut differences = Vec::new();
        for half in halves {
            let found = answer(&Engine::on_gpu(&network, &GPU, half).unwrap());
            let difference = device::difference(&found, &expected);
            println!("{}, {half:?}: off by {difference}", file.display());
            // Not by nothing: that would be kernels of 32 bits.
            assert!((1e-4..half.precision.tolerance()).contains(&difference));
            differences.push(difference);
        }
        // Nor are both the same kernels.
        assert!(differences[0] != differences[1]);
    }
}

/// A pass that is started while another one is under way spoils neither.
#[test]
fn passes_on_the_gpu_do_not_mix() {
    let _turn = turn();
    let (network, _) = networks().remove(0);
    let engine = Engine::on_gpu(&network, &GPU, Kernels::usual(&GPU)).unwrap();
    let size = [64, 96];
    let tile = |seed: usize| -> Vec<f32> {
        (0..size[0] * size[1])
            .map(|at| ((at * seed) % 255) as f32 / 127.5 - 1.0)
            .collect()
    };
    let alone = [7919, 31, 13].map(|seed| {
        let tile = tile(seed);
        pollster::block_on(engine.probabilities(&tile, size)).unwrap()
    });
    let started = [7919, 31, 13].map(|seed| engine.probabilities(&tile(seed), size));
    let together = started.map(|pass| pollster::block_on(pass).unwrap());
    assert_ne!(alone[0], alone[1]);
    assert_eq!(together, alone);
}

/// Stopped while a pass is under way, and asked again.
#[test]
fn a_photo_that_is_stopped_on_the_gpu_spoils_no_other() {
    let _turn = turn();
    let (network, _) = networks().remove(0);
    let on = |engine| Segmenter::new(engine, Usage::default());
    let gpu = on(Engine::on_gpu(&network, &GPU, Kernels::usual(&GPU)).unwrap());
    let photo = GrayImage::from_fn(1000, 500, |x, y| {
        Luma([(x * 7 + y * 13 + x * y % 23) as u8])
    });
    let segment = |segmenter: &Segmenter, most: usize| {
        let mut told = 0;
        let progress = async |_| {
            told += 1;
            match told > most {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        };
        pollster::block_on(segmenter.segment(photo.clone(), Mode::Native, progress))
    };
    let expected = segment(&on(Engine::on_cpu(&network)), usize::MAX).unwrap();
    for _ in 0..3 {
        let stopped = segment(&gpu, 1);
        assert!(matches!(stopped, Err(SegmentError::Cancelled)));
        let found = segment(&gpu, usize::MAX).unwrap();
        let differences = found.as_image().iter().zip(expected.as_image().iter());
        // A rounding apart at most.
        assert!(differences.map(|(a, b)| a.abs_diff(*b)).max() <= Some(1));
    }
}

/// Maps are kept from tile to tile.
fn a_tile_leaves_nothing_behind(engine: &Engine) {
    let answer = |seed: usize, size: [usize; 2]| {
        let tile: Vec<f32> = (0..size[0] * size[1])
            .map(|at| ((at * seed) % 255) as f32 / 127.5 - 1.0)
            .collect();
        pollster::block_on(engine.probabilities(&tile, size)).unwrap()
    };
    let size = [64, 96];
    let first = answer(7919, size);
    for between in [size, [112, 80], [32, 48]] {
        answer(31, between);
        assert_eq!(device::difference(&first, &answer(7919, size)), 0.0);
    }
}

#[test]
fn the_cpu_engine_starts_every_tile_anew() {
    let _turn = turn();
    for (network, _) in networks() {
        a_tile_leaves_nothing_behind(&Engine::on_cpu(&network));
    }
}

#[test]
fn the_gpu_engine_starts_every_tile_anew() {
    let _turn = turn();
    for (network, _) in networks() {
        a_tile_leaves_nothing_behind(
            &Engine::on_gpu(&network, &GPU, Kernels::usual(&GPU)).unwrap(),
        );
    }
}
