//! Several photos.

use anyhow::{Context as _, Result, ensure};
use rstest::rstest;
use serde_json::json;

use crate::harness::{App, Browser, Gpu, app_with, dist};
use crate::native;
use crate::page::{Found, PATIENCE};

/// Keeps the largest number of photos that were ever in work at a time.
const COUNT_WORKING: &str = r#"
    window.mostWorking = 0;
    const count = () => {
        const working = document.querySelectorAll("[data-phase=working]").length;
        window.mostWorking = Math.max(window.mostWorking, working);
    };
    new MutationObserver(count).observe(document, { attributes: true, childList: true, subtree: true });
"#;

/// Safari's way with a button that the mouse goes down on: it gets no focus, and loses what it has.
const PRESS_AS_SAFARI: &str = r#"
    document.addEventListener("mousedown", (event) => {
        if (event.defaultPrevented) return;
        event.preventDefault();
        document.activeElement.blur();
    });
"#;

#[rstest]
fn photos_are_worked_in_turn_and_taken_away(
    #[values(Browser::Chromium, Browser::WebKit)] browser: Browser,
) -> Result<()> {
    let sizes = [(160, 120), (176, 120), (192, 120)];
    let names = ["queue-1.png", "queue-2.png", "queue-3.png"];
    let small = names
        .iter()
        .zip(sizes)
        .map(|(name, (width, height))| native::photo(name, width, height))
        .collect::<Result<Vec<_>>>()?;
    let held = native::photo("queue-held.png", 320, 240)?;

    let app = App::open_holdable_in(browser)?;
    app.run(COUNT_WORKING, json!([]))?;
    app.choose(&[&small[0], &small[1], &small[2]])?;
    for card in 1..=3 {
        wait_for_card(&app, card, "done")?;
    }
    let most = app.run("return window.mostWorking", json!([]))?;
    ensure!(most == 1, "{most} photos in work at a time");

    let first = going_back_shows_the_same(&app)?;

    app.hold()?;
    app.choose(&[&held, &small[0]])?;
    wait_for_card(&app, 4, "working")?;
    wait_for_card(&app, 5, "waiting")?;
    app.click("cancel")?;
    app.release()?;
    wait_for_card(&app, 4, "stopped")?;
    wait_for_card(&app, 5, "done")?;
    // What others gave is to be had beside a photo without a result, too.
    app.click_on(&app.find(&format!("{} button", card(4)))?)?;
    app.find("html:not(:has([data-testid=result])) [data-testid=download-all]")?;

    remove(&app, 4)?;
    app.find(&format!("{} button:focus", card(4)))
        .context("the focus is lost")?;
    app.find("[data-testid=strip]:not(:has([data-testid=card]:nth-child(5)))")?;
    app.run(PRESS_AS_SAFARI, json!([]))?;
    app.click("clear")?;
    ensure!(
        app.get("strip").is_ok(),
        "four photos are cleared by one slip"
    );
    app.click("clear")?;
    app.get("choose")?;
    app.find("html:not(:has([data-testid=strip], [data-testid=result], [data-testid=stage]))")?;

    app.hold()?;
    app.choose(&[&held, &small[0]])?;
    wait_for_card(&app, 1, "working")?;
    remove(&app, 1)?;
    app.release()?;
    let last = app.wait_for_result()?;
    app.find("html:not(:has([data-testid=strip]))")?;
    ensure!(
        last.share == first.share,
        "the photo after the one taken away gives {last:?}, and gave {first:?}"
    );
    app.expect_no_trouble()
}

/// Removes the second photo by its button, which has the focus, just after another was selected. Gives back who has the focus
/// when all that was to happen at the next frames has happened.
const REMOVE_AFTER_A_CHANGE: &str = r#"
    const frame = () => new Promise((next) => requestAnimationFrame(next));
    const of = (number, part) => document.querySelector(`[data-testid=card]:nth-child(${number}) ${part}`);
    return (async () => {
        const remove = of(2, "[data-testid=remove]");
        remove.focus();
        of(1, "button").click();
        // The page sees the change, and has not yet drawn it.
        for (let turn = 0; turn < 100; turn += 1) await null;
        remove.click();
        for (let drawn = 0; drawn < 4; drawn += 1) await frame();
        return document.activeElement === of(2, "button");
    })();
