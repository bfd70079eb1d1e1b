//! Keeps photos and results for another visit, as a tablet ends a page in the background without a word. Only where the page is the
//! app itself.
//!
//! Of each photo a session has its file, its preview, the map of its last result with what was taken out of it, and a record
//! of what is known of it. The record comes last and names the map, so that what is read belongs together whenever the page ended.

use js_sys::JSON;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use web_sys::{Blob, File};

use super::controller::Controller;
use super::dom;
use super::kept::Kept;
use super::ledger::{Entry, Lasting, Ledger, Step};
use super::photo::{Photo, PhotoId};
use super::session::{LeftOver, Session};
use super::state::State;
use super::words::IntakeError;
use crate::correction::Removed;
use crate::web::blob;

/// The parts of a photo in its session; of maps and of what was taken out of them the number follows.
const RECORD: &str = "record";
const FILE: &str = "file";
const PREVIEW: &str = "preview";
const MAP: &str = "map-";
const LEFT_OUT: &str = "left-out-";

/// What is known of a photo.
#[derive(Serialize, Deserialize)]
struct Record {
    lasting: Lasting,
    /// The number of its map.
    map: Option<u32>,
}

/// A photo of an earlier visit, with its files.
struct KeptPhoto {
    session: Session,
    key: u32,
    lasting: Lasting,
    file: File,
    preview: Option<Blob>,
    /// With its number, and what was taken out of it.
    map: Option<(u32, Blob, Vec<Removed>)>,
    /// Whether all could be read.
    is_whole: bool,
}

/// Handles to what is kept. They go with the owner that made them.
#[derive(Clone, Copy)]
pub(super) struct Autosave {
    controller: Controller,
    /// The app's own folder, ending in a slash.
    app_url: StoredValue<String>,
    /// Where new photos go; begun with the first of them.
    session: StoredValue<Option<Session>, LocalStorage>,
    ledger: StoredValue<Ledger<Session>, LocalStorage>,
    /// What has to be kept.
    all: Memo<Vec<Lasting>>,
    /// What could not be, as it was then.
    refused: StoredValue<Vec<Lasting>>,
    /// Whether it is at work: looking for what was left over at first, then writing.
    is_busy: StoredValue<bool>,
    /// Whether all stays as it is kept now.
    is_over: StoredValue<bool>,
    /// Whether work is kept.
    pub(super) kept: RwSignal<Kept>,
    /// What earlier visits left over.
    left_over: RwSignal<Vec<LeftOver>>,
}

impl Autosave {
    /// Keeps the photos from now on, and looks for those of earlier visits.
    pub(super) fn start(controller: Controller, app_url: String) -> Self {
        let all = Memo::new(move |_| {
            let threshold = controller.look.with(|look| look.threshold);
            controller.state.with(|state| {
                let own = state.photos.iter().filter(|photo| !photo.is_example);
                own.map(|photo| Lasting::of(photo, threshold)).collect()
            })
        });
        let this = Self {
            controller,
            app_url: StoredValue::new(app_url),
            session: StoredValue::new_local(None),
            ledger: StoredValue::new_local(Ledger::default()),
            all,
            refused: StoredValue::default(),
            is_busy: StoredValue::new(true),
            is_over: StoredValue::new(false),
            kept: RwSignal::new(Kept::NotYet),
            left_over: RwSignal::default(),
        };
        Effect::new(move |_| {
            all.track();
            spawn_local(this.write());
        });
        spawn_local(this.begin());
        this
    }

    /// How many photos earlier visits left over, and when the last of them was kept, as a date's number.
    pub(super) fn left_over(self) -> Option<(usize, f64)> {
        self.left_over.with(|left| {
            let count = left.iter().map(|left| left.photos).sum();
            let written = left.iter().map(|left| left.written);
            Some((count, written.reduce(f64::max)?))
        })
    }

    async fn begin(self) {
        let Some(app_url) = self.app_url.try_get_value() else {
            return;
        };
        match LeftOver::all(&app_url, RECORD).await {
            Ok(left) => {
                self.left_over.try_set(left);
                self.is_busy.try_update_value(|it| *it = false);
                self.write().await;
            }
            Err(error) => {
                dom::log(&error);
                self.kept.try_set(Kept::Never);
            }
        }
    }
}

