//! The program of the page. `www/boot.js` mounts it as the app, `www/part.js` as a part of other pages.

#[cfg(target_family = "wasm")]
pub mod exports {
    //! What JavaScript has of this program.

    use crack_segmenter::mask;
    use crack_segmenter::protocol::Size;
    use crack_segmenter::web::program_files::Files;
    use crack_segmenter::web::ui::host::{News, Options};
    use crack_segmenter::web::ui::{self, Place};
    use js_sys::{Array, Error, Function, Promise};
    use serde::Serialize as _;
    use serde_wasm_bindgen::Serializer;
    use wasm_bindgen::JsValue;
    use wasm_bindgen::prelude::wasm_bindgen;
    use web_sys::{Blob, File, HtmlElement};

    /// The app, or a part of another page; `free()` takes it out again.
    #[wasm_bindgen]
    pub struct Page(ui::Page);

    /// Puts the app into `root`. `base_url` is the folder in which its files lie, ending in a slash.
    #[wasm_bindgen(js_name = mountApp)]
    pub fn mount_app(root: HtmlElement, files: Files, base_url: String) -> Result<Page, JsValue> {
        let options = Options {
            controls: true,
            ..Options::default()
        };
        mount_page(
            Some(root),
            files,
            Place::App { base_url },
            options,
            |_, _| {},
        )
    }

    /// Puts a part of another page into `root`; without a root it has no view. `options` are those of
    /// [`Page::configure`]; `on_news(news, files)` is told what happens.
    #[wasm_bindgen(js_name = mountPart)]
    pub fn mount_part(
        root: Option<HtmlElement>,
        files: Files,
        options: JsValue,
        on_news: Function,
    ) -> Result<Page, JsValue> {
        let options = serde_wasm_bindgen::from_value(options)?;
        mount_page(root, files, Place::Embedded, options, move |news, files| {
            let files: Array = files.into_iter().collect();
            let told = news
                .serialize(&Serializer::json_compatible())
                .map_err(JsValue::from)
                .and_then(|news| on_news.call2(&JsValue::UNDEFINED, &news, &files));
            if let Err(error) = told {
                web_sys::console::error_1(&error);
            }
        })
    }

    fn mount_page(
        root: Option<HtmlElement>,
        files: Files,
        place: Place,
        options: Options,
        on_news: impl Fn(&News, Vec<Blob>) + 'static,
    ) -> Result<Page, JsValue> {
        let page = ui::mount(root, files, place, options, on_news);
        page.map(Page)
            .ok_or_else(|| Error::new("the view could not be built").into())
    }

    #[wasm_bindgen]
    impl Page {
        /// Takes over `{ threshold, overlayOpacity, mode, backend, weightsUrl, theme, controls, languages }`.
        pub fn configure(&self, options: JsValue) -> Result<(), JsValue> {
            self.0.configure(serde_wasm_bindgen::from_value(options)?);
            Ok(())
        }

        /// Takes in a photo, and gives back the number that names it in all news.
        pub fn segment(&self, photo: File) -> u32 {
            self.0.segment(photo)
        }

        /// Stops a photo; without a number all of them.
        pub fn cancel(&self, photo: Option<u32>) {
            match photo {
                Some(photo) => self.0.cancel(photo),
                None => self.0.cancel_all(),
            }
        }

        /// Takes a photo away, and what is kept for it.
        pub fn remove(&self, photo: u32) {
            self.0.remove(photo);
        }

        /// Takes all photos away.
        pub fn clear(&self) {
            self.0.clear();
        }

        /// Says in place of the photo that it could not be fetched.
        #[wasm_bindgen(js_name = lackSource)]
        pub fn lack_source(&self) {
            self.0.lack_source();
        }
    }

    /// Draws a result as a PNG file, from its probability map and its photo. Resolves to a Blob.
    #[wasm_bindgen]
    pub fn draw(
        files: &Files,
        drawing: JsValue,
        map: &Blob,
        photo: &Blob,
    ) -> Result<Promise, JsValue> {
        let drawing = serde_wasm_bindgen::from_value(drawing)?;
        Ok(ui::draw(files, &drawing, map, photo))
    }

    /// Measures the cracks of a probability map. Resolves to an array of them, longest first.
    #[wasm_bindgen]
    pub fn measure(files: &Files, width: u32, height: u32, threshold: f32, map: &Blob) -> Promise {
        ui::measure(files, Size { width, height }, threshold, map)
    }

    /// The largest value of a probability map (0 to 255) that is not a crack at `threshold` (0 to 1).
    #[wasm_bindgen]
    pub fn cutoff(threshold: f32) -> u8 {
        mask::cutoff(threshold)
    }
}

#[cfg(target_family = "wasm")]
fn main() {
    console_error_panic_hook::set_once();
}

#[cfg(not(target_family = "wasm"))]
fn main() {
    eprintln!("This program runs in a browser: `cargo xtask serve` builds and serves it.");
}
