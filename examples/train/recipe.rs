//! The two ways of training.

use clap::ValueEnum;
use crack_segmenter::photo::Levels;
use crack_segmenter::segmenter::{Scales, Usage};

use crate::data::Drawing;
use crate::loss::Loss;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Name {
    /// What the original did: cross-entropy, Adam at 1e-4, whole images stretched to 256x256, 50 epochs.
    Original,
    /// For weights that are to hold with other cameras: augmented crops on even levels. The shipped ones were made in several
    /// runs, the first by earlier forms of it, see weights/README.md.
    Ours,
}

/// How to train.
pub(crate) struct Recipe {
    pub(crate) drawing: Drawing,
    pub(crate) loss: Loss,
    /// How the weights will be used: what they learn from has these levels.
    pub(crate) usage: Usage,
    /// The highest.
    pub(crate) learning_rate: f64,
    /// Steps from 0 to the highest learning rate, after which a cosine leads down to 0; none: always the highest.
    pub(crate) warm_up: Option<usize>,
    pub(crate) weight_decay: f32,
    /// Largest norm of a gradient.
    pub(crate) clip: Option<f32>,
    /// How much of the averaged weights stays at each step; none: the last weights are the result.
    pub(crate) averaging: Option<f64>,
    steps: Steps,
}

enum Steps {
    Epochs(usize),
    Fixed(usize),
}

impl Recipe {
    pub(crate) fn new(name: Name, strength: f32, drawn: f32) -> Self {
        match name {
            Name::Original => Self {
                drawing: Drawing::Whole,
                usage: Usage::default(),
                loss: Loss::CrossEntropy,
                learning_rate: 1e-4,
                warm_up: None,
                weight_decay: 0.0,
                clip: None,
                averaging: None,
                steps: Steps::Epochs(50),
            },
            Name::Ours => Self {
                drawing: Drawing::Augmented {
                    free: 0.4,
                    drawn,
                    strength,
                },
                usage: Usage {
                    levels: Levels::Even,
                    scales: Scales::Two,
                },
                loss: Loss::CrossEntropyAndDice,
                learning_rate: 2e-3,
                warm_up: Some(100),
                weight_decay: 1e-4,
                clip: Some(2.0),
                averaging: Some(0.998),
                steps: Steps::Fixed(5000),
            },
        }
    }

    /// Usual number of steps for so many pairs.
    pub(crate) fn steps(&self, pairs: usize, batch: usize) -> usize {
        match self.steps {
            Steps::Epochs(epochs) => epochs * pairs.div_ceil(batch),
            Steps::Fixed(steps) => steps,
        }
    }

    pub(crate) fn learning_rate_at(&self, step: usize, steps: usize, highest: f64) -> f64 {
        let Some(warm_up) = self.warm_up else {
            return highest;
        };
        let rise = ((step + 1) as f64 / warm_up as f64).min(1.0);
        let progress = step as f64 / steps as f64;
        highest * rise * 0.5 * (1.0 + (std::f64::consts::PI * progress).cos())
    }
}
