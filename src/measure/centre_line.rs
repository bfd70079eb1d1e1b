//! The centre lines of a mask as branches: lines of points between tips and junctions.

use std::f64::consts::SQRT_2;

use ::image::{GrayImage, Luma};

use crate::connected::{around, component};
use crate::mask::Mask;
use crate::skeleton::thin;

/// A place: pixels from the left and from the top. The middle of the first pixel is \[0, 0\].
pub(super) type Point = [f64; 2];

/// Points on either side that a point is averaged with: thinning makes stairs, which would be longer than the line.
const SMOOTHING: usize = 3;

/// A line between two tips or junctions, or a ring.
pub(super) struct Branch {
    /// From pixel to pixel, smoothed.
    pub(super) points: Vec<Point>,
    /// Beyond its first and its last point, in the same order: what was left out of the line at tips, since thinning bends it there.
    pub(super) hooks: [Vec<Point>; 2],
    /// What its first and its last point is.
    pub(super) ends: [End; 2],
}

/// What a branch ends in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum End {
    /// Nothing comes after it.
    Tip,
    /// Others begin here; the distance to the mask's nearest edge, in pixels.
    Junction { radius: f64 },
    /// It comes round to its beginning.
    Ring,
}

impl Branch {
    pub(super) fn length(&self) -> f64 {
        length(&self.points)
    }
}

/// The branches of a mask of these pixels, in reading order; its outermost ones have to be empty. `origin` is where its first one
/// lies in the photo. The picture itself is never looked through: that of a long crack is nearly empty, and large.
pub(super) fn branches(mask: &Mask, pixels: &[(u32, u32)], origin: Point) -> Vec<Branch> {
    let mut lines = mask.as_image().clone();
    let mut places = thin(&mut lines, pixels);
    let paths = loop {
        let paths = Tracer::new(&lines, &places, mask).paths();
        let spurs = spurs(&paths);
        if spurs.is_empty() {
            break paths;
        }
        for &(x, y) in spurs.iter().flat_map(|path| &path.pixels) {
            lines.put_pixel(x, y, Luma([0]));
        }
        places.retain(|&(x, y)| lines.get_pixel(x, y).0[0] > 0);
    };
    let branch = |path: Path| {
        let points = path.points();
        let (points, hooks) = match path.ends[0] {
            End::Ring => (smoothed_ring(&points), Default::default()),
            _ => {
                let (points, hooks) = without_hooks(smoothed(&points), path.ends, mask);
                (along_mask(points, mask), hooks)
            }
        };
        let to_photo = |points: Vec<Point>| {
            let points = points.into_iter();
            points
                .map(|[x, y]| [x + origin[0], y + origin[1]])
                .collect()
        };
        Branch {
            points: to_photo(points),
            hooks: hooks.map(to_photo),
            ends: path.ends,
        }
    };
    paths.into_iter().map(branch).collect()
}

/// Spurs, which thinning made of bumps of the edge: paths to a tip that are shorter than the mask is wide where they begin. At each
/// junction the shortest one alone: without it, the next may be part of a longer one. Where fewer than three paths meet there is
/// none: a square of four pixels stays a junction whatever is left around it, and would lose the crack's last line too.
fn spurs(paths: &[Path]) -> Vec<&Path> {
    let ends = || paths.iter().flat_map(|path| path.junctions).flatten();
    let junctions = ends().max().map_or(0, |last| last + 1);
    let mut meeting = vec![0; junctions];
    for junction in ends() {
        meeting[junction] += 1;
    }
    let mut shortest: Vec<Option<(f64, &Path)>> = vec![None; junctions];
    for path in paths {
        let (Some(junction), End::Junction { radius }) = (path.junctions[0], path.ends[0]) else {
            continue;
        };
        let length = length(&path.points());
        if path.ends[1] == End::Tip && length < 2.0 * radius && meeting[junction] > 2 {
            let known = &mut shortest[junction];
            if known.is_none_or(|(shortest, _)| length < shortest) {
                *known = Some((length, path));
            }
        }
    }
    shortest
        .into_iter()
        .flatten()
        .map(|(_, path)| path)
        .collect()
}

/// A branch, pixel by pixel. Where it has a junction, it begins at one.
struct Path {
    /// Without those of junctions.
    pixels: Vec<(u32, u32)>,
    /// The middles of its junctions.
    begin: Option<Point>,
    end: Option<Point>,
    junctions: [Option<usize>; 2],
    ends: [End; 2],
}

impl Path {
    fn points(&self) -> Vec<Point> {
        let pixels = self.pixels.iter();
        let pixels = pixels.map(|&(x, y)| [f64::from(x), f64::from(y)]);
        self.begin
            .into_iter()
            .chain(pixels)
            .chain(self.end)
            .collect()
    }
}

/// Pixels where lines meet, as one.
struct Junction {
    pixels: Vec<(u32, u32)>,
    middle: Point,
    radius: f64,
}

/// What a pixel of [`Tracer::left`] is that belongs to a junction.
const IN_JUNCTION: u8 = 127;

