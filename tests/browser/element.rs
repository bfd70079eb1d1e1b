//! `<crack-segmenter>` and the segmenter without a view, in a page of another origin than the program's.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use crack_segmenter::mask::ProbabilityMap;
use crack_segmenter::measure::{Crack, Measurements, measure};
use crack_segmenter::plan::Mode;
use rstest::rstest;
use serde::Deserialize;
use serde_json::{Value, json};
use xtask::server::Server;

use crate::harness::{App, Browser, holdable_app};
use crate::native::{self, Native};
use crate::nginx::Nginx;

const SIZE: (u32, u32) = (200, 150);

/// What the scripts of this file use; it counts the workers that live.
const FIRST: &str = r#"
    window.workers = 0;
    const Plain = Worker;
    window.Worker = class extends Plain {
        constructor(...given) {
            super(...given);
            window.workers += 1;
            window.living = this;
        }
        terminate() {
            super.terminate();
            window.workers -= 1;
        }
    };
    window.once = (element, type) =>
        new Promise((resolve, reject) => {
            element.addEventListener(type, ({ detail }) => resolve(detail), { once: true });
            if (type !== "error") element.addEventListener("error", ({ detail }) => reject(detail), { once: true });
        });
    window.nextTask = () => new Promise((resolve) => setTimeout(resolve));
    window.summary = ({ width, height, threshold, mode, backend, probabilities, photo, ...result }) => ({
        width, height, threshold, mode, backend, name: photo.name, probabilities: Array.from(probabilities),
    });
    // Until the style sheet is there nothing is seen of the view.
    window.styled = async (element) => {
        const height = () => element.shadowRoot.querySelector(".cs")?.offsetHeight;
        while (!height()) await new Promise(requestAnimationFrame);
    };
    window.add = (attributes) => {
        const element = document.createElement("crack-segmenter");
        for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
        document.body.append(element);
        return element;
    };
"#;

/// A result, as a page gets it.
#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Summary {
    width: u32,
    height: u32,
    threshold: f32,
    mode: String,
    backend: String,
    name: String,
    probabilities: Vec<u8>,
}

impl Summary {
    /// What the page found in `wall.png` is what the native program finds.
    pub(crate) fn expect(&self, map: &ProbabilityMap, threshold: f32) -> Result<()> {
        ensure!((self.width, self.height) == (map.width(), map.height()));
        ensure!(self.name == "wall.png" && self.backend == "cpu");
        ensure!((self.threshold - threshold).abs() < 1e-6);
        let furthest = self
            .probabilities
            .iter()
            .zip(map.values())
            .map(|(a, b)| a.abs_diff(*b))
            .max();
        ensure!(
            self.probabilities.len() == map.values().len() && furthest <= Some(2),
            "the maps differ by {furthest:?} levels"
        );
        Ok(())
    }
}

/// A host's page with a photo beside it, and the program on a server of another origin.
pub(crate) struct Host {
    app: App,
    program: Server,
    native: Native,
    photo: PathBuf,
    map: ProbabilityMap,
    _nginx: Nginx,
}

impl Host {
    pub(crate) fn open(browser: Browser, name: &str) -> Result<Self> {
        let photo = native::photo(&format!("{name}.png"), SIZE.0, SIZE.1)?;
        let site = native::site(name, "<!doctype html><title>Host</title><body>")?;
        fs::copy(&photo, site.join("wall.png"))?;
        fs::write(site.join("text.jpg"), "A wall is not a text.")?;
        let native = Native::load()?;
        let map = native.map(&photo, Mode::Native)?;
        ensure!(
            map.crack_share(native.threshold) > 0.005,
            "hardly a crack: it tests nothing"
        );
        let nginx = Nginx::start(&site)?;
        let app = App::open_host(browser, &nginx.url, FIRST)?;
        Ok(Self {
            app,
            program: Server::start(&holdable_app()?, "/", 0)?,
            native,
            photo,
            map,
            _nginx: nginx,
        })
    }

