//! The app in a browser.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use xtask::chromium;
pub(crate) use xtask::chromium::Gpu;
use xtask::server::Server;
use xtask::space;
pub(crate) use xtask::webdriver::Browser;
use xtask::webdriver::Session;

/// The path that the app is served under: any but the root, which would hide absolute addresses.
pub(crate) const PREFIX: &str = "/some/where/";

/// How long a script in the page may wait for what it waits for.
const SCRIPT_LIMIT: Duration = Duration::from_secs(120);

/// One browser at a time: each has the whole machine, so times and timeouts mean something.
static TURN: Mutex<()> = Mutex::new(());

/// Where `cargo xtask build` puts the app.
pub(crate) fn dist() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("dist")
}

/// A copy of the app, to be changed. Without what is compressed, which would be served in the place of what was changed.
pub(crate) fn copy_of_app(name: &str) -> Result<PathBuf> {
    let site = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if site.exists() {
        fs::remove_dir_all(&site)?;
    }
    space::copy(&dist(), &site)?;
    remove_compressed(&site)?;
    Ok(site)
}

fn remove_compressed(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_compressed = path
            .extension()
            .is_some_and(|extension| extension == "br" || extension == "gz");
        if path.is_dir() {
            remove_compressed(&path)?;
        } else if is_compressed {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Comes behind the worker's own start, and makes it heed [`App::hold`]: between two tiles the worker waits for a timer.
pub(crate) const HOLDABLE: &str = r#"
    const channel = new BroadcastChannel("hold");
    const setTimer = self.setTimeout;
    let held = null;
    channel.onmessage = ({ data }) => {
        held?.forEach((call) => call());
        held = data === "hold" ? [] : null;
        channel.postMessage("done");
    };
    self.setTimeout = (call, ...rest) => setTimer(() => (held ? held.push(call) : call()), ...rest);
"#;

/// A copy of the app with a worker that can be held, see [`App::hold`], by pages of the origin that it runs for.
pub(crate) fn holdable_app() -> Result<PathBuf> {
    app_with(HOLDABLE)
}

/// A copy of the app whose worker runs more code than its own, once that has begun.
pub(crate) fn app_with(more: &str) -> Result<PathBuf> {
    app_whose_worker_is(|code| format!("{code}{more}"))
}

/// The same before it begins.
pub(crate) fn app_after(first: &str) -> Result<PathBuf> {
    app_whose_worker_is(|code| format!("{first}{code}"))
}

fn app_whose_worker_is(changed: impl FnOnce(String) -> String) -> Result<PathBuf> {
    // Each test its own: another one's may be served meanwhile.
    static COPIES: AtomicUsize = AtomicUsize::new(0);
    let copy = COPIES.fetch_add(1, Ordering::Relaxed);
    let site = copy_of_app(&format!("worker-{copy}"))?;
    let worker = site.join("www/worker.js");
    let code = fs::read_to_string(&worker)?;
    fs::write(&worker, changed(code))?;
    Ok(site)
}

/// Tells the worker what to do, and waits until it does.
const TELL_WORKER: &str = r#"
    const channel = new BroadcastChannel("hold");
    return new Promise((resolve) => {
        channel.onmessage = () => resolve();
        channel.postMessage(arguments[0]);
    }).then(() => channel.close());
"#;

/// The app in a fresh browser, which closes when dropped.
pub(crate) struct App {
    browser: Browser,
    session: Session,
    /// None once it was stopped.
    server: Option<Server>,
    url: String,
    _turn: MutexGuard<'static, ()>,
}

impl App {
    /// Serves the app and shows it.
    pub(crate) fn open(gpu: Gpu) -> Result<Self> {
        Self::open_site(gpu, &dist(), "")
    }

    /// Serves the app with a worker that can be held, see [`App::hold`].
    pub(crate) fn open_holdable(gpu: Gpu) -> Result<Self> {
        Self::open_site(gpu, &holdable_app()?, "")
    }

    /// The same in another browser.
    pub(crate) fn open_holdable_in(browser: Browser) -> Result<Self> {
        Self::open_site_in(browser, &holdable_app()?)
    }

    /// Has the worker wait before the next tile until it is released: so a photo is in work for as long as a test looks at
    /// it, on a machine of any speed.
    pub(crate) fn hold(&self) -> Result<()> {
        self.run(TELL_WORKER, json!(["hold"])).map(drop)
    }

    /// Lets the worker go on.
    pub(crate) fn release(&self) -> Result<()> {
        self.run(TELL_WORKER, json!(["release"])).map(drop)
    }

    /// Serves the app as it lies in another folder and shows it; `script` runs before any of its own.
    pub(crate) fn open_site(gpu: Gpu, site: &Path, script: &str) -> Result<Self> {
        let turn = turn();
        let server = Server::start(site, PREFIX, 0)?;
        let session = open_chromium(gpu)?;
        session.run_first(script)?;
        session.go_to(server.url())?;
        Ok(Self::served(Browser::Chromium, session, server, turn))
    }

    /// Serves the app and shows it, in Chromium without a GPU.
    pub(crate) fn open_in(browser: Browser) -> Result<Self> {
        Self::open_site_in(browser, &dist())
    }

    /// The same with the app as it lies in another folder.
    pub(crate) fn open_site_in(browser: Browser, site: &Path) -> Result<Self> {
        let turn = turn();
        let server = Server::start(site, PREFIX, 0)?;
        let session = open(browser)?;
        session.go_to(server.url())?;
        Ok(Self::served(browser, session, server, turn))
    }

    fn served(
        browser: Browser,
        session: Session,
        server: Server,
        turn: MutexGuard<'static, ()>,
    ) -> Self {
        Self {
            browser,
            session,
            url: server.url().to_owned(),
            server: Some(server),
            _turn: turn,
        }
    }

    /// Shows the app that another server has.
    pub(crate) fn open_address(gpu: Gpu, url: &str) -> Result<Self> {
        let turn = turn();
        let session = open_chromium(gpu)?;
        session.go_to(url)?;
        Ok(Self {
            browser: Browser::Chromium,
            session,
            url: url.to_owned(),
            server: None,
            _turn: turn,
        })
    }

    /// Shows another page than the app's own, and runs a script in it.
    pub(crate) fn open_host(browser: Browser, url: &str, script: &str) -> Result<Self> {
        let turn = turn();
        let session = open(browser)?;
        session.go_to(url)?;
        session.run(script, json!([]))?;
        Ok(Self {
            browser,
            session,
            url: url.to_owned(),
            server: None,
            _turn: turn,
        })
    }

    /// Leaves the app for another page, and looks into the frame that a script makes there, given the app's address.
    pub(crate) fn frame(&self, host: &str, script: &str) -> Result<()> {
        self.session.go_to(host)?;
        let frame = self.session.run(script, json!([self.url]))?;
        self.session.look_into(&frame)
    }

    /// From now on nobody answers at the app's address.
    pub(crate) fn stop_server(&mut self) {
        self.server = None;
    }

    /// Shows the page anew.
    pub(crate) fn reload(&self) -> Result<()> {
        self.session.go_to(&self.url)
    }

    /// Fails if the console tells of an error, or anything was asked of another host, since this was last called.
    ///
    /// The log of requests is the page's alone. What a worker asks elsewhere is forbidden by the server's policy, which
    /// makes it an error on the console. Other browsers than Chromium have no logs to be read.
    pub(crate) fn expect_no_trouble(&self) -> Result<()> {
        self.expect_trouble(&[])
    }

    /// The same, where the console has to tell of these errors, in this order, and of no other.
    pub(crate) fn expect_trouble(&self, expected: &[&str]) -> Result<()> {
        if !matches!(self.browser, Browser::Chromium) {
            return Ok(());
        }
        let mut errors = self.log("browser")?;
        errors.retain(|entry| entry["level"] == "SEVERE");
        let tells = |(entry, words): (&Value, &&str)| {
            let message = entry["message"].as_str();
            message.is_some_and(|message| message.contains(words))
        };
        ensure!(
            errors.len() == expected.len() && errors.iter().zip(expected).all(tells),
            "errors on the console: {}, not {expected:?}",
            Value::from(errors)
        );

        let requests = self.requests()?;
        ensure!(
            !requests.is_empty(),
            "the log of requests is empty, so it shows nothing"
        );
        for url in requests {
            let stays = ["blob:", "data:", &self.url]
                .iter()
                .any(|own| url.starts_with(own));
            ensure!(stays, "asked for {url}");
        }
        Ok(())
    }

    /// The addresses that the page asked for since the log was last read.
    fn requests(&self) -> Result<Vec<String>> {
        let mut urls = Vec::new();
        for entry in self.log("performance")? {
            let message = entry["message"]
                .as_str()
                .context("an entry has a message")?;
            let message: Value = serde_json::from_str(message)?;
            let event = &message["message"];
            if event["method"] == "Network.requestWillBeSent" {
                urls.extend(
                    event["params"]["request"]["url"]
                        .as_str()
                        .map(str::to_owned),
                );
            }
        }
        Ok(urls)
    }
}

/// Waits for the others' browsers to close.
fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One without a GPU.
fn open(browser: Browser) -> Result<Session> {
    let timeouts = json!({ "script": SCRIPT_LIMIT.as_millis() as u64 });
    let capabilities = match browser {
        Browser::Chromium => return open_chromium(Gpu::None),
        Browser::Firefox => json!({
            "browserName": "firefox",
            "moz:firefoxOptions": { "args": ["-headless"], "prefs": { "network.proxy.type": 0 } },
            "timeouts": timeouts,
        }),
        Browser::WebKit => json!({
            "browserName": "MiniBrowser",
            "proxy": { "proxyType": "direct" },
            "timeouts": timeouts,
        }),
    };
    Session::open(browser, &capabilities)
}

fn open_chromium(gpu: Gpu) -> Result<Session> {
    chromium::open(gpu, SCRIPT_LIMIT, &["browser", "performance"])
}

impl Deref for App {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}
