//! What the page asks of the browser, in forms that clean up after themselves.

use std::time::Duration;

use js_sys::{Array, ArrayBuffer, Uint8Array};
use leptos::prelude::{document, set_timeout, window};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{Clamped, JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, CanvasRenderingContext2d, ClipboardItem, File, FileList,
    FilePropertyBag, HtmlAnchorElement, HtmlCanvasElement, ImageBitmap, ImageBitmapOptions,
    ImageData, ResizeQuality, Response, Url,
};

use crate::protocol::Size;

/// How long a download may take to begin before its URL is given back.
const DOWNLOAD_BEGINS: Duration = Duration::from_secs(30);

/// Screens below this are a phone's, in CSS pixels.
const NARROW: f64 = 640.0;

/// Pixels across of a small picture.
const THUMBNAIL_WIDTH: u32 = 480;

/// A `blob:` URL, given back when dropped.
pub(super) struct ObjectUrl(String);

impl ObjectUrl {
    pub(super) fn new(blob: &Blob) -> Result<Self, JsValue> {
        Url::create_object_url_with_blob(blob).map(Self)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Drop for ObjectUrl {
    fn drop(&mut self) {
        // Fails only for text that is no URL.
        let _ = Url::revoke_object_url(&self.0);
    }
}

/// A canvas whose memory is given back when dropped, not when the garbage collector comes by: on tablets all canvases
/// together have a few hundred megabytes.
pub(super) struct Canvas(HtmlCanvasElement);

impl Canvas {
    /// Draws a picture file, at its own size.
    pub(super) async fn of_file(file: &Blob) -> Result<Self, JsValue> {
        let bitmap = JsFuture::from(window().create_image_bitmap_with_blob(file)?).await?;
        Self::of_bitmap(bitmap.dyn_into()?)
    }

    /// Draws a small form of a picture file.
    pub(super) async fn thumbnail_of_file(file: &Blob) -> Result<Self, JsValue> {
        let options = ImageBitmapOptions::new();
        options.set_resize_width(THUMBNAIL_WIDTH);
        options.set_resize_quality(ResizeQuality::Medium);
        let made =
            window().create_image_bitmap_with_blob_and_image_bitmap_options(file, &options)?;
        Self::of_bitmap(JsFuture::from(made).await?.dyn_into()?)
    }

    /// The canvas as a JPEG file.
    pub(super) async fn to_jpeg(&self, quality: f64) -> Result<Blob, JsValue> {
        let promise = js_sys::Promise::new(&mut |resolve, reject| {
            let done = Closure::once_into_js(move |blob: JsValue| {
                resolve.call1(&JsValue::UNDEFINED, &blob)
            });
            let begun = self.0.to_blob_with_type_and_encoder_options(
                done.unchecked_ref(),
                "image/jpeg",
                &quality.into(),
            );
            if let Err(error) = begun {
                // Rejecting a promise can't fail.
                let _ = reject.call1(&JsValue::UNDEFINED, &error);
            }
        });
        JsFuture::from(promise).await?.dyn_into()
    }

    pub(super) fn element(&self) -> &HtmlCanvasElement {
        &self.0
    }

    fn new(size: Size) -> Result<Self, JsValue> {
        let element: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
        element.set_width(size.width);
        element.set_height(size.height);
        Ok(Self(element))
    }

    fn of_bitmap(bitmap: ImageBitmap) -> Result<Self, JsValue> {
        let canvas = Self::new(Size {
            width: bitmap.width(),
            height: bitmap.height(),
        })?;
        let drawn = context(&canvas.0)?.draw_image_with_image_bitmap(&bitmap, 0.0, 0.0);
        bitmap.close();
        drawn.map(|()| canvas)
    }
}

impl Drop for Canvas {
    fn drop(&mut self) {
        self.0.remove();
        release(&self.0);
    }
}

/// Gives back a canvas's memory.
pub(super) fn release(canvas: &HtmlCanvasElement) {
    canvas.set_width(1);
    canvas.set_height(1);
}

/// Gives a canvas a size; another one clears it.
pub(super) fn resize(canvas: &HtmlCanvasElement, size: Size) {
    if (canvas.width(), canvas.height()) != (size.width, size.height) {
        canvas.set_width(size.width);
        canvas.set_height(size.height);
    }
}

/// Replaces rows of a canvas from `top` on.
pub(super) fn put_rows(canvas: &HtmlCanvasElement, rgba: &[u8], top: u32) -> Result<(), JsValue> {
    let image = ImageData::new_with_u8_clamped_array(Clamped(rgba), canvas.width())?;
    context(canvas)?.put_image_data(&image, 0.0, f64::from(top))
}

fn context(canvas: &HtmlCanvasElement) -> Result<CanvasRenderingContext2d, JsValue> {
    let context = canvas.get_context("2d")?.ok_or("no 2d context")?;
    Ok(context.unchecked_into())
}

/// A file's bytes.
pub(super) async fn read(blob: &Blob) -> Result<ArrayBuffer, JsValue> {
    JsFuture::from(blob.array_buffer()).await?.dyn_into()
}

/// A file's bytes, in this program's memory.
pub(super) async fn read_to_vec(blob: &Blob) -> Result<Vec<u8>, JsValue> {
    let bytes = read(blob).await?;
    Ok(Uint8Array::new(&bytes).to_vec())
}

/// Bytes as a file without a name. The browser may keep it on disk.
pub(super) fn blob_of(bytes: &ArrayBuffer, mime: &str) -> Result<Blob, JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    Blob::new_with_buffer_source_sequence_and_options(&Array::of1(bytes), &options)
}

/// Hands a file to the person.
pub(super) fn download(blob: &Blob, name: &str) -> Result<(), JsValue> {
    let url = ObjectUrl::new(blob)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(url.as_str());
    link.set_download(name);
    link.click();
    set_timeout(move || drop(url), DOWNLOAD_BEGINS);
    Ok(())
}

/// Fetches a picture of the page's own host.
pub(super) async fn fetch_file(url: &str, name: &str) -> Result<File, JsValue> {
    let response: Response = JsFuture::from(window().fetch_with_str(url))
        .await?
        .dyn_into()?;
    if !response.ok() {
        return Err(response.status_text().into());
    }
    let blob: Blob = JsFuture::from(response.blob()?).await?.dyn_into()?;
    named(&blob, name)
}

/// The pictures on the clipboard. The browser may ask the person first.
pub(super) async fn paste_files() -> Result<Vec<File>, JsValue> {
    let mut files = Vec::new();
    let items: Array = JsFuture::from(window().navigator().clipboard().read())
        .await?
        .dyn_into()?;
    for item in items.iter() {
        let item: ClipboardItem = item.dyn_into()?;
        let picture = item
            .types()
            .iter()
            .filter_map(|kind| kind.as_string())
            .find(|kind| kind.starts_with("image/"));
        if let Some(kind) = picture {
            let blob: Blob = JsFuture::from(item.get_type(&kind)).await?.dyn_into()?;
            let ending = kind.trim_start_matches("image/");
            files.push(named(&blob, &format!("pasted.{ending}"))?);
        }
    }
    Ok(files)
}

/// Whether this browser lets a page read pictures from the clipboard.
pub(super) fn can_paste() -> bool {
    let clipboard = js_sys::Reflect::get(&window().navigator(), &"clipboard".into());
    clipboard
        .ok()
        .filter(JsValue::is_object)
        .is_some_and(|clipboard| js_sys::Reflect::has(&clipboard, &"read".into()).unwrap_or(false))
}

/// The files of a list that a person chose, dropped or pasted.
pub(super) fn files(list: Option<FileList>) -> Vec<File> {
    let Some(list) = list else { return Vec::new() };
    (0..list.length())
        .filter_map(|index| list.get(index))
        .collect()
}

fn named(blob: &Blob, name: &str) -> Result<File, JsValue> {
    let options = FilePropertyBag::new();
    options.set_type(&blob.type_());
    File::new_with_blob_sequence_and_options(&Array::of1(blob), name, &options)
}

/// Whether this is a screen of a phone's width, as the style sheet counts it.
pub(super) fn is_narrow() -> bool {
    let width = window().inner_width().ok().and_then(|width| width.as_f64());
    width.is_some_and(|width| width < NARROW)
}

/// Tells the console what went wrong where the person can do nothing about it.
pub(super) fn log(error: &JsValue) {
    web_sys::console::warn_1(error);
}