    /// Runs a script that has the module as `module`.
    pub(crate) fn run(&self, script: &str) -> Result<Value> {
        let module = format!("{}www/crack-segmenter.js", self.program.url());
        let script = format!("return import(arguments[0]).then(async (module) => {{ {script} }});");
        self.app.run(&script, json!([module]))
    }

    fn summary(&self, script: &str) -> Result<Summary> {
        Ok(serde_json::from_value(self.run(script)?)?)
    }
}

#[rstest]
fn elements_share_a_worker_and_leave_nothing_behind(
    #[values(Browser::Chromium, Browser::Firefox, Browser::WebKit)] browser: Browser,
) -> Result<()> {
    let host = Host::open(browser, &format!("element-several-{browser:?}"))?;
    let found = host.run(
        r#"
        const elements = [add({}), add({ mode: "space" }), add({ src: "wall.png" })];
        const shown = once(elements[2], "result");
        const engines = await Promise.all(elements.map((element) => once(element, "ready")));
        const blob = await (await fetch("wall.png")).blob();
        const results = await Promise.all([
            elements[0].segment(blob, { name: "wall.png" }),
            elements[1].segment(new URL("wall.png", location.href)),
            shown,
        ]);
        const during = workers;
        // Moved, not removed.
        document.body.prepend(elements[0]);
        await nextTask();
        const moved = elements[0].result === results[0] && elements[0].engine !== null;
        elements[1].remove();
        elements[2].remove();
        await nextTask();
        const still = workers;
        const last = await elements[0].segment(blob, { name: "wall.png" });
        elements[0].remove();
        await nextTask();
        return {
            engines, during, moved, still, after: workers,
            results: [...results, last].map(summary),
            rest: elements.map((element) => element.shadowRoot.childNodes.length + (element.engine ? 1 : 0)),
        };
        "#,
    )?;
    ensure!(found["engines"].as_array().is_some_and(|engines| {
        engines.len() == 3
            && engines
                .iter()
                .all(|engine| engine["backend"] == "cpu" && engine["weights"] == "lite")
    }));
    ensure!(
        found["during"] == 1 && found["still"] == 1 && found["after"] == 0,
        "workers: {found}"
    );
    ensure!(found["moved"] == true && found["rest"] == json!([0, 0, 0]));
    let results: Vec<Summary> = serde_json::from_value(found["results"].clone())?;
    for result in [&results[0], &results[2], &results[3]] {
        result.expect(&host.map, host.native.threshold)?;
    }
    let square = host.native.map(&host.photo, Mode::Space)?;
    results[1].expect(&square, host.native.threshold)
}

#[test]
fn put_in_again_while_it_loads_it_starts_once() -> Result<()> {
    let host = Host::open(Browser::Chromium, "element-again")?;
    let found = host.run(
        r#"
        const element = add({ src: "wall.png" });
        element.remove();
        await nextTask();
        document.body.append(element);
        await once(element, "result");
        const { width } = await element.segment("wall.png");
        element.remove();
        await nextTask();
        return { width, after: workers };
        "#,
    )?;
    ensure!(found == json!({ "width": SIZE.0, "after": 0 }), "{found}");
    Ok(())
}

#[test]
fn a_result_that_nobody_wants_any_more_is_not_told() -> Result<()> {
    let host = Host::open(Browser::Chromium, "element-unwanted")?;
    let found = host.run(
        r#"
        const element = add({});
        let told = 0;
        element.addEventListener("result", () => told += 1);
        await once(element, "ready");
        // The last moment: its pixels are being read, whole. The view reads slices of them.
        const { arrayBuffer, slice } = Blob.prototype;
        const slices = new WeakSet();
        Blob.prototype.slice = function (...range) {
            const part = slice.apply(this, range);
            slices.add(part);
            return part;
        };
        let clears = 0;
        Blob.prototype.arrayBuffer = function () {
            if (!slices.has(this) && clears++ === 0) element.clear();
            return arrayBuffer.call(this);
        };
        const end = await element.segment("wall.png").then(() => "a result", ({ name }) => name);
        return { end, told, clears, result: element.result };
        "#,
    )?;
    ensure!(
        found == json!({ "end": "AbortError", "told": 0, "clears": 1, "result": null }),
        "{found}"
    );
    Ok(())
}

