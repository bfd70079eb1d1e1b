//! What a run tells of each step, as CSV.

use std::fs::{self, File, OpenOptions};
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

/// A step. What was not measured after it is empty.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// Steps done, this one included.
    pub(crate) step: usize,
    pub(crate) loss: f64,
    pub(crate) learning_rate: f64,
    /// On the validation photos, at the threshold 0.5.
    pub(crate) f1: Option<f64>,
    /// The same at the best threshold.
    pub(crate) best_f1: Option<f64>,
    /// Share of the crack-free photos, 0 to 1.
    pub(crate) false_alarms: Option<f64>,
}

/// A log that is being written, a row a step.
pub(crate) struct Log(csv::Writer<File>);

impl Log {
    /// Gone on with after `done` steps, or begun.
    pub(crate) fn open(file: &Path, done: usize) -> Result<Self> {
        if done > 0 {
            // What came after the last checkpoint will come again.
            let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
            let kept: String = text.split_inclusive('\n').take(1 + done).collect();
            fs::write(file, kept)?;
        }
        let file = OpenOptions::new()
            .create(true)
            .append(done > 0)
            .write(true)
            .truncate(done == 0)
            .open(file)?;
        let mut table = csv::WriterBuilder::new();
        Ok(Self(table.has_headers(done == 0).from_writer(file)))
    }

    pub(crate) fn write(&mut self, row: &Row) -> Result<()> {
        self.0.serialize(row)?;
        Ok(self.0.flush()?)
    }
}

/// The rows of a log.
pub(crate) fn read(file: &Path) -> Result<Vec<Row>> {
    let rows = csv::Reader::from_path(file)?.into_deserialize();
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test panics")]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_was_gone_on_with_has_each_step_once() {
        let file = std::env::temp_dir().join(format!("train-log-{}.csv", std::process::id()));
        let row = |step, f1| Row {
            step,
            loss: 0.5,
            learning_rate: 1e-4,
            f1,
            best_f1: f1,
            false_alarms: None,
        };
        let mut log = Log::open(&file, 0).unwrap();
        for step in 1..=3 {
            log.write(&row(step, None)).unwrap();
        }
        let mut log = Log::open(&file, 2).unwrap();
        log.write(&row(3, Some(0.75))).unwrap();
        let expected = [row(1, None), row(2, None), row(3, Some(0.75))];
        assert_eq!(read(&file).unwrap(), expected);
        fs::remove_file(file).unwrap();
    }
}
