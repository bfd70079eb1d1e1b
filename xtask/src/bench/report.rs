//! The results as a page of Markdown.

use super::results::{Backend, Cold, Memory, Photo, Place, Results, Runtime, Steady, WIDTHS};
use super::samples::{Summary, megabytes, time};

const METHOD: &str = include_str!("method.md");

/// Tiles of 256x256 that cover the large photo without overlap: 16 x 12.
const LARGE_TILES: f64 = 192.0;

/// `RESULTS.md`.
pub(super) fn write(results: &Results) -> String {
    let mut page = vec!["# Speed, measured".to_owned(), setting(results)];
    if !results.steady.is_empty() || !results.cold.is_empty() {
        page.push("![Times as bars](results.svg)".to_owned());
    }
    page.extend(section("In short", &RATIO_COLUMNS, ratios(results)));
    for backend in Backend::ALL {
        let is_measured = |&width: &u32| {
            results
                .steady_of(backend, width, Photo::Tile)
                .next()
                .is_some()
        };
        let widths: Vec<u32> = WIDTHS.into_iter().filter(is_measured).collect();
        let columns: Vec<String> = ["".to_owned()]
            .into_iter()
            .chain(widths.iter().map(|width| format!("width {width}")))
            .collect();
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        page.extend(section(
            &format!("One tile of 256x256, {backend}"),
            &columns,
            steady_rows(results, backend, &widths),
        ));
    }
    page.extend(section(
        "A photo of 1024x512, width 16",
        &["", "time", "worked as"],
        eight_rows(results),
    ));
    page.extend(section(
        "From an empty page to the first mask, width 16",
        &COLD_COLUMNS,
        cold_rows(results),
    ));
    page.extend(section(
        "A photo of 12 megapixels (4000x3000), width 16",
        &LARGE_COLUMNS,
        large_rows(results),
    ));
    page.push(METHOD.trim_end().to_owned());
    page.join("\n\n") + "\n"
}

fn setting(results: &Results) -> String {
    let versions = results
        .versions
        .iter()
        .map(|(name, version)| format!("{name} {version}"))
        .collect::<Vec<_>>()
        .join(", ");
    let mut lines = vec![
        format!(
            "`{}`, {}, revision {}.",
            results.command, results.date, results.revision
        ),
        String::new(),
        format!(
            "- Processor: {}, {} cores for programs.",
            results.processor, results.processors
        ),
    ];
    for (name, value) in [
        ("Browser", &results.browser),
        ("WebGPU adapter", &results.adapter),
        ("Peers", &versions),
    ] {
        if !value.is_empty() {
            lines.push(format!("- {name}: {value}."));
        }
    }
    lines.join("\n")
}

/// A section with a table; nothing where there are no rows.
fn section(title: &str, columns: &[&str], rows: Vec<Vec<String>>) -> Option<String> {
    let table = table(columns, &rows);
    (!rows.is_empty()).then(|| format!("## {title}\n\n{table}"))
}

/// A table in Markdown.
fn table(columns: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: Vec<&str>| format!("| {} |", cells.join(" | "));
    let mut lines = vec![line(columns.to_vec()), line(vec!["---"; columns.len()])];
    lines.extend(
        rows.iter()
            .map(|row| line(row.iter().map(String::as_str).collect())),
    );
    lines.join("\n")
}

const RATIO_COLUMNS: [&str; 3] = ["", "ours", "peer / ours: above 1, ours is better"];

