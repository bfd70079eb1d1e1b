//! What is asked of the one worker of a document, by whom, and who is told what: no worker in here, no DOM. Each change
//! gives back [`Act`]s, which the client carries out in order.
//!
//! All parts of a document share the worker, and so the engine, its backend and its weights: what a part asks for last
//! holds for all, and all are told. The worker has one request at a time, and beside it one that needs no engine: a picture to
//! draw, cracks to measure. A copy of each is kept
//! until it is answered, so that a worker that is lost can be replaced.

use std::collections::VecDeque;

use crate::protocol::{
    Backend, BackendChoice, Cause, EngineInfo, Failure, FailureKind, JobId, Reply, Request,
    WeightsSource,
};

/// Tells the parts of a document apart: the app, an element, a segmenter without a view.
pub type MemberId = u32;

/// How often a request may make the worker crash.
const CHANCES: u8 = 2;

/// What a part wishes of the engine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Which backend. As a part's first wish, [`BackendChoice::Auto`] is content with what runs.
    pub backend: BackendChoice,
    /// The weights, as [`WeightsSource::Url`] has them; none is content with what runs.
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
    /// Of a start: who named its weights, or brought them.
    namers: Vec<MemberId>,
    /// With the job as the asker names it.
    request: Request,
    files: Vec<F>,
    /// The job's name on the wire, where every part's jobs have names of their own.
    wire: JobId,
    crashes: u8,
    is_cancelled: bool,
}

/// An engine to be had. Two are the same that have the same backend and source.
#[derive(Clone, Debug)]
struct Setup<F> {
    backend: BackendChoice,
    source: WeightsSource,
    /// The weights' own, where a person brought them.
    files: Vec<F>,
}

/// See the module.
#[derive(Debug)]
pub struct Hub<F> {
    members: Vec<MemberId>,
    last_member: MemberId,
    last_wire: JobId,
    last_file: u32,
    is_connected: bool,
    /// Whether the worker's program listens.
    is_ready: bool,
    /// Whether the worker has an engine.
    is_started: bool,
    /// The engine that started well last.
    engine: Option<EngineInfo>,
    /// How it was started; before that the usual way.
    setup: Setup<F>,
    /// What was coming before the latest wish, with weights of an address.
    before: Setup<F>,
    /// What a part gets that wishes nothing, where nothing ran yet.
    usual: Setup<F>,
    /// Whether the engine was lost with its worker and takes over on the CPU, and none has started since.
    is_recovering: bool,
    /// Whether this worker found no GPU.
    is_without_gpu: bool,
    /// Whether an engine ran on a GPU so far.
    has_had_gpu: bool,
    /// Whether the GPU was lost, and no photo has been done since.
    has_lost_gpu: bool,
    /// The start to come. It comes before all photos.
    start: Option<Pending<F>>,
    photos: VecDeque<Pending<F>>,
    in_flight: Option<Pending<F>>,
    /// What needs no engine.
    extras: VecDeque<Pending<F>>,
    extra: Option<Pending<F>>,
    /// Whether one of two requests made the worker crash: they go one by one until it is known which.
    is_wary: bool,
    acts: Vec<Act<F>>,
}

