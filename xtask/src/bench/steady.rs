//! Times of contenders that have warmed up: one after the other, round by round, so that whatever else the machine does
//! meets them all alike.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use xtask::server::Server;
use xtask::webdriver::Session;

use super::native::Native;
use super::prepare::Prepared;
use super::results::{Backend, Photo, Results, Runtime, Steady, WIDTHS};
use super::{Options, Part, cold, open_browser, samples};

/// Largest difference of probability to PyTorch that is still rounding. Beyond it a contender computes something else, and
/// its times say nothing.
const TOLERANCE: f32 = 1e-3;

/// The longest that one answer may be expected to take; wider networks are left out.
const LONGEST_ANSWER: Duration = Duration::from_secs(10 * 60);

/// How much more a network of twice the width has to compute.
const GROWTH: f64 = 4.0;

/// What the contenders run in.
#[derive(Default)]
struct Arena {
    browser: Option<Session>,
    native: Option<Native>,
}

#[derive(Clone, Copy)]
struct Contender {
    runtime: Runtime,
    /// None on a GPU.
    threads: Option<u32>,
}

/// What all of them are asked.
#[derive(Clone, Copy)]
struct Case {
    width: u32,
    photo: Photo,
}

/// One answer of a contender.
struct Answer {
    seconds: f64,
    output: Option<Vec<u8>>,
    tiles: Option<u64>,
}

/// Measures on a backend, at every width.
pub(super) fn measure(
    backend: Backend,
    options: &Options,
    prepared: &Prepared,
    results: &mut Results,
) -> Result<()> {
    let server = cold::serve(prepared, None)?;
    let mut slowest: f64 = 0.0;
    for width in WIDTHS {
        if slowest * GROWTH > LONGEST_ANSWER.as_secs_f64() {
            eprintln!("width {width} and above are left out: an answer would take too long here");
            break;
        }
        // Minutes a pass on a GPU in software.
        let is_brief = options.quick && backend == Backend::WebGpu;
        if is_brief && width > 16 {
            continue;
        }
        let contenders = contenders(backend, options);
        eprintln!("\n== steady, {backend}, width {width}");
        let mut arena = Arena::default();
        for contender in &contenders {
            let task = (backend, width);
            contender
                .start(&mut arena, task, &server, prepared, options, results)
                .with_context(|| contender.label())?;
        }
        let expected = fs::read(prepared.models.join(format!("w{width}.expected")))?;
        let expected = samples::floats(&expected);
        let eight = (width == 16 && !is_brief).then_some(Photo::Eight);
        for photo in [Photo::Tile].into_iter().chain(eight) {
            let case = Case { width, photo };
            let expected = (photo == Photo::Tile).then_some(expected.as_slice());
            let mut answers = Vec::new();
            for contender in &contenders {
                let answer = contender.run(&mut arena, case, expected.is_some())?;
                let difference = expected
                    .map(|expected| contender.compare(expected, &answer))
                    .transpose()?;
                eprintln!("{}: {}", contender.label(), samples::time(answer.seconds));
                if photo == Photo::Tile {
                    slowest = slowest.max(answer.seconds);
                }
                answers.push((answer, difference));
            }
            let seconds = rounds(&contenders, &mut arena, case, &answers, options)?;
            for ((contender, (answer, difference)), seconds) in
                contenders.iter().zip(answers).zip(seconds)
            {
                results.steady.push(Steady {
                    backend,
                    width,
                    photo,
                    runtime: contender.runtime,
                    threads: contender.threads,
                    seconds,
                    difference,
                    tiles: answer.tiles,
                });
            }
        }
    }
    Ok(())
}

/// Asks all in turn until the rounds or the time are used up. Where the first answers alone took longer than that, they are
/// what there is.
fn rounds(
    contenders: &[Contender],
    arena: &mut Arena,
    case: Case,
    first: &[(Answer, Option<f32>)],
    options: &Options,
) -> Result<Vec<Vec<f64>>> {
    let first: Vec<f64> = first.iter().map(|(answer, _)| answer.seconds).collect();
    if Duration::from_secs_f64(first.iter().sum()) > options.budget() {
        return Ok(first.into_iter().map(|seconds| vec![seconds]).collect());
    }
    let mut seconds = vec![Vec::new(); contenders.len()];
    let begin = Instant::now();
    for _ in 0..options.rounds() {
        for (contender, seconds) in contenders.iter().zip(&mut seconds) {
            seconds.push(contender.run(arena, case, false)?.seconds);
        }
        if begin.elapsed() > options.budget() {
            break;
        }
    }
    Ok(seconds)
}

