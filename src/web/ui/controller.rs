//! Joins the state, the worker's client and the pictures: carries out what the state asks for, and keeps the stage's
//! pixels in step with the photo that is on it. Every component gets it from its context.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{Blob, File};

use super::cracks::CrackList;
use super::dom::{self, ObjectUrl};
use super::host::{News, Options, Reporter, Theme};
use super::language::Language;
use super::look::Look;
use super::mount::Place;
use super::photo::PhotoId;
use super::pictures::{PhotoFiles, Pictures};
use super::preferences::Preferences;
use super::ruler::Ruler;
use super::saving::Saving;
use super::shipped::Shipped;
use super::state::{Effect as Task, Readiness, State};
use super::thumbnailer::Thumbnailer;
use super::words::{IntakeError, Words};
use crate::mask::ProbabilityMap;
use crate::protocol::{BackendChoice, FailureKind, JobId, Reply, Request, Settings, Size};
use crate::web::client::Client;
use crate::web::file;
use crate::web::files::Files;
use crate::web::hub::Wish;

/// Endings of files that are weights and not photos. The engine says of PyTorch's that they have to be converted first.
pub(super) const WEIGHTS_ENDINGS: [&str; 4] = [".bpk", ".safetensors", ".pth", ".pt"];

/// Files of the example pictures; their names are among the words.
pub(super) const EXAMPLE_FILES: [&str; 3] = ["slab.jpg", "wall.jpg", "fine.jpg"];

/// Size of the largest file, in bytes, of which the browser makes a small picture by itself: of a photo of some 24 megapixels.
const LARGEST_TO_UNPACK: f64 = 12e6;

/// The probability map of the photo on the stage.
#[derive(Clone)]
pub(super) struct StageMap {
    pub(super) photo: PhotoId,
    /// The result's.
    pub(super) job: JobId,
    pub(super) map: Rc<ProbabilityMap>,
}

impl StageMap {
    pub(super) fn size(&self) -> Size {
        Size {
            width: self.map.width(),
            height: self.map.height(),
        }
    }
}

/// Handles to everything the page owns. They go with the owner that made them.
#[derive(Clone, Copy)]
pub(super) struct Controller {
    pub(super) state: RwSignal<State>,
    pub(super) look: RwSignal<Look>,
    pub(super) has_photos: Memo<bool>,
    /// The threshold in force: the person's, or the one that came with the weights.
    pub(super) threshold: Memo<f32>,
    /// What goes wrong in the page itself, beside the buttons that bring photos in.
    pub(super) intake_error: RwSignal<Option<IntakeError>>,
    /// What screen readers are told beside the state of the photo on the stage.
    pub(super) announcement: RwSignal<String>,
    /// The language of all words.
    pub(super) language: Memo<Language>,
    pub(super) map: RwSignal<Option<StageMap>, LocalStorage>,
    /// The ruler on the photo, while one is laid.
    pub(super) ruler: RwSignal<Option<Ruler>>,
    pub(super) crack_list: CrackList,
    pub(super) pictures: StoredValue<Pictures, LocalStorage>,
    client: StoredValue<Option<Client>, LocalStorage>,
    thumbnailer: StoredValue<Option<Thumbnailer>, LocalStorage>,
    pub(super) saving: StoredValue<Saving, LocalStorage>,
    /// What the embedding page chose.
    options: RwSignal<Options>,
    /// The folder with the app's own files; none where this is a part of another page.
    app_url: StoredValue<Option<String>>,
    files: StoredValue<Files, LocalStorage>,
    /// The weights that the embedding page or the person wishes, until the wish is settled: others may have been chosen since.
    weights_url: RwSignal<Option<String>>,
    /// The backend that the person chose last, whatever became of it.
    preferred_backend: RwSignal<BackendChoice>,
    /// The shipped weights that the person chose last and got.
    preferred_weights: RwSignal<Shipped>,
    /// The language that the person chose.
    preferred_language: RwSignal<Option<Language>>,
}

