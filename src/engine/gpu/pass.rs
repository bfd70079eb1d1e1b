//! One pass through the network for one size of tiles: its maps, and what is launched in which order.

use cubecl::CubeCount;
use cubecl::bytes::Bytes;
use cubecl::client::Client;
use cubecl::server::{Handle, KernelArguments, MetadataBindingInfo};

use super::kernel::{Kernel, WORKGROUP};
use super::weights::{Conv3x3, GateWeights, Weights};

/// Most bytes in a buffer of transformed tiles; larger convolutions go in several steps. Well below the 128 MiB that
/// WebGPU binds everywhere.
const SCRATCH: usize = 32 << 20;

/// Pixels in a vector, and rows and columns of a tile.
const TILE: usize = 4;

/// Positions in a transformed tile.
const POSITIONS: usize = 36;

/// Everything launched for `count` tiles of one size.
pub(super) struct Pass {
    count: usize,
    size: [usize; 2],
    input: Map,
    output: Handle,
    launches: Vec<Launch>,
}

/// A feature map on the device; `shape.wgsl` has the layout.
#[derive(Clone)]
struct Map {
    handle: Handle,
    channels: usize,
    height: usize,
    width: usize,
}

impl Map {
    /// Vectors in a row.
    fn columns(&self) -> usize {
        self.width.div_ceil(TILE)
    }

    /// Vectors in a plane with its border.
    fn plane(&self) -> usize {
        (self.height + 1) * (self.columns() + 1)
    }

    fn rows_of_tiles(&self) -> usize {
        self.height.div_ceil(TILE)
    }
}

#[derive(Clone)]
struct Launch {
    kernel: Kernel,
    groups: [usize; 3],
    buffers: Vec<Handle>,
    /// The uniforms.
    sizes: Vec<u32>,
}

impl Launch {
    fn run(&self, client: &Client) {
        let [x, y, z] = self.groups.map(|count| count as u32);
        let words = self.sizes.chunks(2).map(|pair| {
            let high = pair.get(1).copied().unwrap_or(0);
            u64::from(high) << 32 | u64::from(pair[0])
        });
        let arguments = KernelArguments::new()
            .with_buffers(
                self.buffers
                    .iter()
                    .map(|handle| handle.clone().binding())
                    .collect(),
            )
            .with_info(MetadataBindingInfo::custom(words.collect()));
        client.launch(Box::new(self.kernel), CubeCount::Static(x, y, z), arguments);
    }
}

/// The part of a convolution that is done at once: some rows of tiles.
#[derive(Clone, Copy)]
struct Strip {
    first_row: usize,
    tiles: usize,
}

impl Strip {
    /// Values in a plane of transformed tiles.
    fn stride(self) -> usize {
        self.tiles.next_multiple_of(TILE)
    }
}

/// Fields of `Shape` in `shape.wgsl`, the map's aside.
#[derive(Default)]
struct Extra<'a> {
    low: Option<&'a Map>,
    strip: Option<Strip>,
    planes: usize,
    first_plane: usize,
}

/// What a convolution reads.
enum Source<'a> {
    Map(&'a Map),
    /// Skip times attention, then the deeper map upsampled.
    Joined {
        skip: &'a Map,
        attention: &'a Map,
        deeper: &'a Map,
    },
}

impl Pass {
    pub(super) fn new(weights: &Weights, count: usize, size: [usize; 2], client: &Client) -> Self {
        Builder::new(client, count).build(weights, size)
    }

    pub(super) fn is_for(&self, count: usize, size: [usize; 2]) -> bool {
        (self.count, self.size) == (count, size)
    }

    /// Starts the pass; the result is that of [`Pass::output`].
    pub(super) fn start(&self, tiles: &[f32], client: &Client) {
        client.write(&self.input.handle, Bytes::from_elems(self.bordered(tiles)));
        for launch in &self.launches {
            launch.run(client);
        }
    }

    /// Probabilities, \[count, height, width\].
    pub(super) fn output(&self) -> Handle {
        self.output.clone()
    }

