//! From a file's bytes to an upright, opaque RGB picture, within limits that are checked before memory is taken.

use std::io::{Cursor, ErrorKind};

use ::image::error::ImageError;
use ::image::metadata::Orientation;
use ::image::{ColorType, DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage};

use super::error::{BrowserFormat, DecodeError, Fault, PhotoFormat};

/// The most pixels a photo may have: 64 x 2^20, so that the photos of 64-megapixel cameras (64.1 million) still fit.
pub const MAX_PIXELS: u64 = 64 << 20;

/// The most pixels of a side: what JPEG can say. The tiles of a thinner and longer picture would be nearly all margin.
pub const MAX_SIDE: u32 = 65_535;

/// The most memory that the samples may take, in bytes: 64 megapixels of 16-bit RGBA. What a decoder takes of its own may be as much
/// again; those of JPEG and WebP are not held to this, only to the number of pixels.
const MAX_BYTES: u64 = MAX_PIXELS * 8;

/// Reads a photo: PNG, JPEG, WebP, BMP, TIFF, or the first frame of a GIF, recognised by its content.
///
/// The result is upright (EXIF orientation applied), opaque (laid over white) and has 8 bits a sample (16-bit
/// samples rounded to the nearest). Colour TIFFs of floats are taken as 0 to 1, or 0 to their largest value where that is
/// above 1.
///
/// Beside the result at most one buffer of the file's own sample size is held here. Decoders take more of their own: that of JPEG
/// all coefficients of a progressive file, 6 bytes a pixel (3 where colours have half the resolution either way), that of WebP
/// 4 bytes a pixel of a lossless file without alpha.
///
/// # Errors
/// [`DecodeError`]; of some of them [`DecodeError::browser_may_decode`] says that a browser may do better.
pub fn decode(bytes: &[u8]) -> Result<RgbImage, DecodeError> {
    if bytes.is_empty() {
        return Err(DecodeError::Empty);
    }
    if let Some(format) = browser_format(bytes) {
        return Err(DecodeError::NeedsBrowser(format));
    }
    let format = ::image::guess_format(bytes).map_err(|_| DecodeError::NotAnImage)?;
    let failed = |error| explain(format, error);
    // The decoder panics on some damaged animations, and a photo is never one.
    if is_animated_webp(bytes) {
        return Err(DecodeError::Unsupported {
            format: known(format),
            fault: Fault::Animation,
        });
    }

    if format == ImageFormat::Jpeg && !has_jpeg_end(bytes) {
        return Err(cut_off(format));
    }

    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(failed)?;

    let (width, height) = decoder.dimensions();
    check_size(known(format), width, height)?;
    if decoder.total_bytes() > MAX_BYTES {
        return Err(DecodeError::TooMuchMemory);
    }
    // A photo with unreadable EXIF is still a photo.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let color = decoder.color_type();

    let length = decoder.total_bytes();
    let mut samples = with_room_for(length)?;
    samples.resize(length as usize, 0);
    decoder.read_image(&mut samples).map_err(failed)?;

    let rgb = to_rgb(samples, color)?.ok_or_else(|| DecodeError::Unsupported {
        format: known(format),
        fault: Fault::Told(format!("pixels of the kind {color:?}")),
    })?;
    upright(to_image(known(format), width, height, rgb)?, orientation)
}

/// The photo from the pixels that a browser decoded, in `bands` from the top down: row by row, 4 bytes a pixel, alpha not
/// premultiplied. Transparent parts are laid over white.
///
/// # Errors
/// As [`check_size`], what the bands say, and where the pixels do not match the size.
pub fn from_rgba(
    width: u32,
    height: u32,
    bands: impl IntoIterator<Item = Result<Vec<u8>, DecodeError>>,
) -> Result<RgbImage, DecodeError> {
    const FORMAT: PhotoFormat = PhotoFormat::Other;
    check_size(FORMAT, width, height)?;
    let mut rgb = with_room_for(3 * u64::from(width) * u64::from(height))?;
    for band in bands {
        for &[r, g, b, a] in band?.as_chunks().0 {
            rgb.extend([r, g, b].map(|value| over_white(value, a)));
        }
    }
    to_image(FORMAT, width, height, rgb)
}

fn with_room_for(bytes: u64) -> Result<Vec<u8>, DecodeError> {
    let mut empty = Vec::new();
    let reserved = usize::try_from(bytes).is_ok_and(|bytes| empty.try_reserve_exact(bytes).is_ok());
    if reserved {
        Ok(empty)
    } else {
        Err(DecodeError::TooMuchMemory)
    }
}

