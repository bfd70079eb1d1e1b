//! Puts the page into a root.

use std::any::Any;

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, HtmlElement, HtmlLinkElement, Node, ShadowRoot};

use super::app::App;
use super::dom;

/// The page in its root. When dropped it is taken out again, and everything of it ends: worker, listeners, canvases;
/// the style sheet stays with the root.
pub struct Mounted {
    _page: Box<dyn Any>,
}

/// What the page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The app itself: kept for offline use, installed, given photos by other apps.
    App,
    /// A part of another page.
    Embedded,
}

/// Puts the page into `root`, which may stand inside a shadow root. `base_url` is the folder in which its files lie
/// (`www/`, `weights/`, the worker), ending in a slash.
pub fn mount(root: HtmlElement, base_url: String, place: Place) -> Mounted {
    if let Err(error) = add_style_sheet(&root, &format!("{base_url}www/style.css")) {
        dom::log(&error);
    }
    let page = leptos::mount::mount_to(
        root,
        move || view! { <App base_url=base_url place=place /> },
    );
    Mounted {
        _page: Box::new(page),
    }
}

/// A shadow root sees none of its document's style sheets; a document may have this one already.
fn add_style_sheet(root: &Node, url: &str) -> Result<(), JsValue> {
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
    if !is_there {
        let link: HtmlLinkElement = document().create_element("link")?.unchecked_into();
        link.set_rel("stylesheet");
        link.set_href(url);
        root.append_child(&link)?;
    }
    Ok(())
}
