//! Which pixels of a picture hang together: each with its eight neighbours.

/// The eight neighbours, from the right against the clock: x1 to x8 of Guo and Hall.
const AROUND: [(i32, i32); 8] = [
    (1, 0),
    (1, -1),
    (0, -1),
    (-1, -1),
    (-1, 0),
    (-1, 1),
    (0, 1),
    (1, 1),
];

/// A pixel's neighbours in the same order. To the left of 0 and above it coordinates wrap to the largest numbers, which lie in no
/// picture.
pub fn around((x, y): (u32, u32)) -> [(u32, u32); 8] {
    AROUND.map(|(dx, dy)| (x.wrapping_add_signed(dx), y.wrapping_add_signed(dy)))
}

/// The pixels that hang together with `start`, which comes first; nothing where `take` refuses that. `take` is asked whether a pixel
/// belongs to them, also beyond the picture, and answers true the first time that it is asked about a member, false ever after.
pub fn component(start: (u32, u32), mut take: impl FnMut((u32, u32)) -> bool) -> Vec<(u32, u32)> {
    let mut pixels = Vec::new();
    if take(start) {
        pixels.push(start);
    }
    let mut next = 0;
    while let Some(&pixel) = pixels.get(next) {
        next += 1;
        pixels.extend(around(pixel).into_iter().filter(|&near| take(near)));
    }
    pixels
}
