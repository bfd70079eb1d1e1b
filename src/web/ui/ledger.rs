//! What of the photos is kept for another visit already, and so what is to be written next.

use serde::{Deserialize, Serialize};

use super::photo::{Phase, Photo, PhotoId};
use crate::protocol::JobId;

/// What of a photo outlasts the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lasting {
    /// With all that is of the page alone as at first.
    pub photo: Photo,
    /// Whether there is a preview: a file beside the record.
    #[serde(skip)]
    pub has_preview: bool,
    /// Whether the person stopped it.
    pub is_stopped: bool,
    /// The threshold that the person chose for all photos, 0 to 1, if any: only with the last of them.
    pub threshold: Option<f32>,
}

impl Lasting {
    /// Of a photo of now.
    pub fn of(photo: &Photo, threshold: Option<f32>) -> Self {
        let is_stopped = photo.phase == Phase::Stopped;
        let has_preview = photo.preview.is_some();
        let mut photo = Photo {
            phase: Phase::default(),
            thumbnail: None,
            preview: None,
            ..photo.clone()
        };
        if let Some(outcome) = &mut photo.outcome {
            outcome.cracks = None;
        }
        Self {
            photo,
            has_preview,
            is_stopped,
            threshold,
        }
    }

    /// The photo as it is taken up again.
    pub fn into_photo(self) -> Photo {
        let phase = match self.is_stopped {
            true => Phase::Stopped,
            false => Phase::default(),
        };
        Photo {
            phase,
            ..self.photo
        }
    }
}

/// The photos that are kept, each in a session of the kind `S`.
#[derive(Debug)]
pub struct Ledger<S> {
    /// A list, which is short, as a map would be a large part of the program.
    entries: Vec<(PhotoId, Entry<S>)>,
    last_key: u32,
}

/// What is kept of a photo.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry<S> {
    /// Where.
    pub session: S,
    /// Names the photo there. Photos that came later have a greater one.
    pub key: u32,
    /// What is known of it; none before anything is written.
    pub lasting: Option<Lasting>,
    /// Its map: of which job, and by which number it is kept, which grows with each.
    pub map: Option<(JobId, u32)>,
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq)]
pub enum Step<S> {
    /// Write what is known of a photo, and its files.
    Keep(Lasting),
    /// Delete all of a photo that is gone.
    Forget(PhotoId, Entry<S>),
}

impl<S> Default for Ledger<S> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            last_key: 0,
        }
    }
}

impl<S: Clone> Ledger<S> {
    /// The next thing to do, until what is kept is what there is. What makes room comes first. What was refused is tried again once its
    /// photo is another, and not at each move of the slider.
    pub fn next(&self, all: &[Lasting], refused: &[Lasting]) -> Option<Step<S>> {
        let is_gone = |id: &PhotoId| all.iter().all(|lasting| lasting.photo.id != *id);
        if let Some((id, entry)) = self.entries.iter().find(|(id, _)| is_gone(id)) {
            return Some(Step::Forget(*id, entry.clone()));
        }
        let is_due = |lasting: &&Lasting| {
            let entry = self.find(lasting.photo.id);
            let is_kept = entry.is_some_and(|entry| entry.lasting.as_ref() == Some(lasting));
            let mut refused = refused.iter();
            !is_kept && !refused.any(|before| before.photo == lasting.photo)
        };
        all.iter().find(is_due).cloned().map(Step::Keep)
    }

    /// What is kept of a photo; none of one that is not known yet.
    pub fn entry(&self, photo: PhotoId) -> Option<Entry<S>> {
        self.find(photo).cloned()
    }

    fn find(&self, photo: PhotoId) -> Option<&Entry<S>> {
        let mut entries = self.entries.iter();
        entries.find_map(|(id, entry)| (*id == photo).then_some(entry))
    }

    /// Where a photo that is not known yet is to be kept, in this session.
    pub fn begin(&mut self, photo: PhotoId, session: S) -> Entry<S> {
        self.last_key += 1;
        let entry = Entry {
            session,
            key: self.last_key,
            lasting: None,
            map: None,
        };
        self.note(photo, entry.clone());
        entry
    }

    /// Notes what is kept of a photo now.
    pub fn note(&mut self, photo: PhotoId, entry: Entry<S>) {
        self.forget(photo);
        self.entries.push((photo, entry));
    }

    /// Notes that nothing is kept of a photo any more.
    pub fn forget(&mut self, photo: PhotoId) {
        self.entries.retain(|(id, _)| *id != photo);
    }
}

