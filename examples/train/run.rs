//! The files of a run.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use burn::module::Module;
use burn::optim::ModuleOptimizer;
use crack_segmenter::model::AttentionUNet;
use crack_segmenter::segmenter::Usage;
use crack_segmenter::weights::{self, Metadata, Storage};

/// A folder with what a run leaves, and needs to go on.
pub(crate) struct Run {
    folder: PathBuf,
    usage: Usage,
}

impl Run {
    pub(crate) fn in_folder(folder: &Path, usage: Usage) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        Ok(Self {
            folder: folder.to_owned(),
            usage,
        })
    }

    pub(crate) fn model(&self) -> PathBuf {
        self.folder.join("checkpoint.bpk")
    }

    pub(crate) fn average(&self) -> PathBuf {
        self.folder.join("checkpoint.average.bpk")
    }

    pub(crate) fn optimizer(&self) -> PathBuf {
        self.folder.join("checkpoint.optimizer")
    }

    pub(crate) fn log_file(&self) -> PathBuf {
        self.folder.join("log.csv")
    }

    pub(crate) fn curves(&self) -> PathBuf {
        self.folder.join("curves.svg")
    }

    /// Whether there is something to go on from.
    pub(crate) fn has_checkpoint(&self) -> bool {
        self.step_file().exists()
    }

    /// Number of steps done at the last checkpoint.
    pub(crate) fn step(&self) -> Result<usize> {
        let file = self.step_file();
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        Ok(text.trim().parse()?)
    }

    fn step_file(&self) -> PathBuf {
        self.folder.join("checkpoint.step")
    }

    /// Writes a checkpoint after `step` steps.
    pub(crate) fn save(
        &self,
        model: &AttentionUNet,
        average: &AttentionUNet,
        optimizer: &ModuleOptimizer,
        step: usize,
    ) -> Result<()> {
        write(&[
            (
                self.model(),
                weights::to_checkpoint(&model.valid(), &self.metadata())?,
            ),
            (self.average(), self.weights(average)?),
            (self.optimizer(), optimizer.into_bytes()?.to_vec()),
            (self.step_file(), step.to_string().into_bytes()),
        ])
    }

    /// Writes the result.
    pub(crate) fn finish(&self, average: &AttentionUNet) -> Result<PathBuf> {
        let file = self.folder.join("weights.bpk");
        write(&[(file.clone(), self.weights(average)?)])?;
        Ok(file)
    }

    fn weights(&self, model: &AttentionUNet) -> Result<Vec<u8>> {
        let full = Storage::Full;
        Ok(weights::to_burnpack(model, &self.metadata(), full)?)
    }

    fn metadata(&self) -> Metadata {
        Metadata {
            name: "trained".into(),
            threshold: 0.5,
            usage: self.usage,
        }
    }
}

/// Writes files that belong together. None takes its place before all are written: an interruption leaves no half file, and
/// files of different steps only in the moment in which they are renamed.
fn write(files: &[(PathBuf, Vec<u8>)]) -> Result<()> {
    let partial = |file: &Path| file.with_added_extension("partial");
    for (file, bytes) in files {
        fs::write(partial(file), bytes).with_context(|| file.display().to_string())?;
    }
    for (file, _) in files {
        fs::rename(partial(file), file).with_context(|| file.display().to_string())?;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test panics")]
mod tests {
    use burn::optim::{AdamWConfig, GradientsParams};
    use burn::tensor::{Device, Distribution, Tensor};
    use crack_segmenter::model::AttentionUNetConfig;
    use crack_segmenter::weights::Weights;

    use super::*;

    const RATE: f64 = 1e-2;

    fn step(
        model: AttentionUNet,
        optimizer: &mut ModuleOptimizer,
        input: &Tensor<4>,
    ) -> AttentionUNet {
        let loss = model.forward(input.clone()).logits.square().mean();
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        optimizer.step(RATE, model, gradients)
    }

    fn bytes(run: &Run, model: &AttentionUNet) -> Vec<u8> {
        run.weights(&model.valid()).unwrap()
    }

    /// What the optimiser knows of each parameter is found again.
    #[test]
    fn a_resumed_run_goes_on_as_if_it_had_not_been_interrupted() {
        let folder = std::env::temp_dir().join(format!("train-resumed-{}", std::process::id()));
        let run = Run::in_folder(&folder, Usage::default()).unwrap();
        let device = Device::flex().autodiff();
        let input = Tensor::random([1, 1, 32, 32], Distribution::Default, &device);
        let mut model = AttentionUNetConfig::new().with_width(2).init(&device);
        let mut optimizer = AdamWConfig::new().init();
        for _ in 0..2 {
            model = step(model, &mut optimizer, &input);
        }
        run.save(&model, &model.valid(), &optimizer, 2).unwrap();
        let uninterrupted = step(model, &mut optimizer, &input);

        let model = Weights::from_file(&run.model()).unwrap().load(&device);
        let mut optimizer = AdamWConfig::new().init().load(run.optimizer()).unwrap();
        let resumed = step(model.unwrap(), &mut optimizer, &input);
        assert_eq!(run.step().unwrap(), 2);
        assert!(bytes(&run, &resumed) == bytes(&run, &uninterrupted));
        fs::remove_dir_all(folder).unwrap();
    }
}
