//! What was measured.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;

use anyhow::Result;
use serde::{Serialize, Serializer};

use super::samples::Summary;
use crate::tools::answer;

/// What a network is run by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) enum Runtime {
    #[serde(rename = "Crack Segmenter")]
    Ours,
    #[serde(rename = "onnxruntime-web")]
    OnnxWeb,
    #[serde(rename = "PyTorch eager")]
    PyTorch,
    #[serde(rename = "onnxruntime")]
    OnnxNative,
}

impl Runtime {
    /// Whether it runs on the machine itself, without a browser.
    pub(super) fn is_native(self) -> bool {
        matches!(self, Self::PyTorch | Self::OnnxNative)
    }
}

/// As the tables name it.
impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// What a network is run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Backend {
    Cpu,
    WebGpu,
}

impl Backend {
    pub(super) const ALL: [Self; 2] = [Self::Cpu, Self::WebGpu];

    /// As the app's settings, onnxruntime-web and the site's pages name it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::WebGpu => "webgpu",
        }
    }
}

/// As the tables name it.
impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cpu => "CPU",
            Self::WebGpu => "WebGPU",
        })
    }
}

/// A photo of which all contenders get the same pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Photo {
    /// One tile of 256x256.
    Tile,
    /// 1024x512: what makes eight of them.
    Eight,
}

/// Its name in the site and in `native.py`.
impl fmt::Display for Photo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// Where in the browser it computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) enum Place {
    #[serde(rename = "on the page")]
    Page,
    #[serde(rename = "in a worker")]
    Worker,
}

/// As the tables name it.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// The widths of the network that are measured.
pub(super) const WIDTHS: [u32; 3] = [16, 32, 64];

/// A run's measurements, and on what they were taken.
#[derive(Default, Serialize)]
pub(super) struct Results {
    pub(super) command: String,
    /// Of the day, in UTC.
    pub(super) date: String,
    pub(super) revision: String,
    pub(super) processor: String,
    /// Processors that programs may use.
    pub(super) processors: usize,
    pub(super) browser: String,
    /// What WebGPU runs on.
    pub(super) adapter: String,
    /// The peers' versions.
    pub(super) versions: BTreeMap<Runtime, String>,
    pub(super) steady: Vec<Steady>,
    pub(super) cold: Vec<Cold>,
    pub(super) large: Vec<Large>,
}

/// One contender's times for one photo.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Steady {
    pub(super) backend: Backend,
    pub(super) width: u32,
    pub(super) photo: Photo,
    pub(super) runtime: Runtime,
    /// None on a GPU.
    pub(super) threads: Option<u32>,
    #[serde(serialize_with = "rounded")]
    pub(super) seconds: Vec<f64>,
    /// Largest difference of probability to PyTorch; none where it was not compared.
    pub(super) difference: Option<f32>,
    /// Tiles that it made of the photo, where it says so.
    pub(super) tiles: Option<u64>,
}

/// One contender's way from an empty page to the first mask.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Cold {
    pub(super) backend: Backend,
    pub(super) runtime: Runtime,
    pub(super) place: Place,
    #[serde(serialize_with = "rounded")]
    pub(super) seconds: Vec<f64>,
    /// Longest time that the page did not answer, in seconds.
    #[serde(serialize_with = "rounded")]
    pub(super) pauses: Vec<f64>,
    /// Bytes over the wire but for the photo.
    pub(super) bytes: Bytes,
    pub(super) memory: Memory,
}

/// Bytes of what was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Bytes {
    pub(super) raw: u64,
    pub(super) gzip: u64,
    pub(super) brotli: u64,
    /// Of those by Brotli the weights.
    pub(super) weights: u64,
}

/// Peak memory of the browser's processes, in bytes, where the system tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Memory {
    pub(super) renderer: Option<u64>,
    pub(super) gpu: Option<u64>,
}

