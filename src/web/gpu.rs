//! The GPU as the browser offers it. Of the two programs only the one with the feature `gpu` can use it; the other one, for
//! browsers without, says why there is none.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

use super::worker::scope;
use crate::device::{DeviceError, Gpu, NoGpu};
use crate::engine::Engine;
use crate::engine::kernels::Kernels;
use crate::engine::network::Network;

/// Asks the browser. The library below panics where WebGPU is not even known, so that is asked first.
pub(super) async fn ask() -> Result<Gpu, DeviceError> {
    let webgpu = Reflect::get(&scope().navigator(), &"gpu".into()).unwrap_or_default();
    if webgpu.is_truthy() {
        adapter(&webgpu).await
    } else {
        Err(DeviceError::Unavailable(NoGpu::NoWebGpu))
    }
}

#[cfg(feature = "gpu")]
async fn adapter(webgpu: &JsValue) -> Result<Gpu, DeviceError> {
    let gpu = crate::device::gpu().await?;
    let name = adapter_name(webgpu).await.unwrap_or_default();
    Ok(Gpu {
        is_software: gpu.is_software || crate::device::is_software(&name),
        name: if name.is_empty() { gpu.name } else { name },
        ..gpu
    })
}

/// `www/worker.js` has asked for an adapter before it chose this program; the answer may have been late.
#[cfg(not(feature = "gpu"))]
async fn adapter(_: &JsValue) -> Result<Gpu, DeviceError> {
    let is_late = Reflect::get(&scope(), &"isGpuLate".into()).unwrap_or_default();
    Err(DeviceError::Unavailable(if is_late.is_truthy() {
        NoGpu::NotStarted
    } else {
        NoGpu::NoAdapter
    }))
}

/// What the browser tells of its adapter ("nvidia ampere"); the library passes on less.
#[cfg(feature = "gpu")]
async fn adapter_name(webgpu: &JsValue) -> Result<String, JsValue> {
    use js_sys::{Function, Object, Promise};
    use wasm_bindgen::JsCast as _;
    use wasm_bindgen_futures::JsFuture;

    let request: Function = Reflect::get(webgpu, &"requestAdapter".into())?.dyn_into()?;
    // As the library asks: there may be several.
    let options = Object::new();
    Reflect::set(
        &options,
        &"powerPreference".into(),
        &"high-performance".into(),
    )?;
    let adapter = JsFuture::from(Promise::resolve(&request.call1(webgpu, &options)?)).await?;
    let info = Reflect::get(&adapter, &"info".into())?;
    let part = |key: &str| Reflect::get(&info, &key.into()).map(|part| part.as_string());
    let parts = [part("vendor")?, part("architecture")?];
    Ok(parts
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" "))
}

/// The network on the GPU.
#[cfg(feature = "gpu")]
pub(super) fn engine(
    network: &Network,
    gpu: &Gpu,
    kernels: Kernels,
) -> Result<Engine, DeviceError> {
    Engine::on_gpu(network, gpu, kernels)
}

#[cfg(not(feature = "gpu"))]
pub(super) fn engine(_: &Network, _: &Gpu, _: Kernels) -> Result<Engine, DeviceError> {
    Err(DeviceError::Unavailable(NoGpu::NoAdapter))
}
