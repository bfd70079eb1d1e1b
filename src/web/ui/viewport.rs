//! Zoom and pan: which part of the photo stands where on the stage.
//!
//! Lengths on the stage are CSS pixels, lengths in the photo are the photo's own pixels.

/// A width and height, or a point.
pub type Pair = (f64, f64);

/// The most CSS pixels that a photo pixel is enlarged to.
const MAX_SCALE: f64 = 32.0;

/// CSS pixels of a photo pixel when a small part is shown: what is around it stays in sight.
const CLOSE: f64 = 4.0;

/// The stage's upper part that tools lie over, in CSS pixels.
const TOOLS: f64 = 72.0;

/// Where the person looks. Absent = the whole photo, fitted to the stage, whatever the stage's size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewpoint {
    /// CSS pixels a photo pixel.
    pub scale: f64,
    /// The photo's point in the middle of the stage.
    pub centre: Pair,
}

/// The stage and the photo on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Size of the stage.
    pub stage: Pair,
    /// Size of the photo.
    pub photo: Pair,
}

impl Frame {
    /// The view in which the whole photo is just seen.
    pub fn fit(&self) -> Viewpoint {
        let scale = (self.stage.0 / self.photo.0).min(self.stage.1 / self.photo.1);
        Viewpoint {
            scale: scale.max(f64::MIN_POSITIVE),
            centre: (self.photo.0 / 2.0, self.photo.1 / 2.0),
        }
    }

    /// The view of a part of the photo with as much around it; a small part is not enlarged beyond [`CLOSE`].
    pub fn around(&self, corner: Pair, size: Pair) -> Viewpoint {
        let fit = self.fit().scale;
        let scale = (self.stage.0 / size.0).min(self.stage.1 / size.1) / 2.0;
        self.bounded(Viewpoint {
            scale: scale.clamp(fit, fit.max(CLOSE)),
            centre: (corner.0 + size.0 / 2.0, corner.1 + size.1 / 2.0),
        })
    }

    /// Where the photo's top left corner stands on the stage.
    pub fn origin(&self, at: Viewpoint) -> Pair {
        (
            self.stage.0 / 2.0 - at.centre.0 * at.scale,
            self.stage.1 / 2.0 - at.centre.1 * at.scale,
        )
    }

    /// Zooms about a point of the stage, which keeps showing the same point of the photo.
    pub fn zoom(&self, from: Viewpoint, factor: f64, about: Pair) -> Viewpoint {
        let fit = self.fit().scale;
        let scale = (from.scale * factor).clamp(fit.min(1.0), fit.max(MAX_SCALE));
        let keep = |centre: f64, about: f64, stage: f64| {
            let offset = about - stage / 2.0;
            centre + offset / from.scale - offset / scale
        };
        self.bounded(Viewpoint {
            scale,
            centre: (
                keep(from.centre.0, about.0, self.stage.0),
                keep(from.centre.1, about.1, self.stage.1),
            ),
        })
    }

    /// Moves the photo by so many CSS pixels.
    pub fn pan(&self, from: Viewpoint, by: Pair) -> Viewpoint {
        let centre = (
            from.centre.0 - by.0 / from.scale,
            from.centre.1 - by.1 / from.scale,
        );
        self.bounded(Viewpoint { centre, ..from })
    }

    /// Keeps the photo on the stage: no gap where the photo is larger (but below the tools, which would hide its top),
    /// centred where it is smaller.
    pub fn bounded(&self, at: Viewpoint) -> Viewpoint {
        let fit = self.fit();
        let least = fit.scale.min(1.0);
        // The stage has grown, perhaps.
        if at.scale <= least {
            return Viewpoint {
                scale: least,
                ..fit
            };
        }
        let bound = |centre: f64, photo: f64, stage: f64, before: f64| {
            let half = stage / at.scale / 2.0;
            if half * 2.0 >= photo {
                photo / 2.0
            } else {
                centre.clamp(half - before / at.scale, photo - half)
            }
        };
        let centre = (
            bound(at.centre.0, self.photo.0, self.stage.0, 0.0),
            bound(at.centre.1, self.photo.1, self.stage.1, TOOLS),
        );
        Viewpoint { centre, ..at }
    }
}

