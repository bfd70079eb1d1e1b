//! Binary cross-entropy for every pixel, and Dice for the whole: cracks are few pixels among many.

use burn::tensor::Tensor;
use burn::tensor::activation::{relu, sigmoid};

/// Mean binary cross-entropy plus soft Dice loss over the batch, of `logits` against `target` in 0..1, both
/// \[N, 1, H, W\].
pub(crate) fn bce_and_dice(logits: Tensor<4>, target: Tensor<4>) -> Tensor<1> {
    // max(x, 0) - x z + ln(1 + exp(-|x|)): no overflow for any logit.
    let softplus = logits.clone().abs().neg().exp().log1p();
    let bce = (relu(logits.clone()) - logits.clone() * target.clone() + softplus).mean();

    let probability = sigmoid(logits);
    let overlap = (probability.clone() * target.clone()).sum();
    let total = probability.sum() + target.sum();
    // The ones keep a batch without any crack from dividing by zero.
    let dice = (overlap * 2.0 + 1.0) / (total + 1.0);
    bce - dice + 1.0
}