/// Follows lines that are one pixel wide.
struct Tracer<'a> {
    lines: &'a GrayImage,
    /// Their pixels, row by row.
    places: &'a [(u32, u32)],
    junctions: Vec<Junction>,
    /// Which junction each of their pixels belongs to, in order of the pixels.
    in_junctions: Vec<((u32, u32), usize)>,
    /// Pixels that no path has taken yet (255), and those of junctions.
    left: GrayImage,
}

impl<'a> Tracer<'a> {
    fn new(lines: &'a GrayImage, places: &'a [(u32, u32)], mask: &Mask) -> Self {
        let mut tracer = Self {
            lines,
            places,
            junctions: Vec::new(),
            in_junctions: Vec::new(),
            left: lines.clone(),
        };
        for &place in places {
            if tracer.is_free_crossing(place) {
                tracer.add_junction(place, mask);
            }
        }
        tracer.in_junctions.sort_unstable();
        tracer
    }

    /// How many lines leave a pixel: how often the ring of its neighbours goes from empty to full.
    fn crossings(&self, (x, y): (u32, u32)) -> usize {
        let full = around((x, y)).map(|near| value(self.lines, near) > 0);
        (0..8).filter(|&i| !full[i] && full[(i + 1) % 8]).count()
    }

    /// Whether lines meet in a pixel, which belongs to no junction yet: more than two leave it, or it is one of a square of
    /// four, which thinning leaves where two lines cross:
    ///
    /// ```text
    /// #  #
    ///  ##
    ///  ##
    /// #  #
    /// ```
    fn is_free_crossing(&self, place: (u32, u32)) -> bool {
        let is_full = |step: (i32, i32)| value(self.lines, moved(place, step)) > 0;
        let is_in_square = || {
            let corners = [(1, 1), (1, -1), (-1, 1), (-1, -1)];
            corners
                .into_iter()
                .any(|(dx, dy)| is_full((dx, 0)) && is_full((0, dy)) && is_full((dx, dy)))
        };
        self.is_free(place) && (self.crossings(place) > 2 || is_in_square())
    }

    fn is_free(&self, place: (u32, u32)) -> bool {
        value(&self.left, place) == u8::MAX
    }

    /// The junction that a pixel belongs to.
    fn junction_of(&self, place: (u32, u32)) -> Option<usize> {
        if value(&self.left, place) == IN_JUNCTION {
            let found = self
                .in_junctions
                .binary_search_by_key(&place, |entry| entry.0);
            Some(self.in_junctions[found.ok()?].1)
        } else {
            None
        }
    }

    fn add_junction(&mut self, start: (u32, u32), mask: &Mask) {
        let pixels = component(start, |place| {
            let is_crossing = self.is_free_crossing(place);
            if is_crossing {
                self.left.put_pixel(place.0, place.1, Luma([IN_JUNCTION]));
                self.in_junctions.push((place, self.junctions.len()));
            }
            is_crossing
        });
        let count = pixels.len() as f64;
        let mean = |axis: fn(&(u32, u32)) -> u32| {
            pixels
                .iter()
                .map(|pixel| f64::from(axis(pixel)))
                .sum::<f64>()
                / count
        };
        let middle = [mean(|pixel| pixel.0), mean(|pixel| pixel.1)];
        self.junctions.push(Junction {
            radius: distance_to_edge(mask, middle),
            pixels,
            middle,
        });
    }

    /// Every path once.
    fn paths(mut self) -> Vec<Path> {
        let mut paths = Vec::new();
        for index in 0..self.junctions.len() {
            for pixel in self.junctions[index].pixels.clone() {
                for first in around(pixel) {
                    if self.is_free(first) {
                        paths.push(self.follow(first, Some(index)));
                    }
                }
            }
        }
        // What has no junction: from tip to tip, and then rings.
        for wants_tip in [true, false] {
            for &place in self.places {
                if self.is_free(place) && (!wants_tip || self.crossings(place) < 2) {
                    paths.push(self.follow(place, None));
                }
            }
        }
        paths
    }

    fn follow(&mut self, first: (u32, u32), from: Option<usize>) -> Path {
        let mut pixels = Vec::new();
        let mut place = first;
        let to = loop {
            pixels.push(place);
            self.left.put_pixel(place.0, place.1, Luma([0]));
            let near = around(place);
            // Back into the junction it came from only by a way round.
            let may_end = |junction: &usize| pixels.len() > 2 || Some(*junction) != from;
            let mut junctions = near.iter().filter_map(|&near| self.junction_of(near));
            if let Some(junction) = junctions.find(may_end) {
                break Some(junction);
            }
            // Straight neighbours first: from a, c would skip b.
            //   ab
            //    c
            let straight = near.iter().step_by(2).chain(near.iter().skip(1).step_by(2));
            let mut free = straight.copied().filter(|&near| self.is_free(near));
            // Away from the junction it came from: what lies at that is another path's beginning.
            let is_away = |&place: &(u32, u32)| {
                let is_of_origin = |near| self.junction_of(near) == from && from.is_some();
                pixels.len() > 1 || !around(place).into_iter().any(is_of_origin)
            };
            let Some(next) = free.clone().find(is_away).or_else(|| free.next()) else {
                break None;
            };
            place = next;
        };
        let is_ring =
            from.is_none() && to.is_none() && pixels.len() > 3 && around(place).contains(&first);
        let end = |junction: Option<usize>| match junction {
            Some(index) => End::Junction {
                radius: self.junctions[index].radius,
            },
            None if is_ring => End::Ring,
            None => End::Tip,
        };
        let middle = |junction: Option<usize>| Some(self.junctions[junction?].middle);
        Path {
            begin: middle(from),
            end: middle(to),
            junctions: [from, to],
            ends: [end(from), end(to)],
            pixels,
        }
    }
}

