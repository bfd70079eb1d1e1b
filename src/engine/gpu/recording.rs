//! Launches recorded with all that CubeCL finds out for each: replayed, they cost the processor a fraction.

use std::thread::{self, ThreadId};

use cubecl::client::{Client, Graph};

/// Launches to be run again as they were.
pub(super) struct Recording {
    graph: Graph,
    /// CubeCL keeps in order what goes by one stream, which is a thread's own. What it replays goes by that of the recording.
    thread: ThreadId,
}

impl Recording {
    /// Runs `launches`, then records them; none where CubeCL begins no recording. One that it began and cannot end marks all
    /// its buffers as spoilt, and the next read says that the device is lost.
    pub(super) fn of(client: &Client, launches: impl Fn()) -> Option<Self> {
        let is_prepared = client.graph_prepare().is_ok();
        // This run is for its result, and leaves what the recording needs, which may allocate nothing.
        launches();
        if !is_prepared {
            return None;
        }
        if client.start_capture().is_ok() {
            // Recorded, not run.
            launches();
        }
        let graph = client.stop_capture().ok()?;
        let thread = thread::current().id();
        Some(Self { graph, thread })
    }

    /// Runs them again. False where this is not the thread that recorded them: nothing runs then.
    #[allow(unsafe_code, reason = "there is no other way to replay a recording")]
    pub(super) fn replay(&self) -> bool {
        // SAFETY: the `Pass` that owns this recording holds every buffer that it names. On another thread nothing is replayed,
        // so writes, replays and reads all go by this one's stream, in order.
        self.thread == thread::current().id() && unsafe { self.graph.replay() }.is_ok()
    }
}