#[cfg(test)]
#[allow(clippy::panic, clippy::unwrap_used, reason = "a failing test panics")]
mod tests {
    use super::*;
    use crate::measure::Scale;
    use crate::web::ui::photo::Laid;
    use crate::web::ui::state::tests::{job_of, ready, succeed};

    fn lasting(id: PhotoId) -> Lasting {
        Lasting::of(&Photo::new(id, format!("{id}.jpg")), None)
    }

    /// Does the next thing; gives back what it was.
    fn step(ledger: &mut Ledger<char>, all: &[Lasting]) -> Option<Step<char>> {
        let step = ledger.next(all, &[]);
        match &step {
            Some(Step::Keep(lasting)) => {
                let id = lasting.photo.id;
                let entry = ledger.entry(id).unwrap_or_else(|| ledger.begin(id, 'a'));
                let lasting = Some(lasting.clone());
                ledger.note(id, Entry { lasting, ..entry });
            }
            Some(Step::Forget(photo, _)) => ledger.forget(*photo),
            None => {}
        }
        step
    }

    #[test]
    fn what_lasts_is_read_as_it_was_written() {
        let mut state = ready();
        let ids = state.add(["pier 3.jpg".to_owned()]);
        let job = job_of(&state.send_next());
        succeed(&mut state, job);
        let mut photo = state.photo(ids[0]).unwrap().clone();
        photo.scale = Scale::of_length(3.0, 10.0);
        photo.ruler = Some(Laid {
            ends: [(0.5, 1.5), (3.5, 1.5)],
            length: "10,0".to_owned(),
        });
        let mut lasting = Lasting::of(&photo, Some(0.6));
        let written = serde_json::to_string(&lasting).unwrap();
        let read: Lasting = serde_json::from_str(&written).unwrap();
        (lasting.photo.id, lasting.has_preview) = (0, false);
        lasting.photo.outcome.as_mut().unwrap().job = 0;
        assert_eq!(read, lasting);
    }

    #[test]
    fn what_was_stopped_stays_stopped() {
        for (phase, again) in [
            (Phase::Stopped, Phase::Stopped),
            (Phase::Waiting, Phase::Waiting),
            (Phase::Done, Phase::Waiting),
        ] {
            let mut photo = Photo::new(1, "1.jpg".into());
            photo.phase = phase;
            assert_eq!(Lasting::of(&photo, None).into_photo().phase, again);
        }
    }

    #[test]
    fn what_was_refused_keeps_nothing_else_from_being_written() {
        let mut ledger = Ledger::<char>::default();
        let mut all = [lasting(1), lasting(2)];
        let refused = [all[0].clone()];
        assert_eq!(ledger.next(&all, &refused), Some(Step::Keep(lasting(2))));
        step(&mut ledger, &all[1..]);
        assert_eq!(ledger.next(&all, &refused), None);
        all[0].threshold = Some(0.5);
        assert_eq!(ledger.next(&all, &refused), None);
        all[0].photo.was_stopped = true;
        let due = Step::Keep(all[0].clone());
        assert_eq!(ledger.next(&all, &refused), Some(due));
    }

    #[test]
    fn each_photo_is_written_once_until_it_changes() {
        let mut ledger = Ledger::default();
        let mut photos = vec![lasting(1), lasting(2)];
        for expected in [1, 2] {
            let Some(Step::Keep(kept)) = step(&mut ledger, &photos) else {
                panic!("photo {expected} is not kept");
            };
            assert_eq!(kept.photo.id, expected);
        }
        assert_eq!(step(&mut ledger, &photos), None);
        photos[1].photo.was_stopped = true;
        assert_eq!(
            step(&mut ledger, &photos),
            Some(Step::Keep(photos[1].clone()))
        );
        assert_eq!(step(&mut ledger, &photos), None);
    }

    #[test]
    fn what_is_gone_is_deleted_before_anything_is_written() {
        let mut ledger = Ledger::default();
        step(&mut ledger, &[lasting(1)]);
        let entry = ledger.entry(1).unwrap();
        assert_eq!((entry.session, entry.key), ('a', 1));
        let later = [lasting(2)];
        assert_eq!(step(&mut ledger, &later), Some(Step::Forget(1, entry)));
        assert_eq!(step(&mut ledger, &later), Some(Step::Keep(lasting(2))));
        assert_eq!(ledger.entry(2).unwrap().key, 2);
        assert_eq!(step(&mut ledger, &later), None);
        assert!(matches!(step(&mut ledger, &[]), Some(Step::Forget(2, _))));
        assert_eq!(step(&mut ledger, &[]), None);
    }
}
