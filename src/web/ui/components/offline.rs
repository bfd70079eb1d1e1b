//! The app as a program of this device: kept for when there is no network, renewed when the person says so, installed,
//! and given photos by other apps. Only where the page is the app itself: inside another page all this is the host's.

use std::cell::Cell;

use js_sys::{Array, Date, Function, Promise, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, Cache, Event, File, MessageChannel, MessageEvent, Response, ServiceWorker,
    ServiceWorkerRegistration, ServiceWorkerState,
};

use super::icons::{Glyph, Icon};
use crate::web::caches;
use crate::web::ui::autosave::{Autosave, Finish};
use crate::web::ui::controller::Controller;
use crate::web::ui::dom;
use crate::web::ui::focus::{Focus, SETTINGS};
use crate::web::ui::intake::EXAMPLE_FILES;
use crate::web::ui::kept::Kept;
use crate::web::ui::state::{Readiness, State};
use crate::web::ui::words::IntakeError;

/// Below the app's own address, put there by the build.
const SERVICE_WORKER: &str = "service-worker.js";

/// What the service worker is asked, see `www/service-worker.js`.
const IS_READY: &str = "is-ready";
const ACTIVATE: &str = "activate";

/// Handles to what is known of it. They go with the owner that made them.
#[derive(Clone, Copy)]
pub(super) struct Offline {
    /// The address of the service worker.
    service_worker: StoredValue<String>,
    kept: RwSignal<Kept>,
    /// Whether the engine has started, or could not. It keeps the weights before that.
    is_settled: Memo<bool>,
    /// Whether the browser promised not to clear it away; none until it is known.
    persistent: RwSignal<Option<bool>>,
    /// Whether a newer version waits.
    has_update: RwSignal<bool>,
    /// Whether it is being put in this one's place.
    is_updating: RwSignal<bool>,
    /// The browser's offer to install the app.
    install: RwSignal<Option<Event>, LocalStorage>,
    registration: StoredValue<Option<ServiceWorkerRegistration>, LocalStorage>,
    /// Whether the network came back, and nothing was tried since.
    is_back: StoredValue<bool>,
}

impl Offline {
    /// Has the app kept, and takes in what other apps hand to it.
    ///
    /// `base_url` is the app's own folder, ending in a slash.
    pub(super) fn start(controller: Controller, base_url: String) -> Self {
        let is_settled = |state: &State| !matches!(state.readiness, Readiness::Starting(_));
        let this = Self {
            service_worker: StoredValue::new(format!("{base_url}{SERVICE_WORKER}")),
            kept: RwSignal::new(Kept::NotYet),
            is_settled: Memo::new(move |_| controller.state.with(is_settled)),
            persistent: RwSignal::new(None),
            has_update: RwSignal::new(false),
            is_updating: RwSignal::new(false),
            install: RwSignal::new_local(None),
            registration: StoredValue::new_local(None),
            is_back: StoredValue::new(false),
        };
        spawn_local(this.keep());
        let when_back = window_event_listener_untyped("online", move |_| {
            this.is_back.set_value(true);
            this.try_again();
        });
        on_cleanup(move || when_back.remove());
        Effect::new(move |_| {
            this.is_settled.get();
            spawn_local(this.ask());
        });
        spawn_local(this.ask_for_persistence("persisted"));
        let offers = window_event_listener_untyped("beforeinstallprompt", move |event| {
            event.prevent_default();
            this.install.set(Some(event));
        });
        on_cleanup(move || offers.remove());
        take_launched(controller);
        // What the app was opened for, see www/app.webmanifest.
        let search = window().location().search();
        let is_shared = search.as_deref() == Ok("?shared");
        // Some may wait still that a page has not come to.
        spawn_local(take_shared(controller, base_url, is_shared));
        match search.as_deref() {
            Ok("?not-shared") => controller.intake_error.set(Some(IntakeError::Shared)),
            Ok("?example") => controller.take_example(EXAMPLE_FILES[0]),
            Ok("?shared") => {}
            _ => return this,
        }
        // Once: not again when the page is loaded anew.
        let replaced = window().location().pathname().and_then(|path| {
            let history = window().history()?;
            history.replace_state_with_url(&JsValue::NULL, "", Some(&path))
        });
        if let Err(error) = replaced {
            dom::log(&error);
        }
        this
    }

    async fn keep(self) {
        let Some(url) = self.service_worker.try_get_value() else {
            return;
        };
        let container = window().navigator().service_worker();
        if container.is_undefined() {
            self.kept.try_set(Kept::Never);
            return;
        }
        let registered = JsFuture::from(container.register(&url)).await;
        match registered.and_then(JsCast::dyn_into) {
            Ok(registration) => self.watch(registration),
            Err(error) => {
                dom::log(&error);
                if is_forbidden(&error) {
                    self.kept.try_set(Kept::Never);
                } else {
                    self.fail();
                }
            }
        }
    }

