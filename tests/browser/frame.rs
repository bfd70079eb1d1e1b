//! `embed.html` in a frame of another origin, spoken to by messages.

use std::fs;

use anyhow::{Result, ensure};
use crack_segmenter::plan::Mode;
use rstest::rstest;
use serde_json::{Value, json};
use xtask::server::Server;

use crate::harness::{App, Browser, holdable_app};
use crate::native::{self, Native};
use crate::nginx::Nginx;

const SIZE: (u32, u32) = (200, 150);

/// Shows the frame, and keeps every message that comes from it.
const FIRST: &str = r#"
    window.messages = [];
    const listeners = [];
    addEventListener("message", ({ data, origin, source }) => {
        messages.push({ ...data, origin, isFrames: source === document.querySelector("iframe")?.contentWindow });
        for (const listener of listeners) listener(data);
    });
    window.told = (type, id, isIt = () => true) =>
        new Promise((resolve) => {
            const isOf = (data) => data.type === `crack-segmenter:${type}` && (id === undefined || data.id === id);
            const wanted = (data) => isOf(data) && isIt(data);
            const already = messages.find(wanted);
            if (already) resolve(already);
            listeners.push((data) => wanted(data) && resolve(data));
        });
    window.say = (message, transfer = []) => {
        const frame = document.querySelector("iframe");
        frame.contentWindow.postMessage(
            { ...message, type: `crack-segmenter:${message.type}` }, new URL(frame.src).origin, transfer,
        );
    };
    window.show = (url) =>
        new Promise((resolve) => {
            const frame = document.createElement("iframe");
            frame.onload = () => resolve();
            frame.src = url;
            document.body.replaceChildren(frame);
        });
"#;

/// Looks into the frame's element.
const INSIDE: &str = r#"
    const element = document.querySelector("crack-segmenter");
    if (element.engine) return element.getAttributeNames();
    return new Promise((resolve) => element.addEventListener("ready", () => resolve(element.getAttributeNames())));
"#;

/// A page, and the program at another origin.
struct Framed {
    app: App,
    embed: String,
    native: Native,
    _program: Server,
    _nginx: Nginx,
}

impl Framed {
    /// `origins` says by the page's own which are allowed.
    fn open(browser: Browser, name: &str, origins: fn(&str) -> String) -> Result<Self> {
        let photo = native::photo(&format!("{name}.png"), SIZE.0, SIZE.1)?;
        let site = native::site(name, "<!doctype html><title>Host</title><body>")?;
        fs::copy(&photo, site.join("wall.png"))?;
        let nginx = Nginx::start(&site)?;
        let program = holdable_app()?;
        let file = program.join("www/embed.html");
        let page = fs::read_to_string(&file)?;
        let place = r#"name="crack-segmenter-origins" content=""#;
        ensure!(page.contains(place), "embed.html has no place for origins");
        let allowed = format!("{place}{}", origins(nginx.url.trim_end_matches('/')));
        fs::write(file, page.replace(place, &allowed))?;
        let server = Server::start(&program, "/", 0)?;
        Ok(Self {
            app: App::open_host(browser, &nginx.url, FIRST)?,
            embed: format!("{}www/embed.html?mode=space&onclick=x", server.url()),
            native: Native::load()?,
            _program: server,
            _nginx: nginx,
        })
    }

    /// Looks into the frame for a while.
    fn inside(&self, look: impl FnOnce(&App) -> Result<()>) -> Result<()> {
        let frame = self.app.find("iframe")?.reference();
        self.app.look_into(&frame)?;
        look(&self.app)?;
        self.app.look_out()
    }

    fn run(&self, script: &str) -> Result<Value> {
        let script = format!("return (async (embed) => {{ {script} }})(arguments[0]);");
        self.app.run(&script, json!([self.embed]))
    }
}

fn itself(own: &str) -> String {
    format!("https://example.org {own}")
}

fn nobody(_: &str) -> String {
    String::new()
}

