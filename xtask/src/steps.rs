//! Steps that are all taken, whatever becomes of the ones before, and told together at the end.

use std::fmt;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;

/// What became of the steps so far.
#[derive(Default)]
pub(crate) struct Steps {
    taken: Vec<Step>,
}

struct Step {
    name: &'static str,
    /// None when it passed.
    failure: Option<String>,
    time: Duration,
}

impl Steps {
    /// Takes a step; tells whether it passed.
    pub(crate) fn run(&mut self, name: &'static str, step: impl FnOnce() -> Result<()>) -> bool {
        eprintln!("\n== {name}");
        let start = Instant::now();
        let failure = step().err().map(|error| format!("{error:#}"));
        if let Some(failure) = &failure {
            eprintln!("error: {failure}");
        }
        let passed = failure.is_none();
        self.taken.push(Step {
            name,
            failure,
            time: start.elapsed(),
        });
        passed
    }

    /// Counts a step that can't be taken as failed.
    pub(crate) fn skip(&mut self, name: &'static str, reason: &str) {
        let failure = Some(format!("not run: {reason}"));
        self.taken.push(Step {
            name,
            failure,
            time: Duration::ZERO,
        });
    }

    /// Prints the summary.
    pub(crate) fn finish(self) -> ExitCode {
        println!("\n{self}");
        if self.failed() == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    fn failed(&self) -> usize {
        self.taken
            .iter()
            .filter(|step| step.failure.is_some())
            .count()
    }
}

impl fmt::Display for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Step {
            name,
            failure,
            time,
        } in &self.taken
        {
            let outcome = if failure.is_none() {
                "passed"
            } else {
                "FAILED"
            };
            write!(f, "{name:<16} {outcome}  {:>7.1} s", time.as_secs_f64())?;
            // Of a long message the first line: the rest stands where it happened.
            if let Some(line) = failure.as_ref().and_then(|failure| failure.lines().next()) {
                write!(f, "  {line}")?;
            }
            writeln!(f)?;
        }
        let failed = self.failed();
        write!(f, "\n{} passed, {failed} failed", self.taken.len() - failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_taken_and_counted() {
        let mut steps = Steps::default();
        assert!(!steps.run("one", || anyhow::bail!("broken\nin detail")));
        assert!(steps.run("two", || Ok(())));
        steps.skip("three", "one failed");
        let summary = steps.to_string();
        assert!(summary.contains("broken\n"), "{summary}");
        assert!(summary.contains("not run: one failed"), "{summary}");
        assert_eq!(summary.lines().last(), Some("1 passed, 2 failed"));
        assert_eq!(steps.finish(), ExitCode::FAILURE);
    }

    #[test]
    fn nothing_failed_is_success() {
        let mut steps = Steps::default();
        steps.run("one", || Ok(()));
        assert_eq!(steps.finish(), ExitCode::SUCCESS);
    }
}
