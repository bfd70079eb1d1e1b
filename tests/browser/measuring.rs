//! Cracks as figures, and all results at once: what the page tells and hands over is what the library makes of the same maps.

use std::io::{Cursor, Read as _};
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use crack_segmenter::export::{Provenance, png_rgb};
use crack_segmenter::mask::ProbabilityMap;
use crack_segmenter::measure::{self, Crack, Decimals, Measured, Measurements, Scale, measure};
use crack_segmenter::plan::Mode;
use crack_segmenter::synthetic::{SceneSpec, generate};
use data_url::DataUrl;
use rstest::rstest;
use serde_json::json;

use crate::harness::{App, Browser, Gpu};
use crate::native;
use crate::page::{Download, PATIENCE};

const SIZE: [u32; 2] = [320, 240];

/// The length that the ruler is said to have, in millimetres, with a comma. It lies along half of the photo's width.
const MILLIMETRES: f64 = 40.0;

/// Where the middles of the ruler's ends are in the window, once they have come to rest.
const RULER_ENDS: &str = r#"
    const middle = ({ x, y, width, height }) => [x + width / 2, y + height / 2];
    const ends = () => [...document.querySelectorAll("[data-testid=ruler-end]")].map((end) => middle(end.getBoundingClientRect()));
    return new Promise((resolve) => {
        const look = (before) => {
            const now = ends();
            if (String(now) === String(before)) resolve(now);
            else requestAnimationFrame(() => look(now));
        };
        look(null);
    });
"#;

#[rstest]
fn cracks_are_measured_and_the_ruler_gives_the_scale(
    #[values(Browser::Chromium, Browser::WebKit)] browser: Browser,
) -> Result<()> {
    let app = App::open_in(browser)?;
    let photo = "measuring.png";
    app.choose(&[&native::photo(photo, SIZE[0], SIZE[1])?])?;
    app.wait_for_result()?;
    wait_until_measured(&app)?;
    let map = map_of(&app.download("probability")?)?;
    let threshold = app.value("threshold")? as f32;
    let expected = measure(&map, threshold);
    ensure!(!expected.cracks.is_empty(), "this photo has no crack");
    expect_figures(&app, &expected)?;
    expect_table(&app, photo, &expected, threshold, None, 0)?;

    // Another threshold, another measure.
    let is_busy = app.run(MOVE, json!([app.get("threshold")?.reference(), "0.8"]))?;
    ensure!(is_busy == true, "it is not told that the figures are old");
    wait_until_measured(&app)?;
    let expected = measure(&map, 0.8);
    expect_figures(&app, &expected)?;

    app.click("ruler")?;
    app.find("[data-testid=ruler-end]:focus")?;
    app.click("ruler-set")?;
    app.get("ruler-line")
        .context("a ruler without a length is taken")?;
    app.find("[data-testid=ruler-length][aria-invalid=true]")?;
    // Twelve hundred to some, little more than one to others.
    let length = app.get("ruler-length")?.reference();
    app.run(MOVE, json!([length, "1.200"]))?;
    app.click("ruler-set")?;
    app.find("[data-testid=ruler-length][aria-invalid=true]:focus")?;
    app.run(MOVE, json!([length, "40,0"]))?;
    app.click("ruler-set")?;
    app.find("html:not(:has([data-testid=ruler-line]))")?;
    app.find("[data-testid=ruler]:focus")?;
    let scale = Scale::of_length(f64::from(SIZE[0]) / 2.0, MILLIMETRES);
    let told = app.get("scale")?.text()?;
    ensure!(told == "1 px = 0.250 mm", "the scale is {told}");
    let told = app.get("crack-length")?.text()?;
    let millimetres = expected.length() * 0.25;
    ensure!(
        told == format!("{millimetres:.1} mm") || told == format!("{millimetres:.0} mm"),
        "{told} instead of {millimetres} mm"
    );
    expect_table(&app, photo, &expected, 0.8, scale, 0)?;

    // It is found again as it was laid.
    app.click("ruler")?;
    app.find("[data-testid=ruler-length][value='40,0']")?;
    app.click("ruler-remove")?;
    expect_figures(&app, &expected)?;
    app.expect_no_trouble()
}