impl Frame {
    /// Where a point of the photo stands on the stage.
    pub fn to_stage(self, at: Viewpoint, point: Pair) -> Pair {
        let origin = self.origin(at);
        (origin.0 + point.0 * at.scale, origin.1 + point.1 * at.scale)
    }

    /// The point of the photo that is nearest to a place on the stage.
    pub fn to_photo(self, at: Viewpoint, place: Pair) -> Pair {
        let origin = self.origin(at);
        (
            ((place.0 - origin.0) / at.scale).clamp(0.0, self.photo.0),
            ((place.1 - origin.1) / at.scale).clamp(0.0, self.photo.1),
        )
    }

    /// A level line through the middle half of what is seen of the photo.
    pub fn middle_line(&self, at: Viewpoint) -> [Pair; 2] {
        let half = (self.stage.0 / at.scale).min(self.photo.0) / 4.0;
        [-half, half].map(|aside| (at.centre.0 + aside, at.centre.1))
    }
}

/// How far two points are apart.
pub fn distance(a: Pair, b: Pair) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_of_the_photo_are_found_on_the_stage() {
        let fit = FRAME.fit();
        let line = FRAME.middle_line(fit);
        assert_eq!(line, [(200.0, 200.0), (600.0, 200.0)]);
        assert_eq!(FRAME.to_stage(fit, line[0]), (100.0, 150.0));
        assert_eq!(FRAME.to_photo(fit, (100.0, 150.0)), line[0]);
        assert_eq!(FRAME.to_photo(fit, (-1e6, 1e6)), (0.0, 400.0));
        assert_eq!(distance(line[0], line[1]), 400.0);
    }

    const FRAME: Frame = Frame {
        stage: (400.0, 300.0),
        photo: (800.0, 400.0),
    };

    #[test]
    fn fit_shows_the_whole_photo_centred() {
        let fit = FRAME.fit();
        assert_eq!(fit.scale, 0.5);
        assert_eq!(FRAME.origin(fit), (0.0, 50.0));
    }

    #[test]
    fn zoom_keeps_the_point_under_the_pointer() {
        let about = (100.0, 150.0);
        let before = FRAME.fit();
        let after = FRAME.zoom(before, 4.0, about);
        let photo_x = |at: Viewpoint| (about.0 - FRAME.origin(at).0) / at.scale;
        assert!((photo_x(before) - photo_x(after)).abs() < 1e-9);
    }

    #[test]
    fn zoom_stops_at_the_fit_and_at_the_largest_scale() {
        assert_eq!(FRAME.zoom(FRAME.fit(), 0.1, (0.0, 0.0)), FRAME.fit());
        assert_eq!(FRAME.zoom(FRAME.fit(), 1e6, (0.0, 0.0)).scale, MAX_SCALE);
    }

    #[test]
    fn on_a_stage_that_grew_a_photo_is_no_smaller_than_fitted() {
        let near = FRAME.zoom(FRAME.fit(), 1.2, (200.0, 150.0));
        let larger = Frame {
            stage: (800.0, 600.0),
            ..FRAME
        };
        assert_eq!(larger.bounded(near), larger.fit());
    }

    #[test]
    fn a_part_is_shown_with_as_much_around_it() {
        let part = FRAME.around((300.0, 100.0), (100.0, 50.0));
        assert_eq!((part.scale, part.centre), (2.0, (350.0, 125.0)));
        let speck = FRAME.around((0.0, 0.0), (2.0, 2.0));
        assert_eq!(speck.scale, CLOSE);
        assert_eq!(FRAME.origin(speck), (0.0, TOOLS));
        assert_eq!(FRAME.around((0.0, 0.0), FRAME.photo), FRAME.fit());
    }

    #[test]
    fn pan_leaves_no_gap_but_below_the_tools() {
        let near = FRAME.zoom(FRAME.fit(), 4.0, (200.0, 150.0));
        let corner = FRAME.pan(near, (1e6, 1e6));
        assert_eq!(FRAME.origin(corner), (0.0, TOOLS));
        assert_eq!(FRAME.pan(FRAME.fit(), (50.0, 50.0)), FRAME.fit());
    }
}
