//! Photo to probability map: the only caller of the engine.

use std::ops::ControlFlow;

use image::GrayImage;

use crate::device::DeviceError;
use crate::engine::Engine;
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
    /// Tiles done.
    pub done: usize,
    /// Tiles in all.
    pub total: usize,
}

/// A network, ready for photos.
#[derive(Debug)]
pub struct Segmenter {
    engine: Engine,
    levels: Levels,
    tiling: Tiling,
    /// Pixels that go through the network at once.
    batch_pixels: usize,
}

impl Segmenter {
    /// A segmenter by an `engine` whose weights were trained on pictures with such `levels`.
    pub fn new(engine: Engine, levels: Levels) -> Self {
        let mut tiling = Tiling::default();
        // A narrow network would gain nothing by more than one large tile at once.
        let batch_pixels = engine.pass_pixels().min(tiling.max_tile * tiling.max_tile);
        while tiling.max_tile * tiling.max_tile > batch_pixels {
            tiling.max_tile /= 2;
        }
        Self {
            engine,
            levels,
            tiling,
            batch_pixels,
        }
    }

    /// Finds the cracks of an upright grey photo. In [`Mode::Native`] the map has the photo's size, in [`Mode::Space`]
    /// it is 256x256.
    ///
    /// `progress` is awaited before each batch of tiles and once at the end, and may stop the work; in the browser it is
    /// where the worker looks for messages.
    ///
    /// # Errors
    /// [`SegmentError`].
    pub async fn segment(
        &self,
        grey: &GrayImage,
        mode: Mode,
        progress: impl AsyncFnMut(Progress) -> ControlFlow<()>,
    ) -> Result<ProbabilityMap, SegmentError> {
        match mode {
            Mode::Native => {
                let found = self.segment_tiled(grey, self.tiling, progress).await;
                // After a large photo there may be another, which has to be decoded. A small one's maps are soon used again.
                if grey.as_raw().len() > self.tiling.max_tile * self.tiling.max_tile {
                    self.rest();
                }
                found
            }
            Mode::Space => {
                let stretched = resize_grey(grey, SPACE_SIZE, SPACE_SIZE);
                let whole = Tiling {
                    max_tile: SPACE_SIZE as usize,
                    overlap: 0,
                };
                self.segment_tiled(&stretched, whole, progress).await
            }
        }
    }

    async fn segment_tiled(
        &self,
        grey: &GrayImage,
        tiling: Tiling,
        mut progress: impl AsyncFnMut(Progress) -> ControlFlow<()>,
    ) -> Result<ProbabilityMap, SegmentError> {
        let grey = &*self.levels.of(grey);
        let grid = TileGrid::new(grey.width(), grey.height(), tiling);
        let (height, width) = grid.tile_size();
        let tile_area = height * width;
        let batch = (self.batch_pixels / tile_area).max(1);
        let total = grid.len();
        let mut stitcher = Stitcher::new(&grid);
        let mut done = 0;
        while done < total {
            check(progress(Progress { done, total }).await)?;
            let next = total.min(done + batch);
            let tiles: Vec<u8> = (done..next)
                .flat_map(|index| grid.cut(grey, index))
                .collect();
            let probabilities = self.probabilities(&tiles, [height, width]).await?;
            for (index, tile) in (done..next).zip(probabilities.chunks_exact(tile_area)) {
                stitcher.add(index, tile);
            }
            done = next;
        }
        check(progress(Progress { done, total }).await)?;
        Ok(stitcher.finish())
    }

    /// Gives the memory back that tiles are computed in.
    pub(crate) fn rest(&self) {
        self.engine.rest();
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
        let tiles: Vec<f32> = tiles.iter().map(|&grey| normalise(grey)).collect();
        self.engine.probabilities(&tiles, size).await
    }
}

/// The original's transform: 0..255 to -1..1.
fn normalise(grey: u8) -> f32 {
    (f32::from(grey) / 255.0 - 0.5) / 0.5
}

fn check(flow: ControlFlow<()>) -> Result<(), SegmentError> {
    match flow {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(SegmentError::Cancelled),
    }
}