#[rstest]
fn what_the_host_chooses_counts(
    // Not Firefox: its driver runs scripts, and what they import, in a realm of their own, in which no element is an `Element`.
    #[values(Browser::Chromium, Browser::WebKit)] browser: Browser,
) -> Result<()> {
    let host = Host::open(browser, &format!("element-choices-{browser:?}"))?;
    let found = host.run(
        r#"
        const field = document.body.appendChild(document.createElement("input"));
        field.focus();
        const element = add({ src: "wall.png", threshold: "0.9", "overlay-opacity": "7", theme: "dark", mode: "nonsense" });
        const first = await once(element, "result");
        const root = element.shadowRoot;
        const shown = (css) => root.querySelector(css) !== null;
        // The view follows a little later.
        const drawn = async (css) => {
            while (!shown(css)) await new Promise(requestAnimationFrame);
        };
        await drawn("[part=stage]");
        const before = {
            threshold: first.threshold, opacity: element.overlayOpacity, mode: element.mode,
            dark: shown(".cs--dark"), panel: shown("[part=panel]"), stage: shown("[part=stage]"),
        };
        element.theme = "light";
        element.controls = true;
        element.threshold = null;
        const another = once(element, "result");
        element.mode = "space";
        const second = await another;
        await drawn("[part=panel]");
        const after = {
            threshold: second.threshold, width: second.width, dark: shown(".cs--dark"), panel: shown("[part=panel]"),
            attributes: element.getAttributeNames().sort(),
        };
        await styled(element);
        element.style.setProperty("--crack-segmenter-accent", "rgb(1, 2, 3)");
        const accent = getComputedStyle(root.querySelector(".cs")).getPropertyValue("--cs-accent");
        element.hidden = true;
        await new Promise(requestAnimationFrame);
        const hasFocus = document.activeElement === field;
        return { before, after, accent, hasFocus, display: getComputedStyle(element).display };
        "#,
    )?;
    ensure!(
        found["before"]
            == json!({
                "threshold": 0.9, "opacity": 1, "mode": "native", "dark": true, "panel": false, "stage": true
            }),
        "{found}"
    );
    ensure!(
        found["after"]["threshold"]
            .as_f64()
            .is_some_and(|threshold| (threshold - f64::from(host.native.threshold)).abs() < 1e-6)
    );
    ensure!(
        found["after"]["width"] == 256
            && found["after"]["dark"] == false
            && found["after"]["panel"] == true,
        "{found}"
    );
    ensure!(
        found["after"]["attributes"]
            == json!(["controls", "mode", "overlay-opacity", "src", "theme"]),
        "{found}"
    );
    ensure!(
        found["accent"] == "rgb(1, 2, 3)"
            && found["display"] == "none"
            && found["hasFocus"] == true,
        "{found}"
    );
    Ok(())
}

#[test]
fn failures_are_told_and_leave_the_element_at_work() -> Result<()> {
    let host = Host::open(Browser::Chromium, "element-failing")?;
    let found = host.run(
        r#"
        const element = add({});
        const told = [];
        element.addEventListener("error", ({ detail }) => told.push([detail.kind, detail.photo?.name ?? null]));
        const failed = (promise) => promise.then(() => "no", (error) => [error.name, error.kind ?? null]);
        const missing = await failed(element.segment("missing.png"));
        const text = await failed(element.segment("text.jpg"));
        const address = await failed(element.segment("https://"));
        element.src = "missing.png";
        const source = await once(element, "error");
        element.src = "http://[";
        const noAddress = await once(element, "error");
        const detached = await failed(document.createElement("crack-segmenter").segment("wall.png"));
        const canvas = new OffscreenCanvas(64, 64);
        canvas.getContext("2d").fillRect(0, 0, 64, 64);
        const drawn = await element.segment(canvas);
        return { told, missing, text, address, sources: [source.kind, noAddress.kind], detached, drawn: [drawn.width, drawn.height, drawn.photo.name] };
        "#,
    )?;
    ensure!(
        found["missing"] == json!(["SegmentationError", "network"]),
        "{found}"
    );
    ensure!(
        found["text"] == json!(["SegmentationError", "photo"]),
        "{found}"
    );
    ensure!(
        found["told"] == json!([["photo", "text.jpg"], ["network", null], ["network", null]]),
        "{found}"
    );
    ensure!(
        found["address"] == json!(["SegmentationError", "network"]),
        "{found}"
    );
    ensure!(found["sources"] == json!(["network", "network"]), "{found}");
    ensure!(
        found["detached"] == json!(["InvalidStateError", null]),
        "{found}"
    );
    ensure!(found["drawn"] == json!([64, 64, "photo.png"]), "{found}");
    Ok(())
}

