//! Joins the state, the worker's client and the pictures: carries out what the state asks for, by itself or in the files that are
//! named by their work. Every component gets it from its context.

use std::rc::Rc;

use leptos::leptos_dom::helpers::debounce;
use leptos::prelude::*;
use web_sys::Blob;

use super::crack_list::CrackList;
use super::dom;
use super::hand_over::ReadyFile;
use super::host::{News, Options, Reporter, Theme};
use super::language::Language;
use super::look::{Look, View};
use super::mount::Place;
use super::photo::{PhotoId, RulerEnds};
use super::pictures::Pictures;
use super::preferences::Preferences;
use super::saving::{REST, Saving, Summed};
use super::shipped::Shipped;
use super::stage_map::StageMap;
use super::state::{Effect as Task, State};
use super::thumbnailer::Thumbnailer;
use super::words::{IntakeError, Words};
use crate::protocol::{BackendChoice, FailureKind, JobId, Reason, Reply, Request, Settings};
use crate::web::client::Client;
use crate::web::hub::Wish;
use crate::web::program_files::Files;

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
    /// How many times photos were taken in, or begun to be.
    pub(super) intakes: StoredValue<u32>,
    /// What screen readers are told beside the state of the photo on the stage.
    pub(super) announcement: RwSignal<String>,
    /// The language of all words.
    pub(super) language: Memo<Language>,
    pub(super) map: RwSignal<Option<StageMap>, LocalStorage>,
    /// The ruler on the photo, while one is laid.
    pub(super) ruler: RwSignal<Option<RulerEnds>>,
    pub(super) crack_list: CrackList,
    pub(super) pictures: StoredValue<Pictures, LocalStorage>,
    client: StoredValue<Option<Client>, LocalStorage>,
    pub(super) thumbnailer: StoredValue<Option<Thumbnailer>, LocalStorage>,
    pub(super) saving: StoredValue<Saving, LocalStorage>,
    /// Files that wait for a press of the person.
    pub(super) ready_files: RwSignal<Vec<ReadyFile>, LocalStorage>,
    /// What the embedding page chose.
    options: RwSignal<Options>,
    /// The folder with the app's own files; none where this is a part of another page.
    app_url: StoredValue<Option<String>>,
    pub(super) files: StoredValue<Files, LocalStorage>,
    /// The weights that the embedding page or the person wishes, until the wish is settled: others may have been chosen since.
    pub(super) weights_url: RwSignal<Option<String>>,
    /// The backend that the person chose last, whatever became of it.
    preferred_backend: RwSignal<BackendChoice>,
    /// The shipped weights that the person chose last and got.
    preferred_weights: RwSignal<Option<Shipped>>,
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
            intakes: StoredValue::new(0),
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
            ready_files: RwSignal::new_local(Vec::new()),
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
        if let Some(weights) = preferences.weights {
            this.wish_for(weights);
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
        if !options.controls {
            // What only the controls end.
            self.ruler.set(None);
            self.look.update(|look| {
                (look.view, look.split) = (View::default(), None);
            });
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
        let mut told = told(Words::of(self.language.get_untracked()));
        // The same words again would change nothing, and so be told to nobody.
        if self.announcement.with_untracked(|before| *before == told) {
            told.push('\u{a0}');
        }
        self.announcement.set(told);
    }

    /// Takes back what screen readers were told, as it is true no more, unless they were told something else since.
    pub(super) fn unsay(self, told: impl FnOnce(&Words) -> String) {
        let told = told(Words::of(self.language.get_untracked()));
        let is_it = |now: &String| now.trim_end_matches('\u{a0}') == told;
        if self.announcement.with_untracked(is_it) {
            self.announcement.set(String::new());
        }
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
                Task::Pack { photos, chosen } => self.pack(&photos, chosen),
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
        let on_news = Rc::new(on_news);
        let tell = Rc::clone(&on_news);
        let mut tell_threshold = debounce(REST, move |threshold| {
            tell(&News::ThresholdChange { threshold }, Vec::new());
        });
        let chosen = Memo::new(move |_| self.look.with(|look| look.threshold));
        Effect::new(move |before: Option<Option<f32>>| {
            let chosen = chosen.get();
            if before.is_some_and(|before| before != chosen) {
                tell_threshold(self.threshold.get_untracked());
            }
            chosen
        });
        Effect::new(move |_| {
            self.state.track();
            let threshold = self.threshold.get_untracked();
            let news = self.state.with_untracked(|state| {
                reporter.try_update_value(|reporter| reporter.report(state, threshold))
            });
            for news in news.into_iter().flatten() {
                let files = match &news {
                    News::Result { photo, .. } => self.with_files(*photo, |files| {
                        let map = files.map.iter().map(|(_, map)| map.clone());
                        map.chain([files.file.clone().into()]).collect()
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

/// To the worker and back.
impl Controller {
    fn start_engine(self, backend: BackendChoice) {
        if let Some(client) = self.client.try_get_value().flatten() {
            client.start(self.wish(backend));
        }
    }

    /// Uses weights that the person brought.
    pub(super) fn use_weights(self, name: String, file: Blob) {
        if let Some(client) = self.client.try_get_value().flatten() {
            client.use_weights(name, file);
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
            let of_engine = |state: &State| Shipped::of_engine(state.engine.as_ref()?);
            self.state.with(of_engine)
        };
        let wished = self.weights_url.with(|url| {
            let (_, name) = url.as_ref()?.rsplit_once('#')?;
            Shipped::of_name(name)
        });
        wished.or_else(in_use)
    }

    fn wish(self, backend: BackendChoice) -> Wish {
        // What the host wishes holds until something runs: another try must not be content with the usual ones.
        let has_engine = self.state.with_untracked(|state| state.engine.is_some());
        let of_host = self
            .options
            .with_untracked(|options| options.weights_url.clone());
        let wished = self.weights_url.get_untracked();
        Wish {
            backend,
            weights_url: wished.or(of_host.filter(|_| !has_engine)),
        }
    }

    fn segment(self, photo: PhotoId, job: JobId, settings: Settings) {
        if let Some(file) = self.with_files(photo, |files| files.file.clone()) {
            self.send(Request::Segment { job, settings }, vec![file.into()]);
        }
    }

    fn receive(self, reply: Reply, files: Vec<Blob>) {
        let mut files = files.into_iter();
        let file = files.next();
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
            (
                &Reply::Exported {
                    crc32,
                    figure_crc32,
                    ..
                },
                Some(png),
            ) => {
                let figure = files.next().zip(figure_crc32).map(Summed::from);
                self.exported((png, crc32).into(), figure);
            }
            (Reply::Failed { failure, .. }, _) if failure.kind == FailureKind::Export => {
                self.not_exported();
            }
            (Reply::Started { engine }, _) => {
                if self.is_awaiting_weights()
                    && let Some(shipped) = Shipped::of_engine(engine)
                {
                    self.preferred_weights.set(Some(shipped));
                }
                self.weights_url.set(None);
            }
            (Reply::Refused { .. }, _) => self.weights_url.set(None),
            _ => {}
        }
        let is_lacking =
            matches!(&reply, Reply::Refused { failure } if failure.kind == FailureKind::Device);
        self.act(|state| state.receive(reply));
        self.forget_given_up();
        if is_lacking {
            // A backend that this device lacks must not be asked for at every visit; one that was lost may be back by then.
            let settled = self.state.with_untracked(|state| match &state.engine {
                Some(engine) if engine.reason == Reason::Recovered => BackendChoice::Auto,
                _ => state.backend,
            });
            self.preferred_backend.set(settled);
        }
    }
}
