//! Where a crack's edges are, seen from its centre line.

use std::f64::consts::PI;

use super::centre_line::{Branch, End, Point, distance};
use crate::mask::ProbabilityMap;

/// Points on either side that tell which way a centre line runs.
const TANGENT: usize = 3;

/// How many times the shortest way across a width may be. What is more was not taken across the crack, but along it: at a bend, or
/// where the line turns all the same.
const ASKEW: f64 = 2.0;

/// Directions, in half a turn, in which the shortest way across is looked for, and the steps, in pixels: of a straight crack it is found
/// to four per cent, which is enough to doubt a width, or to one, where there is no other.
const ROUGHLY: Search = (6, 1.0);
const CLOSELY: Search = (12, STEP);

/// Length of a step towards an edge, in pixels. In between the probability is taken as linear.
const STEP: f64 = 0.5;

/// Neighbouring widths that are averaged for the widest place: one alone may be a notch.
const WINDOW: usize = 5;

/// How far from a junction, in its distances to the edge, a width is one of the other branch too.
const JUNCTION: f64 = 1.5;

/// Where a crack is as likely as not, as far as the probabilities are calibrated: its edge, whatever threshold finds most cracks.
const EDGE: f32 = 0.5;

/// Directions and steps.
type Search = (usize, f64);

/// A probability map, cut at a threshold.
pub(super) struct Edges<'a> {
    map: &'a ProbabilityMap,
    /// In the map's units.
    threshold: f64,
    /// The same of a crack's edges.
    edge: f64,
}

/// Along all branches of a crack, in pixels.
pub(super) struct Widths {
    pub(super) mean: f64,
    pub(super) max: f64,
    pub(super) widest: Point,
}

impl<'a> Edges<'a> {
    pub(super) fn new(map: &'a ProbabilityMap, threshold: f32) -> Self {
        // What is not a number is 0 for a mask, too.
        let threshold = if threshold.is_nan() { 0.0 } else { threshold };
        Self {
            map,
            threshold: f64::from(threshold.clamp(0.0, 1.0)) * 255.0,
            edge: f64::from(threshold.clamp(EDGE, 1.0)) * 255.0,
        }
    }

    /// The widths along branches; none where no branch has a direction.
    pub(super) fn widths(&self, branches: &[Branch]) -> Option<Widths> {
        let lines: Vec<Vec<Width>> = branches.iter().map(|branch| self.along(branch)).collect();
        let regions = lines.iter().flatten().map(|width| width.region);
        // Where all is junction and tip, that has to do.
        let best = regions.min()?;
        let counts = |width: &&Width| width.region == best;
        // At a junction two are as wide as neither, but a crack may end in its widest place.
        let may_be_widest =
            |width: &&Width| width.region != Region::Junction || best == Region::Junction;
        let of_window = |window: &[&Width]| {
            let mean = window.iter().map(|width| width.pixels).sum::<f64>() / window.len() as f64;
            (mean, window[window.len() / 2].place)
        };
        let (max, widest) = lines
            .iter()
            .flat_map(|line| {
                let line: Vec<&Width> = line.iter().filter(may_be_widest).collect();
                let size = WINDOW.min(line.len()).max(1);
                line.windows(size).map(of_window).collect::<Vec<_>>()
            })
            .max_by(|(a, _), (b, _)| a.total_cmp(b))?;
        // Along the length: points of a slanting line are farther apart than those of a straight one.
        let (mut sum, mut length) = (0.0, 0.0);
        for width in lines.iter().flatten().filter(counts) {
            sum += width.length * width.pixels;
            length += width.length;
        }
        let mean = sum / length;
        // Of a short crack that is narrowest in the middle every window is narrower than the whole.
        let max = max.max(mean);
        Some(Widths { mean, max, widest })
    }

    fn along(&self, branch: &Branch) -> Vec<Width> {
        let [before, after] = &branch.hooks;
        let hook = |hook: &[Point]| {
            let widths = hook.iter().map(|&place| {
                let level = self.level(place);
                Width {
                    place,
                    pixels: self.shortest_across(place, level, f64::INFINITY, CLOSELY),
                    length: f64::EPSILON,
                    region: Region::Hook,
                }
            });
            widths
                .filter(|width| width.pixels > 0.0)
                .collect::<Vec<_>>()
        };
        [hook(before), self.along_points(branch), hook(after)].concat()
    }

    fn along_points(&self, branch: &Branch) -> Vec<Width> {
        let points = &branch.points;
        let last = points.len() - 1;
        let total = branch.length();
        let mut so_far = 0.0;
        let mut widths = Vec::with_capacity(points.len());
        for (index, &place) in points.iter().enumerate() {
            if index > 0 {
                so_far += distance(points[index - 1], place);
            }
            let level = self.level(place);
            let (before, after) = (index.saturating_sub(TANGENT), (index + TANGENT).min(last));
            let Some([dx, dy]) = direction(points[before], points[after]) else {
                continue;
            };
            let profile = self.across(place, [-dy, dx], level, STEP, f64::INFINITY);
            let shortest = self.shortest_across(place, level, profile, ROUGHLY);
            let is_askew = profile > ASKEW * shortest;
            let pixels = if is_askew { shortest } else { profile };
            // The smoothed line cuts a corner of the marking here.
            if pixels == 0.0 {
                continue;
            }
            let ends = branch.ends.into_iter().zip([so_far, total - so_far]);
            let regions = ends.map(|(end, away)| match end {
                End::Tip if away < pixels / 2.0 => Region::Tip,
                End::Junction { radius } if away < JUNCTION * radius => Region::Junction,
                _ => Region::Clear,
            });
            let region = regions.max().unwrap_or(Region::Clear);
            // What ends has no direction.
            let pixels = if region == Region::Tip {
                shortest
            } else {
                pixels
            };
            let to_point = |other: usize| distance(points[other], place);
            let length =
                (to_point(index.saturating_sub(1)) + to_point((index + 1).min(last))) / 2.0;
            // A line of a single point has a width too.
            let length = length.max(f64::EPSILON);
            widths.push(Width {
                place,
                pixels,
                length,
                region,
            });
        }
        widths
    }