/// The page's life.
impl Controller {
    /// Starts the worker and with it the engine.
    pub(super) fn start(files: Files, place: Place, options: Options) -> Self {
        let preferences = match place {
            Place::App { .. } => Preferences::load(),
            Place::Embedded => Preferences::of_host(&options),
        };
        let app_url = match place {
            Place::App { base_url } => Some(base_url),
            Place::Embedded => None,
        };
        let state = RwSignal::new(State::new(preferences.mode, preferences.backend));
        let look = RwSignal::new(Look {
            view: preferences.view,
            opacity: preferences.opacity,
            threshold: options.threshold_in_range(),
            ..Look::default()
        });
        let options = RwSignal::new(options);
        let preferred_language = RwSignal::new(preferences.language);
        let browser = dom::languages();
        let this = Self {
            state,
            look,
            has_photos: Memo::new(move |_| state.with(|state| !state.photos.is_empty())),
            threshold: Memo::new(move |_| {
                let chosen = look.with(|look| look.threshold);
                chosen.unwrap_or_else(|| state.with(State::shipped_threshold))
            }),
            intake_error: RwSignal::default(),
            announcement: RwSignal::default(),
            language: Memo::new(move |_| {
                let asked_for = || {
                    options.with(|options| {
                        let tags = options.languages.iter().chain(&browser);
                        Language::choose(tags.map(String::as_str))
                    })
                };
                preferred_language.get().unwrap_or_else(asked_for)
            }),
            map: RwSignal::new_local(None),
            ruler: RwSignal::new(None),
            crack_list: CrackList::default(),
            pictures: StoredValue::new_local(Pictures::default()),
            client: StoredValue::new_local(None),
            thumbnailer: StoredValue::new_local(None),
            saving: StoredValue::new_local(Saving::default()),
            weights_url: RwSignal::new(
                options.with_untracked(|options| options.weights_url.clone()),
            ),
            preferred_weights: RwSignal::new(preferences.weights),
            options,
            app_url: StoredValue::new(app_url),
            files: StoredValue::new_local(files),
            preferred_backend: RwSignal::new(preferences.backend),
            preferred_language,
        };
        let on_reply = move |reply, files| this.receive(reply, files);
        let client = this.files.with_value(|files| Client::join(files, on_reply));
        this.client.set_value(Some(client.clone()));
        if preferences.weights != Shipped::default() {
            this.wish_for(preferences.weights);
        }
        client.begin(this.wish(preferences.backend));
        this.keep_stage_in_step();
        this.keep_measured();
        // What was said once is not said again in other words.
        Effect::new(move |_| {
            this.language.track();
            this.announcement.set(String::new());
        });
        if this.is_app() {
            this.keep_preferences();
            Effect::new(move |_| dom::set_language(this.language.get().tag()));
        }
        this
    }

    /// Whether this is the app itself, and not a part of another page.
    pub(super) fn is_app(self) -> bool {
        self.app_url.with_value(Option::is_some)
    }

    /// Whether the visitor gets buttons, settings and ways to bring photos in.
    pub(super) fn has_controls(self) -> bool {
        self.options.with(|options| options.controls)
    }

    /// Light or dark.
    pub(super) fn theme(self) -> Theme {
        self.options.with(|options| options.theme)
    }

    /// Takes over what the embedding page chose anew; where it chose nothing new, the visitor's choices stay.
    pub(super) fn configure(self, options: Options) {
        let before = self.options.get_untracked();
        self.options.set(options.clone());
        if options.controls && !before.controls {
            self.ask_for_missing_thumbnails();
        }
        if options.threshold != before.threshold {
            self.look
                .update(|look| look.threshold = options.threshold_in_range());
        }
        if options.overlay_opacity != before.overlay_opacity {
            let opacity = Preferences::of_host(&options).opacity;
            self.look.update(|look| look.opacity = opacity);
        }
        if options.mode != before.mode {
            self.act(|state| state.set_mode(options.mode));
        }
        if options.backend != before.backend {
            self.choose_backend(options.backend);
        }
        if options.weights_url != before.weights_url {
            // Without a wish those that came along, not those of before.
            let usual = || self.files.with_value(Files::weights);
            let url = options.weights_url.unwrap_or_else(usual);
            self.weights_url.set(Some(url));
            self.act(State::restart);
        }
    }

