//! From an empty page in a fresh browser to the first mask: time, bytes, memory, and how long the page stood still.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use xtask::server::{Extras, OnFile, Server};
use xtask::webdriver::Session;

use super::prepare::Prepared;
use super::results::{Backend, Bytes, Cold, Large, Memory, Place, Results, Runtime};
use super::{Options, open_browser, samples};

/// What threads need. The segmenter does without; for onnxruntime-web with two threads there is no way around.
const ISOLATION: &[(&str, &str)] = &[
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
];

/// Serves the bench's pages; `on_file` is told of each file asked for.
pub(super) fn serve(prepared: &Prepared, on_file: Option<OnFile>) -> Result<Server> {
    let extras = Extras {
        headers: ISOLATION,
        on_file,
    };
    Server::start_with(&prepared.site, "/", 0, extras)
}

/// The contenders, on either backend.
const CONTENDERS: [(Runtime, Place); 3] = [
    (Runtime::Ours, Place::Worker),
    (Runtime::OnnxWeb, Place::Page),
    (Runtime::OnnxWeb, Place::Worker),
];

/// The site's page on which one starts.
fn page(backend: Backend, runtime: Runtime, place: Place) -> String {
    if runtime == Runtime::Ours {
        return format!("ours.html?backend={}", backend.name());
    }
    let provider = match backend {
        Backend::Cpu => "wasm",
        Backend::WebGpu => "webgpu",
    };
    let place = match place {
        Place::Page => "page",
        Place::Worker => "worker",
    };
    format!("peer.html?provider={provider}&where={place}")
}

/// How often each is started, unless that takes too long.
const ROUNDS: usize = 5;

/// How long the starts on one backend may take before no further round begins.
const BUDGET: Duration = Duration::from_secs(45);

/// Measures every start in turn; of this segmenter also a large photo, where there is time.
pub(super) fn measure(options: &Options, prepared: &Prepared, results: &mut Results) -> Result<()> {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let on_file = move |file: &str| {
        let mut files = log.lock().unwrap_or_else(PoisonError::into_inner);
        files.push(file.to_owned());
    };
    let server = serve(prepared, Some(Box::new(on_file)))?;
    let take_files = || std::mem::take(&mut *asked.lock().unwrap_or_else(PoisonError::into_inner));

    for backend in Backend::ALL {
        let mut measured: Vec<Cold> = Vec::new();
        let started = Instant::now();
        let variant = (Runtime::OnnxWeb, Place::Worker);
        let contenders = CONTENDERS
            .into_iter()
            .filter(|&contender| !(options.quick && contender == variant));
        for round in 0..if options.quick { 1 } else { ROUNDS } {
            if round > 0 && started.elapsed() > BUDGET {
                break;
            }
            for (runtime, place) in contenders.clone() {
                eprintln!("\n== cold, {backend}, {runtime} {place}");
                take_files();
                let page = page(backend, runtime, place);
                let (browser, told) = begin(options, &server, backend, &page, results)?;
                let seconds = number(&told, "wall")?;
                eprintln!("{}", samples::time(seconds));
                let cold = Cold {
                    backend,
                    runtime,
                    place,
                    seconds: vec![seconds],
                    pauses: vec![number(&told, "pause")?],
                    bytes: count(&take_files(), &prepared.site)?,
                    memory: peak_memory(browser.driver_process()),
                };
                let known = measured
                    .iter_mut()
                    .find(|known| known.runtime == runtime && known.place == place);
                match known {
                    Some(known) => known.add(cold),
                    None => measured.push(cold),
                }
            }
        }
        results
            .versions
            .insert(Runtime::OnnxWeb, prepared.onnx_version.clone());
        results.cold.extend(measured);
        // After the rounds, whose time it would use up.
        if !options.quick {
            let page = page(backend, Runtime::Ours, Place::Worker);
            let (browser, _) = begin(options, &server, backend, &page, results)?;
            take_files();
            let told = browser.run("return window.large()", json!([]))?;
            results.large.push(Large {
                backend,
                workers: 1 + take_files()
                    .iter()
                    .filter(|file| file.ends_with("/helper.js"))
                    .count(),
                seconds: number(&told, "seconds")?,
                wall: number(&told, "wall")?,
                scale: number(&told, "scale")?,
                pause: number(&told, "pause")?,
                memory: peak_memory(browser.driver_process()),
            });
        }
    }
    Ok(())
}

