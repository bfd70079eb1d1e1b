//! One pass through the network for one size of tiles: its maps, and what is launched in which order.

use cubecl::client::Client;
use cubecl::server::Handle;

use super::kernel::{Kernel, Program, WORKGROUP};
use super::launch::{Launch, Shape, Strip};
use super::map::{Map, buffer, destroy};
use super::recording::Recording;
use super::weights::{Conv3x3, First, GateWeights, Weights};
use crate::engine::kernels::Kernels;
use crate::engine::winograd::{POINTS, TILE};

/// What depends on the adapter, or on a test.
#[derive(Clone, Copy)]
pub(super) struct Tuning {
    /// Most bytes in a buffer of transformed tiles; larger convolutions go in several steps.
    pub(super) scratch: usize,
    pub(super) kernels: Kernels,
}

impl Tuning {
    pub(super) fn new(kernels: Kernels) -> Self {
        Self {
            // Well below the 128 MiB that WebGPU binds everywhere.
            scratch: 32 << 20,
            kernels,
        }
    }
}

/// Blocks in a workgroup of `product_sliced.wgsl`, and the depth from which on slices are worth their sum.
const SLICED_BLOCKS: usize = 32;
const DEEP: usize = 64;

/// Everything that is launched for `count` tiles of one size.
///
/// One set of buffers serves every start, as CubeCL keeps in order what is queued: the tiles are written, the recording is replayed
/// or the launches are run one by one, and the caller queues the read of the output before the next start overwrites both. The
/// second start records. Where nothing can be recorded, or the recording not be replayed (on another thread, or as CubeCL refuses),
/// that start and all later ones launch one by one. A device that is lost is told of by the read.
///
/// Each start is given a number, which comes back behind the probabilities: some browsers answer a read although the GPU did not run
/// what was queued before it (a tablet's, whose page went to the background), and it then finds an earlier start's values.
pub(super) struct Pass {
    client: Client,
    count: usize,
    size: [usize; 2],
    input: Map,
    output: Handle,
    launches: Vec<Launch>,
    /// All that were made for this pass.
    buffers: Vec<Handle>,
    starts: usize,
    recording: Option<Recording>,
}

/// Values behind the probabilities, the first of which is the number of the start.
pub(super) const TRAILER: usize = TILE;

impl Pass {
    pub(super) fn new(
        weights: &Weights,
        count: usize,
        size: [usize; 2],
        client: &Client,
        tuning: Tuning,
    ) -> Self {
        Builder::new(client, count, tuning).build(weights, size)
    }

    pub(super) fn is_for(&self, count: usize, size: [usize; 2]) -> bool {
        (self.count, self.size) == (count, size)
    }

    /// Starts the pass under a number that 16 bits hold. The probabilities, \[count, height, width\], and the [`TRAILER`] can be
    /// read from the buffer that it returns.
    pub(super) fn start(&mut self, tiles: &[f32], number: f32, client: &Client) -> Handle {
        client.write(&self.input.handle, self.input.numbered(tiles, number));
        self.starts += 1;
        if !self.recording.as_ref().is_some_and(Recording::replay) {
            // Many passes have but one start.
            self.recording = match self.starts {
                2 => Recording::of(client, || self.launch(client)),
                _ => {
                    self.launch(client);
                    None
                }
            };
        }
        self.output.clone()
    }

    #[cfg(test)]
    pub(super) fn is_recorded(&self) -> bool {
        self.recording.is_some()
    }

    fn launch(&self, client: &Client) {
        self.launches.iter().for_each(|launch| launch.run(client));
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        // It names them.
        self.recording = None;
        for buffer in self.buffers.drain(..) {
            destroy(&self.client, buffer);
        }
    }
}

/// What a convolution reads.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    Map(&'a Map),
    /// Skip times attention, then the deeper map upsampled.
    Joined {
        skip: &'a Map,
        attention: &'a Map,
        deeper: &'a Map,
    },
}

/// Builds a pass, map by map.
pub(super) struct Builder<'a> {
    client: &'a Client,
    count: usize,
    launches: Vec<Launch>,
    buffers: Vec<Handle>,
    /// Maps that are read no more.
    free: Vec<Map>,
    tuning: Tuning,
    patches: Handle,
    products: Handle,
}

impl<'a> Builder<'a> {
    pub(super) fn new(client: &'a Client, count: usize, tuning: Tuning) -> Self {
        let [patches, products] = [(); 2].map(|()| buffer(client, tuning.scratch));
        Self {
            client,
            count,
            launches: Vec::new(),
            buffers: vec![patches.clone(), products.clone()],
            free: Vec::new(),
            tuning,
            patches,
            products,
        }
    }

