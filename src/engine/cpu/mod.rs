//! The network on the CPU: one thread, 128-bit SIMD (WebAssembly's, SSE, NEON), the maps kept from tile to tile.
//!
//! Maps lie pixel by pixel with the channels of a pixel together, so that each step of every layer works on vectors of
//! channels. What a map's neighbours in the network need alone is never written: the concatenation of skip and deeper map
//! is two sources of one convolution, the gate's product is taken as the convolution reads, max-pooling as it writes. Of what
//! lies between two layers of one resolution only a window is held, which stays in the cache.

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
use std::ops::Range;

use wide::f32x4;

use self::conv3x3::{Conv3x3, Scratch, Source};
use self::gate::AttentionGate;
use self::map::{Map, groups, padded, tile_lines};
use self::stem::Stem;
use self::upsample::Upsample;
use super::network::{Conv, Network, UpBlock};
use super::winograd::TILE;

/// Resolutions that the network works at.
const LEVELS: usize = 5;

/// The coarsest of them.
const BOTTLENECK: usize = LEVELS - 1;

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

/// What a resolution begins with, and what it gives.
enum Ends<'a, 'm> {
    /// Grey values, -1..1, row by row; the probability of crack at every pixel.
    Tile {
        grey: &'a [f32],
        probabilities: &'a mut Vec<f32>,
    },
    /// What comes down from the next finer resolution, and in its place what goes up.
    Map(&'a mut Map<'m>),
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
        let mut probabilities = Vec::with_capacity(tile.len());
        let ends = Ends::Tile {
            grey: tile,
            probabilities: &mut probabilities,
        };
        self.stage(0, ends, size, room, scratch, psi);
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

    /// The vectors of memory that [`stage`](Self::stage) takes, or [`bottleneck`](Self::bottleneck).
    fn vectors(&self, level: usize, size: [usize; 2]) -> usize {
        let groups = self.groups[level];
        let map = Map::vectors(size, groups);
        let Some(up) = self.up.get(level) else {
            return map;
        };
        let half = size.map(|side| side / 2);
        let signal = Map::vectors(half, up.gate.channels());
        let windows = 3 * Map::window_vectors(size, groups);
        let coarser = self.vectors(level + 1, half);
        map + Map::vectors(half, groups) + coarser.max(signal + windows)
    }

    /// One resolution and all coarser ones.
    ///
    /// At the front of `room` lie the skip, and what goes down to the next coarser resolution, which is replaced by what comes up
    /// from it. The rest serves one after the other: a window on what is between the layers of the way down; the coarser
    /// resolutions; the gate's signal and windows on what is between the layers of the way up.
    fn stage(
        &self,
        level: usize,
        mut ends: Ends<'_, '_>,
        size: [usize; 2],
        mut room: &mut [f32x4],
        scratch: &mut Scratch,
        psi: &mut Vec<f32>,
    ) {
        let groups = self.groups[level];
        let half = size.map(|side| side / 2);
        let mut skip = Map::take(&mut room, size, groups);
        let mut deeper = Map::take(&mut room, half, groups);

        let mut between = Map::take_window(&mut &mut *room, size, groups);
        let second = match level {
            0 => &self.inc,
            _ => &self.down[level - 1][1],
        };
        in_bands(
            &mut between,
            scratch,
            |rows, between, scratch| match &ends {
                Ends::Tile { grey, .. } => self.stem.run(rows, grey, between),
                Ends::Map(map) => {
                    let [first, _] = &self.down[level - 1];
                    first.run(rows, &[(&**map).into()], between, None, scratch);
                }
            },
            |rows, between, scratch| {
                let pooled = Some(&mut deeper);
                second.run(rows, &[between.into()], &mut skip, pooled, scratch);
            },
        );

        if level + 1 == BOTTLENECK {
            self.bottleneck(&mut deeper, room, scratch);
        } else {
            let ends = Ends::Map(&mut deeper);
            self.stage(level + 1, ends, half, room, scratch, psi);
        }

        let Up {
            gate,
            conv: [first, second],
        } = &self.up[level];
        let mut signal = Map::take(&mut room, half, gate.channels());
        gate.signal(&deeper, &mut signal);
        let mut gating = gate.by(&signal);
        psi.clear();
        let mut between = Map::take_window(&mut room, size, groups);
        let mut enlarged = Map::take_window(&mut room, size, groups);
        // The finest alone needs it.
        let mut decoded = Map::take_window(&mut room, size, second.outputs());
        let mut enlarge = Upsample::new(&deeper);
        let mut to_come = 0..size[0];
        in_bands(
            &mut between,
            scratch,
            |rows, between, scratch| {
                // A convolution sees the line below its band too.
                let needed = rows.end * TILE + 1 - to_come.start;
                for y in to_come.by_ref().take(needed) {
                    enlarge.line(y, enlarged.line_mut(y));
                    psi.extend(gating.line(y, skip.line(y)));
                }
                if to_come.is_empty() {
                    enlarged.clear_below();
                }
                let gated = Source {
                    map: &skip,
                    gate: Some(psi),
                };
                let sources = [gated, (&enlarged).into()];
                first.run(rows, &sources, between, None, scratch);
            },
            |rows, between, scratch| match &mut ends {
                Ends::Tile { probabilities, .. } => {
                    let lines = tile_lines(&rows, size[0]);
                    second.run(rows, &[between.into()], &mut decoded, None, scratch);
                    for y in lines {
                        probabilities.extend(self.finish(decoded.line(y)));
                    }
                }
                Ends::Map(map) => second.run(rows, &[between.into()], map, None, scratch),
            },
        );
    }

    /// The coarsest resolution: from what comes down to what goes up, in its place.
    fn bottleneck(&self, map: &mut Map<'_>, mut room: &mut [f32x4], scratch: &mut Scratch) {
        let [first, second] = &self.down[BOTTLENECK - 1];
        let size = [map.height, map.width];
        let mut between = Map::take(&mut room, size, self.groups[BOTTLENECK]);
        let rows = 0..map.tile_rows();
        first.run(rows.clone(), &[(&*map).into()], &mut between, None, scratch);
        second.run(rows, &[(&between).into()], map, None, scratch);
    }

    /// The last convolution, to the first class alone, and the sigmoid: a line of pixels to their probabilities.
    fn finish(&self, line: &[f32x4]) -> impl Iterator<Item = f32> {
        line.chunks_exact(self.head.len()).map(|pixel| {
            let mut sum = f32x4::ZERO;
            for (&feature, &weight) in pixel.iter().zip(&self.head) {
                sum += feature * weight;
            }
            sigmoid(sum.reduce_add() + self.head_bias)
        })
    }
}

/// Two layers, of which the second reads what the first writes, `between`: a band of rows of tiles at a time, so that a window on it is
/// enough, which stays in the cache.
fn in_bands(
    between: &mut Map<'_>,
    scratch: &mut Scratch,
    mut first: impl FnMut(Range<usize>, &mut Map<'_>, &mut Scratch),
    mut second: impl FnMut(Range<usize>, &Map<'_>, &mut Scratch),
) {
    let total = between.tile_rows();
    let mut done = 0;
    for begin in (0..total).step_by(between.band()) {
        let end = total.min(begin + between.band());
        first(begin..end, between, scratch);
        let is_last = end == total;
        if is_last {
            between.clear_below();
        }
        // The last row's lower neighbours are not there yet.
        let ready = if is_last { total } else { end - 1 };
        second(done..ready, between, scratch);
        done = ready;
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