/// In Chromium alone: in WebKit the stage may still move once the ends are pressed, and nobody knows where they will be.
#[test]
fn a_press_brings_the_rulers_nearer_end() -> Result<()> {
    let app = App::open(Gpu::None)?;
    app.choose(&[&native::photo("pressed.png", SIZE[0], SIZE[1])?])?;
    app.wait_for_result()?;
    wait_until_measured(&app)?;
    app.click("ruler")?;
    app.find("[data-testid=ruler-end]:focus")?;
    let ends = || -> Result<[[f64; 2]; 2]> {
        Ok(serde_json::from_value(app.run(RULER_ENDS, json!([]))?)?)
    };
    let [first, second] = ends()?;
    let pressed = [first[0] + 20.0, first[1] + 30.0];
    app.drag(pressed, pressed)?;
    let now = ends()?;
    let away = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
    ensure!(
        away(now[0], pressed) < 2.0 && away(now[1], second) < 2.0,
        "the ends are at {now:?}"
    );
    app.expect_no_trouble()
}

#[rstest]
fn each_crack_is_listed_and_found_on_the_photo(
    #[values(Browser::Chromium, Browser::WebKit)] browser: Browser,
) -> Result<()> {
    let app = App::open_in(browser)?;
    let scene = generate(&SceneSpec::varied(SIZE[0], SIZE[1], 15));
    app.choose(&[&native::file("listed.png", &png_rgb(&scene.photo, None)?)?])?;
    app.wait_for_result()?;
    wait_until_measured(&app)?;
    let map = map_of(&app.download("probability")?)?;
    let expected = measure(&map, app.value("threshold")? as f32);
    ensure!(expected.cracks.len() > 1, "one crack is no list");

    app.find("html:not(:has([data-testid=crack-numbers]))")?;
    app.click("crack-list")?;
    app.find("[data-testid=crack-numbers] .cs-number")?;
    let rows: Vec<Vec<String>> = serde_json::from_value(app.run(ROWS, json!([]))?)?;
    let expected_rows = expected.cracks.iter().enumerate().map(|(index, crack)| {
        let length = crack.length;
        let decimals = usize::from(length < 9.95);
        vec![
            (index + 1).to_string(),
            format!("{length:.decimals$} px"),
            format!("{:.1} px", crack.mean_width),
            format!("{:.1} px", crack.max_width),
            // What leaves it out is a picture.
            String::new(),
        ]
    });
    let expected_rows: Vec<_> = expected_rows.collect();
    ensure!(
        rows == expected_rows,
        "{rows:?} instead of {expected_rows:?}"
    );

    // Each number is where its crack is widest.
    let places: Vec<(String, [f64; 2])> = serde_json::from_value(app.run(PLACES, json!(SIZE))?)?;
    ensure!(places.len() == expected.cracks.len(), "{places:?}");
    for (number, place) in &places {
        let crack = &expected.cracks[number.parse::<usize>()? - 1];
        for axis in 0..2 {
            let away = place[axis] - crack.widest[axis] - 0.5;
            ensure!(away.abs() < 0.5, "{number} stands at {place:?}");
        }
    }

    let meeting = app.run(MEETING, json!([]))?;
    ensure!(meeting == json!([]), "numbers cover each other: {meeting}");

    // A mark can be pressed, too, away from all numbers.
    let away = |crack: &&Crack| {
        let [x, y] = crack.start.map(f64::from);
        let mut others = expected.cracks.iter().map(|crack| crack.widest);
        others.all(|[other_x, other_y]| (other_x - x).hypot(other_y - y) > 24.0)
    };
    let pressed = expected.cracks.iter().find(away);
    let pressed = pressed.context("no mark without a number")?;
    app.run(PRESS_AT, json!([pressed.start, SIZE]))?;
    let row = expected.cracks.iter().position(|crack| crack == pressed);
    let row = row.unwrap_or_default() + 1;
    app.find(&format!(
        "tr:nth-child({row}) [data-testid=show-crack][aria-current=true]"
    ))?;
    app.run(ESCAPE, json!([]))?;

    // The shortest, which does not fill the photo.
    app.run(PRESS_LAST, json!([]))?;
    app.find("tr:last-child [data-testid=show-crack][aria-current=true]")?;
    let label = app.find(".cs-number--chosen b")?.text()?;
    app.find(".cs-stage__view--zoomed")?;
    let told = app.told()?.replace('\u{a0}', " ");
    ensure!(told == label, "{label} is told as {told}");
    // Nothing stands on the photo as it is, but the frame of what is looked at.
    app.click("view-original")?;
    app.find("html:not(:has(.cs-number)) .cs-crack-frame:not([hidden])")?;
    app.click("view-overlay")?;

    // What is measured anew has other numbers.
    app.run(MOVE, json!([app.get("threshold")?.reference(), "0.3"]))?;
    wait_until_measured(&app)?;
    app.find("html:not(:has([data-testid=show-crack][aria-current], .cs-number--chosen))")?;
    app.click("zoom-fit")?;
    app.run(PRESS_LAST, json!([]))?;
    app.run(ESCAPE, json!([]))?;
    app.find("html:not(:has([data-testid=show-crack][aria-current]))")?;
    // Pressed on the photo it tells its size, and is found in the list.
    app.click("zoom-fit")?;
    app.run(PRESS, json!([]))?;
    let told = app.find(".cs-number--chosen b")?.text()?;
    ensure!(told.contains(" px long, "), "it tells {told}");
    app.find("[data-testid=show-crack][aria-current=true]")?;
    app.run(PRESS, json!([]))?;
    app.find("html:not(:has([data-testid=show-crack][aria-current]))")?;
    app.click("crack-list")?;
    app.find("html:not(:has([data-testid=crack-numbers]))")?;
    app.expect_no_trouble()
}

