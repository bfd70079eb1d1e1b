//! Small pictures of the queue's photos, made in a worker of their own.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, Event, MessageEvent, Worker};

use super::photo::PhotoId;
use crate::web::program_files::Files;

/// Owns the worker; with it, what is not made yet is given up.
pub(super) struct Thumbnailer {
    worker: Worker,
    /// The photos that were sent and not answered, in order.
    asked: Rc<RefCell<VecDeque<PhotoId>>>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
}

impl Thumbnailer {
    /// Starts the worker; `on_made` gets each small picture as a file. What the browser can't
    /// read gives none. `on_lost` is called where the worker could not be loaded, or ended.
    ///
    /// # Errors
    /// When the browser cannot make a worker.
    pub(super) fn start(
        files: &Files,
        on_made: impl Fn(PhotoId, Blob) + 'static,
        on_lost: impl Fn(&Event) + 'static,
    ) -> Result<Self, JsValue> {
        let worker = files.start_thumbnailer()?;
        let asked = Rc::new(RefCell::new(VecDeque::new()));
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new({
            let asked = Rc::clone(&asked);
            move |event: MessageEvent| {
                let photo = asked.borrow_mut().pop_front();
                if let (Some(photo), Ok(picture)) = (photo, event.data().dyn_into()) {
                    on_made(photo, picture);
                }
            }
        });
        let on_error = Closure::<dyn FnMut(Event)>::new(move |event| on_lost(&event));
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self {
            worker,
            asked,
            _on_message: on_message,
            _on_error: on_error,
        })
    }

    /// Asks for a small picture of a photo, whose file or preview this is.
    pub(super) fn ask(&self, photo: PhotoId, file: &Blob) -> Result<(), JsValue> {
        self.worker.post_message(file)?;
        self.asked.borrow_mut().push_back(photo);
        Ok(())
    }
}

impl Drop for Thumbnailer {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}
