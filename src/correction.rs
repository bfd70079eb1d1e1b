//! What a person corrects of a result: a mark that is no crack is taken out of the probability map, and can be put back.
//!
//! All that is made of a map (mask, figures, pictures) is then right without knowing of it.

use std::collections::VecDeque;

use crate::connected::{around, component};
use crate::mask::{ProbabilityMap, cutoff};

/// The largest probability, of 255, that is left around a mark: no threshold of the page's slider (0.01 or more) marks it.
const FAINTEST: u8 = 2;

/// How far a rim goes on at one value, in pixels: it fades out in steps, being of 8 bits, but what stays the same for long is the
/// photo's background.
const LONGEST_STEP: u8 = 8;

/// Marks that were taken out of a map: places in [`ProbabilityMap::values`], and what was there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// How many.
    pub marks: u32,
    places: Vec<u32>,
    values: Vec<u8>,
}

impl Removed {
    fn add(&mut self, other: Self) {
        self.marks += other.marks;
        self.places.extend(other.places);
        self.values.extend(other.values);
    }

    /// Several as the bytes that [`read_all`](Self::read_all) takes: of each the number of its marks and of its pixels, its places
    /// (all in 32 bits, the lowest byte first) and its values.
    pub fn write_all(all: &[Self]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for removed in all {
            let head = [removed.marks, removed.places.len() as u32];
            let numbers = head.iter().chain(&removed.places);
            bytes.extend(numbers.flat_map(|number| number.to_le_bytes()));
            bytes.extend(&removed.values);
        }
        bytes
    }

    /// What [`write_all`](Self::write_all) wrote; none of other bytes.
    pub fn read_all(mut bytes: &[u8]) -> Option<Vec<Self>> {
        let mut all = Vec::new();
        while !bytes.is_empty() {
            let (marks, rest) = bytes.split_first_chunk()?;
            let (count, rest) = rest.split_first_chunk()?;
            let count = u32::from_le_bytes(*count) as usize;
            let (places, rest) = rest.split_at_checked(count.checked_mul(4)?)?;
            let (values, rest) = rest.split_at_checked(count)?;
            all.push(Self {
                marks: u32::from_le_bytes(*marks),
                places: places
                    .as_chunks()
                    .0
                    .iter()
                    .copied()
                    .map(u32::from_le_bytes)
                    .collect(),
                values: values.to_vec(),
            });
            bytes = rest;
        }
        Some(all)
    }

    /// The first pixel of the mark, row by row: from the left and from the top, in a map of a width; none where several were taken out.
    pub fn start(&self, width: u32) -> Option<[u32; 2]> {
        let place = self.places.first().filter(|_| self.marks == 1)?;
        Some([place.checked_rem(width)?, place.checked_div(width)?])
    }
}

impl ProbabilityMap {
    /// Takes out the mark that hangs together at `threshold` (0 to 1) with the pixel `start` (from the left and from the
    /// top), also by its corners, and what fades out around it, so that a lower threshold does not bring back its rim; but not
    /// the rim of another mark. Where there is no mark nothing is taken out.
    pub fn remove_mark(&mut self, start: [u32; 2], threshold: f32) -> Removed {
        let cutoff = cutoff(threshold);
        let (width, height) = (self.width(), self.height());
        let place = |(x, y): (u32, u32)| {
            (x < width && y < height).then(|| y as usize * width as usize + x as usize)
        };
        let values = self.values_mut();
        let mut removed = Removed {
            marks: 1,
            ..Removed::default()
        };
        let mut take = |values: &mut [u8], place: usize| {
            let value = std::mem::take(&mut values[place]);
            removed.places.push(place as u32);
            removed.values.push(value);
            value
        };
        let mark = component(start.into(), |pixel| {
            let marked = place(pixel).filter(|&place| values[place] > cutoff);
            marked.map(|place| take(values, place)).is_some()
        });
        let Some(first) = mark.iter().min_by_key(|&&(x, y)| (y, x)).copied() else {
            return Removed::default();
        };
        // From there only downhill. What is still marked is another mark's.
        let mut rim: VecDeque<_> = mark.into_iter().map(|pixel| (pixel, u8::MAX, 0)).collect();
        while let Some((pixel, least, step)) = rim.pop_front() {
            for neighbour in around(pixel) {
                let is_of_other = |values: &[u8]| {
                    let mut places = around(neighbour).into_iter().filter_map(place);
                    places.any(|place| values[place] > cutoff)
                };
                if let Some(place) = place(neighbour)
                    && (FAINTEST + 1..=least).contains(&values[place])
                    && (values[place] < least || step < LONGEST_STEP)
                    && values[place] <= cutoff
                    && !is_of_other(values)
                {
                    let value = take(values, place);
                    let step = if value < least { 0 } else { step + 1 };
                    rim.push_back((neighbour, value, step));
                }
            }
        }
        let first = place(first).unwrap_or_default() as u32;
        if let Some(at) = removed.places.iter().position(|&place| place == first) {
            removed.places.swap(0, at);
            removed.values.swap(0, at);
        }
        removed
    }

