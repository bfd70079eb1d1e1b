//! The choice among a GPU's kernels that is the fastest there: measured once, and kept for the next time.

use js_sys::encode_uri_component;

use super::gpu;
use super::store::Store;
use super::worker::scope;
use super::workshop::now;
use crate::device::{self, DeviceError, Gpu, SELF_TEST_SIZE};
use crate::engine::kernels::{Kernels, fastest};
use crate::engine::network::Network;
use crate::engine::{Precision, Slicing, kernels_version};
use crate::segmenter::{Segmenter, Usage};

/// Name of the browser's cache for it.
const STORE: &str = "crack-segmenter-gpu";

/// A choice is timed by passes that are under way at once, for about so many seconds, as often as this; the faster time counts.
const SECONDS: f64 = 0.05;
const MOST_PASSES: f64 = 8.0;
const ROUNDS: usize = 2;

/// A GPU that takes longer for a pass, in seconds, is not kept from its work.
const SLOW: f64 = 0.25;

/// What is kept while kernels are measured for the first time.
const BEGUN: &str = "begun";

/// A network by the kernels that are known to be the fastest on this GPU for networks of its width, or that are measured to be.
///
/// # Errors
/// [`DeviceError::Lost`]. At the next start the usual kernels are then taken as they are. Where this has no end, it is measured once
/// more at the next start, as the page may just have been left, and not again.
pub(super) async fn tuned(
    network: &Network,
    usage: Usage,
    gpu: &Gpu,
) -> Result<(Segmenter, Kernels), DeviceError> {
    let (width, usual) = (network.width(), Kernels::usual(gpu));
    let by = |kernels| Ok(Segmenter::new(gpu::engine(network, gpu, kernels)?, usage));
    if gpu.is_software {
        return Ok((by(usual)?, usual));
    }
    let kept = kept(gpu, width).await;
    let known = kept.as_ref().and_then(|text| Kernels::of_text(text, gpu));
    if let Some(kernels) = known {
        return Ok((by(kernels)?, kernels));
    }
    let until_then = match kept {
        None => BEGUN.to_owned(),
        Some(_) => usual.text(),
    };
    keep(gpu, width, &until_then).await;
    let found = measured(by, gpu).await;
    // Of a GPU that was lost over it nothing more is expected.
    let kernels = found.as_ref().map_or(usual, |&(_, kernels)| kernels);
    keep(gpu, width, &kernels.text()).await;
    found
}

async fn kept(gpu: &Gpu, width: usize) -> Option<String> {
    let kept = Store::open(STORE).await.get(&key(gpu, width)).await?;
    String::from_utf8(kept).ok()
}

/// Keeps what is to be known at the next start. What was kept of other builds' goes.
async fn keep(gpu: &Gpu, width: usize, text: &str) {
    let store = Store::open(STORE).await;
    store.put(&key(gpu, width), text.as_bytes()).await;
    let version = version();
    store.forget(|other| !other.ends_with(&version)).await;
}

/// An address, as the cache wants one; nothing is ever fetched from there.
fn key(gpu: &Gpu, width: usize) -> String {
    let (origin, adapter) = (scope().origin(), encode_uri_component(&gpu.name));
    format!("{origin}/?adapter={adapter}&width={width}{}", version())
}

fn version() -> String {
    format!("&kernels={:08x}", kernels_version())
}

async fn measured(
    by: impl Fn(Kernels) -> Result<Segmenter, DeviceError>,
    gpu: &Gpu,
) -> Result<(Segmenter, Kernels), DeviceError> {
    let usual = Kernels::usual(gpu);
    let mut segmenter = by(usual)?;
    // The first pass compiles.
    seconds(&segmenter, 1).await?;
    let mut one = f64::INFINITY;
    for _ in 0..ROUNDS {
        one = one.min(seconds(&segmenter, 1).await?);
    }
    if one > SLOW {
        return Ok((segmenter, usual));
    }
    let passes = (SECONDS / one).clamp(1.0, MOST_PASSES) as usize;

    let mut times = Slicing::CHOICES.map(|slicing| (slicing, f64::INFINITY));
    // In turn, so that a GPU that wakes up or grows hot favours none.
    for _ in 0..ROUNDS {
        for (slicing, time) in &mut times {
            segmenter.set_slicing(*slicing);
            seconds(&segmenter, 1).await?;
            *time = time.min(seconds(&segmenter, passes).await?);
        }
    }
    let slicing = fastest(&times, usual.slicing);
    let kernels = Kernels { slicing, ..usual };
    segmenter.set_slicing(slicing);
    if !gpu.has_f16 {
        return Ok((segmenter, kernels));
    }

    // By the same slices: to measure everything with everything would take too long.
    let mut ways = vec![(segmenter, kernels)];
    for precision in [Precision::HalfStored, Precision::Half] {
        let half = Kernels {
            precision,
            ..kernels
        };
        ways.push((by(half)?, half));
    }
    let times = ways.iter().map(|&(_, kernels)| (kernels, f64::INFINITY));
    let mut times: Vec<_> = times.collect();
    for _ in 0..ROUNDS {
        for ((segmenter, _), (_, time)) in ways.iter().zip(&mut times) {
            seconds(segmenter, 1).await?;
            *time = time.min(seconds(segmenter, passes).await?);
            // All need not fit.
            segmenter.release_memory();
        }
    }
    let chosen = fastest(&times, kernels);
    // False comes before true.
    ways.sort_by_key(|&(_, kernels)| kernels != chosen);
    Ok(ways.swap_remove(0))
}

/// How long so many passes over the self-test's tile take together.
async fn seconds(segmenter: &Segmenter, passes: usize) -> Result<f64, DeviceError> {
    let tile = device::self_test_tile(SELF_TEST_SIZE);
    let begin = now();
    let pass = |_| segmenter.start(&tile, [SELF_TEST_SIZE; 2]);
    for started in (0..passes).map(pass).collect::<Vec<_>>() {
        started.await?;
    }
    Ok(now() - begin)
}
