//! The app without a network, and renewed.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use rstest::rstest;
use serde_json::{Value, json};

use crate::harness::{App, Browser, Gpu, copy_of_app};
use crate::native;
use crate::page::PATIENCE;

#[rstest]
fn it_does_all_its_work_without_a_server(
    #[values(Browser::Chromium, Browser::Firefox, Browser::WebKit)] browser: Browser,
) -> Result<()> {
    let mut app = App::open_in(browser)?;
    wait_until_kept(&app)?;
    let photo = native::photo("offline.png", 160, 120)?;
    app.choose(&[&photo])?;
    let online = app.wait_for_result()?;

    app.stop_server();
    app.reload()?;
    app.wait_until_ready()?;
    wait_until_kept(&app)?;
    app.choose(&[&photo])?;
    let offline = app.wait_for_result()?;
    ensure!(
        offline.share == online.share,
        "{offline:?}, and online {online:?}"
    );
    for kind in ["mask", "overlay", "probability"] {
        let bytes = app.download(kind)?.bytes;
        ensure!(
            image::load_from_memory(&bytes).is_ok(),
            "{kind} is no picture"
        );
    }
    // All weights are there, also those that were not used yet.
    app.open_settings()?;
    press(&app, "weights-open")?;
    let by_open = app.wait_for_another_result(&offline.job)?;
    ensure!(by_open.share != offline.share, "open weights find the same");
    Ok(())
}

#[rstest]
fn a_new_version_waits_for_the_person_and_never_mixes_with_the_old(
    #[values(Browser::Chromium, Browser::Firefox)] browser: Browser,
) -> Result<()> {
    let site = copy_of_app(&format!("renewed-{browser:?}"))?;
    let app = App::open_site_in(browser, &site)?;
    wait_until_kept(&app)?;
    // From here on the page comes from the service worker.
    app.reload()?;
    app.wait_until_ready()?;
    let photo = native::photo("renewed.png", 160, 120)?;

    deploy_another(&site)?;
    app.run(CHECK_FOR_UPDATE, json!([]))?;
    app.wait_for("[data-testid=update]", PATIENCE)?;
    // Coming again leaves the new version as complete as it is.
    app.reload()?;
    app.wait_until_ready()?;
    app.choose(&[&photo])?;
    let before = app.wait_for_result()?;
    app.wait_for("[data-testid=update]", PATIENCE)?;
    // Another tab takes the new version; this one goes on with the old, down to the files that it asks for anew.
    app.run(ACTIVATE, json!([]))?;
    let old = app.run(ASK_FOR_STYLE, json!([]))?;
    ensure!(
        old == false,
        "an old page is given a file of the new version"
    );
    app.click("clear")?;
    app.choose(&[&photo])?;
    let after = app.wait_for_another_result(&before.job)?;
    ensure!(
        after.share == before.share,
        "{after:?}, and before {before:?}"
    );
    app.wait_for("[data-testid=work-kept][data-kept=complete]", PATIENCE)?;
    // So large that a worker starts another one to help.
    app.run(LISTEN_TO_NEW, json!([]))?;
    let large = native::photo("renewed-large.png", 1200, 900)?;
    app.choose(&[&large])?;
    app.wait_for("[data-testid=card]:nth-child(2)[data-phase=done]", PATIENCE)?;
    let heard = app.run("return window.heard", json!([]))?;
    ensure!(heard == 0, "an old page's worker runs the new program");
    app.wait_for("[data-testid=work-kept][data-kept=complete]", PATIENCE)?;

    update(&app)?;
    let new = app.run(ASK_FOR_STYLE, json!([]))?;
    ensure!(
        new == true,
        "the new page is given a file of the old version"
    );
    wait_until_kept(&app)?;
    // The new version takes up what the old one had in hand.
    app.click("open-left-over")?;
    let opened = app.wait_for_result()?;
    ensure!(
        opened.share == before.share,
        "{opened:?}, and before {before:?}"
    );
    app.run(LISTEN_TO_NEW, json!([]))?;
    app.choose(&[&large])?;
    app.wait_for("[data-testid=card]:nth-child(3)[data-phase=done]", PATIENCE)?;
    let heard = app.run("return window.heard", json!([]))?;
    let cores = app.run("return navigator.hardwareConcurrency", json!([]))?;
    ensure!(heard != 0 || cores == 1, "nobody helps the new page");
    Ok(())
}

