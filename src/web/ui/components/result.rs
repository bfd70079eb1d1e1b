//! What was found in the photo on the stage, as figures.

use leptos::prelude::*;

use super::icons::{Glyph, Icon};
use super::measured::{CrackFacts, CrackNotes};
use super::question::{AskingButton, Question};
use crate::protocol::Resolution;
use crate::web::ui::controller::Controller;
use crate::web::ui::focus::{CANCEL, CANCEL_ALL, FIRST, Focus};
use crate::web::ui::photo::{Outcome, Photo};
use crate::web::ui::state::State;
use crate::web::ui::words::{self, Words};

/// The crack share in large, and what it rests on.
#[component]
pub(super) fn ResultFigures() -> impl IntoView {
    let controller = Controller::of_context();
    let (state, words) = (controller.state, controller.words());
    let photo = Memo::new(move |_| {
        state.with(|state| {
            state
                .shown_photo()
                .filter(|it| it.outcome.is_some())
                .cloned()
        })
    });
    let share = Memo::new(move |_| {
        let threshold = controller.threshold.get();
        photo.with(|photo| Some(photo.as_ref()?.outcome.as_ref()?.tally.share(threshold)))
    });
    let with_outcome = move |look: fn(&Words, &Photo, &Outcome) -> Option<String>| {
        photo.with(|photo| {
            photo
                .as_ref()
                .and_then(|photo| look(words.get(), photo, photo.outcome.as_ref()?))
        })
    };
    let row = move |name: fn(&Words) -> &'static str,
                    value: fn(&Words, &Photo, &Outcome) -> Option<String>| {
        move || {
            with_outcome(value)
                .map(|value| view! { <div><dt>{name(words.get())}</dt><dd>{value}</dd></div> })
        }
    };
    view! {
        <section
            class="cs-result"
            aria-labelledby="cs-result"
            data-testid="result"
            data-job=move || with_outcome(|_, _, outcome| Some(outcome.job.to_string()))
            data-share=move || share.get().map(|share| share.to_string())
        >
            <h2 class="cs-hidden" id="cs-result">{move || words.get().result}</h2>
            <p class="cs-share">
                <span class="cs-share__figure">{move || share.get().map(|share| words.get().percent_figure(share))}</span>
                <span class="cs-share__sign">{move || words.get().percent_sign}</span>
                <span class="cs-share__label">{move || words.get().share_label}</span>
            </p>
            <div class="cs-panel__more">
                <dl class="cs-facts">
                    <CrackFacts />
                    {row(|words| words.photo_size, |_, photo, _| photo.size.map(words::size))}
                    {row(|words| words.worked_size, |_, _, outcome| {
                        (outcome.plan.working_scale < 1.0).then(|| words::size(outcome.plan.size))
                    })}
                    {row(|words| words.mask, |_, photo, outcome| {
                        (Some(outcome.map) != photo.size).then(|| words::size(outcome.map))
                    })}
                    {row(|words| words.time, |words, _, outcome| Some(words.seconds(outcome.seconds)))}
                    {row(|words| words.made_by, |words, _, outcome| Some(words.made_by_of(outcome)))}
                </dl>
                <CrackNotes />
                <Reduced />
                <Outdated is_told=true />
            </div>
        </section>
    }
    .into_any()
}

/// Says that the photo was worked at a reduced size, and offers the full one.
#[component]
fn Reduced() -> impl IntoView {
    let controller = Controller::of_context();
    let focus: Focus = expect_context();
    let words = controller.words();
    let question = Question::new(controller);
    let reduced = Memo::new(move |_| {
        let words = words.get();
        controller.state.with(|state| {
            let photo = state.shown_photo().filter(|photo| !photo.is_busy())?;
            let outcome = photo
                .outcome
                .as_ref()
                .filter(|outcome| outcome.plan.working_scale < 1.0)?;
            Some((
                (photo.id, photo.is_corrected()),
                told(words.worked_at(outcome), photo.is_corrected(), words),
                words.run_full(outcome.plan.seconds_full_after(outcome.seconds)),
            ))
        })
    });
    question.is_about(reduced);
    move || {
        reduced.get().map(|((id, would_uncorrect), note, offer)| {
            let run = move || {
                controller.act(|state| state.run_again(id, Resolution::Full));
                focus.on([CANCEL, FIRST]);
            };
            view! {
                <p class="cs-note">
                    {note}
                    <RunButton testid="run-full" question would_uncorrect on_run=run>{offer.clone()}</RunButton>
                </p>
            }
        })
    }
}

/// A note, with what another run takes back.
fn told(note: String, would_uncorrect: bool, words: &Words) -> String {
    if would_uncorrect {
        format!("{note} {}", words.uncorrects)
    } else {
        note
    }
}

/// Offers to make results anew when the settings have changed since. It stands in two places, of which one is told of.
#[component]
pub(super) fn Outdated(#[prop(optional)] is_told: bool) -> impl IntoView {
    let controller = Controller::of_context();
    let focus: Focus = expect_context();
    let words = controller.words();
    let question = Question::new(controller);
    let outdated = Memo::new(move |_| {
        controller.state.with(|state| {
            let is_shown = state.outdated().any(|id| Some(id) == state.shown);
            let others = state.outdated().count() - usize::from(is_shown);
            (is_shown, others, state.would_uncorrect())
        })
    });
    question.is_about(outdated);
    // The offer may stand far from what was changed.
    Effect::new(move |before: Option<(bool, usize)>| {
        let (is_shown, others, _) = outdated.get();
        let (none, now) = ((false, 0), (is_shown, others));
        if let Some(before) = before.filter(|_| is_told) {
            if before == none && now != none {
                controller.say(|words| (words.outdated)(is_shown, others));
            } else if before != none && now == none {
                controller.unsay(|words| (words.outdated)(before.0, before.1));
            }
        }
        now
    });
    move || {
        let (is_shown, others, would_uncorrect) = outdated.get();
        let run = move || {
            controller.act(State::run_outdated);
            if !is_shown {
                controller.say(|words| (words.announce_again)(others));
            }
            focus.on([CANCEL, CANCEL_ALL, FIRST]);
        };
        (is_shown || others > 0).then(|| {
            view! {
                <p class="cs-note">
                    <Glyph icon=Icon::Outdated />
                    {move || {
                        let words = words.get();
                        told((words.outdated)(is_shown, others), would_uncorrect, words)
                    }}
                    <RunButton testid="run-outdated" icon=Icon::Again question would_uncorrect on_run=run>
                        {move || words.get().run_outdated(is_shown, others)}
                    </RunButton>
                </p>
            }
        })
    }
}

/// Runs something again; asks first where that takes back what was done by hand.
#[component]
fn RunButton(
    testid: &'static str,
    #[prop(optional)] icon: Option<Icon>,
    question: Question,
    would_uncorrect: bool,
    on_run: impl Fn() + 'static,
    children: ChildrenFn,
) -> impl IntoView {
    let ask = |words: &Words| words.run_really.to_owned();
    view! {
        <AskingButton class="cs-link" testid question would_lose=would_uncorrect ask on_yes=on_run>
            {icon.map(|icon| view! { <Glyph icon=icon /> })}
            {children()}
        </AskingButton>
    }
    .into_any()
}
