//! How far something is, in words and as a bar.

use leptos::either::Either;
use leptos::prelude::*;

use super::alert::Failed;
use super::app::Choosers;
use super::settings::EngineFailed;
use crate::protocol::{Failure, FailureKind, Resolution, Stage};
use crate::web::ui::controller::Controller;
use crate::web::ui::focus::{CANCEL, FIRST, Focus};
use crate::web::ui::photo::{Phase, Photo, PhotoId};
use crate::web::ui::state::{Readiness, State};
use crate::web::ui::words::Words;

/// Something under way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Progress {
    /// At this stage, once it is known.
    Stage(Option<Stage>),
    /// It waits.
    Waits(Wait),
}

impl Progress {
    fn stage(self) -> Option<Stage> {
        match self {
            Self::Stage(stage) => stage,
            Self::Waits(_) => None,
        }
    }
}

/// Whoever pressed has been heard.
const STOPPING: Progress = Progress::Waits(Wait::Stop);

/// What a photo waits for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Wait {
    /// The photos before it.
    Turn,
    /// An engine; there is none.
    Engine,
    /// The end of the batch in work, after which it is stopped.
    Stop,
}

impl Wait {
    fn name(self, words: &Words) -> &'static str {
        match self {
            Self::Turn => words.waiting_turn,
            Self::Engine => words.engine_failed,
            Self::Stop => words.stopping,
        }
    }
}

/// What the settings tell: the engine getting ready, unless the stage tells it.
pub(super) fn of_settings(state: &State) -> Option<Progress> {
    match of_shown_photo(state) {
        Some(_) => None,
        None => of_engine(state),
    }
}

/// What the engine is getting ready, if it is not ready.
fn of_engine(state: &State) -> Option<Progress> {
    match state.readiness {
        Readiness::Starting(stage) => Some(Progress::Stage(stage)),
        Readiness::Ready | Readiness::Failed(_) => None,
    }
}

/// What happens with the photo on the stage, if anything does.
fn of_shown_photo(state: &State) -> Option<Progress> {
    of_photo(state, state.shown_photo()?)
}

/// What happens with a photo, if anything does. While the engine is getting ready, that.
fn of_photo(state: &State, photo: &Photo) -> Option<Progress> {
    match &photo.phase {
        Phase::Waiting => match state.readiness {
            Readiness::Starting(_) => of_engine(state),
            Readiness::Ready => Some(Progress::Waits(Wait::Turn)),
            Readiness::Failed(_) => Some(Progress::Waits(Wait::Engine)),
        },
        Phase::Working { stopping: true, .. } => Some(Progress::Waits(Wait::Stop)),
        Phase::Working { stage, .. } => of_engine(state).or(Some(Progress::Stage(*stage))),
        Phase::Done | Phase::Stopped | Phase::Failed(_) => None,
    }
}

/// From 0 to 1, where it can be told.
fn fraction(stage: Option<Stage>) -> Option<f64> {
    let of = |done: f64, total: f64| (total > 0.0).then(|| (done / total).min(1.0));
    match stage? {
        Stage::Program { loaded, total } | Stage::Weights { loaded, total } => {
            of(loaded as f64, total? as f64)
        }
        Stage::Tiles { done, total, .. } => of(done as f64, total as f64),
        Stage::Compiling | Stage::Decoding => None,
    }
}

/// Name of a stage in styles and tests.
fn stage_key(stage: Option<Stage>) -> &'static str {
    match stage {
        None => "waiting",
        Some(Stage::Program { .. }) => "program",
        Some(Stage::Weights { .. }) => "weights",
        Some(Stage::Compiling) => "compiling",
        Some(Stage::Decoding) => "decoding",
        Some(Stage::Tiles { .. }) => "tiles",
    }
}

/// Words and a bar.
#[component]
pub(super) fn ProgressBar(#[prop(into)] progress: Signal<Option<Progress>>) -> impl IntoView {
    let words = Controller::of_context().words();
    let stage = move || progress.get().and_then(Progress::stage);
    let name = move || match progress.get() {
        Some(Progress::Waits(wait)) => wait.name(words.get()),
        _ => words.get().stage(stage()),
    };
    let waits = move || matches!(progress.get(), Some(Progress::Waits(_)));
    let percent = move || fraction(stage()).map(|fraction| (fraction * 100.0).round());
    view! {
        <div class="cs-progress" data-testid="progress" data-stage=move || stage_key(stage())>
            <p class="cs-progress__words">
                <span>{name}</span>
                <span class="cs-progress__detail">{move || words.get().stage_detail(stage())}</span>
            </p>
            <div
                class="cs-progress__bar"
                class:cs-progress__bar--unknown=move || percent().is_none()
                hidden=waits
                role="progressbar"
                aria-label=name
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=move || percent().map(|percent| percent.to_string())
                style=("--cs-done", move || fraction(stage()).unwrap_or(0.0).to_string())
            ></div>
        </div>
    }
    .into_any()
}

