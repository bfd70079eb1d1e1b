//! Looking at a result: whatever is changed answers at once, and the worker is not asked.

use anyhow::{Context as _, Result, ensure};
use crack_segmenter::mask::ProbabilityMap;
use crack_segmenter::plan::Mode;
use rstest::rstest;
use serde_json::json;

use crate::harness::{App, Browser};
use crate::native::{self, Native};
use xtask::webdriver::key;

const SIZE: (u32, u32) = (300, 220);

/// Counts what is sent to the worker, but for what measures the cracks once the threshold has come to rest.
const COUNT_MESSAGES: &str = r#"
    window.messages = 0;
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (...all) {
        if (all[0].message?.type !== "measure") window.messages += 1;
        return post.apply(this, all);
    };
"#;

/// Moves a slider, as a pointer does, and gives back the share that the page tells by the next frame.
const MOVE_SLIDER: &str = r#"
    const [slider, value, result] = arguments;
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
    return new Promise(requestAnimationFrame).then(() => Number(result.dataset.share));
"#;

/// Corner and size of the stage in the window.
const STAGE: &str = r#"
    const { x, y, width, height } = document.querySelector("[data-testid=stage]").getBoundingClientRect();
    return [x, y, width, height];
"#;

/// A pointer that comes twice, and each time moves so many pixels.
const TWICE: &str = r#"
    const stage = document.querySelector("[data-testid=stage]");
    const { x, y } = stage.getBoundingClientRect();
    const at = (away) => ({ clientX: x + 200 + away, clientY: y + 200, pointerId: 7, buttons: 1, bubbles: true });
    for (let time = 0; time < 2; time += 1) {
        stage.dispatchEvent(new PointerEvent("pointerdown", at(0)));
        stage.dispatchEvent(new PointerEvent("pointermove", at(arguments[0])));
        stage.dispatchEvent(new PointerEvent("pointerup", at(arguments[0])));
    }
    stage.dispatchEvent(new MouseEvent("dblclick", at(arguments[0])));
"#;

/// Two fingers that move apart, of which the first is on the line between photo and result.
const PINCH: &str = r#"
    const [line, stage] = [".cs-compare__line", "[data-testid=stage]"].map((css) => document.querySelector(css));
    const { x, y } = line.getBoundingClientRect();
    const at = (pointerId, away) => ({ clientX: x + away, clientY: y + 200, pointerId, buttons: 1, bubbles: true });
    line.dispatchEvent(new PointerEvent("pointerdown", at(1, 0)));
    stage.dispatchEvent(new PointerEvent("pointerdown", at(2, -50)));
    stage.dispatchEvent(new PointerEvent("pointermove", at(2, -150)));
    line.dispatchEvent(new PointerEvent("pointermove", at(1, 30)));
    stage.dispatchEvent(new PointerEvent("pointerup", at(2, -150)));
    // The one that is left moves nothing but the photo.
    line.dispatchEvent(new PointerEvent("pointermove", at(1, 60)));
    line.dispatchEvent(new PointerEvent("pointerup", at(1, 60)));
"#;

/// What the focus is on, by its `data-testid`.
const FOCUS: &str = "return document.activeElement.dataset.testid ?? null";

#[rstest]
fn looking_asks_nothing_of_the_worker(
    #[values(Browser::Chromium, Browser::WebKit)] browser: Browser,
) -> Result<()> {
    let native = Native::load()?;
    let photo = native::photo("looking.png", SIZE.0, SIZE.1)?;
    let map = native.map(&photo, Mode::Native)?;
    let app = App::open_in(browser)?;
    app.choose(&[&photo])?;
    let at_first = app.wait_for_result()?;
    app.run(COUNT_MESSAGES, json!([]))?;

    threshold(&app, &map)?;
    app.click("threshold-reset")?;
    let share = share(&app)?;
    ensure!(
        share == at_first.share && app.value("threshold")? == two_digits(native.threshold),
        "reset to {} and a share of {share}, which was {}",
        app.value("threshold")?,
        at_first.share
    );
    app.find("html:not(:has([data-testid=threshold-reset]))")?;
    keys_move_the_slider(&app)?;
    views(&app)?;
    opacity(&app)?;
    pressing_twice(&app)?;
    comparing(&app)?;

    let messages = app.run("return window.messages", json!([]))?;
    ensure!(messages == 0, "{messages} messages to the worker");
    app.expect_no_trouble()
}

