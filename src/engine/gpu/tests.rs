//! Each step on its own, on random maps, against the plain sums that it stands for. Needs an adapter; a software one
//! will do.

use std::sync::{LazyLock, Mutex, PoisonError};

use burn_dispatch::DispatchDevice;
use cubecl::client::Client;
use pollster::block_on;

use super::map::Map;
use super::pass::{Builder, Pass, Source, Tuning};
use super::weights::{Weights, padded, upload_conv, upload_gate};
use crate::device::Gpu;
use crate::engine::kernels::Kernels;
use crate::engine::network::{Conv, Gate};
use crate::engine::precision::Precision;
use crate::engine::slicing::Slicing;
use crate::engine::winograd::POINTS;
use crate::weights::Weights as WeightsFile;

static GPU: LazyLock<Gpu> = LazyLock::new(|| block_on(crate::device::gpu()).unwrap());
static CLIENT: LazyLock<Client> = LazyLock::new(|| match GPU.device.as_dispatch() {
    DispatchDevice::Cube(device) => device.client(),
    _ => unreachable!("a GPU is no CPU"),
});

fn usual(precision: Precision) -> Tuning {
    Tuning::new(Kernels {
        precision,
        ..Kernels::usual(&GPU)
    })
}

/// How near a value has to be, of which the largest are about 10. Of 16 bits eleven are significant, and what is stored
/// is transformed: up to .13 is measured.
fn tolerance(precision: Precision) -> f32 {
    match precision {
        Precision::Single => 1e-4,
        Precision::HalfStored | Precision::Half => 0.2,
    }
}

/// Planes of one size: \[pictures, channels, height, width\].
#[derive(Clone)]
struct Planes {
    channels: usize,
    height: usize,
    width: usize,
    values: Vec<f32>,
}

impl Planes {
    fn random(count: usize, [channels, height, width]: [usize; 3], seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let values = (0..count * channels * height * width)
            .map(|_| random.f32() * 2.0 - 1.0)
            .collect();
        Self {
            channels,
            height,
            width,
            values,
        }
    }

    /// Zero outside.
    fn at(&self, plane: usize, y: isize, x: isize) -> f32 {
        let inside = |at: isize, size: usize| usize::try_from(at).ok().filter(|&at| at < size);
        match (inside(y, self.height), inside(x, self.width)) {
            (Some(y), Some(x)) => self.values[(plane * self.height + y) * self.width + x],
            _ => 0.0,
        }
    }

    /// The value of every pixel from its picture, channel and place.
    fn filled(
        count: usize,
        [channels, height, width]: [usize; 3],
        value: impl Fn(usize, usize, isize, isize) -> f32,
    ) -> Self {
        let mut values = Vec::with_capacity(count * channels * height * width);
        for picture in 0..count {
            for channel in 0..channels {
                for y in 0..height as isize {
                    for x in 0..width as isize {
                        values.push(value(picture, channel, y, x));
                    }
                }
            }
        }
        Self {
            channels,
            height,
            width,
            values,
        }
    }

    fn convolved(&self, conv: &Conv, count: usize) -> Self {
        let radius = (conv.side / 2) as isize;
        let sizes = [conv.outputs, self.height, self.width];
        Self::filled(count, sizes, |picture, output, y, x| {
            let mut sum = conv.bias[output];
            let mut weights = conv.weight[output * conv.inputs * conv.side * conv.side..].iter();
            for input in 0..conv.inputs {
                for dy in -radius..=radius {
                    for dx in -radius..=radius {
                        let plane = picture * conv.inputs + input;
                        sum += weights.next().unwrap() * self.at(plane, y + dy, x + dx);
                    }
                }
            }
            sum
        })
    }

    fn mapped(mut self, value: impl Fn(f32) -> f32) -> Self {
        self.values.iter_mut().for_each(|one| *one = value(*one));
        self
    }

    fn upsampled(&self, count: usize) -> Self {
        let sizes = [self.channels, 2 * self.height, 2 * self.width];
        let place = |at: isize, low: usize| {
            let place = at as f32 * (low - 1) as f32 / (2 * low - 1) as f32;
            (place.floor() as isize, place.fract())
        };
        Self::filled(count, sizes, |picture, channel, y, x| {
            let plane = picture * self.channels + channel;
            let (top, down) = place(y, self.height);
            let (left, across) = place(x, self.width);
            let row =
                |y| (1.0 - across) * self.at(plane, y, left) + across * self.at(plane, y, left + 1);
            (1.0 - down) * row(top) + down * row(top + 1)
        })
    }

    fn pooled(&self, count: usize) -> Self {
        let sizes = [self.channels, self.height / 2, self.width / 2];
        Self::filled(count, sizes, |picture, channel, y, x| {
            let plane = picture * self.channels + channel;
            let at = |dy, dx| self.at(plane, 2 * y + dy, 2 * x + dx);
            at(0, 0).max(at(0, 1)).max(at(1, 0)).max(at(1, 1))
        })
    }