    /// Takes out all that is marked at `threshold` (0 to 1), each mark as [`remove_mark`](Self::remove_mark) does.
    pub fn remove_marks(&mut self, threshold: f32) -> Removed {
        self.remove_marks_but(&[], threshold)
    }

    /// The same, but for the marks whose first pixels, row by row, are `kept`.
    pub fn remove_marks_but(&mut self, kept: &[[u32; 2]], threshold: f32) -> Removed {
        let (cutoff, width) = (cutoff(threshold), self.width());
        let (mut all, mut to_put_back) = (Removed::default(), Vec::new());
        let mut seen = 0;
        while let Some(next) = self.values()[seen..]
            .iter()
            .position(|&value| value > cutoff)
        {
            seen += next;
            let start = [seen as u32 % width, seen as u32 / width];
            let mark = self.remove_mark(start, threshold);
            if kept.contains(&start) {
                to_put_back.push(mark);
            } else {
                all.add(mark);
            }
        }
        for mark in &to_put_back {
            self.put_back(mark);
        }
        all
    }

    /// The marked pixel that is nearest to a place (from the left and from the top), no farther than `reach` pixels, as the first
    /// pixel of its mark, row by row.
    pub fn mark_at(&self, place: [f64; 2], reach: f64, threshold: f32) -> Option<[u32; 2]> {
        let (cutoff, image) = (cutoff(threshold), self.as_image());
        let is_marked = |(x, y)| {
            image
                .get_pixel_checked(x, y)
                .is_some_and(|it| it.0[0] > cutoff)
        };
        let reached = |middle: f64, size: u32| {
            let last = f64::from(size.max(1) - 1);
            let [from, to] = [middle - reach, middle + reach].map(|end| end.clamp(0.0, last));
            from as u32..=to as u32
        };
        let away = |&(x, y): &(u32, u32)| (f64::from(x) - place[0]).hypot(f64::from(y) - place[1]);
        let nearest = reached(place[1], self.height())
            .flat_map(|y| reached(place[0], self.width()).map(move |x| (x, y)))
            .filter(|pixel| is_marked(*pixel) && away(pixel) <= reach)
            .min_by(|one, other| away(one).total_cmp(&away(other)))?;
        // A bit a pixel: the page has hardly room for a copy of a large map.
        let mut seen = vec![0_u8; image.as_raw().len() / 8 + 1];
        let mark = component(nearest, |pixel| {
            if !is_marked(pixel) {
                return false;
            }
            let place = pixel.1 as usize * self.width() as usize + pixel.0 as usize;
            let (byte, bit) = (place / 8, 1 << (place % 8));
            let is_new = seen[byte] & bit == 0;
            seen[byte] |= bit;
            is_new
        });
        let first = mark.into_iter().min_by_key(|&(x, y)| (y, x));
        first.map(<[u32; 2]>::from)
    }