#[rstest]
fn the_keyboard_is_enough(
    #[values(Browser::Chromium, Browser::WebKit)] browser: Browser,
) -> Result<()> {
    let app = App::open_holdable_in(browser)?;
    app.wait_until_ready()?;
    // The dialog that follows is the browser's business.
    app.run(
        r#"arguments[0].addEventListener("click", (event) => {
            event.preventDefault();
            window.asked = true;
        })"#,
        json!([app.get("file-input")?.reference()]),
    )?;
    let mut passed = Vec::new();
    while passed.last() != Some(&json!("choose")) {
        ensure!(passed.len() < 20, "Tab leads to {passed:?}");
        app.press(key::TAB)?;
        passed.push(app.run(FOCUS, json!([]))?);
    }
    app.press(key::ENTER)?;
    ensure!(
        app.run("return window.asked", json!([]))? == true,
        "Enter on the button does not open the file chooser"
    );

    app.hold()?;
    app.choose(&[&native::photo("looking-held.png", 320, 240)?])?;
    app.find("[data-testid=app][data-state=working]")?;
    app.press(key::ESCAPE)?;
    app.release()?;
    app.wait_until_ready()?;
    app.find("[data-testid=run-again]")
        .context("Escape did not stop the photo")?;
    app.expect_no_trouble()
}

#[rstest]
fn choices_hold_for_the_next_visit(
    #[values(Browser::Chromium, Browser::WebKit)] browser: Browser,
) -> Result<()> {
    let app = App::open_in(browser)?;
    app.wait_until_ready()?;
    app.click("mode-space")?;
    app.click("backend-cpu")?;
    app.wait_until_ready()?;
    app.reload()?;
    app.wait_until_ready()?;
    for choice in ["mode-space", "backend-cpu"] {
        app.find(&format!("[data-testid={choice}]:checked"))
            .with_context(|| format!("{choice} is forgotten"))?;
    }
    app.choose(&[&native::photo("looking-again.png", 160, 120)?])?;
    app.wait_for_result()?;
    app.click("view-heat")?;
    move_slider(&app, "opacity", 0.4)?;
    move_slider(&app, "threshold", 0.9)?;
    app.reload()?;
    app.choose(&[&native::photo("looking-again.png", 160, 120)?])?;
    app.wait_for_result()?;
    app.find("[data-testid=view-heat]:checked")
        .context("the view is forgotten")?;
    ensure!(app.value("opacity")? == 0.4, "the opacity is forgotten");
    ensure!(
        app.value("threshold")? != 0.9,
        "a threshold chosen for another photo is still there"
    );
    app.expect_no_trouble()
}

/// The share, and what is drawn, are those of the threshold.
fn threshold(app: &App, map: &ProbabilityMap) -> Result<()> {
    app.click("view-mask")?;
    // As large as the photo once its map is there.
    let width = SIZE.0;
    app.find(&format!("canvas[data-testid=overlay][width='{width}']"))?;
    for threshold in [0.9_f32, 0.1, 0.3] {
        let share = move_slider(app, "threshold", threshold)?;
        let painted = app.painted()?.share("255 255 255 255");
        let expected = map.crack_share(threshold);
        ensure!(
            (share - expected).abs() <= 1e-3 && (share - painted).abs() < 1e-6,
            "at {threshold} the page says {share} and draws {painted}; the native program says {expected}"
        );
    }
    Ok(())
}

fn keys_move_the_slider(app: &App) -> Result<()> {
    let before = app.value("threshold")?;
    app.run(
        "arguments[0].focus()",
        json!([app.get("threshold")?.reference()]),
    )?;
    for key in [key::LEFT, key::LEFT, key::LEFT, key::RIGHT] {
        app.press(key)?;
    }
    let after = app.value("threshold")?;
    ensure!(
        (before - after - 0.02).abs() < 1e-6,
        "two steps from {before} lead to {after}"
    );
    Ok(())
}

