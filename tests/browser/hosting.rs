//! The app where others host it: by nginx, as a Space in its frame, under an address that it was built for.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use xtask::server::Server;
use xtask::{manifest, space};

use crate::harness::{App, Gpu, PREFIX, copy_of_app, dist};
use crate::native;
use crate::nginx::{Nginx, agent};

#[test]
fn nginx_serves_it_by_the_recipe() -> Result<()> {
    let nginx = Nginx::start(&dist())?;
    let app = App::open_address(Gpu::None, &nginx.url)?;
    app.wait_until_ready()?;
    app.choose(&[&native::photo("nginx.png", 160, 120)?])?;
    app.wait_for_result()?;
    app.expect_no_trouble()?;

    for (file, expected) in [
        ("", ["text/html; charset=utf-8", "no-cache", "gzip"]),
        ("worker_bg.wasm", ["application/wasm", "no-cache", "gzip"]),
        (
            "service-worker.js",
            ["text/javascript; charset=utf-8", "no-cache", "gzip"],
        ),
        (
            "www/app.webmanifest",
            ["application/manifest+json", "no-cache", "gzip"],
        ),
        (
            "weights/lite.bpk?sha256=25b66744",
            ["application/octet-stream", "immutable", "gzip"],
        ),
        (
            "weights/lite.bpk",
            ["application/octet-stream", "no-cache", "gzip"],
        ),
    ] {
        let answer = agent()
            .get(format!("{}{file}", nginx.url))
            .header("Accept-Encoding", "gzip")
            .call()?;
        let names = ["content-type", "cache-control", "content-encoding"];
        for (name, expected) in names.iter().zip(expected) {
            let value = answer.headers().get(*name).map(|value| value.to_str());
            let value = value.transpose()?.unwrap_or_default();
            ensure!(
                value.contains(expected) && value.is_empty() == expected.is_empty(),
                "{name} of {file:?} is {value:?}, not {expected:?}"
            );
        }
    }
    Ok(())
}

/// As `cargo xtask build --public-url` makes it, and as a host serves it that answers unknown addresses with the page.
#[test]
fn a_page_built_for_an_address_runs_at_others() -> Result<()> {
    let site = copy_of_app("public-url")?;
    let page = fs::read_to_string(site.join("index.html"))?;
    let usual = r#"<base href="./""#;
    ensure!(page.contains(usual), "no {usual} in {page}");
    let fixed = page.replace(usual, &format!(r#"<base href="{PREFIX}""#));
    fs::create_dir_all(site.join("deep/down"))?;
    fs::write(site.join("deep/down/index.html"), fixed)?;

    let server = Server::start(&site, PREFIX, 0)?;
    let app = App::open_address(Gpu::None, &format!("{}deep/down/", server.url()))?;
    app.choose(&[&native::photo("public-url.png", 160, 120)?])?;
    app.wait_for_result().map(drop)
}

/// As `cargo xtask build --weights` makes it.
#[test]
fn a_host_says_which_weights_the_app_starts_with() -> Result<()> {
    let site = copy_of_app("weights-of-host")?;
    let file = site.join("weights/manifest.json");
    let changed = manifest::with_default(&fs::read_to_string(&file)?, "open")?;
    fs::write(&file, changed)?;
    let app = App::open_site(Gpu::None, &site, "")?;
    let expect = |name: &str| -> Result<()> {
        app.wait_until_ready()?;
        app.open_settings()?;
        app.find(&format!("[data-testid=weights-{name}]:checked"))?;
        let weights = app.get("weights")?.text()?;
        ensure!(weights.contains(name), "the weights are called {weights}");
        Ok(())
    };
    expect("open")?;
    app.reload()?;
    expect("open")?;
    // What a person chooses goes before it, at later visits too.
    app.click("weights-lite")?;
    expect("lite")?;
    app.reload()?;
    expect("lite")
}

#[test]
fn a_space_shows_it_in_its_frame() -> Result<()> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("space");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    space::write(root, &dist(), &folder)?;
    let host = Nginx::start(&native::site(
        "space-host",
        "<!doctype html><title>Spaces</title><body>",
    )?)?;

    let app = App::open_site(Gpu::None, &folder, "")?;
    app.frame(&host.url, FRAME)?;
    app.wait_until_ready()?;
    app.choose(&[&native::photo("space.png", 160, 120)?])?;
    app.wait_for_result().map(drop)
}

/// Puts the app into a frame of a page of another origin, as Hugging Face does.
const FRAME: &str = r#"
    const frame = document.createElement("iframe");
    frame.allow = "accelerometer; camera; clipboard-write; fullscreen";
    frame.sandbox = "allow-downloads allow-forms allow-modals allow-popups allow-same-origin allow-scripts";
    frame.src = arguments[0];
    document.body.replaceChildren(frame);
    return frame;
"#;