#[rstest]
fn a_mark_that_is_no_crack_is_left_out_and_put_back(
    #[values(Browser::Chromium, Browser::WebKit)] browser: Browser,
) -> Result<()> {
    let app = App::open_in(browser)?;
    let scene = generate(&SceneSpec::varied(SIZE[0], SIZE[1], 39));
    let photo = "left-out.png";
    app.choose(&[&native::file(photo, &png_rgb(&scene.photo, None)?)?])?;
    app.wait_for_result()?;
    wait_until_measured(&app)?;
    let whole = map_of(&app.download("probability")?)?;
    let threshold = app.value("threshold")? as f32;
    let all = measure(&whole, threshold);
    ensure!(all.cracks.len() > 2, "too few cracks to leave out some");

    app.click("crack-list")?;
    let (mut left, mut share) = (whole.clone(), app.get("result")?.attribute("data-share")?);
    for (number, place) in [(1, 1), (2, 1)] {
        let before = measure(&left, threshold);
        left.remove_mark(before.cracks[place - 1].start, threshold);
        let leave_out = format!("tr:nth-child({place}) [data-testid=leave-out]");
        app.click_on(&app.find(&format!("{leave_out}{CORRECTABLE}"))?)?;
        app.find(&format!("{leave_out}:focus"))?;
        let told = app.told()?;
        let words = format!("Crack {place} is left out; left out in all: {number}.");
        ensure!(told == words, "told is {told}");
        ensure!(
            app.get("left-out")?.text()? == number.to_string(),
            "another number"
        );
        let now = app.get("result")?.attribute("data-share")?;
        ensure!(now != share, "the share is still {now:?}");
        share = now;
        wait_until_measured(&app)?;
        app.find("[data-testid=leave-out]:focus")?;
        let expected = measure(&left, threshold);
        expect_figures(&app, &expected)?;
        expect_table(&app, photo, &expected, threshold, None, number)?;
        let corrected = map_of(&app.download("probability")?)?;
        ensure!(corrected == left, "another map");
    }

    let place = app.run(MIDDLE_OF_PUT_BACK, json!([]))?;
    app.click("put-back")?;
    wait_until_measured(&app)?;
    // The list is longer now. Who presses once more there must not undo all.
    let there = app.run(WHAT_IS_AT, json!([place]))?;
    ensure!(there != "leave-out-all", "{there} is under the finger");
    app.find("[data-testid=put-back]:focus")?;
    let told = app.told()?;
    ensure!(
        told == "What was left out last is back; still left out: 1.",
        "told is {told}"
    );
    // It is shown: once more the longest that is left.
    app.find("tr:first-child [data-testid=show-crack][aria-current=true]")?;
    app.click("put-back")?;
    app.find("html:not(:has([data-testid=put-back]))")?;
    app.find("[data-testid=crack-list]:focus")?;
    wait_until_measured(&app)?;
    expect_figures(&app, &all)?;
    expect_table(&app, photo, &all, threshold, None, 0)?;
    let restored = map_of(&app.download("probability")?)?;
    ensure!(restored == whole, "another map");

    // What is too short to be listed has a button of its own.
    ensure!(all.specks > 0, "no mark is too short");
    app.click("leave-out-specks")?;
    app.find("html:not(:has([data-testid=specks])) [data-testid=put-back]:focus")?;
    wait_until_measured(&app)?;
    expect_figures(&app, &all)?;
    let (left_out, specks) = (app.get("left-out")?.text()?, all.specks.to_string());
    ensure!(left_out == specks, "{left_out} are left out, not {specks}");
    let without = measure(&map_of(&app.download("probability")?)?, threshold);
    ensure!(
        without.specks == 0 && without.cracks == all.cracks,
        "{without:?}"
    );
    app.click("put-back")?;
    wait_until_measured(&app)?;
    app.find("[data-testid=specks]")?;
    // Of all that is found nothing is left, not even that.
    app.click("leave-out-all")?;
    app.find("[data-testid=crack-list]:focus")?;
    wait_until_measured(&app)?;
    ensure!(app.get("cracks")?.text()? == "None", "some are left");
    let share = app.get("result")?.attribute("data-share")?;
    ensure!(share == "0", "{share} is left");
    // Not thrown away unasked, neither by another mode nor by one press.
    app.open_settings()?;
    app.run(CHOOSE_THOROUGH, json!([]))?;
    app.find("[data-testid=run-outdated]")?;
    app.run(RUN_OUTDATED, json!([]))?;
    let asked = app
        .find("[data-testid=run-outdated][data-asking]")?
        .text()?;
    ensure!(asked == "Run again all the same?", "asked is {asked}");
    app.get("put-back")?;
    app.click("clear")?;
    app.get("put-back")?;
    app.expect_no_trouble()
}

