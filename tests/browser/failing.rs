//! What goes wrong is said in words beside it, and the rest goes on.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use crate::harness::{App, Gpu, copy_of_app, dist};
use crate::native;
use crate::page::PATIENCE;

#[test]
fn weights_chosen_too_early_do_not_stop_the_start() -> Result<()> {
    let app = App::open(Gpu::None)?;
    app.choose_weights(&native::file("early.bpk", b"not weights")?)?;
    app.expect_error(&["early.bpk", "not a weight file"])?;
    app.wait_until_ready()?;
    app.expect_error(&["lite weights stay"])?;
    app.click("dismiss")?;
    app.find("html:not(:has([data-testid=error]))")?;
    app.expect_no_trouble()
}

/// Counts the page's segmenters, and ends as many of them at their first tile as `deaths` says.
const MORTAL_WORKERS: &str = r#"
    window.workers = 0;
    window.deaths = 0;
    window.lostGpus = 0;
    window.Worker = class extends Worker {
        constructor(url, options) {
            super(url, options);
            if (!String(url).endsWith("/worker.js")) return;
            window.workers += 1;
            this.addEventListener("message", ({ data: { message } }) => {
                if (window.deaths > 0 && message.stage?.stage === "tiles") {
                    window.deaths -= 1;
                    this.dispatchEvent(new ErrorEvent("error", { message: "ended by a test" }));
                }
                if (window.lostGpus > 0 && message.stage?.stage === "tiles") {
                    window.lostGpus -= 1;
                    const message = { type: "lost-gpu", detail: "ended by a test" };
                    this.dispatchEvent(new MessageEvent("message", { data: { message, files: [] } }));
                }
            });
        }
    };
"#;

/// What the console tells of each.
const DEATH: &str = "the worker is lost: ended by a test";

#[test]
fn broken_photos_are_told_and_the_last_result_stays() -> Result<()> {
    let good = native::photo("failing-good.png", 160, 120)?;
    let app = App::open(Gpu::None)?;
    app.choose(&[&good])?;
    let found = app.wait_for_result()?;

    for (count, (file, words)) in (2..).zip(broken_photos(&good)?) {
        let name = file.file_name().context("a name")?.to_string_lossy();
        app.choose(&[&file])?;
        let card = format!("[data-testid=card]:nth-child({count})");
        let ended = format!("{card}:not([data-phase=waiting], [data-phase=working])");
        let phase = app.wait_for(&ended, PATIENCE)?.attribute("data-phase")?;
        ensure!(phase == "failed", "{name} is {phase}");
        app.expect_error(&[&*name, words])?;
        let stays = app.wait_for_result()?;
        ensure!(
            stays == found,
            "after {name} the result is {stays:?}, not {found:?}"
        );
    }

    app.choose(&[&good])?;
    app.wait_for_another_result(&found.job)?;
    app.expect_no_trouble()
}

/// Weights that nobody shipped.
const OTHER_WEIGHTS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/parity/fixtures/weights_c1.safetensors"
);

#[test]
fn weights_change_only_for_good_ones_and_outlive_a_worker() -> Result<()> {
    let photo = native::photo("failing-weights.png", 160, 120)?;
    let noise: Vec<u8> = (0..4096_u32).map(|at| ((at * at) >> 3) as u8).collect();
    let noise = native::file("noise.safetensors", &noise)?;
    let app = App::open_site(Gpu::None, &dist(), MORTAL_WORKERS)?;
    app.wait_until_ready()?;
    let shipped = app.get("weights")?.text()?;
    app.choose_weights(&noise)?;
    app.expect_error(&["weight file"])?;
    app.choose(&[&photo])?;
    let found = app.wait_for_result()?;
    // Dropped onto the photo, say, while the settings are closed.
    app.choose_weights(&noise)?;
    app.wait_until_ready()?;
    app.expect_error(&["weight file"])?;
    app.open_settings()?;
    let weights = app.get("weights")?.text()?;
    ensure!(
        weights == shipped,
        "{shipped} became {weights} by a file of noise"
    );

    app.choose_weights(Path::new(OTHER_WEIGHTS))?;
    let by_other = app.wait_for_another_result(&found.job)?;
    let weights = app.get("weights")?.text()?;
    ensure!(
        weights.contains("weights_c1") && weights.contains("width 4"),
        "the weights are called {weights}"
    );
    ensure!(
        by_other.share != found.share,
        "other weights find the same: {by_other:?}"
    );
    app.expect_no_trouble()?;

    app.click("clear")?;
    app.run("window.deaths = 1", json!([]))?;
    app.choose(&[&photo])?;
    let again = app.wait_for_result()?;
    let workers = app.run("return window.workers", json!([]))?;
    ensure!(workers == 2, "{workers} workers in all");
    ensure!(
        again.share == by_other.share,
        "after the worker's end {again:?}, before {by_other:?}"
    );

    app.click("clear")?;
    app.run("window.deaths = 2", json!([]))?;
    app.choose(&[&photo])?;
    app.expect_error(&["stopped unexpectedly, twice"])?;
    app.choose(&[&photo])?;
    let at_last = app.wait_for_result()?;
    ensure!(
        at_last.share == by_other.share,
        "after two dead workers {at_last:?}, before {by_other:?}"
    );
    app.expect_trouble(&[DEATH; 3])
}