/// Outside there is always an empty margin, so that this never leaves the picture.
fn moved((x, y): (u32, u32), (dx, dy): (i32, i32)) -> (u32, u32) {
    (x.wrapping_add_signed(dx), y.wrapping_add_signed(dy))
}

/// 0 outside, too.
fn value(image: &GrayImage, (x, y): (u32, u32)) -> u8 {
    image.get_pixel_checked(x, y).map_or(0, |pixel| pixel.0[0])
}

/// From a place in the mask to the nearest pixel outside of it, less the half that belongs to the mask.
fn distance_to_edge(mask: &Mask, [x, y]: Point) -> f64 {
    let image = mask.as_image();
    let (middle_x, middle_y) = (x.round() as i64, y.round() as i64);
    let is_outside = |x: i64, y: i64| {
        let place = u32::try_from(x).ok().zip(u32::try_from(y).ok());
        place.is_none_or(|place| value(image, place) == 0)
    };
    let mut nearest = f64::INFINITY;
    let mut reach = 0;
    while f64::from(reach) <= nearest {
        let side = i64::from(reach);
        for step in -side..=side {
            for (dx, dy) in [(step, -side), (step, side), (-side, step), (side, step)] {
                if is_outside(middle_x + dx, middle_y + dy) {
                    nearest = nearest.min((dx as f64).hypot(dy as f64));
                }
            }
        }
        reach += 1;
    }
    (nearest - 0.5).max(0.5)
}

/// Parts from a line what lies within half the mask's width of a tip, up to a third of the line: there thinning bends lines to a corner.
fn without_hooks(
    mut points: Vec<Point>,
    ends: [End; 2],
    mask: &Mask,
) -> (Vec<Point>, [Vec<Point>; 2]) {
    let most = points.len() / 3;
    let hooks = ends.map(|end| {
        let mut left_out = Vec::new();
        if end == End::Tip {
            let tip = points[0];
            let mut hook = 0;
            while hook < most {
                let missing = distance_to_edge(mask, points[hook]) - distance(tip, points[hook]);
                if missing <= 0.0 {
                    break;
                }
                // A step to the next pixel brings both nearer to each other by twice its length at most.
                hook += ((missing / (2.0 * SQRT_2)) as usize).max(1);
            }
            left_out = points.drain(..hook.min(most)).collect();
        }
        // The other end comes first then; the second time both are as they were.
        points.reverse();
        left_out
    });
    let [before, mut after] = hooks;
    after.reverse();
    (points, [before, after])
}

/// A line of one point, as thinning leaves of a square or a disc, as one that runs the longer way of the mask.
fn along_mask(points: Vec<Point>, mask: &Mask) -> Vec<Point> {
    match points[..] {
        [[x, y]] if mask.width() >= mask.height() => vec![[x - 0.5, y], [x + 0.5, y]],
        [[x, y]] => vec![[x, y - 0.5], [x, y + 0.5]],
        _ => points,
    }
}

/// Each point averaged with as many on either side as both have; the ends stay.
fn smoothed(points: &[Point]) -> Vec<Point> {
    (0..points.len())
        .map(|index| {
            let reach = SMOOTHING.min(index).min(points.len() - 1 - index);
            mean(points[index - reach..=index + reach].iter())
        })
        .collect()
}

/// The same of a ring, closed.
fn smoothed_ring(points: &[Point]) -> Vec<Point> {
    let count = points.len();
    let reach = SMOOTHING.min((count - 1) / 2);
    (0..=count)
        .map(|index| {
            let around =
                (0..=2 * reach).map(|step| &points[(index + count - reach + step) % count]);
            mean(around)
        })
        .collect()
}

fn mean<'a>(points: impl Iterator<Item = &'a Point>) -> Point {
    let (mut sum, mut count) = ([0.0; 2], 0.0);
    for point in points {
        sum = [sum[0] + point[0], sum[1] + point[1]];
        count += 1.0;
    }
    sum.map(|sum| sum / count)
}

fn length(points: &[Point]) -> f64 {
    let pairs = points.windows(2);
    pairs.map(|pair| distance(pair[0], pair[1])).sum()
}

pub(super) fn distance(a: Point, b: Point) -> f64 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}
