//! What the names of results' files begin with, so that an archive, its table and its report mean the same file.

use crate::export;
use crate::protocol::{ExportKind, Mode};

/// Those given so far, as the names of masks that begin so, in small letters: there are systems that make no difference.
#[derive(Debug, Default)]
pub(super) struct Stems(Vec<String>);

impl Stems {
    /// One for another result: as `wanted`, with a number ("wall (2)") where the files of a result before would be called so.
    pub(super) fn give(&mut self, mode: Mode, wanted: &str) -> String {
        let file = |stem: &str| export::file_name(stem, mode, ExportKind::Mask).to_lowercase();
        let numbered = (2..).map(|number| format!("{wanted} ({number})"));
        let mut stems = std::iter::once(wanted.to_owned()).chain(numbered);
        let stem = stems
            .find(|stem| !self.0.contains(&file(stem)))
            .unwrap_or_default();
        self.0.push(file(&stem));
        stem
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_results_share_a_name() {
        let mut stems = Stems::default();
        for (mode, wanted, expected) in [
            (Mode::Native, "wall", "wall"),
            (Mode::Native, "WALL", "WALL (2)"),
            (Mode::Native, "Brücke", "Brücke"),
            (Mode::Native, "BRÜCKE", "BRÜCKE (2)"),
            // In the other mode: "wall.space.mask.png".
            (Mode::Space, "wall", "wall"),
            (Mode::Native, "wall.space", "wall.space (2)"),
            // In a mode whose files are called the same.
            (Mode::Thorough, "wall", "wall (3)"),
        ] {
            assert_eq!(stems.give(mode, wanted), expected);
        }
    }
}
