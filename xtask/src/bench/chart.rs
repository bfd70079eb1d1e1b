//! The results as bars, to be read on light and dark ground.

use std::fmt::Write as _;

use super::results::{Backend, Cold, Photo, Results, Runtime, WIDTHS};
use super::samples::{Summary, megabytes, time};

const WIDTH: f64 = 760.0;
const LABELS: f64 = 250.0;
const VALUES: f64 = 90.0;
const BAR: f64 = 16.0;
const STEP: f64 = 22.0;

/// Bars of one scale: the longest fills the width.
struct Group {
    title: String,
    bars: Vec<Bar>,
}

struct Bar {
    label: String,
    value: f64,
    shown: String,
    is_ours: bool,
}

/// `results.svg`.
pub(super) fn draw(results: &Results) -> String {
    svg(&groups(results))
}

fn groups(results: &Results) -> Vec<Group> {
    let mut groups = Vec::new();
    for backend in Backend::ALL {
        for width in WIDTHS {
            let bars = results
                .steady_of(backend, width, Photo::Tile)
                .filter_map(|steady| {
                    let median = Summary::of(&steady.seconds)?.median;
                    let runtime = steady.runtime;
                    let native = if runtime.is_native() { "native " } else { "" };
                    let threads = match steady.threads {
                        Some(1) => ", 1 thread".to_owned(),
                        Some(threads) => format!(", {threads} threads"),
                        None => String::new(),
                    };
                    Some(Bar {
                        label: format!("{native}{runtime}{threads}"),
                        value: median,
                        shown: time(median),
                        is_ours: runtime == Runtime::Ours,
                    })
                });
            groups.push(Group {
                title: format!("A tile of 256x256, {backend}, width {width}"),
                bars: bars.collect(),
            });
        }
    }
    let bar = |cold: &Cold, value: f64, shown: String| Bar {
        label: format!("{}, {}", cold.runtime, cold.place),
        value,
        shown,
        is_ours: cold.runtime == Runtime::Ours,
    };
    for backend in Backend::ALL {
        let cold = || results.cold.iter().filter(|cold| cold.backend == backend);
        groups.push(Group {
            title: format!("From an empty page to the first mask, {backend}"),
            bars: cold()
                .filter_map(|cold| {
                    let median = Summary::of(&cold.seconds)?.median;
                    Some(bar(cold, median, time(median)))
                })
                .collect(),
        });
        groups.push(Group {
            title: format!("Bytes to the first mask (Brotli), {backend}"),
            bars: cold()
                .map(|cold| {
                    let bytes = cold.bytes.brotli as f64;
                    bar(cold, bytes, megabytes(bytes))
                })
                .collect(),
        });
    }
    groups.retain(|group| !group.bars.is_empty());
    groups
}

fn svg(groups: &[Group]) -> String {
    let mut body = String::new();
    let mut y = 10.0;
    for Group { title, bars } in groups {
        y += STEP;
        let _ = writeln!(body, r#"<text class="title" x="0" y="{y}">{title}</text>"#);
        let longest = bars
            .iter()
            .map(|bar| bar.value)
            .fold(f64::MIN_POSITIVE, f64::max);
        for bar in bars {
            y += STEP;
            let length = (bar.value / longest * (WIDTH - LABELS - VALUES)).max(1.0);
            let class = if bar.is_ours { "ours" } else { "peer" };
            let _ = writeln!(
                body,
                r#"<text x="{}" y="{y}" text-anchor="end">{}</text><rect class="{class}" x="{LABELS}" y="{}" width="{length:.1}" height="{BAR}"/><text x="{:.1}" y="{y}">{}</text>"#,
                LABELS - 8.0,
                bar.label,
                y - 12.0,
                LABELS + length + 6.0,
                bar.shown,
            );
        }
        y += 10.0;
    }
    let height = y + 10.0;
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" aria-label="Times of this segmenter and of its peers; shorter is better">
<style>
text {{ font: 13px system-ui, sans-serif; fill: #1c1f22; }}
.title {{ font-weight: 600; }}
.ours {{ fill: #c2410c; }}
.peer {{ fill: #8a939c; }}
@media (prefers-color-scheme: dark) {{
  text {{ fill: #e6e8ea; }}
  .ours {{ fill: #fb923c; }}
  .peer {{ fill: #6b747d; }}
}}
</style>
{body}</svg>
"#
    )
}

#[cfg(test)]
mod tests {
    use super::super::results::Steady;
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_values() {
        let steady = |runtime, seconds| Steady {
            backend: Backend::WebGpu,
            width: 16,
            photo: Photo::Tile,
            runtime,
            threads: None,
            seconds: vec![seconds],
            difference: None,
            tiles: None,
        };
        let results = Results {
            steady: vec![steady(Runtime::Ours, 1.0), steady(Runtime::OnnxWeb, 4.0)],
            ..Results::default()
        };
        let drawing = draw(&results);
        let full = WIDTH - LABELS - VALUES;
        let bar = |class: &str, y: f64, length: f64| {
            format!(r#"class="{class}" x="{LABELS}" y="{y}" width="{length:.1}""#)
        };
        for bar in [bar("ours", 42.0, full / 4.0), bar("peer", 64.0, full)] {
            assert!(drawing.contains(&bar), "{bar} is missing in {drawing}");
        }
        assert_eq!(drawing.matches("class=\"title\"").count(), 1);
    }
}
