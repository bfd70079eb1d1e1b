//! What there is to keep of results.

use leptos::html::Div;
use leptos::prelude::*;

use super::alert::Failed;
use super::measured::are_old;
use crate::protocol::ExportKind;
use crate::web::ui::autosave::Autosave;
use crate::web::ui::controller::Controller;
use crate::web::ui::dom;
use crate::web::ui::focus::{DOWNLOAD_ALL, Focus};
use crate::web::ui::state::State;

/// The downloads of the photo on the stage, and of all.
#[component]
pub(super) fn Downloads() -> impl IntoView {
    let controller = Controller::of_context();
    let (state, words) = (controller.state, controller.words());
    let exporting = Memo::new(move |_| state.with(|state| state.exporting));
    let collecting = collecting(state);
    let is_writing = Memo::new(move |_| state.with(State::is_writing));
    let buttons = [
        (ExportKind::Mask, "download-mask"),
        (ExportKind::Overlay, "download-overlay"),
        (ExportKind::Probability, "download-probability"),
    ]
    .map(|(kind, testid)| {
        let is_busy = move || exporting.get() == Some(kind) && collecting.with(Option::is_none);
        view! {
            <button
                class="cs-button"
                data-testid=testid
                aria-busy=move || is_busy().to_string()
                // Not `disabled`, which would take the focus away.
                aria-disabled=move || is_writing.get().to_string()
                on:click=move |_| {
                    let threshold = controller.threshold.get_untracked();
                    controller.act(|state| state.export(kind, threshold));
                }
            >
                {move || words.get().export(kind)}
            </button>
        }
    })
    .collect_view();
    let hint = move || {
        (exporting.with(Option::is_some) && collecting.with(Option::is_none))
            .then(|| view! { <p class="cs-hint">{move || words.get().exporting}</p> })
    };
    let autosave = use_context::<Autosave>();
    let lacks_some = Memo::new(move |_| autosave.is_some_and(Autosave::lacks_some));
    view! {
        <section class="cs-section" aria-labelledby="cs-downloads">
            <h2 id="cs-downloads">{move || words.get().download}</h2>
            <div class="cs-downloads">
                {buttons}
                <TableButton />
                <AllButton />
            </div>
            {hint}
            <Show when=move || lacks_some.get()>
                <p class="cs-hint">{move || words.get().work_not_kept}</p>
            </Show>
            <Collecting progress=collecting />
            <ReadyFiles />
            <ExportFailure />
        </section>
    }
    .into_any()
}

/// The downloads where the photo on the stage has no result, and others have.
#[component]
pub(super) fn OtherDownloads() -> impl IntoView {
    let controller = Controller::of_context();
    let (state, words) = (controller.state, controller.words());
    let are_there = Memo::new(move |_| state.with(State::result_count) > 0);
    view! {
        <Show when=move || are_there.get()>
            <div class="cs-panel__more">
                <section class="cs-section" aria-labelledby="cs-downloads">
                    <h2 id="cs-downloads">{move || words.get().download}</h2>
                    <div class="cs-downloads">
                        <AllButton />
                    </div>
                    <Collecting progress=collecting(state) />
                    <ReadyFiles />
                    <ExportFailure />
                </section>
            </div>
        </Show>
    }
    .into_any()
}

/// Files that wait for a press.
#[component]
fn ReadyFiles() -> impl IntoView {
    let controller = Controller::of_context();
    let focus: Focus = expect_context();
    let words = controller.words();
    let ready = controller.ready_files;
    let list = NodeRef::<Div>::new();
    // What was pressed for may have come where nobody looks.
    Effect::new(move |before: Option<usize>| {
        let count = ready.with(Vec::len);
        if before.is_some_and(|before| before < count) {
            request_animation_frame(move || {
                if let Some(list) = list.try_get_untracked().flatten() {
                    dom::bring_into_view(&list);
                }
            });
        }
        count
    });
    let rows = move || {
        let names = ready.with(|files| {
            let names = files.iter().map(|file| file.name.clone());
            names.collect::<Vec<_>>()
        });
        let row = |name: String| {
            let (told, named) = (name.clone(), name.clone());
            view! {
                <div class="cs-bar">
                    <p class="cs-hint">{move || (words.get().file_ready)(&told)}</p>
                    <button
                        class="cs-button cs-button--primary"
                        data-testid="save-ready"
                        aria-label=move || format!("{} {named}", words.get().save)
                        on:click=move |_| {
                            controller.hand_over_ready(&name);
                            // It goes once the person has the file.
                            focus.on([DOWNLOAD_ALL]);
                        }
                    >
                        {move || words.get().save}
                    </button>
                </div>
            }
        };
        names.into_iter().map(row).collect_view()
    };
    let is_empty = move || ready.with(Vec::is_empty);
    view! { <div class="cs-ready" node_ref=list hidden=is_empty>{rows}</div> }.into_any()
}

