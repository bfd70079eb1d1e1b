//! The worker's side: requests in, replies out. Holds the engine and nothing of any photo.

use std::cell::{Cell, OnceCell, RefCell};
use std::ops::ControlFlow;
use std::panic;
use std::rc::Rc;

use image::{GrayImage, RgbImage};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use super::awake::seconds_awake;
use super::blob::{self, ReadError};
use super::browser_decode;
use super::crew::Crew;
use super::watchdog::Watchdog;
use super::workshop::{Running, Workshop, now};
use super::{helper, js_error, message, preview};
use crate::archive::crc32;
use crate::device::DeviceError;
use crate::export;
use crate::mask::ProbabilityMap;
use crate::measure::measure;
use crate::overlay::overlay;
use crate::photo::{self, DecodeError};
use crate::protocol::{
    Cause, Export, ExportKind, Failure, FailureKind, JobId, Mode, Plan, Reply, Request, Settings,
    Size, Stage,
};
use crate::segmenter::{Helpers as _, Progress, SegmentError};

/// A photo that seems to take so many seconds is worth the tenth of one that a better estimate takes.
const WORTH_MEASURING: f64 = 3.0;

/// A GPU may be silent amid a photo for so many seconds, and for so many times the seconds that the whole photo should take.
const PATIENCE: f64 = 60.0;
const UNUSUAL: f64 = 4.0;

/// Listens for as long as the worker lives: to the page, or to the worker that it was started to help.
pub fn run() {
    if let Some(weights) = helper::weights() {
        return helper::run(&weights);
    }
    panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        post(
            &Reply::Crashed {
                detail: info.to_string(),
            },
            &[],
        );
    }));
    let state = Rc::new(State::default());
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        state.receive(&event.data());
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // The listener lives as long as the worker.
    on_message.forget();
    post(&Reply::Ready, &[]);
}

#[derive(Default)]
struct State {
    workshop: RefCell<Workshop>,
    running: RefCell<Option<Rc<Running>>>,
    cancelled: Cell<Option<JobId>>,
    /// Who helps with the photo in work.
    crew: RefCell<Option<(JobId, Rc<Crew>)>>,
}

impl State {
    fn receive(self: &Rc<Self>, data: &JsValue) {
        match message::unpack::<Request>(data) {
            Ok((request, files)) => {
                let state = Rc::clone(self);
                spawn_local(async move { state.answer(request, files).await });
            }
            Err(error) => post(
                &Reply::Crashed {
                    detail: format!("unreadable message: {error:?}"),
                },
                &[],
            ),
        }
    }
}

impl State {
    /// Answers one request. Beside one for the engine the page sends one that needs none, and cancellations; the next of either kind comes
    /// after this one's last reply.
    async fn answer(&self, request: Request, files: Vec<Blob>) {
        match request {
            Request::Start {
                backend,
                weights,
                recovering,
            } => {
                let mut workshop = self.workshop.take();
                let started = workshop.start(backend, weights, &files, post_stage);
                let mut started = started.await;
                if let (Ok(running), true) = (&mut started, recovering) {
                    running.recovered();
                }
                self.put_to_work(workshop, started);
            }
            Request::Segment { job, settings } => {
                let segmented = self.segment(job, settings, &files).await;
                self.crew.take();
                if let Err(error) = segmented {
                    post(&error.into_reply(job), &[]);
                }
                self.cancelled.set(None);
            }
            Request::Export { job, export } => {
                let kind = export.kind;
                match draw(export, &files).await {
                    Ok((png, figure)) => {
                        let (figure, figure_crc32) = figure.unzip();
                        let files: Vec<Blob> =
                            [Some(png.0), figure].into_iter().flatten().collect();
                        let exported = Reply::Exported {
                            job,
                            kind,
                            crc32: png.1,
                            figure_crc32,
                        };
                        post(&exported, &files);
                    }
                    Err(cause) => post_failed(job, FailureKind::Export, cause),
                }
            }
            Request::Measure {
                job,
                map,
                threshold,
            } => match read_map(&files, map).await {
                Ok(map) => post(
                    &Reply::Measured {
                        job,
                        threshold,
                        measurements: measure(&map, threshold),
                    },
                    &[],
                ),
                Err(cause) => post_failed(job, FailureKind::Measure, cause),
            },
            Request::Cancel { job } => self.cancel(job),
        }
    }

    fn cancel(&self, job: JobId) {
        self.cancelled.set(Some(job));
        // The worker looks when the tile that it waits for is there, or does not come.
        if let Some((helped, crew)) = &*self.crew.borrow()
            && *helped == job
        {
            crew.dismiss();
        }
    }

