//! Results as PNG files for the page around this one.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use web_sys::Blob;

use super::host::Drawing;
use crate::overlay;
use crate::protocol::{ExportKind, Provenance, Reply, Request};
use crate::web::client::Client;
use crate::web::files::Files;

/// Draws a result as a PNG file, from its probability map (a byte a pixel, row by row) and its photo, which no page needs
/// to have any more. Asks as a part of the page of its own, so that what the visitor downloads meanwhile is told apart.
pub fn draw(files: &Files, drawing: &Drawing, map: &Blob, photo: &Blob) -> Promise {
    Promise::new(&mut |resolve, reject| {
        let client = Rc::new(RefCell::new(None::<Client>));
        let on_reply = {
            let client = Rc::clone(&client);
            move |reply, files: Vec<Blob>| {
                match (reply, files.into_iter().next()) {
                    (Reply::Exported { .. }, Some(png)) => settle(&resolve, &png),
                    (
                        Reply::Failed {
                            job: Some(_),
                            failure,
                        },
                        _,
                    ) => {
                        settle(&reject, &js_sys::Error::new(&failure.to_string()));
                    }
                    _ => return,
                }
                // Leaves, as it is answered.
                client.take();
            }
        };
        let joined = Client::join(files, on_reply);
        client.replace(Some(joined.clone()));
        joined.send(request(drawing), vec![map.clone(), photo.clone()]);
    })
}

fn settle(settle: &Function, value: &JsValue) {
    // A promise's own functions do not throw.
    let _ = settle.call1(&JsValue::UNDEFINED, value);
}

fn request(drawing: &Drawing) -> Request {
    Request::Export {
        // Nobody else asks in this part's name.
        job: 0,
        kind: drawing.kind,
        map: drawing.map,
        threshold: drawing.threshold,
        provenance: Provenance {
            photo: drawing.name.clone(),
            mode: drawing.mode,
            scale: drawing.scale,
            threshold: (drawing.kind != ExportKind::Probability).then_some(drawing.threshold),
            weights: drawing.weights.clone(),
            backend: drawing.backend.name().to_owned(),
        },
        opacity: drawing.opacity.unwrap_or(overlay::OPACITY),
    }
}
