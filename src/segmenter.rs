//! Photo to probability map: the only caller of the engine.

use std::collections::VecDeque;
use std::ops::{ControlFlow, Range};
use std::pin::Pin;

use image::{GrayImage, imageops};

use crate::device::DeviceError;
#[cfg(target_family = "wasm")]
use crate::engine::Slicing;
use crate::engine::{Engine, Pass};
use crate::mask::ProbabilityMap;
use crate::photo::{Levels, resize_grey};
use crate::plan::{Mode, SPACE_SIZE};
use crate::tiling::{Stitcher, TileGrid, Tiling};

/// Why there is no map.
#[derive(Debug, thiserror::Error)]
pub enum SegmentError {
    /// As asked.
    #[error("Stopped.")]
    Cancelled,
    /// The device failed on the way.
    #[error(transparent)]
    Device(#[from] DeviceError),
}

/// How far a segmentation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Tiles done; one that is under way does not count.
    pub done: usize,
    /// Tiles in all.
    pub total: usize,
}

/// How weights are used, as they were trained and as they do best.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// In which light the network sees a photo.
    pub levels: Levels,
    /// At which sizes.
    pub scales: Scales,
}

/// At which sizes the network sees a photo, but for [`Mode::Space`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scales {
    /// Its own.
    #[default]
    One,
    /// Its own and half of it, where wide cracks are thin. What both say is averaged. A photo that has no more than
    /// 32 pixels a side at half its size is seen at its own alone.
    Two,
}

/// Tiles that are computed here, for each helper, while the oldest one that a helper has is not there yet.
const AHEAD: usize = 4;

/// Longest side of what is too small to show anything, in pixels.
const SMALLEST_HALF: u32 = 32;

impl Scales {
    /// Pixels that go through the network for each of a photo's.
    pub fn cost(self) -> f64 {
        match self {
            Self::One => 1.0,
            Self::Two => 1.25,
        }
    }

    /// Half the size of a photo, where it is to be seen at that too.
    fn half(self, (width, height): (u32, u32)) -> Option<(u32, u32)> {
        let half = (width.div_ceil(2), height.div_ceil(2));
        (self == Self::Two && half.0.max(half.1) > SMALLEST_HALF).then_some(half)
    }
}

/// Others who take passes off a segmenter's own engine, each of them one at a time.
pub trait Helpers {
    /// How many there are, free or not.
    fn count(&self) -> usize;

    /// Starts a pass as [`Segmenter::probabilities`] does, by the same weights; none while nobody is free.
    fn start(&self, tiles: &[u8], size: [usize; 2]) -> Option<HelpersPass>;
}

/// A pass that a helper has started: what [`Segmenter::probabilities`] gives, or none where the helper was lost.
pub type HelpersPass = Pin<Box<dyn Future<Output = Option<Vec<f32>>>>>;

/// No helpers.
#[derive(Clone, Copy, Debug)]
pub struct Alone;

impl Helpers for Alone {
    fn count(&self) -> usize {
        0
    }

    fn start(&self, _: &[u8], _: [usize; 2]) -> Option<HelpersPass> {
        None
    }
}

/// A pass that was started, and by whom.
enum Started<'a> {
    Here(Pass<'a>),
    ByHelper(HelpersPass),
}

/// A network, ready for photos.
#[derive(Debug)]
pub struct Segmenter {
    engine: Engine,
    usage: Usage,
    tiling: Tiling,
    /// Pixels that go through the network at once.
    batch_pixels: usize,
}

impl Segmenter {
    /// A segmenter by an `engine` whose weights are to be used so.
    pub fn new(engine: Engine, usage: Usage) -> Self {
        let mut tiling = Tiling::default();
        // A narrow network would gain nothing by more than one large tile at once.
        let batch_pixels = engine.pass_pixels().min(tiling.max_tile * tiling.max_tile);
        while tiling.max_tile * tiling.max_tile > batch_pixels {
            tiling.max_tile /= 2;
        }
        Self {
            engine,
            usage,
            tiling,
            batch_pixels,
        }
    }

    /// Finds the cracks of an upright grey photo. The map has the photo's size, but in [`Mode::Space`], where it is
    /// 256x256. The photo is consumed: of a large one there is hardly room for copies.
    ///
    /// `progress` is awaited before each batch of tiles is started and once at the end, and may stop the work; in the browser it
    /// is where the worker looks for messages.
    ///
    /// # Errors
    /// [`SegmentError`].
    pub async fn segment(
        &self,
        grey: GrayImage,
        mode: Mode,
        progress: impl AsyncFnMut(Progress) -> ControlFlow<()>,
    ) -> Result<ProbabilityMap, SegmentError> {
        self.segment_with(&Alone, grey, mode, progress).await
    }

