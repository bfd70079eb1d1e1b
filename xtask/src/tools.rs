//! The tools that the commands need from outside the repository: which, and how they are installed.
//!
//! A tool that is there in the right version is used. What is missing comes from rustup, from crates, or from Debian's
//! packages.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, anyhow, bail};

use crate::{cargo, run};

/// Builds the three programs and what is served around them.
const TRUNK: &str = "0.21.14";

/// Lets the tests drive Firefox.
const GECKODRIVER: &str = "0.37.1";

/// A tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    Rustfmt,
    Clippy,
    WasmTarget,
    Trunk,
    WasmBindgen,
    WasmOpt,
    /// Compresses what is served.
    Brotli,
    /// Lets native programs find a GPU, be it one in software.
    Vulkan,
    /// Runs Gradio's client, in a folder of its own.
    Python,
    Chromium,
    ChromeDriver,
    Firefox,
    GeckoDriver,
    /// Safari's engine in a small browser, and what drives it.
    WebKit,
    /// A screen for it, as it knows no other way.
    Display,
    /// Hosts the app by the recipe in tests/hosting.
    Nginx,
    /// Packs the npm package, and has its tests' bundlers.
    Npm,
}

/// What building the app needs.
pub(crate) const BUILD: &[Tool] = &[
    Tool::WasmTarget,
    Tool::Trunk,
    Tool::WasmBindgen,
    Tool::WasmOpt,
    Tool::Brotli,
];

/// What the lints and the native tests need.
pub(crate) const CHECK: &[Tool] = &[
    Tool::Rustfmt,
    Tool::Clippy,
    Tool::WasmTarget,
    Tool::Vulkan,
    Tool::Python,
];

