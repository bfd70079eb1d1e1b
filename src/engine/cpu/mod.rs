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
use self::map::{Map, groups, padded};
use self::stem::Stem;
use self::upsample::Upsample;
use super::network::{Conv, Network, UpBlock};

/// Resolutions that the network works at.
const LEVELS: usize = 5;

/// An Attention U-Net on the CPU.
pub(super) struct CpuEngine {
    stem: Stem,
    /// The rest of the finest stage.
    inc: Conv3x3,
    /// The other stages, finest first.
    down: [[Conv3x3; 2]; LEVELS - 1],
    /// Finest first.
    up: [Up; LEVELS - 1],
    head: Vec<f32x4>,
    head_bias: f32,
    width: usize,
    /// Groups of channels of each resolution's maps, finest first. What goes up from one has those of the next finer one.
    groups: [usize; LEVELS],
    /// Kept from one tile to the next.
    memory: RefCell<Memory>,
}

/// One step up.
struct Up {
    gate: AttentionGate,
    conv: [Conv3x3; 2],
}

/// What a stage begins with.
#[derive(Clone, Copy)]
enum Input<'a> {
    /// Grey values, -1..1, row by row.
    Tile(&'a [f32]),
    /// The finer stage's result, of half its size.
    Pooled(&'a Map<'a>),
}

/// What tiles are computed in.
#[derive(Default)]
struct Memory {
    /// For all maps.
    room: Vec<f32x4>,
    scratch: Scratch,
    /// The gate's values.
    psi: Vec<f32>,
}

impl CpuEngine {
    /// Lays out the weights.
    pub(super) fn new(network: &Network) -> Self {
        let [[stem, inc], down @ ..] = &network.encoder;
        let conv = |conv: &Conv| Conv3x3::new(conv, &[conv.inputs]);
        let up = |UpBlock {
                      gate,
                      conv: [first, second],
                  }: &UpBlock| Up {
            gate: AttentionGate::new(gate),
            conv: [Conv3x3::new(first, &[first.inputs / 2; 2]), conv(second)],
        };
        let mut up = network.decoder.each_ref().map(up);
        up.reverse();
        Self {
            stem: Stem::new(stem),
            inc: conv(inc),
            down: down.each_ref().map(|stage| stage.each_ref().map(conv)),
            up,
            head: padded(&network.head.weight[..network.head.inputs]),
            head_bias: network.head.bias[0],
            width: network.width(),
            groups: network
                .encoder
                .each_ref()
                .map(|[_, second]| groups(second.outputs)),
            memory: RefCell::default(),
        }
    }

    /// A tile of `size` (height, width; multiples of 16), grey scaled to -1..1 row by row -> the probability of the first
    /// class at every pixel.
    pub(super) fn probabilities(&self, tile: &[f32], size: [usize; 2]) -> Vec<f32> {
        self.reserve(size);
        let mut memory = self.memory.take();
        let Memory { room, scratch, psi } = &mut memory;
        self.stage(0, Input::Tile(tile), size, room, scratch, psi);
        let features = Map::take(&mut &mut room[..], size, self.groups_up(0));
        let probabilities = self.finish(&features);
        self.memory.replace(memory);
        probabilities
    }

    /// Takes the memory for the maps of tiles of `size`, unless it is there.
    pub(super) fn reserve(&self, size: [usize; 2]) {
        let room = &mut self.memory.borrow_mut().room;
        let vectors = self.vectors(0, size);
        if room.len() < vectors {
            // The old room goes first, so that both need not fit.
            *room = Vec::new();
            *room = vec![f32x4::ZERO; vectors];
        }
    }

    /// Gives the maps' memory back.
    pub(super) fn release_memory(&self) {
        self.memory.take();
    }

    /// Channels of the finest stage.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Groups of channels of what goes up from a resolution: those of the next finer one.
    fn groups_up(&self, level: usize) -> usize {
        self.groups[level.saturating_sub(1)]
    }

    /// The vectors of memory that [`stage`](Self::stage) takes.
    fn vectors(&self, level: usize, size: [usize; 2]) -> usize {
        let map = Map::vectors(size, self.groups[level]);
        if level + 1 == LEVELS {
            return 2 * map;
        }
        let half = size.map(|side| side / 2);
        let pooled = Map::vectors(half, self.groups[level]);
        let deeper = Map::vectors(half, self.groups_up(level + 1));
        let down = pooled + map.max(self.vectors(level + 1, half));
        let up = deeper + 2 * map;
        map + down.max(up)
    }

    /// One resolution and all coarser ones: from what comes down to what goes up, which then lies at the front of `room`.
    ///
    /// Behind the skip, `room` serves one after the other: on the way down the map between the two convolutions, with what
    /// goes further down at the end; the coarser resolutions, in the place of the former; on the way up what comes from
    /// them, its enlargement, and the map between the two convolutions. The result takes the skip's place.
    fn stage(
        &self,
        level: usize,
        input: Input<'_>,
        size: [usize; 2],
        mut room: &mut [f32x4],
        scratch: &mut Scratch,
        psi: &mut Vec<f32>,
    ) {
        let groups = self.groups[level];
        let mut skip = Map::take(&mut room, size, groups);
        let first = |between: &mut Map<'_>, scratch: &mut Scratch| match input {
            Input::Tile(grey) => {
                self.stem.run(grey, between);
                &self.inc
            }
            Input::Pooled(map) => {
                let [first, second] = &self.down[level - 1];
                first.run(&[map.into()], between, None, scratch);
                second
            }
        };
        let Some(up) = self.up.get(level) else {
            let mut between = Map::take(&mut room, size, groups);
            let second = first(&mut between, scratch);
            second.run(&[(&between).into()], &mut skip, None, scratch);
            return;
        };

        let half = size.map(|side| side / 2);
        let end = room.len() - Map::vectors(half, groups);
        let (below, mut beside) = room.split_at_mut(end);
        let mut pooled = Map::take(&mut beside, half, groups);
        let mut between = Map::take(&mut &mut below[..], size, groups);
        let second = first(&mut between, scratch);
        second.run(&[(&between).into()], &mut skip, Some(&mut pooled), scratch);
        self.stage(level + 1, Input::Pooled(&pooled), half, below, scratch, psi);

        let deeper = Map::take(&mut room, half, self.groups_up(level + 1));
        up.gate.run(&deeper, &skip, psi);
        let mut enlarged = Map::take(&mut room, size, groups);
        let mut lines = Upsample::new(&deeper);
        for y in 0..enlarged.height {
            lines.line(y, enlarged.line_mut(y));
        }
        let mut between = Map::take(&mut room, size, groups);
        let gated = Source {
            map: &skip,
            gate: Some(psi),
        };
        let [first, second] = &up.conv;
        first.run(&[gated, (&enlarged).into()], &mut between, None, scratch);
        let mut decoded = skip.with_groups(second.outputs());
        second.run(&[(&between).into()], &mut decoded, None, scratch);
    }

    /// The last convolution, to the first class alone, and the sigmoid.
    fn finish(&self, features: &Map<'_>) -> Vec<f32> {
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