"#;

#[test]
fn the_focus_stays_where_a_removal_put_it() -> Result<()> {
    let photos = ["focus-1.png", "focus-2.png", "focus-3.png"];
    let [one, two, three] = photos.map(|name| native::photo(name, 160, 120));
    let app = App::open(Gpu::None)?;
    app.choose(&[&one?, &two?, &three?])?;
    for number in 1..=3 {
        wait_for_card(&app, number, "done")?;
    }
    app.click_on(&app.find(&format!("{} button", card(3)))?)?;
    let stayed = app.run(REMOVE_AFTER_A_CHANGE, json!([]))?;
    ensure!(stayed == true, "another part of the page took the focus");
    app.expect_no_trouble()
}

/// Presses Delete on the second photo, which has the focus, as when the key is held down or not. Gives back how many there are then,
/// and whether the second has the focus.
const DELETE: &str = r#"
    const [repeat] = arguments;
    const frame = () => new Promise((next) => requestAnimationFrame(next));
    const select = () => document.querySelector("[data-testid=card]:nth-child(2) button");
    return (async () => {
        select().focus();
        select().dispatchEvent(new KeyboardEvent("keydown", { key: "Delete", repeat, bubbles: true, cancelable: true }));
        for (let drawn = 0; drawn < 4; drawn += 1) await frame();
        return [document.querySelectorAll("[data-testid=card]").length, document.activeElement === select()];
    })();
"#;

#[test]
fn the_delete_key_takes_one_photo_away() -> Result<()> {
    let photos = ["delete-1.png", "delete-2.png", "delete-3.png"];
    let [one, two, three] = photos.map(|name| native::photo(name, 160, 120));
    let app = App::open(Gpu::None)?;
    app.choose(&[&one?, &two?, &three?])?;
    for number in 1..=3 {
        wait_for_card(&app, number, "done")?;
    }
    let held = app.run(DELETE, json!([true]))?;
    ensure!(held == json!([3, true]), "the key held down leaves {held}");
    let pressed = app.run(DELETE, json!([false]))?;
    ensure!(pressed == json!([2, true]), "the key leaves {pressed}");
    app.expect_no_trouble()
}

#[test]
fn what_other_settings_made_is_marked_and_run_again() -> Result<()> {
    let photos = ["settings-1.png", "settings-2.png", "settings-3.png"]
        .map(|name| native::photo(name, 160, 120));
    let [one, two, three] = photos;
    let app = App::open(Gpu::None)?;
    app.choose(&[&one?, &two?, &three?])?;
    for number in 1..=3 {
        wait_for_card(&app, number, "done")?;
    }
    app.open_settings()?;
    app.click("mode-space")?;
    wait_for_card(&app, 1, "done]:not([data-outdated")?;
    wait_for_card(&app, 2, "done][data-outdated")?;
    wait_for_card(&app, 3, "done][data-outdated")?;
    app.click("run-outdated")?;
    for number in 2..=3 {
        wait_for_card(&app, number, "done]:not([data-outdated")?;
    }
    app.find("html:not(:has([data-testid=run-outdated]))")?;
    app.expect_no_trouble()
}

/// Whether the browser would ask before it leaves the page.
const WOULD_ASK: &str =
    r#"return !dispatchEvent(new Event("beforeunload", { cancelable: true }));"#;

#[test]
fn the_page_is_not_left_with_results_that_nobody_has() -> Result<()> {
    let app = App::open(Gpu::None)?;
    let would_ask = || anyhow::Ok(app.run(WOULD_ASK, json!([]))? == true);
    ensure!(!would_ask()?, "without a photo");
    app.choose(&[&native::photo("leaving.png", 160, 120)?])?;
    app.wait_for_result()?;
    ensure!(would_ask()?, "with a result");
    app.download("mask")?;
    app.wait_for("[data-testid=download-mask][aria-disabled=false]", PATIENCE)?;
    ensure!(!would_ask()?, "with a result that was downloaded");
    Ok(())
}

