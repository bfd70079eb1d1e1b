//! How far the app is from working without a network.

/// What of the app is kept on this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// This browser, or this address (it is not HTTPS), keeps nothing.
    Never,
    /// Files are missing still.
    NotYet,
    /// Files could not be fetched, or there is no room for them.
    Failed,
    /// Program and weights are all here.
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
