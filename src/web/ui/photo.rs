//! A photo of the queue and what is known of it. Its file and pixels are kept elsewhere (`pictures`).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::tally::Tally;
use super::viewport::Pair;
use crate::export;
use crate::measure::Scale;
use crate::protocol::{
    Backend, Failure, FailureKind, JobId, Measurements, Mode, Plan, Provenance, Resolution, Size,
    Stage,
};

/// How many cracks of a photo are listed and numbered, the longest first; the table that can be downloaded has all.
pub const MOST_LISTED: usize = 50;

/// Tells the photos of a page apart. A photo may be segmented several times, each time as another job.
pub type PhotoId = u32;

/// A photo of the queue. What is not of this page alone is kept for another visit (`autosave`): a new field of that kind needs
/// `#[serde(default)]`, or what an earlier release kept can't be read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Photo {
    /// Names the photo.
    #[serde(skip)]
    pub id: PhotoId,
    /// Its file's name.
    pub name: String,
    /// What happens with it.
    #[serde(skip)]
    pub phase: Phase,
    /// The size asked for it, but for [`Mode::Space`].
    pub resolution: Resolution,
    /// Its size, once it has been read.
    pub size: Option<Size>,
    /// What the network works on, for the job in hand or the last one.
    pub plan: Option<Plan>,
    /// What its pixels are on the wall, where the person said it.
    pub scale: Option<Scale>,
    /// The size of the photo that it was said of.
    pub scaled_at: Option<Size>,
    /// The ruler that said it, where it lay on this photo.
    pub ruler: Option<Laid>,
    /// The ruler that the person was laying when another photo came onto the stage.
    pub unset_ruler: Option<Laid>,
    /// Whether the app brought it along.
    pub is_example: bool,
    /// URL of a small picture of it.
    #[serde(skip)]
    pub thumbnail: Option<String>,
    /// URL of what the stage shows of it, once it has been read.
    #[serde(skip)]
    pub preview: Option<String>,
    /// The last good result; it stays while another job runs, and when that fails.
    pub outcome: Option<Outcome>,
    /// Whether what was to take the place of that result was stopped.
    pub was_stopped: bool,
}

impl Photo {
    /// A photo that waits for its turn.
    pub fn new(id: PhotoId, name: String) -> Self {
        Self {
            id,
            name,
            phase: Phase::Waiting,
            resolution: Resolution::Auto,
            size: None,
            plan: None,
            scale: None,
            scaled_at: None,
            ruler: None,
            unset_ruler: None,
            is_example: false,
            thumbnail: None,
            preview: None,
            outcome: None,
            was_stopped: false,
        }
    }

    /// The file's name without its ending.
    pub fn stem(&self) -> &str {
        match self.name.rsplit_once('.') {
            Some((stem, _)) if !stem.is_empty() => stem,
            _ => &self.name,
        }
    }

    /// What the names of its results' files begin with, as every system takes it.
    pub fn file_stem(&self) -> String {
        export::portable(self.stem())
    }

    /// Whether it has as many pixels across and down as another one, upright or not: then the same camera took both without
    /// one being cropped or reduced. What has not been read yet may have, what can't be read has not.
    pub fn may_be_like(&self, size: Option<Size>) -> bool {
        let sides = |size: Size| [size.width.min(size.height), size.width.max(size.height)];
        let both = self.size.zip(size);
        let is_read = self.failure().is_none() || self.size.is_some();
        is_read && both.is_none_or(|(one, other)| sides(one) == sides(other))
    }

    /// Whether a job waits or runs.
    pub fn is_busy(&self) -> bool {
        matches!(self.phase, Phase::Waiting | Phase::Working { .. })
    }

    /// Whether something would be lost with it: work that was waited for, or a result that was not downloaded.
    pub fn is_worth_asking(&self) -> bool {
        let is_unsaved = self
            .outcome
            .as_ref()
            .is_some_and(|outcome| !outcome.is_saved);
        !self.is_example && (self.is_busy() || is_unsaved)
    }

    /// Whether the person took marks out of its result.
    pub fn is_corrected(&self) -> bool {
        self.outcome
            .as_ref()
            .is_some_and(|outcome| outcome.left_out > 0)
    }

    /// Whether the person did something by hand that would be lost with it: took marks out, or laid a ruler.
    pub fn is_edited(&self) -> bool {
        self.is_corrected() || self.ruler.is_some()
    }