    /// With the channels that a map has.
    fn padded(&self, count: usize) -> Self {
        let sizes = [padded(self.channels), self.height, self.width];
        Self::filled(count, sizes, |picture, channel, y, x| {
            if channel < self.channels {
                self.at(picture * self.channels + channel, y, x)
            } else {
                0.0
            }
        })
    }
}

fn conv(inputs: usize, outputs: usize, side: usize, seed: u64) -> Conv {
    let weight = Planes::random(outputs, [inputs, side, side], seed).values;
    let bias = Planes::random(1, [outputs, 1, 1], seed + 1).values;
    Conv {
        inputs,
        outputs,
        side,
        weight,
        bias,
    }
}

/// A map of the builder with these values.
fn upload(builder: &mut Builder<'_>, planes: &Planes, count: usize) -> Map {
    let planes = planes.padded(count);
    let map = builder.map([planes.channels, planes.height, planes.width]);
    CLIENT.write(&map.handle, map.numbered(&planes.values, 0.0));
    map
}

/// The map holds these values, zeros in further channels, and zeros around them.
fn assert_holds(map: &Map, expected: &Planes, count: usize) {
    assert_near(map, &expected.padded(count), tolerance(map.precision));
}

fn assert_near(map: &Map, expected: &Planes, tolerance: f32) {
    let bytes = block_on(CLIENT.read_async(vec![map.handle.clone()])).unwrap();
    let expected = map.bordered(&expected.values);
    assert!(expected.iter().any(|&value| value != 0.0));
    let values = map.precision.decode(&bytes[0]);
    for (index, (value, &expected)) in values.iter().zip(&expected).enumerate() {
        // Also false for what is no number.
        let is_near = (value - expected).abs() < tolerance;
        assert!(is_near, "value {index}: {value} instead of {expected}");
    }
}

fn relu(value: f32) -> f32 {
    value.max(0.0)
}

fn sigmoid(value: f32) -> f32 {
    1.0 / (1.0 + (-value).exp())
}

/// Two pictures, with sizes that fill tiles and such that stick out of them.
const COUNT: usize = 2;
const SIZES: [[usize; 2]; 4] = [[8, 12], [6, 10], [2, 2], [14, 70]];

/// Room for 56 tiles of 16 channels: of the widest pictures here, 18 tiles across, three rows at a time, the last strip shorter.
fn little(precision: Precision) -> usize {
    precision.bytes() * POINTS * 16 * 56
}

/// A GPU is made to be used from one thread.
static TURN: Mutex<()> = Mutex::new(());

/// Every size, in one go and in strips.
fn each(test: impl Fn([usize; 2], Builder<'_>, Precision)) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    for &precision in Precision::choices(&GPU) {
        for size in SIZES {
            for scratch in [usual(precision).scratch, little(precision)] {
                let tuning = Tuning {
                    scratch,
                    ..usual(precision)
                };
                test(size, Builder::new(&CLIENT, COUNT, tuning), precision);
            }
        }
    }
}

#[test]
fn a_convolution() {
    each(|[height, width], mut builder, precision| {
        let conv = conv(5, 11, 3, 3);
        let input = Planes::random(COUNT, [5, height, width], 1);
        let map = upload(&mut builder, &input, COUNT);
        let output = builder.convolve(
            &upload_conv(&conv, &[5], &CLIENT, precision),
            Source::Map(&map),
        );
        builder.run();
        assert_holds(&output, &input.convolved(&conv, COUNT).mapped(relu), COUNT);
    });
}

/// Deep enough for `product_sliced.wgsl`.
#[test]
fn a_convolution_of_many_channels() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let sizes = |precision| SIZES.map(|size| (precision, size));
    for (precision, [height, width]) in Precision::choices(&GPU).iter().copied().flat_map(sizes) {
        let tuning = Tuning::new(Kernels {
            slicing: Slicing::ALWAYS,
            precision,
        });
        let mut builder = Builder::new(&CLIENT, COUNT, tuning);
        let conv = conv(65, 9, 3, 3);
        // The more sums, the more rounding.
        let input = Planes::random(COUNT, [65, height, width], 1).mapped(|value| value / 8.0);
        let map = upload(&mut builder, &input, COUNT);
        let output = builder.convolve(
            &upload_conv(&conv, &[65], &CLIENT, precision),
            Source::Map(&map),
        );
        builder.run();
        assert_holds(&output, &input.convolved(&conv, COUNT).mapped(relu), COUNT);
    }
}