    /// The service worker could not be installed.
    fn fail(self) {
        self.kept.try_set(Kept::Failed);
        self.try_again();
    }

    /// Installs it anew, once each time that the network comes back.
    fn try_again(self) {
        let is_missing = self.registration.try_with_value(|registration| {
            let active = registration
                .as_ref()
                .and_then(ServiceWorkerRegistration::active);
            active.is_none()
        });
        let has_failed = self.kept.try_get_untracked() == Some(Kept::Failed);
        if is_missing == Some(true) && has_failed && self.is_back.get_value() {
            self.is_back.set_value(false);
            self.kept.set(Kept::NotYet);
            spawn_local(self.keep());
        }
    }

    fn watch(self, registration: ServiceWorkerRegistration) {
        self.notice_update(&registration);
        // One may have been found already.
        self.follow_installation(&registration);
        let on_found = Closure::<dyn FnMut()>::new({
            let registration = registration.clone();
            move || self.follow_installation(&registration)
        });
        registration.set_onupdatefound(Some(on_found.as_ref().unchecked_ref()));
        // Lives as long as the registration, which is the page's.
        on_found.forget();
        look_for_updates(&registration);
        self.registration.set_value(Some(registration));
        spawn_local(self.ask());
    }

    fn follow_installation(self, registration: &ServiceWorkerRegistration) {
        // It may wait already, if only for a moment.
        if let Some(worker) = registration.installing().or_else(|| registration.waiting()) {
            let registration = registration.clone();
            on_change(&worker, move |state| {
                self.notice_update(&registration);
                if state == ServiceWorkerState::Redundant && registration.active().is_none() {
                    self.fail();
                }
                spawn_local(self.ask());
            });
        }
    }

    fn notice_update(self, registration: &ServiceWorkerRegistration) {
        // Stays, should another tab have it take over: this one still runs the old version.
        if registration.waiting().is_some() && registration.active().is_some() {
            self.has_update.try_set(true);
        }
    }

    /// Asks the service worker whether everything is kept.
    async fn ask(self) {
        let registration = self.registration.try_get_value().flatten();
        let Some(worker) = registration.and_then(|registration| registration.active()) else {
            return;
        };
        match answer(&worker, &IS_READY.into()).await {
            Ok(answer) if answer.is_truthy() => {
                self.kept.try_set(Kept::Complete);
            }
            Ok(_) if self.is_settled.try_get_untracked() == Some(true) => {
                self.kept.try_set(Kept::Failed);
            }
            Ok(_) => {}
            Err(error) => dom::log(&error),
        }
    }

    /// Puts the waiting version in place of this one. The photos leave the page, as the person was told; where they were told that
    /// all is kept, and that has become wrong meanwhile, they are told so, and may press again.
    fn update(self, controller: Controller, autosave: Option<Autosave>) {
        if self.is_updating.get_untracked() {
            return;
        }
        self.is_updating.set(true);
        let registration = self.registration.get_value();
        let promised = untrack(|| autosave.is_some_and(Autosave::has_all));
        let leave = move |finish| {
            if finish == Finish::Left {
                controller.act(State::clear);
                if let Err(error) = window().location().reload() {
                    dom::log(&error);
                }
            }
            self.is_updating.try_set(false);
        };
        let reload = move || match autosave {
            Some(autosave) => autosave.finish(promised, leave),
            None => leave(Finish::Left),
        };
        // Another tab may have been quicker.
        let Some(worker) = registration.and_then(|registration| registration.waiting()) else {
            return reload();
        };
        on_change(&worker, move |state| match state {
            ServiceWorkerState::Activated => reload(),
            // An even newer one came.
            ServiceWorkerState::Redundant => {
                self.is_updating.try_set(false);
            }
            _ => {}
        });
        if let Err(error) = worker.post_message(&ACTIVATE.into()) {
            dom::log(&error);
            self.is_updating.set(false);
        }
    }

    /// `persist` asks for a promise, `persisted` whether there is one.
    async fn ask_for_persistence(self, method: &'static str) {
        let answer = async {
            let storage = window().navigator().storage();
            let method: Function = Reflect::get(&storage, &method.into())?.dyn_into()?;
            let promise: Promise = method.call0(&storage)?.dyn_into()?;
            JsFuture::from(promise).await
        };
        match answer.await {
            Ok(answer) => {
                self.persistent.try_set(Some(answer.is_truthy()));
            }
            Err(error) => dom::log(&error),
        }
    }

    fn install(self) {
        if let Some(offer) = self.install.try_update(Option::take).flatten() {
            let prompt = || -> Result<JsValue, JsValue> {
                let prompt: Function = Reflect::get(&offer, &"prompt".into())?.dyn_into()?;
                prompt.call0(&offer)
            };
            if let Err(error) = prompt() {
                dom::log(&error);
            }
        }
    }
}

