//! The page's side of the worker: one request at a time, and a new worker where the old one died.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::{js_error, message};
use crate::protocol::{BackendChoice, Failure, FailureKind, JobId, Reply, Request};

/// Why there is no worker.
#[derive(Debug, thiserror::Error)]
#[error("This browser cannot start the segmenter ({0}). Update it, or try another one.")]
pub struct ClientError(String);

/// Owns the worker. Clones share it; with the last one it ends.
#[derive(Clone)]
pub struct Client(Rc<Inner>);

/// A request that has not been answered yet.
struct Pending {
    request: Request,
    files: Vec<Blob>,
    crashes: u8,
}

struct Inner {
    base_url: String,
    on_reply: Box<dyn Fn(Reply, Vec<Blob>)>,
    worker: RefCell<Option<Connection>>,
    ready: Cell<bool>,
    waiting: RefCell<VecDeque<Pending>>,
    in_flight: RefCell<Option<Pending>>,
    /// The one request that may be in flight beside it.
    exporting: RefCell<Option<Pending>>,
    /// What a new worker must be told before anything else: the last of its kind that was answered well.
    start: RefCell<Option<Pending>>,
    weights: RefCell<Option<Pending>>,
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
        self.worker.terminate();
    }
}

impl Client {
    /// Starts the worker found below `base_url`. `on_reply` is called for every reply but [`Reply::Ready`] and
    /// [`Reply::Crashed`], which are handled here; files as [`Reply`] says.
    ///
    /// # Errors
    /// When the browser cannot make a worker.
    pub fn start(
        base_url: &str,
        on_reply: impl Fn(Reply, Vec<Blob>) + 'static,
    ) -> Result<Self, ClientError> {
        let inner = Rc::new(Inner {
            base_url: base_url.to_owned(),
            on_reply: Box::new(on_reply),
            worker: RefCell::default(),
            ready: Cell::default(),
            waiting: RefCell::default(),
            in_flight: RefCell::default(),
            exporting: RefCell::default(),
            start: RefCell::default(),
            weights: RefCell::default(),
        });
        inner.try_connect()?;
        Ok(Self(inner))
    }

    /// Sends a request when those before it are answered. A [`Request::Cancel`] goes out at once, and so does a
    /// [`Request::Export`] where the worker is there. A [`Request::Start`] replaces those before it, and does not wait
    /// for a photo in work, which may take minutes on the backend that it is to leave: it gets a new worker, and the
    /// photo is told as cancelled.
    pub fn send(&self, request: Request, files: Vec<Blob>) {
        if let Request::Start { .. } = request {
            let mut waiting = self.0.waiting.borrow_mut();
            waiting.retain(|pending| !matches!(pending.request, Request::Start { .. }));
        }
        match request {
            Request::Cancel { job } => self.0.cancel(job),
            Request::Start { .. } if self.0.is_starting_or_segmenting() => {
                self.0.start_anew(request);
            }
            Request::Export { .. } if self.0.ready.get() && self.0.exporting.borrow().is_none() => {
                self.0.export(Pending::new(request, files));
            }
            _ => {
                let pending = Pending::new(request, files);
                self.0.waiting.borrow_mut().push_back(pending);
                if self.0.worker.borrow().is_none() {
                    self.0.connect();
                }
                self.0.send_next();
            }
        }
    }
}

impl Inner {
    fn try_connect(self: &Rc<Self>) -> Result<(), ClientError> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let url = format!("{}www/worker.js", self.base_url);
        let worker = Worker::new_with_options(&url, &options)
            .map_err(|error| ClientError(js_error::message(&error)))?;
        let on_message = self.listener(|inner, event: MessageEvent| inner.receive(&event.data()));
        let on_error = self.listener(|inner, event: web_sys::Event| {
            inner.replace_worker(&js_error::message(&event));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        self.ready.set(false);
        *self.worker.borrow_mut() = Some(Connection {
            worker,
            _on_message: on_message,
            _on_error: on_error,
        });
        Ok(())
    }

    /// A callback that does not keep the client alive.
    fn listener<E: wasm_bindgen::convert::FromWasmAbi + 'static>(
        self: &Rc<Self>,
        listen: impl Fn(&Rc<Self>, E) + 'static,
    ) -> Closure<dyn FnMut(E)> {
        let inner: Weak<Self> = Rc::downgrade(self);
        Closure::new(move |event| {
            if let Some(inner) = inner.upgrade() {
                listen(&inner, event);
            }
        })
    }

