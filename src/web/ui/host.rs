//! What a page that embeds this one chooses, and what it is told. No DOM in here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};

use super::photo::{Outcome, Phase, PhotoId};
use super::state::{Readiness, State};
use crate::protocol::{
    Backend, BackendChoice, EngineInfo, ExportKind, Failure, FailureKind, JobId, Mode, Size, Stage,
    as_written,
};

/// What the embedding page chooses. Where controls are shown, the visitor may choose otherwise.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// Probability above which a pixel is crack, 0 to 1; none = the one that came with the weights.
    pub threshold: Option<f32>,
    /// Opacity of what is drawn over the photo, 0 to 1; none = the usual one.
    pub overlay_opacity: Option<f64>,
    /// The pipeline.
    pub mode: Mode,
    /// Which backend.
    pub backend: BackendChoice,
    /// Address of the weights to start with, as [`crate::protocol::Request::Start`] has it; none = those that came along.
    pub weights_url: Option<String>,
    /// Light or dark.
    pub theme: Theme,
    /// Whether the visitor gets buttons, settings and ways to bring photos in.
    pub controls: bool,
    /// Language tags: the first that is known counts, the browser's where none is.
    pub languages: Vec<String>,
}

impl Options {
    /// The threshold, 0 to 1.
    pub fn threshold_in_range(&self) -> Option<f32> {
        let is_number = |threshold: &f32| !threshold.is_nan();
        let threshold = self.threshold.filter(is_number)?;
        Some(threshold.clamp(0.0, 1.0))
    }
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the visitor's system has it.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// What the embedding page is told.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum News {
    /// Photos can be segmented: at the start, and again when backend or weights changed.
    Ready {
        /// What runs.
        engine: EngineInfo,
    },
    /// Something takes a while.
    Progress {
        /// The photo it belongs to; none while the engine starts.
        photo: Option<PhotoId>,
        /// How far it is.
        progress: Stage,
    },
    /// A photo has its result, or the visitor corrected it. Its probability map comes beside.
    Result {
        /// The photo.
        photo: PhotoId,
        /// The result without its pixels.
        result: Finding,
    },
    /// A photo was stopped or taken away before it had its result.
    Stopped {
        /// The photo.
        photo: PhotoId,
    },
    /// A photo was taken away.
    Removed {
        /// The photo.
        photo: PhotoId,
    },
    /// A photo could not be segmented, or (without a photo) what was wished of the engine can't be had, which goes on.
    Error {
        /// The photo.
        photo: Option<PhotoId>,
        /// What failed.
        #[serde(serialize_with = "in_english")]
        failure: Failure,
    },
    /// There is no engine: photos wait until somebody asks for it again.
    Failed {
        /// Why.
        #[serde(serialize_with = "in_english")]
        failure: Failure,
    },
    /// Another threshold was chosen, by the visitor or by the page, and has come to rest.
    ThresholdChange {
        /// 0 to 1.
        #[serde(serialize_with = "as_written")]
        threshold: f32,
    },
    /// The worker was lost, its GPU perhaps; a new one takes over: on the GPU once more at first where it was that, then on the CPU.
    DeviceLost,
}

/// A failure as programs are told of it: `{ kind, message }`.
fn in_english<S: Serializer>(failure: &Failure, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Told {
        kind: FailureKind,
        message: String,
    }
    let told = Told {
        kind: failure.kind,
        message: failure.to_string(),
    };
    told.serialize(serializer)
}

/// A result without its pixels.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Size of the probability map, in pixels.
    #[serde(flatten)]
    pub map: Size,
    /// The threshold in force, 0 to 1.
    #[serde(serialize_with = "as_written")]
    pub threshold: f32,
    /// The pipeline.
    pub mode: Mode,
    /// Working size over photo size, 0 to 1.
    pub scale: f64,
    /// On what.
    pub backend: Backend,
    /// With which weights.
    pub weights: String,
    /// Tells weights of one name apart.
    pub weights_hash: String,
    /// Time it took, in seconds.
    pub seconds: f64,
    /// How many pixels of the probability map have each value, 0 to 255.
    pub counts: Vec<u32>,
    /// How many marks the visitor took out.
    pub left_out: u32,
}

impl Finding {
    fn new(outcome: &Outcome, threshold: f32) -> Self {
        Self {
            map: outcome.map,
            threshold,
            mode: outcome.mode,
            scale: outcome.plan.working_scale,
            backend: outcome.backend,
            weights: outcome.weights.clone(),
            weights_hash: outcome.weights_hash.clone(),
            seconds: outcome.seconds,
            counts: outcome.tally.counts().to_vec(),
            left_out: outcome.left_out,
        }
    }
}

