//! The main job: the page finds what the native program finds, on either backend, in every mode.

use std::path::Path;

use anyhow::{Result, ensure};
use crack_segmenter::mask::ProbabilityMap;
use crack_segmenter::metrics::Counts;
use crack_segmenter::overlay::overlay;
use crack_segmenter::photo;
use crack_segmenter::plan::Mode;
use image::GrayImage;
use rstest::rstest;

use crate::harness::{App, Browser, Gpu};
use crate::native::{self, Native};
use crate::page::{Found, PATIENCE};

/// Small, as a software GPU takes a minute and a half for a megapixel; and no multiple of 16 either way.
const SIZE: (u32, u32) = (300, 220);

/// How much of both masks must be the same.
pub(crate) const LEAST_IOU: f64 = 0.98;

/// By how many of the map's 256 levels the page's rounding may differ.
const LEVELS: u8 = 2;

/// Of 256x256 and its like some products are more than a browser's program counts to.
#[rstest]
fn a_square_of_256_is_no_exception(
    #[values(Browser::Chromium, Browser::WebKit)] browser: Browser,
) -> Result<()> {
    let native = Native::load()?;
    let photo = native::photo("square.png", 256, 256)?;
    let map = native.map(&photo, Mode::Native)?;
    ensure!(
        map.crack_share(native.threshold) > 0.0,
        "this photo has no crack: it tests nothing"
    );
    let app = App::open_in(browser)?;
    app.wait_until_ready()?;
    app.choose(&[&photo])?;
    let found = app.wait_for_result()?;
    expect_agreement(&app, &found, &map, native.threshold)
}

#[test]
fn the_page_finds_what_the_native_program_finds() -> Result<()> {
    let native = Native::load()?;
    let photo = native::photo("segmenting.png", SIZE.0, SIZE.1)?;
    let (whole, thorough, square) = (
        native.map(&photo, Mode::Native)?,
        native.map(&photo, Mode::Thorough)?,
        native.map(&photo, Mode::Space)?,
    );
    ensure!(
        native.threshold > 0.0 && whole.crack_share(native.threshold) > 0.005,
        "this photo has hardly a crack: it tests nothing"
    );
    ensure!(
        levels_off(&whole, thorough.as_image()) > LEVELS,
        "the modes agree on this photo: it doesn't tell them apart"
    );

    let app = App::open(Gpu::Software)?;
    app.wait_until_ready()?;
    app.click("backend-cpu")?;
    app.wait_for(
        "[data-testid=app][data-state=ready][data-backend=cpu]",
        PATIENCE,
    )?;
    app.choose(&[&photo])?;
    let found = app.wait_for_result()?;
    expect_agreement(&app, &found, &whole, native.threshold)?;
    expect_probability(&app, &whole, "native mode, on CPU")?;
    expect_overlay(&app, &photo)?;

    app.open_settings()?;
    app.click("mode-thorough")?;
    let found = app.wait_for_another_result(&found.job)?;
    expect_agreement(&app, &found, &thorough, native.threshold)?;
    expect_probability(&app, &thorough, "thorough mode, on CPU")?;

    app.click("mode-space")?;
    let found = app.wait_for_another_result(&found.job)?;
    expect_agreement(&app, &found, &square, native.threshold)?;

    app.click("backend-webgpu")?;
    app.wait_for(
        "[data-testid=app][data-state=ready][data-backend=webgpu]",
        PATIENCE,
    )?;
    app.click("clear")?;
    app.choose(&[&photo])?;
    let found = app.wait_for_another_result(&found.job)?;
    expect_agreement(&app, &found, &square, native.threshold)?;
    app.open_settings()?;

    app.click("mode-native")?;
    let found = app.wait_for_another_result(&found.job)?;
    expect_agreement(&app, &found, &whole, native.threshold)?;

    app.click("mode-thorough")?;
    let found = app.wait_for_another_result(&found.job)?;
    expect_agreement(&app, &found, &thorough, native.threshold)?;
    app.expect_no_trouble()
}

/// `slab.avif` is a part of the example of that name, packed anew.
#[test]
fn what_only_the_browser_can_read_is_segmented_too() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let slab = image::open(folder.join("www/examples/slab.jpg"))?;
    let part = Path::new(env!("CARGO_TARGET_TMPDIR")).join("slab-part.png");
    slab.crop_imm(660, 760, 160, 120).save(&part)?;
    let native = Native::load()?;
    let expected = native.map(&part, Mode::Native)?.mask(native.threshold);
    ensure!(expected.crack_share() > 0.05, "this photo has no crack");

    let app = App::open(Gpu::None)?;
    app.choose(&[&folder.join("tests/browser/slab.avif")])?;
    app.wait_for_result()?;
    let iou = Counts::of(&app.download_mask()?, &expected).iou();
    ensure!(iou > 0.85, "IoU {iou} with the mask of the original");
    app.expect_no_trouble()
}

/// The page's mask, downloaded, and its share of crack are the native ones.
pub(crate) fn expect_agreement(
    app: &App,
    found: &Found,
    map: &ProbabilityMap,
    threshold: f32,
) -> Result<()> {
    let share = map.crack_share(threshold);
    ensure!(
        (found.share - share).abs() <= 1e-3,
        "the page says {}, the native program {share}",
        found.share
    );
    let mask = app.download_mask()?;
    ensure!(
        mask.as_image().dimensions() == map.as_image().dimensions(),
        "a mask of {:?} pixels for a map of {:?}",
        mask.as_image().dimensions(),
        map.as_image().dimensions()
    );
    let iou = Counts::of(&mask, &map.mask(threshold)).iou();
    ensure!(iou >= LEAST_IOU, "IoU {iou} with the native mask");
    Ok(())
}

/// By how many levels two maps differ at most.
fn levels_off(map: &ProbabilityMap, other: &GrayImage) -> u8 {
    let pairs = map.values().iter().zip(other.iter());
    pairs.map(|(a, b)| a.abs_diff(*b)).max().unwrap_or_default()
}

/// Another download: the native probabilities but for rounding, which says by what mode they were made.
fn expect_probability(app: &App, map: &ProbabilityMap, mode: &str) -> Result<()> {
    let download = app.download("probability")?;
    ensure!(
        download.name == "segmenting.prob.png",
        "named {}",
        download.name
    );
    let record = String::from_utf8_lossy(&download.bytes);
    ensure!(
        record.contains("segmenting.png") && record.contains(mode),
        "the file does not say what made it"
    );
    let probability = image::load_from_memory(&download.bytes)?.into_luma8();
    ensure!(
        probability.dimensions() == SIZE,
        "{:?}",
        probability.dimensions()
    );
    let off = levels_off(map, &probability);
    ensure!(off <= LEVELS, "probabilities differ by {off} levels");
    Ok(())
}

/// Another one: the photo with the page's own mask drawn on it.
fn expect_overlay(app: &App, file: &Path) -> Result<()> {
    let drawn = image::load_from_memory(&app.download("overlay")?.bytes)?.into_rgb8();
    let photo = photo::decode(&std::fs::read(file)?)?;
    let opacity = app.value("opacity")?;
    let expected = overlay(photo.clone(), &app.download_mask()?, opacity as f32);
    ensure!(drawn.dimensions() == SIZE, "{:?}", drawn.dimensions());
    ensure!(
        drawn == expected && drawn != photo,
        "the overlay is not the photo with its mask at opacity {opacity}"
    );
    Ok(())
}