    /// Chooses the backend.
    pub(super) fn choose_backend(self, backend: BackendChoice) {
        self.preferred_backend.set(backend);
        self.act(|state| state.set_backend(backend));
    }

    /// Leaves the CPU that took over from a lost GPU.
    pub(super) fn try_gpu_again(self) {
        let backend = match self.preferred_backend.get_untracked() {
            BackendChoice::Cpu => BackendChoice::Auto,
            wished => wished,
        };
        self.act(|state| state.set_backend(backend));
    }

    /// The words of the language.
    pub(super) fn words(self) -> Signal<&'static Words> {
        Signal::derive(move || Words::of(self.language.get()))
    }

    /// Chooses the language.
    pub(super) fn choose_language(self, language: Language) {
        self.preferred_language.set(Some(language));
    }

    fn keep_preferences(self) {
        let preferences = Memo::new(move |_| Preferences {
            mode: self.state.with(|state| state.mode),
            backend: self.preferred_backend.get(),
            weights: self.preferred_weights.get(),
            view: self.look.with(|look| look.view),
            opacity: self.look.with(|look| look.opacity),
            language: self.preferred_language.get(),
        });
        Effect::new(move |before: Option<Preferences>| {
            let preferences = preferences.get();
            if let Some(before) = before {
                preferences.save(&before);
            }
            preferences
        });
    }

    /// The one of this page.
    pub(super) fn of_context() -> Self {
        expect_context()
    }

    /// Address of one of the app's own files; none where this is a part of another page.
    pub(super) fn app_url(self, path: &str) -> Option<String> {
        let base = self.app_url.get_value()?;
        Some(format!("{base}{path}"))
    }

    /// Tells screen readers something beside the state of the photo on the stage.
    pub(super) fn say(self, told: impl FnOnce(&Words) -> String) {
        self.announcement
            .set(told(Words::of(self.language.get_untracked())));
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
                } => self.segment(photo, job, settings),
                Task::Cancel(job) => self.send(Request::Cancel { job }, Vec::new()),
                Task::Export {
                    photo,
                    outcome,
                    kind,
                    threshold,
                } => self.export(photo, &outcome, kind, threshold),
                Task::Measure {
                    photo,
                    outcome,
                    threshold,
                } => self.measure(photo, &outcome, threshold),
                Task::Pack { photos, threshold } => self.pack(&photos, threshold),
                Task::Forget(photo) => self
                    .pictures
                    .update_value(|pictures| pictures.forget(photo)),
            }
        }
    }

    /// Tells the embedding page what happens, with the files that belong to it: of a result its probability map and its
    /// photo.
    pub(super) fn report(self, on_news: impl Fn(&News, Vec<Blob>) + 'static) {
        let reporter = StoredValue::new_local(Reporter::default());
        Effect::new(move |_| {
            self.state.track();
            let threshold = self.threshold.get_untracked();
            let news = self.state.with_untracked(|state| {
                reporter.try_update_value(|reporter| reporter.report(state, threshold))
            });
            for news in news.into_iter().flatten() {
                let files = match &news {
                    News::Result { photo, .. } => self.with_kept(*photo, |kept| {
                        let map = kept.map.iter().map(|(_, map)| map.clone());
                        map.chain([kept.file.clone().into()]).collect()
                    }),
                    _ => None,
                };
                on_news(&news, files.unwrap_or_default());
            }
        });
    }

    pub(super) fn send(self, request: Request, files: Vec<Blob>) {
        // Cloned, so that nothing is borrowed while the client works.
        if let Some(client) = self.client.try_get_value().flatten() {
            client.send(request, files);
        }
    }
}

