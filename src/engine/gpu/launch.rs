//! One launch of a kernel, and the sizes that it is given.

use cubecl::CubeCount;
use cubecl::client::Client;
use cubecl::server::{Handle, KernelArguments, MetadataBindingInfo};

use super::kernel::Program;
use super::map::Map;
use crate::engine::winograd::TILE;

/// A kernel with everything it needs, to be run any number of times.
pub(super) struct Launch {
    pub(super) program: Program,
    /// Workgroups in x, y and z.
    pub(super) groups: [usize; 3],
    /// In the order of the kernel's bindings.
    pub(super) buffers: Vec<Handle>,
    /// The uniforms: the last binding, if there are any.
    pub(super) sizes: Vec<usize>,
}

impl Launch {
    pub(super) fn run(&self, client: &Client) {
        let [x, y, z] = self.groups.map(|count| count as u32);
        let buffers = self.buffers.iter().map(|handle| handle.clone().binding());
        let words = self.sizes.chunks(2).map(|pair| {
            let [low, high] = [0, 1].map(|index| pair.get(index).map_or(0, |&size| size as u64));
            high << 32 | low
        });
        client.launch(
            Box::new(self.program),
            CubeCount::Static(x, y, z),
            KernelArguments::new()
                .with_buffers(buffers.collect())
                .with_info(MetadataBindingInfo::custom(words.collect())),
        );
    }
}

/// Some rows of tiles: what a launch covers of all pictures of a map.
#[derive(Clone, Copy)]
pub(super) struct Strip {
    pub(super) first_row: usize,
    pub(super) tiles: usize,
}

impl Strip {
    /// All tiles.
    pub(super) fn whole(map: &Map, count: usize) -> Self {
        Self {
            first_row: 0,
            tiles: count * map.rows_of_tiles() * map.columns(),
        }
    }

    /// Values in a plane of transformed tiles.
    pub(super) fn stride(self) -> usize {
        self.tiles.next_multiple_of(TILE)
    }
}

/// `Shape` in `shape.wgsl`.
pub(super) struct Shape<'a> {
    pub(super) map: &'a Map,
    pub(super) low: Option<&'a Map>,
    pub(super) strip: Strip,
    pub(super) planes: usize,
    pub(super) first_plane: usize,
}

impl Shape<'_> {
    pub(super) fn sizes(&self) -> Vec<usize> {
        let Self {
            map, low, strip, ..
        } = self;
        let [low_height, low_width, low_columns] =
            low.map_or([0; 3], |low| [low.height, low.width, low.columns()]);
        vec![
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
            self.planes,
            self.first_plane,
        ]
    }
}
