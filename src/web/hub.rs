//! What is asked of the one worker of a document, by whom, and who is told what: no worker in here, no DOM. Each change
//! gives back [`Act`]s, which the client carries out in order.
//!
//! All parts of a document share the worker, and so the engine, its backend and its weights: what a part asks for last
//! holds for all, and all are told. The worker has one request at a time, and beside it one that needs no engine: a picture to
//! draw, cracks to measure. A copy of each is kept
//! until it is answered, so that a worker that is lost can be replaced.

use std::collections::VecDeque;

use crate::protocol::{BackendChoice, Cause, Engine, Failure, FailureKind, JobId, Reply, Request};

/// Tells the parts of a document apart: the app, an element, a segmenter without a view.
pub type MemberId = u32;

/// How often a request may be in the worker's hands when it is lost.
const CHANCES: u8 = 2;

/// What a part wishes of the engine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Which backend. As a part's first wish, [`BackendChoice::Auto`] is content with what runs.
    pub backend: BackendChoice,
    /// The weights to start with, as [`Request::Start`] has them, also where a person's own have taken their place; none is
    /// content with what runs.
    pub weights_url: Option<String>,
}

/// What has to be done outside. `F` is a handle to a file.
#[derive(Clone, Debug, PartialEq)]
pub enum Act<F> {
    /// Start a worker in place of the one there is.
    Connect,
    /// End the worker.
    Disconnect,
    /// Post this to the worker.
    Post(Request, Vec<F>),
    /// Tell a part of the document, if it is still there.
    Tell(MemberId, Reply, Vec<F>),
}

/// A request that has not been answered yet.
#[derive(Clone, Debug)]
struct Pending<F> {
    /// Who asked: several, where they asked for the same engine.
    askers: Vec<MemberId>,
    /// With the job as the asker names it.
    request: Request,
    files: Vec<F>,
    /// The job's name on the wire, where every part's jobs have names of their own.
    wire: JobId,
    /// Whether it brings back weights whose place others took, which takes a worker that has not got those.
    is_back: bool,
    crashes: u8,
    is_cancelled: bool,
}

/// See the module.
#[derive(Debug)]
pub struct Hub<F> {
    /// The weights that the engine started with, or is to start with where nobody wishes others: the usual ones, until others
    /// have run.
    weights_url: String,
    members: Vec<MemberId>,
    last_member: MemberId,
    last_wire: JobId,
    is_connected: bool,
    /// Whether the worker's program listens.
    is_ready: bool,
    /// Whether the worker has an engine.
    is_started: bool,
    /// The engine that started well.
    engine: Option<Engine>,
    /// The weights that a person brought, and those whose place they took.
    brought: Option<(String, Pending<F>)>,
    /// Starts and other weights, which come before photos.
    changes: VecDeque<Pending<F>>,
    photos: VecDeque<Pending<F>>,
    in_flight: Option<Pending<F>>,
    /// What needs no engine.
    extras: VecDeque<Pending<F>>,
    extra: Option<Pending<F>>,
    acts: Vec<Act<F>>,
}

/// What the parts do.
impl<F: Clone> Hub<F> {
    /// A hub that nobody has joined. `usual_weights` is as [`Request::Start`] has it.
    pub fn new(usual_weights: String) -> Self {
        Self {
            weights_url: usual_weights,
            members: Vec::new(),
            last_member: 0,
            last_wire: 0,
            is_connected: false,
            is_ready: false,
            is_started: false,
            engine: None,
            brought: None,
            changes: VecDeque::new(),
            photos: VecDeque::new(),
            in_flight: None,
            extras: VecDeque::new(),
            extra: None,
            acts: Vec::new(),
        }
    }

    /// A part more.
    pub fn join(&mut self) -> MemberId {
        self.last_member += 1;
        self.members.push(self.last_member);
        self.last_member
    }

    /// A part less: what only it waits for is given up.
    pub fn leave(&mut self, member: MemberId) -> Vec<Act<F>> {
        self.members.retain(|id| *id != member);
        let is_others = |pending: &Pending<F>| !pending.askers.contains(&member);
        self.photos.retain(is_others);
        self.extras.retain(is_others);
        self.cancel_in_flight(|pending| pending.askers.contains(&member));
        self.done()
    }

    /// The first wish of a part, content with the engine that runs or starts where that will do; with weights that a person
    /// brought only where it names none.
    pub fn begin(&mut self, member: MemberId, wish: Wish) -> Vec<Act<F>> {
        let is_content = |(backend, weights_url): &(BackendChoice, String)| {
            let is_it = |url: &String| url == weights_url;
            wish.weights_url.as_ref().is_none_or(is_it)
                && (wish.backend == BackendChoice::Auto || wish.backend == *backend)
        };
        let backend = self.coming().filter(is_content).map(|coming| coming.0);
        let backend = backend.unwrap_or(wish.backend);
        self.start(member, Wish { backend, ..wish })
    }

