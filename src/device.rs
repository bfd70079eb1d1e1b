//! The GPU, and whether it computes what the CPU computes.

#[cfg(feature = "gpu")]
use burn::tensor::Device;
#[cfg(feature = "gpu")]
use burn::tensor::wgpu::wgpu::{DeviceType, Features};
#[cfg(feature = "gpu")]
use burn::tensor::wgpu::{WgpuInitError, WgpuSetup};

pub use crate::failure::{DeviceError, NoGpu};

/// A GPU that answers by WebGPU (natively: by Vulkan, Metal or DirectX through the same library).
#[derive(Clone, Debug)]
pub struct Gpu {
    /// Where tensors go.
    #[cfg(feature = "gpu")]
    pub device: Device,
    /// The adapter's name, as far as it tells.
    pub name: String,
    /// Whether it is really the CPU in disguise (SwiftShader, lavapipe, WARP).
    pub is_software: bool,
    /// Whether its kernels know numbers of 16 bits.
    pub has_f16: bool,
}

/// Asks for a GPU. May succeed once in the life of a program: keep the answer and clone it.
///
/// # Errors
/// [`DeviceError::Unavailable`].
#[cfg(feature = "gpu")]
pub async fn gpu() -> Result<Gpu, DeviceError> {
    let (device, setup) = Device::wgpu_options()
        .tasks_max(LAUNCHES_AT_ONCE)
        .init_with_setup_async()
        .await
        .map_err(|error| DeviceError::Unavailable(why(&error)))?;
    let (name, is_software) = describe(&setup);
    Ok(Gpu {
        device,
        name,
        is_software,
        has_f16: setup.device.features().contains(Features::SHADER_F16),
    })
}

/// Launches that are handed to the GPU together: all of a pass, as each handing over costs a browser more than a launch.
#[cfg(feature = "gpu")]
const LAUNCHES_AT_ONCE: usize = 256;

#[cfg(feature = "gpu")]
fn why(error: &WgpuInitError) -> NoGpu {
    match error {
        WgpuInitError::AdapterUnavailable { .. } => NoGpu::NoAdapter,
        WgpuInitError::RequestDevice { .. } => NoGpu::Refused,
        _ => NoGpu::NotStarted,
    }
}

#[cfg(feature = "gpu")]
fn describe(setup: &WgpuSetup) -> (String, bool) {
    let info = setup.adapter.get_info();
    let name = [info.name, info.driver]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ");
    let is_cpu = info.device_type == DeviceType::Cpu;
    let is_software = is_cpu || is_software(&name);
    (name, is_software)
}

/// Whether an adapter of this name is a software rasteriser; browsers do not always flag them.
pub fn is_software(name: &str) -> bool {
    let name = name.to_lowercase();
    ["swiftshader", "llvmpipe", "lavapipe", "basic render"]
        .iter()
        .any(|software| name.contains(software))
}

/// Side of the self-test's tile, in pixels: large enough for a GPU's speed to show beside what each launch costs, small enough to
/// be quick on any device.
pub const SELF_TEST_SIZE: usize = 256;

/// A grey square of `side` x `side` pixels with a dark crooked line over texture: something for every layer to answer to.
pub fn self_test_tile(side: usize) -> Vec<u8> {
    let side = side as i32;
    let pixel = |y: i32, x: i32| {
        let crack = side / 4 + x / 2 + (x / 9 % 3);
        let texture = (x * 7 + y * 13 + x * y) % 23;
        if (y - crack).abs() <= 1 {
            40
        } else {
            150 + texture as u8
        }
    };
    (0..side)
        .flat_map(|y| (0..side).map(move |x| pixel(y, x)))
        .collect()
}

/// Largest difference between two answers to the same tile; NaN where one holds a NaN, infinite where they have not the same
/// length.
pub fn difference(one: &[f32], other: &[f32]) -> f32 {
    if one.len() != other.len() {
        return f32::INFINITY;
    }
    one.iter()
        .zip(other)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, |largest, difference| {
            if difference.is_nan() || difference > largest {
                difference
            } else {
                largest
            }
        })
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn the_largest_difference_counts() {
        assert_eq!(difference(&[0.0, 1.0, 0.5], &[0.0, 0.5, 0.25]), 0.5);
    }

    #[test]
    fn what_is_no_answer_differs() {
        assert!(difference(&[0.0, f32::NAN, 0.0], &[0.0, 0.0, 1.0]).is_nan());
        assert_eq!(difference(&[], &[0.0]), f32::INFINITY);
    }
}
