//! Joins the state, the worker's client and the pictures: carries out what the state asks for, and keeps the stage's
//! pixels in step with the photo that is on it. Every component gets it from its context.

use std::rc::Rc;

use js_sys::{ArrayBuffer, Uint8Array};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use web_sys::{Blob, File};

use super::dom::{self, Canvas, ObjectUrl};
use super::look::Look;
use super::photo::{Outcome, Photo, PhotoId};
use super::pictures::{Kept, Pictures};
use super::preferences::Preferences;
use super::state::{Effect as Task, Readiness, State};
use super::tally::Tally;
use super::words;
use crate::protocol::{
    BackendChoice, ExportKind, Failure, FailureKind, JobId, Provenance, Reply, Request, Settings,
    Size,
};
use crate::web::client::Client;

/// Quality of the small pictures.
const THUMBNAIL_QUALITY: f64 = 0.8;

/// Endings of files that are weights and not photos.
const WEIGHTS_ENDINGS: [&str; 2] = [".bpk", ".safetensors"];

/// The preview of the photo on the stage.
#[derive(Clone)]
pub(super) struct Preview {
    pub(super) photo: PhotoId,
    pub(super) canvas: Rc<Canvas>,
}

/// The probability map of the photo on the stage.
#[derive(Clone)]
pub(super) struct StageMap {
    pub(super) job: JobId,
    pub(super) size: Size,
    pub(super) values: Rc<[u8]>,
}

/// Handles to everything the page owns. They go with the owner that made them.
#[derive(Clone, Copy)]
pub(super) struct Controller {
    pub(super) state: RwSignal<State>,
    pub(super) look: RwSignal<Look>,
    /// What goes wrong in the page itself, beside the buttons that bring photos in.
    pub(super) intake_error: RwSignal<Option<&'static str>>,
    pub(super) preview: RwSignal<Option<Preview>, LocalStorage>,
    pub(super) map: RwSignal<Option<StageMap>, LocalStorage>,
    pictures: StoredValue<Pictures, LocalStorage>,
    client: StoredValue<Option<Client>, LocalStorage>,
    base_url: StoredValue<String>,
    /// The backend that the person chose last, whatever became of it.
    preferred_backend: RwSignal<BackendChoice>,
}

/// The page's life.
impl Controller {
    /// Starts the worker and with it the engine.
    pub(super) fn start(base_url: String) -> Self {
        let preferences = Preferences::load();
        let this = Self {
            state: RwSignal::new(State::new(preferences.mode, preferences.backend)),
            look: RwSignal::new(Look {
                view: preferences.view,
                opacity: preferences.opacity,
                ..Look::default()
            }),
            intake_error: RwSignal::default(),
            preview: RwSignal::new_local(None),
            map: RwSignal::new_local(None),
            pictures: StoredValue::new_local(Pictures::default()),
            client: StoredValue::new_local(None),
            base_url: StoredValue::new(base_url),
            preferred_backend: RwSignal::new(preferences.backend),
        };
        match Client::start(&this.base_url.get_value(), move |reply, buffers| {
            this.receive(reply, buffers);
        }) {
            Ok(client) => {
                this.client.set_value(Some(client));
                this.start_engine(preferences.backend);
            }
            Err(error) => {
                let failure = Failure {
                    kind: FailureKind::Device,
                    message: error.to_string(),
                };
                this.state
                    .update(|state| state.readiness = Readiness::Failed(failure));
            }
        }
        this.keep_stage_in_step();
        this.keep_preferences();
        this
    }

    /// Chooses the backend.
    pub(super) fn choose_backend(self, backend: BackendChoice) {
        self.preferred_backend.set(backend);
        self.act(|state| state.set_backend(backend));
    }

    fn keep_preferences(self) {
        let preferences = Memo::new(move |_| Preferences {
            mode: self.state.with(|state| state.mode),
            backend: self.preferred_backend.get(),
            view: self.look.with(|look| look.view),
            opacity: self.look.with(|look| look.opacity),
        });
        Effect::new(move |before: Option<()>| {
            let preferences = preferences.get();
            if before.is_some() {
                preferences.save();
            }
        });
    }

    /// The one of this page.
    pub(super) fn of_context() -> Self {
        expect_context()
    }

    /// Address of a file that came with the page.
    pub(super) fn url(self, path: &str) -> String {
        self.base_url.with_value(|base| format!("{base}{path}"))
    }

