//! What the native program finds in the same photos: the measure for the page.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use crack_segmenter::engine::Engine;
use crack_segmenter::mask::ProbabilityMap;
use crack_segmenter::plan::Mode;
use crack_segmenter::segmenter::Segmenter;
use crack_segmenter::synthetic::{SceneSpec, generate};
use crack_segmenter::weights::Weights;
use crack_segmenter::{export, photo};

/// The segmenter on this machine's CPU, with the weights that the app ships.
pub(crate) struct Native {
    segmenter: Segmenter,
    /// The threshold that came with the weights.
    pub(crate) threshold: f32,
}

impl Native {
    pub(crate) fn load() -> Result<Self> {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/weights/lite.bpk");
        let weights = Weights::from_file(file.as_ref())?;
        let threshold = weights.metadata().threshold;
        Ok(Self {
            segmenter: Segmenter::new(
                Engine::on_cpu(&weights.network()?),
                weights.metadata().usage,
            ),
            threshold,
        })
    }

    /// The probability map of a photo's file.
    pub(crate) fn map(&self, file: &Path, mode: Mode) -> Result<ProbabilityMap> {
        let grey = photo::to_grey(&photo::decode(&fs::read(file)?)?);
        let work = self
            .segmenter
            .segment(grey, mode, async |_| ControlFlow::Continue(()));
        Ok(pollster::block_on(work)?)
    }
}

/// A file for the page to read, in cargo's own folder for such. One that is there already stays untouched: the same test in
/// another browser may be reading it.
pub(crate) fn file(name: &str, bytes: &[u8]) -> Result<PathBuf> {
    static WRITING: Mutex<()> = Mutex::new(());
    let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if !fs::read(&path).is_ok_and(|there| there == bytes) {
        fs::write(&path, bytes)?;
    }
    Ok(path)
}

/// A site of one page, in cargo's own folder for such.
pub(crate) fn site(name: &str, page: &str) -> Result<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("index.html"), page)?;
    Ok(folder)
}

/// A made-up photo of cracked concrete, as a PNG file.
pub(crate) fn photo(name: &str, width: u32, height: u32) -> Result<PathBuf> {
    let scene = generate(&SceneSpec {
        width,
        height,
        seed: 5,
        ..SceneSpec::default()
    });
    file(name, &export::png_rgb(&scene.photo, None)?)
}
