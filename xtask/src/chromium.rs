//! Headless Chromium, closed to the world outside this machine.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use crate::webdriver::{Browser, Session};

/// What the browser has to compute with, beside the CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gpu {
    /// Nothing: WebGPU is there, and has no adapter.
    None,
    /// WebGPU by SwiftShader: correct, and slow.
    Software,
    /// WebGPU by this machine's own GPU, where it has one.
    Own,
}

/// Opens it with a fresh profile. A script in the page may wait for `script_limit`; `logs` are those that
/// [`Session::log`] can be asked for.
pub fn open(gpu: Gpu, script_limit: Duration, logs: &[&str]) -> Result<Session> {
    let mut arguments = vec![
        "--headless",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--no-proxy-server",
        // What asks another host gets an error, which the console tells.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        "--lang=en",
        "--window-size=1280,900",
    ];
    arguments.extend_from_slice(match gpu {
        Gpu::None => &["--disable-gpu"],
        Gpu::Software => &["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"],
        Gpu::Own => &["--enable-unsafe-webgpu", "--enable-features=Vulkan"],
    });
    let logs: serde_json::Map<_, _> = logs
        .iter()
        .map(|&log| (log.to_owned(), Value::from("ALL")))
        .collect();
    let capabilities = json!({
        "browserName": "chrome",
        "goog:chromeOptions": { "args": arguments },
        "goog:loggingPrefs": logs,
        "timeouts": { "script": script_limit.as_millis() as u64 },
    });
    Session::open(Browser::Chromium, &capabilities)
}
