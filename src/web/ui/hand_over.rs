//! Files on their way to the person. Most browsers take one as soon as it is there; an app of an iPhone's or iPad's home screen may want
//! another press first.

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::Blob;

use super::controller::Controller;
use super::dom::{self, Handed};
use super::state::State;
use crate::protocol::JobId;

/// A file that the person asked for.
#[derive(Clone)]
pub(super) struct ReadyFile {
    pub(super) file: Blob,
    pub(super) name: String,
    /// The results that the person has with it.
    pub(super) jobs: Vec<JobId>,
}

impl Controller {
    /// Hands a file to the person, or lays it ready for another press.
    pub(super) fn hand_over(self, ready: ReadyFile) {
        spawn_local(async move {
            let handed = dom::download(&ready.file, &ready.name).await;
            // The page may be gone by then.
            if self.state.is_disposed() {
                return;
            }
            match handed {
                Ok(Handed::Over) => {
                    if self.put_away(&ready.name) {
                        self.unsay(|words| (words.file_ready)(&ready.name));
                    }
                    self.state.update(|state| state.saved(&ready.jobs));
                }
                Ok(Handed::GivenUp) => {}
                Ok(Handed::NotWithoutPress) => {
                    self.say(|words| (words.file_ready)(&ready.name));
                    self.put_away(&ready.name);
                    self.ready_files.update(|files| files.push(ready));
                }
                Err(error) => {
                    dom::log(&error);
                    self.state.update(State::not_saved);
                }
            }
        });
    }

    /// Hands a file that lies ready to the person, at a press; it stays until the person has it.
    pub(super) fn hand_over_ready(self, name: &str) {
        let ready = self.ready_files.with_untracked(|files| {
            let mut files = files.iter();
            files.find(|ready| ready.name == name).cloned()
        });
        if let Some(ready) = ready {
            self.hand_over(ready);
        }
    }

    /// Gives back whether it lay ready.
    fn put_away(self, name: &str) -> bool {
        let put_away = self.ready_files.try_update(|files| {
            let before = files.len();
            files.retain(|ready| ready.name != name);
            files.len() < before
        });
        put_away.unwrap_or_default()
    }
}