    /// Tiles in the layout of a map.
    fn bordered(&self, tiles: &[f32]) -> Vec<f32> {
        let [height, width] = self.size;
        let pitch = TILE * (self.input.columns() + 1);
        let mut bordered = vec![0.0; length(&self.input, self.count)];
        for (index, row) in tiles.chunks_exact(width).enumerate() {
            let (plane, row_in_plane) = (index / height, index % height);
            let start = (plane * (height + 1) + row_in_plane + 1) * pitch + TILE;
            bordered[start..start + width].copy_from_slice(row);
        }
        bordered
    }
}

/// Values in a map of `count` pictures: its planes, the row of zeros after the last, and what tiles that stick out over
/// the last row read.
fn length(map: &Map, count: usize) -> usize {
    let rows = count * map.channels * (map.height + 1) + 1 + TILE;
    TILE * (rows * (map.columns() + 1) + 1)
}

struct Builder<'a> {
    client: &'a Client,
    count: usize,
    launches: Vec<Launch>,
    /// Maps that are read no more.
    free: Vec<Map>,
    patches: Handle,
    products: Handle,
}

impl<'a> Builder<'a> {
    fn new(client: &'a Client, count: usize) -> Self {
        Self {
            client,
            count,
            launches: Vec::new(),
            free: Vec::new(),
            patches: buffer(client, SCRATCH),
            products: buffer(client, SCRATCH),
        }
    }

    fn build(mut self, weights: &Weights, size: [usize; 2]) -> Pass {
        let [height, width] = size;
        let input = self.map(1, height, width);
        let output = buffer(self.client, 4 * self.count * height * width);

        let mut map = self.first(weights, &input);
        let mut skips = Vec::with_capacity(4);
        for (index, stage) in weights.encoder.iter().enumerate() {
            if let Some(conv) = &stage.before {
                let before = map;
                map = self.convolve(conv, &Source::Map(&before));
                self.release(before);
            }
            let before = map;
            if index < weights.decoder.len() {
                let (skip, pooled) = self.convolve_and_pool(&stage.last, &before);
                skips.push(skip);
                map = pooled;
            } else {
                map = self.convolve(&stage.last, &Source::Map(&before));
            }
            self.release(before);
        }
        for up in &weights.decoder {
            let Some(skip) = skips.pop() else { break };
            let attention = self.attend(&up.gate, &map, &skip);
            let [joined, last] = &up.conv;
            let between = self.convolve(
                joined,
                &Source::Joined {
                    skip: &skip,
                    attention: &attention,
                    deeper: &map,
                },
            );
            for done in [map, skip, attention] {
                self.release(done);
            }
            if skips.is_empty() {
                self.convolve_to_probabilities(last, &weights.head, &between, &output);
                map = between;
            } else {
                map = self.convolve(last, &Source::Map(&between));
                self.release(between);
            }
        }
        Pass {
            count: self.count,
            size,
            input,
            output,
            launches: self.launches,
        }
    }

    fn first(&mut self, weights: &Weights, input: &Map) -> Map {
        let map = self.map(weights.first.outputs, input.height, input.width);
        let tiles = self.count * map.rows_of_tiles() * map.columns();
        let strip = Strip {
            first_row: 0,
            tiles,
        };
        self.launch(
            Kernel::First,
            [tiles.div_ceil(WORKGROUP), map.channels / 4, 1],
            [
                &input.handle,
                &weights.first.weight,
                &weights.first.bias,
                &map.handle,
            ],
            shape(
                &map,
                Extra {
                    strip: Some(strip),
                    ..Extra::default()
                },
            ),
        );
        map
    }

    fn convolve(&mut self, conv: &Conv3x3, source: &Source<'_>) -> Map {
        let (Source::Map(like) | Source::Joined { skip: like, .. }) = source;
        let map = self.map(conv.outputs, like.height, like.width);
        for strip in self.strips(conv, &map) {
            self.multiply(conv, source, strip);
            self.finish(Kernel::Finish, conv, strip, &map, None, &[&map.handle]);
        }
        map
    }

