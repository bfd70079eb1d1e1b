//! The page comes up.

use anyhow::{Result, ensure};

use crate::harness::{App, Gpu, app_after, dist};

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
    let app = App::open_site(Gpu::None, &app_after(WEIGHTS_FIRST)?, "")?;
    app.wait_until_ready()
}

/// The browser promises an adapter, and gives none.
const SILENT_ADAPTER: &str = "navigator.gpu.requestAdapter = () => new Promise(() => {});";

#[test]
fn a_gpu_that_does_not_answer_is_not_waited_for() -> Result<()> {
    let app = App::open_site(Gpu::Software, &app_after(SILENT_ADAPTER)?, "")?;
    app.wait_until_ready()?;
    app.open_settings()?;
    let reason = app.get("reason")?.text()?;
    ensure!(reason.contains("could not be started"), "{reason}");
    app.expect_no_trouble()
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