/// Files coming in.
impl Controller {
    /// Takes in a photo that the embedding page, or the app itself, brings. Where there is no engine, it is asked for again.
    pub(super) fn take_photo(self, file: File) -> PhotoId {
        let has_failed = |state: &State| matches!(state.readiness, Readiness::Failed(_));
        if self.state.with_untracked(has_failed) {
            self.act(State::restart);
        }
        self.intake_error.set(None);
        self.take_photos(vec![file])
            .into_iter()
            .next()
            .unwrap_or_default()
    }

    /// The photo that the embedding page wants shown can't be had.
    pub(super) fn lack_source(self) {
        self.intake_error.set(Some(IntakeError::Source));
    }

    /// Takes in photos, and weights by their ending.
    pub(super) fn take_files(self, files: Vec<File>) {
        self.intake_error.set(None);
        let is_weights = |file: &File| {
            let name = file.name().to_ascii_lowercase();
            WEIGHTS_ENDINGS.iter().any(|ending| name.ends_with(ending))
        };
        let (weights, photos): (Vec<_>, Vec<_>) = files.into_iter().partition(is_weights);
        if let Some(file) = weights.into_iter().next() {
            self.take_weights(file);
        }
        if !photos.is_empty() {
            self.take_photos(photos);
        }
    }

    /// Takes in photos, and says by what they are known from now on.
    pub(super) fn take_photos(self, photos: Vec<File>) -> Vec<PhotoId> {
        let mut ids = Vec::new();
        self.state
            .update(|state| ids = state.add(photos.iter().map(File::name)));
        for (&id, file) in ids.iter().zip(photos) {
            // Of a larger one the preview does: the browser would unpack it whole, as large as it may be.
            if file.size() <= LARGEST_TO_UNPACK {
                self.ask_for_thumbnail(id, &file);
            }
            self.pictures
                .update_value(|pictures| pictures.add(id, file));
        }
        self.act(State::send_next);
        ids
    }

    /// Uses other weights from now on.
    pub(super) fn take_weights(self, file: File) {
        self.act(|state| {
            state.weights_sent(file.name());
            Vec::new()
        });
        let coming = self
            .state
            .with_untracked(|state| state.coming_weights.clone());
        if let Some(name) = coming {
            self.say(|words| (words.coming_weights)(&name));
        }
        let request = Request::UseWeights {
            file_name: file.name(),
            in_place_of: String::new(),
        };
        self.send(request, vec![file.into()]);
    }

    /// Takes in an example picture.
    pub(super) fn take_example(self, file_name: &'static str) {
        let Some(url) = self.app_url(&format!("www/examples/{file_name}")) else {
            return;
        };
        spawn_local(async move {
            match dom::fetch_file(&url, file_name).await {
                Ok(file) => {
                    let example = self.take_photo(file);
                    self.act(|state| {
                        state.mark_as_example(example);
                        Vec::new()
                    });
                }
                Err(error) => {
                    dom::log(&error);
                    self.intake_error.try_set(Some(IntakeError::Example));
                }
            }
        });
    }

    /// Takes in what is on the clipboard.
    pub(super) fn take_clipboard(self) {
        spawn_local(async move {
            match dom::paste_files().await {
                Ok(files) if files.is_empty() => {
                    self.intake_error.try_set(Some(IntakeError::NothingToPaste));
                }
                Ok(files) => self.take_files(files),
                Err(error) => {
                    dom::log(&error);
                    self.intake_error.try_set(Some(IntakeError::PasteRefused));
                }
            }
        });
    }

