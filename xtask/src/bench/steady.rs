//! Times of contenders that have warmed up: one after the other, round by round, so that whatever else the machine does
//! meets them all alike.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use xtask::server::Server;
use xtask::webdriver::Session;

use super::native::Native;
use super::prepare::Prepared;
use super::results::{ONNX, ONNX_WEB, OURS, PYTORCH, Results, Steady};
use super::{Options, Part, cold, open_browser, samples};

/// Largest difference of probability to PyTorch that is still rounding. Beyond it a contender computes something else, and
/// its times say nothing.
const TOLERANCE: f32 = 1e-3;

const WIDTHS: [u32; 3] = [16, 32, 64];

/// The longest that one answer may be expected to take; wider networks are left out.
const LONGEST_ANSWER: Duration = Duration::from_secs(10 * 60);

/// How much more a network of twice the width has to compute.
const GROWTH: f64 = 4.0;

/// What the contenders run in.
struct Arena {
    browser: Option<Session>,
    native: Option<Native>,
}

struct Contender {
    name: &'static str,
    threads: Option<u32>,
    how: How,
}

enum How {
    /// In the page `steady.html`, started by these options.
    Page { kind: &'static str, options: Value },
    /// In Python.
    Native { runtime: &'static str },
}

/// One answer of a contender.
struct Answer {
    seconds: f64,
    output: Option<Vec<u8>>,
    tiles: Option<u64>,
}

/// Measures on a backend, "cpu" or "webgpu", at every width.
pub(super) fn measure(
    backend: &'static str,
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
        if options.quick && backend == "webgpu" && width > 16 {
            continue;
        }
        let contenders = contenders(backend, width, options);
        eprintln!("\n== steady, {backend}, width {width}");
        let mut arena = Arena::open(&contenders, backend, &server, prepared, options, results)?;
        let expected = fs::read(prepared.models.join(format!("w{width}.expected")))?;
        let expected = samples::floats(&expected);
        let eight = (width == 16 && !(options.quick && backend == "webgpu")).then_some("eight");
        for photo in ["tile"].into_iter().chain(eight) {
            let expected = (photo == "tile").then_some(expected.as_slice());
            let mut answers = Vec::new();
            for contender in &contenders {
                let answer = contender.run(&mut arena, width, photo, expected.is_some())?;
                let difference = expected
                    .map(|expected| contender.compare(expected, &answer))
                    .transpose()?;
                eprintln!("{}: {}", contender.label(), samples::time(answer.seconds));
                if photo == "tile" {
                    slowest = slowest.max(answer.seconds);
                }
                answers.push((answer, difference));
            }
            let seconds = rounds(&contenders, &mut arena, (width, photo), &answers, options)?;
            for ((contender, (answer, difference)), seconds) in
                contenders.iter().zip(answers).zip(seconds)
            {
                results.steady.push(Steady {
                    backend,
                    width,
                    photo,
                    contender: contender.name,
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
    (width, photo): (u32, &str),
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
            seconds.push(contender.run(arena, width, photo, false)?.seconds);
        }
        if begin.elapsed() > options.budget() {
            break;
        }
    }
    Ok(seconds)
}

fn contenders(backend: &str, width: u32, options: &Options) -> Vec<Contender> {
    let weights = format!("models/w{width}.safetensors");
    let model = format!("models/w{width}.onnx");
    let page = |name, threads, kind, options| Contender {
        name,
        threads,
        how: How::Page { kind, options },
    };
    let ours = |threads| {
        let options = json!({ "backend": backend, "weights": weights });
        page(OURS, threads, "ours", options)
    };
    let onnx = |threads: Option<u32>| {
        let provider = if backend == "cpu" { "wasm" } else { backend };
        let options =
            json!({ "provider": provider, "threads": threads.unwrap_or(1), "model": model });
        page(ONNX_WEB, threads, "onnx", options)
    };
    let native = |name, runtime, threads| Contender {
        name,
        threads: Some(threads),
        how: How::Native { runtime },
    };
    if backend == "webgpu" {
        return vec![ours(None), onnx(None)];
    }
    let mut all = Vec::new();
    if options.includes(Part::Cpu) {
        all.extend([ours(Some(1)), onnx(Some(1)), onnx(Some(2))]);
    }
    if options.includes(Part::Native) {
        for threads in [1, 2] {
            all.extend([
                native(PYTORCH, "torch", threads),
                native(ONNX, "onnx", threads),
            ]);
        }
    }
    all
}

impl Arena {
    /// Opens what the contenders need, and starts them.
    fn open(
        contenders: &[Contender],
        backend: &str,
        server: &Server,
        prepared: &Prepared,
        options: &Options,
        results: &mut Results,
    ) -> Result<Self> {
        let mut arena = Self {
            browser: None,
            native: None,
        };
        for contender in contenders {
            match &contender.how {
                How::Page {
                    kind,
                    options: start,
                } => {
                    let browser = match arena.browser.take() {
                        Some(browser) => browser,
                        None => {
                            let browser = open_browser(options.browser_gpu(backend), results)?;
                            browser.go_to(&format!("{}steady.html", server.url()))?;
                            browser
                        }
                    };
                    let script = "return window.bench.start(...arguments)";
                    let about = browser
                        .run(script, json!([contender.label(), kind, start]))
                        .with_context(|| contender.label())?;
                    if contender.name == OURS && backend == "webgpu" {
                        results.adapter = about.as_str().unwrap_or_default().to_owned();
                    }
                    arena.browser = Some(browser);
                    results.note_version(ONNX_WEB, &prepared.onnx_version);
                }
                How::Native { .. } if arena.native.is_none() => {
                    let native = Native::start(prepared)?;
                    for (name, key) in [(PYTORCH, "torch"), (ONNX, "onnxruntime")] {
                        let version = native.versions[key].as_str();
                        results.note_version(name, version.unwrap_or_default());
                    }
                    arena.native = Some(native);
                }
                How::Native { .. } => {}
            }
        }
        Ok(arena)
    }
}

impl Contender {
    fn label(&self) -> String {
        match self.threads {
            Some(threads) => format!("{}, {threads} threads", self.name),
            None => self.name.to_owned(),
        }
    }

    fn run(&self, arena: &mut Arena, width: u32, photo: &str, keep: bool) -> Result<Answer> {
        let answer = match (&self.how, &mut arena.browser, &mut arena.native) {
            (How::Page { .. }, Some(browser), _) => {
                let script = "return window.bench.run(...arguments)";
                browser.run(script, json!([self.label(), photo, keep]))
            }
            (How::Native { runtime }, _, Some(native)) => native.ask(&json!({
                "runtime": runtime, "threads": self.threads, "width": width, "tiles": photo, "keep": keep
            })),
            _ => Err(anyhow::anyhow!("it was not started")),
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
    fn compare(&self, expected: &[f32], answer: &Answer) -> Result<f32> {
        let output = answer.output.as_deref().context("the output was kept")?;
        let difference = match self.name {
            OURS => samples::difference_of_rounded(expected, output),
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
