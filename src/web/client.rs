//! The page's side of the worker: one worker for all that asks, one request at a time, and a new worker where the old one
//! died.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, MessageEvent, Worker};

use super::files::Files;
use super::{js_error, message};
use crate::protocol::{BackendChoice, Engine, Failure, FailureKind, JobId, Reply, Request};

/// Why there is no worker.
#[derive(Debug, thiserror::Error)]
#[error("This browser cannot start the segmenter ({0}). Update it, or try another one.")]
pub struct ClientError(String);

/// A part of the page that asks for work: the app, an element, a segmenter without a view. All of them share one worker,
/// and so the backend and the weights: what one of them asks for last holds for all. Clones are one part; when the last
/// goes, its jobs end, and with the last part the worker.
#[derive(Clone)]
pub struct Client(Rc<Membership>);

struct Membership {
    id: MemberId,
    hub: Rc<Hub>,
}

/// Tells the parts of a page apart.
type MemberId = u32;

/// What a part of the page does with replies.
type OnReply = Rc<dyn Fn(Reply, Vec<Blob>)>;

/// A request that has not been answered yet.
struct Pending {
    /// Who asked.
    member: MemberId,
    request: Request,
    files: Vec<Blob>,
    crashes: u8,
}

/// Owns the worker.
struct Hub {
    files: Files,
    members: RefCell<Vec<(MemberId, OnReply)>>,
    next_member: Cell<MemberId>,
    worker: RefCell<Option<Connection>>,
    ready: Cell<bool>,
    /// What runs in the worker, or ran before it was asked to change.
    engine: RefCell<Option<Engine>>,
    waiting: RefCell<VecDeque<Pending>>,
    in_flight: RefCell<Option<Pending>>,
    /// The one request that may be in flight beside it.
    exporting: RefCell<Option<Pending>>,
    /// What a new worker must be told before anything else: the last of its kind that was answered well.
    start: RefCell<Option<Pending>>,
    weights: RefCell<Option<Pending>>,
}

thread_local! {
    /// The page's one hub, while any part needs it.
    static HUB: RefCell<Weak<Hub>> = RefCell::default();
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
    /// Joins the page's worker, or starts it. `on_reply` is called for every reply to this part's requests and for
    /// those about the engine, which is everybody's; files as [`Reply`] says. [`Reply::Ready`] is handled here, and so is
    /// [`Reply::Crashed`]: it tells that a worker that had been at work is being replaced.
    ///
    /// # Errors
    /// When the browser cannot make a worker.
    pub fn join(
        files: &Files,
        on_reply: impl Fn(Reply, Vec<Blob>) + 'static,
    ) -> Result<Self, ClientError> {
        let hub = HUB.with_borrow(Weak::upgrade);
        let hub = match hub {
            Some(hub) => hub,
            None => Hub::start(files.clone())?,
        };
        let id = hub.next_member.get();
        hub.next_member.set(id + 1);
        hub.members.borrow_mut().push((id, Rc::new(on_reply)));
        Ok(Self(Rc::new(Membership { id, hub })))
    }

    /// Sends a request when those before it are answered. A [`Request::Cancel`] goes out at once, and so does a
    /// [`Request::Export`] where the worker is there. A [`Request::Start`] replaces those before it, and does not wait
    /// for a photo in work, which may take minutes on the backend that it is to leave: it gets a new worker. The photo is
    /// told as cancelled if it is this part's own; another's begins anew.
    pub fn send(&self, request: Request, files: Vec<Blob>) {
        let Membership { id, hub } = &*self.0;
        let pending = Pending::new(*id, request, files);
        match pending.request {
            Request::Cancel { job } => hub.cancel(*id, job),
            Request::Start { .. } => hub.start_engine(pending),
            Request::Export { .. } if hub.ready.get() && hub.exporting.borrow().is_none() => {
                hub.export(pending);
            }
            _ => hub.enqueue(pending),
        }
    }

    /// Sends a [`Request::Start`], unless the engine runs or starts in a way that satisfies it already: then that is told.
    pub fn begin(&self, start: Request) {
        let Membership { id, hub } = &*self.0;
        if !hub.satisfies(&start) {
            return self.send(start, Vec::new());
        }
        let engine = hub.engine.borrow().clone();
        if let Some(engine) = engine.filter(|_| !hub.is_changing_engine()) {
            hub.tell(*id, &Reply::Started { engine }, &[]);
        }
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.hub.leave(self.id);
    }
}

