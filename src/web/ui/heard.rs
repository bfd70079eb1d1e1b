//! What there is to tell a screen reader of how things stand, after what it has been told.

use super::photo::Phase;
use super::state::{Readiness, State};
use super::words::Words;

/// How things stand.
pub(super) fn news_of(state: &State, words: &Words, threshold: f32) -> String {
    match state.readiness {
        Readiness::Starting(stage) => return words.stage(stage).to_owned(),
        Readiness::Failed(_) => return words.engine_failed.to_owned(),
        Readiness::Ready => {}
    }
    let Some(photo) = state.shown_photo() else {
        return words.ready.to_owned();
    };
    match (&photo.phase, &photo.outcome) {
        (Phase::Done, Some(outcome)) if photo.was_stopped => {
            words.announce_stopped(photo, outcome, threshold)
        }
        (Phase::Done, Some(outcome)) => words.announce_done(photo, outcome, threshold),
        _ => words.announce_phase(photo),
    }
}

/// What was told before.
#[derive(Default)]
pub(super) struct Heard {
    result: String,
    /// Whether the engine has been starting since.
    has_started: bool,
}

impl Heard {
    /// What there is to say of how things stand: of an engine that stands again, where it left the result as it was.
    pub(super) fn hear(&mut self, state: &State, news: String, words: &Words) -> String {
        if state.readiness != Readiness::Ready {
            self.has_started = true;
            return news;
        }
        let has_started = std::mem::take(&mut self.has_started);
        let is_result = state
            .shown_photo()
            .is_some_and(|photo| photo.phase == Phase::Done);
        let is_known = is_result && self.result == news;
        if is_result {
            self.result.clone_from(&news);
        }
        match &state.engine {
            Some(engine) if is_known && has_started => words.announce_engine(engine),
            _ => news,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Reply, Resolution};
    use crate::web::ui::language::Language;
    use crate::web::ui::state::tests::{job_of, ready, succeed};

    #[test]
    fn what_is_only_there_again_is_told_as_what_led_to_it() {
        let words = Words::of(Language::English);
        let mut heard = Heard::default();
        let mut say = |state: &State| heard.hear(state, news_of(state, words, 0.5), words);
        let mut state = ready();
        let photo = state.add(["wall.jpg".to_owned()])[0];
        let job = job_of(&state.send_next());
        say(&state);
        succeed(&mut state, job);
        let result = say(&state);
        assert!(result.contains('%'), "{result}");

        let job = job_of(&state.run_again(photo, Resolution::Full));
        say(&state);
        state.cancel(photo);
        state.receive(Reply::Cancelled { job });
        let stopped = say(&state);
        assert!(stopped.starts_with("wall.jpg: Stopped. "), "{stopped}");

        let job = job_of(&state.run_again(photo, Resolution::Full));
        say(&state);
        succeed(&mut state, job);
        assert_eq!(say(&state), result);

        // Another photo, and back.
        state.add(["other.jpg".to_owned()]);
        say(&state);
        state.select(photo);
        assert_eq!(say(&state), result);

        state.restart();
        say(&state);
        state.readiness = Readiness::Ready;
        let engine = state
            .engine
            .as_ref()
            .map(|engine| words.announce_engine(engine));
        assert_eq!(Some(say(&state)), engine);
        assert_eq!(say(&state), result);
    }
}
