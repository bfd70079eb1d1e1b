//! How well a model in training does on what it does not learn from.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::Result;
use crack_segmenter::engine::Engine;
use crack_segmenter::mask::{Mask, ProbabilityMap};
use crack_segmenter::metrics::{FALSE_ALARM_SHARE, Histogram};
use crack_segmenter::model::AttentionUNet;
use crack_segmenter::plan::Mode;
use crack_segmenter::segmenter::{Segmenter, Usage};
use crack_segmenter::weights::Weights;
use image::GrayImage;

use crate::data::{Pair, read_free, read_pairs};

/// Photos kept aside.
pub(crate) struct Validation {
    pairs: Vec<Pair>,
    free: Vec<GrayImage>,
    usage: Usage,
}

/// What was measured: strict, pooled, at the photos' own size.
pub(crate) struct Score {
    /// At 0.5.
    pub(crate) f1: f64,
    /// At the best threshold.
    pub(crate) best_f1: f64,
    pub(crate) best_threshold: f32,
    /// Share of the crack-free photos with a false alarm at 0.5; none without such photos.
    pub(crate) false_alarms: Option<f64>,
}

impl Validation {
    pub(crate) fn read(
        data: &Path,
        pairs: &[PathBuf],
        free: &[PathBuf],
        usage: Usage,
    ) -> Result<Self> {
        let mut all = Vec::new();
        for list in pairs {
            all.extend(read_pairs(data, list)?.into_iter().map(|(_, pair)| pair));
        }
        Ok(Self {
            pairs: all,
            free: read_free(data, free, true)?,
            usage,
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    pub(crate) fn measure(&self, model: &AttentionUNet) -> Result<Score> {
        let weights = Weights::of(model, "in training")?;
        let segmenter = Segmenter::new(Engine::on_cpu(&weights.network()?), self.usage);
        let segment = |photo: &GrayImage| -> Result<ProbabilityMap> {
            let never_stop = async |_| ControlFlow::Continue(());
            Ok(pollster::block_on(segmenter.segment(
                photo.clone(),
                Mode::Native,
                never_stop,
            ))?)
        };
        let mut all = Histogram::default();
        for pair in &self.pairs {
            let label = Mask::from_grey(pair.mask.clone());
            all.add(&Histogram::of(&segment(&pair.photo)?, &label));
        }
        let mut alarms = 0;
        for photo in &self.free {
            let is_alarm = segment(photo)?.crack_share(0.5) > FALSE_ALARM_SHARE;
            alarms += usize::from(is_alarm);
        }
        let (best_threshold, best) = all.best();
        let has_free = !self.free.is_empty();
        Ok(Score {
            f1: all.counts(0.5).f1(),
            best_f1: best.f1(),
            best_threshold,
            false_alarms: has_free.then(|| alarms as f64 / self.free.len() as f64),
        })
    }
}
