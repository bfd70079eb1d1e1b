//! The photo's way through the crate except the network: files to rasters, sizes, results, made-up scenes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test panics")]

use std::collections::HashMap;
use std::fs;
use std::io::Cursor;
use std::path::Path;

use ::image::codecs::jpeg::JpegEncoder;
use ::image::{
    DynamicImage, GrayImage, ImageBuffer, ImageFormat, Luma, LumaA, Rgb, RgbImage, Rgba,
};
use crack_segmenter::export::{png_grey, png_rgb};
use crack_segmenter::mask::ProbabilityMap;
use crack_segmenter::overlay::{CRACK_COLOR, overlay};
use crack_segmenter::photo::{
    BrowserFormat, DecodeError, decode, from_rgba, resize_grey, resized_rgb_rows, to_grey,
};
use crack_segmenter::synthetic::{SceneSpec, generate};
use safetensors::SafeTensors;
use serde_json::{Value, json};

/// Another value at every pixel, and no symmetry.
fn pattern(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb([(x * 5) as u8, (y * 9) as u8, (x + 2 * y) as u8])
    })
}

fn file(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn largest_difference(a: &[u8], b: &[u8]) -> u8 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

mod reading {
    use super::*;

    #[test]
    fn lossless_formats_keep_every_value() {
        use ImageFormat::{Bmp, Png, Tiff, WebP};
        for format in [Png, Bmp, Tiff, WebP] {
            let photo = pattern(37, 23);
            assert_eq!(
                decode(&file(photo.clone(), format)).unwrap(),
                photo,
                "{format:?}"
            );
        }
        let flat = RgbImage::from_fn(20, 10, |x, _| {
            Rgb(if x < 7 { [200, 10, 30] } else { [0, 0, 90] })
        });
        assert_eq!(decode(&file(flat.clone(), ImageFormat::Gif)).unwrap(), flat);
    }

    #[test]
    fn jpeg_keeps_the_picture() {
        let photo = RgbImage::from_fn(64, 48, |x, y| Rgb([(2 * x) as u8, (3 * y) as u8, 128]));
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, 95)
            .encode_image(&photo)
            .unwrap();
        assert!(largest_difference(&decode(&bytes).unwrap(), &photo) < 16);
        // What cameras append (a second picture, a film) does no harm.
        bytes.extend([0, 1, 2, 3]);
        assert!(decode(&bytes).is_ok());
    }

    #[test]
    fn grey_files_give_grey_pictures() {
        let grey = GrayImage::from_fn(9, 7, |x, y| Luma([(x * 20 + y) as u8]));
        for format in [ImageFormat::Png, ImageFormat::Tiff, ImageFormat::Bmp] {
            let photo = decode(&file(grey.clone(), format)).unwrap();
            assert!(
                photo
                    .pixels()
                    .zip(grey.pixels())
                    .all(|(rgb, l)| rgb.0 == [l.0[0]; 3])
            );
            assert_eq!(to_grey(&photo), grey);
        }
    }

    #[test]
    fn sixteen_bits_are_rounded_to_eight() {
        // 257 is one step of 8 bits; 128 is the last value that rounds down.
        let values = [0, 128, 129, 257 * 100 + 128, 257 * 100 + 129, u16::MAX];
        let expected = [0, 0, 1, 100, 101, 255];
        let grey = ImageBuffer::<Luma<u16>, _>::from_raw(6, 1, values.to_vec()).unwrap();
        let color = ImageBuffer::<Rgb<u16>, _>::from_fn(6, 1, |x, _| Rgb([values[x as usize]; 3]));
        for bytes in [
            file(grey.clone(), ImageFormat::Png),
            file(grey, ImageFormat::Tiff),
            file(color.clone(), ImageFormat::Png),
            file(color, ImageFormat::Tiff),
        ] {
            let photo = decode(&bytes).unwrap();
            assert_eq!(
                photo.pixels().map(|pixel| pixel.0[1]).collect::<Vec<_>>(),
                expected
            );
        }
    }

    #[test]
    fn transparent_parts_are_white() {
        let rgba = ImageBuffer::from_fn(3, 1, |x, _| Rgba([10, 20, 30, [0, 51, 255][x as usize]]));
        // A fifth of the colour and four fifths of white.
        let expected = [255, 255, 255, 206, 208, 210, 10, 20, 30];
        for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Tiff] {
            assert_eq!(
                decode(&file(rgba.clone(), format)).unwrap().as_raw(),
                &expected,
                "{format:?}"
            );
        }
        let bands = rgba.as_raw().chunks(4).map(|band| Ok(band.to_vec()));
        assert_eq!(from_rgba(3, 1, bands).unwrap().as_raw(), &expected);

        let deep = DynamicImage::ImageRgba8(rgba).into_rgba16();
        assert_eq!(
            decode(&file(deep, ImageFormat::Png)).unwrap().as_raw(),
            &expected
        );

        let grey = ImageBuffer::<LumaA<u8>, _>::from_raw(2, 1, vec![10, 0, 10, 51]).unwrap();
        assert_eq!(
            decode(&file(grey.clone(), ImageFormat::Png))
                .unwrap()
                .as_raw(),
            &[255, 255, 255, 206, 206, 206]
        );
        let grey = DynamicImage::ImageLumaA8(grey).into_luma_alpha16();
        assert_eq!(
            decode(&file(grey, ImageFormat::Png)).unwrap().as_raw(),
            &[255, 255, 255, 206, 206, 206]
        );
    }

    #[test]
    fn float_tiffs_are_scaled_to_their_white() {
        let floats =
            |values: [f32; 6]| ImageBuffer::<Rgb<f32>, _>::from_raw(2, 1, values.to_vec()).unwrap();
        let within = floats([0.0, 0.5, 1.0, -1.0, 0.25, f32::NAN]);
        assert_eq!(
            decode(&file(within, ImageFormat::Tiff)).unwrap().as_raw(),
            &[0, 128, 255, 0, 64, 0]
        );
        let beyond = floats([0.0, 100.0, 200.0, 50.0, 0.0, 0.0]);
        assert_eq!(
            decode(&file(beyond, ImageFormat::Tiff)).unwrap().as_raw(),
            &[0, 128, 255, 64, 0, 0]
        );
    }

    /// 4x2 pixels of 2 bits, the fourth colour transparent; written by Pillow.
    const PALETTE_PNG: &[u8] = &[
        137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 4, 0, 0, 0, 2, 2, 3,
        0, 0, 0, 2, 198, 149, 240, 0, 0, 0, 12, 80, 76, 84, 69, 255, 0, 0, 0, 255, 0, 0, 0, 255,
        10, 20, 30, 34, 136, 41, 4, 0, 0, 0, 4, 116, 82, 78, 83, 255, 255, 255, 0, 64, 42, 169,
        244, 0, 0, 0, 12, 73, 68, 65, 84, 120, 156, 99, 144, 102, 120, 2, 0, 1, 57, 1, 0, 69, 100,
        145, 155, 0, 0, 0, 0, 73, 69, 78, 68, 174, 66, 96, 130,
    ];

    #[test]
    fn palettes_are_looked_up() {
        let (red, green, blue, white) = ([255, 0, 0], [0, 255, 0], [0, 0, 255], [255; 3]);
        let expected = [red, green, blue, white, white, blue, green, red].concat();
        assert_eq!(decode(PALETTE_PNG).unwrap().as_raw(), &expected);
    }

    /// The JPEG with an EXIF segment that holds nothing but the orientation.
    fn with_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
        let exif: &[u8] = &[
            b'E',
            b'x',
            b'i',
            b'f',
            0,
            0, // what follows is TIFF,
            b'I',
            b'I',
            42,
            0,
            8,
            0,
            0,
            0, // little-endian, its directory at 8
            1,
            0, // with one entry:
            0x12,
            1,
            3,
            0,
            1,
            0,
            0,
            0,
            orientation,
            0,
            0,
            0, // orientation, one u16
            0,
            0,
            0,
            0, // and no further directory
        ];
        let length = (exif.len() as u16 + 2).to_be_bytes();
        [&jpeg[..2], &[0xff, 0xe1], &length, exif, &jpeg[2..]].concat()
    }

    #[test]
    fn every_exif_orientation_is_turned_upright() {
        let jpeg = file(pattern(40, 24), ImageFormat::Jpeg);
        let stored = decode(&jpeg).unwrap();
        let (w, h) = stored.dimensions();
        for orientation in 0..=9 {
            let photo = decode(&with_orientation(&jpeg, orientation)).unwrap();
            let turned = (5..=8).contains(&orientation);
            assert_eq!(photo.dimensions(), if turned { (h, w) } else { (w, h) });
            for (x, y, pixel) in stored.enumerate_pixels() {
                // EXIF 2.3, tag 0x0112: where the stored row 0 and column 0 are to be seen.
                let (x, y) = match orientation {
                    2 => (w - 1 - x, y),
                    3 => (w - 1 - x, h - 1 - y),
                    4 => (x, h - 1 - y),
                    5 => (y, x),
                    6 => (h - 1 - y, x),
                    7 => (h - 1 - y, w - 1 - x),
                    8 => (y, w - 1 - x),
                    _ => (x, y),
                };
                assert_eq!(photo.get_pixel(x, y), pixel, "orientation {orientation}");
            }
        }
    }
}