/// A browser that has just started is busy with itself for a while, which is no page's doing.
fn wait_until_quiet(browser: u32) {
    const LOOK_EVERY: Duration = Duration::from_millis(500);
    /// In clock ticks, of which there are a hundred a second: a twentieth of a processor.
    const QUIET: u64 = 2;
    const LOOKS: usize = 40;
    let mut before = None;
    for _ in 0..LOOKS {
        let now: u64 = family(browser).into_iter().filter_map(ticks_of).sum();
        if before.is_some_and(|before| now < before + QUIET) {
            return;
        }
        before = Some(now);
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Processor time of a process so far, in clock ticks.
fn ticks_of(id: u32) -> Option<u64> {
    ticks_in(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?)
}

/// Opens the page in a fresh browser: what it tells once the first mask is there.
fn begin(
    options: &Options,
    server: &Server,
    backend: Backend,
    page: &str,
    results: &mut Results,
) -> Result<(Session, Value)> {
    let browser = open_browser(options.browser_gpu(backend), results)?;
    wait_until_quiet(browser.driver_process());
    browser.go_to(&format!("{}{}", server.url(), page))?;
    let told = browser
        .run("return window.cold()", json!([]))
        .with_context(|| page.to_owned())?;
    Ok((browser, told))
}

impl Cold {
    /// Takes another start of the same in. Its bytes are the same, and the memory that of the hungrier.
    fn add(&mut self, other: Self) {
        self.seconds.extend(other.seconds);
        self.pauses.extend(other.pauses);
        self.memory.renderer = self.memory.renderer.max(other.memory.renderer);
        self.memory.gpu = self.memory.gpu.max(other.memory.gpu);
    }
}

fn number(told: &Value, name: &str) -> Result<f64> {
    told[name]
        .as_f64()
        .with_context(|| format!("the page tells no {name}: {told}"))
}

/// The bytes of these files as a host sends them, but for photos and what only the bench has.
fn count(files: &[String], site: &Path) -> Result<Bytes> {
    let mut bytes = Bytes::default();
    let size = |file: &Path| fs::metadata(file).map(|about| about.len());
    let mut kinds = 0;
    for name in files {
        let is_weights = name.starts_with("models/") || name.starts_with("dist/weights/");
        if !(is_weights || name.starts_with("dist/") || name.starts_with("ort/")) {
            continue;
        }
        kinds += 1;
        let file = site.join(name);
        let raw = size(&file)?;
        let compressed = |ending: &str| size(&file.with_added_extension(ending)).unwrap_or(raw);
        bytes.raw += raw;
        bytes.gzip += compressed("gz");
        bytes.brotli += compressed("br");
        if is_weights {
            bytes.weights += compressed("br");
        }
    }
    ensure!(kinds > 0, "nothing was asked for, so nothing was counted");
    Ok(bytes)
}

/// A process and its descendants.
fn family(ancestor: u32) -> Vec<u32> {
    let processes = processes();
    let mut family = vec![ancestor];
    let mut next = 0;
    while let Some(&parent) = family.get(next) {
        let children = processes.iter().filter(|process| process.parent == parent);
        family.extend(children.map(|process| process.id));
        next += 1;
    }
    family
}

/// Peak memory of the largest of each kind among a process's descendants.
fn peak_memory(ancestor: u32) -> Memory {
    let family = family(ancestor);
    let peak = |kind: &str| {
        family
            .iter()
            .filter(|id| {
                let words = fs::read_to_string(format!("/proc/{id}/cmdline"));
                words.is_ok_and(|words| is_kind(&words, kind))
            })
            .filter_map(|id| peak_in(&fs::read_to_string(format!("/proc/{id}/status")).ok()?))
            .max()
    };
    Memory {
        renderer: peak("renderer"),
        gpu: peak("gpu-process"),
    }
}

/// Whether a process of the browser, by its command line, is of a kind; renderers of its own windows aside.
fn is_kind(command: &str, kind: &str) -> bool {
    let has = |option: &str| command.split(['\0', ' ']).any(|word| word == option);
    has(&format!("--type={kind}")) && !has("--top-chrome-webui")
}

struct Process {
    id: u32,
    parent: u32,
}

/// Every process, where the system tells.
fn processes() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| {
            let id = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            Some(Process {
                id,
                parent: parent_in(&stat)?,
            })
        })
        .collect()
}

/// The parent's id in `/proc/ID/stat`: the second field after the name, which may hold anything.
fn parent_in(stat: &str) -> Option<u32> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

/// Time as a program and in the system in `/proc/ID/stat`, in clock ticks: the 12th and 13th field after the name.
fn ticks_in(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}

/// Peak resident memory in `/proc/ID/status`, in bytes.
fn peak_in(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_tells_is_read() {
        assert_eq!(parent_in("12 (a (b) c) S 7 1 1"), Some(7));
        assert_eq!(parent_in("nonsense"), None);
        assert_eq!(ticks_in("12 (a) S 7 1 1 0 0 0 0 0 0 0 30 12 0 0"), Some(42));
        assert_eq!(ticks_in("12 (a) S 7"), None);
        assert_eq!(
            peak_in("Name:\tx\nVmHWM:\t   2048 kB\nVmRSS:\t1 kB"),
            Some(2 << 20)
        );
        assert_eq!(peak_in("Name:\tx"), None);
        assert!(is_kind("chromium --type=renderer --x", "renderer"));
        assert!(!is_kind(
            "chromium\0--type=renderer\0--top-chrome-webui",
            "renderer"
        ));
        assert!(!is_kind("chromium --type=gpu-process", "renderer"));
    }

    #[test]
    fn bytes_are_counted_as_a_host_sends_them() -> Result<()> {
        let site = std::env::temp_dir().join(format!("xtask-bench-{}", std::process::id()));
        fs::create_dir_all(site.join("dist/weights"))?;
        for (name, length) in [
            ("dist/app.wasm", 1000),
            ("dist/app.wasm.gz", 300),
            ("dist/app.wasm.br", 200),
            ("dist/weights/lite.bpk", 50),
            ("dist/weights/lite.bpk.br", 40),
            ("page.js", 7),
        ] {
            fs::write(site.join(name), vec![0; length])?;
        }
        let files = ["dist/app.wasm", "dist/weights/lite.bpk", "page.js"].map(str::to_owned);
        let expected = Bytes {
            raw: 1050,
            gzip: 350,
            brotli: 240,
            weights: 40,
        };
        assert_eq!(count(&files, &site)?, expected);
        assert!(count(&files[2..], &site).is_err());
        Ok(fs::remove_dir_all(site)?)
    }
}