#[test]
fn shipped_weights_are_chosen_and_remembered() -> Result<()> {
    let site = copy_of_app("chosen-weights")?;
    let (file, elsewhere) = (site.join("weights/open.bpk"), site.join("elsewhere.bpk"));
    fs::rename(&file, &elsewhere)?;
    let app = App::open_site(Gpu::None, &site, "")?;
    app.choose(&[&native::photo("chosen.png", 160, 120)?])?;
    let found = app.wait_for_result()?;
    app.open_settings()?;
    app.find("[data-testid=weights-lite]:checked")?;

    // What can't be had changes nothing.
    app.click("weights-open")?;
    app.expect_error(&["weights", "404", "lite"])?;
    app.find("[data-testid=weights-lite]:checked")?;

    fs::rename(&elsewhere, &file)?;
    // Until then what is around the settings comes and goes, and a press may miss.
    app.wait_until_ready()?;
    app.click("weights-open")?;
    let by_open = app.wait_for_another_result(&found.job)?;
    ensure!(by_open.share != found.share, "open weights find the same");
    let weights = app.get("weights")?.text()?;
    ensure!(weights.contains("open"), "the weights are called {weights}");

    app.reload()?;
    app.wait_until_ready()?;
    app.open_settings()?;
    app.find("[data-testid=weights-open]:checked")?;

    // A person's own take their place until they are chosen again.
    app.choose_weights(Path::new(OTHER_WEIGHTS))?;
    app.find("html:not(:has([data-testid=weights-open]:checked))")?;
    app.click("weights-open")?;
    app.wait_until_ready()?;
    app.choose(&[&native::photo("chosen.png", 160, 120)?])?;
    let again = app.wait_for_result()?;
    ensure!(again.share == by_open.share, "other weights: {again:?}");
    app.open_settings()?;
    app.find("[data-testid=weights-open]:checked")?;
    app.expect_no_trouble()
}

#[test]
fn without_a_gpu_the_page_says_so_and_stays_as_it_was() -> Result<()> {
    let app = App::open(Gpu::None)?;
    app.wait_until_ready()?;
    app.click("backend-webgpu")?;
    app.expect_error(&["GPU"])?;
    app.wait_until_ready()?;
    app.find("[data-testid=app][data-backend=cpu]:has([data-testid=backend-auto]:checked)")?;
    app.expect_no_trouble()
}

#[test]
fn from_a_lost_gpu_there_is_a_way_back() -> Result<()> {
    const ON_GPU: &str = "[data-testid=app][data-state=ready][data-backend=webgpu]";
    let app = App::open_site(Gpu::Software, &dist(), MORTAL_WORKERS)?;
    app.wait_until_ready()?;
    app.click("backend-webgpu")?;
    app.wait_for(ON_GPU, PATIENCE)?;
    // Lost once it is asked anew; lost twice amid a photo it is left.
    app.run("window.lostGpus = 1", json!([]))?;
    app.choose(&[&native::photo("lost-gpu.png", 160, 120)?])?;
    app.wait_for_result()?;
    app.find(&format!("{ON_GPU}:not(:has([data-testid=gpu-lost]))"))?;
    app.run("window.lostGpus = 2", json!([]))?;
    app.choose(&[&native::photo("lost-twice.png", 160, 120)?])?;
    app.wait_for("[data-testid=card]:nth-child(2)[data-phase=done]", PATIENCE)?;
    app.find("[data-testid=app][data-backend=cpu]:has([data-testid=gpu-lost])")?;

    app.click("try-gpu-again")?;
    app.wait_for(ON_GPU, PATIENCE)?;
    app.find("html:not(:has([data-testid=gpu-lost]))")?;
    app.expect_trouble(&[DEATH; 3])
}

#[test]
fn without_weights_the_page_says_so_and_can_try_again() -> Result<()> {
    let site = copy_of_app("without-weights")?;
    let (weights, elsewhere) = (site.join("weights"), site.join("elsewhere"));
    fs::rename(&weights, &elsewhere)?;

    let app = App::open_site(Gpu::None, &site, "")?;
    app.wait_for("[data-testid=app][data-state=failed]", PATIENCE)?;
    app.expect_error(&["weights cannot be loaded", "404"])?;

    fs::rename(&elsewhere, &weights)?;
    app.click("try-again")?;
    app.wait_until_ready()?;
    app.find("html:not(:has([data-testid=error]))")?;
    app.expect_no_trouble()
}

#[test]
fn damaged_weights_are_not_used_and_not_kept() -> Result<()> {
    let site = copy_of_app("damaged-weights")?;
    let file = site.join("weights/lite.bpk");
    let good = fs::read(&file)?;
    let mut damaged = good.clone();
    damaged[good.len() / 2] ^= 1;
    fs::write(&file, damaged)?;

    let app = App::open_site(Gpu::None, &site, "")?;
    app.wait_for("[data-testid=app][data-state=failed]", PATIENCE)?;
    app.expect_error(&["weights arrived damaged"])?;

    fs::write(&file, good)?;
    app.click("try-again")?;
    app.wait_until_ready()?;
    app.expect_no_trouble()
}

/// Files that are no photos, and what the page must say of each.
fn broken_photos(good: &Path) -> Result<[(PathBuf, &'static str); 4]> {
    let mut png = fs::read(good)?;
    let half = native::file("half.png", &png[..png.len() / 2])?;
    // Width and height stand at the beginning of the first chunk; what follows it is its checksum.
    let side = 60_000_u32.to_be_bytes();
    png[16..20].copy_from_slice(&side);
    png[20..24].copy_from_slice(&side);
    let sum = crack_segmenter::archive::crc32(&png[12..29]).to_be_bytes();
    png[29..33].copy_from_slice(&sum);
    Ok([
        (half, "damaged or incomplete"),
        (native::file("empty.png", &[])?, "empty"),
        (
            native::file("text.jpg", b"a shopping list, not a photo")?,
            "not a picture",
        ),
        (native::file("huge.png", &png)?, "too large"),
    ])
}
