//! Who waits for what: the photos that the network has yet to see, and what their senders have yet to be told.
//!
//! As in Gradio, each event belongs to a session, and a session's messages are handed out once, in order. A session is
//! there from its first event until its last message was handed out. An event that was sent without a session is the only
//! one of a session of its own name.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;
use thiserror::Error;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::gradio::Message;
use crate::id::{NoRandomness, id};
use crate::input::{InputError, Photo};
use crate::lock;
use crate::name::{self, LongName};

/// The most photos that wait.
const MAX_WAITING: usize = 64;
/// The most sessions that are remembered; the oldest of those that wait for nothing go first.
const MAX_SESSIONS: usize = 256;
/// The most messages that wait for one session: those of as many events as may wait.
const MAX_MESSAGES: usize = 3 * MAX_WAITING;
/// A stream is never silent for longer, as in Gradio.
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(15);

/// Why a photo does not join the queue.
#[derive(Debug, Error)]
pub(crate) enum JoinError {
    #[error("The queue is full. Try again in a while.")]
    Full,
    /// In the words of [`Queue::end`].
    #[error("{0}")]
    Ended(String),
    #[error(transparent)]
    Name(#[from] LongName),
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// One photo to segment.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) event: String,
    session: String,
    /// Or why there is none, which its sender is told when its turn comes.
    pub(crate) photo: Result<Photo, InputError>,
    /// Where the caller reaches this server.
    pub(crate) root: String,
}

#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    /// A job or a message was added, or a session went.
    changed: watch::Sender<()>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    sessions: VecDeque<Session>,
    /// Why no photo is worked any more.
    ended: Option<String>,
}

struct Session {
    name: String,
    messages: VecDeque<Message>,
    /// Events that are not done.
    open: Vec<String>,
}

impl State {
    fn session(&mut self, name: &str) -> Option<&mut Session> {
        self.sessions
            .iter_mut()
            .find(|session| session.name == name)
    }

    fn forget_session(&mut self, name: &str) {
        self.sessions.retain(|session| session.name != name);
        self.waiting.retain(|job| job.session != name);
    }

    /// The last message about an event; nothing if it is not open any more.
    fn complete(&mut self, session: &str, event: &str, message: Message) {
        let Some(session) = self.session(session) else {
            return;
        };
        if let Some(index) = session.open.iter().position(|open| open == event) {
            session.open.swap_remove(index);
            session.messages.push_back(message);
        }
    }
}

impl Queue {
    /// Lets a photo wait for its turn, and tells the event's name.
    pub(crate) fn join(
        &self,
        session: Option<String>,
        photo: Result<Photo, InputError>,
        root: String,
    ) -> Result<String, JoinError> {
        let event = id()?;
        let name = session.unwrap_or_else(|| event.clone());
        name::short(&name)?;
        let mut state = lock(&self.state);
        if let Some(why) = &state.ended {
            return Err(JoinError::Ended(why.clone()));
        }
        let rank = state.waiting.len();
        let messages = state
            .session(&name)
            .map_or(0, |session| session.messages.len());
        if rank >= MAX_WAITING || messages >= MAX_MESSAGES {
            return Err(JoinError::Full);
        }
        if state.session(&name).is_none() {
            state.sessions.push_back(Session {
                name: name.clone(),
                messages: VecDeque::new(),
                open: Vec::new(),
            });
        }
        if let Some(session) = state.session(&name) {
            session.open.push(event.clone());
            session.messages.push_back(Message::Estimation {
                event: event.clone(),
                rank,
                queue_size: rank + 1,
            });
        }
        state.waiting.push_back(Job {
            event: event.clone(),
            session: name,
            photo,
            root,
        });
        while state.sessions.len() > MAX_SESSIONS {
            // Of those who wait for nothing: there are always some, as few may wait.
            let oldest = state.sessions.iter().position(|it| it.open.is_empty());
            if oldest.and_then(|at| state.sessions.remove(at)).is_none() {
                break;
            }
        }
        self.changed.send_replace(());
        Ok(event)
    }

    /// The next photo, as soon as there is one.
    pub(crate) async fn take(&self) -> Job {
        let mut changed = self.changed.subscribe();
        loop {
            if let Some(job) = self.start_next() {
                self.changed.send_replace(());
                return job;
            }
            // Fails only for a queue that is gone.
            let _ = changed.changed().await;
        }
    }