    /// The map and, at half its resolution, its largest values of 2x2.
    fn convolve_and_pool(&mut self, conv: &Conv3x3, before: &Map) -> (Map, Map) {
        let map = self.map(conv.outputs, before.height, before.width);
        let pooled = self.map(conv.outputs, before.height / 2, before.width / 2);
        let outputs = [&map.handle, &pooled.handle];
        for strip in self.strips(conv, &map) {
            self.multiply(conv, &Source::Map(before), strip);
            self.finish(
                Kernel::FinishPooled,
                conv,
                strip,
                &map,
                Some(&pooled),
                &outputs,
            );
        }
        (map, pooled)
    }

    fn convolve_to_probabilities(
        &mut self,
        conv: &Conv3x3,
        head: &Handle,
        before: &Map,
        output: &Handle,
    ) {
        for strip in self.strips(conv, before) {
            self.multiply(conv, &Source::Map(before), strip);
            self.finish(
                Kernel::FinishHead,
                conv,
                strip,
                before,
                None,
                &[head, output],
            );
        }
    }

    /// As many rows of tiles at once as fit the buffers.
    fn strips(&self, conv: &Conv3x3, map: &Map) -> Vec<Strip> {
        let columns = map.columns();
        let row_bytes = 4 * POSITIONS * conv.inputs.max(conv.outputs) * columns;
        let rows = self.count * map.rows_of_tiles();
        let step = (SCRATCH / row_bytes).max(1);
        (0..rows)
            .step_by(step)
            .map(|first_row| Strip {
                first_row,
                tiles: step.min(rows - first_row) * columns,
            })
            .collect()
    }

