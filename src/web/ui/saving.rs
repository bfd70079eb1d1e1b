//! Downloads: pictures that the worker draws, tables, and all of them in one archive with a report. The files stay where the
//! browser has them: an archive is put together of them without being read.

use std::time::Duration;

use js_sys::{Array, Date, Object, Uint8Array};
use leptos::leptos_dom::helpers::debounce;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use web_sys::Blob;

use super::controller::Controller;
use super::dom;
use super::hand_over::ReadyFile;
use super::photo::{Outcome, Photo, PhotoId};
use super::report::{self, Entry, Part, Report};
use super::stage_map::shown_job;
use super::state::State;
use super::stems::Stems;
use super::words::Words;
use crate::archive::{Archive, crc32, crc32_of_both};
use crate::export;
use crate::measure::{self, Decimals, Measured};
use crate::protocol::{Export, ExportKind, JobId, Request};

/// How long the threshold has to rest before cracks are measured at it, and others are told of it.
pub(super) const REST: Duration = Duration::from_millis(200);

/// What is being written.
#[derive(Default)]
pub(super) struct Saving {
    /// The picture that the worker was asked for: one at a time.
    asked: Option<Asked>,
    /// Those that are there for an archive.
    pictures: Vec<Picture>,
    /// Of the marks in an archive's pictures, as it was when it began.
    opacity: f32,
}

/// A picture that the worker was asked for.
pub(super) struct Asked {
    job: JobId,
    kind: ExportKind,
    /// Of its file, or none where it is for an archive, whose files have their names at the end.
    name: Option<String>,
}

/// A picture of a result.
struct Picture {
    job: JobId,
    kind: ExportKind,
    png: Summed,
    /// As the report has it.
    figure: Option<Summed>,
}

/// A file, or a part of one, with its check sum.
#[derive(Clone)]
pub(super) struct Summed {
    file: Blob,
    crc32: u32,
}

/// Archives being put together, as one has room for so much only.
struct Packing {
    /// Those that are full, or complete.
    packed: Vec<Blob>,
    archive: Archive,
    /// What it consists of so far.
    parts: Array,
}

/// Asked for by the person.
impl Controller {
    /// Downloads the cracks of the photo on the stage as a table, once they are measured.
    pub(super) fn download_table(self) {
        let threshold = self.threshold.get_untracked();
        let table = self.state.with_untracked(|state| {
            let photo = state.shown_photo()?;
            let stem = photo.file_stem();
            let name = measure::file_name(Some(&stem));
            let row = measured(photo, stem, threshold)?;
            let jobs = vec![photo.outcome.as_ref()?.job];
            Some((name, measure::csv([&row], self.decimals()), jobs))
        });
        if let Some((name, table, jobs)) = table {
            match dom::file_of(table.as_bytes()) {
                Ok(file) => self.hand_over(ReadyFile { file, name, jobs }),
                Err(error) => self.has_no_room(&error),
            }
        }
    }

    fn has_no_room(self, error: &JsValue) {
        dom::log(error);
        self.state.update(State::not_saved);
    }

    /// Downloads all results in one archive. Without effect while a download is being written.
    pub(super) fn download_all(self) {
        if self.state.with_untracked(State::is_writing) {
            return;
        }
        self.saving.set_value(Saving {
            opacity: self.opacity(),
            ..Saving::default()
        });
        let chosen = self.look.with_untracked(|look| look.threshold);
        self.say(|words| words.exporting.to_owned());
        self.act(|state| state.collect(chosen));
    }
}

/// Asked for by the state.
impl Controller {
    pub(super) fn export(
        self,
        photo: PhotoId,
        outcome: &Outcome,
        kind: ExportKind,
        threshold: f32,
    ) {
        let kept = self.with_files(photo, |files| (files.file.clone(), files.map.clone()));
        let Some((file, Some((_, map)))) = kept else {
            return;
        };
        let is_for_archive = self
            .state
            .with_untracked(|state| state.collecting.is_some());
        let name = (!is_for_archive).then(|| {
            let stem = self
                .state
                .with_untracked(|state| state.photo(photo).map(Photo::file_stem));
            export::file_name(&stem.unwrap_or_default(), outcome.mode, kind)
        });
        self.saving.update_value(|saving| {
            let job = outcome.job;
            saving.asked = Some(Asked { job, kind, name });
        });
        let opacity = match is_for_archive {
            true => self.saving.with_value(|saving| saving.opacity),
            false => self.opacity(),
        };
        let provenance = outcome.provenance(&file.name(), threshold);
        let export = Export {
            kind,
            map: outcome.map,
            threshold,
            provenance: provenance.of(kind),
            opacity,
            with_figure: is_for_archive,
        };
        let job = outcome.job;
        self.send(Request::Export { job, export }, vec![map, file.into()]);
    }

    fn decimals(self) -> Decimals {
        Words::of(self.language.get_untracked()).decimals
    }

    fn opacity(self) -> f32 {
        self.look.with_untracked(|look| look.opacity) as f32
    }

