//! The one panel: what was found, how to look at it, what to keep of it, how it is made. At the right on wide screens,
//! below on tall ones, a sheet that can be lowered on a phone (the style sheet decides).

use leptos::prelude::*;

use super::alert::Alert;
use super::app::Choosers;
use super::crack_table::CrackTable;
use super::downloads::{Downloads, OtherDownloads};
use super::empty::IntakeAlert;
use super::icons::{Glyph, Icon};
use super::left_over::{LeftOver, WorkKept};
use super::look_controls::{Sliders, Views};
use super::offline::UpdateNotice;
use super::progress::OtherProgress;
use super::question::{AskingButton, Question};
use super::result::ResultFigures;
use super::settings::{
    ComingWeights, EngineChip, EngineFailed, GpuLost, SettingsFailure, SettingsSection,
};
use crate::protocol::Failure;
use crate::web::ui::controller::Controller;
use crate::web::ui::photo::Photo;
use crate::web::ui::state::State;
use crate::web::ui::words::NAME;
use crate::web::ui::words::Words;

/// The panel.
#[component]
pub(super) fn Panel() -> impl IntoView {
    let controller = Controller::of_context();
    let choosers: Choosers = expect_context();
    let (state, words) = (controller.state, controller.words());
    let has_photos = controller.has_photos;
    let has_result = Memo::new(move |_| {
        state.with(|state| {
            state
                .shown_photo()
                .is_some_and(|photo| photo.outcome.is_some())
        })
    });
    let is_lowered = RwSignal::new(false);
    let lower_label = move || {
        if is_lowered.get() {
            words.get().show_controls
        } else {
            words.get().hide_controls
        }
    };
    view! {
        <aside class="cs-panel" part="panel" class:cs-panel--lowered=is_lowered aria-label=move || words.get().panel>
            <header class="cs-head">
                // The heading that says it comes before all else.
                <p class="cs-head__name" aria-hidden="true">{NAME}</p>
                <EngineChip />
                <button
                    class="cs-button cs-button--icon cs-panel__lower"
                    aria-label=lower_label
                    aria-expanded=move || (!is_lowered.get()).to_string()
                    on:click=move |_| is_lowered.update(|is| *is = !*is)
                >
                    {move || view! { <Glyph icon=if is_lowered.get() { Icon::Up } else { Icon::Down } /> }}
                </button>
            </header>
            <UpdateNotice />
            <ComingWeights />
            <SettingsFailure />
            <EngineFailed />
            <GpuLost />
            <Show when=move || has_photos.get()>
                <div class="cs-bar">
                    <PhotoName />
                    <button
                        class="cs-button cs-touch-only cs-button--icon"
                        aria-label=move || words.get().take
                        title=move || words.get().take
                        on:click=move |_| Choosers::open(choosers.camera)
                    >
                        <Glyph icon=Icon::Camera />
                    </button>
                    <button
                        class="cs-button cs-button--icon"
                        aria-label=move || words.get().add
                        title=move || words.get().add
                        data-testid="add"
                        on:click=move |_| Choosers::open(choosers.photos)
                    >
                        <Glyph icon=Icon::Plus />
                    </button>
                    <ClearButton />
                </div>
                <LeftOver />
                <OtherProgress />
                <IntakeAlert />
                <Notices />
            </Show>
            <Show when=move || has_result.get() fallback=OtherDownloads>
                <ResultFigures />
                <Views />
                <div class="cs-panel__more">
                    <Sliders />
                    <CrackTable />
                    <Downloads />
                </div>
            </Show>
            <div class="cs-panel__more">
                <SettingsSection />
                <div class="cs-privacy">
                    <Glyph icon=Icon::Shield />
                    <p>{move || words.get().privacy} " " <WorkKept /></p>
                </div>
            </div>
        </aside>
    }
    .into_any()
}

/// The file's name, and its place where there are several.
#[component]
fn PhotoName() -> impl IntoView {
    let controller = Controller::of_context();
    let (state, words) = (controller.state, controller.words());
    let name = move || state.with(|state| state.shown_photo().map(|photo| photo.name.clone()));
    let place = move || {
        state.with(|state| {
            let of = state.photos.len();
            state
                .shown_index()
                .filter(|_| of > 1)
                .map(|index| (words.get().place)(index + 1, of, state.in_work()))
        })
    };
    view! {
        <p class="cs-name">
            <span class="cs-name__file" title=name>{name}</span>
            <span class="cs-name__place">{place}</span>
        </p>
    }
    .into_any()
}

/// Takes all photos away. Several results, or one that was corrected or measured by hand, are not lost by one slip: the button then asks first.
#[component]
fn ClearButton() -> impl IntoView {
    let controller = Controller::of_context();
    let count = Memo::new(move |_| controller.state.with(|state| state.photos.len()));
    let would_lose = Memo::new(move |_| {
        count.get() > 1
            || controller
                .state
                .with(|state| state.photos.iter().any(Photo::is_edited))
    });
    let question = Question::new(controller);
    question.is_about(count);
    let words = controller.words();
    let ask = move |words: &Words| (words.clear_really)(count.get());
    let clear = move || {
        controller.intake_error.set(None);
        controller.act(State::clear);
    };
    view! {
        <AskingButton class="cs-button" testid="clear" question would_lose ask on_yes=clear>
            {move || match count.get() {
                0 | 1 => words.get().clear,
                _ => words.get().clear_all,
            }}
        </AskingButton>
    }
    .into_any()
}

/// Photos that failed while another one is on the stage.
#[component]
fn Notices() -> impl IntoView {
    let controller = Controller::of_context();
    let (state, words) = (controller.state, controller.words());
    let notices = Memo::new(move |_| {
        state.with(|state| {
            let told = |(photo, failure): (&Photo, &Failure)| (photo.name.clone(), failure.clone());
            state.notices().map(told).collect::<Vec<_>>()
        })
    });
    move || {
        let (notices, words) = (notices.get(), words.get());
        // Several photos often fail for one reason.
        let mut reasons: Vec<(&Failure, Vec<&str>)> = Vec::new();
        for (name, failure) in &notices {
            match reasons.iter_mut().find(|(reason, _)| *reason == failure) {
                Some((_, names)) => names.push(name),
                None => reasons.push((failure, vec![name])),
            }
        }
        let lines = reasons
            .iter()
            .map(|(failure, names)| (words.notice)(&words.names(names), &words.failure(failure)))
            .map(|line| view! { <p>{line}</p> })
            .collect_view();
        let dismiss = move || state.update(State::dismiss_notices);
        (!notices.is_empty()).then(|| view! { <Alert on_dismiss=dismiss>{lines}</Alert> })
    }
}
