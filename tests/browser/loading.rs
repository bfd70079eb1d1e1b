//! The page comes up.

use std::fs;

use anyhow::Result;

use crate::harness::{App, Gpu, copy_of_app};

#[test]
fn without_a_gpu_the_engine_is_ready_on_the_cpu() -> Result<()> {
    let app = App::open(Gpu::None)?;
    app.wait_until_ready()?;
    app.find("[data-testid=app][data-backend=cpu]")?;
    app.expect_no_trouble()
}

#[test]
fn with_a_software_gpu_the_engine_is_ready_on_the_faster_cpu() -> Result<()> {
    let app = App::open(Gpu::Software)?;
    app.wait_until_ready()?;
    app.find("[data-testid=app][data-backend=cpu]")?;
    app.expect_no_trouble()
}

/// Comes before the worker's own code: no program until the weights are asked for.
const WEIGHTS_FIRST: &str = r#"
    const ask = self.fetch;
    const weights = Promise.withResolvers();
    self.fetch = async (what, ...rest) => {
        if (String(what).includes("lite.bpk")) weights.resolve();
        if (String(what).endsWith(".wasm")) await weights.promise;
        return ask(what, ...rest);
    };
"#;

#[test]
fn the_weights_come_beside_the_program() -> Result<()> {
    let site = copy_of_app("weights-first")?;
    let worker = site.join("www/worker.js");
    fs::write(
        &worker,
        WEIGHTS_FIRST.to_owned() + &fs::read_to_string(&worker)?,
    )?;
    let app = App::open_site(Gpu::None, &site, "")?;
    app.wait_until_ready()
}
