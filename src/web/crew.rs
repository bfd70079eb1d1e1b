//! Workers that take passes off this one, where the CPU has cores for them. Each has a memory of its own: WebAssembly's
//! threads, which share one, are only to be had on pages with headers that most hosts do not send.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Float32Array, Function, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageEvent, Worker};

use super::helper::{Answer, Errand, WeightsFile};
use super::js_error;
use super::watchdog::{SILENT, Watchdog};
use super::worker::scope;
use crate::device::DeviceError;
use crate::segmenter::{Helpers, HelpersPass};

#[wasm_bindgen]
extern "C" {
    /// Of `www/worker.js`: starts a worker as [`helper`](super::helper), by these weights.
    #[wasm_bindgen(js_namespace = globalThis, js_name = startHelper, catch)]
    fn start_helper(weights: &JsValue) -> Result<Worker, JsValue>;
}

/// Most helpers of one photo, where the device has the memory: with the shipped weights each takes about 80 MB, mostly for a
/// tile's maps.
const MOST: usize = 3;

/// The same on a device that has less memory than [`ENOUGH`], or does not tell.
const MOST_ON_SMALL: usize = 1;

/// In GB, as browsers tell it: rounded.
const ENOUGH: f64 = 8.0;

/// Largest weights that helpers are given, in bytes: laid out for the CPU they take up to eight times as much, in each helper.
pub(super) const LARGEST_WEIGHTS: usize = 5_000_000;

/// What a helper is worth beside this worker: they share the memory's speed.
const WORTH: f64 = 0.7;

/// A helper that lets this worker wait for so long, in seconds, is taken for lost. A pass takes a slow phone seconds.
const PATIENCE: f64 = 60.0;

/// Helpers for one photo; they end with it.
#[derive(Default)]
pub(super) struct Crew(Vec<Helper>);

impl Crew {
    /// How many helpers find a core of their own, and memory, on this device.
    pub(super) fn most() -> usize {
        let navigator = scope().navigator();
        let memory = Reflect::get(&navigator, &"deviceMemory".into()).unwrap_or_default();
        let most = match memory.as_f64() {
            Some(memory) if memory >= ENOUGH => MOST,
            _ => MOST_ON_SMALL,
        };
        let cores = navigator.hardware_concurrency() as usize;
        cores.saturating_sub(1).min(most)
    }

    /// How many times as fast as this worker alone it is with helpers.
    pub(super) fn speed_up(helpers: usize) -> f64 {
        1.0 + WORTH * helpers as f64
    }

    /// Starts helpers. They take passes as soon as they can; those that the browser refuses are missing.
    pub(super) fn gather(helpers: usize, weights: &WeightsFile) -> Self {
        let started = (0..helpers).map_while(|_| match Helper::start(weights) {
            Ok(helper) => Some(helper),
            Err(error) => {
                web_sys::console::info_2(&"no more helpers:".into(), &error);
                None
            }
        });
        Self(started.collect())
    }

    /// Has nobody wait for them any more.
    pub(super) fn dismiss(&self) {
        for helper in &self.0 {
            change(&helper.state, State::Lost, None);
        }
    }

    /// How many there are, those that have not come yet too.
    pub(super) fn not_lost(&self) -> usize {
        self.those(|state| !matches!(state, State::Lost))
    }

    fn those(&self, are: impl Fn(&State) -> bool) -> usize {
        let helpers = self.0.iter();
        helpers.filter(|helper| are(&helper.state.borrow())).count()
    }
}

impl Helpers for Crew {
    fn count(&self) -> usize {
        self.those(|state| matches!(state, State::Idle | State::Busy(_)))
    }

    fn start(&self, tiles: &[u8], size: [usize; 2]) -> Option<HelpersPass> {
        let is_idle = |helper: &&Helper| matches!(*helper.state.borrow(), State::Idle);
        self.0.iter().find(is_idle)?.pass(tiles, size)
    }
}

struct Helper {
    worker: Worker,
    state: Rc<RefCell<State>>,
    /// What the last errand came back in.
    room: Rc<Cell<Option<Float32Array>>>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_loss: Closure<dyn FnMut(JsValue)>,
}

/// What a helper is doing.
enum State {
    Starting,
    Idle,
    /// Who is told the probabilities, or nothing.
    Busy(Function),
    Lost,
}

impl Helper {
    fn start(weights: &WeightsFile) -> Result<Self, JsValue> {
        let worker = start_helper(weights.as_ref())?;
        let state = Rc::new(RefCell::new(State::Starting));
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new({
            let state = Rc::clone(&state);
            move |event: MessageEvent| match Answer::from(event.data()) {
                Answer::Loaded => change(&state, State::Idle, None),
                Answer::Passed(found) => change(&state, State::Idle, Some(&found)),
                Answer::Lost(error) => lose(&state, &error),
            }
        });
        let on_loss = Closure::<dyn FnMut(JsValue)>::new({
            let state = Rc::clone(&state);
            move |event: JsValue| lose(&state, &js_error::message(&event))
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onmessageerror(Some(on_loss.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_loss.as_ref().unchecked_ref()));
        Ok(Self {
            worker,
            state,
            room: Rc::default(),
            _on_message: on_message,
            _on_loss: on_loss,
        })
    }

    /// None where it can't even be asked.
    fn pass(&self, tiles: &[u8], size: [usize; 2]) -> Option<HelpersPass> {
        let errand = Errand::new(tiles, size, self.room.take());
        if let Err(error) = errand.post(&self.worker) {
            lose(&self.state, &js_error::message(&error));
            return None;
        }
        let answer = Promise::new(&mut |waiting, _| {
            self.state.replace(State::Busy(waiting));
        });
        let (state, room) = (Rc::clone(&self.state), Rc::clone(&self.room));
        Some(Box::pin(async move {
            let answered = async { Ok(JsFuture::from(answer).await.ok()) };
            let found = Watchdog::new(PATIENCE).watch(answered).await;
            let found = found.unwrap_or_else(|_: DeviceError| {
                lose(&state, SILENT);
                None
            });
            let found: Float32Array = found?.dyn_into().ok()?;
            let probabilities = found.to_vec();
            room.set(Some(found));
            Some(probabilities)
        }))
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onmessageerror(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
        change(&self.state, State::Lost, None);
    }
}

/// Tells who waits what was found; one that is lost stays so.
fn change(state: &RefCell<State>, next: State, found: Option<&Float32Array>) {
    let before = state.replace(State::Lost);
    if !matches!(before, State::Lost) {
        state.replace(next);
    }
    if let State::Busy(waiting) = before {
        let found = found.map_or(JsValue::UNDEFINED, JsValue::from);
        // A promise's own function does not fail.
        let _ = waiting.call1(&JsValue::UNDEFINED, &found);
    }
}

fn lose(state: &RefCell<State>, error: &str) {
    web_sys::console::info_1(&format!("a helper is lost: {error}").into());
    change(state, State::Lost, None);
}
