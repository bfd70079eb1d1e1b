//! Which of a GPU's kernels compute a network: what suits one GPU slows another one down.

use super::precision::Precision;
use super::slicing::Slicing;
use crate::device::Gpu;

/// How products are sliced, and in how many bits they are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kernels {
    /// How products are sliced.
    pub slicing: Slicing,
    /// How numbers are stored and summed up.
    pub precision: Precision,
}

/// How much of the usual way's time another one may take to be chosen instead: less of a difference may be chance.
const WORTHWHILE: f64 = 0.9;

impl Kernels {
    /// Those where nothing was measured.
    pub fn usual(gpu: &Gpu) -> Self {
        Self {
            slicing: Slicing::usual(gpu),
            precision: Precision::Single,
        }
    }

    /// What to take instead where these compute something else than the CPU: more exact numbers, then the usual slices.
    pub fn safer(self, gpu: &Gpu) -> Option<Self> {
        let with = |precision| Self { precision, ..self };
        let safer = match self.precision {
            Precision::Single => Self::usual(gpu),
            Precision::HalfStored => with(Precision::Single),
            Precision::Half => with(Precision::HalfStored),
        };
        (safer != self).then_some(safer)
    }

    /// A text to keep them by, such as "20480 half-stored".
    pub fn text(self) -> String {
        let precision = match self.precision {
            Precision::Single => "single",
            Precision::HalfStored => "half-stored",
            Precision::Half => "half",
        };
        format!("{} {precision}", self.slicing.blocks())
    }

    /// Those of a text; none where it is of others, or of such as the GPU does not know.
    pub fn of_text(text: &str, gpu: &Gpu) -> Option<Self> {
        let precisions = Precision::choices(gpu).iter();
        let mut all = precisions
            .flat_map(|&precision| Slicing::CHOICES.map(|slicing| Self { slicing, precision }));
        all.find(|kernels| kernels.text() == text)
    }
}

/// The fastest of several ways by their times, where it is worth leaving the usual one for it.
pub fn fastest<T: Copy + PartialEq>(times: &[(T, f64)], usual: T) -> T {
    let of_usual = times.iter().find(|(way, _)| *way == usual);
    let enough = of_usual.map_or(0.0, |(_, time)| WORTHWHILE * time);
    let faster = times.iter().filter(|(_, time)| *time < enough);
    let fastest = faster.min_by(|(_, one), (_, other)| one.total_cmp(other));
    fastest.map_or(usual, |&(way, _)| way)
}

#[cfg(all(test, feature = "gpu"))]
mod tests {
    use burn::tensor::Device;

    use super::*;

    fn gpu(has_f16: bool) -> Gpu {
        Gpu {
            device: Device::flex(),
            name: "of tests".into(),
            is_software: false,
            has_f16,
        }
    }

    #[test]
    fn a_text_has_what_the_gpu_knows() {
        for precision in Precision::ALL {
            for slicing in Slicing::CHOICES {
                let kernels = Kernels { slicing, precision };
                let of_text = |gpu| Kernels::of_text(&kernels.text(), &gpu);
                assert_eq!(of_text(gpu(true)), Some(kernels));
                let is_single = precision == Precision::Single;
                assert_eq!(of_text(gpu(false)), is_single.then_some(kernels));
            }
        }
        for text in ["", "20480", "many single", "20480 half "] {
            assert_eq!(Kernels::of_text(text, &gpu(true)), None, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_given_up_one_after_the_other() {
        let gpu = gpu(true);
        let [none, ..] = Slicing::CHOICES;
        let [single, half_stored, half] = Precision::ALL.map(|precision| Kernels {
            slicing: none,
            precision,
        });
        let usual = Kernels::usual(&gpu);
        assert_eq!(half.safer(&gpu), Some(half_stored));
        assert_eq!(half_stored.safer(&gpu), Some(single));
        assert_eq!(single.safer(&gpu), Some(usual));
        assert_eq!(usual.safer(&gpu), None);
    }

    #[test]
    fn the_usual_way_is_left_for_a_much_faster_one() {
        assert_eq!(fastest(&[('a', 1.0), ('b', 0.95), ('c', 0.92)], 'a'), 'a');
        assert_eq!(fastest(&[('a', 1.0), ('b', 0.85), ('c', 0.8)], 'a'), 'c');
        assert_eq!(fastest(&[('a', 0.5), ('b', 1.0)], 'b'), 'a');
    }
}