    fn put_to_work(&self, workshop: Workshop, started: Result<Running, Failure>) {
        self.workshop.replace(workshop);
        match started {
            Ok(running) => {
                post(
                    &Reply::Started {
                        engine: running.info(),
                    },
                    &[],
                );
                *self.running.borrow_mut() = Some(Rc::new(running));
            }
            Err(failure) => post(&Reply::NotStarted { failure }, &[]),
        }
    }

    async fn segment(
        &self,
        job: JobId,
        settings: Settings,
        files: &[Blob],
    ) -> Result<(), JobError> {
        let running = self.running.borrow().clone().ok_or(Cause::NotStarted)?;
        post_progress(job, Stage::Decoding);
        let photo = read_photo(files, 0).await?;
        let size = size_of(photo.dimensions());
        let helpers = running.helpers(size, settings.mode);
        let plan = plan(&running, size, settings, helpers).await?;
        let crew = Rc::new(running.crew(helpers));
        self.crew.replace(Some((job, Rc::clone(&crew))));
        let preview = preview::preview(&photo).await.inspect_err(|error| {
            // The page keeps what it shows, and the result does not depend on it.
            web_sys::console::warn_1(error);
        });
        let preview: Vec<Blob> = preview.into_iter().collect();
        let decoded = Reply::Decoded {
            job,
            photo: size,
            plan,
        };
        post(&decoded, &preview);
        let mut grey = photo::to_grey(&photo);
        drop(photo);
        if plan.size != size {
            grey = photo::resize_grey(&grey, plan.size.width, plan.size.height);
        }

        let (map, seconds) = self
            .find(job, &running, &crew, grey, plan, settings.mode)
            .await?;
        let speed = plan.speed(settings.mode, seconds);
        running.learn_speed(speed.map(|speed| speed * Crew::speed_up(crew.count())));
        running.learn_helpers(helpers, crew.not_lost());
        // There is their memory again, for the map's copies.
        drop(crew);
        self.crew.take();
        let map = if settings.mode.is_in_shape() && plan.size != size {
            map.resized(size.width, size.height)
        } else {
            map
        };
        let segmented = Reply::Segmented {
            job,
            map: size_of((map.width(), map.height())),
            seconds,
            counts: map.counts().into(),
        };
        let values = blob::of_bytes(map.values(), "application/octet-stream").map_err(no_room)?;
        post(&segmented, &[values]);
        Ok(())
    }