    pub(super) fn measure(self, photo: PhotoId, outcome: &Outcome, threshold: f32) {
        let map = self.with_files(photo, |files| files.map.clone()).flatten();
        if let Some((_, map)) = map {
            let request = Request::Measure {
                job: outcome.job,
                map: outcome.map,
                threshold,
            };
            self.send(request, vec![map]);
        }
    }

    /// Has the cracks on the stage measured, and again when the threshold has come to rest elsewhere.
    pub(super) fn keep_measured(self) {
        // With whether an archive is written, as that may have to come first.
        let due = Memo::new(move |_| {
            let result = self.state.with(|state| {
                let (photo, job) = shown_job(state).filter(|_| state.measuring.is_none())?;
                Some((photo, job, state.collecting.is_some()))
            });
            result.filter(|_| self.has_controls())
        });
        let mut measure = debounce(REST, move |threshold| {
            self.act(|state| state.measure(threshold));
        });
        Effect::new(move |_| {
            let threshold = self.threshold.get();
            if due.get().is_some() {
                measure(threshold);
            }
        });
    }

    /// A picture that was asked for is there.
    pub(super) fn exported(self, png: Summed, figure: Option<Summed>) {
        let Some(asked) = self.not_exported() else {
            return;
        };
        if let Some(name) = &asked.name {
            self.hand_over(ReadyFile {
                file: png.file,
                name: name.clone(),
                jobs: vec![asked.job],
            });
        } else if self.state.with_untracked(wants_more) {
            let Asked { job, kind, .. } = asked;
            self.saving.update_value(|saving| {
                saving.pictures.push(Picture {
                    job,
                    kind,
                    png,
                    figure,
                });
            });
        }
    }

    /// Of an archive that was given up its pictures go.
    pub(super) fn forget_given_up(self) {
        if self
            .state
            .with_untracked(|state| state.collecting.is_none())
        {
            self.saving.update_value(|saving| saving.pictures.clear());
        }
    }

    /// A picture that was asked for will not come.
    pub(super) fn not_exported(self) -> Option<Asked> {
        self.saving
            .try_update_value(|saving| saving.asked.take())
            .flatten()
    }

    /// Hands over an archive of these photos' pictures, the table of their cracks and the report. A picture of a result that
    /// another one has taken the place of meanwhile is left out.
    pub(super) fn pack(self, photos: &[PhotoId], chosen: Option<f32>) {
        let pictures = self
            .saving
            .try_update_value(|saving| std::mem::take(&mut saving.pictures))
            .unwrap_or_default();
        let packed = self.state.with_untracked(|state| {
            let mut stems = Stems::default();
            let mut stem_of = |photo: &Photo| {
                let outcome = photo.outcome.as_ref()?;
                let is_packed = photos.contains(&photo.id);
                is_packed.then(|| stems.give(outcome.mode, &photo.file_stem()))
            };
            let stems: Vec<_> = state.photos.iter().map(&mut stem_of).collect();
            let entries: Vec<_> = state
                .photos
                .iter()
                .zip(&stems)
                .map(|(photo, stem)| Entry {
                    photo,
                    stem: stem.as_deref(),
                })
                .collect();
            self.pack_entries(&entries, &pictures, chosen)
        });
        match packed {
            Ok(ready) => {
                if !ready.is_empty() {
                    self.say(|words| words.exported_all.to_owned());
                }
                for file in ready {
                    self.hand_over(file);
                }
            }
            Err(error) => self.has_no_room(&error),
        }
    }