#[test]
fn the_language_is_that_of_the_element_or_of_what_is_around_it() -> Result<()> {
    let host = Host::open(Browser::Chromium, "element-language")?;
    let found = host.run(
        r#"
        const element = add({ controls: "", lang: "de-AT" });
        await once(element, "ready");
        const root = element.shadowRoot;
        const says = async () => {
            await nextTask();
            return [root.querySelector(".cs").lang, root.querySelector("[data-testid=choose]").textContent.trim()];
        };
        const own = [await says()];
        element.lang = "fr";
        own.push(await says());
        // Nobody here speaks Klingon.
        element.lang = "tlh";
        own.push(await says());
        document.documentElement.lang = "es-MX";
        const inherited = [await says()];
        element.lang = "";
        const section = document.createElement("section");
        section.lang = "de";
        document.body.append(section);
        // Out of a shadow root too.
        section.attachShadow({ mode: "open" }).append(element);
        inherited.push(await says());
        section.lang = "";
        inherited.push(await says());
        document.documentElement.removeAttribute("lang");
        inherited.push(await says());
        return { own, inherited };
        "#,
    )?;
    let [german, french, spanish, english] = [
        ["de", "Fotos auswählen"],
        ["fr", "Choisir des photos"],
        ["es", "Elegir fotos"],
        ["en", "Choose photos"],
    ];
    ensure!(
        found["own"] == json!([german, french, english])
            && found["inherited"] == json!([spanish, german, spanish, english]),
        "{found}"
    );
    Ok(())
}

#[test]
fn what_is_missing_is_said_in_the_hosts_language() -> Result<()> {
    let host = Host::open(Browser::Chromium, "element-missing")?;
    let found = host.run(
        r#"
        const element = add({ lang: "de", src: "missing.png" });
        const error = await new Promise((resolve) => element.addEventListener("error", ({ detail }) => resolve(detail)));
        const says = async () => {
            await nextTask();
            return element.shadowRoot.querySelector("[data-testid=error]")?.textContent.trim() ?? null;
        };
        const source = [error.message, await says()];
        const shown = once(element, "result");
        element.src = "wall.png";
        source.push(await says());
        await shown;
        element.controls = true;
        element.weightsUrl = "missing.bpk";
        const { message } = await once(element, "error");
        const weights = [message, await says()];
        element.lang = "fr";
        weights.push(await says());
        return { source, weights };
        "#,
    )?;
    let source = &found["source"];
    let has = |told: &Value, words: &str| told.as_str().is_some_and(|told| told.contains(words));
    ensure!(
        has(&source[0], "missing.png could not be fetched"),
        "{found}"
    );
    ensure!(
        has(&source[1], "Das Foto konnte nicht geladen werden.") && source[2] == Value::Null,
        "{found}"
    );
    let weights = &found["weights"];
    for (told, words) in [
        (&weights[0], "The weights cannot be loaded"),
        (&weights[1], "Die Gewichte können nicht geladen werden"),
        (&weights[2], "Les poids ne peuvent pas être chargés"),
    ] {
        ensure!(has(told, words) && has(told, "404"), "{found}");
    }
    Ok(())
}

/// How many of those that were taken out are there still. What is on its way to one of them, such as a preview, keeps it until
/// it has come.
const LEFT: &str = r#"
    await new Promise(requestAnimationFrame);
    return gone.filter((element) => element.deref()).length;