/// The parts of the page.
impl Hub {
    fn start(files: Files) -> Result<Rc<Self>, ClientError> {
        let hub = Rc::new(Self {
            files,
            members: RefCell::default(),
            next_member: Cell::default(),
            worker: RefCell::default(),
            ready: Cell::default(),
            engine: RefCell::default(),
            waiting: RefCell::default(),
            in_flight: RefCell::default(),
            exporting: RefCell::default(),
            start: RefCell::default(),
            weights: RefCell::default(),
        });
        hub.try_connect()?;
        HUB.set(Rc::downgrade(&hub));
        Ok(hub)
    }

    /// Gives up what only this part waits for.
    fn leave(&self, member: MemberId) {
        self.members.borrow_mut().retain(|(id, _)| *id != member);
        self.waiting.borrow_mut().retain(|pending| {
            let is_theirs = matches!(
                pending.request,
                Request::Segment { .. } | Request::Export { .. }
            );
            pending.member != member || !is_theirs
        });
        let job = self.in_flight.borrow().as_ref().and_then(|pending| {
            let job = pending.job()?;
            (pending.member == member).then_some(job)
        });
        if let Some(job) = job {
            self.post(&Request::Cancel { job }, &[]);
        }
    }

    /// Tells one part of the page, if it is still there.
    fn tell(&self, member: MemberId, reply: &Reply, files: &[Blob]) {
        // Cloned, so that nothing is borrowed while they listen.
        let members = self.members.borrow().clone();
        for (_, on_reply) in members.iter().filter(|(id, _)| *id == member) {
            on_reply(reply.clone(), files.to_vec());
        }
    }

    fn tell_all(&self, reply: &Reply) {
        let members: Vec<_> = self.members.borrow().iter().map(|(id, _)| *id).collect();
        for member in members {
            self.tell(member, reply, &[]);
        }
    }

    /// Tells whom a reply concerns.
    fn pass_on(&self, member: Option<MemberId>, reply: &Reply, files: &[Blob]) {
        match reply {
            Reply::Progress { job: None, .. } => self.tell_all(reply),
            Reply::Started { engine } => {
                *self.engine.borrow_mut() = Some(engine.clone());
                self.tell_all(reply);
            }
            // The others go on with what there was.
            Reply::Failed { job: None, failure } if failure.kind == FailureKind::OtherWeights => {
                let engine = self.engine.borrow().clone();
                let members: Vec<_> = self.members.borrow().iter().map(|(id, _)| *id).collect();
                for id in members {
                    match &engine {
                        Some(engine) if Some(id) != member => {
                            let engine = engine.clone();
                            self.tell(id, &Reply::Started { engine }, &[]);
                        }
                        _ => self.tell(id, reply, files),
                    }
                }
            }
            Reply::Failed { job: None, .. } => self.tell_all(reply),
            _ => {
                if let Some(member) = member {
                    self.tell(member, reply, files);
                }
            }
        }
    }

    /// Whether the engine that runs or starts is what this [`Request::Start`] asks for.
    fn satisfies(&self, wish: &Request) -> bool {
        let is_start = |pending: &&Pending| matches!(pending.request, Request::Start { .. });
        let (waiting, in_flight, start) = (
            self.waiting.borrow(),
            self.in_flight.borrow(),
            self.start.borrow(),
        );
        let last = waiting.iter().rfind(is_start);
        let last = last
            .or(in_flight.as_ref().filter(is_start))
            .or(start.as_ref());
        let Some(Request::Start {
            backend: runs,
            weights_url: has,
            ..
        }) = last.map(|pending| &pending.request)
        else {
            return false;
        };
        matches!(wish, Request::Start { backend, weights_url, .. }
            if weights_url == has && (*backend == BackendChoice::Auto || backend == runs))
    }

    fn is_changing_engine(&self) -> bool {
        let is_change = |pending: &Pending| {
            matches!(
                pending.request,
                Request::Start { .. } | Request::UseWeights { .. }
            )
        };
        self.in_flight.borrow().as_ref().is_some_and(is_change)
            || self
                .waiting
                .borrow()
                .iter()
                .any(|pending| matches!(pending.request, Request::Start { .. }))
    }
}

