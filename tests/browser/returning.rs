//! Photos and results outlast the page.

use anyhow::{Result, ensure};
use crack_segmenter::export::png_rgb;
use crack_segmenter::synthetic::{SceneSpec, generate};
use rstest::rstest;
use serde_json::json;

use crate::harness::{App, Browser, Gpu, dist};
use crate::native;
use crate::page::PATIENCE;

const NOTHING_LEFT: &str = "[data-testid=app]:not(:has([data-testid=left-over]))";

/// How many files of photos the browser keeps.
const COUNT_KEPT: &str = r#"
    return caches.keys()
        .then((names) => names.filter((name) => name.startsWith("crack-segmenter-session")))
        .then((names) => Promise.all(names.map((name) => caches.open(name).then((cache) => cache.keys()))))
        .then((files) => files.flat().length);
"#;

/// Moves the slider.
const MOVE: &str = r#"
    const [slider, value] = arguments;
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
"#;

const NO_ROOM_FOR_THE_FIRST: &str = r#"
    const put = Cache.prototype.put;
    Cache.prototype.put = function (url, response) {
        const isRefused = String(url).startsWith("?kept=1/");
        return isRefused ? Promise.reject(new DOMException("no room", "QuotaExceededError")) : put.call(this, url, response);
    };
"#;

#[rstest]
fn work_is_opened_again_as_it_was_left(
    #[values(Browser::Chromium, Browser::Firefox, Browser::WebKit)] browser: Browser,
) -> Result<()> {
    let app = App::open_in(browser)?;
    let scene = generate(&SceneSpec::varied(320, 240, 39));
    let cracked = native::file("returning.png", &png_rgb(&scene.photo, None)?)?;
    let other = native::photo("returning-too.png", 160, 120)?;
    app.choose(&[&cracked, &other])?;
    app.wait_for("[data-testid=card]:nth-child(2)[data-phase=done]", PATIENCE)?;
    app.wait_for_result()?;
    app.run(MOVE, json!([app.get("threshold")?.reference(), "0.5"]))?;
    let whole = app.wait_for_result()?;
    app.wait_for("[data-testid=cracks][aria-busy=false]", PATIENCE)?;
    app.click("crack-list")?;
    app.click_on(&app.find("[data-testid=leave-out]:not([aria-disabled])")?)?;
    let corrected = app.wait_for_another_result(&whole.job)?;
    wait_until_kept(&app)?;

    app.reload()?;
    app.wait_until_ready()?;
    let told = app.get("left-over")?.text()?;
    ensure!(told.contains("2 photos"), "told is {told}");
    app.click("open-left-over")?;
    let opened = app.wait_for_result()?;
    ensure!(
        opened.share == corrected.share,
        "{opened:?}, and before {corrected:?}"
    );
    let threshold = app.value("threshold")?;
    ensure!(threshold == 0.5, "the threshold is {threshold}");
    app.find("[data-testid=card]:nth-child(2)[data-phase=done]")?;
    ensure!(
        app.get("left-out")?.text()? == "1",
        "another number is left out"
    );
    let pixels = app.painted()?;
    ensure!((pixels.width, pixels.height) == (320, 240), "{pixels:?}");
    app.click_on(&app.find("[data-testid=put-back]:not([aria-disabled])")?)?;
    let put_back = app.wait_for_another_result(&opened.job)?;
    ensure!(
        put_back.share == whole.share,
        "{put_back:?}, and before {whole:?}"
    );
    Ok(())
}

#[test]
fn a_page_that_is_open_has_its_work_for_itself() -> Result<()> {
    let app = App::open(Gpu::None)?;
    app.choose(&[&native::photo("open.png", 160, 120)?])?;
    app.wait_for_result()?;
    wait_until_kept(&app)?;
    app.open_tab()?;
    app.reload()?;
    wait_until_kept(&app)?;
    app.find(NOTHING_LEFT).map(drop)
}

#[test]
fn what_cannot_be_kept_is_told_and_is_in_nobodys_way() -> Result<()> {
    let app = App::open_site(Gpu::None, &dist(), NO_ROOM_FOR_THE_FIRST)?;
    let photos = [("large.png", 176), ("small.png", 160)];
    let photos = photos.map(|(name, width)| native::photo(name, width, 120));
    let [large, small] = photos;
    app.choose(&[&large?, &small?])?;
    app.wait_for("[data-testid=card]:nth-child(2)[data-phase=done]", PATIENCE)?;
    let told = app.wait_for("[data-testid=work-kept][data-kept=failed]", PATIENCE)?;
    let told = told.text()?;
    ensure!(told.starts_with("Not all of this can be kept"), "{told}");
    app.reload()?;
    app.wait_until_ready()?;
    let told = app.get("left-over")?.text()?;
    ensure!(told.contains("One photo"), "told is {told}");
    app.click("open-left-over")?;
    app.wait_for_result()?;
    app.find("[title='small.png']").map(drop)
}

#[test]
fn what_is_taken_away_is_kept_no_longer() -> Result<()> {
    let app = App::open(Gpu::None)?;
    let photo = native::photo("taken-away.png", 160, 120)?;
    app.choose(&[&photo])?;
    app.wait_for_result()?;
    wait_until_kept(&app)?;
    let kept = app.run(COUNT_KEPT, json!([]))?;
    ensure!(kept != 0, "nothing is kept");
    app.click("clear")?;
    wait_until_kept(&app)?;
    let kept = app.run(COUNT_KEPT, json!([]))?;
    ensure!(kept == 0, "{kept} files are kept still");

    // An example comes with the app.
    app.click("example")?;
    app.wait_for_result()?;
    wait_until_kept(&app)?;
    let kept = app.run(COUNT_KEPT, json!([]))?;
    ensure!(kept == 0, "{kept} files of an example are kept");

    app.choose(&[&photo])?;
    app.wait_for("[data-testid=card]:nth-child(2)[data-phase=done]", PATIENCE)?;
    wait_until_kept(&app)?;
    app.reload()?;
    app.wait_until_ready()?;
    // It asks before.
    app.click("delete-left-over")?;
    app.get("left-over")?;
    app.click("delete-left-over")?;
    app.find(NOTHING_LEFT)?;
    app.find("[data-focus-first]:focus")?;
    app.reload()?;
    wait_until_kept(&app)?;
    app.find(NOTHING_LEFT)?;
    let kept = app.run(COUNT_KEPT, json!([]))?;
    ensure!(kept == 0, "{kept} files are kept still");
    app.expect_no_trouble()
}

#[test]
fn what_is_left_over_is_offered_beside_a_photo_too() -> Result<()> {
    let app = App::open(Gpu::None)?;
    app.choose(&[&native::photo("before.png", 160, 120)?])?;
    app.wait_for_result()?;
    wait_until_kept(&app)?;
    app.reload()?;
    app.wait_until_ready()?;
    app.choose(&[&native::photo("after.png", 120, 90)?])?;
    app.wait_for_result()?;
    app.click("open-left-over")?;
    app.wait_for("[data-testid=card]:nth-child(2)[data-phase=done]", PATIENCE)?;
    app.find(NOTHING_LEFT).map(drop)
}

/// Until all is kept as it is, and what was left over has been looked for.
fn wait_until_kept(app: &App) -> Result<()> {
    app.wait_for("[data-testid=work-kept][data-kept=complete]", PATIENCE)
        .map(drop)
}
