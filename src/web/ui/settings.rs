//! What the engine is, and how to change it.

use leptos::prelude::*;

use super::alert::Alert;
use super::app::Choosers;
use super::choice::{Choice, Choices};
use super::controller::Controller;
use super::dom;
use super::focus::Focus;
use super::icons::{Glyph, Icon};
use super::offline::OfflineSetting;
use super::progress::{self, ProgressBar};
use super::state::{AppPhase, Readiness, State};
use super::words;
use crate::protocol::{BackendChoice, FailureKind, Mode};

/// The backend in a word, with a mark of the page's state.
#[component]
pub(super) fn EngineChip() -> impl IntoView {
    let state = Controller::of_context().state;
    let phase = Memo::new(move |_| state.with(State::app_phase));
    let text = move || match phase.get() {
        AppPhase::Starting => words::CHIP_STARTING,
        AppPhase::Failed => words::CHIP_FAILED,
        AppPhase::Ready | AppPhase::Working => state.with(|state| {
            state
                .engine
                .as_ref()
                .map_or("", |engine| words::backend(engine.backend))
        }),
    };
    view! {
        <p
            class="cs-chip"
            class:cs-chip--busy=move || matches!(phase.get(), AppPhase::Starting | AppPhase::Working)
            class:cs-chip--failed=move || phase.get() == AppPhase::Failed
        >
            {text}
        </p>
    }
}

/// Mode, backend and weights. Open where there is room: until there are photos, and not on a phone.
#[component]
pub(super) fn SettingsSection() -> impl IntoView {
    let controller = Controller::of_context();
    let state = controller.state;
    let has_photos = controller.has_photos;
    let is_open = RwSignal::new(false);
    let Focus { root, .. } = expect_context();
    Effect::new(move |_| {
        let is_narrow = root.get().is_some_and(|root| dom::is_narrow(&root));
        is_open.set(!has_photos.get() && !is_narrow);
    });
    let engine_progress = Memo::new(move |_| state.with(progress::of_settings));
    view! {
        <section class="cs-section cs-settings">
            <h2>
                <button
                    class="cs-disclosure"
                    data-testid="settings"
                    aria-expanded=move || is_open.get().to_string()
                    on:click=move |_| is_open.update(|is| *is = !*is)
                >
                    {words::SETTINGS}
                    {move || view! { <Glyph icon=if is_open.get() { Icon::Up } else { Icon::Down } /> }}
                </button>
            </h2>
            <EngineFailed />
            <Show when=move || engine_progress.with(Option::is_some)>
                <ProgressBar progress=engine_progress />
            </Show>
            <div class="cs-settings__body" hidden=move || !is_open.get()>
                <ModeSetting />
                <BackendSetting />
                <WeightsSetting />
                <OfflineSetting />
            </div>
        </section>
    }
}

/// Without an engine nothing goes: said in place, with what can be done.
#[component]
fn EngineFailed() -> impl IntoView {
    let controller = Controller::of_context();
    let state = controller.state;
    let focus: Focus = expect_context();
    let again = move |_| {
        controller.act(|state| state.set_backend(state.backend));
        focus.on(["[data-testid=settings]".to_owned()]);
    };
    move || {
        let message = state.with(|state| match &state.readiness {
            Readiness::Failed(failure) => Some(failure.message.clone()),
            _ => None,
        });
        message.map(|message| {
            view! {
                <div class="cs-error" role="alert" data-testid="error">
                    <Glyph icon=Icon::Alert />
                    <p><strong>{words::ENGINE_FAILED}</strong><br />{message}</p>
                    <button class="cs-button" data-testid="try-again" on:click=again>{words::TRY_AGAIN}</button>
                </div>
            }
        })
    }
}

#[component]
fn ModeSetting() -> impl IntoView {
    let controller = Controller::of_context();
    let chosen = Memo::new(move |_| controller.state.with(|state| state.mode));
    let options = vec![
        Choice {
            value: Mode::Native,
            label: words::mode(Mode::Native),
            testid: "mode-native",
        },
        Choice {
            value: Mode::Space,
            label: words::mode(Mode::Space),
            testid: "mode-space",
        },
    ];
    view! {
        <div>
            <Choices
                name="mode"
                legend=words::MODE
                options=options
                chosen=chosen
                choose=move |mode| controller.act(|state| state.set_mode(mode))
            />
            <p class="cs-hint">{move || words::mode_hint(chosen.get())}</p>
        </div>
    }
}

