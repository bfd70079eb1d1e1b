//! The page as a whole: what is laid out where, and what is listened to everywhere.

use js_sys::Array;
use leptos::ev;
use leptos::html::{Div, Input};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DataTransfer, DataTransferItem, DragEvent, Event, File, HtmlInputElement};

use super::announcer::Announcer;
use super::empty::{Empty, Missing};
use super::offline::Offline;
use super::panel::Panel;
use super::stage::Stage;
use super::strip::Strip;
use crate::protocol::Backend;
use crate::web::ui::autosave::Autosave;
use crate::web::ui::controller::Controller;
use crate::web::ui::dom;
use crate::web::ui::focus::{COMPARE, FIRST, Focus, RULER};
use crate::web::ui::intake::WEIGHTS_ENDINGS;
use crate::web::ui::leaving::ask_before_leaving;
use crate::web::ui::mount::Place;
use crate::web::ui::state::{AppPhase, State};
use crate::web::ui::theme::is_dark;
use crate::web::ui::words::{IntakeError, NAME};

/// What the photo choosers offer. Explicit types, because iPadOS turns HEIC into JPEG only for those.
const PHOTO_TYPES: &str = "image/jpeg,image/png,image/webp,image/bmp,image/tiff,image/gif,image/heic,image/heif,image/avif";

/// The file choosers of the page; buttons anywhere open them.
#[derive(Clone, Copy)]
pub(super) struct Choosers {
    pub(super) photos: NodeRef<Input>,
    pub(super) camera: NodeRef<Input>,
    pub(super) weights: NodeRef<Input>,
}

impl Choosers {
    /// Opens a chooser.
    pub(super) fn open(chooser: NodeRef<Input>) {
        if let Some(input) = chooser.get_untracked() {
            input.click();
        }
    }
}

/// The whole page below the root it was given.
#[component]
pub(in crate::web::ui) fn App(controller: Controller, place: Place) -> impl IntoView {
    provide_context(controller);
    if let Place::App { base_url } = place {
        provide_context(Autosave::start(controller, base_url.clone()));
        provide_context(Offline::start(controller, base_url));
        ask_before_leaving(controller);
    }
    let choosers = Choosers {
        photos: NodeRef::new(),
        camera: NodeRef::new(),
        weights: NodeRef::new(),
    };
    provide_context(choosers);

    let root = NodeRef::<Div>::new();
    let focus = Focus::new(root, controller.is_app());
    provide_context(focus);
    listen_everywhere(controller, focus, root);
    let dragging = RwSignal::new(false);
    let (state, words) = (controller.state, controller.words());
    let has_photos = controller.has_photos;
    let has_controls = move || controller.has_controls();
    let is_dark = is_dark(controller);
    keep_focus(focus, controller);
    let phase = move || match state.with(State::app_phase) {
        AppPhase::Starting => "starting",
        AppPhase::Ready => "ready",
        AppPhase::Working => "working",
        AppPhase::Failed => "failed",
    };
    let backend = move || {
        let backend = state.with(|state| state.engine.as_ref().map(|engine| engine.backend));
        backend.map(|backend| match backend {
            Backend::Cpu => "cpu",
            Backend::WebGpu => "webgpu",
            Backend::WebGpuF16 => "webgpu-f16",
        })
    };

    view! {
        <div
            class="cs"
            class:cs--photos=has_photos
            class:cs--dark=is_dark
            class:cs--app=controller.is_app()
            class:cs--bare=move || !has_controls()
            part="app"
            dir="ltr"
            lang=move || controller.language.get().tag()
            node_ref=root
            data-testid="app"
            data-state=phase
            data-backend=backend
            on:dragover=move |event| {
                if untrack(has_controls) && carries_files(&event) {
                    event.prevent_default();
                    dragging.set(true);
                }
            }
            on:dragleave=move |event| {
                if leaves(&event, root) {
                    dragging.set(false);
                }
            }
            on:drop=move |event| {
                if !dragging.get_untracked() {
                    return;
                }
                event.prevent_default();
                dragging.set(false);
                let (files, has_folder) = dropped(&event);
                controller.take_files(files);
                if has_folder {
                    controller.intake_error.set(Some(IntakeError::Folder));
                }
            }
        >
            {if controller.is_app() {
                view! { <h1 class="cs-hidden">{NAME}</h1> }.into_any()
            } else {
                // The host's page has its own first heading.
                view! { <h2 class="cs-hidden">{NAME}</h2> }.into_any()
            }}
            <div class="cs-layout">
                <section class="cs-work">
                    <Show when=move || has_photos.get() fallback=move || view! {
                        <Show when=has_controls fallback=Missing><Empty /></Show>
                    }>
                        <Stage />
                        <Show when=has_controls><Strip /></Show>
                    </Show>
                </section>
                <Show when=has_controls><Panel /></Show>
            </div>
            <FileInput node_ref=choosers.photos testid="file-input" accept=PHOTO_TYPES multiple=true
                on_files=move |files| controller.take_files(files) />
            <FileInput node_ref=choosers.camera testid="camera-input" accept="image/jpeg,image/png" capture=true
                on_files=move |files| controller.take_files(files) />
            <FileInput node_ref=choosers.weights testid="weights-input" accept=WEIGHTS_ENDINGS.join(",")
                on_files=move |files| if let Some(file) = files.into_iter().next() { controller.take_weights(file) } />
            <div class="cs-drop" class:cs-drop--on=dragging aria-hidden="true">
                <p>{move || words.get().drop}</p>
            </div>
            <Announcer />
        </div>
    }
    .into_any()
}

