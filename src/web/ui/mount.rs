//! Puts the page into a root, and lets the page around it have its say.

use std::any::Any;
use std::cell::OnceCell;
use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, Document, File, HtmlElement, HtmlLinkElement, ShadowRoot};

use super::components::App;
use super::controller::Controller;
use super::dom;
use super::host::{News, Options};
use super::photo::PhotoId;
use super::state::State;
use crate::web::program_files::Files;

/// The page in its root. When dropped it is taken out again, and everything of it ends: its jobs, listeners, canvases, and
/// the worker unless another part of the document uses it; the style sheet stays with the root.
pub struct Page {
    controller: Controller,
    _view: Box<dyn Any>,
    _style_sheet: Option<StyleSheet>,
}

/// What the page is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The app itself: kept for offline use, installed, given photos by other apps.
    App {
        /// The app's folder, ending in a slash.
        base_url: String,
    },
    /// A part of another page.
    Embedded,
}

/// Puts the page into `root`, which may stand inside a shadow root. Without a root there is no view: photos come and
/// results go by way of the [`Page`] and `on_news` alone, which is told all that happens, with the files that belong to it:
/// of a result its probability map (a byte a pixel, row by row) and its photo. None where the view could not be built.
pub fn mount(
    root: Option<HtmlElement>,
    files: Files,
    place: Place,
    options: Options,
    on_news: impl Fn(&News, Vec<Blob>) + 'static,
) -> Option<Page> {
    let has_view = root.is_some();
    let root = match root {
        Some(root) => root,
        None => document().create_element("div").ok()?.unchecked_into(),
    };
    let style_sheet = has_view.then(|| StyleSheet::add(&root, &files.style()));
    let style_sheet = style_sheet.and_then(|added| {
        added.unwrap_or_else(|error| {
            dom::log(&error);
            None
        })
    });
    let controller = Rc::new(OnceCell::new());
    let view = leptos::mount::mount_to(root, {
        let controller = Rc::clone(&controller);
        move || {
            let this = Controller::start(files, place.clone(), options);
            this.report(on_news);
            // Empty until now.
            let _ = controller.set(this);
            has_view.then(|| view! { <App controller=this place=place /> })
        }
    });
    Some(Page {
        controller: *controller.get()?,
        _view: Box::new(view),
        _style_sheet: style_sheet,
    })
}

impl Page {
    /// Takes over what the embedding page chose anew.
    pub fn configure(&self, options: Options) {
        self.controller.configure(options);
    }

    /// Puts a photo at the end of the queue and onto the stage.
    pub fn segment(&self, photo: File) -> PhotoId {
        self.controller.take_photo(photo)
    }

    /// Stops a photo, or takes its turn away.
    pub fn cancel(&self, photo: PhotoId) {
        self.controller.act(|state| state.cancel(photo));
    }

    /// Stops every photo that waits or is in work.
    pub fn cancel_all(&self) {
        self.controller.act(State::cancel_all);
    }

    /// Takes a photo away, and what is kept for it.
    pub fn remove(&self, photo: PhotoId) {
        self.controller.act(|state| state.remove(photo));
    }

    /// Takes all photos away.
    pub fn clear(&self) {
        self.controller.intake_error.set(None);
        self.controller.act(State::clear);
    }

    /// Says in place of the photo that it could not be fetched.
    pub fn lack_source(&self) {
        self.controller.lack_source();
    }
}

/// The style sheet that this page brought into its root. Until it is there nothing is seen of the view.
struct StyleSheet {
    link: HtmlLinkElement,
    _show: Closure<dyn FnMut()>,
}

impl StyleSheet {
    /// A shadow root sees none of its document's style sheets; a document may have this one already, then none is added.
    fn add(root: &HtmlElement, url: &str) -> Result<Option<Self>, JsValue> {
        let tree = root.get_root_node();
        let links = match tree.dyn_ref::<ShadowRoot>() {
            Some(shadow) => shadow.query_selector_all("link[rel=stylesheet]")?,
            None => tree
                .unchecked_ref::<Document>()
                .query_selector_all("link[rel=stylesheet]")?,
        };
        let is_there = (0..links.length())
            .filter_map(|index| links.get(index)?.dyn_into::<HtmlLinkElement>().ok())
            .any(|link| link.href() == url);
        if is_there {
            return Ok(None);
        }
        let link: HtmlLinkElement = document().create_element("link")?.unchecked_into();
        link.set_rel("stylesheet");
        // As all other files: a page that embeds others' only by their leave can have it, too.
        link.set_cross_origin(Some("anonymous"));
        link.set_href(url);
        root.set_hidden(true);
        // Also where it cannot be had: then the view has to do without.
        let show = Closure::<dyn FnMut()>::new({
            let root = root.clone();
            move || root.set_hidden(false)
        });
        link.set_onload(Some(show.as_ref().unchecked_ref()));
        link.set_onerror(Some(show.as_ref().unchecked_ref()));
        root.append_child(&link)?;
        Ok(Some(Self { link, _show: show }))
    }
}

impl Drop for StyleSheet {
    fn drop(&mut self) {
        self.link.set_onload(None);
        self.link.set_onerror(None);
    }
}
