//! Names that callers choose, for files and for sessions. They are kept, so their length has a limit.

use thiserror::Error;

/// The most bytes of a name: what file systems take, with room for what a mask's name adds.
const MAX_NAME: usize = 240;

/// Why a name is not kept.
#[derive(Debug, Error)]
#[error(
    "The name of the file or session is too long: {0} bytes, at most {MAX_NAME} are possible. Choose a shorter one."
)]
pub(crate) struct LongName(usize);

/// The name, if it is short enough.
pub(crate) fn short(name: &str) -> Result<&str, LongName> {
    if name.len() > MAX_NAME {
        return Err(LongName(name.len()));
    }
    Ok(name)
}

/// The file's name in a path that a caller chose.
pub(crate) fn of_file(path: &str) -> Result<&str, LongName> {
    short(last_component(path))
}

/// The beginning of a text that may be long, to tell it by.
pub(crate) fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_NAME)]
}

/// A path's last component, on whatever system it was written.
pub(crate) fn last_component(path: &str) -> &str {
    match path.rsplit(['/', '\\']).next() {
        None | Some("" | "." | "..") => "photo",
        Some(name) => name,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test panics")]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_the_end_of_its_path() {
        let folder = "folder/".repeat(MAX_NAME);
        for (path, name) in [
            ("Brücke 7.png", "Brücke 7.png"),
            (r"C:\photos\wall.jpg", "wall.jpg"),
            (&format!("{folder}wall.jpg"), "wall.jpg"),
            (&format!("{folder}.."), "photo"),
            ("", "photo"),
        ] {
            assert_eq!(of_file(path).unwrap(), name);
        }
    }

    #[test]
    fn long_names_are_refused_and_long_texts_cut_between_letters() {
        let longest = "x".repeat(MAX_NAME);
        assert_eq!(short(&longest).unwrap(), longest);
        assert_eq!(beginning(&longest), longest);
        let longer = "x".repeat(MAX_NAME - 1) + "ü";
        assert!(matches!(short(&longer), Err(LongName(bytes)) if bytes == longer.len()));
        assert_eq!(beginning(&longer), &longest[1..]);
    }
}