    /// The map of a grey photo at its working size, and the seconds that it took; tells how far it is.
    async fn find(
        &self,
        job: JobId,
        running: &Running,
        crew: &Crew,
        grey: GrayImage,
        plan: Plan,
        mode: Mode,
    ) -> Result<(ProbabilityMap, f64), JobError> {
        let begin = now();
        let tiles_begin = OnceCell::new();
        let heard = RefCell::new(vec![begin]);
        let watchdog = Watchdog::new(PATIENCE + UNUSUAL * plan.seconds);
        let tell = async |progress: Progress| {
            // What was expected of a tile counts like one more tile done, so that the first does not swing it.
            let (done, total) = (progress.done as f64, progress.total as f64);
            let moment = now();
            heard.borrow_mut().push(moment);
            let so_far = moment - *tiles_begin.get_or_init(|| moment);
            let a_tile = (plan.seconds / total + so_far) / (done + 1.0);
            let stage = Stage::Tiles {
                done: progress.done,
                total: progress.total,
                seconds_left: a_tile * (total - done),
            };
            post_progress(job, stage);
            watchdog.hear();
            pause(0.0).await;
            if self.cancelled.get() == Some(job) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let segmenting = running.segmenter().segment_with(crew, grey, mode, tell);
        let map = watchdog.watch(segmenting).await?;
        let mut heard = heard.into_inner();
        heard.push(now());
        Ok((map, seconds_awake(&heard)))
    }
}

/// How to work a photo of a size with so many helpers. The speed is measured once more where much depends on it.
async fn plan(
    running: &Running,
    size: Size,
    settings: Settings,
    helpers: usize,
) -> Result<Plan, JobError> {
    let plan_now = || {
        let speed = running.seconds_per_megapixel() / Crew::speed_up(helpers);
        Plan::new(size, settings, speed)
    };
    let plan = plan_now();
    if !running.is_untried() || plan.size == size && plan.seconds <= WORTH_MEASURING {
        return Ok(plan);
    }
    let watchdog = Watchdog::new(PATIENCE);
    let measured = watchdog.watch(running.measure_again()).await;
    measured.map_err(SegmentError::from)?;
    Ok(plan_now())
}

fn size_of((width, height): (u32, u32)) -> Size {
    Size { width, height }
}

/// Why a job has no result.
#[derive(Debug, thiserror::Error)]
enum JobError {
    #[error(transparent)]
    Cause(#[from] Cause),
    #[error(transparent)]
    Segment(#[from] SegmentError),
}

/// The bytes of one of the files that came with a request, or else why not.
pub(super) async fn read(
    files: &[Blob],
    place: usize,
    too_large: impl Into<Cause>,
) -> Result<Vec<u8>, Cause> {
    let file = files.get(place).ok_or(Cause::Unreadable)?;
    blob::read(file).await.map_err(|error| match error {
        ReadError::Gone(error) => {
            web_sys::console::warn_1(&error);
            Cause::Unreadable
        }
        ReadError::TooLarge => too_large.into(),
    })
}

/// A photo that came with a request.
async fn read_photo(files: &[Blob], place: usize) -> Result<RgbImage, Cause> {
    let file = read(files, place, DecodeError::TooMuchMemory).await?;
    Ok(browser_decode::decode(file).await?)
}

fn no_room(error: JsValue) -> Cause {
    web_sys::console::warn_1(&error);
    Cause::NoRoom
}

impl JobError {
    fn into_reply(self, job: JobId) -> Reply {
        let (kind, cause) = match self {
            Self::Segment(SegmentError::Cancelled) => return Reply::Cancelled { job },
            // Its successor does the photo.
            Self::Segment(SegmentError::Device(DeviceError::Lost(_))) => {
                return Reply::LostGpu {
                    detail: self.to_string(),
                };
            }
            Self::Segment(SegmentError::Device(error)) => (FailureKind::Device, error.into()),
            Self::Cause(cause @ (Cause::Photo(_) | Cause::Unreadable)) => {
                (FailureKind::Photo, cause)
            }
            Self::Cause(cause) => (FailureKind::Device, cause),
        };
        Reply::Failed {
            job,
            failure: Failure::new(kind, cause),
        }
    }
}

/// A file and its check sum.
type Summed = (Blob, u32);

/// Draws a picture, and its figure where there is to be one and it can be drawn.
async fn draw(export: Export, files: &[Blob]) -> Result<(Summed, Option<Summed>), Cause> {
    let Export {
        kind,
        map,
        threshold,
        provenance,
        opacity,
        with_figure,
    } = export;
    let map = read_map(files, map).await?;
    let mut figure = None;
    let mask = || map.mask(threshold);
    let png = match kind {
        ExportKind::Mask => export::png_grey(mask().as_image(), Some(&provenance)),
        ExportKind::Probability => export::png_grey(map.as_image(), Some(&provenance)),
        ExportKind::Overlay => {
            let photo = read_photo(files, 1).await?;
            let overlay = overlay(photo, &mask(), opacity);
            if with_figure {
                figure = preview::figure(&overlay)
                    .await
                    .inspect_err(web_sys::console::warn_1)
                    .ok();
            }
            export::png_rgb(&overlay, Some(&provenance))
        }
    };
    let png = png.map_err(|error| Cause::NotWritten(error.to_string()))?;
    let summed = |bytes: &[u8], mime| {
        let file = blob::of_bytes(bytes, mime).map_err(no_room)?;
        Ok::<Summed, Cause>((file, crc32(bytes)))
    };
    let figure = figure.map(|figure| summed(figure.as_bytes(), "text/plain"));
    Ok((summed(&png, "image/png")?, figure.transpose()?))
}

/// The probability map that came with a request.
async fn read_map(files: &[Blob], size: Size) -> Result<ProbabilityMap, Cause> {
    let values = read(files, 0, Cause::NoRoom).await?;
    ProbabilityMap::new(size.width, size.height, values).ok_or(Cause::Incomplete)
}

fn post_stage(stage: Stage) {
    post(&Reply::Progress { job: None, stage }, &[]);
}

fn post_progress(job: JobId, stage: Stage) {
    let job = Some(job);
    post(&Reply::Progress { job, stage }, &[]);
}

fn post_failed(job: JobId, kind: FailureKind, cause: Cause) {
    let failure = Failure::new(kind, cause);
    post(&Reply::Failed { job, failure }, &[]);
}

fn post(reply: &Reply, files: &[Blob]) {
    let posted = |reply: &Reply, files: &[Blob]| {
        message::pack(reply, files).and_then(|envelope| scope().post_message(&envelope))
    };
    // The page waits for an answer, so it has to know that this one does not come.
    let posted = posted(reply, files).or_else(|error| {
        let detail = js_error::message(&error);
        posted(&Reply::Crashed { detail }, &[])
    });
    if let Err(error) = posted {
        web_sys::console::error_1(&error);
    }
}

pub(super) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Waits for so many seconds, and at least lets the messages that wait come in, a cancellation among them.
pub(super) async fn pause(seconds: f64) {
    let milliseconds = (1e3 * seconds) as i32;
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        // Fails only where timers do not exist, which no worker lacks.
        let _ =
            scope().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
    });
    let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
}
