//! What can be wrong with a photo.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::decode::{MAX_PIXELS, MAX_SIDE};

/// Why a photo could not be read; the text is meant for the person who chose it.
#[derive(Clone, Debug, Error, PartialEq, Eq, Serialize, Deserialize)]
pub enum DecodeError {
    /// The file has no bytes.
    #[error("This file is empty. Choose another photo.")]
    Empty,
    /// The bytes are no picture of any kind known here.
    #[error(
        "This is not a picture that can be read. Choose a PNG, JPEG, WebP, BMP, TIFF or GIF file."
    )]
    NotAnImage,
    /// Not readable here, but some browsers can read it; hand the pixels to [`super::from_rgba`] then.
    #[error(
        "This is a {0} photo, which can't be read here. Save it as JPEG or PNG, \
         or set the camera to take JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible)."
    )]
    NeedsBrowser(BrowserFormat),
    /// A sound picture of a kind that is not read here.
    #[error("This {format} file can't be read: {fault}. Save it as PNG or JPEG and try again.")]
    Unsupported {
        /// The file's format.
        format: PhotoFormat,
        /// What is not read.
        fault: Fault,
    },
    /// The file is damaged or cut off.
    #[error("This {format} file is damaged or incomplete: {fault}. Copy or download it again.")]
    Broken {
        /// The file's format.
        format: PhotoFormat,
        /// What was found.
        fault: Fault,
    },
    /// It would take more memory than can be had.
    #[error(
        "This photo is too large for the memory that there is here. Make it smaller or cut out the part that matters."
    )]
    TooMuchMemory,
    /// More than [`MAX_PIXELS`], or a side longer than [`MAX_SIDE`].
    #[error(
        "This photo is too large: {width} × {height} pixels, at most {} million are possible, and {MAX_SIDE} a side. \
         Make it smaller or cut out the part that matters.",
        MAX_PIXELS / 1_000_000
    )]
    TooLarge {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
}

impl DecodeError {
    /// Whether the browser may know how to read the file where this crate does not.
    pub fn browser_may_decode(&self) -> bool {
        matches!(self, Self::NeedsBrowser(_) | Self::Unsupported { .. })
    }
}

/// A format that only some browsers read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BrowserFormat {
    /// HEIC/HEIF, what iPhones take.
    Heic,
    /// AVIF.
    Avif,
}

impl std::fmt::Display for BrowserFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Heic => "HEIC",
            Self::Avif => "AVIF",
        })
    }
}

/// A picture file's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PhotoFormat {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    WebP,
    /// BMP.
    Bmp,
    /// TIFF.
    Tiff,
    /// GIF.
    Gif,
    /// Another one, which the browser decoded.
    Other,
}

impl std::fmt::Display for PhotoFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::WebP => "WebP",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF",
            Self::Gif => "GIF",
            Self::Other => "picture",
        })
    }
}

/// What is wrong with the content of a picture file.
#[derive(Clone, Debug, Error, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// Several pictures that follow each other.
    #[error("it is an animation")]
    Animation,
    /// The end is missing.
    #[error("its end is missing")]
    CutOff,
    /// Width or height is 0.
    #[error("it has no pixels")]
    NoPixels,
    /// Fewer or more pixels than width and height say.
    #[error("its pixels do not match its size")]
    Misfit,
    /// What the decoder says.
    #[error("{0}")]
    Told(String),
}
