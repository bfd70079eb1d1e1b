//! The film strip: all photos of the queue, where there are several.

use leptos::html::{Button, Li};
use leptos::prelude::*;

use super::icons::{Glyph, Icon};
use super::question::Question;
use crate::web::ui::controller::Controller;
use crate::web::ui::focus::{FIRST, Focus};
use crate::web::ui::photo::{Phase, Photo, PhotoId};
use crate::web::ui::words::Words;

/// The strip, with its buttons to step and to remove.
#[component]
pub(super) fn Strip() -> impl IntoView {
    let controller = Controller::of_context();
    let (state, words) = (controller.state, controller.words());
    let ids = Memo::new(move |_| {
        state.with(|state| {
            state
                .photos
                .iter()
                .map(|photo| photo.id)
                .collect::<Vec<_>>()
        })
    });
    let place = Memo::new(move |_| {
        state.with(|state| (state.shown_index().unwrap_or(0) + 1, state.photos.len()))
    });
    let step = move |places: isize| state.update(|state| state.step(places));
    view! {
        <Show when=move || { ids.with(Vec::len) > 1 }>
            <nav class="cs-strip" part="strip" aria-label=move || words.get().queue data-testid="strip">
                <button
                    class="cs-button cs-button--icon"
                    aria-label=move || words.get().previous
                    data-testid="previous"
                    aria-disabled=move || (place.get().0 <= 1).to_string()
                    on:click=move |_| step(-1)
                >
                    <Glyph icon=Icon::Left />
                </button>
                <ol class="cs-strip__photos">
                    <For each=move || ids.get() key=|id| *id let:id>
                        <Card id=id />
                    </For>
                </ol>
                <button
                    class="cs-button cs-button--icon"
                    aria-label=move || words.get().next
                    data-testid="next"
                    aria-disabled=move || (place.get().0 >= place.get().1).to_string()
                    on:click=move |_| step(1)
                >
                    <Glyph icon=Icon::Right />
                </button>
            </nav>
        </Show>
    }
    .into_any()
}

