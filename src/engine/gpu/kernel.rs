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

/// Threads in a workgroup, in all sources but `product_sliced.wgsl`.
pub(super) const WORKGROUP: usize = 64;

/// Tells the sources of these kernels from another build's.
pub(in crate::engine) fn version() -> u32 {
    let precisions = Precision::ALL.map(Precision::text);
    let kernels = Kernel::ALL.iter().map(|kernel| kernel.text());
    let texts: String = precisions.into_iter().chain(kernels).collect();
    crc32(texts.as_bytes())
}

/// Names the kernels, each with the files that make its source, one after the other.
macro_rules! kernels {
    ($($kernel:ident: $($file:literal)+;)+) => {
        /// One kernel; each source says what it computes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(super) enum Kernel {
            $($kernel,)+
        }

        impl Kernel {
            const ALL: &[Self] = &[$(Self::$kernel),+];

            fn text(self) -> &'static str {
                match self {
                    $(Self::$kernel => concat!($(include_str!(concat!($file, ".wgsl")), "\n"),+),)+
                }
            }
        }
    };
}

kernels! {
    Clear: "clear";
    First: "shape" "tile" "functions" "first";
    Patch: "shape" "tile" "winograd_patch" "patch";
    PatchGated: "shape" "tile" "winograd_patch" "patch_gated";
    PatchUpsampled: "shape" "tile" "functions" "winograd_patch" "patch_upsampled";
    Product: "block" "product";
    ProductSliced: "block" "product_sliced";
    Finish: "shape" "tile" "winograd_tile" "finish";
    FinishPooled: "shape" "tile" "winograd_tile" "finish_pooled";
    FinishHead: "shape" "tile" "functions" "winograd_tile" "finish_head";
    Gate: "shape" "tile" "functions" "gate";
    FinishGate: "shape" "tile" "functions" "finish_gate";
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