#[rstest]
fn a_page_of_another_origin_is_answered(
    #[values(Browser::Chromium, Browser::Firefox, Browser::WebKit)] browser: Browser,
) -> Result<()> {
    let name = format!("frame-allowed-{browser:?}");
    let framed = Framed::open(browser, &name, itself)?;
    let found = framed.run(
        r#"
        await show(embed);
        say({ type: "hello" });
        const { engine } = await told("ready");
        const photo = await (await fetch("wall.png")).arrayBuffer();
        say({ type: "segment", id: 7, photo, name: "wall.png" }, [photo]);
        const { probabilities, mask, ...result } = await told("result", 7);
        say({ type: "configure", attributes: { mode: null, onclick: "x" } });
        const blob = await (await fetch("wall.png")).blob();
        say({ type: "segment", id: "whole", photo: blob });
        const whole = await told("result", "whole");
        say({ type: "segment", id: "text", photo: new Blob(["A wall is not a text."]) });
        const failure = await told("error", "text");
        say({ type: "clear" });
        say({ type: "segment", id: "none", photo: 5 });
        const nothing = await told("error", "none");
        say({ type: "segment", photo: blob });
        await told("error", null);
        return {
            backend: engine.backend, moved: photo.byteLength, result,
            probabilities: Array.from(new Uint8Array(probabilities)), mask: Array.from(new Uint8Array(mask)),
            whole: [whole.width, whole.height, whole.name], failure: [failure.kind, failure.message],
            nothing: nothing.kind,
            strangers: messages.filter(({ isFrames, origin }) => !isFrames || origin !== new URL(embed).origin).length,
            progress: [...new Set(messages.filter(({ type }) => type.endsWith(":progress")).map(({ id }) => id))],
        };
        "#,
    )?;
    let photo = native::photo(&format!("{name}.png"), SIZE.0, SIZE.1)?;
    let map = framed.native.map(&photo, Mode::Space)?;
    let bytes =
        |name: &str| -> Result<Vec<u8>> { Ok(serde_json::from_value(found[name].clone())?) };
    let probabilities = bytes("probabilities")?;
    let furthest = probabilities
        .iter()
        .zip(map.values())
        .map(|(a, b)| a.abs_diff(*b))
        .max();
    ensure!(
        probabilities.len() == 256 * 256 && furthest <= Some(2),
        "the maps differ by {furthest:?} levels"
    );
    let crack = bytes("mask")?.iter().filter(|value| **value == 255).count();
    let share = found["result"]["share"].as_f64().unwrap_or_default();
    ensure!(
        (crack as f64 / 65536.0 - share).abs() < 1e-9 && share > 0.0,
        "{share}"
    );
    ensure!(
        found["backend"] == "cpu" && found["moved"] == 0 && found["result"]["name"] == "wall.png"
    );
    ensure!(
        found["whole"] == json!([SIZE.0, SIZE.1, "photo"]),
        "{}",
        found["whole"]
    );
    ensure!(
        found["failure"][0] == "photo" && found["nothing"] == "photo",
        "{}",
        found["failure"]
    );
    ensure!(found["strangers"] == 0);
    let progress = found["progress"].as_array().map(Vec::len);
    ensure!(
        progress >= Some(2),
        "progress was told of {}",
        found["progress"]
    );
    // What is no attribute of the element does not get through.
    framed.inside(|app| {
        ensure!(app.run(INSIDE, json!([]))? == json!([]));
        let left = app.run(
            "return document.querySelector('crack-segmenter').result;",
            json!([]),
        )?;
        ensure!(left == Value::Null, "a result is left: {left}");
        app.hold()
    })?;
    framed.run(
        r#"
        const blob = await (await fetch("wall.png")).blob();
        say({ type: "segment", id: "stopped", photo: blob });
        await told("progress", "stopped");
        say({ type: "segment", id: "waiting", photo: blob });
        say({ type: "cancel", id: "stopped" });
        say({ type: "cancel" });
        // The worker has not begun it, so this comes while it is held; then it has been told to stop the other one.
        await told("stopped", "waiting");
        "#,
    )?;
    framed.inside(App::release)?;
    framed.run(r#"await told("stopped", "stopped");"#)?;
    Ok(())
}

#[test]
fn what_the_visitor_corrects_is_told_of_the_same_photo() -> Result<()> {
    let framed = Framed::open(Browser::Chromium, "frame-corrected", itself)?;
    framed.run(
        r#"
        await show(embed.replace("mode=space", "controls"));
        say({ type: "hello" });
        await told("ready");
        const photo = await (await fetch("wall.png")).blob();
        say({ type: "segment", id: "wall", photo });
        await told("result", "wall");
        "#,
    )?;
    framed.inside(|app| app.run(LEAVE_OUT, json!([])).map(drop))?;
    let found = framed.run(
        r#"
        const { probabilities: before, ...first } = await told("result", "wall");
        const { probabilities: after, ...second } = await told("result", "wall", ({ leftOut }) => leftOut === 1);
        const [whole, left] = [new Uint8Array(before), new Uint8Array(after)];
        return {
            photos: [first.photo, second.photo], leftOut: first.leftOut, shares: [first.share, second.share],
            isOnlyLess: left.every((value, place) => value === whole[place] || value === 0),
        };
        "#,
    )?;
    let share = |place: usize| found["shares"][place].as_f64();
    ensure!(found["photos"] == json!([1, 1]), "{}", found["photos"]);
    ensure!(found["leftOut"] == 0 && found["isOnlyLess"] == true);
    ensure!(share(1) < share(0), "{}", found["shares"]);
    Ok(())
}

/// Leaves out the longest crack.
const LEAVE_OUT: &str = r#"
    const root = document.querySelector("crack-segmenter").shadowRoot;
    const appeared = (selector) =>
        new Promise((resolve) => {
            const look = () => {
                const found = root.querySelector(selector);
                if (found) resolve(found);
                else requestAnimationFrame(look);
            };
            look();
        });
    return (async () => {
        (await appeared("[data-testid=crack-list]")).click();
        (await appeared("[data-testid=leave-out]:not([aria-disabled])")).click();
    })();
"#;

#[test]
fn the_address_says_the_language() -> Result<()> {
    let framed = Framed::open(Browser::Chromium, "frame-language", nobody)?;
    for (address, language) in [("&controls&lang=de-CH", "de"), ("&controls", "en")] {
        framed.run(&format!("await show(embed + {address:?});"))?;
        framed.inside(|app| {
            app.run(INSIDE, json!([]))?;
            let script = r#"return document.querySelector("crack-segmenter").shadowRoot.querySelector(".cs").lang"#;
            ensure!(app.run(script, json!([]))? == language, "{address}");
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn a_page_that_is_not_allowed_learns_nothing() -> Result<()> {
    let framed = Framed::open(Browser::Chromium, "frame-stranger", nobody)?;
    framed.run(
        r#"
        await show(embed);
        say({ type: "hello" });
        say({ type: "configure", attributes: { theme: "dark" } });
        "#,
    )?;
    framed.inside(|app| {
        ensure!(app.run(INSIDE, json!([]))? == json!(["mode"]));
        Ok(())
    })?;
    ensure!(framed.run("return messages.length")? == 0);
    Ok(())
}

/// Shows the frame in a page that could be anybody's, which speaks to it.
const BY_ANYBODY: &str = r#"
    const [embed] = arguments;
    const anybody = document.createElement("iframe");
    const page = `<iframe src="${embed}"></iframe><script>
        const frame = document.querySelector("iframe");
        frame.onload = () => {
            const attributes = { theme: "dark" };
            frame.contentWindow.postMessage({ type: "crack-segmenter:configure", attributes }, "*");
            parent.postMessage("said", "*");
        };
    </script>`;
    anybody.src = `data:text/html,${encodeURIComponent(page)}`;
    return new Promise((resolve) => {
        addEventListener("message", ({ data }) => data === "said" && resolve());
        document.body.replaceChildren(anybody);
    });
"#;

#[test]
fn what_is_no_address_lets_nobody_in() -> Result<()> {
    let framed = Framed::open(Browser::Chromium, "frame-null", |_| {
        "cracks.example:8443".to_owned()
    })?;
    framed.app.run(BY_ANYBODY, json!([framed.embed]))?;
    framed.inside(|app| {
        app.look_into(&app.find("iframe")?.reference())?;
        ensure!(app.run(INSIDE, json!([]))? == json!(["mode"]));
        app.look_out()
    })
}
