//! What a person corrects of a result: a mark that is no crack is taken out of the probability map, and can be put back.
//!
//! All that is made of a map (mask, figures, pictures) is then right without knowing of it.

use crate::mask::{ProbabilityMap, cutoff};
use crate::skeleton::AROUND;

/// The largest probability, of 255, that is left where it is: no threshold of the page (0.01 or more) marks it.
const FAINTEST: u8 = 2;

/// A mark that was taken out of a map: places in [`ProbabilityMap::values`], and what was there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    values: Vec<(usize, u8)>,
}

impl ProbabilityMap {
    /// Takes out the mark that hangs together at `threshold` (0 to 1) with the pixel `start` (from the left and from the
    /// top), also by its corners, and what fades out around it, so that a lower threshold does not bring back its rim. Where
    /// there is no mark nothing is taken out.
    pub fn remove_mark(&mut self, start: [u32; 2], threshold: f32) -> Removed {
        let cutoff = cutoff(threshold).max(FAINTEST);
        let (width, height) = (self.width(), self.height());
        let values = self.values_mut();
        let mut removed = Removed::default();
        let mut take = |x: u32, y: u32, is_part: &dyn Fn(u8) -> bool| {
            let place = (x < width && y < height).then(|| y as usize * width as usize + x as usize);
            let value = values.get_mut(place?).filter(|value| is_part(**value))?;
            removed.values.push((place?, *value));
            Some(std::mem::take(value))
        };
        let [x, y] = start;
        let first = take(x, y, &|value| value > cutoff);
        let mut edge: Vec<_> = first.map(|value| (x, y, value)).into_iter().collect();
        while let Some((x, y, value)) = edge.pop() {
            // Beyond the mark only downhill, so as not to climb another one.
            let is_part = |next: u8| next > FAINTEST && (value > cutoff || next <= value);
            for (dx, dy) in AROUND {
                let place = x.checked_add_signed(dx).zip(y.checked_add_signed(dy));
                if let Some((x, y)) = place
                    && let Some(next) = take(x, y, &is_part)
                {
                    edge.push((x, y, next));
                }
            }
        }
        removed
    }

    /// Puts back what was taken out of this map.
    pub fn put_back(&mut self, removed: &Removed) {
        let values = self.values_mut();
        for &(place, value) in &removed.values {
            if let Some(there) = values.get_mut(place) {
                *there = value;
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test panics")]
mod tests {
    use super::*;
    use crate::measure::measure;
    use crate::synthetic::{SceneSpec, generate};

    const THRESHOLD: f32 = 0.4;

    fn map(rows: &[&[u8]]) -> ProbabilityMap {
        let (width, height) = (rows[0].len() as u32, rows.len() as u32);
        ProbabilityMap::new(width, height, rows.concat()).unwrap()
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
        assert_eq!(left.remove_mark([2, 1], THRESHOLD), Removed::default());
        left.put_back(&removed);
        assert_eq!(left, whole);
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
        let scene = generate(&SceneSpec::varied(320, 240, 15));
        let whole = scene.truth.to_map();
        let cracks = measure(&whole, THRESHOLD).cracks;
        assert!(cracks.len() > 1);
        for (index, crack) in cracks.iter().enumerate() {
            let mut left = whole.clone();
            let removed = left.remove_mark(crack.start, THRESHOLD);
            assert_eq!(removed.values.len() as u32, crack.area);
            let mut others = cracks.clone();
            others.remove(index);
            assert_eq!(measure(&left, THRESHOLD).cracks, others);
            left.put_back(&removed);
            assert_eq!(left, whole);
        }
    }
}
