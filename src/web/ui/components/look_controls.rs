//! How the result is looked at: view, threshold, opacity.

use leptos::prelude::*;

use super::choice::{Choice, Choices};
use super::icons::{Glyph, Icon};
use crate::web::ui::controller::Controller;
use crate::web::ui::dom;
use crate::web::ui::focus::{Focus, THRESHOLD};
use crate::web::ui::look::View;
use crate::web::ui::state::State;
use crate::web::ui::words::Words;

/// The four views.
#[component]
pub(super) fn Views() -> impl IntoView {
    let look = Controller::of_context().look;
    let options = View::ALL.map(|view| Choice {
        value: view,
        testid: match view {
            View::Overlay => "view-overlay",
            View::Mask => "view-mask",
            View::Heat => "view-heat",
            View::Original => "view-original",
        },
    });
    let chosen = Memo::new(move |_| look.with(|look| look.view));
    view! {
        <section class="cs-section cs-section--views">
            <Choices
                name="view"
                legend=|words| words.view
                label=Words::view_name
                options=options.to_vec()
                chosen=chosen
                choose=move |view| look.update(|look| look.choose(view))
            />
        </section>
    }
    .into_any()
}

/// What a slider moves by.
const STEP: f32 = 0.01;

/// Threshold and opacity, and the heat map's scale.
#[component]
pub(super) fn Sliders() -> impl IntoView {
    let controller = Controller::of_context();
    let (look, words) = (controller.look, controller.words());
    let view = Memo::new(move |_| look.with(|look| look.view));
    let shipped = Memo::new(move |_| controller.state.with(State::shipped_threshold));
    let threshold = controller.threshold;
    let focus: Focus = expect_context();
    let opacity = Memo::new(move |_| look.with(|look| look.opacity));
    let choose_threshold = move |value: f32| {
        // Moved back, it follows the weights again.
        let is_shipped = (value - shipped.get_untracked()).abs() < STEP / 2.0;
        look.update(|look| look.threshold = (!is_shipped).then_some(value));
    };
    let reset = move || {
        look.with(|look| look.threshold.is_some()).then(|| {
            view! {
                <button
                    class="cs-link"
                    data-testid="threshold-reset"
                    on:click=move |_| {
                        look.update(|look| look.threshold = None);
                        focus.on([THRESHOLD]);
                    }
                >
                    <Glyph icon=Icon::Reset />
                    {move || words.get().reset(shipped.get())}
                </button>
            }
        })
    };
    view! {
        <section class="cs-section cs-sliders">
            <Slider
                id="threshold"
                label=|words| words.threshold
                min=0.01
                max=0.99
                value=Signal::derive(move || f64::from(threshold.get()))
                text=move || words.get().threshold_value(threshold.get())
                on_input=move |value| choose_threshold(value as f32)
            />
            <p class="cs-hint">{move || words.get().threshold_hint} " " {reset}</p>
            <Show when=move || view.get() == View::Heat>
                <HeatScale threshold=threshold />
            </Show>
            <Slider
                id="opacity"
                label=|words| words.opacity
                min=0.0
                max=1.0
                value=opacity
                text=move || words.get().whole_percent(opacity.get())
                disabled=Signal::derive(move || !view.get().is_see_through())
                on_input=move |value| look.update(|look| look.opacity = value)
            />
        </section>
    }
    .into_any()
}

/// A labelled slider with its value.
#[component]
fn Slider(
    id: &'static str,
    label: fn(&Words) -> &'static str,
    min: f64,
    max: f64,
    #[prop(into)] value: Signal<f64>,
    text: impl Fn() -> String + Copy + Send + Sync + 'static,
    #[prop(optional, into)] disabled: Signal<bool>,
    on_input: impl Fn(f64) + 'static,
) -> impl IntoView {
    let words = Controller::of_context().words();
    let label = move || label(words.get());
    let filled = move || ((value.get() - min) / (max - min)).to_string();
    view! {
        <label class="cs-slider">
            <span class="cs-slider__label">{label}</span>
            <span class="cs-slider__value" aria-hidden="true">{text}</span>
            <input
                type="range"
                data-testid=id
                aria-label=label
                min=min.to_string()
                max=max.to_string()
                step=STEP.to_string()
                aria-valuetext=text
                disabled=disabled
                style=("--cs-filled", filled)
                prop:value=move || format!("{:.2}", value.get())
                on:input=move |event| on_input(dom::number_of(&event))
            />
        </label>
    }
    .into_any()
}

/// What the heat map's colours mean, and where the threshold lies among them.
#[component]
fn HeatScale(threshold: Memo<f32>) -> impl IntoView {
    let words = Controller::of_context().words();
    let scale = move || words.get().heat_scale;
    let steps = crate::overlay::heat_table()
        .into_iter()
        .step_by(HEAT_STEP)
        .map(|[red, green, blue]| view! { <i style:background-color=format!("rgb({red} {green} {blue})")></i> })
        .collect_view();
    view! {
        <div class="cs-heat" role="img" aria-label=scale>
            <div class="cs-heat__scale" style=("--cs-threshold", move || threshold.get().to_string())>{steps}</div>
            <p class="cs-heat__ends"><span>"0"</span><span>{scale}</span><span>"1"</span></p>
        </div>
    }
    .into_any()
}

/// Every so many of the heat map's 256 colours are shown in its scale.
const HEAT_STEP: usize = 8;
