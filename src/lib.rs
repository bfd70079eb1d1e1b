//! Finds cracks in photos of concrete with an Attention U-Net, in the browser and natively.
//!
//! Data flows one way:
//!
//! ```text
//! bytes -> photo (decode, orient, grey) -> tiling -> engine -> tiling (stitch) -> ProbabilityMap -> Mask -> measure, overlay, export
//! ```
//!
//! [`segmenter`] is the middle of it and the only caller of [`engine`], the network; the web worker, the examples and the tests all
//! drive the same code. `ARCHITECTURE.md` has the map.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use std::ops::ControlFlow;
//! use crack_segmenter::{engine::Engine, photo, plan::Mode, segmenter::Segmenter, weights::Weights};
//!
//! let weights = Weights::from_file("weights/lite.bpk".as_ref())?;
//! let threshold = weights.metadata().threshold;
//! let segmenter = Segmenter::new(Engine::on_cpu(&weights.network()?), weights.metadata().usage);
//!
//! let photo = photo::decode(&std::fs::read("wall.jpg")?)?;
//! let map = segmenter.segment(photo::to_grey(&photo), Mode::Native, async |_| ControlFlow::Continue(())).await?;
//! map.mask(threshold).as_image().save("wall.mask.png")?;
//! # Ok(())
//! # }
//! ```

pub mod archive;
pub mod calibration;
pub mod connected;
pub mod correction;
#[cfg(feature = "engine")]
pub mod device;
#[cfg(feature = "engine")]
pub mod engine;
pub mod export;
pub mod failure;
pub mod mask;
pub mod measure;
pub mod metrics;
#[cfg(feature = "model")]
pub mod model;
pub mod overlay;
pub mod photo;
pub mod plan;
pub mod protocol;
#[cfg(feature = "engine")]
pub mod segmenter;
pub mod skeleton;
pub mod synthetic;
pub mod tiling;
pub mod web;
#[cfg(feature = "engine")]
pub mod weights;
