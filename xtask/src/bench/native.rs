//! PyTorch and onnxruntime without a browser, in a Python that answers line by line.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::prepare::Prepared;

/// A running `benches/native.py`. It ends when dropped.
pub(super) struct Native {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// The versions of what it runs, by name.
    pub(super) versions: Value,
}

impl Native {
    pub(super) fn start(prepared: &Prepared) -> Result<Self> {
        let mut process = prepared
            .script("native.py")
            .arg(&prepared.models)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("Python can't be started")?;
        let questions = process.stdin.take().context("the input is piped")?;
        let answers = process.stdout.take().context("the output is piped")?;
        let mut native = Self {
            process,
            questions,
            answers: BufReader::new(answers),
            versions: Value::Null,
        };
        native.versions = native.read()?;
        Ok(native)
    }

    pub(super) fn ask(&mut self, question: &Value) -> Result<Value> {
        writeln!(self.questions, "{question}")?;
        self.read()
    }

    fn read(&mut self) -> Result<Value> {
        let mut line = String::new();
        let length = self.answers.read_line(&mut line)?;
        ensure!(length > 0, "native.py ended; above it says why");
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