mod refusing {
    use super::*;

    #[test]
    fn what_is_no_picture_is_called_so() {
        assert_eq!(decode(b""), Err(DecodeError::Empty));
        for bytes in [
            &b"x"[..],
            b"hello, world",
            b"%PDF-1.7 and so on",
            &[0; 4096],
            b"\0\0\0\x18ftypisom\0\0\0\0isommp42",
        ] {
            assert_eq!(decode(bytes), Err(DecodeError::NotAnImage));
        }
    }

    #[test]
    fn heic_and_avif_are_left_to_the_browser() {
        for (head, format) in [
            (
                &b"\0\0\0\x18ftypheic\0\0\0\0mif1heic and more"[..],
                BrowserFormat::Heic,
            ),
            (
                b"\0\0\0\x18ftypmif1\0\0\0\0mif1heix and more",
                BrowserFormat::Heic,
            ),
            (
                b"\0\0\0\x1cftypavif\0\0\0\0mif1avifmiaf and more",
                BrowserFormat::Avif,
            ),
            (
                b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf and more",
                BrowserFormat::Avif,
            ),
        ] {
            let error = decode(head).unwrap_err();
            assert_eq!(error, DecodeError::NeedsBrowser(format));
            assert!(error.to_string().contains("JPEG"), "says what to do");
        }
    }