    /// Source -> products, one strip.
    fn multiply(&mut self, conv: &Conv3x3, source: &Source<'_>, strip: Strip) {
        match source {
            Source::Map(map) => self.patch(Kernel::Patch, conv, strip, map, None, 0, &[map]),
            Source::Joined {
                skip,
                attention,
                deeper,
            } => {
                self.patch(
                    Kernel::PatchGated,
                    conv,
                    strip,
                    skip,
                    None,
                    0,
                    &[skip, attention],
                );
                self.patch(
                    Kernel::PatchUpsampled,
                    conv,
                    strip,
                    skip,
                    Some(deeper),
                    skip.channels,
                    &[deeper],
                );
            }
        }
        let (patches, products) = (self.patches.clone(), self.products.clone());
        self.product(
            [&patches, &conv.weight, &products],
            [conv.inputs, conv.outputs, strip.stride() / TILE],
            POSITIONS,
            conv.inputs * conv.outputs / 4,
        );
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "what the three kinds of patches differ in"
    )]
    fn patch(
        &mut self,
        kernel: Kernel,
        conv: &Conv3x3,
        strip: Strip,
        map: &Map,
        low: Option<&Map>,
        first_plane: usize,
        sources: &[&Map],
    ) {
        let patches = self.patches.clone();
        let buffers = sources
            .iter()
            .map(|source| &source.handle)
            .chain([&patches]);
        self.launch(
            kernel,
            [strip.tiles.div_ceil(WORKGROUP), map.channels / 4, 1],
            buffers,
            shape(
                map,
                Extra {
                    low,
                    strip: Some(strip),
                    planes: conv.inputs,
                    first_plane,
                },
            ),
        );
    }

    /// `product.wgsl`: values, weight and product of [depth, outputs, vectors], `count` times.
    fn product(
        &mut self,
        buffers: [&Handle; 3],
        [depth, outputs, vectors]: [usize; 3],
        count: usize,
        weight_step: usize,
    ) {
        let pairs = vectors.div_ceil(2);
        self.launch(
            Kernel::Product,
            [(pairs * outputs / 8).div_ceil(WORKGROUP), 1, count],
            buffers,
            [depth, outputs / 4, vectors, pairs, weight_step]
                .map(|value| value as u32)
                .into(),
        );
    }

    /// Products -> whatever the kernel makes of them.
    fn finish(
        &mut self,
        kernel: Kernel,
        conv: &Conv3x3,
        strip: Strip,
        map: &Map,
        low: Option<&Map>,
        outputs: &[&Handle],
    ) {
        let products = self.products.clone();
        let channels = if kernel == Kernel::FinishHead {
            1
        } else {
            conv.outputs
        };
        self.launch(
            kernel,
            [strip.tiles.div_ceil(WORKGROUP), channels, 1],
            [&products, &conv.bias]
                .into_iter()
                .chain(outputs.iter().copied()),
            shape(
                map,
                Extra {
                    low,
                    strip: Some(strip),
                    planes: conv.outputs,
                    first_plane: 0,
                },
            ),
        );
    }

    fn attend(&mut self, gate: &GateWeights, deeper: &Map, skip: &Map) -> Map {
        let signal = self.map(gate.outputs, deeper.height, deeper.width);
        let attention = self.map(1, skip.height, skip.width);
        self.product(
            [&deeper.handle, &gate.w_g, &signal.handle],
            [gate.inputs, gate.outputs, deeper.plane()],
            self.count,
            0,
        );
        let strip = Strip {
            first_row: 0,
            tiles: self.count * skip.rows_of_tiles() * skip.columns(),
        };
        self.launch(
            Kernel::Gate,
            [strip.tiles.div_ceil(WORKGROUP), 1, 1],
            [
                &skip.handle,
                &signal.handle,
                &gate.w_x,
                &gate.join,
                &attention.handle,
            ],
            shape(
                skip,
                Extra {
                    low: Some(&signal),
                    strip: Some(strip),
                    planes: gate.outputs,
                    first_plane: 0,
                },
            ),
        );
        self.release(signal);
        attention
    }

    fn launch<'b>(
        &mut self,
        kernel: Kernel,
        groups: [usize; 3],
        buffers: impl IntoIterator<Item = &'b Handle>,
        sizes: Vec<u32>,
    ) {
        self.launches.push(Launch {
            kernel,
            groups,
            buffers: buffers.into_iter().cloned().collect(),
            sizes,
        });
    }

    /// A map whose borders are zero: one that is free, or a new one. No kernel writes borders.
    fn map(&mut self, channels: usize, height: usize, width: usize) -> Map {
        let same = |map: &Map| (map.channels, map.height, map.width) == (channels, height, width);
        if let Some(index) = self.free.iter().position(same) {
            return self.free.swap_remove(index);
        }
        let mut map = Map {
            handle: self.patches.clone(),
            channels,
            height,
            width,
        };
        let bytes = 4 * length(&map, self.count);
        map.handle = buffer(self.client, bytes);
        let clear = Launch {
            kernel: Kernel::Clear,
            groups: [(bytes / 16).div_ceil(WORKGROUP).min(1024), 1, 1],
            buffers: vec![map.handle.clone()],
            sizes: Vec::new(),
        };
        clear.run(self.client);
        map
    }

    fn release(&mut self, map: Map) {
        self.free.push(map);
    }
}

/// A buffer of its own: in CubeCL's shared pages a kernel could not read one map and write another of the same page.
fn buffer(client: &Client, bytes: usize) -> Handle {
    client.memory_dedicated_allocation(bytes, |bytes| client.empty(bytes))
}

/// `Shape` in `shape.wgsl`.
fn shape(map: &Map, extra: Extra<'_>) -> Vec<u32> {
    let strip = extra.strip.unwrap_or(Strip {
        first_row: 0,
        tiles: 0,
    });
    let (low_height, low_width, low_columns) = extra
        .low
        .map_or((0, 0, 0), |low| (low.height, low.width, low.columns()));
    [
        map.height,
        map.width,
        map.columns(),
        map.channels,
        low_height,
        low_width,
        low_columns,
        map.rows_of_tiles(),
        strip.first_row,
        strip.tiles,
        strip.stride(),
        extra.planes,
        extra.first_plane,
    ]
    .map(|value| value as u32)
    .into()
}