    /// The strip shows it, which belongs to the controls.
    fn ask_for_thumbnail(self, photo: PhotoId, file: &Blob) {
        if !untrack(|| self.has_controls()) {
            return;
        }
        if self.thumbnailer.with_value(Option::is_none) {
            let on_made = move |photo, picture: Blob| self.keep_thumbnail(photo, &picture);
            let started = self
                .files
                .with_value(|files| Thumbnailer::start(files, on_made));
            match started {
                Ok(thumbnailer) => self.thumbnailer.set_value(Some(thumbnailer)),
                Err(error) => return dom::log(&error),
            }
        }
        self.thumbnailer.with_value(|thumbnailer| {
            let asked = thumbnailer
                .as_ref()
                .map(|thumbnailer| thumbnailer.ask(photo, file));
            if let Some(Err(error)) = asked {
                dom::log(&error);
            }
        });
    }

    fn ask_for_missing_thumbnails(self) {
        let photos = self.state.with_untracked(|state| {
            let missing = state
                .photos
                .iter()
                .filter(|photo| photo.thumbnail.is_none());
            missing.map(|photo| photo.id).collect::<Vec<_>>()
        });
        for photo in photos {
            let file = self.with_kept(photo, |kept| kept.file.clone());
            if let Some(file) = file.filter(|file| file.size() <= LARGEST_TO_UNPACK) {
                self.ask_for_thumbnail(photo, &file);
            }
        }
    }

    fn keep_thumbnail(self, id: PhotoId, picture: &Blob) {
        let Ok(url) = ObjectUrl::new(picture) else {
            return;
        };
        let kept = self
            .pictures
            .try_update_value(|pictures| pictures.keep_thumbnail(id, url))
            .flatten();
        if let Some(url) = kept {
            self.state.update(|state| state.set_thumbnail(id, url));
        }
    }
}

/// To the worker and back.
impl Controller {
    fn start_engine(self, backend: BackendChoice) {
        if let Some(client) = self.client.try_get_value().flatten() {
            client.start(self.wish(backend));
        }
    }

    /// Uses others of the weights that came along.
    pub(super) fn choose_weights(self, shipped: Shipped) {
        self.wish_for(shipped);
        self.act(State::restart);
    }

    fn wish_for(self, shipped: Shipped) {
        let folder = self.files.with_value(Files::weights);
        let url = format!("{folder}#{}", shipped.name());
        self.weights_url.set(Some(url));
    }

    /// Whether weights are wished that are not in use yet.
    pub(super) fn is_awaiting_weights(self) -> bool {
        self.weights_url.with(Option::is_some)
    }

    /// Which of the weights that came along are in use, or will be; none where the person brought others.
    pub(super) fn shipped_weights(self) -> Option<Shipped> {
        let in_use = || {
            self.state
                .with(|state| Shipped::of_name(&state.engine.as_ref()?.weights))
        };
        let wished = self.weights_url.with(|url| {
            let (_, name) = url.as_ref()?.rsplit_once('#')?;
            Shipped::of_name(name)
        });
        wished.or_else(in_use)
    }

    fn wish(self, backend: BackendChoice) -> Wish {
        let weights_url = self.weights_url.get_untracked();
        Wish {
            backend,
            weights_url,
        }
    }

    fn segment(self, photo: PhotoId, job: JobId, settings: Settings) {
        if let Some(file) = self.with_kept(photo, |kept| kept.file.clone()) {
            self.send(Request::Segment { job, settings }, vec![file.into()]);
        }
    }