#[test]
fn a_download_does_not_wait_for_the_photo_in_work() -> Result<()> {
    let app = App::open_holdable(Gpu::None)?;
    app.choose(&[&native::photo("download-small.png", 160, 120)?])?;
    app.wait_for_result()?;
    app.hold()?;
    app.choose(&[&native::photo("download-held.png", 320, 240)?])?;
    wait_for_card(&app, 2, "working")?;
    app.click("previous")?;
    app.find(&format!("{}:has([aria-current])", card(1)))?;
    let name = app.download("mask")?.name;
    ensure!(name == "download-small.mask.png", "named {name}");
    app.find(&format!("{}[data-phase=working]", card(2)))
        .context("the download came when the photo in work was done")?;
    app.release()?;
    app.expect_no_trouble()
}

/// Has the exports wait that are asked for while `held` is a list.
const HELD_EXPORTS: &str = r#"
    window.held = null;
    window.Worker = class extends Worker {
        postMessage(envelope, ...rest) {
            const post = () => super.postMessage(envelope, ...rest);
            if (window.held && envelope.message?.type === "export") window.held.push(post);
            else post();
        }
    };
"#;

#[test]
fn the_download_of_all_can_be_given_up() -> Result<()> {
    let app = App::open_site(Gpu::None, &dist(), HELD_EXPORTS)?;
    app.choose(&[&native::photo("given-up.png", 160, 120)?])?;
    app.wait_for_result()?;
    app.run("window.held = []", json!([]))?;
    app.click("download-all")?;
    app.find("[data-testid=download-all][aria-busy=true]")?;
    app.click("cancel-collecting")?;
    let told = app.get("collecting")?.text()?;
    ensure!(told.contains("Stopping"), "told is {told}");
    app.run(
        "window.held.forEach((post) => post()); window.held = null",
        json!([]),
    )?;
    app.wait_for("[data-testid=download-all][aria-disabled=false]", PATIENCE)?;
    app.find("html:not(:has([data-testid=collecting]))")?;
    let all = app.download("all")?;
    ensure!(all.name == "cracks.zip", "named {}", all.name);
    app.expect_no_trouble()
}

/// An iPad's home screen, which wants a press for each file that is shared; the person gives up once.
const HOME_SCREEN: &str = r#"
    Object.defineProperty(navigator, "standalone", { value: true });
    Object.defineProperty(navigator, "maxTouchPoints", { value: 5 });
    window.shared = [];
    const refusals = ["NotAllowedError", "AbortError"];
    navigator.share = async ({ files: [file] }) => {
        const refusal = refusals.shift();
        if (refusal) throw new DOMException("not shared", refusal);
        window.shared.push(file.name);
    };
"#;

#[test]
fn a_file_that_wants_another_press_waits_for_it() -> Result<()> {
    let app = App::open_site(Gpu::None, &dist(), HOME_SCREEN)?;
    app.choose(&[&native::photo("home-screen.png", 160, 120)?])?;
    app.wait_for_result()?;
    app.click("download-all")?;
    app.wait_for("[data-testid=save-ready]", PATIENCE)?;
    app.click("save-ready")?;
    app.get("save-ready")
        .context("what was given up is not ready any more")?;
    app.click("save-ready")?;
    app.wait_for("html:not(:has([data-testid=save-ready]))", PATIENCE)?;
    let shared = app.run("return window.shared", json!([]))?;
    ensure!(shared == json!(["cracks.zip"]), "{shared} was shared");
    app.expect_no_trouble()
}

/// A worker to whose clock everything takes a thousand times as long.
const SLOW: &str = r#"
    const now = performance.now.bind(performance);
    performance.now = () => now() * 1000;
"#;

#[test]
fn what_a_slow_device_works_reduced_is_worked_in_full_if_asked() -> Result<()> {
    let app = App::open_site(Gpu::None, &app_with(SLOW)?, "")?;
    app.choose(&[&native::photo("reduced.png", 2000, 1500)?])?;
    let reduced = app.wait_for_result()?;
    let facts = app.get("result")?.text()?;
    ensure!(facts.contains("1600"), "it was worked as {facts}");
    app.click("run-full")?;
    let full = app.wait_for_another_result(&reduced.job)?;
    ensure!(full.share != reduced.share, "both find {reduced:?}");
    app.find("html:not(:has([data-testid=run-full]))")?;
    app.expect_no_trouble()
}