/// How a tool is had.
enum Source {
    /// By `rustup ...`.
    Rustup(&'static str),
    /// By `cargo install ...`.
    Crate(String),
    /// By `apt-get install ...`.
    Debian(&'static str),
}

impl Tool {
    /// What everything together needs.
    pub(crate) const ALL: &[Self] = &[
        Self::Rustfmt,
        Self::Clippy,
        Self::WasmTarget,
        Self::Trunk,
        Self::WasmBindgen,
        Self::WasmOpt,
        Self::Brotli,
        Self::Vulkan,
        Self::Python,
        Self::Chromium,
        Self::ChromeDriver,
        Self::Firefox,
        Self::GeckoDriver,
        Self::WebKit,
        Self::Display,
        Self::Nginx,
        Self::Npm,
    ];

    fn is_there(self) -> Result<bool> {
        Ok(match self {
            Self::Rustfmt => answer("cargo", &["fmt", "--version"]).is_some(),
            Self::Clippy => answer("cargo", &["clippy", "--version"]).is_some(),
            Self::WasmTarget => {
                let libraries = [
                    "--print",
                    "target-libdir",
                    "--target",
                    "wasm32-unknown-unknown",
                ];
                answer("rustc", &libraries).is_some_and(|folder| Path::new(&folder).exists())
            }
            Self::Trunk => version("trunk").is_some_and(|version| version == TRUNK),
            Self::WasmBindgen => version("wasm-bindgen") == Some(wasm_bindgen_version()?),
            Self::WasmOpt => version("wasm-opt").is_some(),
            Self::Brotli => version("brotli").is_some(),
            Self::Vulkan => !cfg!(target_os = "linux") || has_vulkan_driver(),
            // Debian's own python3 lacks the second until python3-venv is there.
            Self::Python => answer("python3", &["-c", "import venv, ensurepip"]).is_some(),
            Self::Chromium => version("chromium").is_some(),
            Self::ChromeDriver => version("chromedriver").is_some(),
            Self::Firefox => version("firefox").is_some() || version("firefox-esr").is_some(),
            Self::GeckoDriver => version("geckodriver").is_some(),
            // These tell their version to nobody who listens.
            Self::WebKit => answer("WebKitWebDriver", &["--help"]).is_some(),
            Self::Display => answer("Xvfb", &["-help"]).is_some(),
            Self::Nginx => answer("nginx", &["-v"]).is_some(),
            Self::Npm => version("npm").is_some(),
        })
    }

    fn source(self) -> Result<Source> {
        Ok(match self {
            Self::Rustfmt => Source::Rustup("component add rustfmt"),
            Self::Clippy => Source::Rustup("component add clippy"),
            Self::WasmTarget => Source::Rustup("target add wasm32-unknown-unknown"),
            Self::Trunk => Source::Crate(format!(
                "trunk --version {TRUNK} --locked --debug --no-default-features"
            )),
            // Without --locked: a registry that lags behind lacks versions that its lock file names.
            Self::WasmBindgen => Source::Crate(format!(
                "wasm-bindgen-cli --version {}",
                wasm_bindgen_version()?
            )),
            Self::WasmOpt => Source::Debian("binaryen"),
            Self::Brotli => Source::Debian("brotli"),
            Self::Vulkan => Source::Debian("mesa-vulkan-drivers"),
            Self::Python => Source::Debian("python3-venv"),
            Self::Chromium => Source::Debian("chromium"),
            Self::ChromeDriver => Source::Debian("chromium-driver"),
            Self::Firefox => Source::Debian("firefox-esr"),
            Self::GeckoDriver => {
                Source::Crate(format!("geckodriver --version {GECKODRIVER} --debug"))
            }
            Self::WebKit => Source::Debian("webkit2gtk-driver"),
            Self::Display => Source::Debian("xvfb"),
            Self::Nginx => Source::Debian("nginx-light"),
            Self::Npm => Source::Debian("npm"),
        })
    }
}

/// Installs what is missing of `tools`: all that can be, before it reports what can't.
pub(crate) fn ensure(tools: &[Tool]) -> Result<()> {
    let mut missing = Vec::new();
    for &tool in tools {
        if !tool.is_there()? {
            missing.push(tool);
        }
    }
    let mut packages = Vec::new();
    let mut failures = Vec::new();
    for &tool in &missing {
        match tool.source()? {
            Source::Rustup(words) => {
                let mut rustup = Command::new("rustup");
                rustup.args(words.split_whitespace());
                failures.extend(run(rustup).err());
            }
            Source::Crate(words) => failures.extend(cargo_install(&words).err()),
            Source::Debian(package) => packages.push(package),
        }
    }
    if !packages.is_empty() {
        failures.extend(apt_install(&packages).err());
    }
    if failures.is_empty() {
        for tool in missing {
            if !tool.is_there()? {
                failures.push(anyhow!(
                    "{tool:?} is installed, but the PATH has another or none: \
                     cargo's bin directory belongs in front of it"
                ));
            }
        }
    }
    if failures.is_empty() {
        return Ok(());
    }
    let failures: Vec<_> = failures
        .iter()
        .map(|failure| format!("{failure:#}"))
        .collect();
    bail!("{}", failures.join("\n"))
}

fn cargo_install(words: &str) -> Result<()> {
    let mut install = cargo("install");
    install.args(words.split_whitespace());
    // Where a tool is built with --debug: hardly optimised, as these tools are built for longer than they ever run.
    install
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_DEV_DEBUG", "0");
    run(install)
}

fn apt_install(packages: &[&str]) -> Result<()> {
    if answer("apt-get", &["--version"]).is_none() {
        bail!(
            "missing: {}. These are Debian's names, and there is no apt-get here: install by hand what \
             this system calls them (binaryen brings wasm-opt, chromium-driver is ChromeDriver, \
             mesa-vulkan-drivers is any Vulkan driver)",
            packages.join(" ")
        );
    }
    let is_root = answer("id", &["-u"]).is_some_and(|id| id == "0");
    let apt_get = |words: &[&str]| {
        let mut command = Command::new(if is_root { "apt-get" } else { "sudo" });
        if !is_root {
            command.args(["--preserve-env=DEBIAN_FRONTEND", "apt-get"]);
        }
        command
            .env("DEBIAN_FRONTEND", "noninteractive")
            .arg("--yes")
            .args(words);
        run(command).with_context(|| format!("missing: {}", packages.join(" ")))
    };
    apt_get(&["update"])?;
    apt_get(&[&["install", "--no-install-recommends"], packages].concat())
}

/// The version of wasm-bindgen that the app is built with; its tool must have the same.
fn wasm_bindgen_version() -> Result<String> {
    let lock = fs::read_to_string("Cargo.lock").context("reading Cargo.lock")?;
    let mut lines = lock
        .lines()
        .skip_while(|line| *line != r#"name = "wasm-bindgen""#);
    let version = lines
        .nth(1)
        .and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    Ok(version
        .context("Cargo.lock names no wasm-bindgen")?
        .to_owned())
}

/// Whether a driver is registered with the Vulkan loader, which comes with every driver.
fn has_vulkan_driver() -> bool {
    [
        "/usr/share/vulkan/icd.d",
        "/usr/local/share/vulkan/icd.d",
        "/etc/vulkan/icd.d",
    ]
    .iter()
    .filter_map(|folder| fs::read_dir(folder).ok())
    .any(|mut drivers| drivers.next().is_some())
}

/// The version in `PROGRAM --version`: its first word that begins with a digit.
fn version(program: &str) -> Option<String> {
    let answer = answer(program, &["--version"])?;
    let mut words = answer.split_whitespace();
    words
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))
        .map(str::to_owned)
}

/// What a program says; none if it is missing or fails.
pub(crate) fn answer(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| said.trim().to_owned())
}