    fn receive(self: &Rc<Self>, data: &JsValue) {
        match message::unpack::<Reply>(data) {
            Ok((Reply::Ready, _)) => {
                self.ready.set(true);
                self.send_next();
            }
            Ok((Reply::Crashed { detail }, _)) => self.replace_worker(&detail),
            Ok((reply, files)) => {
                let last = !matches!(reply, Reply::Progress { .. } | Reply::Decoded { .. });
                if last {
                    let answered = self.asked_for(&reply).borrow_mut().take();
                    if let (Reply::Started { .. }, Some(answered)) = (&reply, answered) {
                        self.remember(answered);
                    }
                }
                (self.on_reply)(reply, files);
                if last {
                    self.send_next();
                }
            }
            Err(error) => self.replace_worker(&js_error::message(&error)),
        }
    }

    /// Where the request is kept that a last reply answers.
    fn asked_for(&self, reply: &Reply) -> &RefCell<Option<Pending>> {
        let is_export = match reply {
            Reply::Exported { .. } => true,
            Reply::Failed { failure, .. } => failure.kind == FailureKind::Export,
            _ => false,
        };
        if is_export && self.exporting.borrow().is_some() {
            &self.exporting
        } else {
            &self.in_flight
        }
    }

    fn send_next(&self) {
        if !self.ready.get() || self.in_flight.borrow().is_some() {
            return;
        }
        let Some(pending) = self.waiting.borrow_mut().pop_front() else {
            return;
        };
        self.post(&pending.request, &pending.files);
        *self.in_flight.borrow_mut() = Some(pending);
    }

    fn export(&self, pending: Pending) {
        self.post(&pending.request, &pending.files);
        *self.exporting.borrow_mut() = Some(pending);
    }

    fn post(&self, request: &Request, files: &[Blob]) {
        if let Some(connection) = &*self.worker.borrow() {
            let posted = message::pack(request, files)
                .and_then(|envelope| connection.worker.post_message(&envelope));
            if let Err(error) = posted {
                web_sys::console::error_1(&error);
            }
        }
    }

    fn is_starting_or_segmenting(&self) -> bool {
        let in_flight = self.in_flight.borrow();
        in_flight.as_ref().is_some_and(|pending| {
            matches!(
                pending.request,
                Request::Start { .. } | Request::Segment { .. }
            )
        })
    }

    /// Stops a job, or takes its turn away: it waits where the worker is being replaced.
    fn cancel(&self, job: JobId) {
        let is_it = |pending: &Pending| matches!(pending.request, Request::Segment { job: its, .. } if its == job);
        let place = self.waiting.borrow().iter().position(is_it);
        match place {
            Some(place) => {
                self.waiting.borrow_mut().remove(place);
                (self.on_reply)(Reply::Cancelled { job }, Vec::new());
            }
            None => self.post(&Request::Cancel { job }, &[]),
        }
    }

    /// Keeps what a new worker must be told to be like this one.
    fn remember(&self, answered: Pending) {
        match answered.request {
            Request::Start { .. } => *self.start.borrow_mut() = Some(answered),
            Request::UseWeights { .. } => *self.weights.borrow_mut() = Some(answered),
            _ => {}
        }
    }

    /// Replaces the worker to change the backend.
    fn start_anew(self: &Rc<Self>, start: Request) {
        let given_up = self.in_flight.borrow_mut().take();
        let weights = self.weights.borrow().as_ref().map(Pending::again);
        let export = self.exporting.borrow_mut().take();
        let start = Pending::new(start, Vec::new());
        self.put_first(std::iter::once(start).chain(weights).chain(export));
        self.connect();
        if let Some(Request::Segment { job, .. }) = given_up.map(|pending| pending.request) {
            (self.on_reply)(Reply::Cancelled { job }, Vec::new());
        }
    }

