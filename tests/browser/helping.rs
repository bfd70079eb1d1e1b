//! Large photos on the CPU: several workers share the tiles, and whatever becomes of those, the map is the same.

use std::fs;

use anyhow::{Result, ensure};
use crack_segmenter::plan::Mode;
use rstest::rstest;
use serde_json::json;

use crate::harness::{App, Browser, Gpu, copy_of_app};
use crate::native::{self, Native};
use crate::page::PATIENCE;
use crate::segmenting::expect_agreement;

/// Large enough for helpers.
const SIZE: (u32, u32) = (1300, 900);

/// Counts the passes that helpers are given.
const COUNT: &str = r#"
    window.passes = 0;
    new BroadcastChannel("passes").onmessage = () => (window.passes += 1);
"#;

/// Comes behind a helper's own start.
const TELL: &str = r#"
    const passes = new BroadcastChannel("passes");
    self.addEventListener("message", ({ data }) => {
        if (data[0] instanceof Float32Array) passes.postMessage("pass");
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
            passes.postMessage("pass");
            for (;;);
        }
    });
"#;
const PATIENT: &str = r#"
    const setTimer = self.setTimeout;
    self.setTimeout = (call, delay = 0, ...rest) => (delay < 60_000 ? setTimer(call, delay, ...rest) : 0);
"#;

#[test]
fn a_helper_that_hangs_keeps_nobody_from_stopping() -> Result<()> {
    let site = copy_of_app("hanging")?;
    let change = |file: &str, code: &str| -> Result<()> {
        let file = site.join(file);
        Ok(fs::write(&file, fs::read_to_string(&file)? + code)?)
    };
    change("www/helper.js", &format!("{TELL}{HANG}"))?;
    change("www/worker.js", PATIENT)?;
    let app = App::open_site(Gpu::None, &site, COUNT)?;
    app.wait_until_ready()?;
    if app.run("return navigator.hardwareConcurrency", json!([]))? == 1 {
        eprintln!("skipped: with one core nobody helps");
        return Ok(());
    }
    app.choose(&[&native::photo("hanging.png", SIZE.0, SIZE.1)?])?;
    app.run(
        "return new Promise((done) => {
            const channel = new BroadcastChannel('passes');
            channel.onmessage = done;
            if (window.passes > 0) done();
        }).then(() => null)",
        json!([]),
    )?;
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
    let find = |name: &str, change: &dyn Fn(String) -> Option<String>| {
        let site = copy_of_app(name)?;
        let helper = site.join("www/helper.js");
        match change(fs::read_to_string(&helper)?) {
            Some(code) => fs::write(&helper, code)?,
            None => fs::remove_file(&helper)?,
        }
        let app = App::open_site(Gpu::None, &site, COUNT)?;
        app.wait_until_ready()?;
        app.choose(&[&photo])?;
        let found = app.wait_for_result()?;
        expect_agreement(&app, &found, &map, native.threshold)?;
        let values = image::load_from_memory(&app.download("probability")?.bytes)?.into_luma8();
        let seen = app.run(
            "return [window.passes, navigator.hardwareConcurrency]",
            json!([]),
        )?;
        let (passes, cores) = (seen[0].as_u64(), seen[1].as_u64());
        anyhow::Ok((values, passes, cores))
    };

    let (helped, passes, cores) = find("helped", &|code| Some(code + TELL))?;
    if cores < Some(2) {
        eprintln!("skipped: with one core nobody helps, so this compares one worker with itself");
        return Ok(());
    }
    ensure!(passes > Some(0), "nobody helped, on {cores:?} cores");
    let (alone, passes, _) = find("helpless", &|_| None)?;
    ensure!(passes == Some(0), "{passes:?} passes by nobody");
    ensure!(helped == alone, "helpers change the map");
    let (deserted, passes, _) = find("deserted", &|code| Some(code + TELL + DIE))?;
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