/// Writing.
impl Autosave {
    /// Whether there are photos to keep, and all are kept as they are.
    pub(super) fn has_all(self) -> bool {
        self.kept.get() == Kept::Complete && self.all.with(|all| !all.is_empty())
    }

    /// Whether something can't be kept.
    pub(super) fn lacks_some(self) -> bool {
        matches!(self.kept.get(), Kept::Failed | Kept::Never)
    }

    /// Leaves all as it is kept now, so that the page can be emptied.
    pub(super) fn finish(self) {
        self.is_over.set_value(true);
    }

    /// Writes until what is kept is what there is.
    async fn write(self) {
        let was_busy = self
            .is_busy
            .try_update_value(|it| std::mem::replace(it, true));
        if was_busy != Some(false) {
            return;
        }
        while let Some(step) = self.next_step() {
            match step {
                Step::Keep(lasting) => {
                    let kept = self.keep(lasting.clone()).await;
                    self.refused.try_update_value(|refused| {
                        refused.retain(|before| before.photo.id != lasting.photo.id);
                        refused.extend(kept.is_err().then_some(lasting));
                    });
                    or_log(kept);
                }
                Step::Forget(photo, entry) => {
                    self.ledger.try_update_value(|ledger| ledger.forget(photo));
                    or_log(entry.session.forget(entry.key, RECORD).await);
                    // There may be room now.
                    self.refused.try_update_value(Vec::clear);
                }
            }
        }
        let kept = match self.next_but(&[]) {
            None => Kept::Complete,
            Some(_) => Kept::Failed,
        };
        if kept == Kept::Failed && self.kept.try_get_untracked() != Some(kept) {
            self.controller.say(|words| words.work_not_kept.to_owned());
        }
        self.kept.try_set(kept);
        self.is_busy.try_update_value(|it| *it = false);
    }

    fn next_step(self) -> Option<Step<Session>> {
        let refused = self.refused.try_get_value()?;
        let next = self.next_but(&refused)?;
        if refused.is_empty() {
            self.kept.try_set(Kept::NotYet);
        }
        Some(next)
    }

    /// What is to be done next, but for what was refused.
    fn next_but(self, refused: &[Lasting]) -> Option<Step<Session>> {
        if self.is_over.try_get_value() != Some(false) {
            return None;
        }
        let all = self.all.try_get_untracked()?;
        let next = |ledger: &Ledger<Session>| ledger.next(&all, refused);
        self.ledger.try_with_value(next).flatten()
    }

    async fn keep(self, lasting: Lasting) -> Result<(), JsValue> {
        let Some(before) = self.entry(lasting.photo.id).await? else {
            return Ok(());
        };
        let kept = self.keep_in(&before, lasting).await;
        if kept.is_err() && before.lasting.is_none() {
            // What has no record would only be in the way of others.
            or_log(before.session.forget(before.key, RECORD).await);
        }
        kept
    }

    async fn keep_in(self, before: &Entry<Session>, lasting: Lasting) -> Result<(), JsValue> {
        let photo = &lasting.photo;
        let job = photo.outcome.as_ref().map(|outcome| outcome.job);
        let mut after = before.clone();
        after.map = before.map.filter(|(its, _)| Some(*its) == job);
        let found = self.controller.with_files(photo.id, |files| {
            let preview = files.preview.as_ref().map(|preview| preview.file.clone());
            let is_due = |map: &&(_, _)| after.map.is_none() && Some(map.0) == job;
            let map = files.map.as_ref().filter(is_due);
            let map =
                map.map(|(its, map)| (*its, map.clone(), Removed::write_all(&files.left_out)));
            (files.file.clone(), preview, map)
        });
        // Taken away meanwhile, or the page is gone.
        let Some((file, preview, map)) = found else {
            return Ok(());
        };
        let (session, key) = (&before.session, before.key);
        if before.lasting.is_none() {
            session.put(key, FILE, &file).await?;
        }
        let had_preview = |lasting: &Lasting| lasting.photo.preview.is_some();
        if let Some(preview) = preview
            && !before.lasting.as_ref().is_some_and(had_preview)
        {
            session.put(key, PREVIEW, &preview).await?;
        }
        if let Some((its, map, left_out)) = map {
            let number = before.map.map_or(0, |(_, number)| number) + 1;
            session.put(key, &format!("{MAP}{number}"), &map).await?;
            let left_out = dom::file_of(&left_out)?;
            let part = format!("{LEFT_OUT}{number}");
            session.put(key, &part, &left_out).await?;
            after.map = Some((its, number));
        }
        let id = photo.id;
        let record = Record {
            lasting,
            map: after.map.map(|(_, number)| number),
        };
        let text = JSON::stringify(&serde_wasm_bindgen::to_value(&record)?)?;
        let text = dom::file_of(String::from(text).as_bytes())?;
        session.put(key, RECORD, &text).await?;
        let is_other_map = after.map != before.map;
        after.lasting = Some(record.lasting);
        self.ledger
            .try_update_value(|ledger| ledger.note(id, after));
        if is_other_map {
            or_log(delete_map(before).await);
        }
        Ok(())
    }

