//! What of the photos is kept for another visit already, and so what is to be written next.

use super::photo::{Photo, PhotoId};
use crate::protocol::JobId;

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
    pub photo: Option<Photo>,
    /// Its map: of which job, and by which number it is kept, which grows with each.
    pub map: Option<(JobId, u32)>,
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq)]
pub enum Step<S> {
    /// Write what is known of a photo, and its files.
    Keep(Photo),
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
    /// The next thing to do, until what is kept are these photos. What makes room comes first.
    pub fn next(&self, photos: &[Photo]) -> Option<Step<S>> {
        let is_gone = |id: &PhotoId| photos.iter().all(|photo| photo.id != *id);
        if let Some((id, entry)) = self.entries.iter().find(|(id, _)| is_gone(id)) {
            return Some(Step::Forget(*id, entry.clone()));
        }
        let is_kept = |photo: &&Photo| {
            let entry = self.find(photo.id);
            entry.is_some_and(|entry| entry.photo.as_ref() == Some(photo))
        };
        let next = photos.iter().find(|photo| !is_kept(photo));
        next.cloned().map(Step::Keep)
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
            photo: None,
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

    fn photo(id: PhotoId) -> Photo {
        Photo::new(id, format!("{id}.jpg"))
    }

    /// Does the next thing; gives back what it was.
    fn step(ledger: &mut Ledger<char>, photos: &[Photo]) -> Option<Step<char>> {
        let step = ledger.next(photos);
        match &step {
            Some(Step::Keep(photo)) => {
                let id = photo.id;
                let entry = ledger.entry(id).unwrap_or_else(|| ledger.begin(id, 'a'));
                let photo = Some(photo.clone());
                ledger.note(id, Entry { photo, ..entry });
            }
            Some(Step::Forget(photo, _)) => ledger.forget(*photo),
            None => {}
        }
        step
    }

    #[test]
    fn each_photo_is_written_once_until_it_changes() {
        let mut ledger = Ledger::default();
        let mut photos = vec![photo(1), photo(2)];
        for expected in [1, 2] {
            let Some(Step::Keep(kept)) = step(&mut ledger, &photos) else {
                panic!("photo {expected} is not kept");
            };
            assert_eq!(kept.id, expected);
        }
        assert_eq!(step(&mut ledger, &photos), None);
        photos[1].was_stopped = true;
        assert_eq!(
            step(&mut ledger, &photos),
            Some(Step::Keep(photos[1].clone()))
        );
        assert_eq!(step(&mut ledger, &photos), None);
    }

    #[test]
    fn what_is_gone_is_deleted_before_anything_is_written() {
        let mut ledger = Ledger::default();
        step(&mut ledger, &[photo(1)]);
        let entry = ledger.entry(1).unwrap();
        assert_eq!((entry.session, entry.key), ('a', 1));
        let later = [photo(2)];
        assert_eq!(step(&mut ledger, &later), Some(Step::Forget(1, entry)));
        assert_eq!(step(&mut ledger, &later), Some(Step::Keep(photo(2))));
        assert_eq!(ledger.entry(2).unwrap().key, 2);
        assert_eq!(step(&mut ledger, &later), None);
        assert!(matches!(step(&mut ledger, &[]), Some(Step::Forget(2, _))));
        assert_eq!(step(&mut ledger, &[]), None);
    }
}