"#;

/// How long that may be, on a busy machine.
const AT_MOST: Duration = Duration::from_secs(15);

#[test]
fn what_is_taken_out_is_collected() -> Result<()> {
    let host = Host::open(Browser::Chromium, "element-collected")?;
    host.run(
        r#"
        window.gone = [];
        for (const attributes of [{}, { controls: "" }, { src: "wall.png" }]) {
            const element = add(attributes);
            await once(element, attributes.src ? "result" : "ready");
            element.remove();
            gone.push(new WeakRef(element));
        }
        await nextTask();
        "#,
    )?;
    let begin = Instant::now();
    loop {
        host.app.collect_garbage()?;
        let left = host.run(LEFT)?;
        if left == 0 {
            return Ok(());
        }
        ensure!(begin.elapsed() < AT_MOST, "{left} of 3 are kept");
    }
}

#[test]
fn what_is_stopped_is_told() -> Result<()> {
    let host = Host::open(Browser::Chromium, "element-stopped")?;
    host.run(
        r#"
        window.element = add({});
        window.segmenter = await module.createSegmenter();
        "#,
    )?;
    host.app.hold()?;
    host.run(
        r#"
        window.stopper = new AbortController();
        const failed = (promise) => promise.then(() => "no", ({ name }) => name);
        const work = once(element, "progress");
        window.ends = [
            failed(element.segment("wall.png", { signal: stopper.signal })),
            failed(element.segment("wall.png")),
        ];
        await work;
        // Stopped before it was even looked at.
        ends.push(failed(element.segment("wall.png")));
        element.cancel();
        ends.push(failed(segmenter.segment("wall.png")));
        stopper.abort();
        element.cancel();
        segmenter.dispose();
        "#,
    )?;
    host.app.release()?;
    let found = host.run(
        r#"
        return [...(await Promise.all(ends)), (await element.segment("wall.png")).width];
        "#,
    )?;
    ensure!(
        found
            == json!([
                "AbortError",
                "AbortError",
                "AbortError",
                "AbortError",
                SIZE.0
            ]),
        "{found}"
    );
    Ok(())
}

#[test]
fn without_an_engine_nobody_waits_for_ever() -> Result<()> {
    let host = Host::open(Browser::Chromium, "element-engine")?;
    let found = host.run(
        r#"
        const failed = (promise) => promise.then(() => "no", ({ name, kind }) => [name, kind]);
        const refused = await failed(module.createSegmenter({ weightsUrl: "text.jpg" }));
        const broken = await failed(module.createSegmenter({ weightsUrl: "https://" }));
        const element = add({ "weights-url": "missing.bpk", src: "wall.png" });
        const first = [];
        element.addEventListener("error", ({ detail }) => first.push(detail.kind));
        await once(element, "ready").catch(nextTask);
        const told_first = [...first];
        const asked = await failed(element.segment("wall.png"));
        // Another part's engine, and another part's wish that can't be had.
        element.weightsUrl = null;
        const engine = await once(element, "ready");
        const segmenter = await module.createSegmenter();
        const told = [];
        element.addEventListener("error", ({ detail }) => told.push(detail.kind));
        const missing = await failed(module.createSegmenter({ weightsUrl: "missing.bpk" }));
        const result = await segmenter.segment("wall.png");
        // What it could not start with is mended; then it is taken out with a photo just asked for.
        const mended = add({ "weights-url": "https://" });
        const { kind } = await once(mended, "error");
        await nextTask();
        const words = mended.shadowRoot.textContent;
        mended.weightsUrl = null;
        await once(mended, "ready");
        const removed = failed(mended.segment("wall.png"));
        mended.remove();
        const [gone] = await removed;
        return { refused, broken, first: told_first, asked, weights: engine.weights, missing, told, width: result.width, kind, words, gone };
        "#,
    )?;
    let weights = json!(["SegmentationError", "weights"]);
    ensure!(
        found["refused"] == weights && found["broken"] == weights,
        "{found}"
    );
    ensure!(
        found["first"] == json!(["weights"]) && found["weights"] == "lite",
        "{found}"
    );
    ensure!(found["asked"][0] == "SegmentationError", "{found}");
    ensure!(
        found["missing"] == weights && found["told"] == json!([]),
        "{found}"
    );
    ensure!(found["width"] == SIZE.0, "{found}");
    ensure!(
        found["kind"] == "weights" && found["words"] == "\"https://\" is no address.",
        "{found}"
    );
    ensure!(found["gone"] == "AbortError", "{found}");
    Ok(())
}