/// That a newer version waits, and how to get it.
#[component]
pub(super) fn UpdateNotice() -> impl IntoView {
    let controller = Controller::of_context();
    let (offline, words) = (use_context::<Offline>(), controller.words());
    let autosave = use_context::<Autosave>();
    let what_becomes_of_photos = move || {
        let are_kept = autosave.is_some_and(Autosave::has_all);
        let words = words.get();
        controller.has_photos.get().then_some(if are_kept {
            words.update_keeps
        } else {
            words.update_clears
        })
    };
    Effect::new(move |_| {
        if offline.is_some_and(|offline| offline.has_update.get()) {
            controller.say(|words| words.update.to_owned());
        }
    });
    move || {
        let offline = offline.filter(|offline| offline.has_update.get())?;
        Some(view! {
            <div class="cs-note" data-testid="update">
                <p>
                    {move || words.get().update}
                    " "
                    {what_becomes_of_photos}
                </p>
                <button
                    class="cs-link"
                    data-testid="update-now"
                    aria-busy=move || offline.is_updating.get().to_string()
                    on:click=move |_| offline.update(controller, autosave)
                >
                    <Glyph icon=Icon::Again />
                    {move || words.get().update_now}
                </button>
            </div>
        })
    }
}

/// What is kept of the app on this device, and what more can be done about it.
#[component]
pub(super) fn OfflineSetting() -> impl IntoView {
    let controller = Controller::of_context();
    let focus: Focus = expect_context();
    let words = controller.words();
    use_context::<Offline>().map(|offline| {
        let can_promise = move || offline.kept.get() == Kept::Complete && offline.persistent.get() == Some(false);
        let was_asked = RwSignal::new(false);
        let ask = move |_| {
            spawn_local(async move {
                offline.ask_for_persistence("persist").await;
                if offline.persistent.try_get_untracked() == Some(Some(false)) {
                    was_asked.try_set(true);
                    return;
                }
                // With it the button leaves.
                let (kept, persistent) = (offline.kept.get_untracked(), offline.persistent.get_untracked());
                controller.say(|words| words.kept(kept, persistent).to_owned());
                focus.on([SETTINGS]);
            });
        };
        view! {
            <div>
                <h3>{move || words.get().offline}</h3>
                <p class="cs-hint" data-testid="offline" data-kept=move || offline.kept.get().key()>
                    {move || words.get().kept(offline.kept.get(), offline.persistent.get())}
                </p>
                <Show when=can_promise>
                    <button class="cs-button" data-testid="persist" on:click=ask>{move || words.get().persist}</button>
                    <p class="cs-hint" role="status">{move || was_asked.get().then(|| words.get().persist_refused)}</p>
                </Show>
                <Show when=move || offline.install.with(Option::is_some)>
                    <button class="cs-button" data-testid="install" on:click=move |_| {
                        offline.install();
                        focus.on([SETTINGS]);
                    }>
                        {move || words.get().install}
                    </button>
                </Show>
                {asks_for_home_screen().then(|| view! { <p class="cs-hint">{move || words.get().install_by_hand}</p> })}
            </div>
        }
    })
}

/// Whether this is a browser of iPhones and iPads outside of the home screen; they make no offer of their own.
fn asks_for_home_screen() -> bool {
    dom::is_on_home_screen() == Some(false)
}

/// Looks for a new build when the page is seen again: a home screen's app is woken for days without being loaded anew, which is when
/// a browser looks for itself.
fn look_for_updates(registration: &ServiceWorkerRegistration) {
    let registration = registration.clone();
    let asked = Cell::new(Date::now());
    let on_seen = Closure::<dyn FnMut()>::new(move || {
        let now = Date::now();
        if !document().hidden() && now - asked.get() > AN_HOUR {
            asked.set(now);
            // Without a network there is none, and nothing to tell.
            let update = registration.update().map(JsFuture::from);
            spawn_local(async move {
                if let Ok(update) = update {
                    drop(update.await);
                }
            });
        }
    });
    document().set_onvisibilitychange(Some(on_seen.as_ref().unchecked_ref()));
    // Lives as long as the page.
    on_seen.forget();
}

/// In milliseconds.
const AN_HOUR: f64 = 3_600_000.0;

/// Whether the browser refuses for good, and not for want of a network.
fn is_forbidden(error: &JsValue) -> bool {
    Reflect::get(error, &"name".into()).is_ok_and(|name| name == "SecurityError")
}