/// A result that the embedding page wants as a PNG.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Drawing {
    /// What to draw.
    pub kind: ExportKind,
    /// Size of the probability map, in pixels.
    #[serde(flatten)]
    pub map: Size,
    /// Probability above which a pixel is crack, 0 to 1.
    pub threshold: f32,
    /// Opacity of the crack colour, 0 to 1; none = the usual one.
    pub opacity: Option<f32>,
    /// The photo's file name.
    pub name: String,
    /// The pipeline that made the result.
    pub mode: Mode,
    /// Working size over photo size, 0 to 1.
    pub scale: f64,
    /// What it was made on.
    pub backend: Backend,
    /// Name of the weights.
    pub weights: String,
    /// How many marks the visitor took out.
    pub left_out: u32,
}

/// Follows the state and tells what is new.
#[derive(Debug, Default)]
pub struct Reporter {
    engine: Option<EngineInfo>,
    readiness: Option<Readiness>,
    settings_failure: Option<Failure>,
    losses: u32,
    restarts: u32,
    photos: BTreeMap<PhotoId, Seen>,
}

/// A photo as it was when last looked at.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    phase: Phase,
    job: Option<JobId>,
}

impl Reporter {
    /// What happened since this was last asked. `threshold` is the one in force, 0 to 1.
    pub fn report(&mut self, state: &State, threshold: f32) -> Vec<News> {
        let mut news = Vec::new();
        if state.losses > self.losses {
            news.push(News::DeviceLost);
        }
        self.losses = state.losses;
        news.extend(self.of_engine(state));
        let mut before = std::mem::take(&mut self.photos);
        for photo in &state.photos {
            let now = Seen {
                phase: photo.phase.clone(),
                job: photo.outcome.as_ref().map(|outcome| outcome.job),
            };
            let before = before.remove(&photo.id);
            let result = photo
                .outcome
                .as_ref()
                .filter(|_| before.as_ref().and_then(|seen| seen.job) != now.job);
            if let Some(outcome) = result {
                news.push(News::Result {
                    photo: photo.id,
                    result: Finding::new(outcome, threshold),
                });
            } else if before.is_none_or(|before| before.phase != now.phase) {
                news.extend(of_phase(photo.id, &photo.phase));
            }
            self.photos.insert(photo.id, now);
        }
        for (photo, seen) in before {
            if matches!(seen.phase, Phase::Waiting | Phase::Working { .. }) {
                news.push(News::Stopped { photo });
            }
            news.push(News::Removed { photo });
        }
        news
    }

    fn of_engine(&mut self, state: &State) -> Vec<News> {
        let mut news = Vec::new();
        // First, as what goes on after it is not what was wished for.
        if self.settings_failure != state.settings_failure {
            let failure = state.settings_failure.clone();
            news.extend(failure.map(|failure| News::Error {
                photo: None,
                failure,
            }));
        }
        // The same failure may follow another attempt before anybody looked.
        let is_new =
            self.readiness.as_ref() != Some(&state.readiness) || self.restarts != state.restarts;
        self.restarts = state.restarts;
        match (&state.readiness, &state.engine) {
            (Readiness::Ready, Some(engine)) if is_new || self.engine != state.engine => {
                news.push(News::Ready {
                    engine: engine.clone(),
                });
            }
            (Readiness::Starting(Some(stage)), _) if is_new => news.push(News::Progress {
                photo: None,
                progress: *stage,
            }),
            (Readiness::Failed(failure), _) if is_new => news.push(News::Failed {
                failure: failure.clone(),
            }),
            _ => {}
        }
        self.readiness = Some(state.readiness.clone());
        self.engine = state.engine.clone();
        self.settings_failure = state.settings_failure.clone();
        news
    }
}

