//! All results as a page to read and to print: what an archive holds beside the pictures, which it shows.

use std::fmt::Write as _;

use html_escape::encode_text;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::language::Language;
use super::photo::{Outcome, Photo};
use super::words::{self, Words};
use crate::protocol::{Measurements, Mode};

/// Name of its file.
pub const FILE_NAME: &str = "report.html";

/// How many cracks of a photo are listed and numbered, the longest first; the table beside it has all.
pub(super) const MOST_LISTED: usize = 50;

/// What a file's name needs none of in an address.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

const STYLE: &str = include_str!("report.css");

/// When, how and in which words it is written.
pub(super) struct Report<'a> {
    pub(super) words: &'a Words,
    pub(super) language: Language,
    /// The day, in that language.
    pub(super) day: String,
    /// At which threshold, 0 to 1.
    pub(super) threshold: f32,
}

/// A photo, and the name of its overlay's file, where it has a result.
pub(super) type Entry<'a> = (&'a Photo, Option<String>);

impl Report<'_> {
    /// The page. It refers to the overlays by their names, and to nothing else.
    pub(super) fn html(&self, entries: &[Entry<'_>]) -> String {
        let words = self.words;
        let sections: String = entries.iter().map(|entry| self.section(entry)).collect();
        format!(
            "<!doctype html>\n<html lang=\"{language}\">\n<meta charset=\"utf-8\">\n\
            <meta name=\"viewport\" content=\"width=device-width\">\n\
            <meta name=\"generator\" content=\"{name} {version}\">\n\
            <title>{title}</title>\n<style>\n{STYLE}</style>\n\
            <h1>{title}</h1>\n<p>{day}. {note}</p>\n{overview}{sections}</html>\n",
            language = self.language.tag(),
            name = words::NAME,
            version = env!("CARGO_PKG_VERSION"),
            title = words.report,
            day = encoded(&self.day),
            note = words.report_note,
            overview = self.overview(entries),
        )
    }

    /// One row a photo.
    fn overview(&self, entries: &[Entry<'_>]) -> String {
        let words = self.words;
        let rows: String = entries
            .iter()
            .map(|(photo, _)| match &photo.outcome {
                Some(outcome) => {
                    let share = words.percent(outcome.tally.share(self.threshold));
                    let [number, length, width] = self.figures(photo, outcome);
                    row("td", [link(photo), encoded(&share), number, length, width])
                }
                None => {
                    let (link, phase) = (link(photo), encoded(&words.phase_of(photo)));
                    format!("<tr><td>{link}</td><td colspan=\"4\">{phase}</td></tr>\n")
                }
            })
            .collect();
        let head = [
            words.photo,
            words.share_label,
            words.cracks,
            words.length,
            words.width,
        ];
        format!(
            "<table>\n<thead>{}</thead>\n<tbody>{rows}</tbody>\n</table>\n",
            row("th", head)
        )
    }

    /// How many cracks, how long, how wide; nothing of what can't be measured.
    fn figures(&self, photo: &Photo, outcome: &Outcome) -> [String; 3] {
        let words = self.words;
        match self.cracks(outcome) {
            Some(cracks) if !cracks.cracks.is_empty() => [
                cracks.cracks.len().to_string(),
                words.length_of(cracks.length(), photo.scale),
                words.width_of(cracks, photo.scale).unwrap_or_default(),
            ],
            Some(_) => [words.no_cracks.to_owned(), String::new(), String::new()],
            None => Default::default(),
        }
    }

    fn cracks<'o>(&self, outcome: &'o Outcome) -> Option<&'o Measurements> {
        outcome
            .cracks_at(self.threshold)
            .filter(|_| outcome.is_measurable())
    }

    fn section(&self, (photo, overlay): &Entry<'_>) -> String {
        let words = self.words;
        let name = encoded(&photo.name);
        let body = match photo.outcome.as_ref().zip(overlay.as_deref()) {
            Some((outcome, overlay)) => self.result(photo, outcome, overlay),
            None => format!("<p>{}</p>\n", encoded(&words.phase_of(photo))),
        };
        format!(
            "<section id=\"{}\">\n<h2>{name}</h2>\n{body}</section>\n",
            anchor(photo)
        )
    }

    fn result(&self, photo: &Photo, outcome: &Outcome, overlay: &str) -> String {
        let words = self.words;
        let cracks = self.cracks(outcome);
        let numbers = cracks
            .map(|cracks| numbers(cracks, outcome))
            .unwrap_or_default();
        let mut html = format!(
            "<figure><img src=\"{}\" alt=\"\">{numbers}</figure>\n<dl>\n",
            utf8_percent_encode(overlay, PLAIN)
        );
        let share = words.percent(outcome.tally.share(self.threshold));
        let is_reduced = outcome.mode == Mode::Native && outcome.plan.scale < 1.0;
        let facts = [
            (words.share_label, Some(share)),
            (words.scale, photo.scale.map(|scale| words.scale_of(scale))),
            (words.photo_size, photo.size.map(words::size)),
            (
                words.worked_size,
                is_reduced.then(|| words::size(outcome.plan.size)),
            ),
            (
                words.mask,
                (Some(outcome.map) != photo.size).then(|| words::size(outcome.map)),
            ),
            (words.threshold, Some(words.threshold_value(self.threshold))),
            (words.made_by, Some(made_by(words, outcome))),
        ];
        for (name, value) in facts {
            if let Some(value) = value {
                let value = encoded(&value);
                // Writing to a string cannot fail.
                let _ = writeln!(html, "<dt>{name}</dt><dd>{value}</dd>");
            }
        }
        html += "</dl>\n";
        if let Some(cracks) = cracks.filter(|cracks| !cracks.cracks.is_empty()) {
            html += &self.table(photo, outcome, cracks);
        }
        html
    }

    /// One row a crack, then all of them.
    fn table(&self, photo: &Photo, outcome: &Outcome, cracks: &Measurements) -> String {
        let words = self.words;
        let length = |pixels| words.length_of(pixels, photo.scale);
        let listed = cracks.cracks.iter().take(MOST_LISTED).enumerate();
        let rows: String = listed
            .map(|(index, crack)| {
                let figures = [crack.length, crack.mean_width, crack.max_width].map(length);
                row("td", [(index + 1).to_string()].into_iter().chain(figures))
            })
            .collect();
        let head = [
            words.number,
            words.length,
            words.mean_width,
            words.max_width,
        ];
        let more = cracks.cracks.len().saturating_sub(MOST_LISTED);
        let more = (more > 0).then(|| format!("{} ", (words.more_cracks)(more)));
        format!(
            "<table>\n<thead>{}</thead>\n<tbody>{rows}</tbody>\n</table>\n<p>{}{}</p>\n",
            row("th", head),
            more.unwrap_or_default(),
            words.width_hint_of(outcome, photo.scale),
        )
    }
}

