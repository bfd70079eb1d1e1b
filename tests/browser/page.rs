//! What a person does with the page, and sees.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use crack_segmenter::mask::Mask;
use image::GrayImage;
use serde::Deserialize;
use serde_json::json;

use crate::harness::App;
use xtask::webdriver::Element;

/// How long the engine may take to start, or a photo to be worked, on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(240);

/// Clicks a button, and takes the file that the page then hands over: what it was made of, before the browser keeps it.
const DOWNLOAD: &str = r#"
    const [button] = arguments;
    const create = URL.createObjectURL;
    const click = HTMLAnchorElement.prototype.click;
    return new Promise((resolve) => {
        let handedOver;
        URL.createObjectURL = (blob) => {
            handedOver = blob;
            return create.call(URL, blob);
        };
        HTMLAnchorElement.prototype.click = function () {
            URL.createObjectURL = create;
            HTMLAnchorElement.prototype.click = click;
            const name = this.download;
            handedOver.arrayBuffer().then((bytes) => resolve({ name, bytes: Array.from(new Uint8Array(bytes)) }));
        };
        button.click();
    });
"#;

/// Counts the colours of the canvas over the photo, once the page had a frame's time to draw it.
const PAINTED: &str = r#"
    const frame = () => new Promise(requestAnimationFrame);
    return frame().then(frame).then(() => {
        const { width, height } = arguments[0];
        const pixels = arguments[0].getContext("2d").getImageData(0, 0, width, height).data;
        const colours = {};
        for (let at = 0; at < pixels.length; at += 4) {
            const colour = pixels.subarray(at, at + 4).join(" ");
            colours[colour] = (colours[colour] ?? 0) + 1;
        }
        return { width, height, colours };
    });
"#;

/// What the page puts off until the next frame was asked for before this, so it comes before this.
const NEXT_FRAME: &str = "return new Promise(requestAnimationFrame).then(() => null);";

/// A result, as the panel tells it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    /// The job that gave it.
    pub(crate) job: String,
    /// The share of the area that is crack.
    pub(crate) share: f64,
}

/// A file that the page handed over.
#[derive(Debug, Deserialize)]
pub(crate) struct Download {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// What is drawn over the photo.
#[derive(Debug, PartialEq, Deserialize)]
pub(crate) struct Painted {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Number of pixels of each colour, `red green blue alpha`.
    pub(crate) colours: HashMap<String, u32>,
}

impl Painted {
    /// The share of the pixels that have a colour.
    pub(crate) fn share(&self, colour: &str) -> f64 {
        let pixels = self.colours.get(colour).copied().unwrap_or(0);
        f64::from(pixels) / f64::from(self.width * self.height)
    }
}

impl App {
    /// The element with this `data-testid`.
    pub(crate) fn get(&self, name: &str) -> Result<Element<'_>> {
        self.find(&format!("[data-testid={name}]"))
    }

    /// Clicks the element with this `data-testid`.
    pub(crate) fn click(&self, name: &str) -> Result<()> {
        self.click_on(&self.get(name)?)
            .with_context(|| name.to_owned())
    }

    /// Clicks an element where it comes to stand: at the next frame the page scrolls to what was just opened, or to what has the
    /// focus now.
    pub(crate) fn click_on(&self, element: &Element<'_>) -> Result<()> {
        self.wait_for_frame()?;
        element.click()
    }

    fn wait_for_frame(&self) -> Result<()> {
        self.run(NEXT_FRAME, json!([])).map(drop)
    }

    /// What screen readers were told last beside the state of the photo on the stage.
    pub(crate) fn told(&self) -> Result<String> {
        // Its text is for no eye.
        let told = self.run(
            r#"return document.querySelector("[data-testid=announcer]").textContent;"#,
            json!([]),
        )?;
        Ok(serde_json::from_value(told)?)
    }

    /// Waits until the engine is ready and nothing is in work.
    pub(crate) fn wait_until_ready(&self) -> Result<()> {
        self.wait_for("[data-testid=app][data-state=ready]", PATIENCE)
            .map(drop)
    }

    /// Chooses photos, as by the file chooser.
    pub(crate) fn choose(&self, photos: &[&Path]) -> Result<()> {
        let paths: Vec<_> = photos.iter().map(|path| path.to_string_lossy()).collect();
        self.get("file-input")?.type_in(&paths.join("\n"))
    }

    /// Opens the settings, which photos close.
    pub(crate) fn open_settings(&self) -> Result<()> {
        let settings = self.get("settings")?;
        // The page opens and closes them at the next frame.
        self.wait_for_frame()?;
        if settings.attribute("aria-expanded")? == "false" {
            settings.click()?;
        }
        Ok(())
    }

    /// Chooses weights, as by the file chooser.
    pub(crate) fn choose_weights(&self, file: &Path) -> Result<()> {
        self.get("weights-input")?.type_in(&file.to_string_lossy())
    }

    /// Waits until all work is done and there is a result.
    pub(crate) fn wait_for_result(&self) -> Result<Found> {
        self.wait_for_another_result("")
    }

    /// Waits until all work is done and there is a result of another job.
    pub(crate) fn wait_for_another_result(&self, job: &str) -> Result<Found> {
        let css = format!(
            "[data-testid=app][data-state=ready] [data-testid=result]:not([data-job='{job}'])"
        );
        let result = self.wait_for(&css, PATIENCE)?;
        Ok(Found {
            job: result.attribute("data-job")?,
            share: result.attribute("data-share")?.parse()?,
        })
    }

    /// Takes a download: `mask`, `overlay`, `probability`, `table` or `all`.
    pub(crate) fn download(&self, kind: &str) -> Result<Download> {
        let css = format!("[data-testid=download-{kind}]");
        let button = self.find(&format!("{css}[aria-disabled=false]"))?;
        Ok(serde_json::from_value(
            self.run(DOWNLOAD, json!([button.reference()]))?,
        )?)
    }

    /// Takes the mask.
    pub(crate) fn download_mask(&self) -> Result<Mask> {
        let image: GrayImage = image::load_from_memory(&self.download("mask")?.bytes)?.into_luma8();
        ensure!(
            image.iter().all(|value| [0, 255].contains(value)),
            "the mask has values between 0 and 255"
        );
        Ok(Mask::from_grey(image))
    }

    /// What is drawn over the photo.
    pub(crate) fn painted(&self) -> Result<Painted> {
        let canvas = self.get("overlay")?;
        Ok(serde_json::from_value(
            self.run(PAINTED, json!([canvas.reference()]))?,
        )?)
    }

    /// Where a slider stands.
    pub(crate) fn value(&self, slider: &str) -> Result<f64> {
        let slider = self.get(slider)?.reference();
        let value = self.run("return Number(arguments[0].value)", json!([slider]))?;
        value.as_f64().with_context(|| format!("it is {value}"))
    }

    /// Waits for the words beside what failed: these must be among them.
    pub(crate) fn expect_error(&self, words: &[&str]) -> Result<()> {
        let error = self.wait_for("[data-testid=error]", PATIENCE)?.text()?;
        for words in words {
            ensure!(
                error.contains(words),
                "the page does not say `{words}`, but: {error}"
            );
        }
        Ok(())
    }
}
