//! Brings weights and a backend together, and finds out which backend serves this visitor best.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use web_sys::Blob;

use super::crew::{Crew, LARGEST_WEIGHTS};
use super::helper::WeightsFile;
use super::sha256::sha256;
use super::watchdog::Watchdog;
use super::worker::{read, scope};
use super::{fetch, gpu, tuning};
use crate::device::{self, DeviceError, Gpu, NoGpu, SELF_TEST_SIZE};
use crate::engine::network::Network;
use crate::engine::{Engine, Precision};
use crate::protocol::{
    Backend, BackendChoice, Cause, EngineInfo, Failure, FailureKind, Mode, Reason, Size, Stage,
    WeightsSource,
};
use crate::segmenter::{Segmenter, Usage};
use crate::weights::{Metadata, Weights, WeightsError};

/// From this many pixels on a photo is worth helpers: a few large tiles, beside which their start does not count.
const WORTH_HELPERS: usize = 1_000_000;

/// How long a browser may take to give a GPU, and this to compile its kernels and to answer the self-test, in seconds.
const ASK_PATIENCE: f64 = 20.0;
const START_PATIENCE: f64 = 120.0;

/// A segmenter at work, and how it came about.
pub(super) struct Running {
    segmenter: Segmenter,
    /// What helpers are given; none where they would not fit.
    weights: Option<WeightsFile>,
    /// How many helpers can be had, as far as is known.
    most_helpers: Cell<usize>,
    info: EngineInfo,
    /// Seconds a megapixel without helpers; the self-test's at first, the last photo's later.
    speed: Cell<f64>,
    is_untried: Cell<bool>,
}

impl Running {
    pub(super) fn segmenter(&self) -> &Segmenter {
        &self.segmenter
    }

    /// How many helpers a photo is worth.
    pub(super) fn helpers(&self, size: Size, mode: Mode) -> usize {
        let is_large = mode.is_in_shape() && size.area() >= WORTH_HELPERS;
        match &self.weights {
            Some(_) if is_large && self.info.backend == Backend::Cpu => self.most_helpers.get(),
            _ => 0,
        }
    }

    /// Starts helpers.
    pub(super) fn crew(&self, helpers: usize) -> Crew {
        match &self.weights {
            Some(weights) => Crew::gather(helpers, weights),
            None => Crew::default(),
        }
    }

    /// Where the browser starts no helpers, or they get lost, no photo counts on as many again.
    pub(super) fn learn_helpers(&self, wanted: usize, not_lost: usize) {
        if not_lost < wanted {
            self.most_helpers.set(not_lost);
        }
    }

    pub(super) fn info(&self) -> EngineInfo {
        EngineInfo {
            seconds_per_megapixel: self.speed.get(),
            ..self.info.clone()
        }
    }

    /// Notes that this worker took over from one that was lost.
    pub(super) fn recovered(&mut self) {
        self.info.reason = Reason::Recovered;
    }

    pub(super) fn seconds_per_megapixel(&self) -> f64 {
        self.speed.get()
    }

    /// Whether no photo has told the speed yet.
    pub(super) fn is_untried(&self) -> bool {
        self.is_untried.get()
    }

    /// Measures the speed once more. At the start it may have seemed slow: browsers still compile then, and what else the device
    /// was busy with counts against it.
    pub(super) async fn measure_again(&self) -> Result<(), DeviceError> {
        let speed = speed(&self.segmenter, SELF_TEST_SIZE, TRIAL_SECONDS).await?;
        self.speed.set(speed.min(self.speed.get()));
        Ok(())
    }

    /// A photo measures better than the self-test.
    pub(super) fn learn_speed(&self, speed: Option<f64>) {
        if let Some(speed) = speed {
            self.speed.set(speed);
            self.is_untried.set(false);
        }
    }
}

/// Of the SHA-256 that people see, in hexadecimal digits.
const HASH_DIGITS: usize = 16;

/// Weights, and what tells them from others of the same name.
#[derive(Clone)]
struct Loaded {
    network: Rc<Network>,
    metadata: Metadata,
    hash: String,
    /// Whether the person brought them.
    is_own: bool,
    file: Option<WeightsFile>,
}

impl Loaded {
    async fn from(
        source: &WeightsSource,
        files: &[Blob],
        on_stage: impl Fn(Stage),
    ) -> Result<Self, Failure> {
        match source {
            WeightsSource::Url(url) => {
                let failed = |cause: Cause| Failure::new(FailureKind::Weights, cause);
                let fetched = fetch::weights(url, on_stage).await;
                let (name, bytes) = fetched.map_err(|error| failed(error.into()))?;
                let read = Self::read(bytes, &name, false).await;
                read.map_err(|error| failed(Cause::ServedWeights(error)))
            }
            WeightsSource::File { name, .. } => {
                let failed = |cause: Cause| Failure {
                    file: Some(name.clone()),
                    ..Failure::new(FailureKind::OtherWeights, cause)
                };
                let bytes = read(files, 0, WeightsError::TooLarge).await;
                let read = Self::read(bytes.map_err(failed)?, name, true).await;
                read.map_err(|error| failed(error.into()))
            }
        }
    }

