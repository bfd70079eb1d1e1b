//! All results as a page to read and to print: what an archive holds beside the pictures, which it shows.

use std::fmt::Write as _;

use html_escape::{encode_double_quoted_attribute, encode_text};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::language::Language;
use super::photo::{Outcome, Phase, Photo};
use super::words::{self, Words};
use crate::export;
use crate::protocol::{ExportKind, Measurements, Mode};

/// Name of its file.
pub(super) const FILE_NAME: &str = "report.html";

/// How many cracks of a photo are listed and numbered, the longest first; the table beside it has all.
pub(super) const MOST_LISTED: usize = 50;

/// What a file's name needs none of in an address.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

const STYLE: &str = include_str!("report.css");

/// In which words, when and of what it is written.
pub(super) struct Report<'a> {
    pub(super) words: &'a Words,
    pub(super) language: Language,
    /// The day, in that language.
    pub(super) day: String,
    /// At which threshold, 0 to 1.
    pub(super) threshold: f32,
}

/// A photo, and what the names of its files begin with, where it has any.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) photo: &'a Photo,
    pub(super) stem: Option<&'a str>,
}

impl Entry<'_> {
    /// The photo's name; with that of its files where these are called otherwise.
    fn name(&self) -> String {
        let name = &self.photo.name;
        match self.stem {
            Some(stem) if stem != self.photo.stem() => encoded(&format!("{name} ({stem})")),
            _ => encoded(name),
        }
    }

    fn anchor(&self) -> String {
        format!("photo-{}", self.photo.id)
    }
}

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
            .map(|entry| {
                let link = format!("<a href=\"#{}\">{}</a>", entry.anchor(), entry.name());
                row(&link, &self.summary(entry.photo))
            })
            .collect();
        let head = [
            words.photo,
            words.share_label,
            words.cracks,
            words.length,
            words.width,
        ];
        table(words.report, &head, &rows)
    }

    /// Share, number, length and width as cells, or why there are none.
    fn summary(&self, photo: &Photo) -> String {
        let words = self.words;
        let Some(outcome) = &photo.outcome else {
            return format!("<td colspan=\"4\">{}</td>", self.not_examined(photo));
        };
        let share = words.percent(outcome.tally.share(self.threshold));
        let figures = match self.cracks(outcome) {
            Some(cracks) if !cracks.cracks.is_empty() => cells(&[
                cracks.cracks.len().to_string(),
                words.length_of(cracks.length(), photo.scale),
                words.width_of(cracks, photo.scale).unwrap_or_default(),
            ]),
            Some(_) => cells(&[words.no_cracks, "\u{2013}", "\u{2013}"]),
            None => format!("<td colspan=\"3\">{}</td>", words.not_measured),
        };
        cells(&[share]) + &figures
    }

    fn cracks<'o>(&self, outcome: &'o Outcome) -> Option<&'o Measurements> {
        outcome
            .cracks_at(self.threshold)
            .filter(|_| outcome.is_measurable())
    }

    /// Of a photo without a result: that, and why if that is known.
    fn not_examined(&self, photo: &Photo) -> String {
        let words = self.words;
        match &photo.phase {
            Phase::Failed(failure) => {
                let why = words.failure(failure);
                encoded(&format!("{}. {why}", words.not_examined))
            }
            _ => words.not_examined.to_owned(),
        }
    }

    fn section(&self, entry: &Entry<'_>) -> String {
        let body = match &entry.photo.outcome {
            Some(outcome) => self.result(entry, outcome),
            None => format!("<p>{}</p>\n", self.not_examined(entry.photo)),
        };
        format!(
            "<section id=\"{}\">\n<h2>{}</h2>\n{body}</section>\n",
            entry.anchor(),
            entry.name()
        )
    }

    fn result(&self, entry: &Entry<'_>, outcome: &Outcome) -> String {
        let (words, photo) = (self.words, entry.photo);
        let cracks = self.cracks(outcome);
        let mut html = String::new();
        if let Some(stem) = entry.stem {
            html += &self.figure(stem, photo, outcome, cracks);
        }
        html += "<dl>\n";
        let share = words.percent(outcome.tally.share(self.threshold));
        let is_reduced = outcome.mode == Mode::Native && outcome.plan.scale < 1.0;
        let scale = photo.scale.filter(|_| outcome.is_measurable());
        let number = match cracks {
            Some(cracks) if cracks.cracks.is_empty() => Some(words.no_cracks),
            Some(_) => None,
            None => Some(words.not_measured),
        };
        let facts = [
            (words.share_label, Some(share)),
            (words.cracks, number.map(str::to_owned)),
            (words.scale, scale.map(|scale| words.scale_of(scale))),
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
            html += &self.each_crack(photo, outcome, cracks);
        }
        html
    }

    /// The overlay, with the cracks' numbers over it, each at its widest place.
    fn figure(
        &self,
        stem: &str,
        photo: &Photo,
        outcome: &Outcome,
        cracks: Option<&Measurements>,
    ) -> String {
        let file = export::file_name(stem, outcome.mode, ExportKind::Overlay);
        let file = utf8_percent_encode(&file, PLAIN);
        let shown = self.words.announce_done(photo, outcome, self.threshold);
        let size = photo.size.unwrap_or(outcome.map);
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        let mut html = format!(
            "<figure style=\"--ratio: {:.4}\"><a href=\"{file}\"><img src=\"{file}\" alt=\"{}\"></a>",
            width / height,
            encode_double_quoted_attribute(&shown),
        );
        // The longest last, over the others.
        let cracks = cracks.map_or(&[][..], |cracks| &cracks.cracks);
        for (index, crack) in cracks.iter().take(MOST_LISTED).enumerate().rev() {
            let [x, y] = crack.widest.map(|place| place + 0.5);
            // On the side where there is room.
            let side = match (x > 0.9 * width, y < 0.1 * height) {
                (false, false) => "",
                (true, false) => " class=\"left\"",
                (false, true) => " class=\"below\"",
                (true, true) => " class=\"left below\"",
            };
            let _ = write!(
                html,
                "<i{side} style=\"left: {:.2}%; top: {:.2}%\" aria-hidden=\"true\"><b>{}</b></i>",
                100.0 * x / width,
                100.0 * y / height,
                index + 1,
            );
        }
        html + "</figure>\n"
    }

    /// One row a crack, and what to know of all of them.
    fn each_crack(&self, photo: &Photo, outcome: &Outcome, cracks: &Measurements) -> String {
        let words = self.words;
        let length = |pixels| words.length_of(pixels, photo.scale);
        let listed = cracks.cracks.iter().take(MOST_LISTED).enumerate();
        let rows: String = listed
            .map(|(index, crack)| {
                let figures = [crack.length, crack.mean_width, crack.max_width].map(length);
                row(&(index + 1).to_string(), &cells(&figures))
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
            "{}<p>{}{}</p>\n",
            table(words.each_crack, &head, &rows),
            more.unwrap_or_default(),
            words.width_hint_of(outcome, photo.scale),
        )
    }
}