    fn start_next(&self) -> Option<Job> {
        let mut state = lock(&self.state);
        let job = state.waiting.pop_front()?;
        if let Some(session) = state.session(&job.session) {
            let event = job.event.clone();
            session.messages.push_back(Message::ProcessStarts { event });
        }
        Some(job)
    }

    /// Whether somebody still wants what a job gives.
    pub(crate) fn wants(&self, job: &Job) -> bool {
        let mut state = lock(&self.state);
        let session = state.session(&job.session);
        session.is_some_and(|session| session.open.contains(&job.event))
    }

    /// Tells the sender how its job ended.
    pub(crate) fn finish(&self, job: Job, result: Result<Value, String>) {
        let Job { event, session, .. } = job;
        let message = Message::ProcessCompleted {
            event: event.clone(),
            result,
        };
        lock(&self.state).complete(&session, &event, message);
        self.changed.send_replace(());
    }

    /// Ends an event, whether it waits or is in work.
    pub(crate) fn cancel(&self, event: &str) {
        let mut state = lock(&self.state);
        state.waiting.retain(|job| job.event != event);
        let mut sessions = state.sessions.iter();
        let owner = sessions.find(|session| session.open.iter().any(|open| open == event));
        if let Some(owner) = owner.map(|session| session.name.clone()) {
            let message = Message::Cancelled {
                event: event.to_owned(),
            };
            state.complete(&owner, event, message);
        }
        drop(state);
        self.changed.send_replace(());
    }

    /// Tells all who wait why no photo is worked any more; nobody joins them from now on.
    pub(crate) fn end(&self, why: &str) {
        let mut state = lock(&self.state);
        state.ended = Some(why.to_owned());
        state.waiting.clear();
        for session in &mut state.sessions {
            let open = session.open.drain(..);
            let failed = open.map(|event| Message::ProcessCompleted {
                event,
                result: Err(why.to_owned()),
            });
            session.messages.extend(failed);
        }
        drop(state);
        self.changed.send_replace(());
    }

    /// The next thing to tell a session.
    pub(crate) async fn next_message(&self, session: &str) -> Message {
        let mut changed = self.changed.subscribe();
        let deadline = Instant::now() + HEARTBEAT;
        loop {
            if let Some(message) = self.ready_message(session) {
                return message;
            }
            if timeout_at(deadline, changed.changed()).await.is_err() {
                return Message::Heartbeat;
            }
        }
    }

    /// What there is to tell a session now; none while its events wait.
    fn ready_message(&self, session: &str) -> Option<Message> {
        let mut state = lock(&self.state);
        let Some(found) = state.session(session) else {
            return Some(Message::UnknownSession);
        };
        let message = found.messages.pop_front();
        if message.is_none() && found.open.is_empty() {
            state.forget_session(session);
            return Some(Message::CloseStream);
        }
        message
    }

    /// Forgets a session whose caller has gone, and stops its work.
    pub(crate) fn leave(&self, session: &str) {
        lock(&self.state).forget_session(session);
        self.changed.send_replace(());
    }

