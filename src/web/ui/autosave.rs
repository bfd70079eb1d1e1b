//! Keeps photos and results for another visit, as a tablet ends a page in the background without a word. Only where the page is the
//! app itself.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

use super::controller::Controller;
use super::dom;
use super::kept::Kept;
use super::kept_photo::{self, Due, KeptPhoto};
use super::ledger::{Entry, Lasting, Ledger, Step};
use super::photo::{Photo, PhotoId};
use super::session::{LeftOver, Session};
use super::state::State;
use super::words::IntakeError;

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
    /// What to do once all is kept that can be.
    finishing: StoredValue<Option<Finishing>, LocalStorage>,
    /// Whether what was left over is being opened or deleted.
    pub(super) is_in_hand: RwSignal<bool>,
    /// Whether work is kept.
    pub(super) kept: RwSignal<Kept>,
    /// What earlier visits left over.
    left_over: RwSignal<Vec<LeftOver>>,
}

/// What is done at the end, by what is kept then.
type Finishing = Box<dyn FnOnce(Autosave, Kept)>;

/// How [`Autosave::finish`] ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Finish {
    /// All is left as it is kept.
    Left,
    /// Something came that can't be kept: all goes on.
    Stays,
}

impl Autosave {
    /// Keeps the photos from now on, and looks for those of earlier visits.
    pub(super) fn start(controller: Controller, app_url: String) -> Self {
        let all = Memo::new(move |_| {
            let threshold = controller.look.with(|look| look.threshold);
            controller.state.with(|state| {
                let is_own = |photo: &&Photo| !photo.is_example && !photo.is_unreadable();
                let own = state.photos.iter().filter(is_own);
                let mut all: Vec<_> = own.map(|photo| Lasting::of(photo, None)).collect();
                // One is for all photos; with each, all would be written again at each move of the slider.
                if let Some(last) = all.last_mut() {
                    last.threshold = threshold;
                }
                all
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
            finishing: StoredValue::new_local(None),
            is_in_hand: RwSignal::new(false),
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

    fn tell_left_over(self) {
        if let Some((count, written)) = untrack(|| self.left_over()) {
            let when = self.controller.language.get_untracked();
            let when = when.date_and_time(written);
            self.controller.say(|words| (words.left_over)(count, &when));
        }
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
        match LeftOver::all(&app_url, kept_photo::RECORD).await {
            Ok(all) => {
                let (of_use, of_none) = all.into_iter().partition(LeftOver::is_of_use);
                // It gives back what it has no use for any more.
                if self.left_over.try_set(of_use).is_some() {
                    return;
                }
                self.tell_left_over();
                self.is_busy.try_update_value(|it| *it = false);
                spawn_local(self.tidy(of_none));
                self.write().await;
            }
            Err(error) => {
                dom::log(&error);
                self.kept.try_set(Kept::Never);
                self.end_at(Kept::Never);
            }
        }
    }
}

/// Writing.
impl Autosave {
    /// Deletes what nobody wants any more. It may be much, and nothing waits for it.
    async fn tidy(self, of_none: Vec<LeftOver>) {
        for left in of_none {
            // One that can't be deleted is in the way of no other.
            dom::or_log(left.delete().await.map(drop));
        }
        // There may be room now.
        self.refused.try_update_value(Vec::clear);
        self.write().await;
    }

    /// Whether there are photos to keep, and all are kept as they are.
    pub(super) fn has_all(self) -> bool {
        self.kept.get() == Kept::Complete && self.all.with(|all| !all.is_empty())
    }

    /// Whether something can't be kept.
    pub(super) fn lacks_some(self) -> bool {
        matches!(self.kept.get(), Kept::Failed | Kept::Never)
    }

    /// Keeps what there is, and then leaves all as it is kept, so that the page can be emptied. Where it was `promised` that all
    /// is kept, and that has become wrong, all goes on. `then` is told which of the two.
    pub(super) fn finish(self, promised: bool, then: impl FnOnce(Finish) + 'static) {
        if self.kept.get_untracked() == Kept::Never {
            return then(Finish::Left);
        }
        // The last chance.
        self.refused.update_value(Vec::clear);
        self.finishing.set_value(Some(Box::new(move |this, kept| {
            let stays = promised && kept != Kept::Complete;
            this.is_over.try_set_value(!stays);
            then(if stays { Finish::Stays } else { Finish::Left });
        })));
        spawn_local(self.write());
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
                    let id = lasting.photo.id;
                    let was_kept = self.has_record(id);
                    let kept = self.keep(lasting.clone()).await;
                    self.refused.try_update_value(|refused| {
                        // Where there was room for a whole photo there may be for others.
                        let has_room = !was_kept && kept.is_ok();
                        refused.retain(|before| before.photo.id != id && !has_room);
                        refused.extend(kept.is_err().then_some(lasting));
                    });
                    dom::or_log(kept);
                }
                Step::Forget(photo, entry) => {
                    self.ledger.try_update_value(|ledger| ledger.forget(photo));
                    dom::or_log(kept_photo::forget(&entry).await);
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
        self.end_at(kept);
    }

    /// Does what is to be done at the end, if anything, by what is kept then.
    fn end_at(self, kept: Kept) {
        if let Some(then) = self.finishing.try_update_value(Option::take).flatten() {
            then(self, kept);
        }
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

    fn has_record(self, photo: PhotoId) -> bool {
        let entry = self.ledger.try_with_value(|ledger| ledger.entry(photo));
        let lasting = entry.flatten().and_then(|entry| entry.lasting);
        lasting.is_some()
    }

    async fn keep(self, lasting: Lasting) -> Result<(), JsValue> {
        let Some(before) = self.entry(lasting.photo.id).await? else {
            return Ok(());
        };
        let kept = self.keep_in(&before, lasting).await;
        if kept.is_err() && before.lasting.is_none() {
            // What has no record would only be in the way of others.
            dom::or_log(kept_photo::forget(&before).await);
        }
        kept
    }

    async fn keep_in(self, before: &Entry<Session>, lasting: Lasting) -> Result<(), JsValue> {
        let id = lasting.photo.id;
        let due = self
            .controller
            .with_files(id, |files| Due::of(files, before, &lasting.photo));
        // None where it was taken away meanwhile, or the page is gone.
        if let Some(due) = due {
            let after = due.write(before, lasting).await?;
            self.ledger
                .try_update_value(|ledger| ledger.note(id, after));
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
    pub(super) fn open(self) {
        self.is_in_hand.set(true);
        // What began to come before is not waited for any more.
        let intake = self.controller.begin_intake();
        spawn_local(self.read_in(intake));
    }

    async fn read_in(self, intake: u32) {
        let (mut photos, mut trouble) = (Vec::new(), None);
        for left in self.left_over.try_get_untracked().unwrap_or_default() {
            match kept_photo::read_all(&left).await {
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
        self.take_in(photos, intake);
        self.end(trouble);
    }

    /// Deletes what earlier visits left over.
    pub(super) fn delete(self) {
        self.is_in_hand.set(true);
        spawn_local(self.delete_all());
    }

    async fn delete_all(self) {
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
        self.is_in_hand.try_set(false);
    }

    fn take_in(self, kept: Vec<KeptPhoto>, intake: u32) {
        let controller = self.controller;
        // Then what the person brought meanwhile stays on the stage.
        let is_overtaken = controller.intakes.try_get_value() != Some(intake);
        let chosen = kept.iter().rev().find_map(|kept| kept.lasting.threshold);
        controller
            .look
            .update(|look| look.threshold = look.threshold.or(chosen));
        let photos = kept.iter().map(|kept| kept.lasting.clone().into_photo());
        let ids = controller.state.try_update(|state| {
            let shown = state.shown.filter(|_| is_overtaken);
            let ids = state.enqueue(photos);
            if let Some(shown) = shown {
                state.select(shown);
            }
            ids
        });
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
