//! The messages between the page, its hub and the worker, and nothing else.
//!
//! A message travels as `{ message, files }`: the small typed part through serde; photos, maps and pictures as `Blob`s,
//! whose bytes only those read who need them. Each variant says which files come with it, in order.
//!
//! The worker keeps no results: what it needs for an export comes with the request. So it can be replaced at any
//! time (a panic, a lost GPU) without losing anything that the page shows.

use serde::{Deserialize, Serialize, Serializer};

pub use crate::export::{ExportKind, Provenance};
pub use crate::failure::{Cause, Failure, FailureKind};
pub use crate::measure::Measurements;
pub use crate::plan::{Mode, Plan, Resolution, Settings, Size};

/// Tells the jobs of one page apart. A job is one photo segmented once.
pub type JobId = u32;

/// What the page asks of the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Request {
    /// Get the weights and choose the backend. Comes first, and again for another backend or other weights. Files: the
    /// weights, of [`WeightsSource::File`].
    Start {
        /// Which backend the person wants.
        backend: BackendChoice,
        /// Where the weights come from.
        weights: WeightsSource,
        /// Whether this is a new worker that takes over on the CPU from one that was lost.
        recovering: bool,
    },
    /// Segment a photo. Files: the photo.
    Segment {
        /// Names the job in every reply.
        job: JobId,
        /// How to work the photo.
        settings: Settings,
    },
    /// Stop a job between two tiles. A job that is not known is ignored.
    Cancel {
        /// The job to stop.
        job: JobId,
    },
    /// Draw a result as a PNG at the size the person expects to keep. Need not wait for a job in work.
    /// Files: the probability map; for [`ExportKind::Overlay`] the photo after it.
    Export {
        /// The job that the result belongs to.
        job: JobId,
        /// What to draw.
        export: Export,
    },
    /// Measure the cracks of a result. Need not wait for a job in work. Files: the probability map.
    Measure {
        /// The job that the result belongs to.
        job: JobId,
        /// Size of the probability map, in pixels.
        map: Size,
        /// Probability above which a pixel is crack, 0 to 1.
        threshold: f32,
    },
}

/// A picture to draw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Export {
    /// What it shows.
    pub kind: ExportKind,
    /// Size of the probability map, in pixels.
    pub map: Size,
    /// Probability above which a pixel is crack, 0 to 1.
    pub threshold: f32,
    /// What made the result; it is written into the file.
    pub provenance: Provenance,
    /// Opacity of the crack colour, 0 to 1.
    pub opacity: f32,
    /// Whether a report shows it, too: an overlay then comes as a figure as well.
    pub with_figure: bool,
}

/// Where weights come from. What comes from the same source is not got twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WeightsSource {
    /// Absolute URL of a weights file, or of the folder with `manifest.json` and weight files, which ends in a slash
    /// and may name some of them after a `#`.
    Url(String),
    /// A `.bpk` or `.safetensors` file that the person brought.
    File {
        /// Its name, shown to the person.
        name: String,
        /// Tells files of one name apart.
        id: u32,
    },
}

/// What the worker tells the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Reply {
    /// The worker listens. Nothing may be posted to it before, except the address of the weights, for `www/ahead.js`.
    Ready,
    /// Something takes a while; replaces the progress told before.
    Progress {
        /// The job it belongs to; none while starting.
        job: Option<JobId>,
        /// How far it is.
        stage: Stage,
    },
    /// Weights and backend stand: photos can be segmented.
    Started {
        /// What runs, and how fast.
        engine: EngineInfo,
    },
    /// The photo could be read. Files: its preview, a picture that every browser shows: the photo, or a reduction; none
    /// where that could not be made.
    Decoded {
        /// The job.
        job: JobId,
        /// The photo's size, upright.
        photo: Size,
        /// What the network will work on.
        plan: Plan,
    },
    /// The mask is found. Files: the probability map, a byte a pixel, row by row (255 = surely crack).
    Segmented {
        /// The job.
        job: JobId,
        /// Size of the probability map.
        map: Size,
        /// Time from the grey photo, at its working size, to its map, in seconds; without what the page slept meanwhile.
        seconds: f64,
        /// Number of the map's pixels of each value, 0 to 255.
        counts: Vec<u32>,
    },
    /// The job was stopped as asked.
    Cancelled {
        /// The job.
        job: JobId,
    },
    /// The PNG that was asked for. Files: it; after it the figure, a small JPEG as the text of a `data:` address.
    Exported {
        /// The job.
        job: JobId,
        /// What it shows.
        kind: ExportKind,
        /// The file's check sum, as ZIP archives have it.
        crc32: u32,
        /// The figure's, where it was asked for and could be drawn.
        figure_crc32: Option<u32>,
    },
    /// The cracks that were to be measured.
    Measured {
        /// The job.
        job: JobId,
        /// The threshold that was asked for.
        threshold: f32,
        /// In pixels of the map.
        measurements: Measurements,
    },
    /// Weights and backend do not stand: there is no engine.
    NotStarted {
        /// Why.
        failure: Failure,
    },
    /// Another backend or other weights can't be had; what there was before goes on, and [`Reply::Started`] follows. The
    /// hub says this of what the worker could not start.
    Refused {
        /// Why.
        failure: Failure,
    },
    /// A photo, a picture or measurements failed; the worker lives on.
    Failed {
        /// The job it belongs to.
        job: JobId,
        /// What failed.
        failure: Failure,
    },
    /// The worker is lost and must be replaced. The page learns of it while a new one starts.
    Crashed {
        /// For the console and the issue tracker.
        detail: String,
    },
    /// The GPU is lost amid a photo, and this worker gets no other one: it must be replaced.
    LostGpu {
        /// For the console and the issue tracker.
        detail: String,
    },
}

