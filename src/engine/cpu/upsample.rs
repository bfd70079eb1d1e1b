//! Bilinear x2 with aligned corners, as PyTorch's `Upsample(scale_factor=2, mode="bilinear", align_corners=True)`.

use wide::f32x4;

use super::map::Map;

/// Where an output lies between two inputs.
#[derive(Clone, Copy)]
struct Between {
    first: usize,
    second: usize,
    /// How far from the first to the second, 0 to 1.
    share: f32x4,
}

/// The places of twice `size` outputs.
fn places(size: usize) -> Vec<Between> {
    let last = size - 1;
    let scale = last as f32 / (2 * size - 1) as f32;
    let place = |output: usize| {
        let exact = output as f32 * scale;
        let first = (exact as usize).min(last);
        Between {
            first,
            second: (first + 1).min(last),
            share: f32x4::splat(exact - first as f32),
        }
    };
    (0..2 * size).map(place).collect()
}

/// Makes the lines of a map's double, one after the other.
pub(super) struct Upsample<'a> {
    map: &'a Map<'a>,
    down: Vec<Between>,
    across: Vec<Between>,
    /// A line of the map's width, of the height asked for.
    line: Vec<f32x4>,
}

impl<'a> Upsample<'a> {
    pub(super) fn new(map: &'a Map<'a>) -> Self {
        Self {
            map,
            down: places(map.height),
            across: places(map.width),
            line: vec![f32x4::ZERO; map.width * map.groups],
        }
    }

    /// Line `y` of the double: \[2 width, groups\].
    pub(super) fn line(&mut self, y: usize, out: &mut [f32x4]) {
        let Between {
            first,
            second,
            share,
        } = self.down[y];
        let pair = self.map.line(first).iter().zip(self.map.line(second));
        for (value, (&above, &below)) in self.line.iter_mut().zip(pair) {
            *value = above + share * (below - above);
        }
        let groups = self.map.groups;
        for (place, out) in self.across.iter().zip(out.chunks_exact_mut(groups)) {
            let left = &self.line[place.first * groups..][..groups];
            let right = &self.line[place.second * groups..][..groups];
            for (out, (&left, &right)) in out.iter_mut().zip(left.iter().zip(right)) {
                *out = left + place.share * (right - left);
            }
        }
    }
}
