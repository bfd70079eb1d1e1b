//! How a page brings photos to `<crack-segmenter>` and to the segmenter without a view.

use anyhow::{Result, ensure};
use rstest::rstest;
use serde_json::json;

use crate::element::Host;
use crate::harness::Browser;

#[rstest]
fn a_picture_whose_address_is_gone_is_read_as_it_is_shown(
    #[values(Browser::Chromium, Browser::WebKit)] browser: Browser,
) -> Result<()> {
    let host = Host::open(browser, &format!("bringing-gone-{browser:?}"))?;
    let found = host.run(
        r#"
        const element = add({});
        const file = await (await fetch("wall.png")).blob();
        const address = URL.createObjectURL(file);
        const image = new Image();
        image.src = address;
        await image.decode();
        URL.revokeObjectURL(address);
        const { width, height, photo } = await element.segment(image);
        const told = (promise) => promise.catch(({ kind, message }) => [kind, message.includes("Access-Control")]);
        const gone = await told(element.segment(address));
        const missing = await told(element.segment("missing.png"));
        return { size: [width, height], name: photo.name, gone, missing };
        "#,
    )?;
    let expected = json!({
        "size": [200, 150],
        "name": "photo.png",
        "gone": ["network", false],
        "missing": ["network", true],
    });
    ensure!(found == expected, "{found}");
    Ok(())
}

#[test]
fn photos_are_worked_in_the_order_in_which_they_are_asked_for() -> Result<()> {
    let host = Host::open(Browser::Chromium, "bringing-order")?;
    let found = host.run(
        r#"
        const segmenter = await module.createSegmenter();
        const blob = await (await fetch("wall.png")).blob();
        const bitmap = await createImageBitmap(blob, { resizeWidth: 1500, resizeHeight: 1125 });
        const order = [];
        const asked = (name, promise) => promise.then(() => order.push(name), () => {});
        const stop = new AbortController();
        // Becomes a file only when it is told to.
        const { fetch: plain } = window;
        let answer;
        const answered = new Promise((resolve) => (answer = resolve));
        window.fetch = (url, ...rest) => (String(url).endsWith("?slow") ? answered : Promise.resolve()).then(() => plain(url, ...rest));
        const all = [
            asked("bitmap", segmenter.segment(bitmap)),
            asked("blob", segmenter.segment(blob)),
            asked("missing", segmenter.segment("missing.png")),
            asked("slow", segmenter.segment("wall.png?slow")),
            asked("stopped", segmenter.segment(blob, { signal: stop.signal })),
            asked("last", segmenter.segment(blob)),
        ];
        stop.abort();
        await all[1];
        answer();
        await Promise.all(all);
        segmenter.dispose();
        return order;
        "#,
    )?;
    ensure!(
        found == json!(["bitmap", "blob", "slow", "last"]),
        "{found}"
    );
    Ok(())
}

#[test]
fn a_segmenter_that_failed_starts_again_when_it_is_asked() -> Result<()> {
    let host = Host::open(Browser::Chromium, "bringing-after-failure")?;
    let found = host.run(
        r#"
        const { Worker: Whole } = window;
        const made = [];
        let isGone = false;
        window.Worker = class extends Whole {
            constructor(address, options) {
                super(isGone ? "gone.js" : address, options);
                made.push(this);
            }
        };
        const segmenter = await module.createSegmenter({ backend: "cpu" });
        // Its worker crashes while the network is away.
        isGone = true;
        made.at(-1).dispatchEvent(new ErrorEvent("error", { message: "as if it had crashed" }));
        const failed = () => segmenter.segment("wall.png").then(() => "none", ({ name }) => name);
        const away = [await failed(), await failed()];
        isGone = false;
        const { width } = await segmenter.segment("wall.png");
        segmenter.dispose();
        return { away, width };
        "#,
    )?;
    let away = ["SegmentationError"; 2];
    ensure!(found == json!({ "away": away, "width": 200 }), "{found}");
    Ok(())
}

#[test]
fn an_address_that_never_answers_keeps_nobody() -> Result<()> {
    let host = Host::open(Browser::Chromium, "bringing-never")?;
    let found = host.run(
        r#"
        const segmenter = await module.createSegmenter();
        const element = add({});
        await once(element, "ready");
        const { fetch: plain } = window;
        // As the browser's own, it ends with its signal.
        const never = ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        window.fetch = (url, options) => String(url).endsWith("?never") ? never(options) : plain(url, options);
        const failed = (promise) => promise.then(() => "none", ({ name }) => name);
        const ends = [segmenter, element].flatMap((one) => [failed(one.segment("wall.png?never")), failed(one.segment("wall.png"))]);
        await nextTask();
        segmenter.dispose();
        element.cancel();
        const names = await Promise.all(ends);
        return { names, width: (await element.segment("wall.png")).width };
        "#,
    )?;
    let names = ["AbortError"; 4];
    ensure!(found == json!({ "names": names, "width": 200 }), "{found}");
    Ok(())
}