#[rstest]
fn there_is_the_same_without_a_view(
    #[values(Browser::Chromium, Browser::Firefox, Browser::WebKit)] browser: Browser,
) -> Result<()> {
    let host = Host::open(browser, &format!("headless-{browser:?}"))?;
    let summary = host.summary(
        r#"
        window.module = module;
        window.segmenter = await module.createSegmenter({ backend: "cpu" });
        const stages = new Set();
        window.result = await segmenter.segment("wall.png", { onprogress: ({ stage }) => stages.add(stage) });
        if (!stages.has("decoding")) throw new Error(`only ${[...stages]}`);
        return summary(result);
        "#,
    )?;
    summary.expect(&host.map, host.native.threshold)?;
    let threshold = host.native.threshold;
    let found = host.run(
        r#"
        const png = await result.png("mask");
        const bitmap = await createImageBitmap(png);
        const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
        const context = canvas.getContext("2d");
        context.drawImage(bitmap, 0, 0);
        const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
        const mask = result.mask();
        const same = mask.every((value, place) => value === data[4 * place]);
        const counted = new Array(256).fill(0);
        for (const value of result.probabilities) counted[value] += 1;
        const told = counted.every((count, value) => count === result.counts[value]);
        const shares = [0, 0.2, undefined, 1].map((threshold) => {
            const cracked = result.mask(threshold).filter(Boolean).length;
            return Math.abs(result.share(threshold) - cracked / mask.length) < 1e-9;
        });
        let refused = null;
        try { result.share(Number.NaN); } catch (error) { refused = error.name; }
        const drawn = await result.png("mask", { threshold: Number.NaN }).catch(({ name }) => name);
        const overlay = await result.png("overlay", { opacity: 0.5 });
        const cracks = await result.measure();
        const careful = await module.createSegmenter({ mode: "thorough" });
        const thorough = await careful.segment("wall.png");
        const again = { mode: thorough.mode, share: thorough.share(), cracks: await thorough.measure() };
        careful.dispose();
        segmenter.dispose();
        await nextTask();
        const left = workers;
        const answer = await module.predict({ image: await (await fetch("wall.png")).blob() });
        const square = await createImageBitmap(await (await fetch(answer.data[0].url)).blob());
        return {
            same, left, share: result.share(), none: result.share(1), types: [png.type, overlay.type],
            square: [square.width, square.height], answer: [answer.type, answer.data[0].meta._type],
            told, shares, refused, drawn, cracks, again,
            segmenting: await segmenter.segment("wall.png").catch(({ name }) => name),
        };
        "#,
    )?;
    ensure!(
        found["same"] == true && found["left"] == 0 && found["none"] == 0,
        "{found}"
    );
    let cracks: Vec<Crack> = serde_json::from_value(found["cracks"].clone())?;
    let expected = measure(&host.map, threshold);
    let length = length_of(cracks);
    ensure!(
        length > 0.0 && (length - expected.length()).abs() < 0.02 * length,
        "{length} instead of {}",
        expected.length()
    );
    let thorough = host.native.map(&host.photo, Mode::Thorough)?;
    let again: Vec<Crack> = serde_json::from_value(found["again"]["cracks"].clone())?;
    let length = length_of(again);
    let expected = measure(&thorough, threshold).length();
    let share = found["again"]["share"].as_f64().unwrap_or_default();
    ensure!(
        found["again"]["mode"] == "thorough"
            && (share - thorough.crack_share(threshold)).abs() < 1e-3
            && (length - expected).abs() < 0.02 * expected,
        "{} instead of {expected} px of crack",
        found["again"]
    );
    let share = found["share"].as_f64().unwrap_or_default();
    ensure!(
        (share - host.map.crack_share(threshold)).abs() < 1e-3,
        "{found}"
    );
    ensure!(
        found["types"] == json!(["image/png", "image/png"]) && found["square"] == json!([256, 256]),
        "{found}"
    );
    ensure!(
        found["answer"] == json!(["data", "gradio.FileData"]),
        "{found}"
    );
    ensure!(
        found["told"] == true
            && found["shares"] == json!([true, true, true, true])
            && found["refused"] == "TypeError"
            && found["drawn"] == "TypeError",
        "{found}"
    );
    ensure!(found["segmenting"] == "InvalidStateError", "{found}");
    Ok(())
}

