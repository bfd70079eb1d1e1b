//! Notices a GPU or a helper that does not answer: what a browser promised to read may then stay promised for good.

use std::cell::Cell;

use crate::device::DeviceError;

/// A watchdog looks once in so many seconds, and counts its looks instead of a clock's time: a tablet that sleeps takes none.
const STEP: f64 = 1.0;

/// What is said of who does not answer.
pub(super) const SILENT: &str = "it does not answer";

/// Waits for what others do, for as long as they are heard of.
pub(super) struct Watchdog {
    patience: f64,
    silence: Cell<f64>,
}

impl Watchdog {
    /// One that bears a silence of so many seconds.
    pub(super) fn new(patience: f64) -> Self {
        Self {
            patience,
            silence: Cell::new(0.0),
        }
    }

    /// They were heard of.
    pub(super) fn hear(&self) {
        self.silence.set(0.0);
    }

    /// Does `work`, or gives it up.
    ///
    /// # Errors
    /// The work's; [`DeviceError::Lost`] after too long a silence.
    #[cfg(target_family = "wasm")]
    pub(super) async fn watch<T, E: From<DeviceError>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        self.watch_by(super::worker::pause, work).await
    }

    async fn watch_by<T, E: From<DeviceError>>(
        &self,
        pause: impl AsyncFn(f64),
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let lose_patience = async {
            while self.silence.get() < self.patience {
                pause(STEP).await;
                self.silence.set(self.silence.get() + STEP);
            }
            Err(DeviceError::Lost(SILENT.to_owned()).into())
        };
        futures_lite::future::or(work, lose_patience).await
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use futures_lite::future::yield_now;
    use pollster::block_on;

    use super::*;

    async fn no_time(_: f64) {
        yield_now().await;
    }

    #[test]
    fn what_does_not_answer_is_lost() {
        let watchdog = Watchdog::new(3.0);
        let lost = block_on(watchdog.watch_by(no_time, pending::<Result<(), DeviceError>>()));
        assert_eq!(lost, Err(DeviceError::Lost(SILENT.to_owned())));
    }

    #[test]
    fn what_is_heard_of_may_take_its_time() {
        let watchdog = Watchdog::new(3.0);
        let work = async {
            for _ in 0..20 {
                yield_now().await;
                watchdog.hear();
            }
            Ok::<_, DeviceError>("done")
        };
        assert_eq!(block_on(watchdog.watch_by(no_time, work)), Ok("done"));
    }
}
