//! The app where others host it: by nginx, as a Space in its frame, under an address that it was built for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use anyhow::{Context as _, Result, bail, ensure};
use xtask::space;

use crate::harness::{App, Gpu, dist};
use crate::native;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

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
            "weights/lite.bpk",
            ["application/octet-stream", "immutable", ""],
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

#[test]
fn a_space_shows_it_in_its_frame() -> Result<()> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("space");
    space::write(Path::new(ROOT), &dist(), &folder)?;
    let host = Path::new(env!("CARGO_TARGET_TMPDIR")).join("space-host");
    fs::create_dir_all(&host)?;
    fs::write(
        host.join("index.html"),
        "<!doctype html><title>Spaces</title><body>",
    )?;
    let host = Nginx::start(&host)?;

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

/// An nginx of this test's own. It ends when dropped.
struct Nginx {
    process: Child,
    url: String,
}

impl Nginx {
    /// Serves `site` by the recipe, with only its port and its folder changed.
    fn start(site: &Path) -> Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .port();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("nginx-{port}"));
        fs::create_dir_all(&folder)?;
        let recipe = fs::read_to_string(Path::new(ROOT).join("tests/hosting/nginx.conf"))?;
        let recipe = replaced(
            &recipe,
            "listen 8080;",
            &format!("listen 127.0.0.1:{port};"),
        )?;
        let root = format!("root {};", site.display());
        let recipe = replaced(&recipe, "root /srv/crack-segmenter;", &root)?;
        let at = |name: &str| folder.join(name).display().to_string();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {};\n", at(kind)))
            .concat();
        let conf: PathBuf = folder.join("nginx.conf");
        fs::write(
            &conf,
            format!(
                "daemon off;\nmaster_process off;\npid {};\nerror_log {};\nevents {{}}\n\
                 http {{\naccess_log off;\n{temporary}{recipe}}}\n",
                at("pid"),
                at("error.log")
            ),
        )?;
        let mut process = Command::new("nginx")
            .arg("-c")
            .arg(&conf)
            .arg("-e")
            .arg(at("error.log"))
            .spawn()
            .context("nginx can't be started: `cargo xtask test` installs it")?;
        let url = format!("http://127.0.0.1:{port}/");
        // It listens before its first answer, and answers or ends before long.
        while agent().head(&url).call().is_err() {
            if let Some(status) = process.try_wait()? {
                bail!(
                    "nginx ended ({status}): {}",
                    fs::read_to_string(folder.join("error.log"))?
                );
            }
            std::thread::yield_now();
        }
        Ok(Self { process, url })
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Asks without the proxy that this machine may have for the world.
fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().proxy(None).build().into()
}

fn replaced(text: &str, old: &str, new: &str) -> Result<String> {
    ensure!(
        text.matches(old).count() == 1,
        "the recipe has no single `{old}`"
    );
    Ok(text.replace(old, new))
}