#[test]
fn what_the_visitor_leaves_out_is_told_of_in_files() -> Result<()> {
    let host = Host::open(Browser::Chromium, "element-corrected")?;
    let found = host.run(
        r#"
        const element = add({ controls: "" });
        const { leftOut } = await element.segment("wall.png");
        const appeared = async (selector) => {
            for (;;) {
                const found = element.shadowRoot.querySelector(selector);
                if (found) return found;
                await new Promise(requestAnimationFrame);
            }
        };
        const corrected = once(element, "result");
        (await appeared("[data-testid=crack-list]")).click();
        (await appeared("[data-testid=leave-out]:not([aria-disabled])")).click();
        const result = await corrected;
        const png = new TextDecoder("latin1").decode(await (await result.png("mask")).arrayBuffer());
        return { leftOut: [leftOut, result.leftOut], told: png.includes("1 mark left out by hand") };
        "#,
    )?;
    ensure!(
        found == json!({ "leftOut": [0, 1], "told": true }),
        "{found}"
    );
    Ok(())
}

#[test]
fn the_text_of_a_host_is_its_own() -> Result<()> {
    let host = Host::open(Browser::Chromium, "element-text")?;
    let found = host.run(
        r#"
        document.documentElement.style.cssText = "font-size: 10px; text-align: center; letter-spacing: 3px; text-transform: uppercase";
        const element = add({ controls: "" });
        await once(element, "ready");
        await styled(element);
        const text = getComputedStyle(element.shadowRoot.querySelector(".cs-privacy"));
        element.style.visibility = "hidden";
        return [text.fontSize, text.textAlign, text.letterSpacing, text.textTransform, text.visibility];
        "#,
    )?;
    ensure!(
        found == json!(["13px", "start", "normal", "none", "hidden"]),
        "{found}"
    );
    Ok(())
}

#[test]
fn a_start_can_be_given_up() -> Result<()> {
    let host = Host::open(Browser::Chromium, "element-given-up")?;
    let found = host.run(
        r#"
        const failed = (promise) => promise.then(() => "no", ({ name }) => name);
        const stop = new AbortController();
        const ends = [failed(module.createSegmenter({ signal: stop.signal }))];
        const element = add({});
        ends.push(failed(element.segment("wall.png", { signal: stop.signal })));
        stop.abort();
        ends.push(failed(module.createSegmenter({ signal: stop.signal })));
        const names = await Promise.all(ends);
        // Nobody else's start is.
        const segmenter = await module.createSegmenter(null);
        return { names, engine: segmenter.engine.weights, width: (await element.segment("wall.png")).width };
        "#,
    )?;
    let names = ["AbortError"; 3];
    ensure!(
        found == json!({ "names": names, "engine": "lite", "width": SIZE.0 }),
        "{found}"
    );
    Ok(())
}

