//! The kernels' sources, and how CubeCL is given them.

use cubecl::CubeDim;
use cubecl::PrecompiledSource;
use cubecl::ir::metadata::Info;
use cubecl::ir::{ElemType, Scope, UIntKind};
use cubecl::prelude::{
    AddressType, CubeKernel, ExecutionMode, KernelDefinition, KernelId, KernelMetadata,
    KernelSettings,
};

use crate::archive::crc32;
use crate::engine::precision::Precision;

/// One kernel; each source says what it computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kernel {
    Clear,
    First,
    Patch,
    PatchGated,
    PatchUpsampled,
    Product,
    ProductSliced,
    Finish,
    FinishPooled,
    FinishHead,
    Gate,
    FinishGate,
}

/// Threads in a workgroup, in all sources but `product_sliced.wgsl`.
pub(super) const WORKGROUP: usize = 64;

/// Tells these kernels from another build's.
pub(in crate::engine) fn version() -> u32 {
    let texts = Kernel::ALL.map(Kernel::text);
    crc32(texts.concat().as_bytes())
}

impl Kernel {
    const ALL: [Self; 12] = [
        Self::Clear,
        Self::First,
        Self::Patch,
        Self::PatchGated,
        Self::PatchUpsampled,
        Self::Product,
        Self::ProductSliced,
        Self::Finish,
        Self::FinishPooled,
        Self::FinishHead,
        Self::Gate,
        Self::FinishGate,
    ];

    fn text(self) -> &'static str {
        /// The named files after each other.
        macro_rules! files {
            ($($name:literal),+) => { concat!($(include_str!(concat!($name, ".wgsl")), "\n"),+) };
        }
        match self {
            Self::Clear => files!("clear"),
            Self::First => files!("shape", "tile", "functions", "first"),
            Self::Patch => files!("shape", "tile", "winograd_patch", "patch"),
            Self::PatchGated => files!("shape", "tile", "winograd_patch", "patch_gated"),
            Self::PatchUpsampled => files!(
                "shape",
                "tile",
                "functions",
                "winograd_patch",
                "patch_upsampled"
            ),
            Self::Product => files!("block", "product"),
            Self::ProductSliced => files!("block", "product_sliced"),
            Self::Finish => files!("shape", "tile", "winograd_tile", "finish"),
            Self::FinishPooled => files!("shape", "tile", "winograd_tile", "finish_pooled"),
            Self::FinishHead => {
                files!("shape", "tile", "functions", "winograd_tile", "finish_head")
            }
            Self::Gate => files!("shape", "tile", "functions", "gate"),
            Self::FinishGate => files!("shape", "tile", "functions", "finish_gate"),
        }
    }
}

/// A kernel, and in how many bits it computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Program {
    pub(super) kernel: Kernel,
    pub(super) precision: Precision,
}

impl Program {
    fn source(self) -> String {
        format!("{}\n{}", self.precision.text(), self.kernel.text())
    }
}

impl KernelMetadata for Program {
    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info(*self)
    }

    fn address_type(&self) -> ElemType {
        UIntKind::U32.into()
    }
}

impl CubeKernel for Program {
    // Asked for, but not used where there is a source.
    fn define(&self) -> KernelDefinition {
        let dim = CubeDim::new_1d(WORKGROUP as u32);
        let settings = KernelSettings::new(dim.into(), ExecutionMode::Checked, AddressType::U32);
        KernelDefinition {
            body: Scope::root(settings.clone()),
            settings,
            info: Info::default(),
        }
    }

    fn source(&self) -> Option<PrecompiledSource> {
        Some(PrecompiledSource {
            source: (*self).source(),
            entrypoint_name: "main".into(),
            lang: "wgsl",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_kernels_are_among_all() {
        // A new one does not compile before it is counted here.
        let count = |kernel| match kernel {
            Kernel::Clear
            | Kernel::First
            | Kernel::Patch
            | Kernel::PatchGated
            | Kernel::PatchUpsampled
            | Kernel::Product
            | Kernel::ProductSliced
            | Kernel::Finish
            | Kernel::FinishPooled
            | Kernel::FinishHead
            | Kernel::Gate
            | Kernel::FinishGate => 1,
        };
        assert_eq!(Kernel::ALL.map(count).iter().sum::<usize>(), 12);
    }
}