    /// Puts back what was taken out of this map.
    pub fn put_back(&mut self, removed: &Removed) {
        let values = self.values_mut();
        for (&place, &value) in removed.places.iter().zip(&removed.values) {
            if let Some(there) = values.get_mut(place as usize) {
                *there = value;
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test panics")]
mod tests {
    use ::image::imageops;

    use super::*;
    use crate::measure::measure;
    use crate::synthetic::{SceneSpec, generate};

    const THRESHOLD: f32 = 0.4;

    fn map(rows: &[&[u8]]) -> ProbabilityMap {
        let (width, height) = (rows[0].len() as u32, rows.len() as u32);
        ProbabilityMap::new(width, height, rows.concat()).unwrap()
    }

    #[test]
    fn what_was_taken_out_is_kept_as_bytes() {
        let mut left = map(&[&[0, 200, 0, 0], &[0, 0, 0, 255]]);
        let all = [left.remove_mark([1, 0], THRESHOLD), Removed::default()];
        let mut bytes = Removed::write_all(&all);
        assert_eq!(Removed::read_all(&bytes).unwrap(), all);
        assert_eq!(Removed::read_all(&[]).unwrap(), []);
        bytes.pop();
        assert_eq!(Removed::read_all(&bytes), None);
    }

    #[test]
    fn a_mark_goes_with_its_rim_and_no_other_does() {
        // Two marks between which the probability does not fall to nothing; one pixel that hangs on by its corner.
        let whole = map(&[
            &[2, 60, 200, 60, 30, 90, 180, 90],
            &[1, 60, 220, 60, 30, 90, 255, 90],
            &[0, 40, 40, 210, 30, 90, 170, 90],
        ]);
        let mut left = whole.clone();
        let removed = left.remove_mark([2, 1], THRESHOLD);
        let expected = map(&[
            &[2, 0, 0, 0, 0, 90, 180, 90],
            &[1, 0, 0, 0, 0, 90, 255, 90],
            &[0, 0, 0, 0, 0, 90, 170, 90],
        ]);
        assert_eq!(left, expected);
        assert_eq!(removed.start(whole.width()), Some([2, 0]));
        assert_eq!(left.remove_mark([2, 1], THRESHOLD), Removed::default());
        left.put_back(&removed);
        assert_eq!(left, whole);
    }

    #[test]
    fn what_two_marks_share_stays_with_the_one_that_stays() {
        let whole = map(&[&[0, 90, 200, 90, 150, 200, 90]]);
        let mut left = whole.clone();
        left.remove_mark([2, 0], THRESHOLD);
        assert_eq!(left, map(&[&[0, 0, 0, 90, 150, 200, 90]]));
    }

    #[test]
    fn a_mark_is_found_near_a_place() {
        let map = map(&[
            &[0, 0, 200, 0, 0, 0],
            &[0, 200, 0, 0, 0, 190],
            &[200, 0, 0, 0, 0, 190],
        ]);
        assert_eq!(map.mark_at([0.0, 2.0], 0.0, THRESHOLD), Some([2, 0]));
        assert_eq!(map.mark_at([3.6, 1.4], 2.0, THRESHOLD), Some([5, 1]));
        assert_eq!(map.mark_at([3.0, 2.0], 1.0, THRESHOLD), None);
        assert_eq!(map.mark_at([-7.0, 90.0], 3.0, THRESHOLD), None);
        assert_eq!(
            ProbabilityMap::default().mark_at([0.0, 0.0], 5.0, THRESHOLD),
            None
        );
    }

    #[test]
    fn marks_can_be_kept() {
        let whole = map(&[
            &[0, 0, 200, 90, 0, 0],
            &[0, 200, 0, 90, 0, 190],
            &[200, 0, 0, 90, 150, 0],
        ]);
        let mut left = whole.clone();
        let removed = left.remove_marks_but(&[[2, 0]], THRESHOLD);
        assert_eq!(removed.marks, 1);
        let expected = map(&[
            &[0, 0, 200, 90, 0, 0],
            &[0, 200, 0, 90, 0, 0],
            &[200, 0, 0, 90, 0, 0],
        ]);
        assert_eq!(left.mask(THRESHOLD), expected.mask(THRESHOLD));
        left.put_back(&removed);
        assert_eq!(left, whole);
    }

    #[test]
    fn what_rises_again_stays() {
        let mut left = map(&[&[200, 60, 30, 60, 90, 180]]);
        left.remove_mark([0, 0], THRESHOLD);
        assert_eq!(left, map(&[&[0, 0, 0, 60, 90, 180]]));
    }

    #[test]
    fn a_background_that_is_not_quite_nothing_stays() {
        let background = [5; 30];
        let row = [&background[..], &[60, 200, 60], &background].concat();
        let mut left = map(&[&row]);
        left.remove_mark([31, 0], THRESHOLD);
        // The mark, its rim, and of the background one pixel that is lower and as many as a step has.
        let stays = [5; 30 - 1 - LONGEST_STEP as usize];
        let gone = [0; 2 * (1 + LONGEST_STEP as usize) + 3];
        assert_eq!(left, map(&[&[&stays[..], &gone, &stays].concat()]));
    }

    #[test]
    fn at_the_least_threshold_the_faintest_go_too() {
        let mut left = map(&[&[1, 2, 0, 1]]);
        assert_eq!(left.remove_mark([0, 0], 0.0).marks, 1);
        assert_eq!(left, map(&[&[0, 0, 0, 1]]));
    }

    #[test]
    fn all_marks_go_at_once_and_come_back() {
        let whole = map(&[&[0, 90, 200, 30, 150, 200, 90, 0, 110]]);
        let mut left = whole.clone();
        let removed = left.remove_marks(THRESHOLD);
        assert_eq!(removed.marks, 3);
        assert_eq!(removed.start(whole.width()), None);
        assert_eq!(left.crack_share(THRESHOLD), 0.0);
        left.put_back(&removed);
        assert_eq!(left, whole);
        assert_eq!(
            ProbabilityMap::default().remove_marks(THRESHOLD),
            Removed::default()
        );
    }

    #[test]
    fn where_there_is_no_mark_nothing_goes() {
        let whole = map(&[&[0, 60, 200]]);
        for start in [[0, 0], [1, 0], [3, 0], [0, 1], [u32::MAX, u32::MAX]] {
            let mut left = whole.clone();
            assert_eq!(left.remove_mark(start, THRESHOLD), Removed::default());
            assert_eq!(left, whole);
        }
        let mut empty = ProbabilityMap::default();
        assert_eq!(empty.remove_mark([0, 0], THRESHOLD), Removed::default());
    }

    #[test]
    fn a_measured_crack_can_be_taken_out_and_the_others_stay() {
        // Thin cracks are faint once they are blurred.
        const FAINT: f32 = 0.2;
        let scene = generate(&SceneSpec::varied(320, 240, 15));
        let blurred = imageops::blur(scene.truth.as_image(), 1.0);
        let whole = ProbabilityMap::new(320, 240, blurred.into_raw()).unwrap();
        let cracks = measure(&whole, FAINT).cracks;
        assert!(cracks.len() > 1);
        for (index, crack) in cracks.iter().enumerate() {
            let mut left = whole.clone();
            let removed = left.remove_mark(crack.start, FAINT);
            let rim = removed.values.len() as u32 - crack.area;
            assert!(rim > crack.area / 4, "{rim} around {}", crack.area);
            let mut others = cracks.clone();
            others.remove(index);
            let measured = measure(&left, FAINT).cracks;
            assert_eq!(measured.len(), others.len());
            for (measured, other) in measured.iter().zip(&others) {
                assert_eq!((measured.start, measured.area), (other.start, other.area));
                // Between pixels, where they meet what is gone.
                assert!((measured.length - other.length).abs() < 0.1);
                assert!((measured.mean_width - other.mean_width).abs() < 0.1);
            }
            left.put_back(&removed);
            assert_eq!(left, whole);
        }
    }
}