/// What went wrong with the last download.
#[component]
fn ExportFailure() -> impl IntoView {
    let controller = Controller::of_context();
    let (state, words) = (controller.state, controller.words());
    let failure = Memo::new(move |_| state.with(|state| state.export_failure.clone()));
    move || {
        let failure = failure.get()?;
        Some(view! { <Failed>{move || words.get().failure(&failure)}</Failed> })
    }
}

/// How far all downloads are.
#[derive(Clone, Copy, PartialEq)]
enum Progress {
    /// So many pieces of all are written.
    Written(usize, usize),
    /// They are given up.
    Stopping,
}

fn collecting(state: RwSignal<State>) -> Memo<Option<Progress>> {
    Memo::new(move |_| {
        state.with(|state| {
            let collecting = state.collecting.as_ref()?;
            Some(match collecting.is_stopping {
                true => Progress::Stopping,
                false => Progress::Written(collecting.done, collecting.total),
            })
        })
    })
}

/// The cracks as a table, at the photo's own size only.
#[component]
fn TableButton() -> impl IntoView {
    let controller = Controller::of_context();
    let (state, words) = (controller.state, controller.words());
    let is_measurable = Memo::new(move |_| state.with(State::is_measurable));
    let is_old = are_old(controller);
    view! {
        <Show when=move || is_measurable.get()>
            <button
                class="cs-button"
                data-testid="download-table"
                aria-disabled=move || is_old.get().to_string()
                on:click=move |_| controller.download_table()
            >
                {move || words.get().table}
            </button>
        </Show>
    }
    .into_any()
}

/// All results in one file, with a report: for a single one too.
#[component]
fn AllButton() -> impl IntoView {
    let controller = Controller::of_context();
    let (state, words) = (controller.state, controller.words());
    let count = Memo::new(move |_| state.with(State::result_count));
    let is_collecting = Memo::new(move |_| state.with(|state| state.collecting.is_some()));
    let is_writing = Memo::new(move |_| state.with(State::is_writing));
    view! {
        <Show when=move || { count.get() > 0 }>
            <button
                class="cs-button"
                data-testid="download-all"
                aria-busy=move || is_collecting.get().to_string()
                aria-disabled=move || is_writing.get().to_string()
                on:click=move |_| controller.download_all()
            >
                {move || words.get().all_results}
            </button>
        </Show>
    }
    .into_any()
}

/// Tells of that, with a way out.
#[component]
fn Collecting(progress: Memo<Option<Progress>>) -> impl IntoView {
    let controller = Controller::of_context();
    let focus: Focus = expect_context();
    let words = controller.words();
    let is_going_on = Memo::new(move |_| progress.with(Option::is_some));
    let text = move || {
        Some(match progress.get()? {
            Progress::Written(done, total) => (words.get().collecting)(done, total),
            Progress::Stopping => words.get().stopping.to_owned(),
        })
    };
    let cancel = move |_| {
        controller.state.update(State::stop_collecting);
        focus.on([DOWNLOAD_ALL]);
    };
    view! {
        <Show when=move || is_going_on.get()>
            <div class="cs-bar" data-testid="collecting">
                <p class="cs-hint">{text}</p>
                <button class="cs-button" data-testid="cancel-collecting" on:click=cancel>
                    {move || words.get().cancel}
                </button>
            </div>
        </Show>
    }
    .into_any()
}