/// A file chooser that is never seen: buttons open it, and tests fill it.
#[component]
fn FileInput(
    node_ref: NodeRef<Input>,
    testid: &'static str,
    #[prop(into)] accept: String,
    #[prop(optional)] multiple: bool,
    #[prop(optional)] capture: bool,
    on_files: impl Fn(Vec<web_sys::File>) + 'static,
) -> impl IntoView {
    view! {
        <input
            class="cs-hidden"
            type="file"
            tabindex="-1"
            aria-hidden="true"
            node_ref=node_ref
            data-testid=testid
            accept=accept
            multiple=multiple
            capture=capture.then_some("environment")
            on:change=move |event| {
                let input: HtmlInputElement = event_target(&event);
                let files = dom::files(input.files());
                // So that the same file can be chosen again.
                input.set_value("");
                on_files(files);
            }
        />
    }
    .into_any()
}

/// Puts the focus where the work goes on, as the button that had it leaves with the view that it stood in.
fn keep_focus(focus: Focus, controller: Controller) {
    Effect::new(move |before: Option<bool>| {
        let has_photos = controller.has_photos.get();
        if focus.may_lead() && before.is_some_and(|before| before != has_photos) {
            focus.on([FIRST]);
        }
        has_photos
    });
    Effect::new(move |_| {
        controller.state.track();
        controller.map.track();
        focus.rescue();
    });
    let is_here = move |path: &Array| {
        let root = focus.root.get_untracked();
        root.is_some_and(|root| path.includes(&root, 0))
    };
    let goes = window_event_listener(ev::focusin, move |event| {
        let path = event.composed_path();
        focus.went(path.get(0).dyn_into().ok(), is_here(&path));
    });
    // Of a finger only where it does not scroll.
    let points = window_event_listener(ev::mousedown, move |event| {
        let path = event.composed_path();
        focus.pressed(&path, is_here(&path));
    });
    on_cleanup(move || {
        goes.remove();
        points.remove();
    });
}

/// Escape (which takes the ruler away, or lets go of a crack, or leaves the comparison, or else stops the photo on the stage)
/// and paste work in the app wherever the focus is, in another page where it is in here.
fn listen_everywhere(controller: Controller, focus: Focus, root: NodeRef<Div>) {
    let has_controls = move || controller.has_controls();
    let is_app = controller.is_app();
    let keys = window_event_listener(ev::keydown, move |event| {
        if event.key() != "Escape" || !untrack(has_controls) || !concerns(&event, root, is_app) {
            return;
        }
        // What it does in here is not for what is around, such as a dialog that it would close.
        if controller.ruler.with_untracked(Option::is_some) {
            event.prevent_default();
            controller.ruler.set(None);
            return focus.on([RULER]);
        }
        if controller.crack_list.let_go() {
            return event.prevent_default();
        }
        let is_comparing = controller.look.with_untracked(|look| look.split.is_some())
            && controller.map.with_untracked(Option::is_some);
        if is_comparing {
            event.prevent_default();
            controller.look.update(|look| look.split = None);
            focus.on([COMPARE]);
        } else if let Some(shown) = controller.state.with_untracked(|state| {
            let shown = state.shown_photo().filter(|photo| photo.is_busy());
            shown.map(|photo| photo.id)
        }) {
            event.prevent_default();
            controller.act(|state| state.cancel(shown));
        }
    });
    let pastes = window_event_listener(ev::paste, move |event| {
        let files = event.clipboard_data().and_then(|data| data.files());
        let files = dom::files(files);
        if !files.is_empty() && untrack(has_controls) && concerns(&event, root, is_app) {
            event.prevent_default();
            controller.take_files(files);
        }
    });
    on_cleanup(move || {
        keys.remove();
        pastes.remove();
    });
}

/// Whether an event came from in here; for the app also from no particular place of the document.
fn concerns(event: &Event, root: NodeRef<Div>, is_app: bool) -> bool {
    let path = event.composed_path();
    let body = document().body().map(JsValue::from);
    let is_ours = root
        .get_untracked()
        .is_some_and(|root| path.includes(&root, 0));
    is_ours || is_app && (path.length() > 0 && Some(path.get(0)) == body)
}

fn carries_files(event: &DragEvent) -> bool {
    let kinds = event.data_transfer().map(|data: DataTransfer| data.types());
    kinds.is_some_and(|kinds| kinds.includes(&"Files".into(), 0))
}

/// The files that were dropped, and whether a folder was among them, of which the browser makes a file with nothing to read.
fn dropped(event: &DragEvent) -> (Vec<File>, bool) {
    let Some(items) = event.data_transfer().map(|data| data.items()) else {
        return (Vec::new(), false);
    };
    let items = (0..items.length()).filter_map(|place| items.get(place));
    let is_folder = |item: &DataTransferItem| {
        let entry = item.webkit_get_as_entry().ok().flatten();
        entry.is_some_and(|entry| entry.is_directory())
    };
    let (folders, files): (Vec<_>, Vec<_>) = items.partition(is_folder);
    let files = files.iter().filter_map(|item| item.get_as_file().ok()?);
    (files.collect(), !folders.is_empty())
}

/// Whether a drag leaves the page, and not only one of its parts for another.
fn leaves(event: &DragEvent, root: NodeRef<Div>) -> bool {
    let to = event
        .related_target()
        .and_then(|target| target.dyn_into::<web_sys::Node>().ok());
    !root
        .get_untracked()
        .is_some_and(|root| root.contains(to.as_ref()))
}