/// The worker.
impl Hub {
    fn try_connect(self: &Rc<Self>) -> Result<(), ClientError> {
        let worker = self.files.start_engine();
        let worker = worker.map_err(|error| ClientError(js_error::message(&error)))?;
        let on_message = self.listener(|hub, event: MessageEvent| hub.receive(&event.data()));
        let on_error = self.listener(|hub, event: web_sys::Event| {
            hub.replace_worker(&js_error::message(&event));
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

    /// A callback that does not keep the hub alive.
    fn listener<E: wasm_bindgen::convert::FromWasmAbi + 'static>(
        self: &Rc<Self>,
        listen: impl Fn(&Rc<Self>, E) + 'static,
    ) -> Closure<dyn FnMut(E)> {
        let hub: Weak<Self> = Rc::downgrade(self);
        Closure::new(move |event| {
            if let Some(hub) = hub.upgrade() {
                listen(&hub, event);
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
                let asked = self.asked_for(&reply);
                let member = asked.borrow().as_ref().map(|pending| pending.member);
                if last {
                    let answered = asked.borrow_mut().take();
                    if let (Reply::Started { .. }, Some(answered)) = (&reply, answered) {
                        self.remember(answered);
                    }
                }
                self.pass_on(member, &reply, &files);
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

    fn enqueue(self: &Rc<Self>, pending: Pending) {
        self.waiting.borrow_mut().push_back(pending);
        if self.worker.borrow().is_none() {
            self.connect();
        }
        self.send_next();
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

    /// Stops a job, or takes its turn away: it waits while another part's photo is in work or the worker is replaced.
    fn cancel(&self, member: MemberId, job: JobId) {
        let is_it = |pending: &Pending| pending.member == member && pending.job() == Some(job);
        let place = self.waiting.borrow().iter().position(is_it);
        if let Some(place) = place {
            self.waiting.borrow_mut().remove(place);
            self.tell(member, &Reply::Cancelled { job }, &[]);
        } else if self.in_flight.borrow().as_ref().is_some_and(is_it) {
            self.post(&Request::Cancel { job }, &[]);
        }
    }

    /// Keeps what a new worker must be told to be like this one.
    fn remember(&self, answered: Pending) {
        match &answered.request {
            Request::Start { .. } => {
                if self.weights_beside(&answered).is_none() {
                    self.weights.take();
                }
                *self.start.borrow_mut() = Some(answered);
            }
            Request::UseWeights { .. } => *self.weights.borrow_mut() = Some(answered),
            _ => {}
        }
    }

    /// The weights that a person brought, unless this start asks for others than those whose place they took.
    fn weights_beside(&self, start: &Pending) -> Option<Pending> {
        let url = |start: &Pending| match &start.request {
            Request::Start { weights_url, .. } => Some(weights_url.clone()),
            _ => None,
        };
        let before = self.start.borrow().as_ref().and_then(url);
        let weights = self.weights.borrow();
        weights
            .as_ref()
            .filter(|_| before == url(start))
            .map(Pending::again)
    }

    /// Has the engine started anew, on another backend or with other weights.
    fn start_engine(self: &Rc<Self>, start: Pending) {
        let is_start = |pending: &Pending| matches!(pending.request, Request::Start { .. });
        self.waiting
            .borrow_mut()
            .retain(|pending| !is_start(pending));
        if self.is_starting_or_segmenting() {
            self.start_in_new_worker(start);
        } else {
            self.enqueue(start);
        }
    }

    fn start_in_new_worker(self: &Rc<Self>, start: Pending) {
        let given_up = self.in_flight.borrow_mut().take();
        let export = self.exporting.borrow_mut().take();
        let weights = self.weights_beside(&start);
        let (own, others): (Vec<_>, Vec<_>) = given_up
            .into_iter()
            .filter(|pending| pending.job().is_some())
            .partition(|pending| pending.member == start.member);
        let first = std::iter::once(start).chain(weights).chain(export);
        self.put_first(first.chain(others));
        self.connect();
        for pending in own {
            if let Some(job) = pending.job() {
                self.tell(pending.member, &Reply::Cancelled { job }, &[]);
            }
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
            start.extend(remembered.map(|start| Pending {
                request: on_cpu(start.request),
                ..start
            }));
        }
        let weights = start.first().and_then(|start| self.weights_beside(start));
        self.put_first(start.into_iter().chain(weights).chain(again));
        if was_ready {
            self.tell_all(&Reply::Crashed {
                detail: detail.to_owned(),
            });
        }
        if was_ready || given_up.is_empty() {
            self.connect();
        }
        for pending in given_up {
            let reply = gave_up(&pending.request, was_ready, detail);
            self.pass_on(Some(pending.member), &reply, &[]);
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
            self.tell_all(&Reply::Failed { job: None, failure });
        }
    }
}

impl Pending {
    fn new(member: MemberId, request: Request, files: Vec<Blob>) -> Self {
        Self {
            member,
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
        Self::new(self.member, self.request.clone(), self.files.clone())
    }

    /// The job that is asked for.
    fn job(&self) -> Option<JobId> {
        match self.request {
            Request::Segment { job, .. } => Some(job),
            _ => None,
        }
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