    async fn read(bytes: Vec<u8>, name: &str, is_own: bool) -> Result<Self, WeightsError> {
        let hash = sha256(&bytes).await;
        let file = (bytes.len() <= LARGEST_WEIGHTS)
            .then(|| WeightsFile::new(name, &bytes))
            .flatten();
        let weights = Weights::from_bytes(bytes, name)?;
        Ok(Self {
            hash: hash.chars().take(HASH_DIGITS).collect(),
            network: Rc::new(weights.network()?),
            metadata: weights.metadata().clone(),
            is_own,
            file,
        })
    }
}

/// What outlives a change of backend or weights.
#[derive(Default)]
pub(super) struct Workshop {
    /// The weights that are here, and where they came from.
    weights: Option<(WeightsSource, Loaded)>,
    /// Asked for once: a second device of the same adapter would be refused, and one that is lost stays lost.
    gpu: Option<Result<Gpu, DeviceError>>,
}

impl Workshop {
    /// Gets the weights, unless they are here, and starts on the backend chosen. What was here before stays where that fails.
    pub(super) async fn start(
        &mut self,
        choice: BackendChoice,
        source: WeightsSource,
        files: &[Blob],
        on_stage: impl Fn(Stage),
    ) -> Result<Running, Failure> {
        let here = self.weights.as_ref().filter(|(its, _)| *its == source);
        let here = here.map(|(_, loaded)| loaded.clone());
        let loaded = match here {
            Some(loaded) => loaded,
            None => Loaded::from(&source, files, &on_stage).await?,
        };
        let running = self.run(choice, loaded.clone(), on_stage).await?;
        self.weights = Some((source, loaded));
        Ok(running)
    }

    async fn run(
        &mut self,
        choice: BackendChoice,
        loaded: Loaded,
        on_stage: impl Fn(Stage),
    ) -> Result<Running, Failure> {
        on_stage(Stage::Compiling);
        let Loaded {
            network,
            metadata,
            hash,
            is_own,
            file,
        } = loaded;
        let gpu = match choice {
            BackendChoice::Cpu => Err(Reason::Chosen),
            _ => match self.gpu().await {
                // The engine for the CPU is faster there, and trying takes seconds.
                Ok(gpu) if gpu.is_software && choice == BackendChoice::Auto => {
                    Err(Reason::SoftwareGpu)
                }
                Ok(gpu) => Ok(gpu),
                Err(error) => Err(instead(choice, error)?),
            },
        };
        // Alone, the CPU has no answer to give, only a speed to show, which the first photo shows better.
        let (side, seconds) = match gpu {
            Ok(_) => (SELF_TEST_SIZE, TRIAL_SECONDS),
            Err(_) => (SELF_TEST_SIZE / 2, 0.0),
        };
        let usage = metadata.usage;
        let cpu = Trial::run(
            Segmenter::new(Engine::on_cpu(&network), usage),
            side,
            seconds,
        )
        .await;
        let cpu = cpu.map_err(|error| Failure::new(FailureKind::Device, error))?;
        let started = |trial: Trial, backend, adapter: &str, reason, self_test| Running {
            info: EngineInfo {
                choice,
                backend,
                adapter: adapter.into(),
                reason,
                weights: metadata.name.clone(),
                weights_hash: hash.clone(),
                has_own_weights: is_own,
                width: network.width(),
                threshold: metadata.threshold,
                self_test,
                seconds_per_megapixel: trial.speed,
            },
            speed: Cell::new(trial.speed),
            is_untried: Cell::new(true),
            segmenter: trial.segmenter,
            weights: file.clone(),
            most_helpers: Cell::new(Crew::most()),
        };
        let on_cpu = |cpu, reason| started(cpu, Backend::Cpu, "CPU", reason, None);
        let gpu = match gpu {
            Ok(gpu) => gpu,
            Err(reason) => return Ok(on_cpu(cpu, reason)),
        };
        let watchdog = Watchdog::new(START_PATIENCE);
        let tried = watchdog.watch(try_gpu(&gpu, &network, usage, &cpu)).await;
        let (trial, difference, precision) = match tried {
            Ok(tried) => tried,
            Err(error) => {
                if matches!(error, DeviceError::Lost(_)) {
                    self.gpu = Some(Err(error.clone()));
                }
                return Ok(on_cpu(cpu, instead(choice, error)?));
            }
        };
        // A large photo, of which speed matters most, has the CPU's other cores too.
        let cpu_speed = cpu.speed / Crew::speed_up(if file.is_some() { Crew::most() } else { 0 });
        if choice == BackendChoice::Auto && trial.speed > cpu_speed {
            return Ok(on_cpu(cpu, Reason::Faster));
        }
        let reason = match choice {
            BackendChoice::Auto => Reason::Faster,
            _ => Reason::Chosen,
        };
        let backend = match precision {
            Precision::Single => Backend::WebGpu,
            Precision::HalfStored | Precision::Half => Backend::WebGpuF16,
        };
        let self_test = Some(difference);
        Ok(started(trial, backend, &gpu.name, reason, self_test))
    }

