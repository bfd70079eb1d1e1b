//! The network, fast.

pub mod gpu;
pub mod network;
