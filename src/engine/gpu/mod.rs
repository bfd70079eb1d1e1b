//! Stands in until the kernels are here.
use super::network::Network;
use crate::device::DeviceError;
#[derive(Debug)]
pub struct GpuEngine;
impl GpuEngine {
    pub async fn new(_: &Network, _: &burn::tensor::Device) -> Result<Self, DeviceError> {
        Err(DeviceError::Lost("no".into()))
    }
    pub async fn probabilities(
        &self,
        _: &[f32],
        _: usize,
        _: [usize; 2],
    ) -> Result<Vec<f32>, DeviceError> {
        Err(DeviceError::Lost("no".into()))
    }
    pub fn width(&self) -> usize {
        16
    }
}