    fn build(mut self, weights: &Weights, size: [usize; 2]) -> Pass {
        let [height, width] = size;
        let input = self.map([1, height, width]);
        let output = buffer(self.client, 4 * (self.count * height * width + TRAILER));
        self.buffers.push(output.clone());

        let mut map = self.first(&weights.first, &input);
        let mut skips = Vec::with_capacity(weights.decoder.len());
        for (index, stage) in weights.encoder.iter().enumerate() {
            if let Some(conv) = &stage.before {
                let between = self.convolve(conv, Source::Map(&map));
                self.release([std::mem::replace(&mut map, between)]);
            }
            let after = if index < weights.decoder.len() {
                let (skip, pooled) = self.convolve_and_pool(&stage.last, &map);
                skips.push(skip);
                pooled
            } else {
                self.convolve(&stage.last, Source::Map(&map))
            };
            self.release([std::mem::replace(&mut map, after)]);
        }
        for (up, skip) in weights.decoder.iter().zip(skips.into_iter().rev()) {
            let attention = self.attend(&up.gate, &map, &skip);
            let joined = Source::Joined {
                skip: &skip,
                attention: &attention,
                deeper: &map,
            };
            let between = self.convolve(&up.conv, joined);
            self.release([map, skip, attention]);
            map = match &up.last {
                Some(last) => {
                    let after = self.convolve(last, Source::Map(&between));
                    self.release([between]);
                    after
                }
                None => between,
            };
        }
        self.convolve_to_probabilities(
            &weights.last,
            &weights.head,
            &map,
            [&input.handle, &output],
        );
        Pass {
            client: self.client.clone(),
            count: self.count,
            size,
            input,
            output,
            launches: self.launches,
            buffers: self.buffers,
            starts: 0,
            recording: None,
        }
    }

    fn first(&mut self, conv: &First, input: &Map) -> Map {
        let map = self.map([conv.outputs, input.height, input.width]);
        let strip = Strip::whole(&map, self.count);
        let buffers = [&input.handle, &conv.weight, &conv.bias, &map.handle];
        let shape = Shape {
            map: &map,
            low: None,
            strip,
            planes: 0,
            first_plane: 0,
        };
        self.launch_tiles(Kernel::First, conv.outputs / 4, buffers, &shape);
        map
    }

    pub(super) fn convolve(&mut self, conv: &Conv3x3, source: Source<'_>) -> Map {
        let (Source::Map(like) | Source::Joined { skip: like, .. }) = source;
        let map = self.map([conv.outputs, like.height, like.width]);
        for strip in self.strips(conv, &map) {
            self.multiply(conv, source, strip);
            let buffers = [&self.products.clone(), &conv.bias, &map.handle];
            let shape = Shape {
                map: &map,
                low: None,
                strip,
                planes: conv.outputs,
                first_plane: 0,
            };
            self.launch_tiles(Kernel::Finish, conv.outputs, buffers, &shape);
        }
        map
    }

    /// The map and, at half its resolution, its largest values of 2x2.
    pub(super) fn convolve_and_pool(&mut self, conv: &Conv3x3, before: &Map) -> (Map, Map) {
        let map = self.map([conv.outputs, before.height, before.width]);
        let pooled = self.map([conv.outputs, before.height / 2, before.width / 2]);
        for strip in self.strips(conv, &map) {
            self.multiply(conv, Source::Map(before), strip);
            let products = self.products.clone();
            let buffers = [&products, &conv.bias, &map.handle, &pooled.handle];
            let shape = Shape {
                map: &map,
                low: Some(&pooled),
                strip,
                planes: conv.outputs,
                first_plane: 0,
            };
            self.launch_tiles(Kernel::FinishPooled, conv.outputs, buffers, &shape);
        }
        (map, pooled)
    }

    fn convolve_to_probabilities(
        &mut self,
        conv: &Conv3x3,
        head: &Handle,
        before: &Map,
        [input, output]: [&Handle; 2],
    ) {
        for strip in self.strips(conv, before) {
            self.multiply(conv, Source::Map(before), strip);
            let buffers = [&self.products.clone(), &conv.bias, head, input, output];
            let shape = Shape {
                map: before,
                low: None,
                strip,
                planes: conv.outputs,
                first_plane: 0,
            };
            self.launch_tiles(Kernel::FinishHead, 1, buffers, &shape);
        }
    }

    /// The attention of a skip, \[count, 1, height, width\].
    pub(super) fn attend(&mut self, gate: &GateWeights, deeper: &Map, skip: &Map) -> Map {
        let signal = self.pointwise(&gate.w_g, gate, deeper);
        let own = self.pointwise(&gate.w_x, gate, skip);
        let quads = gate.outputs / 4;
        let terms = self.map([quads, skip.height, skip.width]);
        let attention = self.map([1, skip.height, skip.width]);
        let shape = Shape {
            map: skip,
            low: Some(&signal),
            strip: Strip::whole(skip, self.count),
            planes: gate.outputs,
            first_plane: 0,
        };
        let buffers = [&own.handle, &signal.handle, &gate.join, &terms.handle];
        self.launch_tiles(Kernel::Gate, quads, buffers, &shape);
        let buffers = [&terms.handle, &gate.join, &attention.handle];
        self.launch_tiles(Kernel::FinishGate, TILE, buffers, &shape);
        self.release([terms, signal, own]);
        attention
    }

