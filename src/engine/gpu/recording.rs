//! Launches recorded with all that CubeCL finds out for each: replayed, they cost the processor a fraction.

use std::thread::{self, ThreadId};

use cubecl::client::{Client, Graph};

/// Launches to be run again as they were.
pub(super) struct Recording {
    graph: Graph,
    /// CubeCL keeps what a thread does in order, and what it replays belongs to the thread that recorded it.
    thread: ThreadId,
}

impl Recording {
    /// Runs `launches`, and records them; none where that is not to be had.
    pub(super) fn of(client: &Client, launches: impl Fn()) -> Option<Self> {
        let is_prepared = client.graph_prepare().is_ok();
        // A recording allocates nothing: what it needs is left by a run before.
        launches();
        if !is_prepared || client.start_capture().is_err() {
            return None;
        }
        launches();
        Some(Self {
            graph: client.stop_capture().ok()?,
            thread: thread::current().id(),
        })
    }

    /// Runs them again. False where they did not run.
    #[allow(unsafe_code, reason = "there is no other way to replay a recording")]
    pub(super) fn replay(&self) -> bool {
        // SAFETY: the buffers live as long as the recording, since both belong to a `Pass`, which its launches hold; they
        // are written, used and read on this thread alone.
        self.thread == thread::current().id() && unsafe { self.graph.replay() }.is_ok()
    }
}
