//! The stage: the photo as large as the screen has room, the result over it, zoom and pan.

use leptos::ev::KeyboardEvent;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, MouseEvent, ResizeObserver, WheelEvent};

use super::compare::{self, CompareLine};
use super::crack_numbers::{self, CrackFrame, CrackNumbers};
use super::gesture::Gesture;
use super::overlay_canvas::OverlayCanvas;
use super::pad_pinch::PadPinch;
use super::progress::PhotoProgress;
use super::ruler::{self, RulerLine};
use super::tools::Tools;
use crate::web::ui::controller::Controller;
use crate::web::ui::labels::Picture;
use crate::web::ui::photo::PhotoId;
use crate::web::ui::viewport::{Frame, Pair, Viewpoint};

/// How far an arrow key moves the photo, in CSS pixels.
const KEY_STEP: f64 = 64.0;

/// How much a step of zooming enlarges.
const ZOOM_STEP: f64 = 1.5;

/// Zoom for each CSS pixel that a wheel or two fingers on a pad scroll.
const WHEEL_ZOOM: f64 = 0.0015;

/// The same while pinching on a pad, which browsers but Safari tell as a wheel with Ctrl, in smaller steps.
const PINCH_ZOOM: f64 = 0.01;

/// CSS pixels of a wheel's line, for browsers that count lines.
const WHEEL_LINE: f64 = 16.0;

/// What is left of the stage beside the tools and above them, in CSS pixels; the style sheet's three quarters of a --cs-rem.
const TOOLS_MARGIN: f64 = 12.0;

/// Beyond this enlargement pixels are shown as squares.
pub(super) const SQUARES_BEYOND: f64 = 2.0;

/// Where the photo stands on the stage, shared with the tools over it.
#[derive(Clone, Copy)]
pub(super) struct StageView {
    stage: NodeRef<Div>,
    size: RwSignal<Pair>,
    /// Of the tools in its left upper corner.
    tools: RwSignal<Pair>,
    /// Where the person looks; absent = the whole photo.
    chosen: RwSignal<Option<Viewpoint>>,
    /// Where they looked before they were shown something else, and at which photo.
    before: StoredValue<Option<(PhotoId, Option<Viewpoint>)>>,
    frame: Memo<Option<Frame>>,
    at: Memo<Option<Viewpoint>>,
}

impl StageView {
    fn new(controller: Controller) -> Self {
        let size = RwSignal::new((0.0, 0.0));
        let chosen = RwSignal::new(None);
        let photo = Memo::new(move |_| controller.state.with(|state| state.shown_photo()?.size));
        let frame = Memo::new(move |_| {
            let (stage, photo) = (size.get(), photo.get()?);
            let photo = (f64::from(photo.width), f64::from(photo.height));
            (stage.0 > 0.0 && stage.1 > 0.0).then_some(Frame { stage, photo })
        });
        let at = Memo::new(move |_| {
            let frame = frame.get()?;
            Some(
                chosen
                    .get()
                    .map_or_else(|| frame.fit(), |viewpoint| frame.bounded(viewpoint)),
            )
        });
        Self {
            stage: NodeRef::new(),
            size,
            tools: RwSignal::new((0.0, 0.0)),
            chosen,
            before: StoredValue::new(None),
            frame,
            at,
        }
    }

    /// CSS pixels a photo pixel, once there is a photo.
    pub(super) fn scale(self) -> Option<f64> {
        self.at.get().map(|at| at.scale)
    }

    /// Whether the whole photo is shown.
    pub(super) fn is_fit(self) -> bool {
        let fit = self.frame.get().map(|frame| frame.fit());
        self.chosen.get().is_none() || fit == self.at.get()
    }

    /// The first element over the photo that a selector names.
    pub(super) fn find_over(self, selector: &str) -> Option<Element> {
        let stage = self.stage.get_untracked()?.parent_element()?;
        stage.query_selector(selector).ok().flatten()
    }

    /// Shows the whole photo.
    pub(super) fn fit(self) {
        self.chosen.set(None);
    }

