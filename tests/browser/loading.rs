//! The page comes up.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::harness::{App, Gpu, copy_of_app, dist};

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

/// No program until the weights are asked for.
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
    let site = app_after("weights-first", WEIGHTS_FIRST)?;
    let app = App::open_site(Gpu::None, &site, "")?;
    app.wait_until_ready()
}

/// The browser promises an adapter, and gives none.
const SILENT_ADAPTER: &str = "navigator.gpu.requestAdapter = () => new Promise(() => {});";

#[test]
fn a_gpu_that_does_not_answer_is_not_waited_for() -> Result<()> {
    let site = app_after("silent-adapter", SILENT_ADAPTER)?;
    let app = App::open_site(Gpu::Software, &site, "")?;
    app.wait_until_ready()?;
    app.open_settings()?;
    let reason = app.get("reason")?.text()?;
    ensure!(reason.contains("could not be started"), "{reason}");
    app.expect_no_trouble()
}

/// A copy of the app whose worker runs other code before its own.
fn app_after(name: &str, first: &str) -> Result<PathBuf> {
    let site = copy_of_app(name)?;
    let worker = site.join("www/worker.js");
    let code = fs::read_to_string(&worker)?;
    fs::write(&worker, format!("{first}{code}"))?;
    Ok(site)
}

/// The page's first word to the worker, the address of the weights, leaves when the program listens already, as from a page
/// that is busy.
const ADDRESS_LATE: &str = r#"
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (message, ...rest) {
        if (typeof message !== "string") return post.call(this, message, ...rest);
        const onReady = ({ data }) => {
            if (data.message.type !== "ready") return;
            this.removeEventListener("message", onReady, true);
            post.call(this, message);
            document.documentElement.dataset.addressLate = "";
        };
        this.addEventListener("message", onReady, true);
    };
"#;

#[test]
fn the_address_of_the_weights_may_come_after_the_program() -> Result<()> {
    let app = App::open_site(Gpu::None, &dist(), ADDRESS_LATE)?;
    app.wait_until_ready()?;
    app.find("[data-address-late]")?;
    app.expect_no_trouble()
}
