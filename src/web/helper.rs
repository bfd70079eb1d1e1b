//! A worker that computes passes for another one, and knows of nothing else; [`crew`](super::crew) is the other one's side.

use std::panic;

use js_sys::{Array, Float32Array, Reflect, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{MessageEvent, Worker};

use super::js_error;
use super::worker::scope;
use crate::device::DeviceError;
use crate::engine::Engine;
use crate::segmenter::Segmenter;
use crate::weights::{Weights, WeightsError};

#[wasm_bindgen]
extern "C" {
    /// A weights file, as it was read: `{ name, bytes }`.
    #[derive(Clone, Debug)]
    #[wasm_bindgen(extends = js_sys::Object)]
    pub(super) type WeightsFile;

    /// Its name, by which they are known where it holds none.
    #[wasm_bindgen(method, getter)]
    fn name(this: &WeightsFile) -> String;

    #[wasm_bindgen(method, getter)]
    fn bytes(this: &WeightsFile) -> Uint8Array;
}

impl WeightsFile {
    /// None where the browser has no memory for it.
    pub(super) fn new(name: &str, bytes: &[u8]) -> Option<Self> {
        let file = js_sys::Object::new();
        Reflect::set(&file, &"name".into(), &name.into()).ok()?;
        Reflect::set(&file, &"bytes".into(), &Uint8Array::from(bytes)).ok()?;
        Some(file.unchecked_into())
    }
}

/// What a helper is asked, one at a time: a pass, see [`Segmenter::probabilities`].
pub(super) struct Errand {
    /// The tiles, a byte a pixel from its beginning on, and room for a float a pixel: the answer comes in the same memory, so
    /// that no garbage piles up.
    pub(super) room: Float32Array,
    /// Height and width of a tile.
    pub(super) size: [usize; 2],
}

impl Errand {
    /// `room` serves once more, where it has the size.
    pub(super) fn new(tiles: &[u8], size: [usize; 2], room: Option<Float32Array>) -> Self {
        let pixels = tiles.len() as u32;
        let room = room.filter(|room| room.length() == pixels);
        let room = room.unwrap_or_else(|| Float32Array::new_with_length(pixels));
        bytes_of(&room).copy_from(tiles);
        Self { room, size }
    }

    /// The room goes along.
    pub(super) fn post(&self, helper: &Worker) -> Result<(), JsValue> {
        let [height, width] = self.size.map(|side| JsValue::from(side as u32));
        let message = Array::of3(&self.room, &height, &width);
        helper.post_message_with_transfer(&message, &Array::of1(&self.room.buffer()))
    }

    fn of(message: &JsValue) -> Option<Self> {
        let message: &Array = message.dyn_ref()?;
        let side = |place| Some(message.get(place).as_f64()? as usize);
        Some(Self {
            room: message.get(0).dyn_into().ok()?,
            size: [side(1)?, side(2)?],
        })
    }

    async fn run(self, segmenter: &Segmenter) -> Result<Float32Array, DeviceError> {
        let tiles = bytes_of(&self.room).to_vec();
        let found = segmenter.probabilities(&tiles, self.size).await?;
        self.room.copy_from(&found);
        Ok(self.room)
    }
}

/// As many bytes as the room has floats.
fn bytes_of(room: &Float32Array) -> Uint8Array {
    Uint8Array::new_with_byte_offset_and_length(&room.buffer(), 0, room.length())
}

/// What a helper answers.
pub(super) enum Answer {
    /// It can be asked.
    Loaded,
    /// The probabilities, in the errand's room.
    Passed(Float32Array),
    /// It is of no use any more, and why. `www/helper.js` says so too.
    Lost(String),
}

impl Answer {
    /// Probabilities go along.
    fn post(self) -> Result<(), JsValue> {
        match self {
            Self::Loaded => scope().post_message(&JsValue::NULL),
            Self::Passed(found) => {
                scope().post_message_with_transfer(&found, &Array::of1(&found.buffer()))
            }
            Self::Lost(detail) => scope().post_message(&detail.into()),
        }
    }
}

impl From<JsValue> for Answer {
    fn from(message: JsValue) -> Self {
        if message.is_null() {
            return Self::Loaded;
        }
        match message.dyn_into() {
            Ok(found) => Self::Passed(found),
            Err(message) => Self::Lost(message.as_string().unwrap_or_default()),
        }
    }
}

/// The weights that this worker is to help with, where `www/helper.js` has started it.
pub(super) fn weights() -> Option<WeightsFile> {
    let weights = Reflect::get(&scope(), &"helpWith".into()).ok()?;
    weights.is_object().then(|| weights.unchecked_into())
}

/// Computes passes by these weights for as long as the worker lives.
pub(super) fn run(weights: &WeightsFile) {
    panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        answer(Answer::Lost(info.to_string()));
    }));
    let segmenter = match load(weights) {
        Ok(segmenter) => &*Box::leak(Box::new(segmenter)),
        Err(error) => return answer(Answer::Lost(error.to_string())),
    };
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        spawn_local(async move {
            let Some(errand) = Errand::of(&event.data()) else {
                return answer(Answer::Lost("an errand that is none".into()));
            };
            answer(match errand.run(segmenter).await {
                Ok(found) => Answer::Passed(found),
                Err(error) => Answer::Lost(error.to_string()),
            });
        });
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // The listener lives as long as the worker, and so does the segmenter.
    on_message.forget();
    answer(Answer::Loaded);
}

fn load(file: &WeightsFile) -> Result<Segmenter, WeightsError> {
    let weights = Weights::from_bytes(file.bytes().to_vec(), &file.name())?;
    let engine = Engine::on_cpu(&weights.network()?);
    let segmenter = Segmenter::new(engine, weights.metadata().usage);
    // At once: a large photo is seen at half its size first, whose tiles may be smaller.
    segmenter.reserve();
    Ok(segmenter)
}

fn answer(answer: Answer) {
    if let Err(error) = answer.post() {
        web_sys::console::error_1(&js_error::message(&error).into());
    }
}