/// What the whole comes to. Each row stands only where both sides were measured.
fn ratios(results: &Results) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut row = |name: String, ours: String, ratio: f64| {
        rows.push(vec![name, ours, format!("**{ratio:.2}**")]);
    };
    let medians = |backend, width, peer, threads| {
        let median = |runtime| results.median((backend, width, Photo::Tile), runtime, threads);
        median(Runtime::Ours).zip(median(peer))
    };
    let peer = Runtime::OnnxWeb;
    for (backend, words, threads) in [
        (Backend::WebGpu, "WebGPU", None),
        (Backend::Cpu, "CPU in the browser, one thread", Some(1)),
    ] {
        for width in WIDTHS {
            if let Some((ours, theirs)) = medians(backend, width, peer, threads) {
                let name = format!("{words}, width {width}, a tile: {peer} / ours");
                row(name, time(ours), theirs / ours);
            }
        }
    }
    let native = Runtime::PyTorch;
    if let Some((ours, theirs)) = medians(Backend::Cpu, 64, native, Some(1)) {
        row(
            format!("CPU, one thread, width 64, a tile: {native} (native) / ours in the browser"),
            time(ours),
            theirs / ours,
        );
    }
    for (backend, words) in [(Backend::Cpu, "CPU path"), (Backend::WebGpu, "WebGPU")] {
        let (Some(ours), Some(theirs)) = (
            results.cold_of(backend, Runtime::Ours, Place::Worker),
            results.cold_of(backend, peer, Place::Page),
        ) else {
            continue;
        };
        let bytes = |cold: &Cold| cold.bytes.brotli as f64;
        row(
            format!(
                "{words}, bytes over the wire to the first mask (Brotli, weights included): {peer} / ours"
            ),
            megabytes(bytes(ours)),
            bytes(theirs) / bytes(ours),
        );
        if let (Some(ours), Some(theirs)) =
            (Summary::of(&ours.seconds), Summary::of(&theirs.seconds))
        {
            row(
                format!("{words}, from an empty page to the first mask: {peer} / ours"),
                time(ours.median),
                theirs.median / ours.median,
            );
        }
        let pauses = |cold: &Cold| cold.pauses.iter().copied().fold(0.0, f64::max);
        row(
            format!("{words}, longest pause of the page meanwhile: {peer} on the page / ours"),
            time(pauses(ours)),
            pauses(theirs) / pauses(ours),
        );
    }
    rows
}

/// The contender and its threads, as a row begins.
fn label(steady: &Steady) -> String {
    let runtime = steady.runtime;
    let place = if runtime.is_native() { " (native)" } else { "" };
    match steady.threads {
        Some(1) => format!("{runtime}{place}, 1 thread"),
        Some(threads) => format!("{runtime}{place}, {threads} threads"),
        None => format!("{runtime}{place}"),
    }
}

fn summary(samples: &[f64]) -> String {
    Summary::of(samples).map_or_else(|| "–".to_owned(), |summary| summary.to_string())
}

fn steady_rows(results: &Results, backend: Backend, widths: &[u32]) -> Vec<Vec<String>> {
    let Some(&first) = widths.first() else {
        return Vec::new();
    };
    let row = |steady: &Steady| {
        let cells = widths.iter().map(|&width| {
            let mut same = results
                .steady_of(backend, width, Photo::Tile)
                .filter(|other| other.runtime == steady.runtime && other.threads == steady.threads);
            same.next()
                .map_or_else(|| "–".to_owned(), |same| summary(&same.seconds))
        });
        [label(steady)].into_iter().chain(cells).collect()
    };
    results
        .steady_of(backend, first, Photo::Tile)
        .map(row)
        .collect()
}

fn eight_rows(results: &Results) -> Vec<Vec<String>> {
    let of = |backend| {
        results
            .steady_of(backend, 16, Photo::Eight)
            .map(move |steady| {
                let tiles = match steady.tiles {
                    Some(1) => "one tile".to_owned(),
                    Some(tiles) => format!("{tiles} overlapping tiles, blended"),
                    None => "eight tiles of 256x256, one batch".to_owned(),
                };
                vec![
                    format!("{backend}: {}", label(steady)),
                    summary(&steady.seconds),
                    tiles,
                ]
            })
    };
    Backend::ALL.into_iter().flat_map(of).collect()
}

const COLD_COLUMNS: [&str; 9] = [
    "",
    "to the first mask",
    "Brotli",
    "of these weights",
    "gzip",
    "uncompressed",
    "longest pause of the page",
    "peak memory, page",
    "GPU process",
];

fn cold_rows(results: &Results) -> Vec<Vec<String>> {
    let row = |cold: &Cold| {
        let size = |bytes: u64| megabytes(bytes as f64);
        let [renderer, gpu] = memory(cold.memory);
        vec![
            format!("{}: {}, {}", cold.backend, cold.runtime, cold.place),
            summary(&cold.seconds),
            size(cold.bytes.brotli),
            size(cold.bytes.weights),
            size(cold.bytes.gzip),
            size(cold.bytes.raw),
            summary(&cold.pauses),
            renderer,
            gpu,
        ]
    };
    results.cold.iter().map(row).collect()
}