    fn receive(self, reply: Reply, files: Vec<Blob>) {
        let file = files.into_iter().next();
        match (&reply, file) {
            (&Reply::Decoded { job, .. }, Some(preview)) => {
                if let Some(photo) = self.state.with_untracked(|state| state.photo_of(job)) {
                    self.keep_preview(photo, &preview);
                }
            }
            (&Reply::Segmented { job, .. }, Some(map)) => {
                if let Some(photo) = self.state.with_untracked(|state| state.photo_of(job)) {
                    self.pictures.update_value(|pictures| {
                        if let Some(kept) = pictures.get_mut(photo) {
                            kept.map = Some((job, map));
                            kept.left_out.clear();
                        }
                    });
                }
            }
            (&Reply::Exported { crc32, .. }, Some(png)) => self.exported(&png, crc32),
            (Reply::Failed { failure, .. }, _) if failure.kind == FailureKind::Export => {
                self.not_exported();
            }
            (Reply::Started { .. } | Reply::Refused { .. }, _) => {
                self.weights_url.set(None);
            }
            _ => {}
        }
        if let Reply::Started { engine } = &reply
            && let Some(shipped) = Shipped::of_name(&engine.weights)
        {
            self.preferred_weights.set(shipped);
        }
        let is_lacking =
            matches!(&reply, Reply::Refused { failure } if failure.kind == FailureKind::Device);
        self.act(|state| state.receive(reply));
        if is_lacking {
            // A backend that this device lacks must not be asked for at every visit.
            let settled = self.state.with_untracked(|state| state.backend);
            self.preferred_backend.set(settled);
        }
    }
}

/// The stage's pixels.
impl Controller {
    /// Loads the map of whichever photo is put on the stage.
    fn keep_stage_in_step(self) {
        let result = Memo::new(move |_| self.state.with(shown_job));
        Effect::new(move |_| match result.get() {
            None => self.map.set(None),
            Some((photo, job)) => {
                let present = self.map.with_untracked(|map| {
                    let map = map.as_ref()?;
                    Some((map.photo, map.job))
                });
                // The last result of the same photo stays until the next is read.
                if present.is_some_and(|(its, _)| its != photo) {
                    self.map.set(None);
                }
                // What was corrected is there already.
                if present != Some((photo, job)) {
                    spawn_local(self.load_map(photo, job));
                }
            }
        });
    }

    /// Keeps the preview of a photo that was just read.
    fn keep_preview(self, photo: PhotoId, file: &Blob) {
        let url = match ObjectUrl::new(file) {
            Ok(url) => url,
            Err(error) => return dom::log(&error),
        };
        let kept = self
            .pictures
            .try_update_value(|pictures| pictures.keep_preview(photo, url));
        if let Some(url) = kept.flatten() {
            self.state.update(|state| state.set_preview(photo, url));
        }
        let has_thumbnail = |state: &State| {
            let photo = state.photo(photo);
            photo.is_some_and(|photo| photo.thumbnail.is_some())
        };
        if !self.state.with_untracked(has_thumbnail) {
            // Of a photo that only the worker can read, or whose file is too large to be unpacked whole.
            self.ask_for_thumbnail(photo, file);
        }
    }

    pub(super) async fn load_map(self, photo: PhotoId, job: JobId) {
        let blob: Option<Blob> = self
            .with_kept(photo, |kept| {
                kept.map.clone().filter(|map| map.0 == job).map(|map| map.1)
            })
            .flatten();
        let Some(blob) = blob else { return };
        match file::read(&blob).await {
            Ok(values) => {
                let size = self.state.try_with_untracked(|state| {
                    let photo = state.shown_photo().filter(|shown| shown.id == photo)?;
                    photo
                        .outcome
                        .as_ref()
                        .filter(|outcome| outcome.job == job)
                        .map(|outcome| outcome.map)
                });
                let map = size
                    .flatten()
                    .and_then(|size| ProbabilityMap::new(size.width, size.height, values));
                if let Some(map) = map {
                    let map = Rc::new(map);
                    self.map.set(Some(StageMap { photo, job, map }));
                }
            }
            Err(error) => dom::log(&error.to_string().into()),
        }
    }

    pub(super) fn with_kept<T>(
        self,
        photo: PhotoId,
        look: impl FnOnce(&PhotoFiles) -> T,
    ) -> Option<T> {
        self.pictures
            .try_with_value(|pictures| pictures.get(photo).map(look))
            .flatten()
    }
}

/// The photo on the stage, and the job that gave its result.
pub(super) fn shown_job(state: &State) -> Option<(PhotoId, JobId)> {
    Some((state.shown?, state.shown_outcome()?.job))
}