#[test]
fn a_corrected_photo_of_several_says_so_and_is_not_removed_by_one_press() -> Result<()> {
    let app = App::open_in(Browser::Chromium)?;
    app.choose(&[&native::photo("corrected.png", 320, 240)?])?;
    app.wait_for_result()?;
    wait_until_measured(&app)?;
    app.click("crack-list")?;
    let leave_out_all = format!("[data-testid=leave-out-all]{CORRECTABLE}");
    app.click_on(&app.find(&leave_out_all)?)?;
    app.choose(&[&native::photo("beside.png", 300, 240)?])?;
    let card = |rest: &str| format!("[data-testid=card]:first-child {rest}");
    let corrected =
        card("button[aria-label='corrected.png, photo 1 of 2: Done, corrected by hand']");
    app.click_on(&app.find(&corrected)?)?;

    let remove = card("[data-testid=remove]");
    let mut told = Vec::new();
    for take_back in [true, false] {
        app.click_on(&app.find(&remove)?)?;
        let asked = app.find(&card("[data-asking]"))?.text()?;
        ensure!(asked == "Remove this photo?", "asked is {asked}");
        told.push(app.told()?);
        ensure!(told.iter().all(|told| told.trim_end() == asked), "{told:?}");
        app.find(&corrected)?;
        if take_back {
            app.run(ESCAPE_HERE, json!([]))?;
            app.find("html:not(:has([data-asking]))")?;
        }
    }
    // What does not change is not read out.
    ensure!(told[0] != told[1], "asked again without a word");
    app.click_on(&app.find(&remove)?)?;
    app.find("html:not(:has([data-testid=card]))")?;
    app.expect_no_trouble()
}

