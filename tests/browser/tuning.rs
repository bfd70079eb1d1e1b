//! A GPU's kernels are chosen by measuring, once.

use anyhow::{Result, ensure};
use crack_segmenter::engine::Slicing;
use serde_json::json;

use crate::harness::{App, Gpu, app_with};
use crate::page::PATIENCE;

/// The adapter of this machine is one in software, of which all is known: here it passes for another.
const DISGUISED: &str = r#"
    for (const [name, value] of Object.entries({ vendor: "maker", architecture: "of tests", isFallbackAdapter: false })) {
        Object.defineProperty(GPUAdapterInfo.prototype, name, { get: () => value });
    }
    // And for a faster one.
    const now = performance.now.bind(performance);
    performance.now = () => now() / 5;
"#;

/// What is kept: address, content and mark of each.
const KEPT: &str = r#"
    return caches.open("crack-segmenter-gpu").then(async (cache) => {
        const kept = (await cache.keys()).map(async (key) => {
            const response = await cache.match(key);
            return [key.url, await response.text(), response.headers.get("X-Mark")];
        });
        return Promise.all(kept);
    });
"#;

/// Marks what is kept under an address.
const MARK: &str = r#"
    const [url, content] = arguments;
    return caches.open("crack-segmenter-gpu")
        .then((cache) => cache.put(url, new Response(content, { headers: { "X-Mark": "by hand" } })));
"#;

const ON_GPU: &str = "[data-testid=app][data-state=ready][data-backend=webgpu]";

#[test]
fn kernels_are_measured_once_for_an_adapter() -> Result<()> {
    let app = App::open_site(Gpu::Software, &app_with(DISGUISED)?, "")?;
    app.wait_until_ready()?;
    app.open_settings()?;
    app.click("backend-webgpu")?;
    app.wait_for(ON_GPU, PATIENCE)?;
    let kept = app.run(KEPT, json!([]))?;
    let (url, choice) = (&kept[0][0], &kept[0][1]);
    // The browser's adapter in software knows no numbers of 16 bits.
    let is_choice = |slicing: &Slicing| *choice == json!(format!("{} single", slicing.blocks()));
    ensure!(
        url.as_str()
            .is_some_and(|url| url.contains("maker%20of%20tests"))
            && Slicing::CHOICES.iter().any(is_choice)
            && kept[1].is_null(),
        "kept is {kept}"
    );

    // What is known is not measured again.
    app.run(MARK, json!([url, choice]))?;
    app.reload()?;
    app.wait_for(ON_GPU, PATIENCE)?;
    let again = app.run(KEPT, json!([]))?;
    ensure!(
        again == json!([[url, choice, "by hand"]]),
        "kept is {again}, and was {kept}"
    );

    // What no such program has kept is as good as nothing.
    app.run(MARK, json!([url, "many"]))?;
    app.reload()?;
    app.wait_for(ON_GPU, PATIENCE)?;
    let anew = app.run(KEPT, json!([]))?;
    ensure!(
        anew[0][2].is_null() && anew[0][1] != "many",
        "kept is {anew}"
    );
    app.expect_no_trouble()
}
