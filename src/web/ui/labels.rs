//! Where the numbers of cracks stand in a picture, each beside its crack's place, and which of them have room. Lengths are
//! CSS pixels.

use super::viewport::Pair;

/// From a crack's place to where its number begins, across and down.
const ASIDE: f64 = 4.0;

/// Half of the ring around a place, with its outline.
pub const RING: f64 = 7.0;

/// A number that wants to stand in a picture.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Its crack's place.
    pub place: Pair,
    /// How long and how high it is.
    pub size: Pair,
}

/// What numbers stand in.
#[derive(Clone, Copy, Debug)]
pub struct Picture {
    /// How wide and how high it is.
    pub size: Pair,
    /// How far something else covers it, from its left upper corner on.
    pub covered: Pair,
}

/// What a number covers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Label {
    /// Whether it stands left of its place, and whether below it; it usually stands right of it and above.
    pub is_left: bool,
    /// See [`Self::is_left`].
    pub is_below: bool,
    corner: Pair,
    size: Pair,
}

impl Label {
    /// On each side of a place, the usual one first.
    fn around(wanted: Wanted) -> [Self; 4] {
        [(false, false), (true, false), (false, true), (true, true)].map(|(is_left, is_below)| {
            let Wanted { place, size } = wanted;
            let left = if is_left { -ASIDE - size.0 } else { ASIDE };
            let top = if is_below { ASIDE } else { -ASIDE - size.1 };
            Self {
                is_left,
                is_below,
                corner: (place.0 + left, place.1 + top),
                size,
            }
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

    /// How far it reaches out of a picture; 0 within it.
    fn overhang(&self, picture: Picture) -> f64 {
        let out =
            |begin: f64, length: f64, picture: f64| (-begin).max(begin + length - picture).max(0.0);
        let across = out(self.corner.0, self.size.0, picture.size.0);
        across.max(out(self.corner.1, self.size.1, picture.size.1))
    }

    fn is_covered(&self, picture: Picture) -> bool {
        self.corner.0 < picture.covered.0 && self.corner.1 < picture.covered.1
    }

    fn covers(&self, other: &Self) -> bool {
        let meet = |a: f64, length: f64, b: f64, other: f64| a < b + other && b < a + length;
        meet(self.corner.0, self.size.0, other.corner.0, other.size.0)
            && meet(self.corner.1, self.size.1, other.corner.1, other.size.1)
    }
}

/// Those that can be read, each at its index. The most important come first, but for the one at `chosen`, which is before all.
/// Each takes a side of its place where it stays in the picture, is not covered and covers no more important number, and lies on no
/// other place if that can be had; where there is no such side it is not there, nor where its place is not in the picture.
pub fn lay_out(
    wanted: &[Option<Wanted>],
    picture: Picture,
    chosen: Option<usize>,
) -> Vec<Option<Label>> {
    let is_inside = |place: Pair| {
        (0.0..=picture.size.0).contains(&place.0) && (0.0..=picture.size.1).contains(&place.1)
    };
    let mut by_importance: Vec<(usize, Wanted)> = wanted
        .iter()
        .enumerate()
        .filter_map(|(index, wanted)| Some((index, wanted.filter(|it| is_inside(it.place))?)))
        .collect();
    by_importance.sort_by_key(|(index, _)| chosen != Some(*index));
    let mut labels: Vec<Option<Label>> = vec![None; wanted.len()];
    for (index, number) in &by_importance {
        // With its crack's size a number may be longer than there is room.
        let may_be_cut = chosen == Some(*index);
        let has_room = |label: &Label| {
            let is_whole = label.overhang(picture) == 0.0 && !label.is_covered(picture);
            (is_whole || may_be_cut) && !labels.iter().flatten().any(|other| label.covers(other))
        };
        let fault = |label: &Label| {
            let others = by_importance.iter().filter(|(other, _)| other != index);
            let covered = others.filter(|(_, other)| label.distance(other.place) < RING);
            let is_covered = usize::from(label.is_covered(picture));
            (label.overhang(picture), is_covered, covered.count())
        };
        let sides = Label::around(*number).into_iter().filter(has_room);
        labels[*index] = sides
            .map(|label| (fault(&label), label))
            .min_by(|(a, _), (b, _)| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))))
            .map(|(_, label)| label);
    }
    labels
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test panics")]
mod tests {
    use super::*;

