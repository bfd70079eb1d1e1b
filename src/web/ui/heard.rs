//! What there is to tell a screen reader of how things stand, after what it has been told.

use super::photo::{Phase, PhotoId};
use super::state::{Readiness, State};
use super::words::Words;
use crate::protocol::JobId;

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

/// What was told before, so that a result that is only there again is not told as if it were new.
#[derive(Default)]
pub(super) struct Heard {
    result: Option<(JobId, String)>,
    /// The photo that was on the stage last and in work.
    busy: Option<PhotoId>,
    /// Whether the engine started since the last result was told.
    has_started: bool,
}

impl Heard {
    /// What there is to say, of how things stand.
    pub(super) fn hear(&mut self, state: &State, news: String, words: &Words) -> String {
        let shown = state.shown_photo();
        let busy = shown.filter(|photo| photo.is_busy()).map(|photo| photo.id);
        let was_busy = std::mem::replace(&mut self.busy, busy);
        if state.readiness != Readiness::Ready {
            self.has_started = true;
            return news;
        }
        let done = shown.filter(|photo| photo.phase == Phase::Done);
        let Some((photo, outcome)) = done.and_then(|photo| Some((photo, photo.outcome.as_ref()?)))
        else {
            return news;
        };
        let result = Some((outcome.job, news.clone()));
        let is_known = self.result == result;
        self.result = result;
        let has_started = std::mem::take(&mut self.has_started);
        match &state.engine {
            Some(engine) if is_known && has_started => words.announce_engine(engine),
            _ if is_known && was_busy == Some(photo.id) => words.announce_stopped(photo),
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
        assert_eq!(say(&state), "wall.jpg: Stopped");

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
    }
}