#[test]
fn a_convolution_with_pooling() {
    each(|[height, width], mut builder, precision| {
        let conv = conv(8, 9, 3, 3);
        let input = Planes::random(COUNT, [8, height, width], 1);
        let map = upload(&mut builder, &input, COUNT);
        let (output, pooled) =
            builder.convolve_and_pool(&upload_conv(&conv, &[8], &CLIENT, precision), &map);
        builder.run();
        let expected = input.convolved(&conv, COUNT).mapped(relu);
        assert_holds(&output, &expected, COUNT);
        assert_holds(&pooled, &expected.pooled(COUNT), COUNT);
    });
}

#[test]
fn a_gate_and_the_convolution_that_joins() {
    each(|[height, width], mut builder, precision| {
        let gate = Gate {
            w_g: conv(3, 6, 1, 11),
            w_x: conv(3, 6, 1, 13),
            psi: conv(6, 1, 1, 15),
        };
        let joining = conv(6, 3, 3, 17);
        let skip = Planes::random(COUNT, [3, height, width], 1);
        let deeper = Planes::random(COUNT, [3, height / 2, width / 2], 2);
        let skip_map = upload(&mut builder, &skip, COUNT);
        let deeper_map = upload(&mut builder, &deeper, COUNT);
        let attention_map = builder.attend(
            &upload_gate(&gate, &CLIENT, precision),
            &deeper_map,
            &skip_map,
        );
        let source = Source::Joined {
            skip: &skip_map,
            attention: &attention_map,
            deeper: &deeper_map,
        };
        let output = builder.convolve(&upload_conv(&joining, &[3, 3], &CLIENT, precision), source);
        builder.run();

        let upsampled = deeper.upsampled(COUNT);
        let signal = upsampled.convolved(&gate.w_g, COUNT);
        let mut between = skip.convolved(&gate.w_x, COUNT);
        for (one, other) in between.values.iter_mut().zip(&signal.values) {
            *one = relu(*one + other);
        }
        let attention = between.convolved(&gate.psi, COUNT).mapped(sigmoid);
        // The map of attention has one channel, without more.
        assert_near(&attention_map, &attention, tolerance(precision) / 10.0);
        let joined = Planes::filled(COUNT, [6, height, width], |picture, channel, y, x| {
            if channel < 3 {
                skip.at(3 * picture + channel, y, x) * attention.at(picture, y, x)
            } else {
                upsampled.at(3 * picture + channel - 3, y, x)
            }
        });
        assert_holds(
            &output,
            &joined.convolved(&joining, COUNT).mapped(relu),
            COUNT,
        );
    });
}

/// The second start records, further ones replay.
#[test]
fn a_pass_is_recorded_and_replayed() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/weights/lite.bpk");
    let file = WeightsFile::from_file(file.as_ref()).unwrap();
    let weights = Weights::upload(&file.network().unwrap(), &CLIENT, Precision::Single);
    let size = [32, 48];
    let mut pass = Pass::new(&weights, 1, size, &CLIENT, usual(Precision::Single));
    let mut number = 0.0;
    let mut answer = |seed: u64| {
        let tile = Planes::random(1, [1, 32, 48], seed).values;
        number += 1.0;
        let output = pass.start(&tile, number, &CLIENT);
        let bytes = block_on(CLIENT.read_async(vec![output])).unwrap();
        let value = |bytes: &[u8]| f32::from_le_bytes(bytes.try_into().unwrap());
        let values: Vec<_> = bytes[0].chunks_exact(4).map(value).collect();
        let of_another_start = super::answer(values.clone(), number + 1.0);
        assert_eq!(of_another_start, None);
        let probabilities = super::answer(values, number).unwrap();
        assert_eq!(probabilities.len(), tile.len());
        (probabilities, pass.is_recorded())
    };
    let first = [1, 2].map(&mut answer);
    let again = [1, 2].map(&mut answer);
    assert_eq!(
        first.each_ref().map(|(_, recorded)| *recorded),
        [false, true]
    );
    assert_eq!(
        again.each_ref().map(|(_, recorded)| *recorded),
        [true, true]
    );
    assert_ne!(first[0].0, first[1].0);
    assert_eq!(
        first.map(|(values, _)| values),
        again.map(|(values, _)| values)
    );
}

#[test]
fn the_largest_buffer_is_known_before_it_is_made() {
    let file = WeightsFile::from_bytes(std::fs::read("weights/lite.bpk").unwrap(), "lite").unwrap();
    let network = file.network().unwrap();
    for precision in [Precision::Single, Precision::Half] {
        let weights = Weights::upload(&network, &CLIENT, precision);
        let encoder = weights.encoder.iter();
        let encoder = encoder.flat_map(|stage| stage.before.iter().chain([&stage.last]));
        let decoder = weights.decoder.iter();
        let decoder = decoder.flat_map(|up| up.last.iter().chain([&up.conv]));
        let sizes = encoder
            .chain(decoder)
            .map(|conv| conv.weight.size_in_used());
        let largest = Weights::largest_buffer(&network, precision);
        assert_eq!(sizes.max(), Some(largest as u64));
    }
}