/// What the parts do.
impl<F: Clone> Hub<F> {
    /// A hub that nobody has joined. `usual_weights` is as [`WeightsSource::Url`] has it.
    pub fn new(usual_weights: String) -> Self {
        let usual = Setup {
            backend: BackendChoice::Auto,
            source: WeightsSource::Url(usual_weights),
            files: Vec::new(),
        };
        Self {
            members: Vec::new(),
            last_member: 0,
            last_wire: 0,
            last_file: 0,
            is_connected: false,
            is_ready: false,
            is_started: false,
            engine: None,
            setup: usual.clone(),
            before: usual.clone(),
            usual,
            is_recovering: false,
            is_without_gpu: false,
            has_had_gpu: false,
            has_lost_gpu: false,
            start: None,
            photos: VecDeque::new(),
            in_flight: None,
            extras: VecDeque::new(),
            extra: None,
            is_wary: false,
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
        if wish == Wish::default() && self.starts().next().is_some() {
            // It is told with all, and has not asked for what may be refused.
            return self.done();
        }
        let coming = self.coming().filter(|coming| {
            let is_it = |url: &String| coming.source == WeightsSource::Url(url.clone());
            wish.weights_url.as_ref().is_none_or(is_it)
                && (wish.backend == BackendChoice::Auto || wish.backend == coming.backend)
        });
        let backend = coming.map_or(wish.backend, |coming| coming.backend);
        self.wish(member, Wish { backend, ..wish }, false)
    }

    /// Another wish. It does not wait for a photo in work, which may take minutes on the backend that it is to leave:
    /// that gets a new worker. The photo is told as cancelled if it is this part's own; another's begins anew.
    pub fn start(&mut self, member: MemberId, wish: Wish) -> Vec<Act<F>> {
        let is_again = self.may_find_a_gpu(wish.backend);
        self.wish(member, wish, is_again)
    }

    /// `is_again`: by a new worker, though the one that runs has what is wished.
    fn wish(&mut self, member: MemberId, wish: Wish, is_again: bool) -> Vec<Act<F>> {
        let mut setup = self.latest();
        let is_named = wish.weights_url.is_some();
        setup.backend = wish.backend;
        if let Some(url) = wish.weights_url {
            (setup.source, setup.files) = (WeightsSource::Url(url), Vec::new());
        }
        if !self.ask_for(member, setup, is_named, is_again) {
            return self.done();
        }
        let left = self.in_flight.take();
        if left.is_some() || is_again {
            self.has_no_worker();
        }
        if let Some(left) = left {
            if left.photo().is_none() {
                // Another start, which is overtaken.
            } else if left.askers.contains(&member) || left.is_cancelled {
                self.tell_cancelled(&left);
            } else {
                self.photos.push_front(left);
            }
        }
        self.done()
    }

    /// Uses weights that a person brought, from now on; they wait for a photo in work.
    pub fn use_weights(&mut self, member: MemberId, name: String, file: F) -> Vec<Act<F>> {
        self.last_file += 1;
        let id = self.last_file;
        let setup = Setup {
            backend: self.latest().backend,
            source: WeightsSource::File { name, id },
            files: vec![file],
        };
        self.ask_for(member, setup, true, false);
        self.done()
    }

    /// Asks for anything but an engine: photos after those before, a [`Request::Export`] or [`Request::Measure`] beside
    /// them, a [`Request::Cancel`] at once.
    pub fn send(&mut self, member: MemberId, request: Request, files: Vec<F>) -> Vec<Act<F>> {
        if let Request::Cancel { job } = request {
            self.cancel(member, job);
            return self.done();
        }
        let pending = self.pending(vec![member], request, files);
        match pending.photo() {
            Some(_) => self.photos.push_back(pending),
            None => self.extras.push_back(pending),
        }
        self.done()
    }

    fn pending(&mut self, askers: Vec<MemberId>, request: Request, files: Vec<F>) -> Pending<F> {
        self.last_wire += 1;
        Pending {
            askers,
            namers: Vec::new(),
            request,
            files,
            wire: self.last_wire,
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
    /// The engine that starts, or else the one that runs.
    fn coming(&self) -> Option<Setup<F>> {
        let running = self.engine.is_some().then(|| self.setup.clone());
        self.starts().next().or(running)
    }

    /// What is asked for and not there yet, the latest first.
    fn starts(&self) -> impl Iterator<Item = Setup<F>> {
        let pending = self.start.iter().chain(&self.in_flight);
        pending.filter_map(Pending::setup)
    }

    /// What is coming, or else what was there last.
    fn latest(&self) -> Setup<F> {
        self.coming().unwrap_or_else(|| self.setup.clone())
    }

    /// Whether a new worker may find a GPU for this wish, where the one that runs found none: each looks for it once.
    fn may_find_a_gpu(&self, wished: BackendChoice) -> bool {
        let is_wished = match wished {
            BackendChoice::Cpu => false,
            BackendChoice::Auto => self.has_had_gpu,
            BackendChoice::WebGpu => true,
        };
        is_wished && self.is_without_gpu && self.starts().next().is_none()
    }

    /// Puts a start in the place of the one to come. Gives back whether it did: who asks for what comes or runs is told of that.
    /// `is_named`: the asker wants these weights, and not just those that are coming. `is_again`: though it is what runs.
    fn ask_for(
        &mut self,
        member: MemberId,
        setup: Setup<F>,
        is_named: bool,
        is_again: bool,
    ) -> bool {
        let coming = self.coming();
        let is_it = coming.as_ref().is_some_and(|coming| coming.is_as(&setup)) && !is_again;
        let mut starts = self.start.iter_mut().chain(&mut self.in_flight);
        let latest = starts.find(|pending| pending.is_start());
        let namer = is_named.then_some(member);
        if is_it {
            match latest {
                Some(start) => {
                    start.askers.push(member);
                    start.namers.extend(namer);
                }
                None => self.tell_engine(member),
            }
            return false;
        }
        let is_of_same =
            |start: &&mut Pending<F>| start.setup().is_some_and(|its| its.source == setup.source);
        let same = latest.filter(is_of_same);
        let mut namers = same.map_or_else(Vec::new, |start| start.namers.clone());
        namers.extend(namer);
        if let Some(coming) = coming
            && matches!(coming.source, WeightsSource::Url(_))
            && coming.source != setup.source
        {
            self.before = coming;
        }
        let start = self.start_of(vec![member], setup);
        self.start = Some(Pending { namers, ..start });
        true
    }

    fn start_of(&mut self, askers: Vec<MemberId>, setup: Setup<F>) -> Pending<F> {
        let request = Request::Start {
            backend: setup.backend,
            weights: setup.source,
            recovering: false,
        };
        self.pending(askers, request, setup.files)
    }

    /// What runs beside the engine goes back to what waits.
    fn has_no_worker(&mut self) {
        (self.is_connected, self.is_ready, self.is_started) = (false, false, false);
        self.is_without_gpu = false;
        if let Some(extra) = self.extra.take() {
            self.extras.push_front(extra);
        }
    }

    fn tell_engine(&mut self, member: MemberId) {
        if let Some(engine) = self.engine.clone() {
            self.tell(member, Reply::Started { engine });
        }
    }

    fn started(&mut self, engine: EngineInfo) {
        let Some(setup) = self.in_flight.take().and_then(|start| start.setup()) else {
            return;
        };
        (self.is_started, self.is_recovering) = (true, false);
        self.has_had_gpu |= engine.backend != Backend::Cpu;
        self.is_without_gpu |= engine.lacks_gpu();
        self.engine = Some(engine);
        self.setup = setup;
        self.tell_all_of_engine();
    }

    /// Not while another one is to come.
    fn tell_all_of_engine(&mut self) {
        if self.start.is_none() {
            for member in self.members.clone() {
                self.tell_engine(member);
            }
        }
    }

    /// An engine that was asked for can't be had: back to the one that runs, or to what was coming before.
    ///
    /// | What is lacking | What ran | Who is told | What goes on |
    /// |---|---|---|---|
    /// | the backend | another engine | who asked | that one |
    /// | the backend | the same, or nothing | who asked | the weights, on any backend; nothing where the CPU's was lost |
    /// | weights at an address | an engine | who named them | its weights, on the backend asked for |
    /// | weights at an address | nothing | who named them | what was coming before, where parts wait that did not name them; else nothing |
    /// | a file of weights | an engine by others | who brought it | its weights, on the backend asked for |
    /// | a file of weights | that file, or nothing | who brought it | what was coming before |
    ///
    /// Nothing starts anew where the worker has an engine still, or where a later start comes anyway; after a loss all is on the
    /// CPU. Where nothing goes on, all are told that there is no engine.
    fn refused(&mut self, refused: &Pending<F>, failure: &Failure) {
        let Some(setup) = refused.setup() else {
            return;
        };
        let lacks_device = failure.kind == FailureKind::Device;
        self.is_without_gpu |= lacks_device;
        let back = self.way_back(refused, &setup, failure.kind);
        let is_overtaken = self.start.is_some();
        if back.is_none() && !is_overtaken && !self.is_started {
            self.setup.backend = setup.backend;
            if failure.kind == FailureKind::Weights {
                self.before = setup;
            }
            return self.fail(failure);
        }
        let is_replaced = |back: &Setup<F>| back.source != setup.source;
        self.tell_refused(refused, failure, back.as_ref().is_some_and(is_replaced));
        if is_overtaken
            && failure.kind == FailureKind::Weights
            && self.before.source == setup.source
        {
            self.before = self.usual.clone();
        }
        if let Some(back) = &back
            && !self.is_started
            && self.setup.source == setup.source
        {
            // What ran can't be had any more: there is no way back to it.
            self.setup = back.clone();
        }
        match (back, &mut self.start) {
            // What comes must not ask for what the device was just said to lack.
            (Some(back), Some(start)) if lacks_device => {
                if let Request::Start { backend, .. } = &mut start.request
                    && *backend == setup.backend
                {
                    *backend = back.backend;
                }
            }
            (_, Some(_)) => {}
            _ if self.is_started => self.tell_all_of_engine(),
            (Some(back), None) => {
                let start = self.start_of(Vec::new(), back);
                self.start = Some(match self.is_recovering {
                    true => start.recovering(),
                    false => start,
                });
            }
            (None, None) => {}
        }
    }

    /// Tells those who asked for what is lacking, but who has asked for other weights meanwhile.
    fn tell_refused(&mut self, refused: &Pending<F>, failure: &Failure, is_replaced: bool) {
        let lacks_device = failure.kind == FailureKind::Device;
        let concerned = match lacks_device {
            true => &refused.askers,
            // They ran, and others take their place.
            false if refused.namers.is_empty() && is_replaced => &self.members,
            false => &refused.namers,
        };
        let has_moved_on = |member: &MemberId| {
            let mut start = self.start.iter();
            !lacks_device && start.any(|start| start.namers.contains(member))
        };
        let concerned = concerned.iter().copied();
        let concerned: Vec<_> = concerned.filter(|member| !has_moved_on(member)).collect();
        for member in concerned {
            let failure = failure.clone();
            self.tell(member, Reply::Refused { failure });
        }
    }

    /// What to start instead: the engine that ran, or one that needs less. Who alone named weights that can't be had gets no
    /// others in their place; who brought them gets those that would be here otherwise.
    fn way_back(
        &self,
        refused: &Pending<F>,
        setup: &Setup<F>,
        kind: FailureKind,
    ) -> Option<Setup<F>> {
        let ran = self.engine.is_some().then(|| self.setup.clone());
        let on_backend = |weights: Setup<F>| Setup {
            backend: setup.backend,
            ..weights
        };
        let others_wait = || {
            let mut members = self.members.iter();
            members.any(|member| !refused.namers.contains(member))
        };
        let before = on_backend(self.before.clone());
        let mut back = match kind {
            FailureKind::Device => match ran {
                Some(ran) if !ran.is_as(setup) => ran,
                // It was on the CPU already.
                None if refused.is_recovering() => return None,
                _ => Setup {
                    backend: BackendChoice::Auto,
                    ..setup.clone()
                },
            },
            FailureKind::Weights => match ran {
                Some(ran) => on_backend(ran),
                None if others_wait() => before,
                None => return None,
            },
            // They may be what ran.
            _ => ran
                .filter(|ran| ran.source != setup.source)
                .map_or(before, on_backend),
        };
        if self.is_recovering {
            back.backend = BackendChoice::Cpu;
        }
        (!back.is_as(setup)).then_some(back)
    }

    /// There is no engine, and nothing to go back to.
    fn fail(&mut self, failure: &Failure) {
        self.engine = None;
        if let Some(setup) = self.start.take().and_then(|start| start.setup()) {
            self.setup.backend = setup.backend;
        }
        for photo in std::mem::take(&mut self.photos) {
            self.tell_failed(&photo, failure);
        }
        self.tell_all(&Reply::NotStarted {
            failure: failure.clone(),
        });
    }
}

/// What the worker does.
impl<F: Clone> Hub<F> {
    /// The address of the weights that a worker which comes up is first asked for.
    pub fn first_weights(&self) -> Option<&str> {
        match &self.start.as_ref()?.request {
            Request::Start {
                weights: WeightsSource::Url(url),
                ..
            } => Some(url),
            _ => None,
        }
    }

    /// Takes in a reply.
    pub fn receive(&mut self, reply: Reply, files: Vec<F>) -> Vec<Act<F>> {
        match reply {
            Reply::Ready => self.is_ready = true,
            Reply::Started { engine } => self.started(engine),
            Reply::NotStarted { failure } => {
                if let Some(refused) = self.in_flight.take() {
                    self.refused(&refused, &failure);
                }
            }
            // The program is loaded for a picture or measurements alone, too.
            Reply::Progress { job: None, .. } => {
                if self.starts().next().is_some() {
                    self.tell_all(&reply);
                }
            }
            Reply::Crashed { detail } => return self.lost(&detail),
            Reply::LostGpu { detail } => return self.lost_gpu(&detail),
            reply => self.pass_on(&reply, &files),
        }
        self.done()
    }

    /// The worker is lost. What it was asked gets a second chance, on the CPU if it was the GPU's.
    pub fn lost(&mut self, detail: &str) -> Vec<Act<F>> {
        // A program that does not even load never took what waits.
        let was_ready = self.is_ready;
        let held = [self.in_flight.take(), self.extra.take()];
        self.has_no_worker();
        self.acts.push(Act::Disconnect);
        if !was_ready {
            self.try_to_load_again(detail);
            return self.done();
        }
        self.tell_all(&Reply::Crashed {
            detail: detail.to_owned(),
        });
        // Of two requests only one did it.
        let are_two = held.iter().all(Option::is_some);
        self.is_wary |= are_two;
        // What was tried last, and is not tried again unless somebody asks for it anew.
        let held_start = held[0].as_ref().and_then(Pending::setup);
        let ran = self.engine.is_some().then(|| self.setup.clone());
        self.is_recovering = self.engine.is_some();
        let mut next = held_start.or(ran);
        for mut held in held.into_iter().flatten() {
            held.crashes += u8::from(!are_two);
            if held.is_cancelled {
                self.tell_cancelled(&held);
            } else if held.crashes >= CHANCES {
                let failure = gave_up(&held, Cause::StoppedTwice(detail.to_owned()));
                if held.is_start() {
                    self.refused(&held, &failure);
                    next = None;
                } else {
                    self.tell_failed(&held, &failure);
                }
            } else if held.is_start() {
                if self.start.is_none() {
                    self.start = Some(held);
                }
            } else if held.photo().is_some() {
                self.photos.push_front(held);
            } else {
                self.extras.push_front(held);
            }
        }
        if let Some(lost) = next {
            let start = match self.start.take() {
                Some(start) => start,
                None => self.start_of(Vec::new(), lost.clone()),
            };
            let is_as_lost = start.setup().map(|its| its.backend) == Some(lost.backend);
            self.start = Some(if is_as_lost {
                start.recovering()
            } else {
                start
            });
        }
        self.done()
    }

    /// The GPU is lost, and its worker with it. A new one goes on there: a tablet takes the GPU from a page in the background, and gives it
    /// back. Lost once more before a photo was done, it is given up.
    fn lost_gpu(&mut self, detail: &str) -> Vec<Act<F>> {
        if std::mem::replace(&mut self.has_lost_gpu, true) {
            return self.lost(detail);
        }
        let photo = self.in_flight.take();
        self.has_no_worker();
        self.acts.push(Act::Disconnect);
        self.tell_all(&Reply::Crashed {
            detail: detail.to_owned(),
        });
        match photo {
            Some(photo) if photo.is_cancelled => self.tell_cancelled(&photo),
            Some(photo) => self.photos.push_front(photo),
            None => {}
        }
        if self.start.is_none() {
            self.start = Some(self.start_of(Vec::new(), self.setup.clone()));
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
        let waiting = self.start.iter_mut().chain(&mut self.photos);
        let Some(first) = waiting.chain(&mut self.extras).next() else {
            return;
        };
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
                self.has_lost_gpu &= !matches!(reply, Reply::Segmented { .. });
                // What needs no engine went first.
                self.is_wary &= pending.photo().is_none();
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
                    Some(job) => Reply::Failed { job, failure },
                    None => Reply::Refused { failure },
                },
            );
        }
    }

    /// Gives the worker what it has room for, and out what has to be done.
    fn done(&mut self) -> Vec<Act<F>> {
        let has_work = self.start.is_some() || !(self.photos.is_empty() && self.extras.is_empty());
        if has_work && !self.is_connected {
            self.is_connected = true;
            self.acts.push(Act::Connect);
        }
        if self.is_ready {
            if self.extra.is_none() && !(self.is_wary && self.in_flight.is_some()) {
                self.extra = self.extras.pop_front();
                self.post(self.extra.clone());
            }
            if self.in_flight.is_none() && !(self.is_wary && self.extra.is_some()) {
                self.in_flight = self.start.take();
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

impl<F> Setup<F> {
    fn is_as(&self, other: &Self) -> bool {
        (self.backend, &self.source) == (other.backend, &other.source)
    }
}

impl<F: Clone> Pending<F> {
    /// The engine that a start asks for.
    fn setup(&self) -> Option<Setup<F>> {
        match &self.request {
            Request::Start {
                backend, weights, ..
            } => Some(Setup {
                backend: *backend,
                source: weights.clone(),
                files: self.files.clone(),
            }),
            _ => None,
        }
    }

    fn is_start(&self) -> bool {
        matches!(self.request, Request::Start { .. })
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

    /// A start that takes over from a worker that was lost: on the CPU.
    fn recovering(mut self) -> Self {
        if let Request::Start {
            backend,
            recovering,
            ..
        } = &mut self.request
        {
            (*backend, *recovering) = (BackendChoice::Cpu, true);
        }
        self
    }

    /// The job of a photo.
    fn photo(&self) -> Option<JobId> {
        match self.request {
            Request::Segment { job, .. } => Some(job),
            _ => None,
        }
    }
}

fn gave_up<F>(pending: &Pending<F>, cause: Cause) -> Failure {
    let kind = match pending.request {
        Request::Export { .. } => FailureKind::Export,
        Request::Measure { .. } => FailureKind::Measure,
        Request::Start {
            weights: WeightsSource::File { .. },
            ..
        } => FailureKind::OtherWeights,
        _ => FailureKind::Device,
    };
    Failure::new(kind, cause)
}

#[cfg(test)]
#[path = "hub_tests.rs"]
mod tests;
