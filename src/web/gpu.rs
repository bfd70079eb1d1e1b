//! The GPU as the browser offers it, in the program that is built for one; the other program has none.

pub(super) use program::{ask, engine};

#[cfg(feature = "gpu")]
mod program {
    use js_sys::{Function, Promise, Reflect};
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;

    use crate::device::{self, DeviceError, Gpu, NoGpu};
    use crate::engine::Engine;
    use crate::engine::network::Network;
    use crate::web::worker::scope;

    /// The library below panics where WebGPU is not even known, so that is asked first.
    pub(in crate::web) async fn ask() -> Result<Gpu, DeviceError> {
        let webgpu = Reflect::get(&scope().navigator(), &"gpu".into()).unwrap_or_default();
        if !webgpu.is_truthy() {
            return Err(DeviceError::Unavailable(NoGpu::NoWebGpu));
        }
        let gpu = device::gpu().await?;
        let name = adapter_name(&webgpu).await.unwrap_or_default();
        Ok(Gpu {
            is_software: gpu.is_software || device::is_software(&name),
            name: if name.is_empty() { gpu.name } else { name },
            ..gpu
        })
    }

    /// What the browser tells of its adapter ("nvidia ampere"); the library passes on less.
    async fn adapter_name(webgpu: &JsValue) -> Result<String, JsValue> {
        let request: Function = Reflect::get(webgpu, &"requestAdapter".into())?.dyn_into()?;
        let adapter = JsFuture::from(Promise::resolve(&request.call0(webgpu)?)).await?;
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
    pub(in crate::web) async fn engine(
        network: &Network,
        gpu: &Gpu,
    ) -> Result<Engine, DeviceError> {
        Engine::on_gpu(network, gpu).await
    }
}

#[cfg(not(feature = "gpu"))]
mod program {
    use crate::device::{DeviceError, Gpu, NoGpu};
    use crate::engine::Engine;
    use crate::engine::network::Network;

    pub(in crate::web) async fn ask() -> Result<Gpu, DeviceError> {
        Err(none())
    }

    pub(in crate::web) async fn engine(_: &Network, _: &Gpu) -> Result<Engine, DeviceError> {
        Err(none())
    }

    fn none() -> DeviceError {
        DeviceError::Unavailable(NoGpu::NoWebGpu)
    }
}
