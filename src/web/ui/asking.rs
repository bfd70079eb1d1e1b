//! What the page around this one asks of a result: a PNG file, its cracks as figures. Each question is a part of the page of its
//! own, so that what the visitor asks for meanwhile is told apart.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Promise};
use serde::Serialize as _;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;
use web_sys::Blob;

use super::host::Drawing;
use crate::overlay;
use crate::protocol::{Export, Provenance, Reply, Request, Size};
use crate::web::client::Client;
use crate::web::program_files::Files;

/// Draws a result as a PNG file, from its probability map (a byte a pixel, row by row) and its photo, which no page needs
/// to have any more.
pub fn draw(files: &Files, drawing: &Drawing, map: &Blob, photo: &Blob) -> Promise {
    let brought = vec![map.clone(), photo.clone()];
    ask(
        files,
        request(drawing),
        brought,
        |reply, file| match reply {
            Reply::Exported { .. } => file.map(JsValue::from),
            _ => None,
        },
    )
}

/// Measures the cracks of a probability map at a threshold, 0 to 1: an array of them, longest first.
pub fn measure(files: &Files, size: Size, threshold: f32, map: &Blob) -> Promise {
    let request = Request::Measure {
        job: JOB,
        map: size,
        threshold,
    };
    ask(files, request, vec![map.clone()], |reply, _| match reply {
        Reply::Measured { measurements, .. } => measurements
            .cracks
            .serialize(&Serializer::json_compatible())
            .ok(),
        _ => None,
    })
}

/// Nobody else asks in this part's name.
const JOB: u32 = 0;

/// Asks the worker; `take` finds the answer in a reply and the file that came with it.
fn ask(
    files: &Files,
    request: Request,
    brought: Vec<Blob>,
    take: impl Fn(Reply, Option<Blob>) -> Option<JsValue> + 'static,
) -> Promise {
    let take = Rc::new(take);
    Promise::new(&mut |resolve, reject| {
        let client = Rc::new(RefCell::new(None::<Client>));
        let on_reply = {
            let (client, take) = (Rc::clone(&client), Rc::clone(&take));
            move |reply, files: Vec<Blob>| {
                if let Reply::Failed { failure, .. } = &reply {
                    settle(&reject, &js_sys::Error::new(&failure.to_string()));
                } else if let Some(answer) = take(reply, files.into_iter().next()) {
                    settle(&resolve, &answer);
                } else {
                    return;
                }
                // Leaves, as it is answered.
                client.take();
            }
        };
        let joined = Client::join(files, on_reply);
        client.replace(Some(joined.clone()));
        joined.send(request.clone(), brought.clone());
    })
}

fn settle(settle: &Function, value: &JsValue) {
    // A promise's own functions do not throw.
    let _ = settle.call1(&JsValue::UNDEFINED, value);
}

fn request(drawing: &Drawing) -> Request {
    let provenance = Provenance {
        photo: drawing.name.clone(),
        mode: drawing.mode,
        working_scale: drawing.scale,
        threshold: Some(drawing.threshold),
        weights: drawing.weights.clone(),
        backend: drawing.backend.name().to_owned(),
        left_out: drawing.left_out,
    };
    let export = Export {
        kind: drawing.kind,
        map: drawing.map,
        threshold: drawing.threshold,
        provenance: provenance.of(drawing.kind),
        opacity: drawing.opacity.unwrap_or(overlay::OPACITY),
        with_figure: false,
    };
    Request::Export { job: JOB, export }
}