    #[test]
    fn animated_webp_is_not_read() {
        let error =
            decode(b"RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\x07\0\0\x07\0\0").unwrap_err();
        assert!(
            matches!(error, DecodeError::Unsupported { .. }),
            "{error:?}"
        );
        assert!(error.browser_may_decode());
    }

    #[test]
    fn a_file_that_was_cut_off_is_broken() {
        use ImageFormat::{Bmp, Gif, Jpeg, Png, Tiff, WebP};
        for format in [Png, Jpeg, WebP, Bmp, Tiff, Gif] {
            let whole = file(pattern(80, 60), format);
            for share in [30, 60, 95] {
                let error = decode(&whole[..whole.len() * share / 100]).unwrap_err();
                assert!(
                    matches!(error, DecodeError::Broken { .. }),
                    "{format:?} {share} %: {error:?}"
                );
            }
        }
    }

    #[test]
    fn a_thumbnail_does_not_hide_that_the_photo_was_cut_off() {
        let whole = file(pattern(80, 60), ImageFormat::Jpeg);
        let thumbnail = file(pattern(8, 6), ImageFormat::Jpeg);
        let length = (thumbnail.len() as u16 + 2).to_be_bytes();
        let photo = [&whole[..2], &[0xff, 0xe1], &length, &thumbnail, &whole[2..]].concat();
        assert!(decode(&photo).is_ok());
        assert!(matches!(
            decode(&photo[..photo.len() - 20]),
            Err(DecodeError::Broken { .. })
        ));
    }

