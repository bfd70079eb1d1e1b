//! The programs that speak the protocol, each in front of a browser of its own.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use tempfile::TempDir;

/// How long a driver may take until it listens.
const LISTENS: Duration = Duration::from_secs(30);

/// The browsers.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Browser {
    Chromium,
    Firefox,
    /// The small one that comes with WebKitGTK: Safari's engine.
    WebKit,
}

impl Browser {
    /// The driver.
    pub(super) fn program(self) -> &'static str {
        match self {
            Self::Chromium => "chromedriver",
            Self::Firefox => "geckodriver",
            Self::WebKit => "WebKitWebDriver",
        }
    }

    /// What stands before the port, when it tells that it listens; none where it tells nothing.
    fn before_port(self) -> Option<&'static str> {
        match self {
            Self::Chromium => Some("started successfully on port "),
            Self::Firefox => Some("Listening on 127.0.0.1:"),
            Self::WebKit => None,
        }
    }
}

/// A running driver. It ends when dropped.
pub(super) struct Driver {
    pub(super) port: u16,
    process: Process,
    /// Goes after it.
    _display: Option<Display>,
    /// Where browsers leave files lying, megabytes each time. Goes last.
    _temporary: TempDir,
}

impl Driver {
    pub(super) fn start(browser: Browser) -> Result<Self> {
        let temporary = TempDir::new()?;
        let mut command = Command::new(browser.program());
        command.env("TMPDIR", temporary.path());
        let Some(before_port) = browser.before_port() else {
            return Self::start_silent(command, temporary);
        };
        let mut process = Process::start(command.arg("--port=0"))?;
        let port = process.read_after(before_port)?;
        Ok(Self {
            port,
            process,
            _display: None,
            _temporary: temporary,
        })
    }

    /// One that tells nothing, and whose browser does not run without a display.
    fn start_silent(mut command: Command, temporary: TempDir) -> Result<Self> {
        let display = Display::start()?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        command
            .arg(format!("--port={port}"))
            .env("DISPLAY", &display.name);
        let mut process = Process::start(&mut command)?;
        let started = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            ensure!(started.elapsed() < LISTENS, "it does not listen");
            if let Some(status) = process.child.try_wait()? {
                bail!("it ended before it listened: {status}");
            }
            // That it listens is no event to wait for.
            thread::sleep(Duration::from_millis(10));
        }
        Ok(Self {
            port,
            process,
            _display: Some(display),
            _temporary: temporary,
        })
    }

    pub(super) fn id(&self) -> u32 {
        self.process.child.id()
    }
}

/// A screen that nobody sees.
struct Display {
    name: String,
    _process: Process,
}

impl Display {
    fn start() -> Result<Self> {
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0"]);
        let mut process = Process::start(command.arg("1440x1000x24"))?;
        let number: u16 = process.read_after("")?;
        Ok(Self {
            name: format!(":{number}"),
            _process: process,
        })
    }
}

/// A program and what it writes. It ends when dropped.
struct Process {
    child: Child,
    /// Held open, as it goes on to write into it; none while it is read.
    output: Option<BufReader<ChildStdout>>,
}

impl Process {
    fn start(command: &mut Command) -> Result<Self> {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| {
                let program = command.get_program().to_string_lossy();
                format!("{program} can't be started: `cargo xtask test` installs it")
            })?;
        let output = BufReader::new(child.stdout.take().context("the output is piped")?);
        Ok(Self {
            child,
            output: Some(output),
        })
    }

    /// Waits for the line that has these words, and reads the number after them.
    fn read_after(&mut self, words: &'static str) -> Result<u16> {
        let mut output = self.output.take().context("its output is read already")?;
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let number = number_after(&mut output, words);
            // Whoever waited may have given up.
            let _ = tell.send((number, output));
        });
        let (number, output) = told
            .recv_timeout(LISTENS)
            .with_context(|| format!("it does not tell `{words}`"))?;
        self.output = Some(output);
        number
    }
}

fn number_after(output: &mut impl BufRead, words: &str) -> Result<u16> {
    let mut line = String::new();
    loop {
        line.clear();
        if output.read_line(&mut line)? == 0 {
            bail!("it ended before it told `{words}`");
        }
        if let Some((_, number)) = line.split_once(words) {
            let number = number.trim_end_matches(|end: char| !end.is_ascii_digit());
            return Ok(number.parse()?);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