#[rstest]
fn a_new_version_with_other_weights_starts_without_a_network(
    #[values(Browser::Chromium, Browser::Firefox, Browser::WebKit)] browser: Browser,
) -> Result<()> {
    let site = copy_of_app(&format!("other-weights-{browser:?}"))?;
    let mut app = App::open_site_in(browser, &site)?;
    wait_until_kept(&app)?;
    // Until then they have no name.
    app.wait_until_ready()?;
    let old = app.get("weights")?.text()?;
    // As if these had been trained anew.
    let weights = site.join("weights");
    fs::copy(weights.join("open.bpk"), weights.join("lite.bpk"))?;
    let manifest = fs::read_to_string(weights.join("manifest.json"))?;
    let mut listed: Value = serde_json::from_str(&manifest)?;
    let hash = listed["weights"][1]["sha256"].clone();
    listed["weights"][0]["sha256"] = hash;
    fs::write(weights.join("manifest.json"), listed.to_string())?;
    deploy_another(&site)?;
    app.run(CHECK_FOR_UPDATE, json!([]))?;
    app.wait_for("[data-testid=update]", PATIENCE)?;

    app.stop_server();
    update(&app)?;
    let new = app.get("weights")?.text()?;
    ensure!(new != old, "the weights are {new} still");
    Ok(())
}

#[test]
fn half_a_deployment_changes_nothing() -> Result<()> {
    let site = copy_of_app("half")?;
    let app = App::open_site(Gpu::None, &site, "")?;
    wait_until_kept(&app)?;
    // The new list is there already, a file that it names is the old one still.
    let style = site.join("www/style.css");
    let old = fs::read(&style)?;
    deploy_another(&site)?;
    fs::write(&style, old)?;
    let installed = app.run(CHECK_FOR_UPDATE, json!([]))?;
    ensure!(
        installed == "redundant",
        "the new service worker is {installed}"
    );
    app.reload()?;
    app.wait_until_ready()?;
    app.find("[data-testid=app]:not(:has([data-testid=update]))")?;
    Ok(())
}

#[test]
fn what_could_not_be_kept_is_tried_again_when_the_network_is_back() -> Result<()> {
    let site = copy_of_app("interrupted")?;
    let (missing, elsewhere) = (site.join("www/icon-512.png"), site.join("icon"));
    fs::rename(&missing, &elsewhere)?;
    let app = App::open_site(Gpu::None, &site, "")?;
    app.wait_for("[data-testid=offline][data-kept=failed]", PATIENCE)?;
    fs::rename(&elsewhere, &missing)?;
    app.run("dispatchEvent(new Event('online'))", json!([]))?;
    wait_until_kept(&app)
}

#[test]
fn a_photo_shared_by_another_app_is_worked() -> Result<()> {
    let app = App::open(Gpu::None)?;
    wait_until_kept(&app)?;
    app.reload()?;
    app.wait_until_ready()?;
    let answer = app.run(SHARE, json!([]))?;
    ensure!(
        answer == "opaqueredirect",
        "the service worker answers by {answer}"
    );
    app.wait_for("[title='gemeinsam ü.png']", PATIENCE)?;
    app.wait_for_result().map(drop)
}

/// Not by a pointer, which misses in WebKit where the panel still moves.
fn press(app: &App, testid: &str) -> Result<()> {
    let button = app.get(testid)?.reference();
    app.run("arguments[0].click()", json!([button])).map(drop)
}

