//! The centre lines of a mask as branches: lines of points between tips and junctions.

use std::collections::BTreeMap;

use ::image::{GrayImage, Luma};

use crate::mask::Mask;
use crate::skeleton::{AROUND, skeleton};

/// A place: pixels from the left and from the top. The middle of the first pixel is \[0, 0\].
pub(super) type Point = [f64; 2];

/// Points on either side that a point is averaged with: thinning makes stairs, which would be longer than the line.
const SMOOTHING: usize = 3;

/// A line between two tips or junctions, or a ring.
pub(super) struct Branch {
    /// From pixel to pixel, smoothed.
    pub(super) points: Vec<Point>,
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

/// The branches of a mask, whose outermost pixels have to be empty. `origin` is where its first pixel lies in the photo.
pub(super) fn branches(mask: &Mask, origin: Point) -> Vec<Branch> {
    let mut lines = skeleton(mask).into_image();
    let paths = loop {
        let paths = Tracer::new(&lines, mask).paths();
        let bumps = bumps(&paths);
        if bumps.is_empty() {
            break paths;
        }
        for &(x, y) in bumps.iter().flat_map(|path| &path.pixels) {
            lines.put_pixel(x, y, Luma([0]));
        }
    };
    let branch = |path: Path| {
        let points = path.points();
        let points = match path.ends[0] {
            End::Ring => smoothed_ring(&points),
            _ => without_hooks(smoothed(&points), path.ends, mask),
        };
        let to_photo = |[x, y]: Point| [x + origin[0], y + origin[1]];
        Branch {
            points: points.into_iter().map(to_photo).collect(),
            ends: path.ends,
        }
    };
    paths.into_iter().map(branch).collect()
}

/// What thinning made of bumps of the edge: paths to a tip that are shorter than the mask is wide where they begin. At each
/// junction the shortest one alone: without it, the next may be part of a longer one.
fn bumps(paths: &[Path]) -> Vec<&Path> {
    let mut shortest: BTreeMap<usize, (f64, &Path)> = BTreeMap::new();
    for path in paths {
        let (Some(junction), End::Junction { radius }) = (path.junctions[0], path.ends[0]) else {
            continue;
        };
        let length = length(&path.points());
        if path.ends[1] == End::Tip && length < 2.0 * radius {
            let known = shortest.entry(junction).or_insert((length, path));
            if length < known.0 {
                *known = (length, path);
            }
        }
    }
    shortest.into_values().map(|(_, path)| path).collect()
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

/// Follows lines that are one pixel wide.
struct Tracer<'a> {
    lines: &'a GrayImage,
    junctions: Vec<Junction>,
    /// The junction that a pixel belongs to.
    junction_of: BTreeMap<(u32, u32), usize>,
    /// Pixels that no path has taken yet: 255.
    left: GrayImage,
}

impl<'a> Tracer<'a> {
    fn new(lines: &'a GrayImage, mask: &Mask) -> Self {
        let mut tracer = Self {
            lines,
            junctions: Vec::new(),
            junction_of: BTreeMap::new(),
            left: lines.clone(),
        };
        let crossings = tracer.all().filter(|&place| tracer.crossings(place) > 2);
        for place in crossings.collect::<Vec<_>>() {
            if !tracer.junction_of.contains_key(&place) {
                tracer.add_junction(place, mask);
            }
        }
        tracer
    }

    fn all(&self) -> impl Iterator<Item = (u32, u32)> {
        let pixels = self.lines.enumerate_pixels();
        pixels.filter_map(|(x, y, pixel)| (pixel.0[0] > 0).then_some((x, y)))
    }

    /// How many lines leave a pixel: how often the ring of its neighbours goes from empty to full.
    fn crossings(&self, (x, y): (u32, u32)) -> usize {
        let full = AROUND.map(|step| is_full(self.lines, moved((x, y), step)));
        (0..8).filter(|&i| !full[i] && full[(i + 1) % 8]).count()
    }

    fn add_junction(&mut self, start: (u32, u32), mask: &Mask) {
        let index = self.junctions.len();
        let mut pixels = vec![start];
        self.junction_of.insert(start, index);
        let mut next = 0;
        while let Some(&place) = pixels.get(next) {
            next += 1;
            for step in AROUND {
                let near = moved(place, step);
                if is_full(self.lines, near)
                    && self.crossings(near) > 2
                    && self.junction_of.insert(near, index).is_none()
                {
                    pixels.push(near);
                }
            }
        }
        for &(x, y) in &pixels {
            self.left.put_pixel(x, y, Luma([0]));
        }
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
                for step in AROUND {
                    let first = moved(pixel, step);
                    if is_full(&self.left, first) {
                        paths.push(self.follow(first, Some(index)));
                    }
                }
            }
        }
        // What has no junction: from tip to tip, and then rings.
        for wants_tip in [true, false] {
            for place in self.all().collect::<Vec<_>>() {
                if is_full(&self.left, place) && (!wants_tip || self.crossings(place) < 2) {
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
            let near = AROUND.map(|step| moved(place, step));
            // Back into the junction it came from only by a way round.
            let may_end = |junction: usize| pixels.len() > 2 || Some(junction) != from;
            let junction = near.iter().filter_map(|near| self.junction_of.get(near));
            if let Some(&junction) = junction
                .copied()
                .filter(|&it| may_end(it))
                .collect::<Vec<_>>()
                .first()
            {
                break Some(junction);
            }
            // Straight neighbours first: a corner's diagonal would skip one.
            let straight = near.iter().step_by(2).chain(near.iter().skip(1).step_by(2));
            let Some(&next) = straight
                .copied()
                .filter(|&near| is_full(&self.left, near))
                .collect::<Vec<_>>()
                .first()
            else {
                break None;
            };
            place = next;
        };
        let is_ring = from.is_none()
            && to.is_none()
            && pixels.len() > 3
            && AROUND.iter().any(|&step| moved(place, step) == first);
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

fn is_full(image: &GrayImage, (x, y): (u32, u32)) -> bool {
    image
        .get_pixel_checked(x, y)
        .is_some_and(|pixel| pixel.0[0] > 0)
}

/// From a place in the mask to the nearest pixel outside of it, less the half that belongs to the mask.
fn distance_to_edge(mask: &Mask, [x, y]: Point) -> f64 {
    let image = mask.as_image();
    let (middle_x, middle_y) = (x.round() as i64, y.round() as i64);
    let is_outside = |x: i64, y: i64| {
        let place = u32::try_from(x).ok().zip(u32::try_from(y).ok());
        place.is_none_or(|place| !is_full(image, place))
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

/// Leaves out what lies within half the mask's width of a tip, up to a third of the line: there thinning bends lines to a corner.
fn without_hooks(mut points: Vec<Point>, ends: [End; 2], mask: &Mask) -> Vec<Point> {
    let most = points.len() / 3;
    for end in ends {
        if end == End::Tip {
            let tip = points[0];
            let is_hook = |point: &&Point| distance(tip, **point) < distance_to_edge(mask, **point);
            let hook = points.iter().take(most).take_while(is_hook).count();
            points.drain(..hook);
        }
        // The other end comes first then; the second time both are as they were.
        points.reverse();
    }
    points
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