    /// What is kept of a photo, or where it is to be; none once the page is gone.
    async fn entry(self, photo: PhotoId) -> Result<Option<Entry<Session>>, JsValue> {
        let known = self.ledger.try_with_value(|ledger| ledger.entry(photo));
        if let Some(Some(entry)) = known {
            return Ok(Some(entry));
        }
        let session = match self.session.try_get_value().flatten() {
            Some(session) => session,
            None => {
                let app_url = self.app_url.try_get_value().unwrap_or_default();
                let session = Session::begin(&app_url).await?;
                self.session
                    .try_update_value(|kept| *kept = Some(session.clone()));
                session
            }
        };
        let begun = self
            .ledger
            .try_update_value(|ledger| ledger.begin(photo, session));
        Ok(begun)
    }
}

/// Reading.
impl Autosave {
    /// Puts what earlier visits left over into the queue.
    pub(super) async fn open(self) {
        let (mut photos, mut trouble) = (Vec::new(), None);
        for left in self.left_over.try_get_untracked().unwrap_or_default() {
            match read_session(&left).await {
                Ok(Some(read)) => {
                    for photo in read {
                        match photo {
                            Ok(photo) => {
                                if !photo.is_whole {
                                    trouble = Some(IntakeError::Kept);
                                }
                                photos.push(photo);
                            }
                            Err(error) => {
                                dom::log(&error);
                                trouble = Some(IntakeError::Kept);
                            }
                        }
                    }
                }
                Ok(None) => trouble = Some(IntakeError::Elsewhere),
                Err(error) => {
                    dom::log(&error);
                    trouble = Some(IntakeError::Kept);
                }
            }
        }
        self.take_in(photos);
        self.end(trouble);
    }

    /// Deletes what earlier visits left over.
    pub(super) async fn delete(self) {
        let mut trouble = None;
        for left in self.left_over.try_get_untracked().unwrap_or_default() {
            match left.delete().await {
                Ok(true) => {}
                Ok(false) => trouble = Some(IntakeError::Elsewhere),
                Err(error) => {
                    dom::log(&error);
                    trouble = Some(IntakeError::Kept);
                }
            }
        }
        if trouble.is_none() {
            self.controller.say(|words| words.deleted.to_owned());
        }
        self.end(trouble);
    }

    fn end(self, trouble: Option<IntakeError>) {
        if trouble.is_some() {
            self.controller.intake_error.try_set(trouble);
        }
        self.left_over.try_set(Vec::new());
    }