fn memory(Memory { renderer, gpu }: Memory) -> [String; 2] {
    [renderer, gpu].map(|bytes| {
        bytes.map_or_else(
            || "–".to_owned(),
            |bytes| format!("{:.0} MB", bytes as f64 / 1e6),
        )
    })
}

const LARGE_COLUMNS: [&str; 6] = [
    "",
    "decoded photo to map",
    "call to result",
    "longest pause of the page",
    "peak memory, page",
    "GPU process",
];

fn large_rows(results: &Results) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for large in &results.large {
        let backend = large.backend;
        let workers = match large.workers {
            1 => String::new(),
            workers => format!(" in {workers} workers"),
        };
        let scale = match large.scale {
            1.0 => "every pixel".to_owned(),
            scale => format!(
                "reduced to {:.0} % of its sides, as for a person who waits",
                scale * 100.0
            ),
        };
        let [renderer, gpu] = memory(large.memory);
        rows.push(vec![
            format!("{backend}: {}{workers}, {scale}", Runtime::Ours),
            time(large.seconds),
            time(large.wall),
            time(large.pause),
            renderer,
            gpu,
        ]);
        let peer = Runtime::OnnxWeb;
        let threads = (backend == Backend::Cpu).then_some(1);
        if let Some(tile) = results.median((backend, 16, Photo::Tile), peer, threads) {
            rows.push(vec![
                format!("{backend}: {peer}, **not measured**: its time for a tile, 192 times (no overlap, no decoding, no blending)"),
                time(tile * LARGE_TILES),
                "–".to_owned(),
                "–".to_owned(),
                "–".to_owned(),
                "–".to_owned(),
            ]);
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::super::results::Bytes;
    use super::*;

    fn steady(runtime: Runtime, threads: u32, width: u32, seconds: f64) -> Steady {
        Steady {
            backend: Backend::Cpu,
            width,
            photo: Photo::Tile,
            runtime,
            threads: Some(threads),
            seconds: vec![seconds],
            difference: Some(0.0),
            tiles: None,
        }
    }

    fn cold(runtime: Runtime, place: Place, seconds: f64, brotli: u64) -> Cold {
        Cold {
            backend: Backend::Cpu,
            runtime,
            place,
            seconds: vec![seconds],
            pauses: vec![seconds / 10.0],
            bytes: Bytes {
                raw: 3 * brotli,
                gzip: 2 * brotli,
                brotli,
                weights: brotli / 2,
            },
            memory: Memory::default(),
        }
    }

    #[test]
    fn each_ratio_has_its_row_with_what_it_is_of() {
        let results = Results {
            steady: vec![
                steady(Runtime::Ours, 1, 64, 2.0),
                steady(Runtime::OnnxWeb, 1, 64, 3.0),
                steady(Runtime::OnnxWeb, 2, 64, 1.5),
                steady(Runtime::PyTorch, 1, 64, 1.0),
            ],
            cold: vec![
                cold(Runtime::Ours, Place::Worker, 1.0, 2_000_000),
                cold(Runtime::OnnxWeb, Place::Page, 4.0, 5_000_000),
            ],
            ..Results::default()
        };
        let page = write(&results);
        for row in [
            "| CPU in the browser, one thread, width 64, a tile: onnxruntime-web / ours | 2.0 s | **1.50** |",
            "| CPU, one thread, width 64, a tile: PyTorch eager (native) / ours in the browser | 2.0 s | **0.50** |",
            "| CPU path, bytes over the wire to the first mask (Brotli, weights included): onnxruntime-web / ours | 2.00 MB | **2.50** |",
            "| CPU path, from an empty page to the first mask: onnxruntime-web / ours | 1.0 s | **4.00** |",
            "| onnxruntime-web, 2 threads | 1.5 s (once) |",
        ] {
            assert!(page.contains(row), "{row} is missing in {page}");
        }
        assert!(!page.contains("WebGPU, width"), "{page}");
    }

    #[test]
    fn tables_have_a_head_and_as_many_cells() {
        let shown = table(&["a", "b"], &[vec!["1".to_owned(), "2".to_owned()]]);
        assert_eq!(shown, "| a | b |\n| --- | --- |\n| 1 | 2 |");
        assert_eq!(section("empty", &["a"], Vec::new()), None);
    }
}
