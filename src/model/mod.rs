//! The Attention U-Net: Oktay et al. 2018, "Attention U-Net: Learning Where to Look for the Pancreas", in the form
//! that the original Space uses (bilinear upsampling with aligned corners, gates at the skip's own resolution).
//!
//! Nothing in here knows of images, tiles or files: tensors in, tensors out.

mod attention_gate;
mod attention_unet;
mod decoder;
mod double_conv;
mod encoder;

pub use attention_gate::AttentionGate;
pub use attention_unet::{AttentionUNet, AttentionUNetConfig, Output};
pub use decoder::{Decoder, UpBlock};
pub use double_conv::DoubleConv;
pub use encoder::Encoder;
