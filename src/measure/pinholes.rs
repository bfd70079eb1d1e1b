//! Pinholes in a mark: grain of the surface within a crack, around which its centre line would run on both sides.

use ::image::{GrayImage, Luma};

use crate::mask::Mask;

/// Most pixels of a pinhole: a larger hole is a way around.
const MOST: usize = 64;

/// Of a picture of a mark, beside 0 and 255: what belongs to no pinhole, and what is looked at.
const OUTSIDE: u8 = 1;
const SEEN: u8 = 2;

/// Adds the pixels of pinholes to those of a mark, in reading order. The picture's outermost pixels have to be empty; only those around
/// the mark are looked at.
pub(super) fn fill(size: [u32; 2], pixels: &mut Vec<(u32, u32)>) {
    let mut image = Mask::of_pixels(size, pixels).into_image();
    let mut filled = Vec::new();
    for &pixel in pixels.iter() {
        for start in straight(pixel) {
            if value(&image, start) == 0 {
                filled.extend(pinhole(&mut image, start));
            }
        }
    }
    if !filled.is_empty() {
        pixels.extend(filled);
        pixels.sort_unstable_by_key(|&(x, y)| (y, x));
    }
}

/// The empty pixels that hang together with one by their sides (a mark's do by their corners, too); none where they are no pinhole.
fn pinhole(image: &mut GrayImage, start: (u32, u32)) -> Vec<(u32, u32)> {
    let mut hole = vec![start];
    image.put_pixel(start.0, start.1, Luma([SEEN]));
    let (mut next, mut is_outside) = (0, false);
    while let Some(&pixel) = hole.get(next).filter(|_| !is_outside) {
        next += 1;
        for near in straight(pixel) {
            match value(image, near) {
                0 => {
                    image.put_pixel(near.0, near.1, Luma([SEEN]));
                    hole.push(near);
                }
                OUTSIDE => is_outside = true,
                _ => {}
            }
        }
        is_outside |= hole.len() > MOST;
    }
    let becomes = if is_outside { OUTSIDE } else { u8::MAX };
    for &(x, y) in &hole {
        image.put_pixel(x, y, Luma([becomes]));
    }
    if is_outside { Vec::new() } else { hole }
}

/// Beyond the picture nothing is a hole.
fn value(image: &GrayImage, (x, y): (u32, u32)) -> u8 {
    image.get_pixel_checked(x, y).map_or(OUTSIDE, |it| it.0[0])
}

fn straight((x, y): (u32, u32)) -> [(u32, u32); 4] {
    [(1, 0), (0, 1), (-1, 0), (0, -1)]
        .map(|(dx, dy)| (x.wrapping_add_signed(dx), y.wrapping_add_signed(dy)))
}

#[cfg(test)]
mod tests {
    use super::fill;

    fn filled(rows: &[&str]) -> Vec<String> {
        let is_full = |(x, y): &(u32, u32)| rows[*y as usize].as_bytes()[*x as usize] == b'#';
        let size = [rows[0].len() as u32, rows.len() as u32];
        let all = (0..size[1]).flat_map(|y| (0..size[0]).map(move |x| (x, y)));
        let mut pixels: Vec<_> = all.filter(is_full).collect();
        fill(size, &mut pixels);
        assert!(pixels.is_sorted_by_key(|&(x, y)| (y, x)));
        let row = |y: u32| {
            let sign = |x: u32| if pixels.contains(&(x, y)) { '#' } else { '.' };
            (0..size[0]).map(sign).collect()
        };
        (0..size[1]).map(row).collect()
    }

    #[test]
    fn pinholes_are_filled_and_bays_are_not() {
        let rows = [
            "............",
            ".##########.",
            ".##.##..#.#.",
            ".#.#.####...",
            ".##########.",
            "............",
        ];
        // Those that touch by a corner are two; what is open to the right stays.
        let expected = [
            "............",
            ".##########.",
            ".########.#.",
            ".########...",
            ".##########.",
            "............",
        ];
        assert_eq!(filled(&rows), expected);
    }

    #[test]
    fn a_ring_stays_a_ring() {
        let wall = format!(".{}.", "#".repeat(11));
        let between = format!(".#{}#.", ".".repeat(9));
        let empty = ".".repeat(13);
        let mut rows = vec![empty.as_str(), wall.as_str()];
        rows.extend([between.as_str(); 9]);
        rows.extend([wall.as_str(), empty.as_str()]);
        assert_eq!(filled(&rows), rows);
    }
}
