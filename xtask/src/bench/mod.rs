//! This segmenter beside its peers: the same weights and the same photos through onnxruntime-web in the same browser, and
//! through PyTorch and onnxruntime on the same machine.
//!
//! `benches/` has the pages, the scripts and the results. Nothing here knows how the segmenter computes: it is asked as any
//! page would, through `createSegmenter`.

mod chart;
mod cold;
mod native;
mod prepare;
mod report;
mod results;
mod samples;
mod steady;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use xtask::chromium::{self, Gpu};
use xtask::webdriver::Session;

use prepare::Prepared;
use results::{Backend, Results};

/// What to measure, and how long.
#[derive(Default)]
pub(crate) struct Options {
    /// Fewer cases and rounds: an impression in minutes.
    pub(crate) quick: bool,
    /// Only this part.
    pub(crate) only: Option<Part>,
    /// At most so many rounds a case.
    pub(crate) rounds: Option<usize>,
    /// A built app to measure, instead of building one.
    pub(crate) dist: Option<PathBuf>,
    /// On this machine's own GPU instead of SwiftShader.
    pub(crate) gpu: bool,
}

/// A part that can be measured alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Steady times on the CPU, in the browser.
    Cpu,
    /// Steady times by WebGPU.
    WebGpu,
    /// Steady times of PyTorch and onnxruntime without a browser.
    Native,
    /// From an empty page to the first mask, and on to a large photo.
    Cold,
}

impl Part {
    /// The part of this name.
    pub(crate) fn named(name: &str) -> Result<Self> {
        Ok(match name {
            "cpu" => Self::Cpu,
            "webgpu" => Self::WebGpu,
            "native" => Self::Native,
            "cold" => Self::Cold,
            _ => bail!("--only is one of cpu, webgpu, native, cold"),
        })
    }
}

impl Options {
    fn includes(&self, part: Part) -> bool {
        self.only.is_none_or(|only| only == part)
    }

    fn rounds(&self) -> usize {
        self.rounds.unwrap_or(if self.quick { 5 } else { 15 })
    }

    /// How long the rounds of one case may take.
    fn budget(&self) -> Duration {
        Duration::from_secs(if self.quick { 15 } else { 75 })
    }

    fn browser_gpu(&self, backend: Backend) -> Gpu {
        match (backend, self.gpu) {
            (Backend::Cpu, _) => Gpu::None,
            (Backend::WebGpu, true) => Gpu::Own,
            (Backend::WebGpu, false) => Gpu::Software,
        }
    }

    /// The command as it was given.
    fn command(&self) -> String {
        let mut words = "cargo xtask bench".to_owned();
        for (is_set, flag) in [(self.quick, "--quick"), (self.gpu, "--gpu")] {
            if is_set {
                words.extend([" ", flag]);
            }
        }
        if let Some(only) = self.only {
            words += &format!(" --only {only:?}").to_lowercase();
        }
        if let Some(rounds) = self.rounds {
            words += &format!(" --rounds {rounds}");
        }
        if self.dist.is_some() {
            words += " --dist DIST";
        }
        words
    }
}

/// Measures, and writes `RESULTS.md`, `results.svg` and `results.json`: of a run without options into `benches/`, of any
/// other beside what was prepared for it, where it replaces nothing that was published.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    let prepared = Prepared::new(root, options)?;
    let mut results = Results::new(options.command())?;
    if options.includes(Part::Cpu) || options.includes(Part::Native) {
        steady::measure(Backend::Cpu, options, &prepared, &mut results)?;
    }
    if options.includes(Part::WebGpu) {
        steady::measure(Backend::WebGpu, options, &prepared, &mut results)?;
    }
    if options.includes(Part::Cold) {
        cold::measure(options, &prepared, &mut results)?;
    }

    let is_published = options.command() == Options::default().command();
    let folder = if is_published {
        root.join("benches")
    } else {
        prepared.folder.join("results")
    };
    fs::create_dir_all(&folder)?;
    for (name, text) in [
        ("results.json", results.to_json()?),
        ("results.svg", chart::draw(&results)),
        ("RESULTS.md", report::write(&results)),
    ] {
        let file = folder.join(name);
        fs::write(&file, text).with_context(|| file.display().to_string())?;
    }
    println!("{}", report::write(&results));
    println!("written to {}", folder.display());
    Ok(())
}

/// The longest that a page may be waited for: a wide network on a GPU in software.
const PATIENCE: Duration = Duration::from_secs(30 * 60);

fn open_browser(gpu: Gpu, results: &mut Results) -> Result<Session> {
    let session = chromium::open(gpu, PATIENCE, &["browser"])?;
    if let Some(version) = session.capabilities()["browserVersion"].as_str() {
        results.browser = format!("Chromium {version}, headless");
    }
    Ok(session)
}
