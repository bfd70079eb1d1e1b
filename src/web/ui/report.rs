//! All results as a page to read and to print, in one file with its pictures: tablets show a page without the files beside it.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::labels::{Label, Picture, Wanted, lay_out};
use super::language::Language;
use super::photo::{MOST_LISTED, Outcome, Phase, Photo};
use super::viewport::Pair;
use super::words::{self, Words};
use crate::export;
use crate::measure::Crack;
use crate::protocol::{ExportKind, JobId, Measurements, Size};

/// Name of its file.
pub(super) const FILE_NAME: &str = "report.html";

/// What an address has of a file's name only in code.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

const STYLE: &str = include_str!("report.css");

/// How wide and high a picture is on paper at most, in CSS pixels, and how long and high a number in it is about; see
/// `report.css`.
const PAPER: Pair = (640.0, 416.0);
const NUMBER: Pair = (22.0, 16.0);

/// A part of the page's file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// As it is.
    Text(String),
    /// The figure of a result, as the text of a `data:` address.
    Figure(JobId),
}

/// What stands where a figure's address belongs, with the job's name after it. No text reads so, as its quotes are escaped.
const FIGURE: &str = "src=\"figure:";

/// In which words, when and of what it is written.
pub(super) struct Report<'a> {
    pub(super) words: &'a Words,
    pub(super) language: Language,
    /// The day, in that language.
    pub(super) day: String,
    /// The threshold that the person chose, 0 to 1, or none.
    pub(super) chosen_threshold: Option<f32>,
    /// Of which results there is a figure; of others the overlay beside the page is shown.
    pub(super) has_figure: &'a dyn Fn(JobId) -> bool,
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
            Some(stem) if stem != self.photo.stem() => format!("{name} ({stem})"),
            _ => name.clone(),
        }
    }

    fn anchor(&self) -> String {
        format!("photo-{}", self.photo.id)
    }
}