/// Whether a picture of this size can be held.
///
/// # Errors
/// [`DecodeError::TooLarge`], and [`DecodeError::Broken`] for one without pixels.
pub fn check_size(format: PhotoFormat, width: u32, height: u32) -> Result<(), DecodeError> {
    match u64::from(width) * u64::from(height) {
        0 => Err(DecodeError::Broken {
            format,
            fault: Fault::NoPixels,
        }),
        1..=MAX_PIXELS if width.max(height) <= MAX_SIDE => Ok(()),
        _ => Err(DecodeError::TooLarge { width, height }),
    }
}

fn to_image(
    format: PhotoFormat,
    width: u32,
    height: u32,
    rgb: Vec<u8>,
) -> Result<RgbImage, DecodeError> {
    let fits = rgb.len() as u64 == 3 * u64::from(width) * u64::from(height);
    let image = RgbImage::from_raw(width, height, rgb).filter(|_| fits);
    image.ok_or(DecodeError::Broken {
        format,
        fault: Fault::Misfit,
    })
}

fn upright(photo: RgbImage, orientation: Orientation) -> Result<RgbImage, DecodeError> {
    // A quarter turn takes a copy, for which there may be no room: seen here, where it can be told.
    let is_quarter = matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    );
    if is_quarter {
        drop(with_room_for(photo.len() as u64)?);
    }
    let mut photo = DynamicImage::ImageRgb8(photo);
    photo.apply_orientation(orientation);
    Ok(photo.into_rgb8())
}

/// Sorts the decoders' errors by what the person can do about them.
fn explain(format: ImageFormat, error: ImageError) -> DecodeError {
    let told = match &error {
        ImageError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => {
            return cut_off(format);
        }
        ImageError::Limits(_) => {
            return DecodeError::TooMuchMemory;
        }
        ImageError::Unsupported(error) => {
            return DecodeError::Unsupported {
                format: known(format),
                fault: Fault::Told(error.to_string()),
            };
        }
        ImageError::Decoding(error) => std::error::Error::source(error).map(ToString::to_string),
        _ => None,
    };
    DecodeError::Broken {
        format: known(format),
        fault: Fault::Told(told.unwrap_or_else(|| error.to_string()).trim().to_owned()),
    }
}

fn cut_off(format: ImageFormat) -> DecodeError {
    DecodeError::Broken {
        format: known(format),
        fault: Fault::CutOff,
    }
}

fn known(format: ImageFormat) -> PhotoFormat {
    match format {
        ImageFormat::Png => PhotoFormat::Png,
        ImageFormat::Jpeg => PhotoFormat::Jpeg,
        ImageFormat::WebP => PhotoFormat::WebP,
        ImageFormat::Bmp => PhotoFormat::Bmp,
        ImageFormat::Tiff => PhotoFormat::Tiff,
        ImageFormat::Gif => PhotoFormat::Gif,
        _ => PhotoFormat::Other,
    }
}

/// HEIC and AVIF by their brands in the ISO base media file's first box (ISO/IEC 14496-12, 4.3).
fn browser_format(bytes: &[u8]) -> Option<BrowserFormat> {
    let length = bytes.first_chunk().map(|&size| u32::from_be_bytes(size))? as usize;
    let file_type = bytes.get(..length).unwrap_or(bytes);
    let mut brands = file_type
        .get(4..)?
        .strip_prefix(b"ftyp")?
        .as_chunks::<4>()
        .0
        .iter();
    brands.find_map(|brand| match brand {
        b"avif" | b"avis" => Some(BrowserFormat::Avif),
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"hevm" | b"hevs" => {
            Some(BrowserFormat::Heic)
        }
        _ => None,
    })
}

/// By the flag in a WebP's first chunk.
fn is_animated_webp(bytes: &[u8]) -> bool {
    let chunk = bytes
        .strip_prefix(b"RIFF")
        .and_then(|rest| rest.get(4..)?.strip_prefix(b"WEBPVP8X"));
    chunk
        .and_then(|chunk| chunk.get(4))
        .is_some_and(|flags| flags & 2 != 0)
}

/// Whether the JPEG's own end mark is there. The decoder fills what is missing with grey, in which no crack is ever
/// found; so a photo that was cut off must not pass for a whole one.
///
/// The segments before the first scan are stepped over: a thumbnail in them has an end mark of its own.
fn has_jpeg_end(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(2..).unwrap_or_default();
    while let [0xff, marker, tail @ ..] = rest {
        match marker {
            0xff => rest = &rest[1..],
            0xda => break,
            _ => {
                let length = tail
                    .first_chunk()
                    .map_or(0, |&length| u16::from_be_bytes(length));
                rest = tail.get(usize::from(length)..).unwrap_or_default();
            }
        }
    }
    rest.windows(2).any(|pair| pair == [0xff, 0xd9])
}