    /// Another wish. It does not wait for a photo in work, which may take minutes on the backend that it is to leave:
    /// that gets a new worker. The photo is told as cancelled if it is this part's own; another's begins anew.
    pub fn start(&mut self, member: MemberId, wish: Wish) -> Vec<Act<F>> {
        let is_named = wish.weights_url.is_some();
        let weights_url = wish
            .weights_url
            .or_else(|| Some(self.coming()?.1))
            .unwrap_or_else(|| self.weights_url.clone());
        let serves =
            |start: &&Pending<F>| start.start().is_some_and(|(_, url)| *url == weights_url);
        let is_back = match self.starting().filter(serves) {
            Some(start) => start.is_back,
            None => {
                if is_named {
                    self.changes.retain(|pending| !pending.is_weights());
                }
                // The worker would go on with those that took their place.
                is_named && self.is_replaced(&weights_url)
            }
        };
        self.ask_for_engine(member, wish.backend, weights_url, is_back);
        self.done()
    }

    /// Asks for anything but an engine: photos after those before, [`Request::UseWeights`] before all photos that wait,
    /// a [`Request::Export`] or [`Request::Measure`] beside them, a [`Request::Cancel`] at once.
    pub fn send(&mut self, member: MemberId, request: Request, files: Vec<F>) -> Vec<Act<F>> {
        if let Request::Cancel { job } = request {
            self.cancel(member, job);
            return self.done();
        }
        let pending = self.pending(vec![member], request, files);
        match pending.request {
            Request::Segment { .. } => self.photos.push_back(pending),
            Request::Export { .. } | Request::Measure { .. } => self.extras.push_back(pending),
            _ => self.changes.push_back(pending),
        }
        self.done()
    }

    fn pending(&mut self, askers: Vec<MemberId>, request: Request, files: Vec<F>) -> Pending<F> {
        self.last_wire += 1;
        Pending {
            askers,
            request,
            files,
            wire: self.last_wire,
            is_back: false,
            crashes: 0,
            is_cancelled: false,
        }
    }

    /// Stops a job, or takes its turn away.
    fn cancel(&mut self, member: MemberId, job: JobId) {
        let is_it =
            |pending: &Pending<F>| pending.askers.contains(&member) && pending.photo() == Some(job);
        if let Some(place) = self.photos.iter().position(is_it) {
            self.photos.remove(place);
            self.tell(member, Reply::Cancelled { job });
        } else {
            self.cancel_in_flight(is_it);
        }
    }

    fn cancel_in_flight(&mut self, is_it: impl Fn(&Pending<F>) -> bool) {
        let photo = self.in_flight.as_mut().filter(|pending| is_it(pending));
        if let Some(photo) = photo.filter(|pending| pending.photo().is_some()) {
            photo.is_cancelled = true;
            let job = photo.wire;
            self.acts
                .push(Act::Post(Request::Cancel { job }, Vec::new()));
        }
    }
}

/// The engine.
impl<F: Clone> Hub<F> {
    /// Backend and weights of the engine that starts, or else of the one that runs.
    fn coming(&self) -> Option<(BackendChoice, String)> {
        let starting = self.starting().and_then(Pending::start);
        let running = self.engine.as_ref().map(|engine| engine.choice);
        let coming = starting.or(running.map(|choice| (choice, &self.weights_url)));
        coming.map(|(backend, url)| (backend, url.clone()))
    }

    /// The start that was asked for last, if there is none yet that came of it.
    fn starting(&self) -> Option<&Pending<F>> {
        let mut starting = self.changes.iter().rev().chain(&self.in_flight);
        starting.find(|pending| pending.start().is_some())
    }

    /// Whether weights that a person brought have taken the place of these, or are about to.
    fn is_replaced(&self, weights_url: &str) -> bool {
        let brought = self.brought.as_ref();
        brought.is_some_and(|(in_place_of, _)| in_place_of == weights_url)
            || self.in_flight.as_ref().is_some_and(Pending::is_weights)
    }

