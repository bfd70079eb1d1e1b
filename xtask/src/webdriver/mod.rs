//! The part of the WebDriver protocol that the tests and the benchmark need, spoken with a driver of their own.
//!
//! It is plain JSON over HTTP. Who waits for a page does not poll it: the driver does, see [`Session::wait_for`].

mod driver;

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use serde_json::{Value, json};
use ureq::Agent;

pub use self::driver::Browser;
use self::driver::Driver;

/// The protocol's name for an element's id.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How long what needs no work may take to show on a busy machine.
const SOON: Duration = Duration::from_secs(15);

/// Keys without a character, as the protocol writes them.
#[expect(missing_docs, reason = "the names say it")]
pub mod key {
    pub const TAB: char = '\u{e004}';
    pub const ENTER: char = '\u{e007}';
    pub const ESCAPE: char = '\u{e00c}';
    pub const LEFT: char = '\u{e012}';
    pub const RIGHT: char = '\u{e014}';
}

/// A browser window under control. It closes when dropped.
pub struct Session {
    agent: Agent,
    url: String,
    capabilities: Value,
    driver: Driver,
}

impl Session {
    /// Opens a browser with these capabilities.
    pub fn open(browser: Browser, capabilities: &Value) -> Result<Self> {
        let driver = Driver::start(browser).with_context(|| browser.program())?;
        let agent = Agent::config_builder()
            // A failure's words are in the body.
            .http_status_as_error(false)
            .proxy(None)
            .build()
            .into();
        let mut session = Self {
            agent,
            url: format!("http://127.0.0.1:{}/session", driver.port),
            capabilities: Value::Null,
            driver,
        };
        let wish = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let mut answer = value(session.agent.post(&session.url).send_json(wish))
            .with_context(|| format!("{} could not start the browser", browser.program()))?;
        let id = answer["sessionId"]
            .as_str()
            .context("a session has an id")?;
        session.url = format!("{}/{id}", session.url);
        session.capabilities = answer["capabilities"].take();
        Ok(session)
    }

    /// What the browser says of itself: its name and version among it.
    pub fn capabilities(&self) -> &Value {
        &self.capabilities
    }

    /// The driver's process, of which the browser's processes are children.
    pub fn driver_process(&self) -> u32 {
        self.driver.id()
    }

    /// Shows a page.
    pub fn go_to(&self, url: &str) -> Result<()> {
        self.post("url", json!({ "url": url })).map(drop)
    }

    /// Opens another tab. From now on everything is asked of that.
    pub fn open_tab(&self) -> Result<()> {
        let tab = self.post("window/new", json!({ "type": "tab" }))?;
        let handle = &tab["handle"];
        self.post("window", json!({ "handle": handle })).map(drop)
    }

    /// From now on everything is asked of the page in this frame.
    pub fn look_into(&self, frame: &Value) -> Result<()> {
        self.post("frame", json!({ "id": frame })).map(drop)
    }

    /// The page as a whole again.
    pub fn look_out(&self) -> Result<()> {
        self.post("frame", json!({ "id": null })).map(drop)
    }

    /// Runs a script in every page from now on, before any of the page's own. Chromium only.
    pub fn run_first(&self, script: &str) -> Result<()> {
        let command = "Page.addScriptToEvaluateOnNewDocument";
        let body = json!({ "cmd": command, "params": { "source": script } });
        self.post("goog/cdp/execute", body).map(drop)
    }

    /// Has the browser forget what nobody holds. Chromium only.
    pub fn collect_garbage(&self) -> Result<()> {
        let body = json!({ "cmd": "HeapProfiler.collectGarbage", "params": {} });
        self.post("goog/cdp/execute", body).map(drop)
    }

    /// Gives the page a permission that a person would be asked for.
    pub fn allow(&self, name: &str) -> Result<()> {
        let permission = json!({ "descriptor": { "name": name }, "state": "granted" });
        self.post("permissions", permission).map(drop)
    }