    /// The same, with helpers. Who computes a tile changes no value of it.
    ///
    /// # Errors
    /// [`SegmentError`]. That a helper is lost is none: its tiles are done here.
    pub async fn segment_with(
        &self,
        helpers: &impl Helpers,
        grey: GrayImage,
        mode: Mode,
        progress: impl AsyncFnMut(Progress) -> ControlFlow<()>,
    ) -> Result<ProbabilityMap, SegmentError> {
        if mode == Mode::Space {
            return self.segment_stretched(grey, progress).await;
        }
        let is_large = grey.as_raw().len() > self.tiling.max_tile * self.tiling.max_tile;
        let found = self.segment_in_shape(helpers, grey, mode, progress).await;
        // After a large photo there may be another, which has to be decoded. A small one's maps are soon used again.
        if is_large {
            self.release_memory();
        }
        found
    }

    async fn segment_stretched(
        &self,
        grey: GrayImage,
        progress: impl AsyncFnMut(Progress) -> ControlFlow<()>,
    ) -> Result<ProbabilityMap, SegmentError> {
        let stretched = resize_grey(&grey, SPACE_SIZE, SPACE_SIZE);
        drop(grey);
        let whole = Tiling {
            max_tile: SPACE_SIZE as usize,
            overlap: 0,
        };
        let grid = TileGrid::new(SPACE_SIZE, SPACE_SIZE, whole);
        let mut reporter = Reporter::new(grid.len(), progress);
        let map = self
            .segment_tiled(&Alone, stretched, &grid, &mut reporter)
            .await?;
        reporter.tell().await?;
        Ok(map)
    }

    async fn segment_in_shape(
        &self,
        helpers: &impl Helpers,
        grey: GrayImage,
        mode: Mode,
        progress: impl AsyncFnMut(Progress) -> ControlFlow<()>,
    ) -> Result<ProbabilityMap, SegmentError> {
        let grids = Grids::new(grey.dimensions(), self.usage.scales, self.tiling);
        for (height, width) in grids.all().map(TileGrid::tile_size) {
            self.engine.reserve([height, width]);
        }
        let tiles = mode.looks() * grids.all().map(TileGrid::len).sum::<usize>();
        let mut reporter = Reporter::new(tiles, progress);
        let map = if mode == Mode::Thorough {
            // Both looks err, but not at the same pixels.
            let turned = imageops::rotate180(&grey);
            let turned = self.look(helpers, turned, &grids, &mut reporter).await?;
            let map = self.look(helpers, grey, &grids, &mut reporter).await?;
            map.averaged_with(&turned.upside_down())
        } else {
            self.look(helpers, grey, &grids, &mut reporter).await?
        };
        reporter.tell().await?;
        Ok(map)
    }

    /// One look at a photo, at all sizes.
    async fn look(
        &self,
        helpers: &impl Helpers,
        grey: GrayImage,
        grids: &Grids,
        reporter: &mut Reporter<impl AsyncFnMut(Progress) -> ControlFlow<()>>,
    ) -> Result<ProbabilityMap, SegmentError> {
        let coarse = match &grids.half {
            Some(((width, height), grid)) => {
                let half = resize_grey(&grey, *width, *height);
                Some(self.segment_tiled(helpers, half, grid, reporter).await?)
            }
            None => None,
        };
        let fine = self
            .segment_tiled(helpers, grey, &grids.own, reporter)
            .await?;
        Ok(match coarse {
            Some(coarse) => fine.averaged_with(&coarse),
            None => fine,
        })
    }

    async fn segment_tiled(
        &self,
        helpers: &impl Helpers,
        grey: GrayImage,
        grid: &TileGrid,
        reporter: &mut Reporter<impl AsyncFnMut(Progress) -> ControlFlow<()>>,
    ) -> Result<ProbabilityMap, SegmentError> {
        let grey = self.usage.levels.of(grey);
        let mut stitcher = Stitcher::new(grid);
        let mut passes = VecDeque::new();
        let work = self.work_tiles(helpers, &grey, grid, reporter, &mut passes, &mut stitcher);
        if let Err(error) = work.await {
            for (_, pass) in passes {
                if let Started::Here(pass) = pass {
                    // What comes of it does not matter any more.
                    pass.await.ok();
                }
            }
            return Err(error);
        }
        Ok(stitcher.finish())
    }

