//! The results as a page of Markdown.

use super::results::{Cold, Memory, ONNX_WEB, OURS, PYTORCH, Results, Steady};
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
    for (backend, title) in [("cpu", "CPU"), ("webgpu", "WebGPU")] {
        let widths: Vec<u32> = [16, 32, 64]
            .into_iter()
            .filter(|&width| results.steady_of(backend, width, "tile").next().is_some())
            .collect();
        let columns: Vec<String> = ["".to_owned()]
            .into_iter()
            .chain(widths.iter().map(|width| format!("width {width}")))
            .collect();
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        page.extend(section(
            &format!("One tile of 256x256, {title}"),
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
    let median = |backend, width, photo, threads| {
        let mut steady = results.steady_of(backend, width, photo);
        let ours = steady.find(|steady| steady.contender == OURS && steady.threads == threads);
        ours.and_then(|ours| Summary::of(&ours.seconds))
            .map(|summary| time(summary.median))
    };
    for (backend, words, threads) in [
        ("webgpu", "WebGPU", None),
        ("cpu", "CPU in the browser, one thread", Some(1)),
    ] {
        for width in [16, 32, 64] {
            if let (Some(ratio), Some(ours)) = (
                results.ratio(backend, width, "tile", ONNX_WEB, threads),
                median(backend, width, "tile", threads),
            ) {
                row(
                    format!("{words}, width {width}, a tile: {ONNX_WEB} / ours"),
                    ours,
                    ratio,
                );
            }
        }
    }
    if let (Some(ratio), Some(ours)) = (
        results.ratio("cpu", 64, "tile", PYTORCH, Some(1)),
        median("cpu", 64, "tile", Some(1)),
    ) {
        row(
            format!("CPU, one thread, width 64, a tile: {PYTORCH} (native) / ours in the browser"),
            ours,
            ratio,
        );
    }
    for (backend, words) in [("cpu", "CPU path"), ("webgpu", "WebGPU")] {
        let (Some(ours), Some(peer)) = (
            results.cold_of(backend, OURS, "in a worker"),
            results.cold_of(backend, ONNX_WEB, "on the page"),
        ) else {
            continue;
        };
        let bytes = |cold: &Cold| cold.bytes.brotli as f64;
        row(
            format!(
                "{words}, bytes over the wire to the first mask (Brotli, weights included): {ONNX_WEB} / ours"
            ),
            megabytes(bytes(ours)),
            bytes(peer) / bytes(ours),
        );
        if let (Some(ours), Some(peer)) = (Summary::of(&ours.seconds), Summary::of(&peer.seconds)) {
            row(
                format!("{words}, from an empty page to the first mask: {ONNX_WEB} / ours"),
                time(ours.median),
                peer.median / ours.median,
            );
        }
        let pauses = |cold: &Cold| cold.pauses.iter().copied().fold(0.0, f64::max);
        row(
            format!("{words}, longest pause of the page meanwhile: {ONNX_WEB} on the page / ours"),
            time(pauses(ours)),
            pauses(peer) / pauses(ours),
        );
    }
    rows
}

/// The contender and its threads, as a row begins.
fn label(steady: &Steady) -> String {
    let place = match steady.contender {
        OURS | ONNX_WEB => "",
        _ => " (native)",
    };
    match steady.threads {
        Some(1) => format!("{}{place}, 1 thread", steady.contender),
        Some(threads) => format!("{}{place}, {threads} threads", steady.contender),
        None => format!("{}{place}", steady.contender),
    }
}

fn summary(samples: &[f64]) -> String {
    Summary::of(samples).map_or_else(|| "–".to_owned(), |summary| summary.to_string())
}

fn steady_rows(results: &Results, backend: &str, widths: &[u32]) -> Vec<Vec<String>> {
    let Some(&first) = widths.first() else {
        return Vec::new();
    };
    let row = |steady: &Steady| {
        let cells = widths.iter().map(|&width| {
            let mut same = results.steady_of(backend, width, "tile").filter(|other| {
                other.contender == steady.contender && other.threads == steady.threads
            });
            same.next()
                .map_or_else(|| "–".to_owned(), |same| summary(&same.seconds))
        });
        [label(steady)].into_iter().chain(cells).collect()
    };
    results.steady_of(backend, first, "tile").map(row).collect()
}

fn eight_rows(results: &Results) -> Vec<Vec<String>> {
    let of = |backend, name: &'static str| {
        results.steady_of(backend, 16, "eight").map(move |steady| {
            let tiles = match steady.tiles {
                Some(1) => "one tile".to_owned(),
                Some(tiles) => format!("{tiles} overlapping tiles, blended"),
                None => "eight tiles of 256x256, one batch".to_owned(),
            };
            vec![
                format!("{name}: {}", label(steady)),
                summary(&steady.seconds),
                tiles,
            ]
        })
    };
    of("cpu", "CPU").chain(of("webgpu", "WebGPU")).collect()
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
        let backend = if cold.backend == "cpu" {
            "CPU"
        } else {
            "WebGPU"
        };
        let size = |bytes: u64| megabytes(bytes as f64);
        let [renderer, gpu] = memory(cold.memory);
        vec![
            format!("{backend}: {}, {}", cold.contender, cold.place),
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
        let name = if large.backend == "cpu" {
            "CPU"
        } else {
            "WebGPU"
        };
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
            format!("{name}: {OURS}{workers}, {scale}"),
            time(large.seconds),
            time(large.wall),
            time(large.pause),
            renderer,
            gpu,
        ]);
        let tile = results
            .steady_of(large.backend, 16, "tile")
            .find(|steady| steady.contender == ONNX_WEB && steady.threads != Some(2))
            .and_then(|steady| Summary::of(&steady.seconds));
        if let Some(tile) = tile {
            rows.push(vec![
                format!("{name}: {ONNX_WEB}, **not measured**: its time for a tile, 192 times (no overlap, no decoding, no blending)"),
                time(tile.median * LARGE_TILES),
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

    fn steady(contender: &'static str, threads: u32, width: u32, seconds: f64) -> Steady {
        Steady {
            backend: "cpu",
            width,
            photo: "tile",
            contender,
            threads: Some(threads),
            seconds: vec![seconds],
            difference: Some(0.0),
            tiles: None,
        }
    }

    fn cold(contender: &'static str, place: &'static str, seconds: f64, brotli: u64) -> Cold {
        Cold {
            backend: "cpu",
            contender,
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
                steady(OURS, 1, 64, 2.0),
                steady(ONNX_WEB, 1, 64, 3.0),
                steady(ONNX_WEB, 2, 64, 1.5),
                steady(PYTORCH, 1, 64, 1.0),
            ],
            cold: vec![
                cold(OURS, "in a worker", 1.0, 2_000_000),
                cold(ONNX_WEB, "on the page", 4.0, 5_000_000),
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