    async fn gpu(&mut self) -> Result<Gpu, DeviceError> {
        let gpu = match self.gpu.take() {
            Some(gpu) => gpu,
            None => Watchdog::new(ASK_PATIENCE).watch(gpu::ask()).await,
        };
        self.gpu.insert(gpu).clone()
    }
}

/// The GPU's answer to the self-test's question by its fastest kernels, how far it is from the CPU's, and how numbers are stored.
async fn try_gpu(
    gpu: &Gpu,
    network: &Network,
    usage: Usage,
    cpu: &Trial,
) -> Result<(Trial, f32, Precision), DeviceError> {
    let (mut segmenter, mut kernels) = tuning::tuned(network, usage, gpu).await?;
    loop {
        let tried = try_out(segmenter, cpu, kernels.precision).await;
        let is_wrong = matches!(tried, Err(DeviceError::Wrong { .. }));
        match kernels.safer(gpu).filter(|_| is_wrong) {
            // Which is not kept: with other weights the faster ones may be right.
            Some(safer) => {
                segmenter = Segmenter::new(gpu::engine(network, gpu, safer)?, usage);
                kernels = safer;
            }
            None => return tried.map(|(trial, difference)| (trial, difference, kernels.precision)),
        }
    }
}

async fn try_out(
    segmenter: Segmenter,
    cpu: &Trial,
    precision: Precision,
) -> Result<(Trial, f32), DeviceError> {
    let trial = Trial::run(segmenter, SELF_TEST_SIZE, TRIAL_SECONDS).await?;
    let difference = device::difference(&trial.answer, &cpu.answer);
    // Not `>`: a NaN must fail.
    if difference <= precision.tolerance() {
        Ok((trial, difference))
    } else {
        Err(DeviceError::Wrong { difference })
    }
}

/// How long backends are timed that are to be compared, in seconds, and how often at most.
const TRIAL_SECONDS: f64 = 0.1;
const TRIAL_PASSES: usize = 8;

/// A backend that was asked the self-test's question.
struct Trial {
    segmenter: Segmenter,
    answer: Vec<f32>,
    /// Seconds for each megapixel of a photo.
    speed: f64,
}

impl Trial {
    /// On a tile of `side` x `side` pixels, timed for that many seconds.
    async fn run(segmenter: Segmenter, side: usize, seconds: f64) -> Result<Self, DeviceError> {
        // The first pass compiles.
        let answer = segmenter
            .probabilities(&device::self_test_tile(side), [side; 2])
            .await?;
        let speed = speed(&segmenter, side, seconds).await?;
        Ok(Self {
            segmenter,
            answer,
            speed,
        })
    }
}

/// Seconds for each megapixel of a photo, by passes over a tile of `side` x `side` pixels: one at least, and as many as begin
/// within `seconds`.
async fn speed(segmenter: &Segmenter, side: usize, seconds: f64) -> Result<f64, DeviceError> {
    let tile = device::self_test_tile(side);
    let begin = now();
    // The fastest pass counts: browsers still optimise while they run.
    let mut fastest = f64::INFINITY;
    for _ in 0..TRIAL_PASSES {
        let pass = now();
        segmenter.probabilities(&tile, [side; 2]).await?;
        fastest = fastest.min(now() - pass);
        if now() - begin > seconds {
            break;
        }
    }
    // A photo is decoded next.
    segmenter.release_memory();
    Ok(fastest / (tile.len() as f64 / 1e6) * segmenter.cost())
}

/// Why the CPU runs instead of the GPU; an error where the GPU was asked for.
fn instead(choice: BackendChoice, error: DeviceError) -> Result<Reason, Failure> {
    if choice != BackendChoice::Auto {
        return Err(Failure::new(FailureKind::Device, error));
    }
    thread_local! {
        // Once is enough for all weights that this worker is given.
        static TOLD: RefCell<String> = const { RefCell::new(String::new()) };
    }
    let message = error.to_string();
    if TOLD.replace(message.clone()) != message {
        web_sys::console::info_1(&message.into());
    }
    Ok(match error {
        DeviceError::Unavailable(NoGpu::NoWebGpu) => Reason::NoWebGpu,
        DeviceError::Unavailable(NoGpu::NoAdapter) => Reason::NoAdapter,
        DeviceError::Unavailable(NoGpu::Refused | NoGpu::NotStarted) => Reason::GpuFailed,
        DeviceError::Unavailable(NoGpu::TooSmall) => Reason::SmallGpu,
        DeviceError::Wrong { .. } => Reason::WrongGpu,
        DeviceError::Lost(_) => Reason::LostGpu,
    })
}

/// Seconds on a clock that only runs forward.
pub(super) fn now() -> f64 {
    scope()
        .performance()
        .map_or(0.0, |performance| performance.now() / 1e3)
}
