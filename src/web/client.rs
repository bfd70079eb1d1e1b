//! The page's side of the worker: carries out what the hub says.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, MessageEvent, Worker};

use super::hub::{Act, Hub, MemberId, Wish};
use super::program_files::Files;
use super::{js_error, message};
use crate::protocol::{Reply, Request};

/// A part of the document that asks for work; see [`super::hub`]. Clones are one part; when the last goes, its jobs end, and
/// with the last part the worker.
#[derive(Clone)]
pub struct Client(Rc<Membership>);

struct Membership {
    id: MemberId,
    shared: Rc<Shared>,
}

/// What a part does with replies.
type OnReply = Rc<dyn Fn(Reply, Vec<Blob>)>;

/// Owns the worker.
struct Shared {
    files: Files,
    hub: RefCell<Hub<Blob>>,
    listeners: RefCell<Vec<(MemberId, OnReply)>>,
    connection: RefCell<Option<Connection>>,
    /// What is to be done, in order: who is told something may ask for more at once.
    acts: RefCell<VecDeque<Act<Blob>>>,
    is_acting: Cell<bool>,
}

thread_local! {
    /// The document's, while any part needs it.
    static SHARED: RefCell<Weak<Shared>> = RefCell::default();
}

/// A running worker and the callbacks that it needs.
struct Connection {
    worker: Worker,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(web_sys::Event)>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.set_onmessageerror(None);
        self.worker.terminate();
    }
}

impl Client {
    /// Joins the document's parts. `on_reply` is called for every reply to this part's requests and for those about the
    /// engine, which is everybody's; files as [`Reply`] says. [`Reply::Ready`] is nobody's business.
    pub fn join(files: &Files, on_reply: impl Fn(Reply, Vec<Blob>) + 'static) -> Self {
        let shared = SHARED.with_borrow(Weak::upgrade).unwrap_or_else(|| {
            let shared = Rc::new(Shared {
                files: files.clone(),
                hub: RefCell::new(Hub::new(files.weights())),
                listeners: RefCell::default(),
                connection: RefCell::default(),
                acts: RefCell::default(),
                is_acting: Cell::default(),
            });
            SHARED.set(Rc::downgrade(&shared));
            shared
        });
        let id = shared.hub.borrow_mut().join();
        let listener: (MemberId, OnReply) = (id, Rc::new(on_reply));
        shared.listeners.borrow_mut().push(listener);
        Self(Rc::new(Membership { id, shared }))
    }

    /// This part's first wish of the engine, see [`Hub::begin`].
    pub fn begin(&self, wish: Wish) {
        self.0.shared.change(|hub| hub.begin(self.0.id, wish));
    }

    /// Another wish, see [`Hub::start`].
    pub fn start(&self, wish: Wish) {
        self.0.shared.change(|hub| hub.start(self.0.id, wish));
    }

    /// Uses weights that a person brought, see [`Hub::use_weights`].
    pub fn use_weights(&self, name: String, file: Blob) {
        let use_weights = |hub: &mut Hub<Blob>| hub.use_weights(self.0.id, name, file);
        self.0.shared.change(use_weights);
    }

    /// Asks for anything else, see [`Hub::send`].
    pub fn send(&self, request: Request, files: Vec<Blob>) {
        let send = |hub: &mut Hub<Blob>| hub.send(self.0.id, request, files);
        self.0.shared.change(send);
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.shared
            .listeners
            .borrow_mut()
            .retain(|(id, _)| *id != self.id);
        self.shared.change(|hub| hub.leave(self.id));
    }
}

impl Shared {
    fn change(self: &Rc<Self>, change: impl FnOnce(&mut Hub<Blob>) -> Vec<Act<Blob>>) {
        let acts = change(&mut self.hub.borrow_mut());
        self.acts.borrow_mut().extend(acts);
        if self.is_acting.replace(true) {
            return;
        }
        loop {
            let next = self.acts.borrow_mut().pop_front();
            let Some(act) = next else { break };
            self.act(act);
        }
        self.is_acting.set(false);
    }

    fn act(self: &Rc<Self>, act: Act<Blob>) {
        match act {
            Act::Connect => {
                // First, as two would not find room beside each other.
                self.connection.take();
                match self.connect() {
                    Ok(connection) => *self.connection.borrow_mut() = Some(connection),
                    Err(error) => {
                        let detail = js_error::message(&error);
                        self.change(|hub| hub.cannot_connect(detail));
                    }
                }
            }
            Act::Disconnect => {
                self.connection.take();
            }
            Act::Post(request, files) => {
                let post = |connection: &Connection| {
                    message::pack(&request, &files)
                        .and_then(|envelope| connection.worker.post_message(&envelope))
                };
                // Released before the worker may have to go.
                let posted = self.connection.borrow().as_ref().map(post);
                if let Some(Err(error)) = posted {
                    self.lose(&js_error::message(&error));
                }
            }
            Act::Tell(member, reply, files) => {
                let listeners = self.listeners.borrow();
                let listener = listeners.iter().find(|(id, _)| *id == member).cloned();
                // Nothing is borrowed while they listen.
                drop(listeners);
                if let Some((_, on_reply)) = listener {
                    on_reply(reply, files);
                }
            }
        }
    }

    fn connect(self: &Rc<Self>) -> Result<Connection, JsValue> {
        let worker = self.files.start_engine()?;
        let on_message = self.listener(|shared, event: MessageEvent| {
            match message::unpack::<Reply>(&event.data()) {
                Ok((reply, files)) => {
                    if let Reply::Crashed { detail } | Reply::LostGpu { detail } = &reply {
                        complain(detail);
                    }
                    shared.change(|hub| hub.receive(reply, files));
                }
                Err(error) => shared.lose(&js_error::message(&error)),
            }
        });
        let on_error = self.listener(|shared, event: web_sys::Event| {
            shared.lose(&js_error::message(&event));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        worker.set_onmessageerror(Some(on_error.as_ref().unchecked_ref()));
        let connection = Connection {
            worker,
            _on_message: on_message,
            _on_error: on_error,
        };
        // They are fetched beside the program, see `www/ahead.js`.
        if let Some(weights) = self.hub.borrow().first_weights() {
            connection.worker.post_message(&weights.into())?;
        }
        Ok(connection)
    }

    fn lose(self: &Rc<Self>, detail: &str) {
        complain(detail);
        self.change(|hub| hub.lost(detail));
    }

    /// A callback that keeps nobody alive.
    fn listener<E: wasm_bindgen::convert::FromWasmAbi + 'static>(
        self: &Rc<Self>,
        listen: impl Fn(&Rc<Self>, E) + 'static,
    ) -> Closure<dyn FnMut(E)> {
        let shared = Rc::downgrade(self);
        Closure::new(move |event| {
            if let Some(shared) = shared.upgrade() {
                listen(&shared, event);
            }
        })
    }
}

/// For who looks into why.
fn complain(detail: &str) {
    web_sys::console::error_1(&format!("the worker is lost: {detail}").into());
}