    fn take_in(self, kept: Vec<KeptPhoto>) {
        let controller = self.controller;
        let chosen = kept.last().and_then(|kept| kept.lasting.threshold);
        controller
            .look
            .update(|look| look.threshold = look.threshold.or(chosen));
        let photos = kept.iter().map(|kept| kept.lasting.clone().into_photo());
        let ids = controller.state.try_update(|state| state.enqueue(photos));
        for (id, kept) in ids.into_iter().flatten().zip(kept) {
            let job = controller.state.with_untracked(|state| {
                let outcome = state.photo(id)?.outcome.as_ref()?;
                Some(outcome.job)
            });
            let map = kept.map.zip(job);
            let number = map.as_ref().map(|((number, ..), job)| (*job, *number));
            controller.pictures.update_value(|pictures| {
                pictures.add(id, kept.file.clone());
                if let Some((files, ((_, map, left_out), job))) = pictures.get_mut(id).zip(map) {
                    (files.map, files.left_out) = (Some((job, map)), left_out);
                }
            });
            match &kept.preview {
                Some(preview) => controller.keep_preview(id, preview),
                None => controller.ask_for_thumbnail_of_file(id, &kept.file),
            }
            let lasting = controller.state.with_untracked(|state| {
                let photo = state.photo(id)?;
                Some(Lasting::of(photo, kept.lasting.threshold))
            });
            let entry = Entry {
                session: kept.session,
                key: kept.key,
                lasting,
                map: number,
            };
            self.ledger.update_value(|ledger| ledger.note(id, entry));
        }
        controller.act(State::send_next);
    }
}

/// The photos of a session, which is this page's from now on; none where another page has it.
async fn read_session(left: &LeftOver) -> Result<Option<Vec<Result<KeptPhoto, JsValue>>>, JsValue> {
    let Some(session) = Session::take_over(left).await? else {
        return Ok(None);
    };
    let mut photos = Vec::new();
    for key in session.photos_with(RECORD).await? {
        photos.push(read(&session, key).await);
    }
    Ok(Some(photos))
}

/// Where only its file can be read, the photo is as new.
async fn read(session: &Session, key: u32) -> Result<KeptPhoto, JsValue> {
    let file = session
        .get(key, FILE)
        .await?
        .ok_or("a photo without its file")?;
    let record = or_log(read_record(session, key).await);
    let map = match record.as_ref().and_then(|record| record.map) {
        Some(number) => or_log(read_map(session, key, number).await).flatten(),
        None => None,
    };
    let has_result = |record: &Record| record.lasting.photo.outcome.is_some();
    let is_whole = record.is_some() && record.as_ref().is_some_and(has_result) == map.is_some();
    let nameless = || Lasting::of(&Photo::new(0, key.to_string()), None);
    let mut lasting = record.map_or_else(nameless, |record| record.lasting);
    if map.is_none() {
        lasting.photo.outcome = None;
    }
    Ok(KeptPhoto {
        session: session.clone(),
        key,
        file: dom::named(&file, &lasting.photo.name)?,
        lasting,
        preview: or_log(session.get(key, PREVIEW).await).flatten(),
        map,
        is_whole,
    })
}

async fn read_record(session: &Session, key: u32) -> Result<Record, JsValue> {
    let text = session
        .get(key, RECORD)
        .await?
        .ok_or("a photo without its record")?;
    let text = bytes(&text).await?;
    let value = JSON::parse(&String::from_utf8_lossy(&text))?;
    Ok(serde_wasm_bindgen::from_value(value)?)
}

async fn read_map(
    session: &Session,
    key: u32,
    number: u32,
) -> Result<Option<(u32, Blob, Vec<Removed>)>, JsValue> {
    let map = session.get(key, &format!("{MAP}{number}")).await?;
    let left_out = session.get(key, &format!("{LEFT_OUT}{number}")).await?;
    let (Some(map), Some(left_out)) = (map, left_out) else {
        return Ok(None);
    };
    let left_out = Removed::read_all(&bytes(&left_out).await?);
    Ok(left_out.map(|left_out| (number, map, left_out)))
}

async fn bytes(file: &Blob) -> Result<Vec<u8>, JsValue> {
    let read = blob::read(file).await;
    read.map_err(|error| error.to_string().into())
}

async fn delete_map(entry: &Entry<Session>) -> Result<(), JsValue> {
    if let Some((_, number)) = entry.map {
        for part in [MAP, LEFT_OUT] {
            let part = format!("{part}{number}");
            entry.session.delete(entry.key, &part).await?;
        }
    }
    Ok(())
}

fn or_log<T>(done: Result<T, JsValue>) -> Option<T> {
    done.map_err(|error| dom::log(&error)).ok()
}