/// Of a button that corrects the result: it heeds no press before the map is there.
const CORRECTABLE: &str = ":not([aria-disabled])";

/// Escape where the focus is.
const ESCAPE_HERE: &str = r#"
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, composed: true }));
"#;

const MIDDLE_OF_PUT_BACK: &str = r#"
    const button = document.querySelector("[data-testid=put-back]");
    button.scrollIntoView({ block: "nearest" });
    const { x, y, width, height } = button.getBoundingClientRect();
    return [x + width / 2, y + height / 2];
"#;

const WHAT_IS_AT: &str = r#"
    return document.elementFromPoint(...arguments[0])?.closest("[data-testid]")?.dataset.testid ?? null;
"#;

/// By script: what is around the settings comes and goes, and a press may miss.
const CHOOSE_THOROUGH: &str = r#"document.querySelector("[data-testid=mode-thorough]").click();"#;
const RUN_OUTDATED: &str = r#"document.querySelector("[data-testid=run-outdated]").click();"#;

/// The list's last row, which may be scrolled out of sight: WebKit's driver presses nothing there.
const PRESS_LAST: &str =
    r#"document.querySelector("tr:last-child [data-testid=show-crack]").click();"#;

const ESCAPE: &str = r#"
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, composed: true }));
"#;

/// A finger on the last number, that of the longest crack, which nothing covers.
const PRESS: &str = r#"
    const stage = document.querySelector("[data-testid=stage]");
    const number = [...document.querySelectorAll(".cs-number b")].at(-1).getBoundingClientRect();
    const place = { clientX: number.x + 10, clientY: number.y + number.height / 2, pointerId: 7, bubbles: true };
    stage.dispatchEvent(new PointerEvent("pointerdown", place));
    stage.dispatchEvent(new PointerEvent("pointerup", place));
"#;

/// Presses a pixel of the photo, which fills the stage.
const PRESS_AT: &str = r#"
    const [pixel, photo] = arguments;
    const stage = document.querySelector("[data-testid=stage]");
    const { left, top } = stage.getBoundingClientRect();
    const size = [stage.clientWidth, stage.clientHeight];
    const scale = Math.min(size[0] / photo[0], size[1] / photo[1]);
    const [x, y] = pixel.map((at, axis) => (size[axis] - photo[axis] * scale) / 2 + (at + 0.5) * scale);
    const place = { clientX: left + x, clientY: top + y, pointerId: 7, bubbles: true };
    stage.dispatchEvent(new PointerEvent("pointerdown", place));
    stage.dispatchEvent(new PointerEvent("pointerup", place));
"#;

/// The numbers that cover another one.
const MEETING: &str = r#"
    const numbers = [...document.querySelectorAll(".cs-number b")].filter((number) => number.checkVisibility());
    const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    const places = numbers.map((number) => [number.textContent, number.getBoundingClientRect()]);
    if (!places.length) return "none is seen";
    return places.filter(([a, at]) => places.some(([b, other]) => a !== b && meet(at, other))).map(([text]) => text);
"#;

/// The texts of the list's rows.
const ROWS: &str = r#"
    const rows = [...document.querySelectorAll(".cs-cracks tbody tr")];
    return rows.map((row) => [...row.children].map((cell) => cell.innerText.trim().replace("\u00a0", " ")));
"#;

/// The numbers with their places, in pixels of the photo, which is shown whole.
const PLACES: &str = r#"
    const photo = [...arguments];
    const stage = document.querySelector("[data-testid=stage]");
    const size = [stage.clientWidth, stage.clientHeight];
    const scale = Math.min(size[0] / photo[0], size[1] / photo[1]);
    const numbers = [...document.querySelectorAll("[data-testid=crack-numbers] .cs-number")];
    return numbers.map((number) => {
        const place = [parseFloat(number.style.left), parseFloat(number.style.top)];
        return [number.textContent, place.map((at, axis) => (at - (size[axis] - photo[axis] * scale) / 2) / scale)];
    });
"#;

