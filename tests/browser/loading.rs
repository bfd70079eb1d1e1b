//! The page comes up.

use std::time::Duration;

use anyhow::Result;

use crate::harness::{App, Gpu};

#[test]
fn without_a_gpu_the_engine_is_ready_on_the_cpu() -> Result<()> {
    let app = App::open(Gpu::None)?;
    app.wait_for(
        "[data-testid=app][data-state=ready]",
        Duration::from_secs(120),
    )?;
    app.expect_no_trouble()
}

#[test]
fn with_a_software_gpu_the_engine_is_ready_too() -> Result<()> {
    let app = App::open(Gpu::Software)?;
    app.wait_for(
        "[data-testid=app][data-state=ready]",
        Duration::from_secs(240),
    )?;
    app.expect_no_trouble()
}