    /// A file of `format` whose header claims another size; the fields' places are those of the formats.
    fn with_size(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
        let mut bytes = file(RgbImage::new(8, 8), format);
        let mut put = |at: usize, field: &[u8]| bytes[at..at + field.len()].copy_from_slice(field);
        match format {
            ImageFormat::Png => {
                put(16, &width.to_be_bytes());
                put(20, &height.to_be_bytes());
                let sum = crack_segmenter::archive::crc32(&bytes[12..29]);
                bytes[29..33].copy_from_slice(&sum.to_be_bytes());
            }
            ImageFormat::Bmp => {
                put(18, &width.to_le_bytes());
                put(22, &height.to_le_bytes());
            }
            ImageFormat::Gif => {
                put(6, &(width as u16).to_le_bytes());
                put(8, &(height as u16).to_le_bytes());
            }
            ImageFormat::Jpeg => {
                let frame = bytes
                    .windows(2)
                    .position(|pair| pair == [0xff, 0xc0])
                    .unwrap();
                bytes[frame + 5..frame + 7].copy_from_slice(&(height as u16).to_be_bytes());
                bytes[frame + 7..frame + 9].copy_from_slice(&(width as u16).to_be_bytes());
            }
            _ => unreachable!(),
        }
        bytes
    }

    #[test]
    fn a_size_beyond_the_limit_is_refused_before_memory_is_taken() {
        use ImageFormat::{Bmp, Gif, Jpeg, Png};
        for format in [Png, Bmp, Gif, Jpeg] {
            for (width, height) in [(60_000, 60_000), (1025, 65_535)] {
                let error = decode(&with_size(format, width, height)).unwrap_err();
                assert_eq!(error, DecodeError::TooLarge { width, height }, "{format:?}");
            }
        }
        for side in [2_000_000_000, u32::MAX >> 1, u32::MAX] {
            for format in [Png, Bmp] {
                assert!(
                    decode(&with_size(format, side, side)).is_err(),
                    "{format:?} {side}"
                );
            }
        }
    }

    #[test]
    fn pixels_from_the_browser_must_fit_their_size() {
        let row = || Ok(vec![0; 8]);
        assert!(from_rgba(2, 2, [row(), row()]).is_ok());
        assert!(matches!(
            from_rgba(2, 2, [row()]),
            Err(DecodeError::Broken { .. })
        ));
        assert!(matches!(
            from_rgba(0, 2, []),
            Err(DecodeError::Broken { .. })
        ));
        assert!(matches!(
            from_rgba(u32::MAX, u32::MAX, []),
            Err(DecodeError::TooLarge { .. })
        ));
        assert!(matches!(
            from_rgba(2, 2, [row(), Err(DecodeError::TooMuchMemory)]),
            Err(DecodeError::TooMuchMemory)
        ));
    }

    /// Damage of every kind gives an error or a picture, never a panic: in the browser that would end the worker.
    #[test]
    fn damaged_files_never_panic() {
        use ImageFormat::{Bmp, Gif, Jpeg, Png, Tiff, WebP};
        let mut rng = fastrand::Rng::with_seed(1);
        let mut random = |below: usize| rng.usize(..below);
        for format in [Png, Jpeg, WebP, Bmp, Tiff, Gif] {
            let whole = file(pattern(40, 30), format);
            for _ in 0..300 {
                let mut bytes = whole.clone();
                for _ in 0..1 + random(4) {
                    // Mostly in the header, where a change has most effect.
                    let place = if random(3) > 0 {
                        random(whole.len().min(200))
                    } else {
                        random(whole.len())
                    };
                    bytes[place] = random(256) as u8;
                }
                let _ = decode(&bytes);
            }
        }
    }
}