#[rstest]
fn a_stretched_map_is_not_measured(
    #[values(Browser::Chromium, Browser::WebKit)] browser: Browser,
) -> Result<()> {
    let app = App::open_in(browser)?;
    // Until then what is around the settings comes and goes, and a press may miss.
    app.wait_until_ready()?;
    app.open_settings()?;
    app.click("mode-space")?;
    app.choose(&[&native::photo("stretched.png", SIZE[0], SIZE[1])?])?;
    app.wait_for_result()?;
    app.find("html:not(:has([data-testid=cracks], [data-testid=download-table], [data-testid=ruler]:not([hidden])))")?;
    app.expect_no_trouble()
}

#[rstest]
fn all_results_are_handed_over_in_one_archive(
    #[values(Browser::Chromium, Browser::WebKit)] browser: Browser,
) -> Result<()> {
    let app = App::open_in(browser)?;
    let names = ["archive-1.png", "archive-2.png"];
    let photos = [
        native::photo(names[0], SIZE[0], SIZE[1])?,
        native::photo(names[1], 176, 120)?,
    ];
    choose_two(&app, [&photos[0], &photos[1]])?;
    // The other photo is of another size.
    app.click("ruler")?;
    app.find("html:not(:has([data-testid=ruler-all]))")?;
    let length = app.get("ruler-length")?.reference();
    app.run(MOVE, json!([length, "40"]))?;
    app.click("ruler-set")?;
    app.find("[data-testid=scale]")?;
    let scale = Scale::of_length(f64::from(SIZE[0]) / 2.0, MILLIMETRES);
    let threshold = app.value("threshold")? as f32;
    let mask = app.download("mask")?.bytes;
    let first = map_of(&app.download("probability")?)?;
    let archive = app.download("all")?;
    ensure!(archive.name == "cracks.zip", "named {}", archive.name);
    app.wait_for("[data-testid=download-all][aria-disabled=false]", PATIENCE)?;
    let told = app.told()?;
    ensure!(told == "The archive is ready.", "told is {told}");
    app.click("next")?;
    wait_until_measured(&app)?;
    let second = map_of(&app.download("probability")?)?;
    app.find("html:not(:has([data-testid=scale]))")?;

    let mut archive = zip::ZipArchive::new(Cursor::new(archive.bytes))?;
    let names_found = archive.file_names().map(|name| Ok(name?.into_owned()));
    let found = names_found.collect::<Result<Vec<String>>>()?;
    let mut expected = names
        .map(|name| name.trim_end_matches(".png"))
        .iter()
        .flat_map(|stem| [format!("{stem}.overlay.png"), format!("{stem}.mask.png")])
        .collect::<Vec<_>>();
    expected.extend(["cracks.csv", "report.html"].map(str::to_owned));
    ensure!(found == expected, "{found:?}");
    let mut read = |name: &str| -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        archive.by_name(name)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    ensure!(read(&expected[1])? == mask, "another mask");
    let rows = [(names[0], &first, scale), (names[1], &second, None)]
        .map(|(name, map, scale)| row(name, map, &measure(map, threshold), threshold, scale, 0));
    ensure!(
        read("cracks.csv")? == measure::csv(&rows, Decimals::Point).into_bytes(),
        "another table"
    );
    let report = String::from_utf8(read("report.html")?)?;
    // It shows its pictures without the files beside it.
    let figures = report.split("<img src=\"").skip(1);
    let figures = figures.map(|rest| rest.split('"').next().unwrap_or_default());
    let sizes = figures.map(size_of_figure).collect::<Result<Vec<_>>>()?;
    ensure!(
        sizes == [SIZE, [176, 120]],
        "the report's figures are of {sizes:?}"
    );
    app.expect_no_trouble()
}

/// Width and height of the JPEG in an address.
fn size_of_figure(address: &str) -> Result<[u32; 2]> {
    ensure!(address.starts_with("data:image/jpeg;base64,"), "{address}");
    let (jpeg, _) = DataUrl::process(address)?.decode_to_vec()?;
    let picture = image::load_from_memory(&jpeg)?;
    Ok([picture.width(), picture.height()])
}