    /// Zooms in by a step, or out by a negative one, about the middle.
    pub(super) fn zoom_step(self, steps: i32) {
        let middle = self
            .size
            .with_untracked(|size| (size.0 / 2.0, size.1 / 2.0));
        self.zoom(ZOOM_STEP.powi(steps), middle);
    }

    /// Width and height of the photo as shown, in CSS pixels.
    pub(super) fn shown_size(self) -> Option<Pair> {
        let (frame, at) = (self.frame.get()?, self.at.get()?);
        Some((frame.photo.0 * at.scale, frame.photo.1 * at.scale))
    }

    /// Where a point of the photo stands on the stage.
    pub(super) fn to_stage(self, point: Pair) -> Option<Pair> {
        Some(self.frame.get()?.to_stage(self.at.get()?, point))
    }

    /// The point of the photo that is nearest to a place on the stage.
    pub(super) fn to_photo(self, place: Pair) -> Option<Pair> {
        let (frame, at) = (self.frame.get_untracked()?, self.at.get_untracked()?);
        Some(frame.to_photo(at, place))
    }

    /// What the numbers of cracks stand in.
    pub(super) fn picture(self) -> Picture {
        let (size, tools) = (self.size.get(), self.tools.get());
        let covered = if tools.0 > 0.0 {
            (tools.0 + TOOLS_MARGIN, tools.1 + TOOLS_MARGIN)
        } else {
            tools
        };
        Picture { size, covered }
    }

    /// Notes how large the tools over the stage are, for as long as they are there.
    pub(super) fn observe_tools(self, tools: NodeRef<Div>) {
        observe_size(tools, self.tools);
        on_cleanup(move || {
            self.tools.try_set((0.0, 0.0));
        });
    }

    /// Shows a part of the photo, given by its corner and its size.
    pub(super) fn show(self, corner: Pair, size: Pair) {
        self.change(|frame, _| frame.around(corner, size));
    }

    /// Notes where the person looks at a photo, which is to be shown otherwise for a while.
    pub(super) fn remember(self, photo: Option<PhotoId>) {
        let before = photo.map(|photo| (photo, self.chosen.get_untracked()));
        self.before.set_value(before);
    }

    /// Looks there again, if it was this photo.
    pub(super) fn look_back(self, photo: PhotoId) {
        let is_its = |before: &mut (PhotoId, _)| before.0 == photo;
        let before = self
            .before
            .try_update_value(|before| before.take_if(is_its));
        if let Some((_, viewpoint)) = before.flatten() {
            self.chosen.set(viewpoint);
        }
    }

    /// Where on the stage an event happened, in CSS pixels.
    pub(super) fn place_of(self, event: &MouseEvent) -> Pair {
        self.place_at((f64::from(event.client_x()), f64::from(event.client_y())))
    }

    /// The same of a place in the window.
    pub(super) fn place_at(self, (x, y): Pair) -> Pair {
        let corner = self
            .stage
            .get_untracked()
            .map(|stage| stage.get_bounding_client_rect());
        corner.map_or((0.0, 0.0), |corner| (x - corner.left(), y - corner.top()))
    }

    /// Scrolls the page's own parts, where they scroll as one, so that the stage is seen. A page around them stays as it is.
    pub(super) fn bring_into_sight(self) {
        if let Some(layout) = self.layout() {
            layout.set_scroll_top(0);
        }
    }

    /// Whether they do.
    fn can_scroll(self) -> bool {
        let layout = self.layout();
        layout.is_some_and(|layout| layout.scroll_height() > layout.client_height())
    }

    fn layout(self) -> Option<Element> {
        self.stage
            .get_untracked()?
            .closest(".cs-layout")
            .ok()
            .flatten()
    }

    /// Where a ruler is laid at first.
    pub(super) fn middle_line(self) -> Option<[Pair; 2]> {
        let (frame, at) = (self.frame.get_untracked()?, self.at.get_untracked()?);
        Some(frame.middle_line(at))
    }

    pub(super) fn zoom(self, factor: f64, about: Pair) {
        self.change(|frame, at| frame.zoom(at, factor, about));
    }

    pub(super) fn pan(self, by: Pair) {
        self.change(|frame, at| frame.pan(at, by));
    }

