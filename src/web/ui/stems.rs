//! What the names of results' files begin with, so that an archive, its table and its report mean the same file.

use crate::export;
use crate::protocol::{ExportKind, JobId, Mode};

/// Those given so far, each to one result.
#[derive(Debug, Default)]
pub(super) struct Stems(Vec<Stem>);

#[derive(Debug)]
struct Stem {
    job: JobId,
    mode: Mode,
    text: String,
}

impl Stems {
    /// That of a result: as `wanted`, with a number ("wall (2)") where another result's files would be called so.
    pub(super) fn give(&mut self, job: JobId, mode: Mode, wanted: &str) -> &str {
        let known = self.0.iter().position(|stem| stem.job == job);
        let place = known.unwrap_or_else(|| {
            let text = self.free(mode, wanted);
            self.0.push(Stem { job, mode, text });
            self.0.len() - 1
        });
        &self.0[place].text
    }

    /// That of a result which has one.
    pub(super) fn of(&self, job: JobId) -> Option<&str> {
        let stem = self.0.iter().find(|stem| stem.job == job);
        stem.map(|stem| stem.text.as_str())
    }

    fn free(&self, mode: Mode, wanted: &str) -> String {
        // As systems compare that make no difference between capitals and small letters.
        let file =
            |text: &str, mode| export::file_name(text, mode, ExportKind::Mask).to_lowercase();
        let is_free = |text: &String| {
            let taken = |stem: &Stem| file(&stem.text, stem.mode) == file(text, mode);
            !self.0.iter().any(taken)
        };
        let numbered = (2..).map(|number| format!("{wanted} ({number})"));
        let mut texts = std::iter::once(wanted.to_owned()).chain(numbered);
        texts.find(is_free).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_results_share_a_name() {
        let mut stems = Stems::default();
        for (job, mode, wanted, expected) in [
            (1, Mode::Native, "wall", "wall"),
            (2, Mode::Native, "WALL", "WALL (2)"),
            (3, Mode::Native, "Brücke", "Brücke"),
            (4, Mode::Native, "BRÜCKE", "BRÜCKE (2)"),
            // The same photo in the other mode: "wall.space.mask.png".
            (5, Mode::Space, "wall", "wall"),
            (6, Mode::Native, "wall.space", "wall.space (2)"),
            // In a mode whose files are called the same.
            (8, Mode::Thorough, "wall", "wall (3)"),
            // Asked for again.
            (1, Mode::Native, "wall", "wall"),
        ] {
            assert_eq!(stems.give(job, mode, wanted), expected);
        }
        assert_eq!(stems.of(4), Some("BRÜCKE (2)"));
        assert_eq!(stems.of(7), None);
    }
}