mod resizing {
    use super::*;

    /// Pillow's results, made by `tests/parity/fixtures.py`.
    fn pillow() -> Vec<u8> {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/fixtures/resize.safetensors");
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    fn size(shape: &Value) -> (u32, u32) {
        let side = |axis: usize| shape[axis].as_u64().unwrap() as u32;
        (side(1), side(0))
    }

    #[test]
    fn resizing_agrees_with_pillow() {
        let bytes = pillow();
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
        // Of the results every `stride`-th value is there.
        let results = &metadata.metadata().as_ref().unwrap()["tensors"];
        let results: HashMap<String, Value> = serde_json::from_str(results).unwrap();
        assert!(!results.is_empty());
        for (name, result) in results {
            let source = tensors.tensor(&name.replace("/out", "/in")).unwrap();
            let (width, height) = size(&json!(source.shape()));
            let photo = GrayImage::from_raw(width, height, source.data().to_vec()).unwrap();
            let (width, height) = size(&result["shape"]);
            let stride = result["stride"].as_u64().unwrap() as usize;

            let resized = resize_grey(&photo, width, height).into_raw();
            let sampled: Vec<u8> = resized.into_iter().step_by(stride).collect();
            let expected = tensors.tensor(&name).unwrap();
            // The same integer arithmetic on both sides; but of `c` Pillow 13 resizes the columns first, and each pass rounds.
            let allowed = u8::from(name == "c/out");
            assert!(
                largest_difference(&sampled, expected.data()) <= allowed,
                "{name}"
            );
        }
    }

    #[test]
    fn grey_agrees_with_pillow() {
        let bytes = pillow();
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        let color = tensors.tensor("l/rgb").unwrap();
        let (width, height) = size(&json!(color.shape()));
        let photo = RgbImage::from_raw(width, height, color.data().to_vec()).unwrap();
        assert_eq!(
            to_grey(&photo).as_raw(),
            tensors.tensor("l/grey").unwrap().data()
        );
    }

    fn resize_rgb(photo: &RgbImage, width: u32, height: u32) -> RgbImage {
        let rows: Vec<Vec<u8>> = resized_rgb_rows(photo, width, height).collect();
        assert_eq!(rows.len(), height as usize);
        RgbImage::from_raw(width, height, rows.concat()).unwrap()
    }

    #[test]
    fn colours_are_resized_like_grey_each_for_itself() {
        let photo = pattern(61, 97);
        let resized = resize_rgb(&photo, 20, 130);
        for channel in 0..3 {
            let only = |image: &RgbImage| {
                let (width, height) = image.dimensions();
                GrayImage::from_fn(width, height, |x, y| {
                    Luma([image.get_pixel(x, y).0[channel]])
                })
            };
            assert_eq!(only(&resized), resize_grey(&only(&photo), 20, 130));
        }
    }

    #[test]
    fn the_same_size_is_the_same_picture_and_the_extremes_work() {
        let photo = pattern(33, 17);
        assert_eq!(resize_rgb(&photo, 33, 17), photo);
        assert_eq!(resize_rgb(&photo, 1, 1).dimensions(), (1, 1));
        assert_eq!(resize_rgb(&photo, 0, 5).dimensions(), (0, 5));
        assert_eq!(
            resize_grey(&GrayImage::new(0, 0), 3, 2),
            GrayImage::new(3, 2)
        );
        let flat = GrayImage::from_pixel(7, 300, Luma([211]));
        assert!(
            resize_grey(&flat, 256, 256)
                .iter()
                .all(|&value| value == 211)
        );
    }
}

mod results {
    use super::*;

    #[test]
    fn exports_are_read_back_unchanged() {
        let photo = pattern(50, 40);
        assert_eq!(decode(&png_rgb(&photo, None).unwrap()).unwrap(), photo);
        let grey = to_grey(&photo);
        assert_eq!(
            to_grey(&decode(&png_grey(&grey, None).unwrap()).unwrap()),
            grey
        );
    }