    fn change(self, to: impl FnOnce(Frame, Viewpoint) -> Viewpoint) {
        // After the stage's end too: a frame that was asked for may come late.
        let frame = self.frame.try_get_untracked().flatten();
        let at = self.at.try_get_untracked().flatten();
        if let (Some(frame), Some(at)) = (frame, at) {
            let to = to(frame, at);
            self.chosen.set((to != frame.fit()).then_some(to));
        }
    }

    fn toggle_full_size(self, about: Pair) {
        let Some(scale) = self.at.get_untracked().map(|at| at.scale) else {
            return;
        };
        if self.chosen.get_untracked().is_some() {
            self.fit();
        } else {
            let target = if scale < 1.0 { 1.0 } else { scale * 4.0 };
            self.zoom(target / scale, about);
        }
    }

    /// Position and size of the photo's layer, as CSS.
    fn place(self) -> Option<(String, String, String)> {
        let (frame, at, size) = (self.frame.get()?, self.at.get()?, self.shown_size()?);
        let (x, y) = frame.origin(at);
        Some((
            format!("translate({x}px, {y}px)"),
            format!("{}px", size.0),
            format!("{}px", size.1),
        ))
    }
}

/// The stage with all that floats over it.
#[component]
pub(super) fn Stage() -> impl IntoView {
    let controller = Controller::of_context();
    let view = StageView::new(controller);
    provide_context(view);
    let (state, look) = (controller.state, controller.look);
    let words = controller.words();

    let shown = Memo::new(move |_| state.with(|state| state.shown));
    Effect::new(move |_| {
        shown.get();
        view.fit();
    });
    observe_size(view.stage, view.size);
    let preview = Memo::new(move |_| state.with(|state| state.shown_photo()?.preview.clone()));
    // The browser unpacks the preview beside the page; until then the small picture stands in.
    let unpacked = RwSignal::new(None);
    let has_preview =
        Memo::new(move |_| preview.with(|url| url.is_some() && *url == unpacked.get()));
    let thumbnail = Memo::new(move |_| state.with(|state| state.shown_photo()?.thumbnail.clone()));
    let squares = move || view.scale().is_some_and(|scale| scale > SQUARES_BEYOND);
    let summary = move || {
        let (view, threshold) = (look.with(|look| look.view), controller.threshold.get());
        state.with(|state| {
            let photo = state.shown_photo()?;
            Some(words.get().stage_summary(photo, view, threshold))
        })
    };
    let gesture = Gesture::new(view);
    provide_context(gesture);
    let pinch = PadPinch::new(view, gesture);

    view! {
        <div
            class="cs-stage"
            part="stage"
            on:wheel=move |event| on_wheel(view, controller.is_app(), &event)
            on:gesturestart=move |event: Event| pinch.begin(&event)
            on:gesturechange=move |event: Event| pinch.follow(&event)
        >
            <div
                class="cs-stage__view"
                class:cs-stage__view--zoomed=move || !view.is_fit()
                role="application"
                aria-roledescription=move || words.get().stage_role
                aria-label=summary
                aria-describedby="cs-stage-keys"
                tabindex="0"
                data-testid="stage"
                data-focus-first
                node_ref=view.stage
                on:keydown=move |event| on_key(view, &event)
                on:dblclick=move |event| press_twice(view, gesture, &event)
                on:pointerdown=move |event| gesture.begin(&event)
                on:pointermove=move |event| if let Some(by) = gesture.follow(&event) {
                    view.pan(by);
                }
                on:pointerup=move |event| {
                    if let Some(place) = gesture.end(&event) {
                        press(controller, view, place);
                    }
                }
                on:pointercancel=move |event| { gesture.end(&event); }
            >
                <Show when=move || !has_preview.get()>
                    {move || thumbnail.get().map(|url| view! { <img class="cs-stage__waiting" src=url alt="" draggable="false" /> })}
                </Show>
                <img
                    class="cs-layer"
                    class:cs-layer--squares=squares
                    style:transform=move || view.place().map(|place| place.0)
                    style:width=move || view.place().map(|place| place.1)
                    style:height=move || view.place().map(|place| place.2)
                    src=move || preview.get()
                    hidden=move || preview.with(Option::is_none)
                    alt=""
                    decoding="async"
                    draggable="false"
                    on:load=move |_| unpacked.set(preview.get_untracked())
                />
                <div
                    class="cs-stage__after"
                    class:cs-stage__after--split=move || look.with(|look| look.split.is_some())
                    style=("--cs-split", move || look.with(|look| look.split.unwrap_or(0.0).to_string()))
                >
                    <div
                        class="cs-layer"
                        style:transform=move || view.place().map(|place| place.0)
                        style:width=move || view.place().map(|place| place.1)
                        style:height=move || view.place().map(|place| place.2)
                    >
                        <OverlayCanvas />
                    </div>
                </div>
            </div>
            <p class="cs-hidden" id="cs-stage-keys">{move || words.get().stage_keys}</p>
            <CompareLine />
            <RulerLine />
            <CrackFrame />
            // Below the tools, whose presses they would seem to take.
            <CrackNumbers />
            <Show when=move || controller.has_controls()><Tools /></Show>
            <PhotoProgress />
        </div>
    }
    .into_any()
}