    /// `is_back`: weights that were replaced are to come back, which takes a new worker.
    fn ask_for_engine(
        &mut self,
        member: MemberId,
        backend: BackendChoice,
        weights_url: String,
        is_back: bool,
    ) {
        let coming = self.coming();
        let is_asked = self.starting().is_some_and(|start| start.is_back);
        if is_back == is_asked && coming.as_ref() == Some(&(backend, weights_url.clone())) {
            let is_changing = self.is_changing();
            let mut starting = self.changes.iter_mut().rev().chain(&mut self.in_flight);
            match starting.find(|pending| pending.start().is_some()) {
                Some(start) => start.askers.push(member),
                None if is_changing => {}
                None => self.tell_engine(member),
            }
            return;
        }
        // What was asked for before is overtaken, and so are weights that were to take the place of others.
        let is_other = coming.is_some_and(|(_, url)| url != weights_url);
        self.changes
            .retain(|pending| pending.start().is_none() && !is_other);
        let request = Request::Start {
            backend,
            weights_url,
            recovering: false,
        };
        let start = Pending {
            is_back,
            ..self.pending(vec![member], request, Vec::new())
        };
        let must_leave = |pending: &Pending<F>| {
            is_back || pending.start().is_some() || pending.photo().is_some()
        };
        let left = self.in_flight.take_if(|pending| must_leave(pending));
        if left.is_some() || is_back || !self.is_connected {
            self.replace(start);
        } else if self.is_started {
            self.changes.push_back(start);
        } else {
            self.changes.push_front(start);
        }
        if let Some(photo) = left.filter(|pending| pending.photo().is_some()) {
            if photo.askers.contains(&member) || photo.is_cancelled {
                self.tell_cancelled(&photo);
            } else {
                self.photos.push_front(photo);
            }
        }
    }

    fn has_no_worker(&mut self) {
        (self.is_connected, self.is_ready, self.is_started) = (false, false, false);
    }

    /// A new worker, which begins with this start.
    fn replace(&mut self, start: Pending<F>) {
        self.has_no_worker();
        if let Some(extra) = self.extra.take() {
            self.extras.push_front(extra);
        }
        self.begin_with(start);
    }

    /// Starts before all else, and then takes the weights that a person brought in place of those to start with.
    fn begin_with(&mut self, start: Pending<F>) {
        let are_in_place = |(in_place_of, _): &&(String, Pending<F>)| {
            !start.is_back && start.start().is_some_and(|(_, url)| url == in_place_of)
        };
        // Newer ones wait already.
        let has_newer = self.changes.iter().any(Pending::is_weights);
        let brought = self.brought.as_ref().filter(are_in_place);
        if let Some((_, weights)) = brought.filter(|_| !has_newer) {
            self.changes.push_front(weights.clone());
        }
        self.changes.push_front(start);
    }

    fn is_changing(&self) -> bool {
        let in_flight = self.in_flight.as_ref();
        !self.changes.is_empty() || in_flight.is_some_and(|pending| pending.photo().is_none())
    }

    fn tell_engine(&mut self, member: MemberId) {
        if let Some(engine) = self.engine.clone() {
            self.tell(member, Reply::Started { engine });
        }
    }

    fn started(&mut self, engine: Engine) {
        let Some(answered) = self.in_flight.take() else {
            return;
        };
        self.is_started = true;
        self.engine = Some(engine);
        if let Some((_, url)) = answered.start() {
            self.weights_url.clone_from(url);
            self.brought
                .take_if(|(in_place_of, _)| answered.is_back || in_place_of != url);
        } else {
            self.brought = Some((self.weights_url.clone(), answered.again()));
        }
        self.tell_all_of_engine();
    }

    /// Not while more is to change.
    fn tell_all_of_engine(&mut self) {
        if self.changes.is_empty() {
            for member in self.members.clone() {
                self.tell_engine(member);
            }
        }
    }

    /// An engine or weights that were asked for can't be had: back to what there was.
    fn refused(&mut self, failure: &Failure) {
        let Some(refused) = self.in_flight.take() else {
            return;
        };
        let is_for_weights = refused.start().is_some() && failure.kind != FailureKind::Device;
        if is_for_weights && self.changes.front().is_some_and(Pending::is_weights) {
            // Those may do without.
            return;
        }
        let running = self.engine.as_ref().map(|engine| engine.choice);
        let running = running.map(|choice| (choice, self.weights_url.clone()));
        let last_resort = match refused.start() {
            Some((backend, url))
                if failure.kind == FailureKind::Device && backend != BackendChoice::Auto =>
            {
                Some((BackendChoice::Auto, url.clone()))
            }
            _ => None,
        };
        let back = running.or(last_resort);
        let is_same = refused.start().map(|(backend, url)| (backend, url.clone())) == back;
        // What those before were replaced by runs again.
        let is_same = is_same && !refused.is_back;
        let Some((backend, weights_url)) = back.filter(|_| !is_same && !refused.is_recovering())
        else {
            return self.fail(failure);
        };
        for &member in &refused.askers {
            let failure = failure.clone();
            self.tell(member, Reply::Refused { failure });
        }
        if self.is_started {
            self.tell_all_of_engine();
        } else if !self.changes.iter().any(|pending| pending.start().is_some()) {
            let request = Request::Start {
                backend,
                weights_url,
                recovering: false,
            };
            let start = self.pending(Vec::new(), request, Vec::new());
            self.begin_with(start);
        }
    }

