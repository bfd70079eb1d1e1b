//! Cracks as figures: how many, how long, how wide. All in pixels of the photo; what a pixel is in millimetres only a
//! person can say.
//!
//! A crack is what hangs together in the mask. Its length is that of its centre lines (pinholes filled, thinned, short bumps pruned,
//! smoothed), up to the tips. Its width is taken at each point of a centre line, at right angles to it, from edge to edge: such
//! profiles are more accurate than twice the distance to the nearest edge, which is usual. A profile over twice the
//! shortest way across there is askew; that way is taken instead. In the mean each counts by the length that it stands for. The edges lie between pixels, where a crack becomes as likely as not; of a fainter one where the probability falls
//! to half of its middle's, and never below the threshold. The mean leaves tips and junctions out, where a width means nothing, unless
//! there is nothing else; the widest place may be a tip, as where a crack ends in a hole.

mod centre_line;
mod pinholes;
mod table;
mod width;

use ::image::{GrayImage, Luma};
use serde::{Deserialize, Serialize};

pub use self::table::{Decimals, Measured, Scale, csv, file_name};
use crate::connected::component;
use crate::mask::{Mask, ProbabilityMap};
use centre_line::{Branch, branches};
use width::Edges;

/// What is shorter is a speck, not a crack, in pixels: the side of the network's coarsest pixel.
pub const SHORTEST: f64 = 16.0;

/// Widths below this are uncertain, in pixels that the network saw: two or three are usual in the field.
pub const MIN_RELIABLE_WIDTH: f64 = 3.0;

/// The share of its length that has to agree for a crack to have a direction.
const AGREEMENT: f64 = 0.5;

/// The cracks of a photo, longest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measurements {
    /// Those of at least [`SHORTEST`] pixels.
    pub cracks: Vec<Crack>,
    /// How many marks are shorter.
    pub specks: u32,
}

/// Marked pixels that hang together, also by their corners.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Crack {
    /// Length of all its branches, in pixels.
    pub length: f64,
    /// Mean along its centre lines, in pixels.
    pub mean_width: f64,
    /// The mean of five neighbouring widths where it is largest, in pixels; the whole mean where that is more.
    pub max_width: f64,
    /// The middle of that place: pixels from the left and from the top, 0 being the middle of the first pixel.
    pub widest: [f64; 2],
    /// Marked pixels.
    pub area: u32,
    /// The first of them, row by row: pixels from the left and from the top.
    pub start: [u32; 2],
    /// Its first pixel from the left and from the top, its width and its height.
    pub bounds: [u32; 4],
    /// Which way it runs, in degrees from the horizontal, counter-clockwise, from 0 to below 180; none where it runs every way.
    pub direction: Option<f64>,
}

impl Measurements {
    /// Length of all cracks, in pixels.
    pub fn length(&self) -> f64 {
        // Not `sum`, whose nothing is -0.
        self.cracks
            .iter()
            .fold(0.0, |sum, crack| sum + crack.length)
    }

    /// Mean width of all cracks, the longer ones counting more, in pixels; none without cracks.
    pub fn mean_width(&self) -> Option<f64> {
        let sum: f64 = self
            .cracks
            .iter()
            .map(|crack| crack.length * crack.mean_width)
            .sum();
        (!self.cracks.is_empty()).then(|| sum / self.length())
    }

    /// The crack that is widest anywhere.
    pub fn widest(&self) -> Option<&Crack> {
        self.cracks
            .iter()
            .max_by(|a, b| a.max_width.total_cmp(&b.max_width))
    }
}

/// Measures the cracks of a map at `threshold` (0 to 1).
pub fn measure(map: &ProbabilityMap, threshold: f32) -> Measurements {
    let mut left = map.mask(threshold).into_image();
    let edges = Edges::new(map, threshold);
    let mut measured = Measurements::default();
    let mut seen = 0;
    while let Some(next) = left.as_raw()[seen..].iter().position(|&value| value > 0) {
        seen += next;
        let (x, y) = (seen as u32 % left.width(), seen as u32 / left.width());
        let component = Component::take(&mut left, (x, y));
        match component.measure(&edges) {
            Some(crack) => measured.cracks.push(crack),
            None => measured.specks += 1,
        }
    }
    let cracks = &mut measured.cracks;
    cracks.sort_by(|a, b| b.length.total_cmp(&a.length));
    measured
}

/// Pixels that hang together.
struct Component {
    pixels: Vec<(u32, u32)>,
    /// Left, top, right, bottom, all inclusive.
    bounds: [u32; 4],
}

impl Component {
    /// Takes what hangs together with `start` out of a picture.
    fn take(left: &mut GrayImage, start: (u32, u32)) -> Self {
        let pixels = component(start, |(x, y)| {
            let full = left.get_pixel_mut_checked(x, y).filter(|it| it.0[0] > 0);
            full.map(|pixel| *pixel = Luma([0])).is_some()
        });
        let of_pixel = [start.0, start.1, start.0, start.1];
        let bounds = pixels.iter().fold(of_pixel, |bounds, &(x, y)| {
            let [left, top, right, bottom] = bounds;
            [left.min(x), top.min(y), right.max(x), bottom.max(y)]
        });
        Self { pixels, bounds }
    }

    fn measure(self, edges: &Edges<'_>) -> Option<Crack> {
        let [first_x, first_y, last_x, last_y] = self.bounds;
        let size = [last_x - first_x + 1, last_y - first_y + 1];
        if f64::from(size[0]).hypot(f64::from(size[1])) < SHORTEST {
            return None;
        }
        let area = self.pixels.len() as u32;
        let start = self.pixels.first().copied().unwrap_or_default().into();
        // A margin, so that its edge is an edge here too. In place: a mark may be as large as the photo.
        let moved = |(x, y)| (x - first_x + 1, y - first_y + 1);
        let mut pixels: Vec<_> = self.pixels.into_iter().map(moved).collect();
        pixels.sort_unstable_by_key(|&(x, y)| (y, x));
        let room = [size[0] + 2, size[1] + 2];
        pinholes::fill(room, &mut pixels);
        let alone = Mask::of_pixels(room, &pixels);
        let origin = [f64::from(first_x) - 1.0, f64::from(first_y) - 1.0];
        let branches = branches(&alone, &pixels, origin);
        let tips = branches.iter().map(|branch| edges.beyond_tips(branch));
        let length = branches.iter().map(Branch::length).sum::<f64>() + tips.sum::<f64>();
        if length < SHORTEST {
            return None;
        }
        let widths = edges.widths(&branches)?;
        Some(Crack {
            length,
            mean_width: widths.mean,
            max_width: widths.max,
            widest: widths.widest,
            area,
            start,
            bounds: [first_x, first_y, size[0], size[1]],
            direction: direction(&branches),
        })
    }
}

/// Which way most of the length runs: the mean of doubled angles, for which opposite ways are one.
fn direction(branches: &[Branch]) -> Option<f64> {
    let (mut across, mut up, mut length) = (0.0, 0.0, 0.0);
    for branch in branches {
        for pair in branch.points.windows(2) {
            let [dx, dy] = [pair[1][0] - pair[0][0], pair[0][1] - pair[1][1]];
            let step = dx.hypot(dy);
            let doubled = 2.0 * dy.atan2(dx);
            across += step * doubled.cos();
            up += step * doubled.sin();
            length += step;
        }
    }
    let degrees = up.atan2(across).to_degrees() / 2.0;
    // A hair below 0 makes 180 of the remainder.
    (across.hypot(up) > AGREEMENT * length).then(|| degrees.rem_euclid(180.0) % 180.0)
}

#[cfg(test)]
mod tests;
