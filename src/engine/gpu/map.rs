//! Feature maps on the device; `shape.wgsl` describes the layout.

use cubecl::bytes::Bytes;
use cubecl::client::Client;
use cubecl::server::Handle;
use cubecl::wgpu::{AutoCompiler, WgpuServer};

use crate::engine::precision::Precision;
// A vector holds a row of a tile.
use crate::engine::winograd::TILE;

/// Some planes for each picture.
pub(super) struct Map {
    pub(super) handle: Handle,
    pub(super) channels: usize,
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) precision: Precision,
}

impl Map {
    /// A new map for `count` pictures. What it holds is not defined.
    pub(super) fn new(
        client: &Client,
        precision: Precision,
        count: usize,
        [channels, height, width]: [usize; 3],
    ) -> Self {
        let columns = width.div_ceil(TILE);
        // Its planes, the row of zeros after the last, and what tiles read that stick out over the last row.
        let rows = count * channels * (height + 1) + 1 + TILE;
        let vectors = rows * (columns + 1) + 1;
        Self {
            handle: buffer(client, precision.bytes() * TILE * vectors),
            channels,
            height,
            width,
            precision,
        }
    }

    pub(super) fn sizes(&self) -> [usize; 3] {
        [self.channels, self.height, self.width]
    }

    /// Vectors in a row.
    pub(super) fn columns(&self) -> usize {
        self.width.div_ceil(TILE)
    }

    /// Vectors in a plane with its border.
    pub(super) fn plane(&self) -> usize {
        (self.height + 1) * (self.columns() + 1)
    }

    /// In a picture.
    pub(super) fn rows_of_tiles(&self) -> usize {
        self.height.div_ceil(TILE)
    }

    /// \[pictures, channels, height, width\] as they are stored in the map, with a number as the last value, which no picture has.
    pub(super) fn numbered(&self, values: &[f32], number: f32) -> Bytes {
        let mut bordered = self.bordered(values);
        if let Some(last) = bordered.last_mut() {
            *last = number;
        }
        self.precision.encode(bordered)
    }

    /// The same as they lie in the map.
    pub(super) fn bordered(&self, values: &[f32]) -> Vec<f32> {
        let length = self.handle.size_in_used() as usize / self.precision.bytes();
        let mut bordered = vec![0.0; length];
        for (index, row) in values.chunks_exact(self.width).enumerate() {
            let start = self.row(index);
            bordered[start..start + self.width].copy_from_slice(row);
        }
        bordered
    }

    /// Where a row's values begin; rows are counted through all planes.
    pub(super) fn row(&self, index: usize) -> usize {
        let row = index + index / self.height + 1;
        TILE * (row * (self.columns() + 1) + 1)
    }
}

/// A buffer of its own: in CubeCL's shared pages a kernel could not read one map and write another of the same page.
pub(super) fn buffer(client: &Client, bytes: usize) -> Handle {
    client.memory_dedicated_allocation(bytes, |bytes| client.empty(bytes))
}

/// Frees a buffer that no launch is going to use. Work that was handed over ends all the same. A browser would do so only when it
/// collects garbage, and does not count what lies on the GPU.
pub(super) fn destroy(client: &Client, handle: Handle) {
    if let Ok(buffer) = client.get_resource::<WgpuServer<AutoCompiler>>(handle) {
        buffer.resource().buffer.destroy();
    }
}