    /// Changes the state and carries out what follows. Without effect once the page is gone.
    pub(super) fn act(self, change: impl FnOnce(&mut State) -> Vec<Task>) {
        for task in self.state.try_update(change).into_iter().flatten() {
            match task {
                Task::Start(backend) => self.start_engine(backend),
                Task::Segment {
                    photo,
                    job,
                    settings,
                } => spawn_local(self.segment(photo, job, settings)),
                Task::Cancel(job) => self.send(Request::Cancel { job }, Vec::new()),
                Task::Export {
                    photo,
                    outcome,
                    kind,
                } => spawn_local(self.export(photo, outcome, kind)),
                Task::Forget(photo) => self
                    .pictures
                    .update_value(|pictures| pictures.forget(photo)),
            }
        }
    }

    fn send(self, request: Request, buffers: Vec<ArrayBuffer>) {
        // Cloned, so that nothing is borrowed while the client works.
        if let Some(client) = self.client.try_get_value().flatten() {
            client.send(request, buffers);
        }
    }
}

/// Files coming in.
impl Controller {
    /// Takes in photos, and weights by their ending.
    pub(super) fn take_files(self, files: Vec<File>) {
        self.intake_error.set(None);
        let is_weights = |file: &File| {
            let name = file.name().to_lowercase();
            WEIGHTS_ENDINGS.iter().any(|ending| name.ends_with(ending))
        };
        let (weights, photos): (Vec<_>, Vec<_>) = files.into_iter().partition(is_weights);
        if let Some(file) = weights.into_iter().next() {
            self.take_weights(file);
        }
        if photos.is_empty() {
            return;
        }
        let mut ids = Vec::new();
        self.state
            .update(|state| ids = state.add(photos.iter().map(File::name)));
        self.pictures.update_value(|pictures| {
            for (&id, file) in ids.iter().zip(photos) {
                pictures.add(id, file);
            }
        });
        self.act(State::send_next);
        spawn_local(self.make_thumbnails(ids));
    }

    /// Uses other weights from now on.
    pub(super) fn take_weights(self, file: File) {
        self.act(|state| {
            state.weights_sent();
            Vec::new()
        });
        spawn_local(async move {
            match dom::read(&file).await {
                Ok(bytes) => self.send(
                    Request::UseWeights {
                        file_name: file.name(),
                    },
                    vec![bytes],
                ),
                Err(error) => self.fail(None, FailureKind::Weights, &error),
            }
        });
    }

    /// Takes in an example picture.
    pub(super) fn take_example(self, file_name: &'static str) {
        spawn_local(async move {
            match dom::fetch_file(&self.url(&format!("www/examples/{file_name}")), file_name).await
            {
                Ok(file) => self.take_files(vec![file]),
                Err(error) => {
                    dom::log(&error);
                    self.intake_error.try_set(Some(words::EXAMPLE_FAILED));
                }
            }
        });
    }

    /// Takes in what is on the clipboard.
    pub(super) fn take_clipboard(self) {
        spawn_local(async move {
            let files = dom::paste_files().await.unwrap_or_else(|error| {
                dom::log(&error);
                Vec::new()
            });
            if files.is_empty() {
                self.intake_error.try_set(Some(words::PASTE_NOTHING));
            } else {
                self.take_files(files);
            }
        });
    }

    /// One after the other, so that a long queue does not decode all at once. What the browser can't read gets its
    /// small picture when the worker has read it.
    async fn make_thumbnails(self, ids: Vec<PhotoId>) {
        for id in ids {
            let Some(file) = self.with_kept(id, |kept| kept.file.clone()) else {
                continue;
            };
            if let Ok(canvas) = Canvas::thumbnail_of_file(&file).await {
                self.keep_thumbnail(id, &canvas).await;
            }
        }
    }

    async fn keep_thumbnail(self, id: PhotoId, canvas: &Canvas) {
        let url = canvas
            .to_jpeg(THUMBNAIL_QUALITY)
            .await
            .and_then(|jpeg| ObjectUrl::new(&jpeg));
        let kept = url.ok().and_then(|url| {
            self.pictures
                .try_update_value(|pictures| pictures.keep_thumbnail(id, url))
                .flatten()
        });
        if let Some(url) = kept {
            self.act(|state| {
                state.set_thumbnail(id, url);
                Vec::new()
            });
        }
    }
}