#[test]
fn the_same_address_again_loads_what_failed_or_was_taken_away() -> Result<()> {
    let host = Host::open(Browser::Chromium, "bringing-again")?;
    let found = host.run(
        r#"
        const element = add({ src: "wall.png" });
        let results = 0;
        element.addEventListener("result", () => (results += 1));
        await once(element, "result");
        // It is shown: only what is asked for by a call comes.
        element.src = "wall.png";
        element.setAttribute("src", "wall.png");
        // As a whole.
        element.src = element.src;
        await element.segment("wall.png");
        const shown = results;
        element.clear();
        element.src = "wall.png";
        // It is in work.
        element.src = "wall.png";
        await once(element, "result");
        await element.segment("wall.png");
        const cleared = results;
        const failure = () => new Promise((resolve) => element.addEventListener("error", ({ detail }) => resolve(detail.kind), { once: true }));
        element.src = "missing.png";
        const first = await failure();
        await nextTask();
        element.src = "missing.png";
        return { shown, cleared, failed: [first, await failure()] };
        "#,
    )?;
    let expected = json!({ "shown": 2, "cleared": 4, "failed": ["network", "network"] });
    ensure!(found == expected, "{found}");
    Ok(())
}

#[test]
fn what_comes_from_a_frame_of_the_same_origin_is_a_photo_too() -> Result<()> {
    let host = Host::open(Browser::Chromium, "bringing-frame")?;
    let found = host.run(
        r#"
        const element = add({});
        const frame = document.body.appendChild(document.createElement("iframe"));
        const theirs = frame.contentWindow;
        const bytes = await (await fetch("wall.png")).arrayBuffer();
        const canvas = frame.contentDocument.createElement("canvas");
        [canvas.width, canvas.height] = [200, 150];
        canvas.getContext("2d").fillRect(0, 0, 200, 150);
        const image = new theirs.Image();
        image.src = new URL("wall.png", location.href).href;
        await image.decode();
        const sources = [
            new theirs.File([bytes], "their.png"), new theirs.Blob([bytes]), new theirs.URL(image.src), new theirs.ImageData(200, 150), canvas,
            await theirs.createImageBitmap(canvas), image,
        ];
        const names = [];
        for (const source of sources) names.push((await element.segment(source)).photo.name);
        return { names, refused: await element.segment({}).catch(({ name }) => name) };
        "#,
    )?;
    let names = [
        "their.png",
        "photo",
        "wall.png",
        "photo.png",
        "photo.png",
        "photo.png",
        "wall.png",
    ];
    ensure!(
        found == json!({ "names": names, "refused": "TypeError" }),
        "{found}"
    );
    Ok(())
}

#[test]
fn options_that_there_are_not_are_refused() -> Result<()> {
    let host = Host::open(Browser::Chromium, "bringing-options")?;
    let found = host.run(
        r#"
        const end = (promise) => promise.then(() => "none", ({ name }) => name);
        const ends = [];
        const wrong = [{ threshold: "0.5" }, { threshold: NaN }, { bogus: 1 }, "string", 5, { mode: "x" }];
        for (const options of wrong) ends.push(await end(module.createSegmenter(options)));
        const segmenter = await module.createSegmenter({ threshold: undefined, mode: undefined });
        const result = await segmenter.segment("wall.png");
        ends.push(await end(result.png("overlay", { opacity: "x" })), await end(result.png("mask", { threshold: "x" })), await end(result.measure("0.5")));
        segmenter.dispose();
        return ends;
        "#,
    )?;
    ensure!(found == json!(vec!["TypeError"; 9]), "{found}");
    Ok(())
}

#[test]
fn what_a_listener_throws_is_reported_and_stops_nothing() -> Result<()> {
    let host = Host::open(Browser::Chromium, "bringing-throws")?;
    let found = host.run(
        r#"
        const element = add({});
        await once(element, "ready");
        let reports = 0, events = 0, calls = 0;
        addEventListener("error", (event) => { reports += 1; event.preventDefault(); });
        element.addEventListener("progress", ({ detail }) => (events += detail.photo ? 1 : 0));
        const onprogress = () => { calls += 1; throw new Error("mine"); };
        const { width } = await element.segment("wall.png", { onprogress });
        return { width, isEach: calls > 1 && events === calls && reports === calls };
        "#,
    )?;
    ensure!(found == json!({ "width": 200, "isEach": true }), "{found}");
    Ok(())
}