    /// Waits until a CSS selector finds an element.
    pub fn wait_for(&self, css: &str, at_most: Duration) -> Result<Element<'_>> {
        let limit = u64::try_from(at_most.as_millis())?;
        self.post("timeouts", json!({ "implicit": limit }))?;
        let wait = || self.post("element", json!({ "using": "css selector", "value": css }));
        let begin = Instant::now();
        let mut found = wait();
        // WebKit's driver gives up when the page is left meanwhile.
        while let Err(error) = &found
            && format!("{error:#}").contains("unload event")
            && begin.elapsed() < at_most
        {
            found = wait();
        }
        let found = found.with_context(|| {
            let console = self.log("browser").map(Value::from).unwrap_or_default();
            let page = self.run("return document.body.innerText", json!([]));
            format!(
                "waited {at_most:?} for `{css}`; the console says {console}; the page says {}",
                page.unwrap_or_default()
            )
        })?;
        let id = found[ELEMENT].as_str().context("an element has an id")?;
        Ok(Element {
            session: self,
            id: id.to_owned(),
        })
    }

    /// The element that a CSS selector finds, now or in a moment.
    pub fn find(&self, css: &str) -> Result<Element<'_>> {
        self.wait_for(css, SOON)
    }

    /// Runs the body of a JavaScript function in the page and gives back what it returns, or what its promise becomes.
    pub fn run(&self, script: &str, arguments: Value) -> Result<Value> {
        self.post(
            "execute/sync",
            json!({ "script": script, "args": arguments }),
        )
    }

    /// Presses a key on the keyboard, wherever the focus is.
    pub fn press(&self, key: char) -> Result<()> {
        let strokes = ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key }));
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": strokes });
        self.post("actions", json!({ "actions": [keyboard] }))
            .map(drop)
    }

    /// Drags the mouse from one place in the window to another, in CSS pixels.
    pub fn drag(&self, from: [f64; 2], to: [f64; 2]) -> Result<()> {
        let to_place = |[x, y]: [f64; 2]| json!({ "type": "pointerMove", "x": x.round() as i64, "y": y.round() as i64 });
        let button = |kind| json!({ "type": kind, "button": 0 });
        let strokes = [
            to_place(from),
            button("pointerDown"),
            to_place(to),
            button("pointerUp"),
        ];
        let mouse = json!({ "type": "pointer", "id": "mouse", "actions": strokes });
        self.post("actions", json!({ "actions": [mouse] }))
            .map(drop)
    }

    /// The entries of one of the browser's logs since it was last asked for. Chromium only.
    pub fn log(&self, kind: &str) -> Result<Vec<Value>> {
        match self.post("se/log", json!({ "type": kind }))? {
            Value::Array(entries) => Ok(entries),
            other => bail!("no log: {other}"),
        }
    }

    fn get(&self, command: &str) -> Result<Value> {
        value(self.agent.get(format!("{}/{command}", self.url)).call())
            .with_context(|| format!("WebDriver command `{command}`"))
    }

    fn post(&self, command: &str, body: Value) -> Result<Value> {
        value(
            self.agent
                .post(format!("{}/{command}", self.url))
                .send_json(&body),
        )
        .with_context(|| format!("WebDriver command `{command}` with {body}"))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The driver goes next, whatever comes of this.
        let _ = self.agent.delete(&self.url).call();
    }
}

/// An element of the page.
pub struct Element<'s> {
    session: &'s Session,
    id: String,
}

impl Element<'_> {
    /// The element as an argument of a script.
    pub fn reference(&self) -> Value {
        json!({ ELEMENT: self.id })
    }

    /// The text that a person sees in it: none where it is hidden.
    pub fn text(&self) -> Result<String> {
        let text = self.session.get(&format!("element/{}/text", self.id))?;
        text.as_str()
            .map(str::to_owned)
            .context("a text is a string")
    }

    /// One of its attributes.
    pub fn attribute(&self, name: &str) -> Result<String> {
        let command = format!("element/{}/attribute/{name}", self.id);
        let value = self.session.get(&command)?;
        value
            .as_str()
            .map(str::to_owned)
            .with_context(|| format!("`{name}` is {value}"))
    }

    /// Clicks it as a person would: scrolled into view, and only if nothing covers it.
    pub fn click(&self) -> Result<()> {
        self.session
            .post(&format!("element/{}/click", self.id), json!({}))
            .map(drop)
    }

    /// Types into it; a file input takes the paths of files, one a line.
    pub fn type_in(&self, text: &str) -> Result<()> {
        self.session
            .post(
                &format!("element/{}/value", self.id),
                json!({ "text": text }),
            )
            .map(drop)
    }
}

/// What a WebDriver answer holds.
fn value(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Value> {
    let mut answer = answer?;
    let mut body: Value = answer
        .body_mut()
        .with_config()
        .limit(u64::MAX)
        .read_json()?;
    let value = body["value"].take();
    if answer.status().is_success() {
        return Ok(value);
    }
    // After the first line comes the driver's own stack.
    let message = value["message"]
        .as_str()
        .and_then(|message| message.lines().next());
    Err(anyhow!(
        "{}: {}",
        value["error"],
        message.unwrap_or("no message")
    ))
}
