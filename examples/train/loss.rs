//! What training makes small.

use burn::tensor::Tensor;
use burn::tensor::activation::{relu, sigmoid};

/// A loss of logits against targets in 0..1, both \[N, 1, H, W\].
#[derive(Clone, Copy, Debug)]
pub(crate) enum Loss {
    /// Mean binary cross-entropy.
    CrossEntropy,
    /// And soft Dice over the batch: cracks are few pixels among many.
    CrossEntropyAndDice,
}

impl Loss {
    pub(crate) fn of(self, logits: Tensor<4>, target: Tensor<4>) -> Tensor<1> {
        let cross_entropy = cross_entropy(logits.clone(), target.clone());
        match self {
            Self::CrossEntropy => cross_entropy,
            Self::CrossEntropyAndDice => cross_entropy - dice(logits, target) + 1.0,
        }
    }
}

fn cross_entropy(logits: Tensor<4>, target: Tensor<4>) -> Tensor<1> {
    // max(x, 0) - x z + ln(1 + exp(-|x|)): no overflow for any logit.
    let softplus = logits.clone().abs().neg().exp().log1p();
    (relu(logits.clone()) - logits * target + softplus).mean()
}

fn dice(logits: Tensor<4>, target: Tensor<4>) -> Tensor<1> {
    let probability = sigmoid(logits);
    let overlap = (probability.clone() * target.clone()).sum();
    let total = probability.sum() + target.sum();
    // The ones keep a batch without any crack from dividing by zero.
    (overlap * 2.0 + 1.0) / (total + 1.0)
}