/// To the worker and back.
impl Controller {
    fn start_engine(self, backend: BackendChoice) {
        if let Some(client) = self.client.try_get_value().flatten() {
            let weights_url = client.weights_url();
            client.send(
                Request::Start {
                    backend,
                    weights_url,
                    recovering: false,
                },
                Vec::new(),
            );
        }
    }

    async fn segment(self, photo: PhotoId, job: JobId, settings: Settings) {
        let Some(file) = self.with_kept(photo, |kept| kept.file.clone()) else {
            return;
        };
        match dom::read(&file).await {
            Ok(bytes) => self.send(Request::Segment { job, settings }, vec![bytes]),
            Err(error) => self.fail(Some(job), FailureKind::Photo, &error),
        }
    }

    async fn export(self, photo: PhotoId, outcome: Outcome, kind: ExportKind) {
        let Some((file, values)) =
            self.with_kept(photo, |kept| (kept.file.clone(), kept.map.clone()))
        else {
            return;
        };
        let job = outcome.job;
        let read = async {
            let (_, values) = values.ok_or(JsValue::NULL)?;
            let mut buffers = vec![dom::read(&values).await?];
            if kind == ExportKind::Overlay {
                buffers.push(dom::read(&file).await?);
            }
            Ok::<_, JsValue>(buffers)
        };
        match read.await {
            Ok(buffers) => {
                let Some(look) = self.look.try_get_untracked() else {
                    return;
                };
                let threshold = look
                    .threshold
                    .unwrap_or(self.state.with_untracked(State::shipped_threshold));
                let request = Request::Export {
                    job,
                    kind,
                    map: outcome.map,
                    provenance: Provenance {
                        photo: file.name(),
                        mode: outcome.mode,
                        scale: outcome.plan.scale,
                        threshold,
                        weights: outcome.weights,
                        backend: words::backend(outcome.backend).to_owned(),
                    },
                    opacity: look.opacity as f32,
                };
                self.send(request, buffers);
            }
            Err(error) => self.fail(Some(job), FailureKind::Export, &error),
        }
    }

    fn receive(self, reply: Reply, buffers: Vec<ArrayBuffer>) {
        let buffer = buffers.into_iter().next();
        match (reply, buffer) {
            (Reply::Segmented { job, map, seconds }, Some(values)) => {
                self.finish(job, map, seconds, &values);
            }
            (Reply::Decoded { job, photo, plan }, Some(preview)) => {
                let id = self.state.with_untracked(|state| state.photo_of(job));
                if let Some(id) =
                    id.filter(|&id| self.with_kept(id, |kept| kept.preview.is_none()) == Some(true))
                {
                    self.keep_preview(id, &preview);
                }
                self.act(|state| state.receive(Reply::Decoded { job, photo, plan }));
            }
            (Reply::Exported { job, kind }, Some(png)) => {
                self.hand_over(job, kind, &png);
                self.act(|state| state.receive(Reply::Exported { job, kind }));
            }
            (reply, _) => self.act(|state| state.receive(reply)),
        }
    }

    fn finish(self, job: JobId, size: Size, seconds: f64, buffer: &ArrayBuffer) {
        let photo = self.state.with_untracked(|state| state.photo_of(job));
        let values: Rc<[u8]> = Uint8Array::new(buffer).to_vec().into();
        if let Some(photo) = photo {
            match dom::blob_of(buffer, "application/octet-stream") {
                Ok(blob) => self.pictures.update_value(|pictures| {
                    if let Some(kept) = pictures.get_mut(photo) {
                        kept.map = Some((job, blob));
                    }
                }),
                Err(error) => return self.fail(Some(job), FailureKind::Photo, &error),
            }
        }
        let tally = Tally::of(&values);
        self.act(|state| state.finish(job, size, seconds, tally));
        if photo.is_some() && photo == self.state.with_untracked(|state| state.shown) {
            self.map.set(Some(StageMap { job, size, values }));
        }
    }

    fn hand_over(self, job: JobId, kind: ExportKind, png: &ArrayBuffer) {
        let name = self.state.with_untracked(|state| {
            let made_it = |outcome: &Outcome| outcome.job == job;
            let photo = state
                .photos
                .iter()
                .find(|photo| photo.outcome.as_ref().is_some_and(made_it));
            let mode = photo.and_then(|photo| Some(photo.outcome.as_ref()?.mode));
            words::export_file(
                photo.map_or("photo", Photo::stem),
                mode.unwrap_or_default(),
                kind,
            )
        });
        let handed = dom::blob_of(png, "image/png").and_then(|blob| dom::download(&blob, &name));
        if let Err(error) = handed {
            dom::log(&error);
        }
    }