#[test]
fn it_has_a_size_wherever_it_stands() -> Result<()> {
    let host = Host::open(Browser::Chromium, "element-size")?;
    let found = host.run(
        r#"
        const box = document.body.appendChild(document.createElement("div"));
        const styles = ["", "display: flex", "display: grid; place-items: center", "float: left", "position: absolute"];
        const widths = [];
        for (const style of styles) {
            box.style.cssText = style;
            const element = box.appendChild(document.createElement("crack-segmenter"));
            await once(element, "ready");
            await styled(element);
            widths.push(element.offsetWidth >= 320 && element.offsetWidth <= innerWidth);
            element.remove();
        }
        // Of the box and of the element, and how high the app in it is.
        const high = [
            ["", "height: auto"], ["", "height: 100%"], ["", "height: auto; min-height: 800px"],
            ["min-height: 700px; display: flex; flex-direction: column", "flex: 1; height: auto"],
            ["height: 300px; display: flex; flex-direction: column", "flex: 1"], ["", "height: 200px"], ["width: 320px", "display: block; height: auto"],
        ];
        const heights = [];
        for (const [around, own] of high) {
            box.style.cssText = around;
            const element = box.appendChild(document.createElement("crack-segmenter"));
            element.style.cssText = own;
            await once(element, "ready");
            await styled(element);
            const app = element.shadowRoot.querySelector(".cs");
            heights.push(app.offsetHeight === element.offsetHeight ? app.offsetHeight : "another");
            element.remove();
        }
        const frame = document.body.appendChild(document.createElement("iframe"));
        const element = add({});
        await once(element, "ready");
        frame.contentDocument.body.append(element);
        return { widths, heights, display: frame.contentWindow.getComputedStyle(element).display };
        "#,
    )?;
    let expected = json!({
        "widths": [true, true, true, true, true],
        "heights": [576, 576, 800, 700, 300, 200, 576],
        "display": "grid",
    });
    ensure!(found == expected, "{found}");
    Ok(())
}

#[test]
fn another_threshold_is_told() -> Result<()> {
    let host = Host::open(Browser::Chromium, "element-threshold")?;
    let found = host.run(
        r#"
        const element = add({ src: "wall.png", controls: "" });
        const told = [];
        element.addEventListener("thresholdchange", ({ detail }) => told.push(detail));
        const result = await once(element, "result");
        const byVisitor = once(element, "thresholdchange");
        const slider = element.shadowRoot.querySelector("[data-testid=threshold]");
        slider.value = "0.8";
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        const high = await byVisitor;
        const byPage = once(element, "thresholdchange");
        element.threshold = 0.1;
        const low = await byPage;
        return { high, low, told, grows: result.share(low) > result.share(high) };
        "#,
    )?;
    ensure!(
        found == json!({ "high": 0.8, "low": 0.1, "told": [0.8, 0.1], "grows": true }),
        "{found}"
    );
    Ok(())
}

#[test]
fn without_controls_nothing_stays_that_only_they_end() -> Result<()> {
    let host = Host::open(Browser::Chromium, "element-bare")?;
    let found = host.run(
        r#"
        const element = add({ src: "wall.png", controls: "" });
        await once(element, "result");
        const find = (name) => element.shadowRoot.querySelector(`[data-testid=${name}]`);
        find("compare").click();
        await nextTask();
        const isCompared = find("split") !== null;
        find("view-original").click();
        await nextTask();
        element.controls = false;
        await nextTask();
        const isLeft = find("split") === null;
        element.controls = true;
        await nextTask();
        return { isCompared, isLeft, isOverlay: find("view-overlay").checked };
        "#,
    )?;
    ensure!(
        found == json!({ "isCompared": true, "isLeft": true, "isOverlay": true }),
        "{found}"
    );
    Ok(())
}

#[test]
fn a_lost_worker_is_told_and_replaced() -> Result<()> {
    let host = Host::open(Browser::Chromium, "element-lost")?;
    let summary = host.summary(
        r#"
        const element = add({});
        await once(element, "ready");
        const lost = once(element, "devicelost");
        const work = element.segment("wall.png");
        await once(element, "progress");
        // What a worker's panic hook posts.
        living.dispatchEvent(new MessageEvent("message", { data: { message: { type: "crashed", detail: "a test" }, files: [] } }));
        await lost;
        return summary(await work);
        "#,
    )?;
    summary.expect(&host.map, host.native.threshold)
}

fn length_of(cracks: Vec<Crack>) -> f64 {
    let measured = Measurements {
        cracks,
        ..Measurements::default()
    };
    measured.length()
}