    const PICTURE: Picture = Picture {
        size: (600.0, 400.0),
        covered: (0.0, 0.0),
    };
    const SIZE: Pair = (26.0, 24.0);

    fn lay_out_at(places: &[Pair], chosen: Option<usize>) -> Vec<Option<Label>> {
        let wanted: Vec<_> = places
            .iter()
            .map(|&place| Some(Wanted { place, size: SIZE }))
            .collect();
        lay_out(&wanted, PICTURE, chosen)
    }

    /// The side, left and below, of each that is there.
    fn sides(places: &[Pair], chosen: Option<usize>) -> Vec<Option<(bool, bool)>> {
        let labels = lay_out_at(places, chosen).into_iter();
        labels
            .map(|label| label.map(|label| (label.is_left, label.is_below)))
            .collect()
    }

    #[test]
    fn a_number_stays_in_the_picture() {
        let corners = [(0.0, 0.0), (600.0, 0.0), (0.0, 400.0), (600.0, 400.0)];
        for (place, is_left, is_below) in [
            (corners[0], false, true),
            (corners[1], true, true),
            (corners[2], false, false),
            (corners[3], true, false),
        ] {
            for size in [SIZE, (140.0, 24.0)] {
                let label = lay_out(&[Some(Wanted { place, size })], PICTURE, None)[0].unwrap();
                assert_eq!(label.overhang(PICTURE), 0.0, "{label:?}");
                assert_eq!((label.is_left, label.is_below), (is_left, is_below));
            }
        }
        // Where the chosen one can't, it reaches out as little as can be.
        let (place, size) = ((400.0, 200.0), (580.0, 24.0));
        let long = [Some(Wanted { place, size })];
        assert!(lay_out(&long, PICTURE, Some(0))[0].unwrap().is_left);
        assert_eq!(lay_out(&long, PICTURE, None), [None]);
    }

    #[test]
    fn a_press_is_on_a_number_or_beside_it() {
        let label = lay_out_at(&[(300.0, 200.0)], None)[0].unwrap();
        assert_eq!(label.distance((315.0, 185.0)), 0.0);
        assert_eq!(label.distance((300.0, 185.0)), 4.0);
        assert_eq!(label.distance((301.0, 200.0)), 5.0);
    }

    #[test]
    fn numbers_near_each_other_stand_on_other_sides() {
        let near = [(300.0, 200.0), (306.0, 196.0)];
        assert_eq!(
            sides(&near, None),
            [Some((true, false)), Some((false, false))]
        );
        let labels = lay_out_at(&near, None);
        assert!(!labels[0].unwrap().covers(&labels[1].unwrap()));
        for (label, other) in labels.iter().flatten().zip([near[1], near[0]]) {
            assert!(label.distance(other) >= RING, "{label:?}");
        }
    }

    #[test]
    fn a_number_stands_beside_what_covers_the_picture() {
        let picture = Picture {
            covered: (200.0, 50.0),
            ..PICTURE
        };
        let side = |place| {
            let wanted = [Some(Wanted { place, size: SIZE })];
            lay_out(&wanted, picture, None)[0].map(|label| (label.is_left, label.is_below))
        };
        assert_eq!(side((100.0, 60.0)), Some((false, true)));
        assert_eq!(side((198.0, 40.0)), Some((false, false)));
        // Below it altogether.
        assert_eq!(side((100.0, 90.0)), Some((false, false)));
        // There is no side beside it.
        assert_eq!(side((60.0, 10.0)), None);
    }

    #[test]
    fn what_would_cover_a_more_important_number_is_not_there() {
        // All at one place: one a side.
        let crowd = [(300.0, 200.0); 6];
        let first = [
            Some((false, false)),
            Some((true, false)),
            Some((false, true)),
            Some((true, true)),
            None,
            None,
        ];
        assert_eq!(sides(&crowd, None), first);
        let labels = sides(&crowd, Some(5));
        assert_eq!((labels[5], labels[3]), (Some((false, false)), None));
        // At an edge there are fewer sides.
        let at_edge = [(15.0, 200.0); 3];
        assert_eq!(
            sides(&at_edge, None),
            [Some((false, false)), Some((false, true)), None]
        );
        // What is not in the picture covers nothing that is.
        assert_eq!(
            sides(&[(620.0, 200.0), (599.0, 200.0)], None),
            [None, Some((true, false))]
        );
    }
}