    /// The archives, none where there is nothing to pack; what the browser says where it refuses one.
    fn pack_entries(
        self,
        entries: &[Entry<'_>],
        pictures: &[Picture],
        chosen: Option<f32>,
    ) -> Result<Vec<ReadyFile>, JsValue> {
        let named: Vec<_> = entries
            .iter()
            .filter_map(|entry| Some((entry.stem?, entry.photo, entry.photo.outcome.as_ref()?)))
            .collect();
        // Where all photos were taken away meanwhile or failed.
        if named.is_empty() {
            return Ok(Vec::new());
        }
        let mut packing = Packing::default();
        for (stem, _, outcome) in &named {
            for picture in pictures.iter().filter(|picture| picture.job == outcome.job) {
                let name = export::file_name(stem, outcome.mode, picture.kind);
                packing.put(&name, &picture.png)?;
            }
        }
        let row = |&(stem, photo, outcome): &(&str, &Photo, &Outcome)| {
            measured(photo, stem.to_owned(), outcome.threshold_by(chosen))
        };
        let rows: Vec<Measured> = named.iter().filter_map(row).collect();
        let table = measure::csv(&rows, self.decimals());
        let table = (!rows.is_empty()).then(|| (measure::file_name(None), table));
        let table = table.map(|(name, table)| (name, Summed::of(&table)));
        let figure_of = |job| {
            let mut pictures = pictures.iter().filter(|picture| picture.job == job);
            pictures.find_map(|picture| picture.figure.clone())
        };
        let report = self.report_of(entries, &figure_of, chosen);
        let report = (report::FILE_NAME.to_owned(), report);
        for (name, file) in table.into_iter().chain([report]) {
            packing.put(&name, &file?)?;
        }
        packing.complete()?;
        let count = packing.packed.len();
        let ready = packing.packed.into_iter().enumerate().map(|(index, file)| {
            let is_last = index + 1 == count;
            let jobs = named.iter().map(|(_, _, outcome)| outcome.job);
            ReadyFile {
                file,
                name: match index {
                    0 => "cracks.zip".to_owned(),
                    index => format!("cracks-{}.zip", index + 1),
                },
                jobs: jobs.filter(|_| is_last).collect(),
            }
        });
        Ok(ready.collect())
    }

    /// Photos without a result are told of, too. What the browser says where it refuses the file.
    fn report_of(
        self,
        entries: &[Entry<'_>],
        figure_of: &dyn Fn(JobId) -> Option<Summed>,
        chosen_threshold: Option<f32>,
    ) -> Result<Summed, JsValue> {
        let language = self.language.get_untracked();
        // With the month as a word: of figures nobody knows which is the day.
        let style = Object::from_entries(&Array::of1(&Array::of2(
            &"dateStyle".into(),
            &"long".into(),
        )));
        let style = style.map_or(JsValue::UNDEFINED, JsValue::from);
        let today = Date::new_0().to_locale_date_string(language.tag(), &style);
        let report = Report {
            words: Words::of(language),
            language,
            day: today.into(),
            chosen_threshold,
            has_figure: &|job| figure_of(job).is_some(),
        };
        let parts = report.parts(entries).into_iter().map(|part| match part {
            Part::Text(text) => Summed::of(&text),
            Part::Figure(job) => figure_of(job).map_or_else(|| Summed::of(""), Ok),
        });
        Summed::joined(&parts.collect::<Result<Vec<_>, _>>()?)
    }
}

impl From<(Blob, u32)> for Summed {
    fn from((file, crc32): (Blob, u32)) -> Self {
        Self { file, crc32 }
    }
}

impl Summed {
    fn of(text: &str) -> Result<Self, JsValue> {
        let file = dom::file_of(text.as_bytes())?;
        Ok((file, crc32(text.as_bytes())).into())
    }

    fn bytes(&self) -> u64 {
        self.file.size() as u64
    }

    /// Parts as one file, which need not be read for that.
    fn joined(parts: &[Self]) -> Result<Self, JsValue> {
        let files: Array = parts.iter().map(|part| &part.file).collect();
        let file = Blob::new_with_blob_sequence(&files)?;
        let crc32 = parts.iter().fold(crc32(&[]), |so_far, part| {
            crc32_of_both(so_far, part.crc32, part.bytes())
        });
        Ok((file, crc32).into())
    }
}

impl Default for Packing {
    fn default() -> Self {
        Self {
            packed: Vec::new(),
            archive: Archive::of(now()),
            parts: Array::new(),
        }
    }
}

impl Packing {
    /// Puts in a file, into another archive where there is no room for it.
    fn put(&mut self, name: &str, content: &Summed) -> Result<(), JsValue> {
        let (bytes, crc32) = (content.bytes(), content.crc32);
        let header = match self.archive.add(name, bytes, crc32) {
            Some(header) => Some(header),
            None => {
                self.complete()?;
                self.archive.add(name, bytes, crc32)
            }
        };
        if let Some(header) = header {
            self.parts.push(&Uint8Array::from(header.as_slice()));
            self.parts.push(&content.file);
        }
        Ok(())
    }

    /// Completes the archive, and begins another one.
    fn complete(&mut self) -> Result<(), JsValue> {
        let end = std::mem::replace(&mut self.archive, Archive::of(now())).finish();
        let parts = std::mem::take(&mut self.parts);
        parts.push(&Uint8Array::from(end.as_slice()));
        self.packed.push(Blob::new_with_blob_sequence(&parts)?);
        Ok(())
    }
}

/// Whether what is being collected still goes into an archive.
fn wants_more(state: &State) -> bool {
    let collecting = state.collecting.as_ref();
    collecting.is_some_and(|collecting| !collecting.is_stopping)
}

/// The cracks of a photo, where they are measured at a threshold.
fn measured(photo: &Photo, stem: String, threshold: f32) -> Option<Measured> {
    let outcome = photo.outcome.as_ref()?;
    Some(Measured {
        stem,
        provenance: outcome.provenance(&photo.name, threshold),
        size: [outcome.map.width, outcome.map.height],
        scale: photo.scale,
        measurements: outcome.cracks_at(threshold)?.clone(),
    })
}

/// Year, month, day, hour, minute and second.
fn now() -> [u32; 6] {
    let now = Date::new_0();
    [
        now.get_full_year(),
        now.get_month() + 1,
        now.get_date(),
        now.get_hours(),
        now.get_minutes(),
        now.get_seconds(),
    ]
}