/// This segmenter's way through a photo of 12 megapixels.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Large {
    pub(super) backend: Backend,
    /// Among how many it was shared.
    pub(super) workers: usize,
    pub(super) seconds: f64,
    /// From the call to the result, decoding included.
    pub(super) wall: f64,
    /// Working size over photo size.
    pub(super) scale: f64,
    pub(super) pause: f64,
    pub(super) memory: Memory,
}

impl Results {
    /// Nothing measured yet, on this machine.
    pub(super) fn new(command: String) -> Result<Self> {
        let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let processor = processors
            .lines()
            .find_map(|line| line.strip_prefix("model name"))
            .map(|rest| rest.trim_start_matches([' ', '\t', ':']).to_owned());
        let date = answer("node", &["-p", "new Date().toISOString().slice(0, 10)"]);
        Ok(Self {
            command,
            date: date.unwrap_or_default(),
            revision: answer("git", &["describe", "--always", "--dirty"]).unwrap_or_default(),
            processor: processor.unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            processors: std::thread::available_parallelism()?.get(),
            ..Self::default()
        })
    }

    /// The contenders' times for one photo, in the order measured.
    pub(super) fn steady_of(
        &self,
        backend: Backend,
        width: u32,
        photo: Photo,
    ) -> impl Iterator<Item = &Steady> {
        self.steady.iter().filter(move |steady| {
            steady.backend == backend && steady.width == width && steady.photo == photo
        })
    }

    /// A contender's median for one photo, in seconds.
    pub(super) fn median(
        &self,
        (backend, width, photo): (Backend, u32, Photo),
        runtime: Runtime,
        threads: Option<u32>,
    ) -> Option<f64> {
        let steady = self
            .steady_of(backend, width, photo)
            .find(|steady| steady.runtime == runtime && steady.threads == threads)?;
        Summary::of(&steady.seconds).map(|summary| summary.median)
    }

    pub(super) fn cold_of(
        &self,
        backend: Backend,
        runtime: Runtime,
        place: Place,
    ) -> Option<&Cold> {
        self.cold
            .iter()
            .find(|cold| cold.backend == backend && cold.runtime == runtime && cold.place == place)
    }

    /// Every sample, for whoever wants to look closer.
    pub(super) fn to_json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

/// To a tenth of a millisecond.
fn rounded<S: Serializer>(seconds: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(seconds.iter().map(|s| (s * 1e4).round() / 1e4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_of_one_contender_at_one_task() {
        let steady = |backend, runtime, threads, seconds: &[f64]| Steady {
            backend,
            width: 16,
            photo: Photo::Tile,
            runtime,
            threads,
            seconds: seconds.to_vec(),
            difference: None,
            tiles: None,
        };
        let (ours, peer) = (Runtime::Ours, Runtime::OnnxWeb);
        let results = Results {
            steady: vec![
                steady(Backend::Cpu, ours, Some(1), &[1.0, 2.0, 9.0]),
                steady(Backend::Cpu, peer, Some(1), &[3.0, 5.0, 4.0]),
                steady(Backend::Cpu, peer, Some(2), &[1.0]),
                steady(Backend::WebGpu, ours, None, &[4.0]),
            ],
            ..Results::default()
        };
        let median = |backend, width, runtime, threads| {
            results.median((backend, width, Photo::Tile), runtime, threads)
        };
        assert_eq!(median(Backend::Cpu, 16, ours, Some(1)), Some(2.0));
        assert_eq!(median(Backend::Cpu, 16, peer, Some(1)), Some(4.0));
        assert_eq!(median(Backend::Cpu, 16, peer, Some(2)), Some(1.0));
        assert_eq!(median(Backend::WebGpu, 16, ours, None), Some(4.0));
        assert_eq!(median(Backend::Cpu, 32, ours, Some(1)), None);
        assert_eq!(median(Backend::WebGpu, 16, peer, None), None);
    }

    #[test]
    fn names_are_those_of_the_tables_and_of_the_site() {
        assert_eq!(Runtime::Ours.to_string(), "Crack Segmenter");
        assert_eq!(Photo::Eight.to_string(), "eight");
        assert_eq!(Place::Worker.to_string(), "in a worker");
    }
}