/// Takes the new version. The old page tells of it as long as it is there.
fn update(app: &App) -> Result<()> {
    press(app, "update-now")?;
    app.wait_for("html:not(:has([data-testid=update]))", PATIENCE)?;
    app.wait_until_ready()
}

fn wait_until_kept(app: &App) -> Result<()> {
    app.wait_for("[data-testid=offline][data-kept=complete]", PATIENCE)
        .context("the app is not ready for offline use")
        .map(drop)
}

/// Counts the programs of the new version that say that they run.
const LISTEN_TO_NEW: &str = r#"
    window.heard = 0;
    new BroadcastChannel("new").onmessage = () => (window.heard += 1);
"#;

/// Changes files of the app, and its service worker with it as the build would.
fn deploy_another(site: &Path) -> Result<()> {
    let style = site.join("www/style.css");
    let changed = format!("{}\n.is-new {{}}\n", fs::read_to_string(&style)?);
    fs::write(&style, changed)?;
    for program in ["worker.js", "gpu-worker.js"] {
        let program = site.join(program);
        let code = fs::read_to_string(&program)?;
        fs::write(
            &program,
            format!("{code}\nnew BroadcastChannel(\"new\").postMessage(null);\n"),
        )?;
    }
    // The build takes the source from where it lies before, and lists everything else.
    let worker = site.join("service-worker.js");
    let code = fs::read_to_string(&worker)?;
    let (_, source) = code
        .split_once("};\n\n")
        .context("the service worker begins with its lists")?;
    fs::write(site.join("www/service-worker.js"), source)?;
    fs::remove_file(&worker)?;
    xtask::service_worker::write(site)
}

/// Has the browser look for a new service worker; tells what became of it. After a page came the browser looks by itself, too: it
/// may have found the new one before, or this joins a look that fails, or that began when there was no new one.
const CHECK_FOR_UPDATE: &str = r#"
    return navigator.serviceWorker.ready.then(async (registration) => {
        const became = (worker) =>
            new Promise((resolve) => {
                const look = () => {
                    if (!["parsed", "installing"].includes(worker.state)) resolve(worker.state);
                };
                worker.addEventListener("statechange", look);
                look();
            });
        let isFound = false;
        const found = new Promise((resolve) => {
            registration.addEventListener("updatefound", () => {
                isFound = true;
                resolve(became(registration.installing));
            });
        });
        while (!isFound) {
            try {
                await registration.update();
            } catch {
                // Others get their turn, should it fail at once.
                await new Promise((resolve) => setTimeout(resolve));
            }
            const worker = registration.installing ?? registration.waiting;
            if (worker) return became(worker);
        }
        return found;
    });
"#;

/// What another tab does: has the waiting service worker take over.
const ACTIVATE: &str = r#"
    return navigator.serviceWorker.ready.then((registration) => new Promise((resolve) => {
        const worker = registration.waiting;
        worker.addEventListener("statechange", () => worker.state === "activated" && resolve());
        worker.postMessage("activate");
    }));
"#;

/// Whether the style that this page is given is the new one's.
const ASK_FOR_STYLE: &str = r#"
    const url = document.querySelector("link[href$='www/style.css']").href;
    return fetch(url).then((response) => response.text()).then((text) => text.includes(".is-new"));
"#;

/// What the system does when a person shares a picture with the app.
const SHARE: &str = r#"
    const canvas = new OffscreenCanvas(96, 64);
    canvas.getContext("2d").fillRect(0, 30, 96, 3);
    return canvas.convertToBlob().then((blob) => {
        const form = new FormData();
        form.append("photos", new File([blob], "gemeinsam ü.png", { type: blob.type }));
        // The system posts as a navigation, which the page's own policy forbids it; so it follows by hand.
        return fetch("share", { method: "POST", body: form, redirect: "manual" });
    }).then(({ type }) => {
        // Not before the answer is on its way to the driver.
        setTimeout(() => location.assign("./?shared"));
        return type;
    });
"#;