/// Interleaved samples of the native byte order as 8-bit RGB, laid over white; none for an unknown kind.
fn to_rgb(samples: Vec<u8>, color: ColorType) -> Result<Option<Vec<u8>>, DecodeError> {
    let rgb = match color {
        ColorType::Rgb8 => Ok(samples),
        ColorType::L8 => map_pixels(samples, |[l]: [u8; 1]| [l; 3]),
        ColorType::La8 => map_pixels(samples, |[l, a]: [u8; 2]| [over_white(l, a); 3]),
        ColorType::Rgba8 => map_pixels(samples, |[r, g, b, a]: [u8; 4]| {
            [r, g, b].map(|value| over_white(value, a))
        }),
        ColorType::L16 => map_pixels(samples, |pixel: [u8; 2]| {
            let [l] = words(pixel);
            [over_white_16(l, u16::MAX); 3]
        }),
        ColorType::La16 => map_pixels(samples, |pixel: [u8; 4]| {
            let [l, a] = words(pixel);
            [over_white_16(l, a); 3]
        }),
        ColorType::Rgb16 => map_pixels(samples, |pixel: [u8; 6]| {
            words::<6, 3>(pixel).map(|value| over_white_16(value, u16::MAX))
        }),
        ColorType::Rgba16 => map_pixels(samples, |pixel: [u8; 8]| {
            let [r, g, b, a] = words(pixel);
            [r, g, b].map(|value| over_white_16(value, a))
        }),
        ColorType::Rgb32F => {
            let white = largest::<3>(&samples);
            map_pixels(samples, |pixel: [u8; 12]| {
                floats::<12, 3>(pixel).map(|value| over_white_float(value / white, 1.0))
            })
        }
        ColorType::Rgba32F => {
            let white = largest::<4>(&samples);
            map_pixels(samples, |pixel: [u8; 16]| {
                let [r, g, b, a] = floats(pixel);
                [r, g, b].map(|value| over_white_float(value / white, a))
            })
        }
        _ => return Ok(None),
    };
    rgb.map(Some)
}

/// Turns pixels of `N` bytes into RGB, in the same memory where they don't grow.
fn map_pixels<const N: usize>(
    mut bytes: Vec<u8>,
    rgb: impl Fn([u8; N]) -> [u8; 3],
) -> Result<Vec<u8>, DecodeError> {
    let count = bytes.len() / N;
    if N < 3 {
        let mut grown = with_room_for(3 * count as u64)?;
        grown.extend(bytes.as_chunks().0.iter().flat_map(|&pixel| rgb(pixel)));
        return Ok(grown);
    }
    for index in 0..count {
        if let Some(&pixel) = bytes[index * N..].first_chunk() {
            bytes[index * 3..][..3].copy_from_slice(&rgb(pixel));
        }
    }
    bytes.truncate(count * 3);
    bytes.shrink_to_fit();
    Ok(bytes)
}

fn words<const N: usize, const C: usize>(bytes: [u8; N]) -> [u16; C] {
    std::array::from_fn(|index| u16::from_ne_bytes([bytes[2 * index], bytes[2 * index + 1]]))
}

fn floats<const N: usize, const C: usize>(bytes: [u8; N]) -> [f32; C] {
    std::array::from_fn(|index| {
        f32::from_ne_bytes(std::array::from_fn(|byte| bytes[4 * index + byte]))
    })
}

/// The value that counts as white: 1, or the largest red, green or blue where that is above. Of pixels of so many channels, of
/// which a fourth is alpha.
fn largest<const CHANNELS: usize>(samples: &[u8]) -> f32 {
    let values = samples.as_chunks().0.iter();
    let values = values.map(|&bytes| f32::from_ne_bytes(bytes)).enumerate();
    let colours = values.filter(|(place, value)| place % CHANNELS < 3 && value.is_finite());
    colours.fold(1.0, |largest, (_, value)| value.max(largest))
}

fn over_white(value: u8, alpha: u8) -> u8 {
    let (value, alpha) = (u32::from(value), u32::from(alpha));
    ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
}

/// Rounded once, from the exact 32-bit product to 8 bits.
fn over_white_16(value: u16, alpha: u16) -> u8 {
    const WHITE: u64 = u16::MAX as u64;
    let (value, alpha) = (u64::from(value), u64::from(alpha));
    let shade = value * alpha + WHITE * (WHITE - alpha);
    ((255 * shade + WHITE * WHITE / 2) / (WHITE * WHITE)) as u8
}

/// Values outside of 0 to 1 are clamped; what is not a number is black.
fn over_white_float(value: f32, alpha: f32) -> u8 {
    let (value, alpha) = (value.clamp(0.0, 1.0), alpha.clamp(0.0, 1.0));
    (255.0 * (value * alpha + 1.0 - alpha) + 0.5) as u8
}