/// What is pressed on the photo, not dragged: a place for the ruler's nearer end, a crack, or else one for the line of the comparison.
pub(super) fn press(controller: Controller, view: StageView, place: Pair) {
    if controller.ruler.with_untracked(Option::is_some) {
        ruler::move_nearer_end(controller, view, place);
    } else if !crack_numbers::press(controller, view, place) {
        compare::move_line(controller, view, place);
    }
}

/// Two presses, of which the second may meet what the first one brought there.
pub(super) fn press_twice(view: StageView, gesture: Gesture, event: &MouseEvent) {
    // Safari takes two quick drags for one as well.
    if gesture.was_press() {
        view.toggle_full_size(view.place_of(event));
    }
}

fn on_key(view: StageView, event: &KeyboardEvent) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    match event.key().as_str() {
        "+" | "=" => view.zoom_step(1),
        "-" => view.zoom_step(-1),
        "0" => view.fit(),
        "ArrowLeft" => view.pan((KEY_STEP, 0.0)),
        "ArrowRight" => view.pan((-KEY_STEP, 0.0)),
        "ArrowUp" => view.pan((0.0, KEY_STEP)),
        "ArrowDown" => view.pan((0.0, -KEY_STEP)),
        _ => return,
    }
    event.prevent_default();
}

fn on_wheel(view: StageView, is_app: bool, event: &WheelEvent) {
    // What goes on below the photo is scrolled first; whoever holds Ctrl, or is zoomed in already, means the photo.
    let may_scroll = !is_app || view.can_scroll();
    if may_scroll && !event.ctrl_key() && view.chosen.with_untracked(Option::is_none) {
        return;
    }
    event.prevent_default();
    let unit = if event.delta_mode() == WheelEvent::DOM_DELTA_LINE {
        WHEEL_LINE
    } else {
        1.0
    };
    let speed = if event.ctrl_key() {
        PINCH_ZOOM
    } else {
        WHEEL_ZOOM
    };
    view.zoom(
        (-event.delta_y() * unit * speed).exp(),
        view.place_of(event),
    );
}

/// Keeps `size` the size of an element for as long as the owner lives.
fn observe_size(element: NodeRef<Div>, size: RwSignal<Pair>) {
    let measure = move || {
        if let Some(element) = element.try_get_untracked().flatten() {
            size.try_set((
                f64::from(element.client_width()),
                f64::from(element.client_height()),
            ));
        }
    };
    let on_resize = Closure::<dyn FnMut(JsValue)>::new(move |_| measure());
    let Ok(observer) = ResizeObserver::new(on_resize.as_ref().unchecked_ref()) else {
        return;
    };
    let observer = StoredValue::new_local(Some((observer, on_resize)));
    Effect::new(move |_| {
        if let Some(element) = element.get() {
            observer.with_value(|observer| {
                if let Some((observer, _)) = observer {
                    observer.observe(&element);
                }
            });
            measure();
        }
    });
    on_cleanup(move || {
        if let Some(Some((observer, _))) = observer.try_update_value(Option::take) {
            observer.disconnect();
        }
    });
}
