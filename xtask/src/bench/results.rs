//! What was measured.

use std::fs;

use anyhow::Result;
use serde_json::{Value, json};

use super::samples::Summary;
use crate::tools::answer;

/// Names of the contenders, as the tables have them.
pub(super) const OURS: &str = "Crack Segmenter";
pub(super) const ONNX_WEB: &str = "onnxruntime-web";
pub(super) const PYTORCH: &str = "PyTorch eager";
pub(super) const ONNX: &str = "onnxruntime";

/// A run's measurements, and on what they were taken.
#[derive(Default)]
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
    /// The peers' versions, by name.
    pub(super) versions: Vec<(String, String)>,
    pub(super) steady: Vec<Steady>,
    pub(super) cold: Vec<Cold>,
    pub(super) large: Vec<Large>,
}

/// One contender's times for one photo.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Steady {
    /// "cpu" or "webgpu".
    pub(super) backend: &'static str,
    pub(super) width: u32,
    /// "tile" or "eight".
    pub(super) photo: &'static str,
    pub(super) contender: &'static str,
    /// None on a GPU.
    pub(super) threads: Option<u32>,
    pub(super) seconds: Vec<f64>,
    /// Largest difference of probability to PyTorch; none where it was not compared.
    pub(super) difference: Option<f32>,
    /// Tiles that it made of the photo, where it says so.
    pub(super) tiles: Option<u64>,
}

/// One contender's way from an empty page to the first mask.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cold {
    pub(super) backend: &'static str,
    pub(super) contender: &'static str,
    /// Where it computes: "on the page", "in a worker".
    pub(super) place: &'static str,
    pub(super) seconds: Vec<f64>,
    /// Longest time that the page did not answer, in seconds.
    pub(super) pauses: Vec<f64>,
    /// Bytes over the wire but for the photo.
    pub(super) bytes: Bytes,
    pub(super) memory: Memory,
}

/// Bytes of what was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bytes {
    pub(super) raw: u64,
    pub(super) gzip: u64,
    pub(super) brotli: u64,
    /// Of those by Brotli the weights.
    pub(super) weights: u64,
}

/// Peak memory of the browser's processes, in bytes, where the system tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) renderer: Option<u64>,
    pub(super) gpu: Option<u64>,
}

/// This segmenter's way through a photo of 12 megapixels.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Large {
    pub(super) backend: &'static str,
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

    /// Notes a peer's version.
    pub(super) fn note_version(&mut self, name: &str, version: &str) {
        if !self.versions.iter().any(|(known, _)| known == name) {
            self.versions.push((name.to_owned(), version.to_owned()));
        }
    }

    /// The contenders' times for one photo, in the order measured.
    pub(super) fn steady_of<'r>(
        &'r self,
        backend: &'r str,
        width: u32,
        photo: &'r str,
    ) -> impl Iterator<Item = &'r Steady> {
        self.steady.iter().filter(move |steady| {
            steady.backend == backend && steady.width == width && steady.photo == photo
        })
    }

    /// How many times as long as ours a contender's median is, for one photo.
    pub(super) fn ratio(
        &self,
        backend: &str,
        width: u32,
        photo: &str,
        contender: &str,
        threads: Option<u32>,
    ) -> Option<f64> {
        let median = |contender: &str, threads| {
            let steady = self
                .steady_of(backend, width, photo)
                .find(|steady| steady.contender == contender && steady.threads == threads)?;
            Summary::of(&steady.seconds).map(|summary| summary.median)
        };
        let ours = median(OURS, threads.map(|_| 1))?;
        Some(median(contender, threads)? / ours)
    }

    pub(super) fn cold_of(&self, backend: &str, contender: &str, place: &str) -> Option<&Cold> {
        self.cold.iter().find(|cold| {
            cold.backend == backend && cold.contender == contender && cold.place == place
        })
    }

    /// Every sample, for whoever wants to look closer.
    pub(super) fn to_json(&self) -> String {
        let memory = |Memory { renderer, gpu }: Memory| json!({ "renderer": renderer, "gpu": gpu });
        let steady = self.steady.iter().map(|steady| {
            json!({
                "backend": steady.backend, "width": steady.width, "photo": steady.photo,
                "contender": steady.contender, "threads": steady.threads, "seconds": rounded(&steady.seconds),
                "difference": steady.difference, "tiles": steady.tiles,
            })
        });
        let cold = self.cold.iter().map(|cold| {
            let Bytes { raw, gzip, brotli, weights } = cold.bytes;
            json!({
                "backend": cold.backend, "contender": cold.contender, "place": cold.place,
                "seconds": rounded(&cold.seconds), "pauses": rounded(&cold.pauses), "memory": memory(cold.memory),
                "bytes": { "raw": raw, "gzip": gzip, "brotli": brotli, "weights": weights },
            })
        });
        let large = self.large.iter().map(|large| {
            json!({
                "backend": large.backend, "workers": large.workers, "seconds": large.seconds, "wall": large.wall, "scale": large.scale,
                "pause": large.pause, "memory": memory(large.memory),
            })
        });
        let versions: serde_json::Map<String, Value> = self
            .versions
            .iter()
            .map(|(name, version)| (name.clone(), version.as_str().into()))
            .collect();
        let all = json!({
            "command": self.command, "date": self.date, "revision": self.revision, "processor": self.processor,
            "processors": self.processors, "browser": self.browser, "adapter": self.adapter, "versions": versions,
            "steady": steady.collect::<Vec<_>>(), "cold": cold.collect::<Vec<_>>(), "large": large.collect::<Vec<_>>(),
        });
        format!("{all:#}\n")
    }
}

/// To a tenth of a millisecond.
fn rounded(seconds: &[f64]) -> Vec<f64> {
    seconds.iter().map(|s| (s * 1e4).round() / 1e4).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steady(contender: &'static str, threads: Option<u32>, seconds: &[f64]) -> Steady {
        Steady {
            backend: if threads.is_some() { "cpu" } else { "webgpu" },
            width: 16,
            photo: "tile",
            contender,
            threads,
            seconds: seconds.to_vec(),
            difference: None,
            tiles: None,
        }
    }

    #[test]
    fn a_ratio_is_the_peers_median_over_ours() {
        let results = Results {
            steady: vec![
                steady(OURS, Some(1), &[1.0, 2.0, 9.0]),
                steady(ONNX_WEB, Some(1), &[3.0, 5.0, 4.0]),
                steady(ONNX_WEB, Some(2), &[1.0]),
                steady(OURS, None, &[4.0]),
                steady(ONNX_WEB, None, &[10.0]),
            ],
            ..Results::default()
        };
        let ratio =
            |backend, width, threads| results.ratio(backend, width, "tile", ONNX_WEB, threads);
        assert_eq!(ratio("cpu", 16, Some(1)), Some(2.0));
        assert_eq!(ratio("cpu", 16, Some(2)), Some(0.5));
        assert_eq!(ratio("webgpu", 16, None), Some(2.5));
        assert_eq!(ratio("cpu", 32, Some(1)), None);
        assert_eq!(results.ratio("cpu", 16, "tile", PYTORCH, Some(1)), None);
    }
}