    /// There is no engine, and nothing to go back to.
    fn fail(&mut self, failure: &Failure) {
        self.engine = None;
        self.changes.clear();
        for photo in std::mem::take(&mut self.photos) {
            self.tell_failed(&photo, failure);
        }
        self.tell_all(&Reply::Failed {
            job: None,
            failure: failure.clone(),
        });
    }
}

/// What the worker does.
impl<F: Clone> Hub<F> {
    /// The weights that a worker which comes up is first asked for.
    pub fn first_weights(&self) -> Option<&str> {
        let (_, url) = self.changes.front()?.start()?;
        Some(url.as_str())
    }

    /// Takes in a reply.
    pub fn receive(&mut self, reply: Reply, files: Vec<F>) -> Vec<Act<F>> {
        match reply {
            Reply::Ready => self.is_ready = true,
            Reply::Started { engine } => self.started(engine),
            Reply::Failed { job: None, failure } => self.refused(&failure),
            Reply::Progress { job: None, .. } => {
                self.tell_all(&reply);
            }
            Reply::Crashed { detail } => return self.lost(&detail),
            reply => self.pass_on(&reply, &files),
        }
        self.done()
    }

    /// The worker is lost. What it was asked gets a second chance, on the CPU if it was the GPU's.
    pub fn lost(&mut self, detail: &str) -> Vec<Act<F>> {
        // A program that does not even load never took what waits.
        let was_ready = self.is_ready;
        self.has_no_worker();
        self.acts.push(Act::Disconnect);
        if !was_ready {
            self.try_to_load_again(detail);
            return self.done();
        }
        self.tell_all(&Reply::Crashed {
            detail: detail.to_owned(),
        });
        let had_engine = self.engine.is_some();
        let start = on_cpu(self.weights_url.clone());
        let mut start = had_engine.then(|| self.pending(Vec::new(), start, Vec::new()));
        for mut held in [self.in_flight.take(), self.extra.take()]
            .into_iter()
            .flatten()
        {
            held.crashes += 1;
            if held.is_cancelled {
                self.tell_cancelled(&held);
            } else if held.crashes >= CHANCES {
                let failure = gave_up(&held, Cause::StoppedTwice(detail.to_owned()));
                if held.start().is_some() {
                    self.fail(&failure);
                    start = None;
                } else {
                    self.tell_failed(&held, &failure);
                }
            } else if let Some((_, weights_url)) = held.start() {
                let request = on_cpu(weights_url.clone());
                start = Some(Pending { request, ..held });
            } else if held.photo().is_some() {
                self.photos.push_front(held);
            } else if held.is_weights() {
                // Behind the start of those that they take the place of, which would take theirs.
                let in_place_of = &self.weights_url;
                let start_of_those = |pending: &Pending<F>| {
                    pending.start().is_some_and(|(_, url)| url == in_place_of)
                };
                let start = self.changes.iter().position(start_of_those);
                self.changes.insert(start.map_or(0, |at| at + 1), held);
            } else {
                self.extras.push_front(held);
            }
        }
        let is_start = |pending: &Pending<F>| pending.start().is_some();
        if let Some(start) = start.filter(|_| !self.changes.iter().any(is_start)) {
            self.replace(start);
        }
        self.done()
    }

    /// The browser can't start a worker.
    pub fn cannot_connect(&mut self, detail: String) -> Vec<Act<F>> {
        self.has_no_worker();
        self.give_up_all(&Cause::NoWorker(detail));
        self.done()
    }

    /// The program could not be loaded: once more, and then no more until somebody asks again.
    fn try_to_load_again(&mut self, detail: &str) {
        let queues = [&mut self.changes, &mut self.photos, &mut self.extras];
        let first = queues.into_iter().find_map(|queue| queue.front_mut());
        let Some(first) = first else { return };
        first.crashes += 1;
        if first.crashes >= CHANCES {
            self.give_up_all(&Cause::NotLoaded(detail.to_owned()));
        }
    }