    /// How far a branch's crack goes on beyond its tips: half a width, which is left out there.
    pub(super) fn beyond_tips(&self, branch: &Branch) -> f64 {
        let points = &branch.points;
        let last = points.len() - 1;
        let reach = (2 * TANGENT).min(last);
        let ends = [(0, reach), (last, last - reach)];
        let tips = branch
            .ends
            .iter()
            .zip(ends)
            .filter(|(end, _)| **end == End::Tip);
        tips.filter_map(|(_, (tip, inner))| {
            let outward = direction(points[inner], points[tip])?;
            Some(self.to_level(points[tip], outward, self.threshold, STEP, f64::INFINITY))
        })
        .sum()
    }

    /// The probability at the edges of a crack through a place.
    fn level(&self, place: Point) -> f64 {
        // Of a faint crack half of what it reaches, as line profiles are measured, but nothing that is not marked.
        let middle = self.at(place).unwrap_or(0.0);
        (middle / 2.0).clamp(self.threshold, self.edge)
    }

    /// From edge to edge through a place the shortest way, where that is shorter than what is known.
    fn shortest_across(
        &self,
        place: Point,
        level: f64,
        known: f64,
        (directions, step): Search,
    ) -> f64 {
        (0..directions).fold(known, |shortest, index| {
            let (dy, dx) = (PI * index as f64 / directions as f64).sin_cos();
            let across = self.across(place, [dx, dy], level, step, shortest);
            across.min(shortest)
        })
    }

    /// From edge to edge through a place, along a direction of length 1 and against it; what is more than `most` is somewhat more.
    fn across(&self, place: Point, [dx, dy]: Point, level: f64, step: f64, most: f64) -> f64 {
        let ahead = self.to_level(place, [dx, dy], level, step, most);
        ahead + self.to_level(place, [-dx, -dy], level, step, most - ahead)
    }

    /// From a place along a direction of length 1, step by step, to where the probability falls to a level, or to the picture's edge,
    /// but not much farther than `most`.
    fn to_level(&self, [x, y]: Point, [dx, dy]: Point, level: f64, step: f64, most: f64) -> f64 {
        let mut inside = match self.at([x, y]) {
            Some(value) if value > level => value,
            _ => return 0.0,
        };
        let mut far = 0.0;
        loop {
            if far > most {
                return far;
            }
            let next = far + step;
            match self.at([x + next * dx, y + next * dy]) {
                Some(value) if value > level => inside = value,
                Some(value) => return far + step * (inside - level) / (inside - value),
                None => return self.to_border([x, y], [dx, dy]).clamp(far, next),
            }
            far = next;
        }
    }

    /// From a place in the picture along a direction of length 1 to where the picture ends: half a pixel beyond the middle of its last.
    fn to_border(&self, place: Point, direction: Point) -> f64 {
        let size = [self.map.width(), self.map.height()];
        let along = |axis: usize| match direction[axis] {
            step if step > 0.0 => (f64::from(size[axis]) - 0.5 - place[axis]) / step,
            step if step < 0.0 => (-0.5 - place[axis]) / step,
            _ => f64::INFINITY,
        };
        along(0).min(along(1))
    }

    /// The probability between pixels, linear in both directions; none outside the picture.
    fn at(&self, [x, y]: Point) -> Option<f64> {
        let (width, height) = (self.map.width(), self.map.height());
        let is_inside = |value: f64, size: u32| value >= -0.5 && value <= f64::from(size) - 0.5;
        if !is_inside(x, width) || !is_inside(y, height) {
            return None;
        }
        let split = |value: f64, size: u32| {
            let value = value.clamp(0.0, f64::from(size - 1));
            let low = value.floor();
            (low as u32, (low as u32 + 1).min(size - 1), value - low)
        };
        let (left, right, across) = split(x, width);
        let (top, bottom, down) = split(y, height);
        let value = |x: u32, y: u32| f64::from(self.map.as_image().get_pixel(x, y).0[0]);
        let line = |y: u32| value(left, y) * (1.0 - across) + value(right, y) * across;
        Some(line(top) * (1.0 - down) + line(bottom) * down)
    }
}

#[derive(Clone, Copy)]
struct Width {
    place: Point,
    pixels: f64,
    /// Of the part of the line that it stands for: half the way to either neighbour, in pixels.
    length: f64,
    region: Region,
}

/// Where along a branch a width was taken, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Region {
    /// Away from tips and junctions.
    Clear,
    /// Within half a width of a tip, where the crack grows narrower, unless it ends in its widest place.
    Tip,
    /// Where it is another branch's too.
    Junction,
    /// In a [hook](Branch::hooks).
    Hook,
}

/// From one point to another, of length 1; none where they are one.
fn direction(from: Point, to: Point) -> Option<Point> {
    let length = distance(from, to);
    (length > 0.0).then(|| [(to[0] - from[0]) / length, (to[1] - from[1]) / length])
}