    /// A gate's convolution 1x1.
    fn pointwise(&mut self, weight: &Handle, gate: &GateWeights, of: &Map) -> Map {
        let map = self.map([gate.outputs, of.height, of.width]);
        self.product(
            [&of.handle, weight, &map.handle],
            [gate.inputs, gate.outputs, of.plane()],
            self.count,
            0,
        );
        map
    }

    /// As many rows of tiles at once as fit the buffers.
    fn strips(&self, conv: &Conv3x3, map: &Map) -> Vec<Strip> {
        let columns = map.columns();
        let rows = self.count * map.rows_of_tiles();
        let channels = conv.inputs.max(conv.outputs);
        // Of tiles, with those that a strip's stride is rounded up by.
        let fit = self.tuning.scratch
            / (self.tuning.kernels.precision.bytes() * POINTS * channels)
            / TILE
            * TILE;
        let step = (fit / columns).max(1);
        (0..rows)
            .step_by(step)
            .map(|first_row| Strip {
                first_row,
                tiles: step.min(rows - first_row) * columns,
            })
            .collect()
    }

    /// A strip of the source -> the products.
    fn multiply(&mut self, conv: &Conv3x3, source: Source<'_>, strip: Strip) {
        let [patches, products] = [&self.patches, &self.products].map(Handle::clone);
        let shape = |map, low, first_plane| Shape {
            map,
            low,
            strip,
            planes: conv.inputs,
            first_plane,
        };
        match source {
            Source::Map(map) => {
                let buffers = [&map.handle, &patches];
                let shape = shape(map, None, 0);
                self.launch_tiles(Kernel::Patch, map.channels / 4, buffers, &shape);
            }
            Source::Joined {
                skip,
                attention,
                deeper,
            } => {
                let buffers = [&skip.handle, &attention.handle, &patches];
                let gated = shape(skip, None, 0);
                self.launch_tiles(Kernel::PatchGated, skip.channels / 4, buffers, &gated);
                let buffers = [&deeper.handle, &patches];
                let upsampled = shape(skip, Some(deeper), skip.channels);
                let quads = deeper.channels / 4;
                self.launch_tiles(Kernel::PatchUpsampled, quads, buffers, &upsampled);
            }
        }
        self.product(
            [&patches, &conv.weight, &products],
            [conv.inputs, conv.outputs, strip.stride() / TILE],
            POINTS,
            conv.inputs * conv.outputs / 4,
        );
    }

    /// `product.wgsl`, `count` times: values, weight and product of \[depth, outputs, vectors\].
    fn product(
        &mut self,
        buffers: [&Handle; 3],
        [depth, outputs, vectors]: [usize; 3],
        count: usize,
        weight_step: usize,
    ) {
        let pairs = vectors.div_ceil(2);
        let blocks = pairs * outputs / 8;
        let (kernel, places) =
            if blocks * count < self.tuning.kernels.slicing.blocks() && depth >= DEEP {
                (Kernel::ProductSliced, SLICED_BLOCKS)
            } else {
                (Kernel::Product, WORKGROUP)
            };
        self.launches.push(Launch {
            program: self.program(kernel),
            groups: [blocks.div_ceil(places), 1, count],
            buffers: buffers.map(Handle::clone).into(),
            sizes: vec![depth, outputs / 4, vectors, pairs, weight_step],
        });
    }

    /// A kernel with a thread for each tile, times `layers`.
    fn launch_tiles<const N: usize>(
        &mut self,
        kernel: Kernel,
        layers: usize,
        buffers: [&Handle; N],
        shape: &Shape<'_>,
    ) {
        self.launches.push(Launch {
            program: self.program(kernel),
            groups: [shape.strip.tiles.div_ceil(WORKGROUP), layers, 1],
            buffers: buffers.map(Handle::clone).into(),
            sizes: shape.sizes(),
        });
    }

    fn program(&self, kernel: Kernel) -> Program {
        let precision = self.tuning.kernels.precision;
        Program { kernel, precision }
    }

    /// A map whose borders are zero: one that is free, or a new one. No kernel but the one here writes borders, except
    /// `product.wgsl`, which makes zeros of the zeros there.
    pub(super) fn map(&mut self, sizes: [usize; 3]) -> Map {
        if let Some(index) = self.free.iter().position(|map| map.sizes() == sizes) {
            return self.free.swap_remove(index);
        }
        let map = Map::new(
            self.client,
            self.tuning.kernels.precision,
            self.count,
            sizes,
        );
        self.buffers.push(map.handle.clone());
        let clear = Launch {
            program: self.program(Kernel::Clear),
            groups: [1024, 1, 1],
            buffers: vec![map.handle.clone()],
            sizes: Vec::new(),
        };
        clear.run(self.client);
        map
    }

    /// What was built so far.
    #[cfg(test)]
    pub(super) fn run(&self) {
        self.launches
            .iter()
            .for_each(|launch| launch.run(self.client));
    }

    fn release<const N: usize>(&mut self, maps: [Map; N]) {
        self.free.extend(maps);
    }
}