    fn give_up_all(&mut self, cause: &Cause) {
        for extra in std::mem::take(&mut self.extras) {
            self.tell_failed(&extra, &gave_up(&extra, cause.clone()));
        }
        self.fail(&Failure::new(FailureKind::Program, cause.clone()));
    }

    /// Tells who asked for it, under the job's name there.
    fn pass_on(&mut self, reply: &Reply, files: &[F]) {
        let is_last = !matches!(reply, Reply::Progress { .. } | Reply::Decoded { .. });
        for slot in [&mut self.in_flight, &mut self.extra] {
            let Some(pending) = slot
                .clone()
                .filter(|pending| reply.job() == Some(pending.wire))
            else {
                continue;
            };
            if is_last {
                *slot = None;
            }
            let reply = reply
                .clone()
                .named(pending.request.job().unwrap_or_default());
            let tell = |&asker| Act::Tell(asker, reply.clone(), files.to_vec());
            self.acts.extend(pending.askers.iter().map(tell));
        }
    }
}

/// Out of the hub.
impl<F: Clone> Hub<F> {
    fn tell(&mut self, member: MemberId, reply: Reply) {
        self.acts.push(Act::Tell(member, reply, Vec::new()));
    }

    fn tell_all(&mut self, reply: &Reply) {
        for member in self.members.clone() {
            self.tell(member, reply.clone());
        }
    }

    fn tell_cancelled(&mut self, photo: &Pending<F>) {
        if let Some(job) = photo.request.job() {
            for &asker in &photo.askers {
                self.tell(asker, Reply::Cancelled { job });
            }
        }
    }

    fn tell_failed(&mut self, pending: &Pending<F>, failure: &Failure) {
        for &asker in &pending.askers {
            let failure = failure.clone();
            self.tell(
                asker,
                match pending.request.job() {
                    Some(job) => Reply::Failed {
                        job: Some(job),
                        failure,
                    },
                    None => Reply::Refused { failure },
                },
            );
        }
    }

    /// Gives the worker what it has room for, and out what has to be done.
    fn done(&mut self) -> Vec<Act<F>> {
        let has_work =
            !(self.changes.is_empty() && self.photos.is_empty() && self.extras.is_empty());
        if has_work && !self.is_connected {
            self.is_connected = true;
            self.acts.push(Act::Connect);
        }
        if self.is_ready {
            if self.extra.is_none() {
                self.extra = self.extras.pop_front();
                self.post(self.extra.clone());
            }
            if self.in_flight.is_none() {
                self.in_flight = self.changes.pop_front();
                if let Some(Pending {
                    request: Request::UseWeights { in_place_of, .. },
                    ..
                }) = &mut self.in_flight
                {
                    in_place_of.clone_from(&self.weights_url);
                }
                if self.in_flight.is_none() && self.is_started {
                    self.in_flight = self.photos.pop_front();
                }
                self.post(self.in_flight.clone());
            }
        }
        std::mem::take(&mut self.acts)
    }

    fn post(&mut self, pending: Option<Pending<F>>) {
        if let Some(Pending {
            request,
            files,
            wire,
            ..
        }) = pending
        {
            self.acts.push(Act::Post(request.named(wire), files));
        }
    }
}

impl<F: Clone> Pending<F> {
    /// Backend and weights of a start.
    fn start(&self) -> Option<(BackendChoice, &String)> {
        match &self.request {
            Request::Start {
                backend,
                weights_url,
                ..
            } => Some((*backend, weights_url)),
            _ => None,
        }
    }

    fn is_recovering(&self) -> bool {
        matches!(
            self.request,
            Request::Start {
                recovering: true,
                ..
            }
        )
    }

    fn is_weights(&self) -> bool {
        matches!(self.request, Request::UseWeights { .. })
    }

    /// The job of a photo.
    fn photo(&self) -> Option<JobId> {
        match self.request {
            Request::Segment { job, .. } => Some(job),
            _ => None,
        }
    }

    /// The same for another worker.
    fn again(&self) -> Self {
        Self {
            crashes: 0,
            ..self.clone()
        }
    }
}

fn on_cpu(weights_url: String) -> Request {
    Request::Start {
        backend: BackendChoice::Cpu,
        weights_url,
        recovering: true,
    }
}

fn gave_up<F>(pending: &Pending<F>, cause: Cause) -> Failure {
    let kind = match pending.request {
        Request::Export { .. } => FailureKind::Export,
        Request::Measure { .. } => FailureKind::Measure,
        Request::UseWeights { .. } => FailureKind::OtherWeights,
        _ => FailureKind::Device,
    };
    Failure::new(kind, cause)
}

#[cfg(test)]
#[path = "hub_tests.rs"]
mod tests;
