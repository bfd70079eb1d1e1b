//! One of a few, as radio buttons side by side.

use leptos::prelude::*;

use crate::web::ui::controller::Controller;
use crate::web::ui::words::Words;

/// What can be chosen.
#[derive(Clone, Copy)]
pub(super) struct Choice<T> {
    pub(super) value: T,
    pub(super) testid: &'static str,
}

/// Radio buttons in one row; four in two rows where they do not fit. `name` ties them together within the root they stand
/// in; `label` names a value.
#[component]
pub(super) fn Choices<T>(
    name: &'static str,
    legend: fn(&Words) -> &'static str,
    label: fn(&Words, T) -> &'static str,
    options: Vec<Choice<T>>,
    #[prop(into)] chosen: Signal<T>,
    choose: impl Fn(T) + Copy + 'static,
) -> impl IntoView
where
    T: Copy + PartialEq + Send + Sync + 'static,
{
    let words = Controller::of_context().words();
    let together = if options.len() == 4 { 2 } else { options.len() };
    let button = move |&Choice { value, testid }: &Choice<T>| {
        let is_chosen = move || chosen.get() == value;
        view! {
            <label class="cs-choice">
                <input
                    type="radio"
                    name=name
                    value=testid
                    data-testid=testid
                    prop:checked=is_chosen
                    on:change=move |_| choose(value)
                />
                <span>{move || label(words.get(), value)}</span>
            </label>
        }
    };
    let buttons = options
        .chunks(together)
        .map(|options| {
            let buttons = options.iter().map(button).collect_view();
            view! { <div class="cs-choices__pair">{buttons}</div> }
        })
        .collect_view();
    let id = || format!("cs-{name}");
    view! {
        // Safari leaves room for the legend of a fieldset twice, until something in it changes.
        <div class="cs-choices" role="radiogroup" aria-labelledby=id()>
            <h3 id=id()>{move || legend(words.get())}</h3>
            <div class="cs-choices__row">{buttons}</div>
        </div>
    }
    .into_any()
}
