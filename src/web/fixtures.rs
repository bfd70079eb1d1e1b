//! What tests of the page's side are told by a worker.

use crate::protocol::{Backend, BackendChoice, Cause, EngineInfo, Failure, FailureKind, Reason};

pub(in crate::web) fn engine(backend: Backend) -> EngineInfo {
    EngineInfo {
        choice: BackendChoice::Auto,
        backend,
        adapter: "A".into(),
        reason: Reason::Chosen,
        weights: "lite".into(),
        weights_hash: "a".into(),
        has_own_weights: false,
        width: 16,
        threshold: 0.4,
        self_test: None,
        seconds_per_megapixel: 1.0,
    }
}

pub(in crate::web) fn failure(kind: FailureKind) -> Failure {
    Failure::new(kind, Cause::Unreadable)
}

/// All there are: a new one does not compile before it is among them.
pub(in crate::web) fn reasons() -> [Reason; 10] {
    let known = |reason| match reason {
        Reason::Chosen
        | Reason::Faster
        | Reason::SoftwareGpu
        | Reason::NoWebGpu
        | Reason::NoAdapter
        | Reason::GpuFailed
        | Reason::SmallGpu
        | Reason::WrongGpu
        | Reason::LostGpu
        | Reason::Recovered => reason,
    };
    [
        Reason::Chosen,
        Reason::Faster,
        Reason::SoftwareGpu,
        Reason::NoWebGpu,
        Reason::NoAdapter,
        Reason::GpuFailed,
        Reason::SmallGpu,
        Reason::WrongGpu,
        Reason::LostGpu,
        Reason::Recovered,
    ]
    .map(known)
}