    /// How many photos wait.
    pub(crate) fn len(&self) -> usize {
        lock(&self.state).waiting.len()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test panics")]
mod tests {
    use super::*;

    fn join(queue: &Queue, session: &str) -> Result<String, JoinError> {
        let photo = Err(InputError::Missing);
        queue.join(Some(session.to_owned()), photo, String::new())
    }

    /// All that a session is told, in short, until its stream ends.
    async fn told(queue: &Queue, session: &str) -> Vec<&'static str> {
        let mut words = Vec::new();
        loop {
            let message = queue.next_message(session).await;
            words.push(match message {
                Message::Estimation { .. } => "waits",
                Message::ProcessStarts { .. } => "starts",
                Message::ProcessCompleted { result: Ok(_), .. } => "done",
                Message::ProcessCompleted { result: Err(_), .. } => "failed",
                Message::Cancelled { .. } => "cancelled",
                Message::Heartbeat => "alive",
                Message::CloseStream => "end",
                Message::UnknownSession => "unknown",
            });
            if message.is_last() {
                return words;
            }
        }
    }

    #[tokio::test]
    async fn a_session_ends_when_all_its_events_have() {
        let queue = Queue::default();
        let events = [join(&queue, "mine").unwrap(), join(&queue, "mine").unwrap()];
        join(&queue, "yours").unwrap();
        for (event, result) in events.iter().zip([Ok(Value::Null), Err(String::new())]) {
            let job = queue.take().await;
            assert_eq!(job.event, *event);
            assert!(queue.wants(&job));
            queue.finish(job, result);
        }
        let mine = [
            "waits", "waits", "starts", "done", "starts", "failed", "end",
        ];
        assert_eq!(told(&queue, "mine").await, mine);
        assert_eq!(told(&queue, "mine").await, ["unknown"]);
        assert_eq!(queue.len(), 1);
    }

    #[tokio::test]
    async fn an_event_can_be_cancelled_while_it_waits_and_while_it_is_in_work() {
        let queue = Queue::default();
        let first = join(&queue, "mine").unwrap();
        let second = join(&queue, "mine").unwrap();
        let job = queue.take().await;
        queue.cancel(&second);
        assert_eq!(queue.len(), 0);
        queue.cancel(&first);
        assert!(!queue.wants(&job));
        // What comes too late is not told.
        queue.finish(job, Ok(Value::Null));
        queue.cancel(&first);
        let mine = ["waits", "waits", "starts", "cancelled", "cancelled", "end"];
        assert_eq!(told(&queue, "mine").await, mine);
    }

    #[tokio::test]
    async fn who_leaves_is_not_worked_for() {
        let queue = Queue::default();
        join(&queue, "mine").unwrap();
        join(&queue, "mine").unwrap();
        let job = queue.take().await;
        queue.leave("mine");
        assert!(!queue.wants(&job));
        assert_eq!(queue.len(), 0);
        queue.finish(job, Ok(Value::Null));
        assert_eq!(told(&queue, "mine").await, ["unknown"]);
    }

    #[tokio::test]
    async fn when_the_queue_ends_all_who_wait_are_told_and_nobody_joins() {
        let queue = Queue::default();
        join(&queue, "mine").unwrap();
        join(&queue, "yours").unwrap();
        let job = queue.take().await;
        queue.end("lost");
        assert!(!queue.wants(&job));
        assert_eq!(queue.len(), 0);
        assert_eq!(
            told(&queue, "mine").await,
            ["waits", "starts", "failed", "end"]
        );
        assert_eq!(told(&queue, "yours").await, ["waits", "failed", "end"]);
        let late = join(&queue, "mine");
        assert!(matches!(late, Err(JoinError::Ended(why)) if why == "lost"));
    }

    #[test]
    fn the_queue_is_bounded() {
        let queue = Queue::default();
        for _ in 0..MAX_WAITING {
            join(&queue, "mine").unwrap();
        }
        assert!(matches!(join(&queue, "yours"), Err(JoinError::Full)));
    }

    #[test]
    fn a_session_with_a_long_name_is_refused() {
        let queue = Queue::default();
        let long = join(&queue, &"x".repeat(1 << 20));
        assert!(matches!(long, Err(JoinError::Name(_))));
        assert_eq!(queue.len(), 0);
    }

    #[tokio::test]
    async fn the_oldest_answers_that_nobody_fetches_are_forgotten() {
        let queue = Queue::default();
        for number in 0..=MAX_SESSIONS {
            join(&queue, &number.to_string()).unwrap();
            queue.finish(queue.take().await, Ok(Value::Null));
        }
        assert_eq!(told(&queue, "0").await, ["unknown"]);
        assert_eq!(told(&queue, "1").await, ["waits", "starts", "done", "end"]);
    }

    #[tokio::test]
    async fn a_photo_in_work_is_not_forgotten_for_answers_that_nobody_fetches() {
        let queue = Queue::default();
        join(&queue, "mine").unwrap();
        let mine = queue.take().await;
        for number in 0..=MAX_SESSIONS {
            join(&queue, &number.to_string()).unwrap();
            queue.finish(queue.take().await, Ok(Value::Null));
        }
        queue.finish(mine, Ok(Value::Null));
        assert_eq!(
            told(&queue, "mine").await,
            ["waits", "starts", "done", "end"]
        );
    }

    #[tokio::test]
    async fn one_session_cannot_pile_up_answers() {
        let queue = Queue::default();
        let mut joined = 0;
        for _ in 0..=MAX_MESSAGES {
            if join(&queue, "mine").is_ok() {
                queue.finish(queue.take().await, Ok(Value::Null));
                joined += 1;
            }
        }
        assert_eq!(joined, MAX_WAITING);
    }
}
