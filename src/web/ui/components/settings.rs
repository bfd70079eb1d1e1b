//! What the engine is, and how to change it.

use leptos::prelude::*;
use web_sys::{Element, Event};

use super::alert::Alert;
use super::app::Choosers;
use super::choice::{Choice, Choices};
use super::disclosure::Disclosure;
use super::icons::{Glyph, Icon};
use super::offline::OfflineSetting;
use super::progress::{self, ProgressBar};
use super::result::Outdated;
use crate::protocol::{Backend, BackendChoice, FailureKind, Mode, Reason};
use crate::web::ui::controller::Controller;
use crate::web::ui::dom;
use crate::web::ui::focus::{Focus, SETTINGS};
use crate::web::ui::language::Language;
use crate::web::ui::shipped::Shipped;
use crate::web::ui::state::{AppPhase, Readiness, State};
use crate::web::ui::words::Words;

/// The backend in a word, with a mark of the page's state.
#[component]
pub(super) fn EngineChip() -> impl IntoView {
    let controller = Controller::of_context();
    let (state, words) = (controller.state, controller.words());
    let phase = Memo::new(move |_| state.with(State::app_phase));
    let text = move || match phase.get() {
        AppPhase::Starting => words.get().starting,
        AppPhase::Failed => words.get().not_running,
        AppPhase::Ready | AppPhase::Working => state.with(|state| {
            state
                .engine
                .as_ref()
                .map_or("", |engine| engine.backend.name())
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
    .into_any()
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
        let Some(root) = root.get() else { return };
        let has_photos = has_photos.get();
        // In a frame, as the page is laid out there anyway: asked for its width here, it would be laid out once more.
        request_animation_frame(move || {
            // None where the page has gone meanwhile.
            let _ = is_open.try_set(!has_photos && !dom::is_narrow(&root));
        });
    });
    let engine_progress = Memo::new(move |_| state.with(progress::of_settings));
    view! {
        <section class="cs-section cs-settings">
            <h2>
                <Disclosure testid="settings" label=|words| words.settings is_open=is_open />
            </h2>
            <Show when=move || engine_progress.with(Option::is_some)>
                <ProgressBar progress=engine_progress />
            </Show>
            <div class="cs-settings__body" hidden=move || !is_open.get()>
                <ModeSetting />
                <BackendSetting />
                <WeightsSetting />
                // Beside what was changed: the result may be out of sight.
                <Outdated />
                <OfflineSetting />
                {controller.is_app().then(|| view! { <LanguageSetting /> })}
            </div>
        </section>
    }
    .into_any()
}

/// Without an engine nothing goes: said in place, with what can be done.
#[component]
pub(super) fn EngineFailed() -> impl IntoView {
    let controller = Controller::of_context();
    let (state, words) = (controller.state, controller.words());
    let focus: Focus = expect_context();
    let again = move |_| {
        controller.act(State::restart);
        focus.on([SETTINGS]);
    };
    let failure = Memo::new(move |_| {
        state.with(|state| match &state.readiness {
            Readiness::Failed(failure) => Some(failure.clone()),
            _ => None,
        })
    });
    move || {
        failure.get().map(|failure| {
            view! {
                <div class="cs-error" role="alert" data-testid="error">
                    <Glyph icon=Icon::Alert />
                    <p>
                        <strong>{move || words.get().engine_failed}</strong>
                        <br />
                        {move || words.get().failure(&failure)}
                    </p>
                    <button class="cs-button" data-testid="try-again" on:click=again>{move || words.get().try_again}</button>
                </div>
            }
        })
    }
}

/// That the CPU took over from a GPU that was lost: said where it is seen, as all is slower from then on.
#[component]
pub(super) fn GpuLost() -> impl IntoView {
    let controller = Controller::of_context();
    let (state, words) = (controller.state, controller.words());
    let is_lost = Memo::new(move |_| state.with(|state| state.has_lost_gpu));
    move || {
        is_lost.get().then(|| {
            view! {
                <p class="cs-note" data-testid="gpu-lost">
                    {move || (words.get().reason)(Backend::Cpu, Reason::LostGpu)}
                    <button
                        class="cs-link"
                        data-testid="try-gpu-again"
                        on:click=move |_| controller.try_gpu_again()
                    >
                        <Glyph icon=Icon::Again />
                        {move || words.get().try_gpu_again}
                    </button>
                </p>
            }
        })
    }
}

#[component]
fn ModeSetting() -> impl IntoView {
    let controller = Controller::of_context();
    let words = controller.words();
    let chosen = Memo::new(move |_| controller.state.with(|state| state.mode));
    let options = [
        (Mode::Native, "mode-native"),
        (Mode::Thorough, "mode-thorough"),
        (Mode::Space, "mode-space"),
    ]
    .map(|(value, testid)| Choice { value, testid });
    view! {
        <div>
            <Choices
                name="mode"
                legend=|words| words.mode
                label=Words::mode_name
                options=options.to_vec()
                chosen=chosen
                choose=move |mode| controller.act(|state| state.set_mode(mode))
            />
            <p class="cs-hint">{move || words.get().mode_hint(chosen.get())}</p>
        </div>
    }
    .into_any()
}

#[component]
fn BackendSetting() -> impl IntoView {
    let controller = Controller::of_context();
    let (state, words) = (controller.state, controller.words());
    let chosen = Memo::new(move |_| state.with(|state| state.backend));
    let options = [
        (BackendChoice::Auto, "backend-auto"),
        (BackendChoice::WebGpu, "backend-webgpu"),
        (BackendChoice::Cpu, "backend-cpu"),
    ]
    .map(|(value, testid)| Choice { value, testid });
    let engine = Memo::new(move |_| state.with(|state| state.engine.clone()));
    let speed = Memo::new(move |_| state.with(|state| state.seconds_per_megapixel));
    let facts = move || {
        engine.get().map(|engine| {
            view! {
                <p class="cs-hint" data-testid="reason">{move || (words.get().reason)(engine.backend, engine.reason)}</p>
                <dl class="cs-facts">
                    <div><dt>{move || words.get().adapter}</dt><dd>{engine.adapter.clone()}</dd></div>
                    <div><dt>{move || words.get().speed}</dt><dd>{move || speed.get().map(|speed| words.get().speed_of(speed))}</dd></div>
                    {engine.self_test.map(|difference| view! {
                        <div><dt>{move || words.get().self_test}</dt><dd>{move || words.get().self_test_gave(difference)}</dd></div>
                    })}
                </dl>
            }
        })
    };
    view! {
        <div>
            <Choices
                name="backend"
                legend=|words| words.backend
                label=Words::backend_choice
                options=options.to_vec()
                chosen=chosen
                choose=move |backend| controller.choose_backend(backend)
            />
            {facts}
        </div>
    }
    .into_any()
}

#[component]
fn WeightsSetting() -> impl IntoView {
    let controller = Controller::of_context();
    let choosers: Choosers = expect_context();
    let words = controller.words();
    let name = move || {
        let words = words.get();
        let is_awaiting = controller.is_awaiting_weights();
        controller
            .state
            .with(|state| match (&state.engine, &state.readiness) {
                (Some(_), Readiness::Starting(_)) if is_awaiting => {
                    words.weights_loading.to_owned()
                }
                (Some(engine), _) => words.weights_of(engine),
                (None, Readiness::Failed(_)) => words.weights_none.to_owned(),
                (None, _) => words.weights_loading.to_owned(),
            })
    };
    let chosen = Memo::new(move |_| controller.shipped_weights());
    let options = [
        (Shipped::Lite, "weights-lite"),
        (Shipped::Open, "weights-open"),
    ]
    .map(|(shipped, testid)| Choice {
        value: Some(shipped),
        testid,
    });
    let choose = move |shipped: Option<Shipped>| {
        if let Some(shipped) = shipped {
            controller.choose_weights(shipped);
        }
    };
    // In another page that page says which.
    let shipped = if controller.is_app() {
        view! {
            <Choices
                name="weights"
                legend=|words| words.weights
                label=Words::shipped_name
                options=options.to_vec()
                chosen=chosen
                choose=choose
            />
            <p class="cs-hint">{move || Some(words.get().shipped_hint(chosen.get()?))}</p>
        }
        .into_any()
    } else {
        view! { <h3>{move || words.get().weights}</h3> }.into_any()
    };
    view! {
        <div>
            {shipped}
            <div class="cs-bar">
                <p class="cs-name" data-testid="weights">{name}</p>
                <button
                    class="cs-button"
                    data-testid="choose-weights"
                    on:click=move |_| Choosers::open(choosers.weights)
                >
                    {move || words.get().weights_choose}
                </button>
            </div>
            <p class="cs-hint">{move || words.get().weights_hint}</p>
        </div>
    }
    .into_any()
}

/// The language of all words. In another page that page says it.
#[component]
fn LanguageSetting() -> impl IntoView {
    let controller = Controller::of_context();
    let (language, words) = (controller.language, controller.words());
    let options = Language::ALL
        .map(|option| {
            let is_chosen = move || language.get() == option;
            view! {
                <option value=option.tag() lang=option.tag() prop:selected=is_chosen>{option.name()}</option>
            }
        })
        .collect_view();
    let choose = move |event: Event| {
        if let Some(language) = Language::of_tag(&event_target_value(&event)) {
            controller.choose_language(language);
            // Longer words push it out of sight.
            let select: Element = event_target(&event);
            request_animation_frame(move || dom::bring_into_view(&select));
        }
    };
    view! {
        <label class="cs-language">
            <span>{move || words.get().language}</span>
            <select data-testid="language" on:change=choose>{options}</select>
        </label>
    }
    .into_any()
}

/// That other weights were taken in, and from when on they count.
#[component]
pub(super) fn ComingWeights() -> impl IntoView {
    let controller = Controller::of_context();
    let (state, words) = (controller.state, controller.words());
    let coming = Memo::new(move |_| state.with(|state| state.coming_weights.clone()));
    move || {
        let words = coming
            .get()
            .map(|name| (words.get().coming_weights)(&name))?;
        Some(view! { <p class="cs-note" data-testid="coming-weights">{words}</p> })
    }
}

/// What went wrong when the backend or the weights were to change. Stands outside of the settings, which may be closed.
#[component]
pub(super) fn SettingsFailure() -> impl IntoView {
    let controller = Controller::of_context();
    let (state, words) = (controller.state, controller.words());
    let told = Memo::new(move |_| {
        let words = words.get();
        state.with(|state| {
            let failure = state.settings_failure.as_ref()?;
            let engine = state.engine.as_ref();
            let is_of_weights = matches!(
                failure.kind,
                FailureKind::Weights | FailureKind::OtherWeights
            );
            let stays = engine.filter(|_| is_of_weights);
            let stays = stays.map(|engine| (words.weights_stay)(&engine.weights));
            Some((words.failure(failure), stays))
        })
    });
    move || {
        let (message, stays) = told.get()?;
        let dismiss = move || state.update(State::dismiss_settings_failure);
        Some(view! {
            <Alert on_dismiss=dismiss>
                <p>{message}</p>
                {stays.map(|stays| view! { <p>{stays}</p> })}
            </Alert>
        })
    }
}
