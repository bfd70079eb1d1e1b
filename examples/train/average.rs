//! The running average of a model's weights, which measures better than the last ones.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::Tensor;
use crack_segmenter::model::AttentionUNet;

/// `average` moved towards `model`: `keep` (0 to 1) of it stays. Both without autodiff.
pub(crate) fn moved(average: AttentionUNet, model: &AttentionUNet, keep: f64) -> AttentionUNet {
    let mut collect = Collect(Vec::new());
    model.visit(&mut collect);
    let mut towards = Towards {
        // Both are gone through in the same order.
        values: collect.0.into_iter(),
        keep,
    };
    average.map(&mut towards)
}

struct Collect(Vec<Tensor<1>>);

impl ModuleVisitor for Collect {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.push(param.val().flatten(0, D - 1));
    }
}

struct Towards {
    values: std::vec::IntoIter<Tensor<1>>,
    keep: f64,
}

impl ModuleMapper for Towards {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(value) = self.values.next() else {
            return param;
        };
        let keep = self.keep;
        param.map(|average| {
            let value = value.reshape(average.shape());
            average * keep + value * (1.0 - keep)
        })
    }
}