/// Each view draws what it says.
fn views(app: &App) -> Result<()> {
    let share = share(app)?;
    for (view, crack) in [
        ("view-overlay", "0 229 255 255"),
        ("view-mask", "255 255 255 255"),
    ] {
        app.click(view)?;
        let painted = app.painted()?;
        ensure!(
            (painted.width, painted.height) == SIZE && (painted.share(crack) - share).abs() < 1e-6,
            "{view} shows a share of {}, not {share}, in {painted:?}",
            painted.share(crack)
        );
    }
    app.click("view-heat")?;
    let painted = app.painted()?;
    ensure!(
        (painted.width, painted.height) == SIZE && painted.colours.len() > 3,
        "the heat map is {painted:?}"
    );
    app.click("view-original")?;
    let painted = app.painted()?;
    let nothing = painted.share("0 0 0 0");
    ensure!(nothing == 1.0, "over the original is {painted:?}");
    Ok(())
}

/// The overlay is as opaque as the slider says; a mask is neither photo nor mask when one sees through it.
fn opacity(app: &App) -> Result<()> {
    app.click("view-overlay")?;
    move_slider(app, "opacity", 0.3)?;
    let style = app.get("overlay")?.attribute("style")?;
    ensure!(style.contains("opacity: 0.3"), "the overlay has {style}");
    app.click("view-mask")?;
    app.find("[data-testid=opacity]:disabled")?;
    let style = app.get("overlay")?.attribute("style")?;
    ensure!(style.contains("opacity: 1;"), "the mask has {style}");
    Ok(())
}

/// Two presses zoom in and out again; two drags, which Safari tells of in the same way, do not.
fn pressing_twice(app: &App) -> Result<()> {
    let zoomed = ".cs-stage__view--zoomed";
    app.run(TWICE, json!([0]))?;
    app.find(zoomed)?;
    app.run(TWICE, json!([40]))?;
    app.find(zoomed)
        .context("two drags are taken for two presses")?;
    app.run(TWICE, json!([0]))?;
    app.find(&format!("html:not(:has({zoomed}))"))?;
    Ok(())
}

/// The line between photo and result comes and goes.
fn comparing(app: &App) -> Result<()> {
    app.click("compare")?;
    ensure!(app.value("split")? == 0.5, "at {}", app.value("split")?);
    // By the line itself, far from its handle.
    let stage = app.run(STAGE, json!([]))?;
    let [x, y, width, height] = serde_json::from_value::<[f64; 4]>(stage)?;
    let at = |across: f64| [x + across * width, y + 0.3 * height];
    app.drag(at(0.5), at(0.7))?;
    let split = app.value("split")?;
    ensure!((0.68..0.75).contains(&split), "at {split}");
    app.drag(at(0.3), at(0.4))?;
    ensure!(app.value("split")? == split, "at {}", app.value("split")?);
    // Who can't drag presses.
    app.drag(at(0.25), at(0.25))?;
    let split = app.value("split")?;
    ensure!((0.2..0.3).contains(&split), "at {split}");
    // Two fingers zoom, one of them on the line.
    app.run(PINCH, json!([]))?;
    app.find(".cs-stage__view--zoomed")?;
    ensure!(app.value("split")? == split, "at {}", app.value("split")?);
    app.click("zoom-fit")?;
    app.click("compare")?;
    app.find("html:not(:has([data-testid=split]))")?;
    app.click("compare")?;
    app.get("split")?;
    app.press(key::ESCAPE)?;
    app.find("html:not(:has([data-testid=split]))")
        .context("Escape does not leave the comparison")?;
    Ok(())
}

fn move_slider(app: &App, slider: &str, value: f32) -> Result<f64> {
    let (slider, result) = (app.get(slider)?.reference(), app.get("result")?.reference());
    let share = app.run(MOVE_SLIDER, json!([slider, value.to_string(), result]))?;
    share.as_f64().with_context(|| format!("it is {share}"))
}

fn share(app: &App) -> Result<f64> {
    Ok(app.get("result")?.attribute("data-share")?.parse()?)
}

/// As the slider's steps are.
fn two_digits(value: f32) -> f64 {
    (f64::from(value) * 100.0).round() / 100.0
}