/// Which backend and weights, and by which hash the weights are told apart.
fn made_by(words: &Words, outcome: &Outcome) -> String {
    format!("{} ({})", words.made_by_of(outcome), outcome.weights_hash)
}

fn table(caption: &str, head: &[&str], rows: &str) -> String {
    let head: String = head
        .iter()
        .map(|name| format!("<th scope=\"col\">{name}</th>"))
        .collect();
    format!(
        "<div class=\"table\"><table aria-label=\"{caption}\">\n<thead><tr>{head}</tr></thead>\n\
        <tbody>\n{rows}</tbody>\n</table></div>\n"
    )
}

/// Its head is HTML.
fn row(head: &str, cells: &str) -> String {
    format!("<tr><th scope=\"row\">{head}</th>{cells}</tr>\n")
}

fn cells<T: AsRef<str>>(texts: &[T]) -> String {
    let cell = |text: &T| format!("<td>{}</td>", encode_text(text.as_ref()));
    texts.iter().map(cell).collect()
}

/// Text as HTML.
fn encoded(text: &str) -> String {
    encode_text(text).into_owned()
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
        let [found, failed] = [(&found, Some("_i_ & #1_")), (&failed, None)];
        report.html(&[found, failed].map(|(photo, stem)| Entry { photo, stem }))
    }

    #[test]
    fn a_report_lists_photos_and_numbers_their_cracks() {
        let html = html(0.4);
        for part in [
            "<html lang=\"en\">",
            ">&lt;i&gt; &amp; #1?.jpg (_i_ &amp; #1_)</a></th>",
            "<img src=\"_i_%20%26%20%231_.overlay.png\" alt=\"",
            "<td>2</td><td>30.0\u{a0}mm</td><td>1.00\u{a0}mm, up to 1.50\u{a0}mm</td>",
            "<tr><th scope=\"row\">1</th><td>20.0\u{a0}mm</td><td>1.00\u{a0}mm</td><td>1.50\u{a0}mm</td></tr>",
            "<tr><th scope=\"row\">2</th><td>10.0\u{a0}mm</td>",
            "1\u{a0}px = 0.500\u{a0}mm",
        ] {
            assert!(html.contains(part), "{part} is not in {html}");
        }
        let left = 100.0 * 1.5 / f64::from(SIZE.width);
        assert!(html.contains(&format!("left: {left:.2}%")), "{html}");
        let unreadable = Cause::Unreadable.to_string();
        // In the overview and under its own name.
        assert_eq!(html.matches(&unreadable).count(), 2);
        assert_eq!(html.matches("<img").count(), 1);
    }

    #[test]
    fn what_is_not_measured_at_the_threshold_has_no_figures() {
        let html = html(0.6);
        assert!(!html.contains("<b>"), "{html}");
        assert_eq!(html.matches("Not measured").count(), 2);
        assert!(!html.contains("mm</td>"), "{html}");
    }
}