/// One photo of the strip.
#[component]
fn Card(id: PhotoId) -> impl IntoView {
    let controller = Controller::of_context();
    let focus: Focus = expect_context();
    let (state, words) = (controller.state, controller.words());
    let photo = Memo::new(move |_| state.with(|state| state.photo(id).cloned()));
    let with = move |look: fn(&Photo) -> String| photo.with(|photo| photo.as_ref().map(look));
    let is_outdated = Memo::new(move |_| {
        state.with(|state| {
            state
                .photo(id)
                .is_some_and(|photo| state.is_outdated(photo))
        })
    });
    let is_shown = Memo::new(move |_| state.with(|state| state.shown == Some(id)));
    let has_picture = Memo::new(move |_| {
        photo.with(|photo| {
            photo
                .as_ref()
                .is_some_and(|photo| photo.thumbnail.is_some())
        })
    });
    let is_corrected =
        Memo::new(move |_| photo.with(|photo| photo.as_ref().is_some_and(Photo::is_corrected)));
    let is_edited =
        Memo::new(move |_| photo.with(|photo| photo.as_ref().is_some_and(Photo::is_edited)));
    let question = Question::new(controller);
    let select = NodeRef::<Button>::new();
    let remove = move || {
        let place =
            state.with_untracked(|state| state.photos.iter().position(|photo| photo.id == id));
        let name = with(|photo| photo.name.clone());
        controller.act(|state| state.remove(id));
        let left = state.with_untracked(|state| state.photos.len());
        let (Some(place), Some(name)) = (place, name) else {
            return;
        };
        controller.say(|words| (words.announce_removed)(&name, left));
        let neighbour = (place + 1).min(left);
        focus.on([
            format!("[data-testid=card]:nth-child({neighbour}) button"),
            FIRST.to_owned(),
        ]);
    };
    let ask = |words: &Words| (words.clear_really)(1);
    let label = move || {
        state.with(|state| {
            let index = state.photos.iter().position(|photo| photo.id == id)?;
            Some(words.get().card(
                &state.photos[index],
                is_outdated.get(),
                index + 1,
                state.photos.len(),
            ))
        })
    };
    let card = NodeRef::<Li>::new();
    Effect::new(move |_| {
        if let Some(card) = card.get().filter(|_| is_shown.get()) {
            scroll_into_strip(&card);
        }
    });
    view! {
        <li
            class="cs-card"
            node_ref=card
            data-testid="card"
            data-phase=move || photo.with(|photo| photo.as_ref().map(|photo| photo.phase.key()))
            data-outdated=move || is_outdated.get().then_some("")
            on:keydown=move |event| {
                if question.on_key(&event)
                    && let Some(select) = select.get_untracked()
                {
                    // Fails only for an element that left meanwhile.
                    drop(select.focus());
                }
                let is_with_other = event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key();
                // Held down it takes one away, not all.
                if event.key() == "Delete" && !event.repeat() && !is_with_other {
                    event.prevent_default();
                    if question.press(is_edited.get_untracked(), ask) {
                        remove();
                    }
                }
            }
            on:focusout=move |_| question.take_back()
        >
            <button
                class="cs-card__select"
                node_ref=select
                aria-current=move || is_shown.get().then_some("true")
                aria-label=label
                aria-keyshortcuts="Delete"
                on:click=move |_| state.update(|state| state.select(id))
            >
                {move || photo.with(|photo| photo.as_ref()?.thumbnail.clone()).map(|url| view! { <img src=url alt="" draggable="false" /> })}
                {move || with(|photo| photo.name.clone()).filter(|_| !has_picture.get()).map(|name| view! {
                    <span class="cs-card__name">{name}</span>
                })}
                <span class="cs-card__phase">
                    {move || photo.with(|photo| photo.as_ref().and_then(|photo| mark(photo, is_outdated.get())))}
                </span>
                <Show when=move || is_corrected.get()>
                    <span class="cs-card__corrected"><Glyph icon=Icon::Pencil /></span>
                </Show>
            </button>
            <button
                class="cs-card__remove"
                data-asking=move || question.is_asked().then_some("")
                aria-label=move || {
                    let name = with(|photo| photo.name.clone()).filter(|_| !question.is_asked());
                    name.map(|name| (words.get().remove)(&name))
                }
                data-testid="remove"
                node_ref=question.button
                on:mousedown=move |event| question.hold(&event)
                on:click=move |event| {
                    if question.click(&event, is_edited.get_untracked(), ask) {
                        remove();
                    }
                }
            >
                {move || {
                    if question.is_asked() {
                        (words.get().clear_really)(1).into_any()
                    } else {
                        view! { <Glyph icon=Icon::Close /> }.into_any()
                    }
                }}
            </button>
        </li>
    }
    .into_any()
}

fn mark(photo: &Photo, is_outdated: bool) -> Option<impl IntoView + use<>> {
    let icon = match photo.phase {
        Phase::Waiting => None,
        Phase::Working { .. } => Some(Icon::Again),
        Phase::Done if is_outdated => Some(Icon::Outdated),
        Phase::Done => Some(Icon::Check),
        Phase::Stopped => Some(Icon::Minus),
        Phase::Failed(_) => Some(Icon::Alert),
    };
    icon.map(|icon| view! { <Glyph icon=icon /> })
}

/// Room beside a card that is scrolled to, for its outline, in CSS pixels.
const MARGIN: i32 = 8;

/// Scrolls the strip alone; `scrollIntoView` would move a host page as well.
fn scroll_into_strip(card: &web_sys::HtmlElement) {
    let Some(strip) = card.parent_element() else {
        return;
    };
    let (left, right) = (
        card.offset_left() - MARGIN,
        card.offset_left() + card.offset_width() + MARGIN,
    );
    if left < strip.scroll_left() {
        strip.set_scroll_left(left);
    } else if right > strip.scroll_left() + strip.client_width() {
        strip.set_scroll_left(right - strip.client_width());
    }
}
