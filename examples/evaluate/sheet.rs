//! The contact sheet: what the figures look like.

use std::path::Path;

use anyhow::Result;
use crack_segmenter::mask::Mask;
use crack_segmenter::overlay::CRACK_COLOR;
use image::{GrayImage, Rgb, RgbImage, imageops};

use crate::photos::Labelled;
use crate::report::Measured;

/// Photos of each kind: best, middle, worst.
const OF_EACH: usize = 4;

/// Each picture fits into a square of so many pixels.
const CELL: u32 = 256;
const GAP: u32 = 6;

const RIGHT: Rgb<u8> = Rgb([255, 255, 255]);
const MISSED: Rgb<u8> = Rgb([255, 140, 0]);

/// Writes a row a photo, the best first: photo, label, mask, and errors (white found, orange missed, the
/// overlay's colour marked without a crack). `draw` gives photo, label and mask.
pub(crate) fn write(
    measured: &[Measured],
    draw: impl Fn(&Labelled) -> Result<(GrayImage, Mask, Mask)>,
    file: &Path,
) -> Result<()> {
    let mut ranked: Vec<_> = measured.iter().filter(|it| !it.photo.is_free()).collect();
    ranked.sort_by(|a, b| b.counts.f1().total_cmp(&a.counts.f1()));
    let count = ranked.len();
    let rows: Vec<_> = if count <= 3 * OF_EACH {
        ranked
    } else {
        let middle = (count - OF_EACH) / 2;
        [
            &ranked[..OF_EACH],
            &ranked[middle..middle + OF_EACH],
            &ranked[count - OF_EACH..],
        ]
        .concat()
    };
    if rows.is_empty() {
        return Ok(());
    }
    let pitch = CELL + GAP;
    let mut sheet = RgbImage::from_pixel(
        4 * pitch + GAP,
        rows.len() as u32 * pitch + GAP,
        Rgb([32; 3]),
    );
    for (row, photo) in rows.iter().enumerate() {
        let (grey, label, found) = draw(&photo.photo)?;
        let of_grey = |grey: &GrayImage| {
            RgbImage::from_fn(grey.width(), grey.height(), |x, y| {
                Rgb([grey.get_pixel(x, y).0[0]; 3])
            })
        };
        let pictures = [
            of_grey(&grey),
            of_grey(label.as_image()),
            of_grey(found.as_image()),
            errors(&label, &found),
        ];
        for (column, picture) in pictures.iter().enumerate() {
            let scale = f64::from(CELL) / f64::from(picture.width().max(picture.height()));
            let side = |pixels: u32| ((f64::from(pixels) * scale) as u32).max(1);
            let small = imageops::thumbnail(picture, side(picture.width()), side(picture.height()));
            let at = |place: usize| i64::from(GAP) + place as i64 * i64::from(pitch);
            imageops::replace(&mut sheet, &small, at(column), at(row));
        }
    }
    Ok(sheet.save(file)?)
}

fn errors(label: &Mask, found: &Mask) -> RgbImage {
    RgbImage::from_fn(label.width(), label.height(), |x, y| {
        let is = |mask: &Mask| {
            mask.as_image()
                .get_pixel_checked(x, y)
                .is_some_and(|pixel| pixel.0[0] > 0)
        };
        match (is(label), is(found)) {
            (true, true) => RIGHT,
            (true, false) => MISSED,
            (false, true) => Rgb(CRACK_COLOR),
            (false, false) => Rgb([0; 3]),
        }
    })
}