#[test]
fn the_focus_stays_nowhere_where_a_press_put_it() -> Result<()> {
    let app = App::open_holdable(Gpu::None)?;
    app.choose(&[&native::photo("nowhere-small.png", 160, 120)?])?;
    app.wait_for_result()?;
    app.hold()?;
    app.choose(&[&native::photo("nowhere-held.png", 320, 240)?])?;
    wait_for_card(&app, 2, "working")?;
    // Only text.
    app.click_on(&app.find(".cs-name__place")?)?;
    app.find("html:not(:has(:focus))")?;
    app.release()?;
    wait_for_card(&app, 2, "done")?;
    let has_focus = app.run(FOCUS_FRAMES_LATER, json!([]))?;
    ensure!(has_focus == false, "the focus is somewhere");
    Ok(())
}

/// Whether anything has the focus when all that was to happen at the next frames has happened.
const FOCUS_FRAMES_LATER: &str = r#"
    const frame = () => new Promise((next) => requestAnimationFrame(next));
    return (async () => {
        for (let drawn = 0; drawn < 4; drawn += 1) await frame();
        return document.activeElement !== document.body;
    })();
"#;

#[test]
fn the_photo_in_work_can_be_stopped_beside_another() -> Result<()> {
    let app = App::open_holdable(Gpu::None)?;
    app.choose(&[&native::photo("beside-small.png", 160, 120)?])?;
    app.wait_for_result()?;
    app.hold()?;
    app.choose(&[&native::photo("beside-held.png", 320, 240)?])?;
    wait_for_card(&app, 2, "working")?;
    app.find("html:not(:has([data-testid=other-progress]))")?;
    app.click("previous")?;
    let told = app.get("other-progress")?.text()?;
    ensure!(told.contains("beside-held.png"), "in work is {told}");
    app.click("cancel-all")?;
    app.find("[data-testid=cancel-all][aria-disabled=true]")?;
    app.release()?;
    wait_for_card(&app, 2, "stopped")?;
    app.find("html:not(:has([data-testid=other-progress]))")?;
    let told = app.told()?;
    ensure!(
        told == "The queue is finished: 0 done, 1 stopped.",
        "told is {told}"
    );
    app.expect_no_trouble()
}

/// The three results, each with its own picture, forwards and backwards. Gives back the first.
fn going_back_shows_the_same(app: &App) -> Result<Found> {
    let look = |number: u32, width: u32| -> Result<_> {
        app.find(&format!("{}:has([aria-current])", card(number)))?;
        // The canvas is as large as the photo as soon as the photo's map is there.
        app.find(&format!("canvas[data-testid=overlay][width='{width}']"))?;
        Ok((app.wait_for_result()?, app.painted()?))
    };
    let first = look(1, 160)?;
    app.click("next")?;
    let second = look(2, 176)?;
    app.click("next")?;
    let third = look(3, 192)?;
    ensure!(
        first.0.job != second.0.job && second.0.job != third.0.job,
        "three photos, and the results {:?}, {:?}, {:?}",
        first.0,
        second.0,
        third.0
    );
    app.click("previous")?;
    let again = look(2, 176)?;
    ensure!(again == second, "{second:?} is now {again:?}");
    app.click("previous")?;
    let again = look(1, 160)?;
    ensure!(again == first, "{first:?} is now {again:?}");
    Ok(first.0)
}

fn card(number: u32) -> String {
    format!("[data-testid=card]:nth-child({number})")
}

fn wait_for_card(app: &App, number: u32, phase: &str) -> Result<()> {
    let css = format!("{}[data-phase={phase}]", card(number));
    app.wait_for(&css, PATIENCE).map(drop)
}

fn remove(app: &App, number: u32) -> Result<()> {
    app.click_on(&app.find(&format!("{} [data-testid=remove]", card(number)))?)
}
