//! A photo that was really taken, where the DeepCrack test set lies beside the repository.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use crack_segmenter::mask::Mask;
use crack_segmenter::metrics::Counts;
use crack_segmenter::plan::Mode;

use crate::harness::{App, Gpu};
use crate::native::Native;
use crate::page::PATIENCE;
use crate::segmenting::expect_agreement;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/deepcrack_test");

/// A clear photo of it.
const STEM: &str = "11286-1";

/// What a mask of that photo has to reach against its label, at least.
const LEAST_F1: f64 = 0.6;

#[test]
fn a_real_photo_gives_its_cracks() -> Result<()> {
    let Ok(folder) = Path::new(FOLDER).canonicalize() else {
        eprintln!("skipped: {FOLDER} is not here");
        return Ok(());
    };
    let photo = folder.join(format!("images/{STEM}.webp"));
    let label = fs::read(folder.join(format!("masks/{STEM}.png")))?;
    let label = Mask::from_grey(image::load_from_memory(&label)?.into_luma8());
    let native = Native::load()?;
    let map = native.map(&photo, Mode::Native)?;

    let app = App::open(Gpu::Software)?;
    app.wait_until_ready()?;
    // Left to itself, the page takes the faster one.
    app.find("[data-testid=app][data-backend=cpu]")?;
    app.choose(&[&photo])?;
    let on_cpu = app.wait_for_result()?;
    expect_agreement(&app, &on_cpu, &map, native.threshold)?;
    let f1 = Counts::of(&app.download_mask()?, &label).f1();
    ensure!(f1 >= LEAST_F1, "F1 {f1} with the label");

    app.open_settings()?;
    app.click("backend-webgpu")?;
    app.wait_for(
        "[data-testid=app][data-state=ready][data-backend=webgpu]",
        PATIENCE,
    )?;
    app.click("clear")?;
    app.choose(&[&photo])?;
    let on_gpu = app.wait_for_another_result(&on_cpu.job)?;
    expect_agreement(&app, &on_gpu, &map, native.threshold)?;
    app.expect_no_trouble()
}