fn on_change(worker: &ServiceWorker, mut listen: impl FnMut(ServiceWorkerState) + 'static) {
    let changed = worker.clone();
    let listener = Closure::<dyn FnMut()>::new(move || listen(changed.state()));
    worker.set_onstatechange(Some(listener.as_ref().unchecked_ref()));
    // Lives as long as the worker.
    listener.forget();
}

/// Asks a service worker, and waits for what it says.
async fn answer(worker: &ServiceWorker, question: &JsValue) -> Result<JsValue, JsValue> {
    let channel = MessageChannel::new()?;
    let promise = Promise::new(&mut |resolve, _| {
        let listener = Closure::once_into_js(move |event: MessageEvent| {
            // Fails only for what is no function.
            let _ = resolve.call1(&JsValue::NULL, &event.data());
        });
        channel
            .port1()
            .set_onmessage(Some(listener.unchecked_ref()));
    });
    worker.post_message_with_transferable(question, &Array::of1(&channel.port2()))?;
    JsFuture::from(promise).await
}

/// Takes in the files that the app was opened with, where the browser tells.
fn take_launched(controller: Controller) {
    let Ok(queue) = Reflect::get(&window(), &"launchQueue".into()) else {
        return;
    };
    let Ok(set_consumer) =
        Reflect::get(&queue, &"setConsumer".into()).and_then(JsCast::dyn_into::<Function>)
    else {
        return;
    };
    let consume = Closure::<dyn FnMut(JsValue)>::new(move |launched: JsValue| {
        spawn_local(async move {
            match launched_files(&launched).await {
                Ok(files) if files.is_empty() => {}
                Ok(files) => controller.take_files(files),
                Err(error) => dom::log(&error),
            }
        });
    });
    if let Err(error) = set_consumer.call1(&queue, &consume.into_js_value()) {
        dom::log(&error);
    }
}

async fn launched_files(launched: &JsValue) -> Result<Vec<File>, JsValue> {
    let handles: Array = Reflect::get(launched, &"files".into())?.dyn_into()?;
    let mut files = Vec::new();
    for handle in handles.iter() {
        let get: Function = Reflect::get(&handle, &"getFile".into())?.dyn_into()?;
        let promise: Promise = get.call0(&handle)?.dyn_into()?;
        files.push(JsFuture::from(promise).await?.dyn_into()?);
    }
    Ok(files)
}

/// Takes in the photos that another app shared; the service worker laid them down, and `is_expected` where it opened this page for
/// them.
async fn take_shared(controller: Controller, scope: String, is_expected: bool) {
    let (mut files, mut is_whole) = (Vec::new(), true);
    match shared_files(&scope).await {
        Ok(found) => {
            for file in found {
                match file {
                    Ok(file) => files.extend(file),
                    Err(error) => {
                        dom::log(&error);
                        is_whole = false;
                    }
                }
            }
        }
        Err(error) if is_expected => {
            dom::log(&error);
            is_whole = false;
        }
        // Nobody shared anything where the browser keeps nothing.
        Err(_) => {}
    }
    // Whatever page sent them: photos only, never weights. None when the page is loaded once more.
    if controller.intakes.try_get_value().is_some() && !files.is_empty() {
        controller.take_photos(files);
    }
    if !is_whole {
        controller.intake_error.try_set(Some(IntakeError::Shared));
    }
}

async fn shared_files(scope: &str) -> Result<Vec<Result<Option<File>, JsValue>>, JsValue> {
    let path = web_sys::Url::new(scope)?.pathname();
    let opened = dom::caches()?.open(&format!("crack-segmenter-app {path}"));
    let cache: Cache = JsFuture::from(opened).await?.dyn_into()?;
    let urls = caches::urls(&cache).await?;
    let mut read = Vec::new();
    for url in urls.into_iter().filter(|url| url.contains("?shared=")) {
        read.push((shared_file(&cache, &url).await, url));
    }
    // Once all are read, so that a page that ends meanwhile loses none; what can't be read goes too, or it would be told of each time.
    let mut files = Vec::new();
    for (file, url) in read {
        let deleted = JsFuture::from(cache.delete_with_str(&url)).await;
        files.push(file.and_then(|file| {
            // Else another tab was first.
            let is_mine = deleted?.is_truthy();
            Ok(file.filter(|_| is_mine))
        }));
    }
    Ok(files)
}

/// One of them; none where another tab was first.
async fn shared_file(cache: &Cache, url: &str) -> Result<Option<File>, JsValue> {
    let response = JsFuture::from(cache.match_with_str(url)).await?;
    let Some(response) = response.dyn_ref::<Response>() else {
        return Ok(None);
    };
    let name = response.headers().get("X-Name")?.unwrap_or_default();
    let name = js_sys::decode_uri_component(&name)?;
    let blob: Blob = JsFuture::from(response.blob()?).await?.dyn_into()?;
    dom::named(&blob, &String::from(name)).map(Some)
}
