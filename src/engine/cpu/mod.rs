//! The network on the CPU: one thread, 128-bit SIMD (WebAssembly's, SSE, NEON), the maps kept from tile to tile.
//!
//! Maps lie pixel by pixel with the channels of a pixel together, so that each step of every layer works on vectors of
//! channels. What a map's neighbours in the network need alone is never written: the concatenation of skip and deeper map
//! is two sources of one convolution, the gate's product is taken as the convolution reads, max-pooling as it writes.

mod conv3x3;
mod gate;
mod map;
mod pointwise;
mod stem;
#[cfg(all(test, feature = "model"))]
#[allow(clippy::unwrap_used, reason = "a failing test panics")]
mod tests;
mod upsample;

use std::cell::RefCell;
use std::fmt;

use wide::f32x4;

use self::conv3x3::{Conv3x3, Scratch, Source};
use self::gate::AttentionGate;
use self::map::{Map, padded};
use self::stem::Stem;
use self::upsample::Upsample;
use super::network::{Conv, Network, UpBlock};

/// Resolutions that the network works at.
const LEVELS: usize = 5;

/// An Attention U-Net on the CPU.
pub struct CpuEngine {
    stem: Stem,
    /// The rest of the finest stage.
    inc: Conv3x3,
    /// The other stages, finest first.
    down: [[Conv3x3; 2]; LEVELS - 1],
    /// Deepest first.
    up: [Up; LEVELS - 1],
    head: Vec<f32x4>,
    head_bias: f32,
    width: usize,
    /// Of each resolution, finest first.
    channels: [Channels; LEVELS],
    /// Kept from one tile to the next of the same size.
    room: RefCell<Option<Room>>,
}

/// One step up.
struct Up {
    gate: AttentionGate,
    conv: [Conv3x3; 2],
}

/// How many channels the maps of a resolution have.
#[derive(Clone, Copy, Default)]
struct Channels {
    /// What the resolution above hands down; none at the finest.
    pooled: Option<usize>,
    /// The encoder's result, and what comes from below.
    skip: usize,
    /// The decoder's result; none at the coarsest.
    decoded: Option<usize>,
}

/// The maps of a resolution.
struct Level {
    pooled: Option<Map>,
    /// Between the encoder's convolutions; later what comes from below, upsampled; at last the decoder's result.
    between: Map,
    skip: Map,
    /// Between the decoder's convolutions; none at the coarsest resolution.
    joined: Option<Map>,
}

impl Level {
    /// What goes on from here.
    fn result(&self) -> &Map {
        match &self.joined {
            Some(_) => &self.between,
            None => &self.skip,
        }
    }
}

/// All maps of a tile of one size.
struct Room {
    size: [usize; 2],
    /// Finest first.
    levels: [Level; LEVELS],
    scratch: Scratch,
    psi: Vec<f32>,
}

impl Room {
    fn new(size: [usize; 2], channels: &[Channels; LEVELS]) -> Self {
        let level = |level: usize| {
            let of = channels[level];
            let [height, width] = size.map(|side| side >> level);
            let map = |channels| Map::new(height, width, channels);
            Level {
                pooled: of.pooled.map(map),
                between: map(of.skip),
                skip: map(of.skip),
                joined: of.decoded.map(|_| map(of.skip)),
            }
        };
        Self {
            size,
            levels: std::array::from_fn(level),
            scratch: Scratch::default(),
            psi: Vec::new(),
        }
    }
}

impl CpuEngine {
    /// Lays out the weights.
    pub fn new(network: &Network) -> Self {
        let [[stem, inc], down @ ..] = &network.encoder;
        let conv = |conv: &Conv| Conv3x3::new(conv, &[conv.inputs]);
        let up = |UpBlock {
                      gate,
                      conv: [first, second],
                  }: &UpBlock| Up {
            gate: AttentionGate::new(gate),
            conv: [Conv3x3::new(first, &[first.inputs / 2; 2]), conv(second)],
        };
        let mut channels = [Channels::default(); LEVELS];
        for (level, [first, second]) in network.encoder.iter().enumerate() {
            channels[level].pooled = (level > 0).then_some(first.inputs);
            channels[level].skip = second.outputs;
        }
        for (channels, block) in channels.iter_mut().zip(network.decoder.iter().rev()) {
            channels.decoded = Some(block.conv[1].outputs);
        }
        Self {
            stem: Stem::new(stem),
            inc: conv(inc),
            down: down.each_ref().map(|stage| stage.each_ref().map(conv)),
            up: network.decoder.each_ref().map(up),
            head: padded(&network.head.weight[..network.head.inputs]),
            head_bias: network.head.bias[0],
            width: network.width(),
            channels,
            room: RefCell::default(),
        }
    }