    /// Works all tiles; where it stops before the end, the passes that are under way stay with the caller.
    async fn work_tiles<'s>(
        &'s self,
        helpers: &impl Helpers,
        grey: &GrayImage,
        grid: &TileGrid,
        reporter: &mut Reporter<impl AsyncFnMut(Progress) -> ControlFlow<()>>,
        passes: &mut VecDeque<(Range<usize>, Started<'s>)>,
        stitcher: &mut Stitcher,
    ) -> Result<(), SegmentError> {
        let (height, width) = grid.tile_size();
        let size = [height, width];
        let tile_area = height * width;
        let batch = (self.batch_pixels / tile_area).max(1);
        let cut = |indices: Range<usize>| {
            let tiles: Vec<_> = indices.map(|index| grid.cut(grey, index)).collect();
            tiles.concat()
        };
        let mut started = 0;
        while started < grid.len() {
            reporter.tell().await?;
            let next = grid.len().min(started + batch);
            let tiles = cut(started..next);
            let pass = match helpers.start(&tiles, size) {
                Some(pass) => Started::ByHelper(pass),
                None => Started::Here(self.start(&tiles, size)),
            };
            passes.push_back((started..next, pass));
            started = next;
            let under_way = if started < grid.len() {
                self.engine.passes_under_way() + AHEAD * helpers.count()
            } else {
                0
            };
            while passes.len() > under_way
                && let Some((indices, pass)) = passes.pop_front()
            {
                let probabilities = match pass {
                    Started::Here(pass) => pass.await?,
                    Started::ByHelper(pass) => match pass.await {
                        Some(probabilities) => probabilities,
                        None => {
                            reporter.tell().await?;
                            self.start(&cut(indices.clone()), size).await?
                        }
                    },
                };
                reporter.done(indices.len());
                for (index, tile) in indices.zip(probabilities.chunks_exact(tile_area)) {
                    stitcher.add(index, tile);
                }
            }
        }
        Ok(())
    }

    /// Takes the memory for the largest tiles, which a large photo's come near to.
    #[cfg(target_family = "wasm")]
    pub(crate) fn reserve(&self) {
        self.engine.reserve([self.tiling.max_tile; 2]);
    }

    /// Has the GPU's products sliced in another way.
    #[cfg(target_family = "wasm")]
    pub(crate) fn set_slicing(&mut self, slicing: Slicing) {
        self.engine.set_slicing(slicing);
    }

    /// Gives the memory back that tiles are computed in.
    pub(crate) fn release_memory(&self) {
        self.engine.release_memory();
    }

    /// Pixels that go through the network for each of a large photo's, in [`Mode::Native`]: at all sizes, and twice where tiles
    /// overlap.
    pub fn cost(&self) -> f64 {
        let Tiling { max_tile, overlap } = self.tiling;
        let side = max_tile as f64 / (max_tile - overlap) as f64;
        self.usage.scales.cost() * side * side
    }

    /// One pass over tiles of `size` (height, width; multiples of 16), grey as the network is to see them and one after the
    /// other, to the probability of crack at every pixel, in the same order.
    ///
    /// # Errors
    /// [`DeviceError::Lost`].
    pub async fn probabilities(
        &self,
        tiles: &[u8],
        size: [usize; 2],
    ) -> Result<Vec<f32>, DeviceError> {
        self.start(tiles, size).await
    }

    /// The same as a pass that is under way already.
    pub(crate) fn start(&self, tiles: &[u8], size: [usize; 2]) -> Pass<'_> {
        let inputs: [f32; 256] = std::array::from_fn(|grey| normalise(grey as u8));
        let tiles: Vec<f32> = tiles
            .iter()
            .map(|&grey| inputs[usize::from(grey)])
            .collect();
        self.engine.probabilities(&tiles, size)
    }
}

/// The original's transform: 0..255 to -1..1.
fn normalise(grey: u8) -> f32 {
    (f32::from(grey) / 255.0 - 0.5) / 0.5
}

/// The tiles of a photo at all sizes that it is seen at.
struct Grids {
    own: TileGrid,
    /// With the size.
    half: Option<((u32, u32), TileGrid)>,
}

impl Grids {
    fn new(photo: (u32, u32), scales: Scales, tiling: Tiling) -> Self {
        let grid = |(width, height)| TileGrid::new(width, height, tiling);
        Self {
            own: grid(photo),
            half: scales.half(photo).map(|size| (size, grid(size))),
        }
    }

    fn all(&self) -> impl Iterator<Item = &TileGrid> {
        let half = self.half.as_ref().map(|(_, grid)| grid);
        std::iter::once(&self.own).chain(half)
    }
}

/// How far it is, and who is told.
struct Reporter<P> {
    so_far: Progress,
    progress: P,
}

impl<P: AsyncFnMut(Progress) -> ControlFlow<()>> Reporter<P> {
    fn new(tiles: usize, progress: P) -> Self {
        let so_far = Progress {
            done: 0,
            total: tiles,
        };
        Self { so_far, progress }
    }

    fn done(&mut self, tiles: usize) {
        self.so_far.done += tiles;
    }

    /// Tells it, and asks whether to go on.
    async fn tell(&mut self) -> Result<(), SegmentError> {
        match (self.progress)(self.so_far).await {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(SegmentError::Cancelled),
        }
    }
}