/// What a photo's new phase means to others. One that is done without a new result was stopped, and keeps its old one.
fn of_phase(photo: PhotoId, phase: &Phase) -> Option<News> {
    match phase {
        Phase::Working {
            stage: Some(stage), ..
        } => Some(News::Progress {
            photo: Some(photo),
            progress: *stage,
        }),
        Phase::Failed(failure) => Some(News::Error {
            photo: Some(photo),
            failure: failure.clone(),
        }),
        Phase::Stopped | Phase::Done => Some(News::Stopped { photo }),
        Phase::Waiting | Phase::Working { stage: None, .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::state::tests::{SIZE, job_of, ready, succeed};
    use super::*;
    use crate::protocol::Reply;
    use crate::web::fixtures::{engine, failure, reasons};

    #[test]
    fn the_types_have_every_name_that_is_told() {
        let types = include_str!("../../../www/crack-segmenter.d.ts");
        let kinds = [
            FailureKind::Photo,
            FailureKind::Weights,
            FailureKind::OtherWeights,
            FailureKind::Program,
            FailureKind::Device,
            FailureKind::Export,
            FailureKind::Measure,
        ];
        let backends = [Backend::Cpu, Backend::WebGpu, Backend::WebGpuF16];
        let names = reasons().map(|it| serde_json::to_string(&it)).into_iter();
        let names = names.chain(kinds.map(|it| serde_json::to_string(&it)));
        let names = names.chain(backends.map(|it| serde_json::to_string(&it)));
        for name in names.flatten() {
            assert!(types.contains(&name), "{name} is not in the types");
        }
    }

    fn start(state: &mut State, name: &str) -> (PhotoId, JobId) {
        let photo = state.add([name.to_owned()])[0];
        (photo, job_of(&state.send_next()))
    }

    #[test]
    fn a_photo_is_told_from_start_to_result() {
        let (mut state, mut reporter) = (State::default(), Reporter::default());
        assert_eq!(reporter.report(&state, 0.5), []);
        let engine = engine(Backend::Cpu);
        state.receive(Reply::Started {
            engine: engine.clone(),
        });
        assert_eq!(reporter.report(&state, 0.5), [News::Ready { engine }]);
        let (photo, job) = start(&mut state, "a");
        assert_eq!(reporter.report(&state, 0.5), []);
        let stage = Stage::Decoding;
        state.receive(Reply::Progress {
            job: Some(job),
            stage,
        });
        let progress = News::Progress {
            photo: Some(photo),
            progress: stage,
        };
        assert_eq!(reporter.report(&state, 0.5), [progress]);
        succeed(&mut state, job);
        let news = reporter.report(&state, 0.3);
        assert!(
            matches!(&news[..], [News::Result { photo: its, result }]
                if *its == photo && result.map == SIZE && result.threshold == 0.3),
            "{news:?}"
        );
        assert_eq!(reporter.report(&state, 0.3), []);
        // What has its result is not stopped by being taken away.
        state.remove(photo);
        assert_eq!(reporter.report(&state, 0.3), [News::Removed { photo }]);
    }

    #[test]
    fn whatever_ends_without_a_result_is_told() {
        let (mut state, mut reporter) = (ready(), Reporter::default());
        let (first, job) = start(&mut state, "a");
        let rest = state.add(["b", "c"].map(str::to_owned));
        reporter.report(&state, 0.5);
        let failure = failure(FailureKind::Photo);
        state.cancel(rest[0]);
        state.remove(rest[1]);
        state.receive(Reply::Failed {
            job,
            failure: failure.clone(),
        });
        let expected = [
            News::Error {
                photo: Some(first),
                failure,
            },
            News::Stopped { photo: rest[0] },
            News::Stopped { photo: rest[1] },
            News::Removed { photo: rest[1] },
        ];
        assert_eq!(reporter.report(&state, 0.5), expected);
    }

    #[test]
    fn a_second_run_that_is_stopped_keeps_the_first_result() {
        let (mut state, mut reporter) = (ready(), Reporter::default());
        let (photo, job) = start(&mut state, "a");
        succeed(&mut state, job);
        reporter.report(&state, 0.5);
        let job = job_of(&state.set_mode(Mode::Space));
        reporter.report(&state, 0.5);
        state.receive(Reply::Cancelled { job });
        assert_eq!(reporter.report(&state, 0.5), [News::Stopped { photo }]);
    }

    #[test]
    fn a_refused_wish_is_told_before_what_goes_on() {
        let (mut state, mut reporter) = (ready(), Reporter::default());
        reporter.report(&state, 0.5);
        state.restart();
        let failure = failure(FailureKind::Weights);
        state.receive(Reply::Refused {
            failure: failure.clone(),
        });
        let engine = engine(Backend::Cpu);
        state.receive(Reply::Started {
            engine: engine.clone(),
        });
        let error = News::Error {
            photo: None,
            failure,
        };
        assert_eq!(
            reporter.report(&state, 0.5),
            [error, News::Ready { engine }]
        );
    }

    #[test]
    fn a_lost_worker_and_a_failed_engine_are_told_once() {
        let (mut state, mut reporter) = (State::default(), Reporter::default());
        let failure = failure(FailureKind::Weights);
        state.receive(Reply::Crashed { detail: "d".into() });
        let reply = Reply::NotStarted {
            failure: failure.clone(),
        };
        state.receive(reply.clone());
        let failed = News::Failed { failure };
        assert_eq!(
            reporter.report(&state, 0.5),
            [News::DeviceLost, failed.clone()]
        );
        assert_eq!(reporter.report(&state, 0.5), []);
        state.restart();
        state.receive(reply);
        assert_eq!(reporter.report(&state, 0.5), [failed]);
    }
}