#[component]
fn BackendSetting() -> impl IntoView {
    let controller = Controller::of_context();
    let state = controller.state;
    let chosen = Memo::new(move |_| state.with(|state| state.backend));
    let options = [
        (BackendChoice::Auto, "backend-auto"),
        (BackendChoice::WebGpu, "backend-webgpu"),
        (BackendChoice::Cpu, "backend-cpu"),
    ]
    .map(|(value, testid)| Choice {
        value,
        label: words::backend_choice(value),
        testid,
    });
    let engine = Memo::new(move |_| state.with(|state| state.engine.clone()));
    let speed = Memo::new(move |_| state.with(|state| state.seconds_per_megapixel));
    let facts = move || {
        engine.get().map(|engine| {
            view! {
                <p class="cs-hint">{engine.reason.clone()}</p>
                <dl class="cs-facts">
                    <div><dt>{words::ADAPTER}</dt><dd>{engine.adapter.clone()}</dd></div>
                    <div><dt>{words::SPEED}</dt><dd>{move || speed.get().map(words::speed)}</dd></div>
                    {engine.self_test.map(|difference| view! {
                        <div><dt>{words::SELF_TEST}</dt><dd>{words::self_test(difference)}</dd></div>
                    })}
                </dl>
            }
        })
    };
    view! {
        <div>
            <Choices
                name="backend"
                legend=words::BACKEND
                options=options.to_vec()
                chosen=chosen
                choose=move |backend| controller.choose_backend(backend)
            />
            {facts}
        </div>
    }
}

#[component]
fn WeightsSetting() -> impl IntoView {
    let controller = Controller::of_context();
    let choosers: Choosers = expect_context();
    let name = move || {
        controller
            .state
            .with(|state| match (&state.engine, &state.readiness) {
                (Some(engine), _) => words::weights(engine),
                (None, Readiness::Failed(_)) => words::WEIGHTS_NONE.to_owned(),
                (None, _) => words::WEIGHTS_LOADING.to_owned(),
            })
    };
    view! {
        <div>
            <h3>{words::WEIGHTS}</h3>
            <div class="cs-bar">
                <p class="cs-name" data-testid="weights">{name}</p>
                <button
                    class="cs-button"
                    data-testid="choose-weights"
                    on:click=move |_| Choosers::open(choosers.weights)
                >
                    {words::WEIGHTS_CHOOSE}
                </button>
            </div>
            <p class="cs-hint">{words::WEIGHTS_HINT}</p>
        </div>
    }
}

/// That other weights were taken in, and from when on they count.
#[component]
pub(super) fn ComingWeights() -> impl IntoView {
    let state = Controller::of_context().state;
    let coming = Memo::new(move |_| state.with(|state| state.coming_weights.clone()));
    move || {
        let words = coming.get().map(|name| words::coming_weights(&name))?;
        Some(view! { <p class="cs-note" role="status" data-testid="coming-weights">{words}</p> })
    }
}

/// What went wrong when the backend or the weights were to change. Stands outside of the settings, which may be closed.
#[component]
pub(super) fn SettingsFailure() -> impl IntoView {
    let state = Controller::of_context().state;
    move || {
        let (message, stays) = state.with(|state| {
            let failure = state.settings_failure.as_ref()?;
            let engine = state.engine.as_ref();
            let stays = engine.filter(|_| failure.kind == FailureKind::OtherWeights);
            let stays = stays.map(|engine| words::weights_stay(&engine.weights));
            Some((failure.message.clone(), stays))
        })?;
        let dismiss = move || state.update(|state| state.settings_failure = None);
        Some(view! {
            <Alert on_dismiss=dismiss>
                <p>{message}</p>
                {stays.map(|stays| view! { <p>{stays}</p> })}
            </Alert>
        })
    }
}