/// The cracks' numbers over the picture, each at its widest place.
fn numbers(cracks: &Measurements, outcome: &Outcome) -> String {
    let (width, height) = (outcome.map.width, outcome.map.height);
    // As large beside any picture.
    let size = f64::from(width.max(height)) / 45.0;
    let mut html = format!(
        "<svg viewBox=\"0 0 {width} {height}\" font-size=\"{size:.1}\" aria-hidden=\"true\">"
    );
    // The longest last, over the others.
    for (index, crack) in cracks.cracks.iter().take(MOST_LISTED).enumerate().rev() {
        let [x, y] = crack.widest.map(|place| place + 0.5);
        let radius = size / 4.0;
        // Beside its place, on the side where there is room.
        let is_left = x > f64::from(width) - 2.0 * size;
        let (anchor, beside) = if is_left {
            ("end", -1.0)
        } else {
            ("start", 1.0)
        };
        let above = if y < 2.0 * size { 1.5 } else { -0.5 };
        let _ = write!(
            html,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\"/>\
            <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
            x + beside * 0.5 * size,
            y + above * size,
            index + 1,
        );
    }
    html + "</svg>"
}

/// Which backend and weights, and by which hash the weights are told apart.
fn made_by(words: &Words, outcome: &Outcome) -> String {
    format!("{} ({})", words.made_by_of(outcome), outcome.weights_hash)
}

