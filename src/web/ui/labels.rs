//! Where the numbers stand on the photo, and which of them have room. Lengths are CSS pixels.

use super::viewport::Pair;

/// Nearer to the stage's edge a number stands on the other side of its place.
const EDGE_MARGIN: f64 = 40.0;

/// The same for a number with its crack's size.
const LONG_MARGIN: f64 = 200.0;

/// How long such a number is about.
const LONG: f64 = 140.0;

/// How long and how high a number is about.
const SHORT: f64 = 26.0;
const HIGH: f64 = 24.0;

/// From a crack's place to where its number begins, across and down.
const ASIDE: f64 = 4.0;

/// What a number covers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Label {
    /// Whether it stands left of its place, and whether below it: where there is no room on the usual side.
    pub is_left: bool,
    /// See [`Self::is_left`].
    pub is_below: bool,
    corner: Pair,
    size: Pair,
}

impl Label {
    /// A number at a place on a stage, with its crack's size where it is `is_long`; none where the place is not on the stage.
    pub fn at(place: Pair, stage: Pair, is_long: bool) -> Option<Self> {
        let is_on_stage = |place: f64, stage: f64| (0.0..=stage).contains(&place);
        if !is_on_stage(place.0, stage.0) || !is_on_stage(place.1, stage.1) {
            return None;
        }
        let (margin, length) = if is_long {
            (LONG_MARGIN, LONG)
        } else {
            (EDGE_MARGIN, SHORT)
        };
        let is_left = place.0 > stage.0 - margin.min(stage.0 / 2.0);
        let is_below = place.1 < EDGE_MARGIN;
        let left = if is_left { -ASIDE - length } else { ASIDE };
        let top = if is_below { ASIDE } else { -ASIDE - HIGH };
        Some(Self {
            is_left,
            is_below,
            corner: (place.0 + left, place.1 + top),
            size: (length, HIGH),
        })
    }

    /// How far a point is from it; 0 on it.
    pub fn distance(&self, point: Pair) -> f64 {
        let aside = |point: f64, begin: f64, length: f64| {
            (begin - point).max(point - begin - length).max(0.0)
        };
        let across = aside(point.0, self.corner.0, self.size.0);
        across.hypot(aside(point.1, self.corner.1, self.size.1))
    }

    fn covers(&self, other: &Self) -> bool {
        let meet = |a: f64, length: f64, b: f64, other: f64| a < b + other && b < a + length;
        meet(self.corner.0, self.size.0, other.corner.0, other.size.0)
            && meet(self.corner.1, self.size.1, other.corner.1, other.size.1)
    }
}

/// Those that can be read, each at its index: what would cover a more important one is not there. The most important come
/// first, but for the one at `chosen`, which is before all.
pub fn readable(labels: &[Option<Label>], chosen: Option<usize>) -> Vec<Option<Label>> {
    let mut by_importance: Vec<_> = labels.iter().copied().enumerate().collect();
    by_importance.sort_by_key(|(index, _)| chosen != Some(*index));
    let mut readable: Vec<Option<Label>> = vec![None; labels.len()];
    for (index, label) in by_importance {
        let has_room = |label: &Label| !readable.iter().flatten().any(|other| label.covers(other));
        readable[index] = label.filter(has_room);
    }
    readable
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test panics")]
mod tests {
    use super::*;

    const STAGE: Pair = (600.0, 400.0);

    fn at(x: f64, y: f64) -> Label {
        Label::at((x, y), STAGE, false).unwrap()
    }

    #[test]
    fn a_number_stays_on_the_stage() {
        for (x, y) in [(0.0, 0.0), (600.0, 0.0), (0.0, 400.0), (600.0, 400.0)] {
            for is_long in [false, true] {
                let label = Label::at((x, y), STAGE, is_long).unwrap();
                let (right, bottom) =
                    (label.corner.0 + label.size.0, label.corner.1 + label.size.1);
                assert!(label.corner.0 >= 0.0 && right <= STAGE.0, "{label:?}");
                assert!(label.corner.1 >= 0.0 && bottom <= STAGE.1, "{label:?}");
            }
        }
    }

    #[test]
    fn a_press_is_on_a_number_or_beside_it() {
        let label = at(300.0, 200.0);
        assert_eq!(label.distance((315.0, 185.0)), 0.0);
        assert_eq!(label.distance((300.0, 185.0)), 4.0);
        assert_eq!(label.distance((301.0, 200.0)), 5.0);
        let long = Label::at((300.0, 200.0), STAGE, true).unwrap();
        assert_eq!(long.distance((420.0, 185.0)), 0.0);
    }

    #[test]
    fn what_would_cover_a_more_important_number_is_not_there() {
        let are_readable = |labels: &[Label], chosen| {
            let labels: Vec<_> = labels.iter().copied().map(Some).collect();
            let readable = readable(&labels, chosen);
            readable.iter().map(Option::is_some).collect::<Vec<_>>()
        };
        let near = [at(300.0, 200.0), at(310.0, 210.0), at(330.0, 210.0)];
        // The second covers both, and is not there to be covered by the third.
        assert_eq!(are_readable(&near, None), [true, false, true]);
        assert_eq!(are_readable(&near, Some(1)), [false, true, false]);
        let apart = [at(300.0, 200.0), at(326.0, 200.0), at(300.0, 224.0)];
        assert_eq!(are_readable(&apart, None), [true, true, true]);
        // What is not on the stage covers nothing that is.
        assert_eq!(Label::at((620.0, 200.0), STAGE, false), None);
        let aside = readable(&[None, Some(at(599.0, 200.0))], None);
        assert!(aside[0].is_none() && aside[1].is_some());
    }
}