#[rstest]
fn a_scale_for_all_photos_of_a_size(
    #[values(Browser::Chromium, Browser::WebKit)] browser: Browser,
) -> Result<()> {
    let app = App::open_in(browser)?;
    let photos = [
        native::photo("alike-1.png", 176, 120)?,
        native::photo("alike-2.png", 120, 176)?,
    ];
    choose_two(&app, [&photos[0], &photos[1]])?;
    app.click("ruler")?;
    let length = app.get("ruler-length")?.reference();
    app.run(MOVE, json!([length, "40"]))?;
    app.click("ruler-all")?;
    app.click("ruler-set")?;
    let told = app.told()?;
    ensure!(told.ends_with("for 2 photos"), "told is {told}");
    app.click("next")?;
    app.find("[data-testid=scale]")?;
    app.expect_no_trouble()
}

/// Moves a slider, or fills in a field. Gives back whether the page, as soon as it has seen that, tells that the figures are old:
/// a slow driver may look too late for that.
const MOVE: &str = r#"
    const [slider, value] = arguments;
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    return (async () => {
        for (let turn = 0; turn < 100; turn += 1) await null;
        return document.querySelector("[data-testid=cracks][aria-busy=true]") !== null;
    })();
"#;

/// Waits for the second's result as well, and for the shown one's cracks.
fn choose_two(app: &App, photos: [&Path; 2]) -> Result<()> {
    app.choose(&photos)?;
    app.wait_for(
        "[data-testid=app][data-state=ready]:has([data-testid=card]:nth-child(2)[data-phase=done])",
        PATIENCE,
    )?;
    wait_until_measured(app)
}

fn wait_until_measured(app: &App) -> Result<()> {
    app.wait_for("[data-testid=cracks][aria-busy=false]", PATIENCE)
        .map(drop)
}

fn map_of(probability: &Download) -> Result<ProbabilityMap> {
    let image = image::load_from_memory(&probability.bytes)?.into_luma8();
    let (width, height) = image.dimensions();
    ProbabilityMap::new(width, height, image.into_raw()).context("no map")
}

fn expect_figures(app: &App, expected: &Measurements) -> Result<()> {
    let count = app.get("cracks")?.text()?;
    ensure!(
        count == expected.cracks.len().to_string(),
        "{count} cracks instead of {}",
        expected.cracks.len()
    );
    let length = app.get("crack-length")?.text()?;
    let pixels = expected.length();
    ensure!(
        length == format!("{pixels:.0} px"),
        "{length} instead of {pixels}"
    );
    let width = app.get("crack-width")?.text()?;
    let (mean, most) = expected
        .mean_width()
        .zip(expected.widest())
        .context("no width")?;
    let most = most.max_width;
    ensure!(
        width == format!("{mean:.1} px, up to {most:.1} px"),
        "{width} instead of {mean} and {most}"
    );
    Ok(())
}

fn expect_table(
    app: &App,
    photo: &str,
    expected: &Measurements,
    threshold: f32,
    scale: Option<Scale>,
    left_out: u32,
) -> Result<()> {
    let table = app.download("table")?;
    let name = photo.replace(".png", ".cracks.csv");
    ensure!(table.name == name, "named {}", table.name);
    let map = ProbabilityMap::new(SIZE[0], SIZE[1], vec![0; (SIZE[0] * SIZE[1]) as usize]);
    let map = map.context("no map")?;
    let row = row(photo, &map, expected, threshold, scale, left_out);
    let expected = measure::csv([&row], Decimals::Point);
    let table = String::from_utf8(table.bytes)?;
    ensure!(table == expected, "{table}\ninstead of\n{expected}");
    Ok(())
}

fn row(
    photo: &str,
    map: &ProbabilityMap,
    measurements: &Measurements,
    threshold: f32,
    scale: Option<Scale>,
    left_out: u32,
) -> Measured {
    Measured {
        provenance: Provenance {
            photo: photo.to_owned(),
            mode: Mode::Native,
            working_scale: 1.0,
            threshold: Some(threshold),
            weights: "lite".to_owned(),
            backend: "CPU".to_owned(),
            left_out,
        },
        stem: photo.trim_end_matches(".png").to_owned(),
        size: [map.width(), map.height()],
        scale,
        measurements: measurements.clone(),
    }
}
