//! The choice among a GPU's kernels that is the fastest there: measured once, and kept for the next time.

use js_sys::encode_uri_component;

use super::engine::now;
use super::gpu;
use super::store::Store;
use super::worker::scope;
use crate::device::{self, DeviceError, Gpu, SELF_TEST_SIZE};
use crate::engine::network::Network;
use crate::engine::{Engine, Slicing, Storage};

/// Name of the browser's cache for it.
const STORE: &str = "crack-segmenter-gpu";

/// A choice is timed by passes that are under way at once, for about so many seconds, as often as this; the faster time counts.
const SECONDS: f64 = 0.05;
const MOST_PASSES: f64 = 8.0;
const ROUNDS: usize = 2;

/// A GPU that takes longer for a pass, in seconds, is not kept from its work.
const SLOW: f64 = 0.25;

/// How much of the usual choice's time another one may take to be chosen instead: less of a difference may be chance.
const WORTHWHILE: f64 = 0.9;

const VERSION: &str = concat!("&version=", env!("CARGO_PKG_VERSION"));

/// Which kernels: how they slice products, and how they store numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    slicing: Slicing,
    storage: Storage,
}

impl Choice {
    /// The choice where nothing was measured.
    pub(super) fn usual(gpu: &Gpu) -> Self {
        Self {
            slicing: Slicing::usual(gpu),
            storage: Storage::Single,
        }
    }

    /// Largest difference of probability from the CPU's that is still rounding.
    pub(super) fn tolerance(self) -> f32 {
        self.storage.tolerance()
    }

    /// A network by these kernels.
    pub(super) fn engine(self, network: &Network, gpu: &Gpu) -> Result<Engine, DeviceError> {
        let mut engine = gpu::engine(network, gpu, self.storage)?;
        engine.set_slicing(self.slicing);
        Ok(engine)
    }

    /// As it is kept.
    fn text(self) -> String {
        format!("{} {:?}", self.slicing.blocks(), self.storage)
    }

    fn of_text(text: &str, gpu: &Gpu) -> Option<Self> {
        let storages = Storage::choices(gpu).iter();
        let mut choices =
            storages.flat_map(|&storage| Slicing::CHOICES.map(|slicing| Self { slicing, storage }));
        choices.find(|choice| choice.text() == text)
    }
}

/// A network by the kernels that are known to be the fastest on this GPU for networks of its width, or that are measured to be.
///
/// # Errors
/// [`DeviceError::Lost`]. At the next start the usual kernels are then taken as they are.
pub(super) async fn tuned(network: &Network, gpu: &Gpu) -> Result<(Engine, Choice), DeviceError> {
    let (width, usual) = (network.width(), Choice::usual(gpu));
    if gpu.is_software {
        return Ok((usual.engine(network, gpu)?, usual));
    }
    if let Some(choice) = known(gpu, width).await {
        return Ok((choice.engine(network, gpu)?, choice));
    }
    keep(gpu, width, usual).await;
    let (engine, choice) = fastest(network, gpu).await?;
    if choice != usual {
        keep(gpu, width, choice).await;
    }
    Ok((engine, choice))
}

async fn known(gpu: &Gpu, width: usize) -> Option<Choice> {
    let kept = Store::open(STORE).await.get(&key(gpu, width)).await?;
    Choice::of_text(str::from_utf8(&kept).ok()?, gpu)
}

/// Keeps a choice for the next start. What other versions of the program kept goes.
pub(super) async fn keep(gpu: &Gpu, width: usize, choice: Choice) {
    let (store, text) = (Store::open(STORE).await, choice.text());
    store.put(&key(gpu, width), text.as_bytes()).await;
    store.forget(|other| !other.ends_with(VERSION)).await;
}

/// An address, as the cache wants one; nothing is ever fetched from there.
fn key(gpu: &Gpu, width: usize) -> String {
    let (origin, adapter) = (scope().origin(), encode_uri_component(&gpu.name));
    format!("{origin}/?adapter={adapter}&width={width}{VERSION}")
}

async fn fastest(network: &Network, gpu: &Gpu) -> Result<(Engine, Choice), DeviceError> {
    let usual = Choice::usual(gpu);
    let mut engine = usual.engine(network, gpu)?;
    // The first pass compiles.
    seconds(&engine, 1).await?;
    let one = seconds(&engine, 1).await?;
    if one > SLOW {
        return Ok((engine, usual));
    }
    let passes = (SECONDS / one).clamp(1.0, MOST_PASSES) as usize;

    let mut times = Slicing::CHOICES.map(|slicing| (slicing, f64::INFINITY));
    for _ in 0..ROUNDS {
        for (slicing, time) in &mut times {
            engine.set_slicing(*slicing);
            seconds(&engine, 1).await?;
            *time = time.min(seconds(&engine, passes).await?);
        }
    }
    let slicing = worthwhile(times, usual.slicing);
    engine.set_slicing(slicing);

    // By the slices that suit the usual numbers: to measure everything with everything would take too long.
    let mut choice = Choice { slicing, ..usual };
    for &storage in Storage::choices(gpu) {
        if storage == choice.storage {
            continue;
        }
        let other = Choice { storage, ..choice };
        let other_engine = other.engine(network, gpu)?;
        let mut times = [(choice, f64::INFINITY), (other, f64::INFINITY)];
        for _ in 0..ROUNDS {
            for (engine, (_, time)) in [&engine, &other_engine].into_iter().zip(&mut times) {
                seconds(engine, 1).await?;
                *time = time.min(seconds(engine, passes).await?);
            }
        }
        if worthwhile(times, choice) == other {
            (engine, choice) = (other_engine, other);
        }
    }
    Ok((engine, choice))
}

/// The fastest of several ways where it is worth leaving the usual one for it. They were timed in turn, so that a GPU that
/// wakes up or grows hot favours none.
fn worthwhile<T: Copy + PartialEq, const N: usize>(times: [(T, f64); N], usual: T) -> T {
    let of_usual = times.iter().find(|(way, _)| *way == usual);
    let enough = of_usual.map_or(0.0, |(_, time)| WORTHWHILE * time);
    let faster = times.into_iter().filter(|(_, time)| *time < enough);
    let fastest = faster.min_by(|(_, one), (_, other)| one.total_cmp(other));
    fastest.map_or(usual, |(way, _)| way)
}

/// How long so many passes over the self-test's tile take together.
async fn seconds(engine: &Engine, passes: usize) -> Result<f64, DeviceError> {
    let tile = device::self_test_tile(SELF_TEST_SIZE).into_iter();
    let tile: Vec<f32> = tile.map(|grey| f32::from(grey) / 127.5 - 1.0).collect();
    let begin = now();
    let pass = |_| engine.probabilities(&tile, [SELF_TEST_SIZE; 2]);
    for started in (0..passes).map(pass).collect::<Vec<_>>() {
        started.await?;
    }
    Ok(now() - begin)
}