    /// Whether it can't be read, and never was.
    pub fn is_unreadable(&self) -> bool {
        let is_of_photo = |failure: &Failure| failure.kind == FailureKind::Photo;
        self.outcome.is_none() && self.failure().is_some_and(is_of_photo)
    }

    /// What went wrong with the last job.
    pub fn failure(&self) -> Option<&Failure> {
        match &self.phase {
            Phase::Failed(failure) => Some(failure),
            _ => None,
        }
    }
}

/// The two ends of a ruler, in pixels of the photo.
pub type RulerEnds = [Pair; 2];

/// A ruler as the person laid it, to be found again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Laid {
    /// Where it lay.
    pub ends: RulerEnds,
    /// Its true length in millimetres, as it was written.
    pub length: String,
}

/// What happens with a photo.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Phase {
    /// It waits for its turn.
    #[default]
    Waiting,
    /// The worker has it.
    Working {
        /// How far it is, once the worker has told.
        stage: Option<Stage>,
        /// Whether it was asked to stop.
        stopping: bool,
    },
    /// It has its result.
    Done,
    /// The person stopped it.
    Stopped,
    /// It could not be segmented.
    Failed(Failure),
}

impl Phase {
    /// Its name in styles and tests.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Working { .. } => "working",
            Self::Done => "done",
            Self::Stopped => "stopped",
            Self::Failed(_) => "failed",
        }
    }
}

/// A result, and what made it; kept as a [`Photo`] is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The job that gave it; another name once it was corrected, so that what is still made of it as it was counts no more.
    #[serde(skip)]
    pub job: JobId,
    /// Size of the probability map.
    pub map: Size,
    /// How much of the map lies above any threshold.
    pub tally: Tally,
    /// Time it took, in seconds.
    pub seconds: f64,
    /// What the network worked on.
    pub plan: Plan,
    /// Which pipeline.
    pub mode: Mode,
    /// On what.
    pub backend: Backend,
    /// With which weights.
    pub weights: String,
    /// Tells weights of one name apart.
    pub weights_hash: String,
    /// The threshold that came with them, 0 to 1.
    pub threshold: f32,
    /// Its cracks as they were measured last; see [`Outcome::cracks_at`].
    #[serde(skip)]
    pub cracks: Option<Cracks>,
    /// How many marks the person took out of it.
    pub left_out: u32,
    /// Whether it was downloaded, in whatever form.
    pub is_saved: bool,
}

impl Outcome {
    /// The threshold to cut it at where a person chose this one, or none.
    pub fn threshold_by(&self, chosen: Option<f32>) -> f32 {
        chosen.unwrap_or(self.threshold)
    }

    /// What made it, for the files that show it at a threshold.
    pub fn provenance(&self, photo: &str, threshold: f32) -> Provenance {
        Provenance {
            photo: photo.to_owned(),
            mode: self.mode,
            working_scale: self.plan.working_scale,
            threshold: Some(threshold),
            weights: self.weights.clone(),
            backend: self.backend.name().to_owned(),
            left_out: self.left_out,
        }
    }

    /// Whether it can be measured: a map that was stretched to a square can't.
    pub fn is_measurable(&self) -> bool {
        self.mode.is_in_shape()
    }

    /// Its cracks at [`Outcome::threshold_by`], where those have been measured.
    pub fn cracks_by(&self, chosen: Option<f32>) -> Option<&Measurements> {
        self.cracks_at(self.threshold_by(chosen))
    }

    /// Its cracks at a threshold, where those have been measured.
    pub fn cracks_at(&self, threshold: f32) -> Option<&Measurements> {
        let cracks = self.cracks.as_ref()?;
        let is_it = (cracks.job, cracks.threshold) == (self.job, threshold);
        is_it.then_some(&*cracks.measurements)
    }
}

/// Cracks as figures. Cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Cracks {
    /// The result that was measured: others of its photo may have followed.
    pub job: JobId,
    /// At which threshold, 0 to 1.
    pub threshold: f32,
    /// In pixels of the photo.
    pub measurements: Arc<Measurements>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stem_is_the_name_without_its_ending() {
        let stem = |name: &str| Photo::new(0, name.to_owned()).stem().to_owned();
        assert_eq!(stem("pier 3.north.jpg"), "pier 3.north");
        assert_eq!(stem("photo"), "photo");
        assert_eq!(stem(".jpg"), ".jpg");
    }
}
