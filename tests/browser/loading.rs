//! The page comes up.

use anyhow::Result;

use crate::harness::{App, Gpu};

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
