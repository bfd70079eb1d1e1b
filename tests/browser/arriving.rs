//! Every way of bringing a photo in leads to a result.

use anyhow::Result;
use serde_json::json;

use crate::harness::{App, Gpu, dist};
use crate::native;
use crate::page::PATIENCE;

/// Makes a picture file in the page and brings it in as a person would: `drop` or `paste`.
const BRING: &str = r#"
    const [way, name] = arguments;
    const canvas = new OffscreenCanvas(96, 64);
    canvas.getContext("2d").fillRect(0, 30, 96, 3);
    return canvas.convertToBlob().then((blob) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([blob], name, { type: blob.type }));
        const how = { bubbles: true, cancelable: true, composed: true };
        if (way === "drop") {
            const stage = document.querySelector("[data-testid=stage]");
            stage.dispatchEvent(new DragEvent("dragover", { dataTransfer, ...how }));
            stage.dispatchEvent(new DragEvent("drop", { dataTransfer, ...how }));
        } else {
            document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: dataTransfer, ...how }));
        }
    });
"#;

/// Puts a picture on the clipboard.
const COPY: &str = r#"
    const canvas = new OffscreenCanvas(96, 64);
    canvas.getContext("2d").fillRect(0, 30, 96, 3);
    return canvas.convertToBlob().then((blob) => navigator.clipboard.write([new ClipboardItem({ [blob.type]: blob })]));
"#;

/// Comes before the page's own code: the first example comes when it is told to.
const SLOW_EXAMPLE: &str = r#"
    const ask = window.fetch;
    window.fetch = async (what, ...rest) => {
        const response = await ask(what, ...rest);
        if (!String(what).endsWith("slab.jpg")) return response;
        await new Promise((resolve) => addEventListener("come", resolve, { once: true }));
        const blob = await response.blob();
        response.blob = async () => {
            setTimeout(() => (document.documentElement.dataset.come = ""));
            return blob;
        };
        return response;
    };
"#;

#[test]
fn an_example_that_comes_late_is_in_nobodys_way() -> Result<()> {
    let app = App::open_site(Gpu::None, &dist(), SLOW_EXAMPLE)?;
    app.wait_until_ready()?;
    app.click("example")?;
    app.choose(&[&native::photo("own.png", 160, 120)?])?;
    app.wait_for_result()?;
    app.run("dispatchEvent(new Event('come'));", json!([]))?;
    app.find("[data-come] [data-testid=app]:not(:has([data-testid=card]:nth-child(2)))")?;
    app.expect_no_trouble()
}

#[test]
fn every_way_in_leads_to_a_result() -> Result<()> {
    let app = App::open(Gpu::None)?;
    app.wait_until_ready()?;
    // Each photo then takes a moment only.
    app.click("mode-space")?;

    app.click("example")?;
    expect(&app, "slab.jpg")?;
    app.click("clear")?;

    app.allow("clipboard-read")?;
    app.allow("clipboard-write")?;
    app.run(COPY, json!([]))?;
    app.click("paste")?;
    expect(&app, "pasted.png")?;

    for (way, name) in [("drop", "dropped.png"), ("paste", "typed.png")] {
        app.run(BRING, json!([way, name]))?;
        expect(&app, name)?;
    }

    let photo = native::photo("taken.png", 160, 120)?;
    app.get("camera-input")?.type_in(&photo.to_string_lossy())?;
    expect(&app, "taken.png")?;
    app.expect_no_trouble()
}

/// Waits until the photo of this name is on the stage with its result.
fn expect(app: &App, name: &str) -> Result<()> {
    let css = format!("[data-testid=stage][aria-label^='{name},'][aria-label*='marked as crack']");
    app.wait_for(&css, PATIENCE).map(drop)
}