fn contenders(backend: Backend, options: &Options) -> Vec<Contender> {
    let contender = |runtime, threads| Contender { runtime, threads };
    if backend == Backend::WebGpu {
        return [Runtime::Ours, Runtime::OnnxWeb]
            .map(|runtime| contender(runtime, None))
            .to_vec();
    }
    let mut all = Vec::new();
    if options.includes(Part::Cpu) {
        all.extend([
            contender(Runtime::Ours, Some(1)),
            contender(Runtime::OnnxWeb, Some(1)),
            contender(Runtime::OnnxWeb, Some(2)),
        ]);
    }
    if options.includes(Part::Native) {
        for threads in [Some(1), Some(2)] {
            all.extend([
                contender(Runtime::PyTorch, threads),
                contender(Runtime::OnnxNative, threads),
            ]);
        }
    }
    all
}

impl Contender {
    fn label(self) -> String {
        match self.threads {
            Some(threads) => format!("{}, {threads} threads", self.runtime),
            None => self.runtime.to_string(),
        }
    }

    /// Starts it, in the arena's browser or its Python, which are opened where they are not.
    fn start(
        self,
        arena: &mut Arena,
        (backend, width): (Backend, u32),
        server: &Server,
        prepared: &Prepared,
        options: &Options,
        results: &mut Results,
    ) -> Result<()> {
        if self.runtime.is_native() {
            if arena.native.is_none() {
                let native = Native::start(prepared)?;
                for (runtime, key) in [
                    (Runtime::PyTorch, "torch"),
                    (Runtime::OnnxNative, "onnxruntime"),
                ] {
                    let version = native.versions[key].as_str().unwrap_or_default();
                    results.versions.insert(runtime, version.to_owned());
                }
                arena.native = Some(native);
            }
            return Ok(());
        }
        let browser = match arena.browser.take() {
            Some(browser) => browser,
            None => {
                let browser = open_browser(options.browser_gpu(backend), results)?;
                browser.go_to(&format!("{}steady.html", server.url()))?;
                browser
            }
        };
        let browser = arena.browser.insert(browser);
        let (kind, start) = if self.runtime == Runtime::Ours {
            let weights = format!("models/w{width}.safetensors");
            (
                "ours",
                json!({ "backend": backend.name(), "weights": weights }),
            )
        } else {
            let provider = match backend {
                Backend::Cpu => "wasm",
                Backend::WebGpu => "webgpu",
            };
            let threads = self.threads.unwrap_or(1);
            let model = format!("models/w{width}.onnx");
            (
                "onnx",
                json!({ "provider": provider, "threads": threads, "model": model }),
            )
        };
        let script = "return window.bench.start(...arguments)";
        let about = browser.run(script, json!([self.label(), kind, start]))?;
        if self.runtime == Runtime::Ours && backend == Backend::WebGpu {
            results.adapter = about.as_str().unwrap_or_default().to_owned();
        }
        results
            .versions
            .insert(Runtime::OnnxWeb, prepared.onnx_version.clone());
        Ok(())
    }

    fn run(self, arena: &mut Arena, case: Case, keep: bool) -> Result<Answer> {
        let Case { width, photo } = case;
        let in_python = |runtime| {
            json!({
                "runtime": runtime, "threads": self.threads, "width": width, "tiles": photo, "keep": keep
            })
        };
        let python = arena.native.as_mut().context("Python was not started");
        let answer = match self.runtime {
            Runtime::PyTorch => python.and_then(|python| python.ask(&in_python("torch"))),
            Runtime::OnnxNative => python.and_then(|python| python.ask(&in_python("onnx"))),
            Runtime::Ours | Runtime::OnnxWeb => {
                let script = "return window.bench.run(...arguments)";
                let browser = arena.browser.as_ref().context("no browser was opened");
                browser.and_then(|browser| browser.run(script, json!([self.label(), photo, keep])))
            }
        };
        let answer = answer.with_context(|| self.label())?;
        if let Some(scale) = answer["scale"].as_f64() {
            ensure!(scale == 1.0, "{} reduced the photo", self.label());
        }
        Ok(Answer {
            seconds: answer["seconds"].as_f64().context("it tells its time")?,
            output: answer["output"]
                .as_str()
                .map(|output| BASE64_STANDARD.decode(output))
                .transpose()?,
            tiles: answer["tiles"].as_u64(),
        })
    }

    /// The difference to what is expected; an error where it is none of rounding.
    fn compare(self, expected: &[f32], answer: &Answer) -> Result<f32> {
        let output = answer.output.as_deref().context("the output was kept")?;
        let difference = match self.runtime {
            Runtime::Ours => samples::difference_of_rounded(expected, output),
            _ => samples::difference(expected, &samples::floats(output)),
        };
        ensure!(
            difference <= TOLERANCE,
            "{} computes something else than PyTorch: it is off by {difference} in probability, so times are not compared",
            self.label()
        );
        Ok(difference)
    }
}
