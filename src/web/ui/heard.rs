//! What there is to tell a screen reader of how things stand, after what it has been told.

use super::photo::{Phase, PhotoId};
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
        (Phase::Done, Some(outcome)) => words.announce_done(photo, outcome, threshold),
        _ => words.announce_phase(photo),
    }
}

/// What was told before.
#[derive(Default)]
pub(super) struct Heard {
    result: String,
    /// The photo on the stage, where it was in work.
    in_work: Option<PhotoId>,
    /// Whether the engine has been starting since.
    has_started: bool,
}

impl Heard {
    /// What there is to say of how things stand: of an engine that stands again, where it left the result as it was; once, of new
    /// work that was stopped.
    pub(super) fn hear(
        &mut self,
        state: &State,
        news: String,
        words: &Words,
        threshold: f32,
    ) -> String {
        if state.readiness != Readiness::Ready {
            self.has_started = true;
            return news;
        }
        let has_started = std::mem::take(&mut self.has_started);
        let shown = state.shown_photo();
        let in_work = shown.filter(|photo| photo.is_busy()).map(|photo| photo.id);
        let was_in_work = std::mem::replace(&mut self.in_work, in_work);
        let result = shown.filter(|photo| photo.phase == Phase::Done);
        let Some((photo, outcome)) =
            result.and_then(|photo| Some((photo, photo.outcome.as_ref()?)))
        else {
            return news;
        };
        let is_known = self.result == news;
        self.result.clone_from(&news);
        if photo.was_stopped && was_in_work == Some(photo.id) {
            return words.announce_stopped(photo, outcome, threshold);
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
    use crate::protocol::{Backend, Reply, Resolution};
    use crate::web::fixtures::engine;
    use crate::web::ui::language::Language;
    use crate::web::ui::state::tests::{job_of, ready, succeed};

    #[test]
    fn what_is_only_there_again_is_told_as_what_led_to_it() {
        let words = Words::of(Language::English);
        let mut heard = Heard::default();
        let mut say = |state: &State| {
            let news = news_of(state, words, 0.5);
            heard.hear(state, news, words, 0.5)
        };
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
        // The threshold was moved.
        assert_eq!(say(&state), result);

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
        state.receive(Reply::Started {
            engine: engine(Backend::Cpu),
        });
        let engine = state
            .engine
            .as_ref()
            .map(|engine| words.announce_engine(engine));
        assert_eq!(Some(say(&state)), engine);
        assert_eq!(say(&state), result);
    }
}
