//! The network's thread: one photo after the other.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crack_segmenter::device::DeviceError;
use crack_segmenter::export::{ExportError, ExportKind, Provenance, file_name, png_grey};
use crack_segmenter::photo::{self, DecodeError};
use crack_segmenter::segmenter::SegmentError;
use serde_json::Value;
use thiserror::Error;

use crate::engine::Engine;
use crate::gradio::FileData;
use crate::input::{InputError, Photo};
use crate::queue::{Job, Queue};
use crate::store::{Store, StoreError};

/// Why there is no mask.
#[derive(Debug, Error)]
enum WorkError {
    #[error(transparent)]
    Input(#[from] InputError),
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error(transparent)]
    Segment(#[from] SegmentError),
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("There is no file {0} any more: too many came after it. Upload it again.")]
    Gone(String),
    #[error("This photo made the program stumble. Save it anew, as PNG or JPEG, and try again.")]
    Fault,
}

/// Works until the device is lost, and says so.
pub(crate) fn work(engine: &Engine, queue: &Queue, store: &Store) -> DeviceError {
    loop {
        let mut job = pollster::block_on(queue.take());
        let photo = std::mem::replace(&mut job.photo, Err(InputError::Missing));
        let result = match photo {
            Err(error) => Err(WorkError::Input(error)),
            Ok(photo) => {
                // A file that one of the decoders does not survive must not end the service for all.
                let work = AssertUnwindSafe(|| segment(engine, queue, store, &job, &photo));
                catch_unwind(work).unwrap_or(Err(WorkError::Fault))
            }
        };
        queue.finish(job, result.as_ref().cloned().map_err(ToString::to_string));
        if let Err(WorkError::Segment(SegmentError::Device(error))) = result {
            return error;
        }
    }
}

/// The photo's mask, kept in the store.
fn segment(
    engine: &Engine,
    queue: &Queue,
    store: &Store,
    job: &Job,
    photo: &Photo,
) -> Result<Value, WorkError> {
    let Engine {
        mode, threshold, ..
    } = *engine;
    let file = store
        .get(&photo.path)
        .ok_or_else(|| WorkError::Gone(photo.path.clone()))?;
    let grey = photo::to_grey(&photo::decode(&file)?);
    let map = pollster::block_on(engine.segmenter.segment(grey, mode, async |_| {
        if queue.wants(job) {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }))?;
    let mask = map.mask(threshold);
    let provenance = Provenance {
        photo: photo.name.clone(),
        mode,
        working_scale: 1.0,
        threshold: Some(threshold),
        weights: engine.weights.clone(),
        backend: engine.backend.to_owned(),
        left_out: 0,
    };
    let png = png_grey(mask.as_image(), Some(&provenance))?;
    let stem = Path::new(&photo.name).file_stem().unwrap_or_default();
    let name = file_name(&stem.to_string_lossy(), mode, ExportKind::Mask);
    let path = store.put(&name, &png)?;
    Ok(FileData::kept(&job.root, &path))
}