    fn fail(self, job: Option<JobId>, kind: FailureKind, error: &JsValue) {
        dom::log(error);
        let failure = Failure {
            kind,
            message: words::UNREADABLE_FILE.to_owned(),
        };
        self.act(|state| state.fail(job, failure));
    }
}

/// The stage's pixels.
impl Controller {
    /// Loads preview and map of whichever photo is put on the stage.
    fn keep_stage_in_step(self) {
        let shown = Memo::new(move |_| self.state.with(|state| state.shown));
        Effect::new(move |_| {
            // Read, not only tracked: a memo that nobody reads never changes.
            shown.get();
            self.preview.set(None);
            self.load_preview();
        });
        let result = Memo::new(move |_| self.state.with(shown_result));
        Effect::new(move |_| match result.get() {
            None => self.map.set(None),
            Some((photo, job)) => {
                if self
                    .map
                    .with_untracked(|map| map.as_ref().map(|map| map.job))
                    != Some(job)
                {
                    self.map.set(None);
                    spawn_local(self.load_map(photo, job));
                }
            }
        });
    }

    /// Keeps the preview of a photo that was just read, and makes the small picture of one that only the worker reads.
    fn keep_preview(self, photo: PhotoId, file: &ArrayBuffer) {
        let file = match dom::blob_of(file, "image/jpeg") {
            Ok(file) => file,
            Err(error) => return dom::log(&error),
        };
        self.pictures.update_value(|pictures| {
            if let Some(kept) = pictures.get_mut(photo) {
                kept.preview = Some(file.clone());
            }
        });
        self.load_preview();
        let has_thumbnail = |state: &State| {
            state
                .photo(photo)
                .is_some_and(|photo| photo.thumbnail.is_some())
        };
        if self.state.with_untracked(has_thumbnail) {
            return;
        }
        spawn_local(async move {
            if let Ok(small) = Canvas::thumbnail_of_file(&file).await {
                self.keep_thumbnail(photo, &small).await;
            }
        });
    }

    /// Brings back the preview of the photo on the stage, if it has one and it isn't there.
    fn load_preview(self) {
        let Some(Some(shown)) = self.state.try_with_untracked(|state| state.shown) else {
            return;
        };
        let is_there = move || {
            self.preview.try_with_untracked(|preview| {
                preview
                    .as_ref()
                    .is_some_and(|preview| preview.photo == shown)
            })
        };
        let Some(jpeg) = self.with_kept(shown, |kept| kept.preview.clone()).flatten() else {
            return;
        };
        if is_there() != Some(false) {
            return;
        }
        spawn_local(async move {
            match Canvas::of_file(&jpeg).await {
                Ok(canvas) => {
                    let still_shown =
                        self.state.try_with_untracked(|state| state.shown) == Some(Some(shown));
                    if still_shown && is_there() == Some(false) {
                        self.preview.set(Some(Preview {
                            photo: shown,
                            canvas: Rc::new(canvas),
                        }));
                    }
                }
                Err(error) => dom::log(&error),
            }
        });
    }

    async fn load_map(self, photo: PhotoId, job: JobId) {
        let blob: Option<Blob> = self
            .with_kept(photo, |kept| {
                kept.map.clone().filter(|map| map.0 == job).map(|map| map.1)
            })
            .flatten();
        let Some(blob) = blob else { return };
        match dom::read_to_vec(&blob).await {
            Ok(values) => {
                let size = self.state.try_with_untracked(|state| {
                    let photo = state.shown_photo().filter(|shown| shown.id == photo)?;
                    photo
                        .outcome
                        .as_ref()
                        .filter(|outcome| outcome.job == job)
                        .map(|outcome| outcome.map)
                });
                if let Some(Some(size)) = size {
                    self.map.set(Some(StageMap {
                        job,
                        size,
                        values: values.into(),
                    }));
                }
            }
            Err(error) => dom::log(&error),
        }
    }

    fn with_kept<T>(self, photo: PhotoId, look: impl FnOnce(&Kept) -> T) -> Option<T> {
        self.pictures
            .try_with_value(|pictures| pictures.get(photo).map(look))
            .flatten()
    }
}

fn shown_result(state: &State) -> Option<(PhotoId, JobId)> {
    let photo = state.shown_photo()?;
    Some((photo.id, photo.outcome.as_ref()?.job))
}
