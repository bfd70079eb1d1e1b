//! The choice among a GPU's kernels that is the fastest there: measured once, and kept for the next time.

use js_sys::encode_uri_component;

use super::engine::now;
use super::store::Store;
use super::worker::scope;
use crate::device::{self, DeviceError, Gpu, SELF_TEST_SIZE};
use crate::engine::{Engine, Slicing};

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

/// Has the engine use the kernels that are known to be the fastest on this GPU for networks of this width, or that are measured
/// to be.
///
/// # Errors
/// [`DeviceError::Lost`]. At the next start the usual kernels are then taken as they are.
pub(super) async fn tune(
    engine: &mut Engine,
    gpu: &Gpu,
    width: usize,
) -> Result<Slicing, DeviceError> {
    let usual = Slicing::usual(gpu);
    if gpu.is_software {
        return Ok(usual);
    }
    let slicing = match known(gpu, width).await {
        Some(slicing) => slicing,
        None => {
            keep(gpu, width, usual).await;
            let fastest = fastest(engine, usual).await?;
            if fastest != usual {
                keep(gpu, width, fastest).await;
            }
            fastest
        }
    };
    engine.set_slicing(slicing);
    Ok(slicing)
}

async fn known(gpu: &Gpu, width: usize) -> Option<Slicing> {
    let kept = Store::open(STORE).await.get(&key(gpu, width)).await?;
    let blocks = str::from_utf8(&kept).ok()?;
    let mut choices = Slicing::CHOICES.into_iter();
    choices.find(|choice| choice.blocks().to_string() == blocks)
}

/// Keeps a choice for the next start. What other versions of the program kept goes.
pub(super) async fn keep(gpu: &Gpu, width: usize, slicing: Slicing) {
    let (store, blocks) = (Store::open(STORE).await, slicing.blocks().to_string());
    store.put(&key(gpu, width), blocks.as_bytes()).await;
    store.forget(|other| !other.ends_with(VERSION)).await;
}

/// An address, as the cache wants one; nothing is ever fetched from there.
fn key(gpu: &Gpu, width: usize) -> String {
    let (origin, adapter) = (scope().origin(), encode_uri_component(&gpu.name));
    format!("{origin}/?adapter={adapter}&width={width}{VERSION}")
}

async fn fastest(engine: &mut Engine, usual: Slicing) -> Result<Slicing, DeviceError> {
    // The first pass compiles.
    seconds(engine, 1).await?;
    let one = seconds(engine, 1).await?;
    if one > SLOW {
        return Ok(usual);
    }
    let passes = (SECONDS / one).clamp(1.0, MOST_PASSES) as usize;
    let mut times = Slicing::CHOICES.map(|slicing| (slicing, f64::INFINITY));
    // In turn, so that a GPU that wakes up or grows hot favours none.
    for _ in 0..ROUNDS {
        for (slicing, time) in &mut times {
            engine.set_slicing(*slicing);
            seconds(engine, 1).await?;
            *time = time.min(seconds(engine, passes).await?);
        }
    }
    let of_usual = times.iter().find(|(slicing, _)| *slicing == usual);
    let enough = of_usual.map_or(0.0, |(_, time)| WORTHWHILE * time);
    let faster = times.into_iter().filter(|(_, time)| *time < enough);
    let fastest = faster.min_by(|(_, one), (_, other)| one.total_cmp(other));
    Ok(fastest.map_or(usual, |(slicing, _)| slicing))
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
