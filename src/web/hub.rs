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

/// An engine that was asked for, and is not there yet.
#[derive(Clone, Debug)]
struct Start<F> {
    /// Who asked: several, where they asked for the same.
    askers: Vec<MemberId>,
    /// Who named its weights, or brought them.
    namers: Vec<MemberId>,
    setup: Setup<F>,
    /// Whether it takes over from a worker that was lost.
    is_recovering: bool,
    crashes: u8,
}

/// A photo, or what needs no engine, that has not been answered yet.
#[derive(Clone, Debug)]
struct Job<F> {
    asker: MemberId,
    /// With the job as the asker names it.
    request: Request,
    files: Vec<F>,
    /// The job's name on the wire, where every part's jobs have names of their own.
    wire: JobId,
    crashes: u8,
    is_cancelled: bool,
}

/// What an engine is needed for, or one itself.
#[derive(Clone, Debug)]
enum InFlight<F> {
    Start(Start<F>),
    Photo(Job<F>),
}

/// How far the worker is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Worker {
    Absent,
    Loading,
    /// Its program listens.
    Listening,
    /// It has an engine.
    Started,
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
    worker: Worker,
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
    start: Option<Start<F>>,
    photos: VecDeque<Job<F>>,
    in_flight: Option<InFlight<F>>,
    /// What needs no engine.
    extras: VecDeque<Job<F>>,
    extra: Option<Job<F>>,
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
            worker: Worker::Absent,
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
        let is_others = |job: &Job<F>| job.asker != member;
        self.photos.retain(is_others);
        self.extras.retain(is_others);
        self.cancel_in_flight(|photo| photo.asker == member);
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
        match left {
            Some(InFlight::Photo(photo)) if photo.asker == member || photo.is_cancelled => {
                self.tell_cancelled(&photo);
            }
            Some(InFlight::Photo(photo)) => self.photos.push_front(photo),
            // Another start is overtaken.
            Some(InFlight::Start(_)) | None => {}
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
        self.last_wire += 1;
        let job = Job {
            asker: member,
            request,
            files,
            wire: self.last_wire,
            crashes: 0,
            is_cancelled: false,
        };
        if job.is_photo() {
            self.photos.push_back(job);
        } else {
            self.extras.push_back(job);
        }
        self.done()
    }

    /// Stops a job, or takes its turn away.
    fn cancel(&mut self, member: MemberId, job: JobId) {
        let is_it = |photo: &Job<F>| (photo.asker, photo.name()) == (member, job);
        if let Some(place) = self.photos.iter().position(is_it) {
            self.photos.remove(place);
            self.tell(member, Reply::Cancelled { job });
        } else {
            self.cancel_in_flight(is_it);
        }
    }

    fn cancel_in_flight(&mut self, is_it: impl Fn(&Job<F>) -> bool) {
        if let Some(InFlight::Photo(photo)) = &mut self.in_flight
            && is_it(photo)
        {
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
        let starting = self.starts().next().map(|start| start.setup.clone());
        starting.or(running)
    }

    /// What is asked for and not there yet, the latest first.
    fn starts(&self) -> impl Iterator<Item = &Start<F>> {
        let in_flight = self.in_flight.as_ref().and_then(InFlight::as_start);
        self.start.iter().chain(in_flight)
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
        let in_flight = match &mut self.in_flight {
            Some(InFlight::Start(start)) => Some(start),
            _ => None,
        };
        let latest = self.start.as_mut().or(in_flight);
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
        let same = latest.filter(|start| start.setup.source == setup.source);
        let mut namers = same.map_or_else(Vec::new, |start| start.namers.clone());
        namers.extend(namer);
        if let Some(coming) = coming
            && matches!(coming.source, WeightsSource::Url(_))
            && coming.source != setup.source
        {
            self.before = coming;
        }
        self.start = Some(Start {
            askers: vec![member],
            namers,
            ..Start::of(setup)
        });
        true
    }

    /// What runs beside the engine goes back to what waits.
    fn has_no_worker(&mut self) {
        self.worker = Worker::Absent;
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
        let Some(start) = self.take_start() else {
            return;
        };
        (self.worker, self.is_recovering) = (Worker::Started, false);
        self.has_had_gpu |= engine.backend != Backend::Cpu;
        self.is_without_gpu |= engine.lacks_gpu();
        self.engine = Some(engine);
        self.setup = start.setup;
        self.tell_all_of_engine();
    }

    /// The start that the worker has answered.
    fn take_start(&mut self) -> Option<Start<F>> {
        let is_start = |it: &mut InFlight<F>| it.as_start().is_some();
        match self.in_flight.take_if(is_start)? {
            InFlight::Start(start) => Some(start),
            InFlight::Photo(_) => None,
        }
    }

    fn is_started(&self) -> bool {
        self.worker == Worker::Started
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
    fn refused(&mut self, refused: &Start<F>, failure: &Failure) {
        let setup = &refused.setup;
        let lacks_device = failure.kind == FailureKind::Device;
        self.is_without_gpu |= lacks_device;
        let back = self.way_back(refused, failure.kind);
        let is_overtaken = self.start.is_some();
        if back.is_none() && !is_overtaken && !self.is_started() {
            self.setup.backend = setup.backend;
            if failure.kind == FailureKind::Weights {
                self.before = setup.clone();
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
            && !self.is_started()
            && self.setup.source == setup.source
        {
            // What ran can't be had any more: there is no way back to it.
            self.setup = back.clone();
        }
        let is_started = self.is_started();
        match (back, &mut self.start) {
            // What comes must not ask for what the device was just said to lack.
            (Some(back), Some(start)) if lacks_device => {
                if start.setup.backend == setup.backend {
                    start.setup.backend = back.backend;
                }
            }
            (_, Some(_)) => {}
            _ if is_started => self.tell_all_of_engine(),
            (Some(back), None) => {
                let start = Start::of(back);
                self.start = Some(match self.is_recovering {
                    true => start.recovering(),
                    false => start,
                });
            }
            (None, None) => {}
        }
    }

    /// Tells those who asked for what is lacking, but who has asked for other weights meanwhile.
    fn tell_refused(&mut self, refused: &Start<F>, failure: &Failure, is_replaced: bool) {
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
    fn way_back(&self, refused: &Start<F>, kind: FailureKind) -> Option<Setup<F>> {
        let setup = &refused.setup;
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
                None if refused.is_recovering => return None,
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
        if let Some(start) = self.start.take() {
            self.setup.backend = start.setup.backend;
        }
        for photo in std::mem::take(&mut self.photos) {
            self.tell_failed(&photo, failure.clone());
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
        match &self.start.as_ref()?.setup.source {
            WeightsSource::Url(url) => Some(url),
            WeightsSource::File { .. } => None,
        }
    }

    /// Takes in a reply.
    pub fn receive(&mut self, reply: Reply, files: Vec<F>) -> Vec<Act<F>> {
        match reply {
            Reply::Ready => self.worker = self.worker.max(Worker::Listening),
            Reply::Started { engine } => self.started(engine),
            Reply::NotStarted { failure } => {
                if let Some(refused) = self.take_start() {
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
        let has_listened = self.worker >= Worker::Listening;
        let (in_flight, extra) = (self.in_flight.take(), self.extra.take());
        self.has_no_worker();
        self.acts.push(Act::Disconnect);
        if !has_listened {
            self.try_to_load_again(detail);
            return self.done();
        }
        self.tell_all(&Reply::Crashed {
            detail: detail.to_owned(),
        });
        // Of two requests only one did it.
        let are_two = in_flight.is_some() && extra.is_some();
        self.is_wary |= are_two;
        let crashes = u8::from(!are_two);
        // What was tried last, and is not tried again unless somebody asks for it anew.
        let held_start = in_flight.as_ref().and_then(InFlight::as_start);
        let ran = self.engine.is_some().then(|| self.setup.clone());
        let mut next = held_start.map(|start| start.setup.clone()).or(ran);
        self.is_recovering = self.engine.is_some();
        match in_flight {
            Some(InFlight::Start(mut start)) => {
                start.crashes += crashes;
                if start.crashes >= CHANCES {
                    let failure = start.gave_up(Cause::StoppedTwice(detail.to_owned()));
                    self.refused(&start, &failure);
                    next = None;
                } else {
                    self.start.get_or_insert(start);
                }
            }
            Some(InFlight::Photo(photo)) => self.give_another_chance(photo, crashes, detail),
            None => {}
        }
        if let Some(extra) = extra {
            self.give_another_chance(extra, crashes, detail);
        }
        if let Some(lost) = next {
            let backend = lost.backend;
            let start = self.start.take().unwrap_or_else(|| Start::of(lost));
            self.start = Some(if start.setup.backend == backend {
                start.recovering()
            } else {
                start
            });
        }
        self.done()
    }

    /// To a job that a lost worker had, unless it made that crash too often.
    fn give_another_chance(&mut self, mut job: Job<F>, crashes: u8, detail: &str) {
        job.crashes += crashes;
        if job.is_cancelled {
            self.tell_cancelled(&job);
        } else if job.crashes >= CHANCES {
            let failure = job.gave_up(Cause::StoppedTwice(detail.to_owned()));
            self.tell_failed(&job, failure);
        } else if job.is_photo() {
            self.photos.push_front(job);
        } else {
            self.extras.push_front(job);
        }
    }

    /// The GPU is lost, and its worker with it. A new one goes on there: a tablet takes the GPU from a page in the background, and gives it
    /// back. Lost once more before a photo was done, it is given up.
    fn lost_gpu(&mut self, detail: &str) -> Vec<Act<F>> {
        if std::mem::replace(&mut self.has_lost_gpu, true) {
            return self.lost(detail);
        }
        let in_flight = self.in_flight.take();
        self.has_no_worker();
        self.acts.push(Act::Disconnect);
        self.tell_all(&Reply::Crashed {
            detail: detail.to_owned(),
        });
        match in_flight {
            Some(InFlight::Photo(photo)) => self.give_another_chance(photo, 0, detail),
            Some(InFlight::Start(start)) => {
                self.start.get_or_insert(start);
            }
            None => {}
        }
        if self.start.is_none() {
            self.start = Some(Start::of(self.setup.clone()));
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
        let of_jobs = self.photos.iter_mut().chain(&mut self.extras);
        let of_jobs = of_jobs.map(|job| &mut job.crashes);
        let of_start = self.start.iter_mut().map(|start| &mut start.crashes);
        let Some(crashes) = of_start.chain(of_jobs).next() else {
            return;
        };
        *crashes += 1;
        if *crashes >= CHANCES {
            self.give_up_all(&Cause::NotLoaded(detail.to_owned()));
        }
    }

    fn give_up_all(&mut self, cause: &Cause) {
        for extra in std::mem::take(&mut self.extras) {
            self.tell_failed(&extra, extra.gave_up(cause.clone()));
        }
        self.fail(&Failure::new(FailureKind::Program, cause.clone()));
    }

    /// Tells who asked for it, under the job's name there.
    fn pass_on(&mut self, reply: &Reply, files: &[F]) {
        let is_last = !matches!(reply, Reply::Progress { .. } | Reply::Decoded { .. });
        let photo = self.in_flight.as_ref().and_then(InFlight::as_photo);
        let mut jobs = photo.into_iter().chain(&self.extra);
        let Some(job) = jobs.find(|job| reply.job() == Some(job.wire)) else {
            return;
        };
        let named = reply.clone().named(job.name());
        self.acts.push(Act::Tell(job.asker, named, files.to_vec()));
        if is_last && job.is_photo() {
            self.in_flight = None;
            self.has_lost_gpu &= !matches!(reply, Reply::Segmented { .. });
            // What needs no engine went first.
            self.is_wary = false;
        } else if is_last {
            self.extra = None;
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

    fn tell_cancelled(&mut self, photo: &Job<F>) {
        let job = photo.name();
        self.tell(photo.asker, Reply::Cancelled { job });
    }

    fn tell_failed(&mut self, job: &Job<F>, failure: Failure) {
        let (asker, job) = (job.asker, job.name());
        self.tell(asker, Reply::Failed { job, failure });
    }

    /// Gives the worker what it has room for, and out what has to be done.
    fn done(&mut self) -> Vec<Act<F>> {
        let has_work = self.start.is_some() || !(self.photos.is_empty() && self.extras.is_empty());
        if has_work && self.worker == Worker::Absent {
            self.worker = Worker::Loading;
            self.acts.push(Act::Connect);
        }
        if self.worker >= Worker::Listening {
            if self.extra.is_none() && !(self.is_wary && self.in_flight.is_some()) {
                self.extra = self.extras.pop_front();
                self.acts.extend(self.extra.as_ref().map(Job::post));
            }
            if self.in_flight.is_none() && !(self.is_wary && self.extra.is_some()) {
                self.in_flight = match self.start.take() {
                    Some(start) => Some(InFlight::Start(start)),
                    None if self.is_started() => self.photos.pop_front().map(InFlight::Photo),
                    None => None,
                };
                self.acts
                    .extend(self.in_flight.as_ref().map(InFlight::post));
            }
        }
        std::mem::take(&mut self.acts)
    }
}

impl<F> Setup<F> {
    fn is_as(&self, other: &Self) -> bool {
        (self.backend, &self.source) == (other.backend, &other.source)
    }
}

impl<F: Clone> Start<F> {
    /// One that nobody has asked for.
    fn of(setup: Setup<F>) -> Self {
        Self {
            askers: Vec::new(),
            namers: Vec::new(),
            setup,
            is_recovering: false,
            crashes: 0,
        }
    }

    /// The same, taking over from a worker that was lost: on the CPU.
    fn recovering(mut self) -> Self {
        (self.setup.backend, self.is_recovering) = (BackendChoice::Cpu, true);
        self
    }

    fn post(&self) -> Act<F> {
        let request = Request::Start {
            backend: self.setup.backend,
            weights: self.setup.source.clone(),
            recovering: self.is_recovering,
        };
        Act::Post(request, self.setup.files.clone())
    }

    fn gave_up(&self, cause: Cause) -> Failure {
        let kind = match self.setup.source {
            WeightsSource::File { .. } => FailureKind::OtherWeights,
            WeightsSource::Url(_) => FailureKind::Device,
        };
        Failure::new(kind, cause)
    }
}

impl<F: Clone> Job<F> {
    /// As the asker names it.
    fn name(&self) -> JobId {
        self.request.job().unwrap_or_default()
    }

    fn is_photo(&self) -> bool {
        matches!(self.request, Request::Segment { .. })
    }

    fn post(&self) -> Act<F> {
        let request = self.request.clone().named(self.wire);
        Act::Post(request, self.files.clone())
    }

    fn gave_up(&self, cause: Cause) -> Failure {
        let kind = match self.request {
            Request::Export { .. } => FailureKind::Export,
            Request::Measure { .. } => FailureKind::Measure,
            _ => FailureKind::Device,
        };
        Failure::new(kind, cause)
    }
}

impl<F: Clone> InFlight<F> {
    fn as_start(&self) -> Option<&Start<F>> {
        match self {
            Self::Start(start) => Some(start),
            Self::Photo(_) => None,
        }
    }

    fn as_photo(&self) -> Option<&Job<F>> {
        match self {
            Self::Start(_) => None,
            Self::Photo(photo) => Some(photo),
        }
    }

    fn post(&self) -> Act<F> {
        match self {
            Self::Start(start) => start.post(),
            Self::Photo(photo) => photo.post(),
        }
    }
}

#[cfg(test)]
#[path = "hub_tests.rs"]
mod tests;
