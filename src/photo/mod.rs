//! Photos as rasters: from a file's bytes to the grey picture that the network reads.
//!
//! [`decode`] gives an upright, opaque, 8-bit RGB picture; [`to_grey`] and the resizing functions then agree with
//! Pillow (PIL), in grey exactly and in size within a level, because the original's network was trained on pictures that
//! Pillow prepared.

mod decode;
mod error;
mod grey;
mod levels;
mod resize;

pub use decode::{MAX_PIXELS, MAX_SIDE, check_size, decode, from_rgba};
pub use error::{BrowserFormat, DecodeError, Fault, PhotoFormat};
pub use grey::to_grey;
pub use levels::Levels;
pub use resize::{resize_grey, resized_grey_rows, resized_rgb_rows};