/// Text as HTML.
fn encoded(text: &str) -> String {
    encode_text(text).into_owned()
}

fn anchor(photo: &Photo) -> String {
    format!("photo-{}", photo.id)
}

fn link(photo: &Photo) -> String {
    format!(
        "<a href=\"#{}\">{}</a>",
        anchor(photo),
        encoded(&photo.name)
    )
}

/// Cells are HTML.
fn row<T: AsRef<str>>(tag: &str, cells: impl IntoIterator<Item = T>) -> String {
    let cells = cells.into_iter();
    let cells: String = cells
        .map(|cell| format!("<{tag}>{}</{tag}>", cell.as_ref()))
        .collect();
    format!("<tr>{cells}</tr>\n")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::measure::{Crack, Scale};
    use crate::protocol::{Cause, Failure, FailureKind};
    use crate::web::ui::photo::{Cracks, Phase};
    use crate::web::ui::state::tests::{SIZE, job_of, ready, succeed};

    fn crack(length: f64, widest: [f64; 2]) -> Crack {
        Crack {
            length,
            mean_width: 2.0,
            max_width: 3.0,
            widest,
            area: 10,
            bounds: [0, 0, 4, 3],
            direction: None,
        }
    }

    /// A photo with two cracks and a scale, and one that could not be read.
    fn photos() -> [Photo; 2] {
        let mut state = ready();
        state.add(["<i> & #1?.jpg".to_owned()]);
        let job = job_of(&state.send_next());
        succeed(&mut state, job);
        let mut found = state.photos.remove(0);
        found.scale = Scale::of_length(10.0, 5.0);
        if let Some(outcome) = &mut found.outcome {
            let cracks = vec![crack(40.0, [1.0, 1.0]), crack(20.0, [3.0, 2.0])];
            outcome.cracks = Some(Cracks {
                threshold: 0.4,
                measurements: Arc::new(Measurements { cracks }),
            });
        }
        let mut failed = Photo::new(7, "broken.jpg".to_owned());
        failed.phase = Phase::Failed(Failure::new(FailureKind::Photo, Cause::Unreadable));
        [found, failed]
    }

    fn html(threshold: f32) -> String {
        let [found, failed] = photos();
        let report = Report {
            words: Words::of(Language::English),
            language: Language::English,
            day: "27/11/2026".to_owned(),
            threshold,
        };
        let overlay = Some("<i> & #1?.overlay.png".to_owned());
        report.html(&[(&found, overlay), (&failed, None)])
    }

    #[test]
    fn a_report_lists_photos_and_numbers_their_cracks() {
        let html = html(0.4);
        for part in [
            "<html lang=\"en\">",
            ">&lt;i&gt; &amp; #1?.jpg</a>",
            "<img src=\"%3Ci%3E%20%26%20%231%3F.overlay.png\"",
            "<td>2</td><td>30.0\u{a0}mm</td><td>1.00\u{a0}mm, up to 1.50\u{a0}mm</td>",
            "<tr><td>1</td><td>20.0\u{a0}mm</td><td>1.00\u{a0}mm</td><td>1.50\u{a0}mm</td></tr>",
            "<tr><td>2</td><td>10.0\u{a0}mm</td>",
            "1\u{a0}px = 0.500\u{a0}mm",
        ] {
            assert!(html.contains(part), "{part} is not in {html}");
        }
        assert!(html.contains(&format!("viewBox=\"0 0 {} {}\"", SIZE.width, SIZE.height)));
        let unreadable = Cause::Unreadable.to_string();
        // In the overview and under its own name.
        assert_eq!(html.matches(&unreadable).count(), 2);
        assert_eq!(html.matches("<img").count(), 1);
    }

    #[test]
    fn what_is_not_measured_at_the_threshold_has_no_figures() {
        let html = html(0.6);
        assert!(!html.contains("<svg"), "{html}");
        assert!(!html.contains("mm</td>"), "{html}");
    }
}
