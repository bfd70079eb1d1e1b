//! What the page asks of the browser, in forms that clean up after themselves.

use std::time::Duration;

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use leptos::prelude::{document, event_target, set_timeout, window};
use wasm_bindgen::{Clamped, JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, CacheStorage, CanvasRenderingContext2d, ClipboardItem, Element, Event, File, FileList,
    FilePropertyBag, HtmlAnchorElement, HtmlCanvasElement, HtmlInputElement, ImageData, Response,
    Url,
};

use crate::protocol::Size;

/// How long a download may take to begin before its URL is given back.
const DOWNLOAD_BEGINS: Duration = Duration::from_secs(30);

/// A phone's width at most, in heights of the page's font; the style sheet's 40em.
const NARROW: f64 = 40.0;

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

/// Bytes as a file.
pub(super) fn file_of(bytes: &[u8]) -> Result<Blob, JsValue> {
    let parts = Array::of1(&Uint8Array::from(bytes));
    Blob::new_with_u8_array_sequence(&parts)
}

/// The browser's caches.
pub(super) fn caches() -> Result<CacheStorage, JsValue> {
    let caches = window().caches()?;
    // On a page that is not secure there are none, whatever the binding's type says.
    if caches.is_undefined() {
        return Err("this page may keep nothing".into());
    }
    Ok(caches)
}

/// Whether a media query holds.
pub(super) fn matches(query: &str) -> bool {
    let list = window().match_media(query);
    list.is_ok_and(|list| list.is_some_and(|list| list.matches()))
}

/// Whether this is an app of an iPhone's or iPad's home screen; false in their browsers; none elsewhere.
pub(super) fn is_on_home_screen() -> Option<bool> {
    let navigator = window().navigator();
    // Safari of the Mac knows it as well.
    let is_touched = navigator.max_touch_points() > 0;
    let standalone = Reflect::get(&navigator, &"standalone".into()).ok()?;
    standalone.as_bool().filter(|_| is_touched)
}

/// What became of a file that was handed to the person.
pub(super) enum Handed {
    /// The person has it.
    Over,
    /// The person does not want it.
    GivenUp,
    /// The browser wants the person to press for it, and the last press was too long ago.
    NotWithoutPress,
}

/// Hands a file to the person.
pub(super) async fn download(blob: &Blob, name: &str) -> Result<Handed, JsValue> {
    if is_on_home_screen() != Some(true) {
        return save(blob, name).map(|()| Handed::Over);
    }
    // There a download would be shown over the app, without a way back.
    let file = named(blob, name)?;
    let Err(error) = share(&file).await else {
        return Ok(Handed::Over);
    };
    let name = Reflect::get(&error, &"name".into()).unwrap_or_default();
    match name.as_string().as_deref() {
        Some("AbortError") => Ok(Handed::GivenUp),
        // The latter while another one is being handed over.
        Some("NotAllowedError" | "InvalidStateError") => Ok(Handed::NotWithoutPress),
        _ => save(&file, &file.name()).map(|()| Handed::Over),
    }
}

/// Offers a file to other apps, to save it among others.
async fn share(file: &File) -> Result<(), JsValue> {
    let data = Object::new();
    Reflect::set(&data, &"files".into(), &Array::of1(file))?;
    let navigator = window().navigator();
    let share: Function = Reflect::get(&navigator, &"share".into())?.dyn_into()?;
    let shared: Promise = share.call1(&navigator, &data)?.dyn_into()?;
    JsFuture::from(shared).await.map(drop)
}

fn save(blob: &Blob, name: &str) -> Result<(), JsValue> {
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

pub(super) fn named(blob: &Blob, name: &str) -> Result<File, JsValue> {
    let options = FilePropertyBag::new();
    options.set_type(&blob.type_());
    File::new_with_blob_sequence_and_options(&Array::of1(blob), name, &options)
}

/// The languages that the browser's owner reads, best first.
pub(super) fn languages() -> Vec<String> {
    let languages = window().navigator().languages();
    languages.iter().filter_map(|tag| tag.as_string()).collect()
}

/// Tells the browser and what reads aloud which language the document has.
pub(super) fn set_language(tag: &str) {
    let root = document().document_element();
    if let Some(Err(error)) = root.map(|root| root.set_attribute("lang", tag)) {
        log(&error);
    }
}

/// Whether the page has no more than a phone's width.
pub(super) fn is_narrow(root: &Element) -> bool {
    let style = window().get_computed_style(root).ok().flatten();
    let font = style.and_then(|style| style.get_property_value("font-size").ok());
    let font = font.and_then(|size| size.trim_end_matches("px").parse().ok());
    f64::from(root.client_width()) <= NARROW * font.unwrap_or(16.0)
}

/// Scrolls as little as it takes to show an element.
pub(super) fn bring_into_view(element: &Element) {
    let scroll = || -> Result<JsValue, JsValue> {
        let options = Object::new();
        Reflect::set(&options, &"block".into(), &"nearest".into())?;
        let scroll: Function = Reflect::get(element, &"scrollIntoView".into())?.dyn_into()?;
        scroll.call1(element, &options)
    };
    if let Err(error) = scroll() {
        log(&error);
    }
}

/// Scrolls a box, and nothing around it, as little as it takes to show an element in it below the `head` that stays at its top.
pub(super) fn show_within(container: &Element, head: &Element, element: &Element) {
    let bounds = |element: &Element| {
        let bounds = element.get_bounding_client_rect();
        (bounds.top(), bounds.bottom())
    };
    let ((_, top), (_, bottom), (first, last)) = (bounds(head), bounds(container), bounds(element));
    let away = (first - top).min(0.0) + (last - bottom).max(0.0);
    container.set_scroll_top(container.scroll_top() + away.round() as i32);
}

/// The number that an input was given; read by the browser, whose program for that need not come along.
pub(super) fn number_of(event: &Event) -> f64 {
    let input: HtmlInputElement = event_target(event);
    input.value_as_number()
}

/// Tells the console what went wrong where the person can do nothing about it.
pub(super) fn log(error: &JsValue) {
    web_sys::console::warn_1(error);
}

/// What was asked for, or a word on the console.
pub(super) fn or_log<T>(done: Result<T, JsValue>) -> Option<T> {
    done.map_err(|error| log(&error)).ok()
}
