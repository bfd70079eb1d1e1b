//! One of a few, as radio buttons side by side.

use leptos::prelude::*;

use super::controller::Controller;
use super::words::Words;

/// What can be chosen.
#[derive(Clone, Copy)]
pub(super) struct Choice<T> {
    pub(super) value: T,
    pub(super) testid: &'static str,
}

/// Radio buttons in one row. `name` ties them together within the root they stand in; `label` names a value.
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
    let buttons = options
        .into_iter()
        .map(|Choice { value, testid }| {
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
        })
        .collect_view();
    view! {
        <fieldset class="cs-choices">
            <legend>{move || legend(words.get())}</legend>
            <div class="cs-choices__row">{buttons}</div>
        </fieldset>
    }
}