impl Request {
    /// The job that it asks for.
    pub fn job(&self) -> Option<JobId> {
        match self {
            Self::Segment { job, .. } | Self::Export { job, .. } | Self::Measure { job, .. } => {
                Some(*job)
            }
            Self::Start { .. } | Self::Cancel { .. } => None,
        }
    }

    /// The same with another name for the job that it asks for.
    pub fn named(mut self, name: JobId) -> Self {
        if let Self::Segment { job, .. } | Self::Export { job, .. } | Self::Measure { job, .. } =
            &mut self
        {
            *job = name;
        }
        self
    }
}

impl Reply {
    /// The job that it belongs to.
    pub fn job(&self) -> Option<JobId> {
        match self {
            Self::Progress { job, .. } => *job,
            Self::Decoded { job, .. }
            | Self::Segmented { job, .. }
            | Self::Cancelled { job }
            | Self::Exported { job, .. }
            | Self::Measured { job, .. }
            | Self::Failed { job, .. } => Some(*job),
            Self::Ready
            | Self::Started { .. }
            | Self::NotStarted { .. }
            | Self::Refused { .. }
            | Self::Crashed { .. }
            | Self::LostGpu { .. } => None,
        }
    }

    /// The same with another name for its job, if it has one.
    pub fn named(mut self, name: JobId) -> Self {
        match &mut self {
            Self::Progress { job: Some(job), .. }
            | Self::Failed { job, .. }
            | Self::Decoded { job, .. }
            | Self::Segmented { job, .. }
            | Self::Cancelled { job }
            | Self::Exported { job, .. }
            | Self::Measured { job, .. } => *job = name,
            _ => {}
        }
        self
    }
}

/// Which backend the person wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BackendChoice {
    /// WebGPU where it is there, correct and faster; the CPU otherwise.
    #[default]
    Auto,
    /// The CPU, by WebAssembly SIMD.
    Cpu,
    /// WebGPU, an error where it is missing or wrong.
    #[serde(rename = "webgpu", alias = "web-gpu")]
    WebGpu,
}

/// The backend that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Backend {
    /// The CPU, by WebAssembly SIMD.
    Cpu,
    /// The GPU, by WebGPU.
    #[serde(rename = "webgpu")]
    WebGpu,
    /// The same, by kernels whose numbers have 16 bits.
    #[serde(rename = "webgpu-f16")]
    WebGpuF16,
}

impl Backend {
    /// Its name, the same in every language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "CPU",
            Self::WebGpu => "WebGPU",
            Self::WebGpuF16 => "WebGPU f16",
        }
    }
}

/// Why a backend runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It was chosen.
    Chosen,
    /// It is the faster one; the GPU also agrees with the CPU.
    Faster,
    /// The GPU is the CPU in disguise, and slower than the CPU itself.
    SoftwareGpu,
    /// This browser has no WebGPU.
    #[serde(rename = "no-webgpu")]
    NoWebGpu,
    /// WebGPU has no adapter.
    NoAdapter,
    /// There is an adapter, and it could not be started.
    GpuFailed,
    /// The GPU has no room for these weights.
    SmallGpu,
    /// The GPU gives other results than the CPU.
    WrongGpu,
    /// The GPU stopped answering.
    LostGpu,
    /// This worker took over from one that was lost.
    Recovered,
}

/// What runs in the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EngineInfo {
    /// What was asked for.
    pub choice: BackendChoice,
    /// The backend chosen.
    pub backend: Backend,
    /// The processor's name, as far as the browser tells.
    pub adapter: String,
    /// Why this backend.
    pub reason: Reason,
    /// Name of the weights ("lite", or the dropped file's).
    pub weights: String,
    /// Tells weights of one name apart: the beginning of the file's SHA-256.
    pub weights_hash: String,
    /// Whether the person brought them.
    pub has_own_weights: bool,
    /// Width of the network (channels of its first stage).
    pub width: usize,
    /// The threshold chosen with these weights, 0 to 1.
    #[serde(serialize_with = "as_written")]
    pub threshold: f32,
    /// Largest difference of probability between GPU and CPU in the self-test; none on the CPU.
    pub self_test: Option<f32>,
    /// Measured speed, in seconds a megapixel.
    pub seconds_per_megapixel: f64,
}

impl EngineInfo {
    /// Whether the CPU runs for want of a GPU that may be there another time.
    pub fn lacks_gpu(&self) -> bool {
        matches!(
            self.reason,
            Reason::NoAdapter | Reason::GpuFailed | Reason::LostGpu | Reason::Recovered
        )
    }
}

/// A threshold as a person writes it: six decimals, without the tail that 32 bits have in 64.
pub fn as_written<S: Serializer>(threshold: &f32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((f64::from(*threshold) * 1e6).round() / 1e6)
}

/// What is under way.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "stage",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub enum Stage {
    /// The program itself is being fetched.
    Program {
        /// Bytes so far.
        loaded: u64,
        /// Bytes in all, where the server tells.
        total: Option<u64>,
    },
    /// The weights are being fetched.
    Weights {
        /// Bytes so far.
        loaded: u64,
        /// Bytes in all, where the server tells.
        total: Option<u64>,
    },
    /// The GPU's programs are being compiled and checked against the CPU.
    Compiling,
    /// The photo is being read.
    Decoding,
    /// The network is at work.
    Tiles {
        /// Tiles done.
        done: usize,
        /// Tiles in all.
        total: usize,
        /// Expected time to the end, in seconds.
        seconds_left: f64,
    },
}
