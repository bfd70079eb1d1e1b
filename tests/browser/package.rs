//! The npm package as `npm pack` makes it: in a plain page, in those that Vite and webpack build, and in React.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use anyhow::{Context as _, Result, anyhow, ensure};
use crack_segmenter::mask::ProbabilityMap;
use crack_segmenter::plan::Mode;
use serde_json::json;
use xtask::package;
use xtask::server::Server;
use xtask::space;

use crate::harness::{App, Browser, dist};
use crate::native::{self, Native};
use crate::page::PATIENCE;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A folder with the samples and, installed by npm, the package and what else they are made of.
static SAMPLES: LazyLock<Result<PathBuf>> = LazyLock::new(|| {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("npm");
    let packed = out.join("package");
    package::write(Path::new(ROOT), &dist(), &packed)?;
    let name = npm(&packed, &["pack", "--silent"])?;
    let samples = out.join("samples");
    space::copy(&Path::new(ROOT).join("tests/package"), &samples)?;
    // Whatever was installed before has the same version.
    let installed = samples.join("node_modules/crack-segmenter");
    if installed.exists() {
        fs::remove_dir_all(installed)?;
    }
    let archive = packed.join(name.trim());
    let archive = archive.to_str().context("a path in UTF-8")?;
    npm(
        &samples,
        &[
            "install",
            "--prefer-offline",
            "--no-audit",
            "--no-fund",
            "--no-package-lock",
            "--no-save",
            archive,
        ],
    )?;
    Ok(samples)
});

fn samples() -> Result<&'static Path> {
    SAMPLES.as_deref().map_err(|error| anyhow!("{error:#}"))
}

/// What npm answers.
fn npm(folder: &Path, words: &[&str]) -> Result<String> {
    let output = Command::new("npm")
        .args(words)
        .current_dir(folder)
        .output()
        .context("npm can't be started: `cargo xtask test` installs it")?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(
        output.status.success(),
        "npm {words:?}: {said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(said)
}

/// Has Vite build one of the samples.
fn vite(page: &str) -> Result<()> {
    let options = ["--base=./", "--target=es2022"];
    let words = ["exec", "--", "vite", "build", page];
    npm(samples()?, &[&words[..], &options].concat()).map(drop)
}

/// Puts a photo beside a page, serves both under the strict policy, and waits for the page's `output`. Gives back its words.
fn expect_output(site: &Path, check: impl FnOnce(&App) -> Result<()>) -> Result<String> {
    let photo = photo()?;
    fs::copy(&photo, site.join("wall.png"))?;
    let server = Server::start(site, "/some/where/", 0)?;
    let app = App::open_host(Browser::Chromium, server.url(), "")?;
    let output = app.wait_for(
        "output[data-state=done], output[data-state=failed]",
        PATIENCE,
    )?;
    let words = output.text()?;
    check(&app).with_context(|| words.clone())?;
    Ok(words)
}

/// Large enough for helpers, whose files a bundler has to find too.
fn photo() -> Result<PathBuf> {
    native::photo("package.png", 1200, 900)
}

fn expect_share(words: &str) -> Result<()> {
    let native = Native::load()?;
    let map: ProbabilityMap = native.map(&photo()?, Mode::Native)?;
    let expected = map.crack_share(native.threshold);
    let share: f64 = words.parse().with_context(|| words.to_owned())?;
    ensure!(
        expected > 0.001 && (share - expected).abs() < 1e-3,
        "{share}, not {expected}"
    );
    Ok(())
}

#[test]
fn a_plain_page_has_it_by_a_script_tag() -> Result<()> {
    let site = native::site(
        "package-plain",
        r#"<!doctype html><title>Plain</title><link rel="icon" href="data:,">
        <script type="module" src="crack-segmenter/www/crack-segmenter.js"></script>
        <script type="module" src="page.js"></script>
        <crack-segmenter src="wall.png"></crack-segmenter><output></output>"#,
    )?;
    fs::write(
        site.join("page.js"),
        r#"
        const output = document.querySelector("output");
        const element = document.querySelector("crack-segmenter");
        const told = (state) => ({ detail }) => {
            output.textContent = detail.message ?? detail.share();
            output.dataset.state = state;
        };
        element.addEventListener("result", told("done"));
        element.addEventListener("error", told("failed"));
        "#,
    )?;
    space::copy(
        &samples()?.join("node_modules/crack-segmenter"),
        &site.join("crack-segmenter"),
    )?;
    let words = expect_output(&site, App::expect_no_trouble)?;
    expect_share(&words)
}

#[test]
fn a_server_that_renders_pages_can_import_it() -> Result<()> {
    let script = r#"import("crack-segmenter").then(({ createSegmenter }) => console.log(typeof createSegmenter))"#;
    let output = Command::new("node")
        .args(["--eval", script])
        .current_dir(samples()?)
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(
        said.trim() == "function",
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

#[test]
fn types_are_strict_and_vite_builds_a_page_of_it() -> Result<()> {
    npm(samples()?, &["exec", "--", "tsc", "--project", "."])?;
    vite("vite")?;
    let words = expect_output(&samples()?.join("vite/dist"), App::expect_no_trouble)?;
    let (share, rest) = words.split_once(' ').context("a share and more")?;
    ensure!(rest == "image/png true", "{words}");
    expect_share(share)
}

#[test]
fn webpack_builds_a_page_of_it() -> Result<()> {
    let site = samples()?.join("webpack/dist");
    npm(
        samples()?,
        &[
            "exec",
            "--",
            "webpack",
            "--mode",
            "production",
            "./webpack/main.js",
            "-o",
            "webpack/dist",
        ],
    )?;
    fs::copy(
        samples()?.join("webpack/index.html"),
        site.join("index.html"),
    )?;
    expect_share(&expect_output(&site, App::expect_no_trouble)?)
}

#[test]
fn react_shows_it_and_takes_it_away() -> Result<()> {
    vite("react")?;
    let words = expect_output(&samples()?.join("react/dist"), |app| {
        app.find("button")?.click()?;
        let rest = app.run(
            "return document.querySelectorAll('crack-segmenter').length",
            json!([]),
        )?;
        ensure!(rest == 0, "it is still there");
        app.expect_no_trouble()
    })?;
    expect_share(&words)
}
