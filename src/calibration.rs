//! Probabilities that come true: a scale and a shift of the logits (Platt, 1999).

use serde::Serialize;

use crate::mask::logit;

/// `logit' = scale * logit + shift`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// Above 1 makes probabilities more certain, below 1 less.
    pub scale: f64,
    /// Above 0 makes cracks likelier.
    pub shift: f64,
}

/// Newton's method is at rest long before.
const MOST_STEPS: usize = 100;

impl Calibration {
    /// Changes nothing.
    pub const NONE: Self = Self {
        scale: 1.0,
        shift: 0.0,
    };

    /// The one under which labels are likeliest (logistic regression over the pixels, by Newton's method with halved
    /// steps). Pixels that are all crack or all none cannot tell: [`Calibration::NONE`]. Where every crack is above all the
    /// rest, none is likeliest, and the steps end somewhere far out.
    ///
    /// `crack` and `rest` hold the number of pixels of each value of a probability map, 0 to 255.
    pub fn fit(crack: &[u64; 256], rest: &[u64; 256]) -> Self {
        if [crack, rest]
            .iter()
            .any(|counts| counts.iter().all(|&count| count == 0))
        {
            return Self::NONE;
        }
        let pixels: Vec<_> = (crack.iter().zip(rest))
            .map(|(&crack, &rest)| [crack as f64, rest as f64])
            .collect();
        let mut fit = Self::NONE;
        let mut likelihood = fit.log_likelihood(&pixels);
        for _ in 0..MOST_STEPS {
            let Some((scale, shift)) = fit.newton_step(&pixels) else {
                return fit;
            };
            let candidates = (0..30).map(|halvings| {
                let part = 0.5_f64.powi(halvings);
                Self {
                    scale: fit.scale + part * scale,
                    shift: fit.shift + part * shift,
                }
            });
            let better = candidates
                .map(|candidate| (candidate, candidate.log_likelihood(&pixels)))
                .find(|&(_, value)| value > likelihood);
            let Some((better, value)) = better else {
                return fit;
            };
            (fit, likelihood) = (better, value);
        }
        fit
    }

    /// What a probability becomes.
    pub fn apply(self, probability: f64) -> f64 {
        let logit = (probability / (1.0 - probability)).ln();
        1.0 / (1.0 + (-self.scale * logit - self.shift).exp())
    }

    fn log_likelihood(self, pixels: &[[f64; 2]]) -> f64 {
        let of_value = |(value, [crack, rest]): (usize, &[f64; 2])| {
            let logit = self.scale * logit(value as u8) + self.shift;
            // ln p and ln (1 - p), without overflow.
            let log_sum = logit.max(0.0) + (-logit.abs()).exp().ln_1p();
            crack * (logit - log_sum) - rest * log_sum
        };
        pixels.iter().enumerate().map(of_value).sum()
    }

    /// None where the likelihood has no single highest place.
    fn newton_step(self, pixels: &[[f64; 2]]) -> Option<(f64, f64)> {
        let (mut slope, mut curvature) = ([0.0; 2], [0.0; 3]);
        for (value, [crack, rest]) in pixels.iter().enumerate() {
            let x = logit(value as u8);
            let p = 1.0 / (1.0 + (-self.scale * x - self.shift).exp());
            let residual = crack - (crack + rest) * p;
            let weight = (crack + rest) * p * (1.0 - p);
            slope = [slope[0] + residual * x, slope[1] + residual];
            curvature = [
                curvature[0] + weight * x * x,
                curvature[1] + weight * x,
                curvature[2] + weight,
            ];
        }
        let [xx, x, one] = curvature;
        let determinant = xx * one - x * x;
        (determinant > f64::EPSILON * xx * one).then(|| {
            (
                (one * slope[0] - x * slope[1]) / determinant,
                (xx * slope[1] - x * slope[0]) / determinant,
            )
        })
    }
}
