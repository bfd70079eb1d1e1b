//! Which releases of a file nobody needs any more.

/// Releases that are kept: the newest, and the one before, by which another tab may still work.
const KEPT: usize = 2;

/// Of all addresses that something is kept under, the first kept first, those of the file in use that are of earlier releases than
/// the last [`KEPT`]; never that in use. Releases of a file are told apart by what follows a `?`.
pub(super) fn earlier(mut kept: Vec<String>, in_use: &str) -> Vec<String> {
    let file = |url: &str| url.split('?').next().unwrap_or_default().to_owned();
    kept.retain(|url| file(url) == file(in_use));
    kept.truncate(kept.len().saturating_sub(KEPT));
    kept.retain(|url| url != in_use);
    kept
}

#[cfg(test)]
mod tests {
    use super::earlier;

    #[test]
    fn the_last_two_releases_and_that_in_use_stay() {
        let kept = ["lite?1", "open?1", "lite?2", "open?2", "lite?3", "lite?4"];
        let left = |in_use| earlier(kept.map(str::to_owned).into(), in_use);
        assert_eq!(left("lite?4"), ["lite?1", "lite?2"]);
        assert_eq!(left("lite?1"), ["lite?2"]);
        assert_eq!(left("open?2"), [""; 0]);
        assert_eq!(left("other?1"), [""; 0]);
    }
}
