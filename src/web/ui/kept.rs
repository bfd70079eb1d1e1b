//! How far the app is from working without a network, and its photos from outlasting the page.

/// What of the app, or of the work in it, is kept on this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// This browser, or this address (it is not HTTPS), keeps nothing.
    Never,
    /// Something is missing still.
    NotYet,
    /// Something could not be fetched, or there is no room for it.
    Failed,
    /// All is here: program and weights, or photos and results.
    Complete,
}

impl Kept {
    /// Its name in styles and tests.
    pub fn key(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::NotYet => "not-yet",
            Self::Failed => "failed",
            Self::Complete => "complete",
        }
    }
}