    /// Starts over after a crash. What the worker was asked gets a second chance, on the CPU if it was the GPU's; what
    /// crashes twice is given up.
    fn replace_worker(self: &Rc<Self>, detail: &str) {
        web_sys::console::error_1(&format!("the worker is replaced: {detail}").into());
        self.worker.borrow_mut().take();
        // A program that does not even load never took what waits.
        let was_ready = self.ready.replace(false);
        let mut pending = self.in_flight.borrow_mut().take();
        if !was_ready {
            pending = pending.or_else(|| self.waiting.borrow_mut().pop_front());
        }
        let export = self.exporting.borrow_mut().take();
        let (given_up, again): (Vec<_>, Vec<_>) = [pending, export]
            .into_iter()
            .flatten()
            .map(|pending| pending.after_crash(was_ready))
            .partition(|pending| pending.crashes > 1);
        let (mut start, again): (Vec<_>, Vec<_>) = again
            .into_iter()
            .partition(|pending| matches!(pending.request, Request::Start { .. }));
        if start.is_empty() {
            let remembered = self.start.borrow().as_ref().map(Pending::again);
            start.extend(remembered.map(|start| Pending::new(on_cpu(start.request), start.files)));
        }
        let weights = self.weights.borrow().as_ref().map(Pending::again);
        self.put_first(start.into_iter().chain(weights).chain(again));
        if was_ready || given_up.is_empty() {
            self.connect();
        }
        for pending in given_up {
            (self.on_reply)(gave_up(&pending.request, was_ready, detail), Vec::new());
        }
    }

    fn put_first(&self, first: impl IntoIterator<Item = Pending>) {
        let mut waiting: VecDeque<_> = first.into_iter().collect();
        waiting.append(&mut self.waiting.borrow_mut());
        *self.waiting.borrow_mut() = waiting;
    }

    /// Makes a worker where there is none; says so where that fails.
    fn connect(self: &Rc<Self>) {
        if let Err(error) = self.try_connect() {
            let failure = Failure {
                kind: FailureKind::Device,
                message: error.to_string(),
            };
            (self.on_reply)(Reply::Failed { job: None, failure }, Vec::new());
        }
    }
}

impl Pending {
    fn new(request: Request, files: Vec<Blob>) -> Self {
        Self {
            request,
            files,
            crashes: 0,
        }
    }

    /// To be tried again; on the CPU, unless the worker never ran.
    fn after_crash(self, was_ready: bool) -> Self {
        Self {
            crashes: self.crashes + 1,
            request: match was_ready {
                true => on_cpu(self.request),
                false => self.request,
            },
            ..self
        }
    }

    fn again(&self) -> Self {
        Self::new(self.request.clone(), self.files.clone())
    }
}

fn on_cpu(request: Request) -> Request {
    match request {
        Request::Start { weights_url, .. } => Request::Start {
            backend: BackendChoice::Cpu,
            weights_url,
            recovering: true,
        },
        other => other,
    }
}

fn gave_up(request: &Request, was_ready: bool, detail: &str) -> Reply {
    let (job, kind) = match request {
        Request::Segment { job, .. } => (Some(*job), FailureKind::Device),
        Request::Export { job, .. } => (Some(*job), FailureKind::Export),
        Request::UseWeights { .. } => (None, FailureKind::OtherWeights),
        Request::Start { .. } | Request::Cancel { .. } => (None, FailureKind::Device),
    };
    let message = match was_ready {
        true => format!(
            "The segmenter stopped unexpectedly, twice ({detail}). Try again, or with a smaller photo."
        ),
        false => format!(
            "The program could not be loaded ({detail}). Check the connection and try again."
        ),
    };
    Reply::Failed {
        job,
        failure: Failure { kind, message },
    }
}
