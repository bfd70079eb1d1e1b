//! Large photos on the CPU: several workers share the tiles, and whatever becomes of those, the map is the same.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use crack_segmenter::plan::Mode;
use rstest::rstest;
use serde_json::json;

use crate::harness::{App, Browser, Gpu, HOLDABLE, copy_of_app};
use crate::native::{self, Native};
use crate::page::PATIENCE;
use crate::segmenting::expect_agreement;

/// Large enough for helpers.
const SIZE: (u32, u32) = (1300, 900);

/// Counts the helpers that can be asked, and the passes that they are given.
const COUNT: &str = r#"
    window.helpers = 0;
    window.passes = 0;
    new BroadcastChannel("helping").onmessage = ({ data }) => (window[data] += 1);
"#;

/// Waits until there is one of what is counted.
const WAIT_FOR: &str = r#"
    const [counted] = arguments;
    return new Promise((resolve) => {
        const channel = new BroadcastChannel("helping");
        channel.onmessage = ({ data }) => data === counted && resolve();
        if (window[counted] > 0) resolve();
    });
"#;

/// Comes behind the worker's own start: tells when a helper can be asked, which is what its first message says.
const TELL_LOADED: &str = r#"
    const helping = new BroadcastChannel("helping");
    self.Worker = class extends Worker {
        constructor(...given) {
            super(...given);
            this.addEventListener("message", () => helping.postMessage("helpers"), { once: true });
        }
    };
"#;

/// Comes behind a helper's own start.
const TELL: &str = r#"
    const helping = new BroadcastChannel("helping");
    self.addEventListener("message", ({ data }) => {
        if (data[0] instanceof Float32Array) helping.postMessage("passes");
    });
"#;
/// Ends a helper's pass.
const DIE: &str = r#"
    self.addEventListener("message", ({ data }) => {
        if (data[0] instanceof Float32Array) throw new Error("ended by a test");
    });
"#;

/// A helper that never answers, and a worker whose patience with it does not end.
const HANG: &str = r#"
    self.addEventListener("message", ({ data }) => {
        if (data[0] instanceof Float32Array) {
            helping.postMessage("passes");
            for (;;);
        }
    });
"#;
const PATIENT: &str = r#"
    const setAnyTimer = self.setTimeout;
    self.setTimeout = (call, delay = 0, ...rest) => (delay < 60_000 ? setAnyTimer(call, delay, ...rest) : 0);
"#;

/// Adds code to one of the app's files.
fn add(site: &Path, file: &str, code: &str) -> Result<()> {
    let file = site.join(file);
    Ok(fs::write(&file, fs::read_to_string(&file)? + code)?)
}

/// Chooses a photo, which waits until somebody can help with it: a helper may take longer to start than a fast worker takes for
/// all of it.
fn choose_with_help(app: &App, photo: &Path) -> Result<()> {
    app.hold()?;
    app.choose(&[photo])?;
    app.run(WAIT_FOR, json!(["helpers"]))?;
    app.release()
}

#[test]
fn a_helper_that_hangs_keeps_nobody_from_stopping() -> Result<()> {
    let site = copy_of_app("hanging")?;
    add(&site, "www/helper.js", &format!("{TELL}{HANG}"))?;
    let of_worker = format!("{HOLDABLE}{TELL_LOADED}{PATIENT}");
    add(&site, "www/worker.js", &of_worker)?;
    let app = App::open_site(Gpu::None, &site, COUNT)?;
    app.wait_until_ready()?;
    if app.run("return navigator.hardwareConcurrency", json!([]))? == 1 {
        eprintln!("skipped: with one core nobody helps");
        return Ok(());
    }
    choose_with_help(&app, &native::photo("hanging.png", SIZE.0, SIZE.1)?)?;
    app.run(WAIT_FOR, json!(["passes"]))?;
    app.click("cancel")?;
    app.wait_for("[data-testid=app][data-state=ready]", PATIENCE)?;
    Ok(())
}

#[test]
fn several_workers_find_what_one_finds() -> Result<()> {
    let native = Native::load()?;
    let photo = native::photo("helping.png", SIZE.0, SIZE.1)?;
    let map = native.map(&photo, Mode::Native)?;
    ensure!(
        map.crack_share(native.threshold) > 0.001,
        "this photo has hardly a crack: it tests nothing"
    );
    // Without code for the helpers there are none.
    let find = |name: &str, of_helper: Option<&str>| {
        let site = copy_of_app(name)?;
        match of_helper {
            Some(code) => add(&site, "www/helper.js", code)?,
            None => fs::remove_file(site.join("www/helper.js"))?,
        }
        add(&site, "www/worker.js", &format!("{HOLDABLE}{TELL_LOADED}"))?;
        let app = App::open_site(Gpu::None, &site, COUNT)?;
        app.wait_until_ready()?;
        let cores = app.run("return navigator.hardwareConcurrency", json!([]))?;
        if of_helper.is_some() && cores != 1 {
            choose_with_help(&app, &photo)?;
        } else {
            app.choose(&[&photo])?;
        }
        let found = app.wait_for_result()?;
        expect_agreement(&app, &found, &map, native.threshold)?;
        let values = image::load_from_memory(&app.download("probability")?.bytes)?.into_luma8();
        let passes = app.run("return window.passes", json!([]))?.as_u64();
        anyhow::Ok((values, passes, cores))
    };

    let (helped, passes, cores) = find("helped", Some(TELL))?;
    if cores == 1 {
        eprintln!("skipped: with one core nobody helps, so this compares one worker with itself");
        return Ok(());
    }
    ensure!(passes > Some(0), "nobody helped, on {cores} cores");
    let (alone, passes, _) = find("helpless", None)?;
    ensure!(passes == Some(0), "{passes:?} passes by nobody");
    ensure!(helped == alone, "helpers change the map");
    let (deserted, passes, _) = find("deserted", Some(&format!("{TELL}{DIE}")))?;
    ensure!(passes > Some(0), "nobody was there to be lost");
    ensure!(deserted == alone, "a helper that is lost changes the map");
    Ok(())
}

/// Where an error that nobody heeds climbs from a helper to the worker that started it.
#[rstest]
fn a_helper_that_is_lost_takes_nobody_along(
    #[values(Browser::Firefox, Browser::WebKit)] browser: Browser,
) -> Result<()> {
    let native = Native::load()?;
    let photo = native::photo("deserted.png", SIZE.0, SIZE.1)?;
    let share = native
        .map(&photo, Mode::Native)?
        .crack_share(native.threshold);
    let site = copy_of_app(&format!("deserted-{browser:?}"))?;
    let helper = site.join("www/helper.js");
    fs::write(&helper, fs::read_to_string(&helper)? + DIE)?;
    let app = App::open_site_in(browser, &site)?;
    app.wait_until_ready()?;
    app.choose(&[&photo])?;
    let found = app.wait_for_result()?;
    ensure!(
        (found.share - share).abs() <= 1e-3,
        "the page says {}, the native program {share}",
        found.share
    );
    app.open_settings()?;
    let words = app.find("[data-testid=app]")?.text()?;
    ensure!(!words.contains("stopped unexpectedly"), "{words}");
    Ok(())
}