impl Report<'_> {
    /// The page's file. It refers to the overlays by their names, and to nothing else.
    pub(super) fn parts(&self, entries: &[Entry<'_>]) -> Vec<Part> {
        let html = self.html(entries);
        let mut parts = Vec::new();
        let mut rest = html.as_str();
        while let Some((before, after)) = rest.split_once(FIGURE) {
            let (job, after) = after.split_at(after.find('"').unwrap_or(after.len()));
            parts.push(Part::Text(format!("{before}src=\"")));
            parts.extend(job.parse().map(Part::Figure));
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        parts
    }

    fn html(&self, entries: &[Entry<'_>]) -> String {
        let words = self.words;
        let generator = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
        let page = html! {
            (DOCTYPE)
            html lang=(self.language.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width";
                    meta name="generator" content=(generator);
                    title { (words.report) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    h1 { (words.report) }
                    p { (self.day) ". " (words.report_note) }
                    (self.blanks())
                    (self.overview(entries))
                    @for entry in entries {
                        section id=(entry.anchor()) {
                            h2 { (entry.name()) }
                            @match &entry.photo.outcome {
                                Some(outcome) => (self.result(entry, outcome)),
                                None => p { (self.not_examined(entry.photo)) },
                            }
                        }
                    }
                }
            }
        };
        page.into_string()
    }

    /// Lines to write on, on the screen or on paper.
    fn blanks(&self) -> Markup {
        let words = self.words;
        html! {
            dl {
                @for name in words.report_blanks {
                    dt { (name) }
                    dd { span.blank contenteditable="true" role="textbox" aria-label=(name) {} }
                }
            }
            p.screen { (words.report_blanks_note) }
        }
    }

    fn threshold_of(&self, outcome: &Outcome) -> f32 {
        outcome.threshold_by(self.chosen_threshold)
    }

    /// One row a photo.
    fn overview(&self, entries: &[Entry<'_>]) -> Markup {
        let words = self.words;
        let head = [
            words.photo,
            words.share_label,
            words.cracks,
            words.length,
            words.width,
        ];
        table(
            words.report,
            &head,
            html! {
                @for entry in entries {
                    tr {
                        th scope="row" { a href={ "#" (entry.anchor()) } { (entry.name()) } }
                        (self.summary(entry.photo))
                    }
                }
            },
        )
    }

    /// Share, number, length and width as cells, or why there are none.
    fn summary(&self, photo: &Photo) -> Markup {
        let words = self.words;
        let Some(outcome) = &photo.outcome else {
            return html! { td colspan="4" { (self.not_examined(photo)) } };
        };
        let by_hand = match outcome.left_out {
            0 => String::new(),
            marks => format!(" ({}{}: {marks})", words.left_out, words.before_colon),
        };
        html! {
            td { (words.percent(outcome.tally.share(self.threshold_of(outcome)))) }
            @match self.cracks(outcome) {
                Some(cracks) if cracks.cracks.is_empty() => {
                    td { (words.no_cracks) (by_hand) }
                    td { "\u{2013}" }
                    td { "\u{2013}" }
                }
                Some(cracks) => {
                    td { (cracks.cracks.len()) (by_hand) }
                    td { (words.length_of(cracks.length(), photo.scale)) }
                    td { (words.width_of(cracks, photo.scale).unwrap_or_default()) }
                }
                None => td colspan="3" { (words.not_measured) },
            }
        }
    }

    fn cracks<'o>(&self, outcome: &'o Outcome) -> Option<&'o Measurements> {
        outcome
            .cracks_by(self.chosen_threshold)
            .filter(|_| outcome.is_measurable())
    }

    /// Of a photo without a result: that, and why if that is known.
    fn not_examined(&self, photo: &Photo) -> String {
        let words = self.words;
        match &photo.phase {
            Phase::Failed(failure) => {
                format!("{}. {}", words.not_examined, words.failure(failure))
            }
            _ => words.not_examined.to_owned(),
        }
    }

    fn result(&self, entry: &Entry<'_>, outcome: &Outcome) -> Markup {
        let cracks = self.cracks(outcome);
        let listed = cracks.map_or(&[][..], |cracks| {
            let count = cracks.cracks.len().min(MOST_LISTED);
            &cracks.cracks[..count]
        });
        html! {
            @if let Some(stem) = entry.stem {
                (self.figure(stem, entry.photo, outcome, listed))
            }
            dl {
                @for (name, value) in self.facts(entry.photo, outcome, cracks) {
                    dt { (name) }
                    dd { (value) }
                }
            }
            @if let Some(cracks) = cracks.filter(|_| !listed.is_empty()) {
                (self.each_crack(entry.photo, outcome, listed, cracks.cracks.len()))
            }
        }
    }

    fn facts(
        &self,
        photo: &Photo,
        outcome: &Outcome,
        cracks: Option<&Measurements>,
    ) -> impl Iterator<Item = (&'static str, String)> {
        let words = self.words;
        let threshold = self.threshold_of(outcome);
        let is_reduced = outcome.plan.working_scale < 1.0;
        let is_other_size = Some(outcome.map) != photo.size;
        let none = match cracks {
            Some(cracks) if cracks.cracks.is_empty() => {
                let why = words.no_cracks_hint(outcome, threshold, photo.scale);
                Some(match why {
                    Some(why) => format!("{}. {why}", words.no_cracks),
                    None => words.no_cracks.to_owned(),
                })
            }
            Some(_) => None,
            None => Some(words.not_measured.to_owned()),
        };
        // By its hash too, which tells weights of one name apart.
        let made_by = format!(
            "{} (SHA-256 {}…)",
            words.made_by_of(outcome),
            outcome.weights_hash
        );
        let facts = [
            (
                words.share_label,
                Some(words.percent(outcome.tally.share(threshold))),
            ),
            (words.cracks, none),
            (
                words.scale,
                cracks.and(photo.scale).map(|scale| words.scale_of(scale)),
            ),
            (words.photo_size, photo.size.map(words::size)),
            (
                words.worked_size,
                is_reduced.then(|| words::size(outcome.plan.size)),
            ),
            (words.mask, is_other_size.then(|| words::size(outcome.map))),
            (words.threshold, Some(words.threshold_value(threshold))),
            (
                words.left_out,
                (outcome.left_out > 0).then(|| outcome.left_out.to_string()),
            ),
            (words.made_by, Some(made_by)),
        ];
        facts
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
    }

    /// The overlay, with the cracks' numbers over it, each at its widest place.
    fn figure(&self, stem: &str, photo: &Photo, outcome: &Outcome, cracks: &[Crack]) -> Markup {
        let file = export::file_name(stem, outcome.mode, ExportKind::Overlay);
        let file = utf8_percent_encode(&file, ENCODED).to_string();
        let has_figure = (self.has_figure)(outcome.job);
        let picture = match has_figure {
            true => format!("figure:{}", outcome.job),
            false => file,
        };
        let threshold = self.threshold_of(outcome);
        let shown = self.words.announce_done(photo, outcome, threshold);
        let size = photo.size.unwrap_or(outcome.map);
        let ratio = f64::from(size.width) / f64::from(size.height);
        let labels = labels(cracks, size);
        html! {
            figure style={ "--ratio: " (format!("{ratio:.4}")) } {
                @if has_figure {
                    img src=(picture) alt=(shown) decoding="async";
                } @else {
                    a href=(picture) { img src=(picture) alt=(shown); }
                }
                // The longest last, over the others.
                @for ((index, crack), label) in cracks.iter().enumerate().zip(labels).rev() {
                    (number(index + 1, crack, size, label))
                }
            }
        }
    }

    /// One row a crack, and what to know of all of them.
    fn each_crack(
        &self,
        photo: &Photo,
        outcome: &Outcome,
        listed: &[Crack],
        count: usize,
    ) -> Markup {
        let words = self.words;
        let length = |pixels| words.length_of(pixels, photo.scale);
        let head = [
            words.number,
            words.length,
            words.mean_width,
            words.max_width,
        ];
        let rows = html! {
            @for (index, crack) in listed.iter().enumerate() {
                tr {
                    th scope="row" { (index + 1) }
                    td { (length(crack.length)) }
                    td { (length(crack.mean_width)) }
                    td { (length(crack.max_width)) }
                }
            }
        };
        html! {
            (table(words.each_crack, &head, rows))
            p {
                @if count > listed.len() { ((words.more_cracks)(count - listed.len())) " " }
                (words.width_hint_of(outcome, photo.scale))
            }
        }
    }
}

/// Where a crack is widest in a picture, as shares of its width and height.
fn place(crack: &Crack, size: Size) -> [f64; 2] {
    [(0, size.width), (1, size.height)]
        .map(|(axis, length)| (crack.widest[axis] + 0.5) / f64::from(length))
}

/// The cracks' numbers in a picture as it is printed; none where there is no room.
fn labels(cracks: &[Crack], size: Size) -> Vec<Option<Label>> {
    let [width, height] = [size.width, size.height].map(f64::from);
    let scale = (PAPER.0 / width).min(PAPER.1 / height);
    let picture = Picture {
        size: (scale * width, scale * height),
        covered: (0.0, 0.0),
    };
    let number = |crack| {
        let [x, y] = place(crack, size);
        Some(Wanted {
            place: (x * picture.size.0, y * picture.size.1),
            size: NUMBER,
        })
    };
    let wanted: Vec<_> = cracks.iter().map(number).collect();
    lay_out(&wanted, picture, None)
}

/// A ring at a crack's place in a picture, and its number, which longer cracks' lie over where it has no room: nobody can enlarge
/// paper.
fn number(number: usize, crack: &Crack, size: Size, label: Option<Label>) -> Markup {
    let [x, y] = place(crack, size).map(|share| 100.0 * share);
    let (is_left, is_below) = label.map_or((x > 90.0, y < 10.0), |label| {
        (label.is_left, label.is_below)
    });
    html! {
        i.left[is_left].below[is_below] style=(format!("left: {x:.2}%; top: {y:.2}%")) aria-hidden="true" {
            b { (number) }
        }
    }
}

fn table(caption: &str, head: &[&str], rows: Markup) -> Markup {
    html! {
        // It scrolls where the page is narrow, for the keyboard too.
        div.table tabindex="0" role="region" aria-label=(caption) {
            table {
                thead { tr { @for name in head { th scope="col" { (name) } } } }
                tbody { (rows) }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::panic, reason = "a failing test panics")]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::measure::{Crack, Scale};
    use crate::protocol::{Cause, Failure, FailureKind};
    use crate::web::ui::photo::{Cracks, Phase};
    use crate::web::ui::state::tests::{SIZE, job_of, ready, succeed};
    use crate::web::ui::tally::Tally;

    fn crack(length: f64, widest: [f64; 2]) -> Crack {
        Crack {
            length,
            mean_width: 2.0,
            max_width: 3.0,
            widest,
            area: 10,
            start: [0; 2],
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
                job,
                threshold: 0.4,
                measurements: Arc::new(Measurements {
                    cracks,
                    ..Measurements::default()
                }),
            });
        }
        let mut failed = Photo::new(7, "broken.jpg".to_owned());
        failed.phase = Phase::Failed(Failure::new(FailureKind::Photo, Cause::Unreadable));
        [found, failed]
    }

    fn html(threshold: f32) -> String {
        html_of(threshold, photos())
    }

    fn html_of(threshold: f32, photos: [Photo; 2]) -> String {
        match &parts_of(threshold, photos, &|_| false)[..] {
            [Part::Text(html)] => html.clone(),
            parts => panic!("{parts:?}"),
        }
    }

    fn parts_of(
        threshold: f32,
        [found, failed]: [Photo; 2],
        has_figure: &dyn Fn(JobId) -> bool,
    ) -> Vec<Part> {
        let report = Report {
            words: Words::of(Language::English),
            language: Language::English,
            day: "27/11/2026".to_owned(),
            chosen_threshold: Some(threshold),
            has_figure,
        };
        let [found, failed] = [(&found, Some("_i_ & #1_")), (&failed, None)];
        report.parts(&[found, failed].map(|(photo, stem)| Entry { photo, stem }))
    }

    #[test]
    fn figures_are_in_the_file() {
        let [mut found, failed] = photos();
        found.name = "src=\"figure:9\".jpg".to_owned();
        let job = found.outcome.as_ref().map(|outcome| outcome.job);
        let parts = parts_of(0.4, [found, failed], &|_| true);
        let [Part::Text(before), Part::Figure(figure), Part::Text(after)] = &parts[..] else {
            panic!("{parts:?}");
        };
        assert_eq!(Some(*figure), job);
        assert!(before.ends_with("<img src=\""), "{before}");
        assert!(after.starts_with("\" alt=\""), "{after}");
        assert!(after.ends_with("</html>"), "{after}");
    }

    #[test]
    fn a_report_lists_photos_and_numbers_their_cracks() {
        let html = html(0.4);
        for part in [
            "<html lang=\"en\">",
            "<dt>Inspected by</dt><dd><span class=\"blank\" contenteditable=\"true\"",
            ">&lt;i&gt; &amp; #1?.jpg (_i_ &amp; #1_)</a></th>",
            "<img src=\"_i_%20%26%20%231_.overlay.png\" alt=\"",
            "<td>2</td><td>30.0\u{a0}mm</td><td>1.0\u{a0}mm, up to 1.5\u{a0}mm</td>",
            "<tr><th scope=\"row\">1</th><td>20.0\u{a0}mm</td><td>1.0\u{a0}mm</td><td>1.5\u{a0}mm</td></tr>",
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
    fn what_a_person_left_out_is_no_lack_of_marks() {
        let [mut found, failed] = photos();
        if let Some(outcome) = &mut found.outcome {
            outcome.left_out = 2;
            outcome.tally = Tally::new(vec![12]);
            outcome.cracks = Some(Cracks {
                job: outcome.job,
                threshold: 0.4,
                measurements: Arc::default(),
            });
        }
        let html = html_of(0.4, [found, failed]);
        assert!(
            html.contains("<td>None (Left out by hand: 2)</td>"),
            "{html}"
        );
        assert!(
            html.contains("<dt>Left out by hand</dt><dd>2</dd>"),
            "{html}"
        );
        assert!(!html.contains("Nothing that is marked"), "{html}");
    }

    #[test]
    fn what_is_not_measured_at_the_threshold_has_no_figures() {
        let html = html(0.6);
        assert!(!html.contains("<b>"), "{html}");
        assert_eq!(html.matches("Not measured").count(), 2);
        assert!(!html.contains("mm</td>"), "{html}");
    }
}