    #[test]
    fn a_small_mask_is_drawn_over_the_whole_photo() {
        let map = ProbabilityMap::new(2, 2, vec![255, 0, 0, 0]).unwrap();
        let photo = RgbImage::from_pixel(20, 10, Rgb([128; 3]));
        let drawn = overlay(photo.clone(), &map.mask(0.5), 1.0);
        assert_eq!(drawn.get_pixel(9, 4).0, CRACK_COLOR);
        assert_eq!(drawn.get_pixel(12, 7).0, [128; 3]);
        let large = map.resized(20, 10);
        let at = |x: usize, y: usize| large.values()[20 * y + x];
        assert_eq!([at(0, 0), at(19, 0), at(0, 9), at(19, 9)], [255, 0, 0, 0]);
    }
}

mod scenes {
    use super::*;

    #[test]
    fn a_scene_is_made_by_its_numbers_alone() {
        let spec = SceneSpec::varied(120, 80, 7);
        assert_eq!(generate(&spec), generate(&spec));
        assert_ne!(
            generate(&spec).photo,
            generate(&SceneSpec { seed: 8, ..spec }).photo
        );
    }

    #[test]
    fn sound_concrete_has_no_crack() {
        let spec = SceneSpec {
            cracks: 0,
            joint: true,
            ..SceneSpec::default()
        };
        assert_eq!(generate(&spec).truth.crack_share(), 0.0);
    }

    #[test]
    fn the_truth_lies_on_the_dark_lines() {
        for seed in 0..6 {
            let scene = generate(&SceneSpec {
                seed,
                ..SceneSpec::default()
            });
            let (mut crack, mut sound) = ((0.0, 0), (0.0, 0));
            for (pixel, truth) in to_grey(&scene.photo)
                .iter()
                .zip(scene.truth.as_image().iter())
            {
                let (sum, count) = if *truth == 255 {
                    &mut crack
                } else {
                    &mut sound
                };
                *sum += f64::from(*pixel);
                *count += 1;
            }
            let (crack, sound) = (crack.0 / f64::from(crack.1), sound.0 / f64::from(sound.1));
            assert!(
                crack < 0.7 * sound,
                "seed {seed}: {crack} on cracks, {sound} beside them"
            );
        }
    }

    #[test]
    fn a_crack_is_as_wide_as_asked() {
        for asked in [2.0_f32, 4.0, 6.0] {
            let spec = SceneSpec {
                crack_width: asked,
                branching: 0.0,
                seed: 4,
                ..SceneSpec::default()
            };
            let scene = generate(&spec);
            let truth = scene.truth.as_image();
            // The longest way through the crack from any pixel, in the direction in which it is shortest, is its width.
            let is_crack = |x: i64, y: i64| {
                let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else {
                    return false;
                };
                truth
                    .get_pixel_checked(x, y)
                    .is_some_and(|pixel| pixel.0[0] == 255)
            };
            let run = |x: i64, y: i64, dx: i64, dy: i64| {
                (0..)
                    .take_while(|&n| is_crack(x + n * dx, y + n * dy))
                    .count()
            };
            let widest = truth
                .enumerate_pixels()
                .filter(|(.., pixel)| pixel.0[0] == 255)
                .map(|(x, y, _)| (i64::from(x), i64::from(y)))
                .map(|(x, y)| {
                    let straight = |dx, dy| (run(x, y, dx, dy) + run(x, y, -dx, -dy)) as f32 - 1.0;
                    let diagonal = std::f32::consts::SQRT_2;
                    let ways = [
                        straight(1, 0),
                        straight(0, 1),
                        diagonal * straight(1, 1),
                        diagonal * straight(1, -1),
                    ];
                    ways.into_iter().fold(f32::MAX, f32::min)
                })
                .fold(0.0, f32::max);
            assert!(
                (0.5 * asked..1.5 * asked + 1.0).contains(&widest),
                "asked {asked}, got {widest}"
            );
        }
    }
}