/// What happens with the photo on the stage, and what there is to do about it.
#[component]
pub(super) fn PhotoProgress() -> impl IntoView {
    let controller = Controller::of_context();
    let (state, words) = (controller.state, controller.words());
    let progress = Memo::new(move |_| state.with(of_shown_photo));
    let is_busy = Memo::new(move |_| progress.with(Option::is_some));
    let shown = move || state.with_untracked(|state| state.shown);
    let reduced = Memo::new(move |_| {
        state.with(|state| {
            let photo = state.shown_photo()?;
            let plan = photo.plan.filter(|plan| plan.working_scale < 1.0)?;
            matches!(photo.phase, Phase::Working { .. })
                .then_some((plan.working_scale, plan.seconds_full))
        })
    });
    let focus: Focus = expect_context();
    let choosers: Choosers = expect_context();
    let is_unread = move || {
        state.with(|state| {
            state
                .shown_photo()
                .is_some_and(|photo| photo.size.is_none())
        })
    };
    let ended = Memo::new(move |_| {
        state.with(|state| match &state.shown_photo()?.phase {
            Phase::Stopped => Some(None),
            Phase::Failed(failure) => Some(Some(failure.clone())),
            _ => None,
        })
    });
    // Else the panel tells it.
    let has_no_engine = Memo::new(move |_| {
        let has_failed = state.with(|state| matches!(state.readiness, Readiness::Failed(_)));
        has_failed && !controller.has_controls()
    });
    view! {
        <Show when=move || has_no_engine.get()>
            <div class="cs-status"><EngineFailed /></div>
        </Show>
        <Show when=move || is_busy.get() && !has_no_engine.get()>
            <div class="cs-status">
                <ProgressBar progress=progress />
                {move || reduced.get().map(|(scale, seconds_full)| view! {
                    <p class="cs-hint">{move || words.get().working_at(scale, seconds_full)}</p>
                })}
                <button
                    class="cs-button"
                    data-testid="cancel"
                    aria-keyshortcuts="Escape"
                    // Not `disabled`, which would take the focus away.
                    aria-disabled=move || (progress.get() == Some(STOPPING)).to_string()
                    title=move || words.get().cancel_key
                    on:click=move |_| if let Some(id) = shown() {
                        controller.act(|state| state.cancel(id));
                    }
                >
                    {move || words.get().cancel}
                </button>
            </div>
        </Show>
        {move || ended.get().map(|failure| {
            // A photo that can't be read won't be at the next try.
            let may_help = failure.as_ref().is_none_or(|failure| failure.kind != FailureKind::Photo);
            view! {
                <div class="cs-status" class:cs-status--alone=is_unread>
                    <Ended failure=failure />
                    {(!may_help && controller.has_controls()).then(|| view! {
                        <button
                            class="cs-button"
                            data-testid="choose-another"
                            on:click=move |_| Choosers::open(choosers.photos)
                        >
                            {move || words.get().choose}
                        </button>
                    })}
                    {may_help.then(|| view! {
                        <button
                            class="cs-button"
                            data-testid="run-again"
                            on:click=move |_| {
                                run_again(controller, shown());
                                focus.on([CANCEL, FIRST]);
                            }
                        >
                            {move || words.get().run_again}
                        </button>
                    })}
                </div>
            }
        })}
    }
    .into_any()
}

/// How far the photo in work is, where another one is on the stage.
#[component]
pub(super) fn OtherProgress() -> impl IntoView {
    let controller = Controller::of_context();
    let (state, words) = (controller.state, controller.words());
    let other = Memo::new(move |_| {
        state.with(|state| {
            let photo = state.other_in_work()?;
            Some((photo.name.clone(), of_photo(state, photo)?))
        })
    });
    let progress = Memo::new(move |_| other.with(|other| Some(other.as_ref()?.1)));
    let name = move || other.with(|other| Some(other.as_ref()?.0.clone()));
    view! {
        <Show when=move || other.with(Option::is_some)>
            <div class="cs-other" data-testid="other-progress">
                <p class="cs-hint cs-name__file">{name}</p>
                <ProgressBar progress=progress />
                <button
                    class="cs-button"
                    data-testid="cancel-all"
                    aria-disabled=move || (progress.get() == Some(STOPPING)).to_string()
                    on:click=move |_| controller.act(State::cancel_all)
                >
                    {move || words.get().cancel_all}
                </button>
            </div>
        </Show>
    }
    .into_any()
}

/// Why nothing goes on: a failure, or the person stopped it.
#[component]
fn Ended(failure: Option<Failure>) -> impl IntoView {
    let words = Controller::of_context().words();
    match failure {
        Some(failure) => {
            let told = move || words.get().failure(&failure);
            Either::Left(view! { <Failed>{told}</Failed> })
        }
        None => Either::Right(view! { <p>{move || words.get().stopped_photo}</p> }),
    }
}

/// Segments a photo with the settings of now, at the resolution that was last asked for it.
pub(super) fn run_again(controller: Controller, id: Option<PhotoId>) {
    let Some(id) = id else { return };
    controller.act(|state| {
        let resolution = state
            .photo(id)
            .map_or(Resolution::Auto, |photo| photo.resolution);
        state.run_again(id, resolution)
    });
}
