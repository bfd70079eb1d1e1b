//! The files that callers and the network hand each other, in memory only.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use thiserror::Error;

use crate::id::{NoRandomness, id};
use crate::lock;

/// The most bytes that one file may have.
pub(crate) const MAX_FILE: usize = 100 << 20;
/// The most files that are kept.
const MAX_FILES: usize = 256;
/// The most bytes that all kept files together may have.
const MAX_BYTES: usize = 512 << 20;

/// Why a file is not kept.
#[derive(Debug, Error)]
pub(crate) enum StoreError {
    #[error(
        "The file is too large: {} MB, at most {} MB are possible. Make it smaller or cut out the part that matters.",
        .0.div_ceil(1 << 20),
        MAX_FILE >> 20
    )]
    TooLarge(usize),
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// The latest files; the oldest go when there are too many.
#[derive(Default)]
pub(crate) struct Store {
    files: Mutex<VecDeque<File>>,
}

struct File {
    path: String,
    bytes: Arc<[u8]>,
}

impl Store {
    /// Keeps a file and tells its path, which nobody can guess. It ends with the file's name, because callers name their
    /// copies after it; what callers choose is to be [`short`](crate::name::short).
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> Result<String, StoreError> {
        if bytes.len() > MAX_FILE {
            return Err(StoreError::TooLarge(bytes.len()));
        }
        let path = format!("{}/{}", id()?, name);
        let mut files = lock(&self.files);
        files.push_back(File {
            path: path.clone(),
            bytes: bytes.into(),
        });
        let mut total: usize = files.iter().map(|file| file.bytes.len()).sum();
        while files.len() > MAX_FILES || total > MAX_BYTES {
            total -= files.pop_front().map_or(total, |file| file.bytes.len());
        }
        Ok(path)
    }

    /// The file at a path that [`Self::put`] told, if it is still there.
    pub(crate) fn get(&self, path: &str) -> Option<Arc<[u8]>> {
        let files = lock(&self.files);
        let file = files.iter().find(|file| file.path == path)?;
        Some(Arc::clone(&file.bytes))
    }
}