    /// A tile of `size` (height, width; multiples of 16), grey scaled to -1..1 row by row -> the probability of the first
    /// class at every pixel.
    pub fn probabilities(&self, tile: &[f32], size: [usize; 2]) -> Vec<f32> {
        let kept = self.room.take().filter(|room| room.size == size);
        let mut room = kept.unwrap_or_else(|| Room::new(size, &self.channels));
        self.encode(tile, &mut room);
        for level in (0..LEVELS - 1).rev() {
            self.decode(level, &mut room);
        }
        let probabilities = self.finish(&room);
        self.room.replace(Some(room));
        probabilities
    }

    /// Gives the maps' memory back.
    pub(super) fn rest(&self) {
        self.room.take();
    }

    /// Channels of the finest stage.
    pub fn width(&self) -> usize {
        self.width
    }

    fn encode(&self, tile: &[f32], room: &mut Room) {
        let Room {
            levels, scratch, ..
        } = room;
        for (level, at) in (0..LEVELS).zip(1..) {
            let (above, below) = levels.split_at_mut(at);
            let Level {
                pooled,
                between,
                skip,
                ..
            } = &mut above[level];
            between.set_channels(self.channels[level].skip);
            let second = match (level.checked_sub(1), pooled) {
                (Some(stage), Some(pooled)) => {
                    let [first, second] = &self.down[stage];
                    first.run(&[(&*pooled).into()], between, None, scratch);
                    second
                }
                _ => {
                    self.stem.run(tile, between);
                    &self.inc
                }
            };
            let pooled = below.first_mut().and_then(|level| level.pooled.as_mut());
            second.run(&[(&*between).into()], skip, pooled, scratch);
        }
    }

    /// A step up, to `level`.
    fn decode(&self, level: usize, room: &mut Room) {
        let Room {
            levels,
            scratch,
            psi,
            ..
        } = room;
        let (above, below) = levels.split_at_mut(level + 1);
        let Up {
            gate,
            conv: [first, second],
        } = &self.up[LEVELS - 2 - level];
        let deeper = below[0].result();
        let (
            Level {
                between,
                skip,
                joined: Some(joined),
                ..
            },
            Some(decoded),
        ) = (&mut above[level], self.channels[level].decoded)
        else {
            return;
        };
        gate.run(deeper, skip, psi);
        let mut lines = Upsample::new(deeper);
        for y in 0..between.height {
            lines.line(y, between.line_mut(y));
        }
        let gated = Source {
            map: skip,
            gate: Some(psi),
        };
        first.run(&[gated, (&*between).into()], joined, None, scratch);
        between.set_channels(decoded);
        second.run(&[(&*joined).into()], between, None, scratch);
    }

    /// The last convolution, to the first class alone, and the sigmoid.
    fn finish(&self, room: &Room) -> Vec<f32> {
        let features = room.levels[0].result();
        let lines = (0..features.height).map(|y| features.line(y));
        lines
            .flat_map(|line| line.chunks_exact(features.groups))
            .map(|pixel| {
                let mut sum = f32x4::ZERO;
                for (&feature, &weight) in pixel.iter().zip(&self.head) {
                    sum += feature * weight;
                }
                sigmoid(sum.reduce_add() + self.head_bias)
            })
            .collect()
    }
}

impl fmt::Debug for CpuEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CpuEngine").finish_non_exhaustive()
    }
}

fn sigmoid(value: f32) -> f32 {
    1.0 / (1.0 + (-value).exp())
}
