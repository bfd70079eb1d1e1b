//! Cracks of one photograph on the surface of another: copy-paste (Ghiasi et al. 2021), by light instead of by pixels.

use super::picture::Picture;

/// Deviation in pixels of the blur that tells a surface from what is on it.
const SURFACE: f32 = 8.0;

/// Deviation in pixels of the blur that carries a crack's torn edges along.
const EDGE: f32 = 1.5;

/// The darkest surface that light is measured by.
const DARK: f32 = 0.05;

/// Where less of what is near is surface, the photo's mean stands in.
const LEAST_BESIDE: f32 = 1e-3;

/// How much brighter than its surface a pixel may be, so that no glint comes along.
const BRIGHTEST: f32 = 1.2;

/// Does to the light of a `wall` what the crack `label` does to that of its own surface in a `photo`.
pub(super) fn transplant(photo: &Picture, label: &Picture, wall: &mut Picture) {
    let mut near = label.blurred(EDGE);
    near.change(|near| (3.0 * near).min(1.0));
    // The surface as it would be without the crack, from what lies beside it.
    let mut beside = near.clone();
    beside.change(|near| 1.0 - near);
    let mut surface = photo.clone();
    surface.combine(&beside, |grey, beside| grey * beside);
    let (mut surface, beside) = (surface.blurred(SURFACE), beside.blurred(SURFACE));
    let mean = photo.mean();
    surface.combine(&beside, |grey, beside| {
        (grey + LEAST_BESIDE * mean) / (beside + LEAST_BESIDE)
    });
    let mut light = photo.clone();
    light.combine(&surface, |grey, surface| {
        (grey / surface.max(DARK)).min(BRIGHTEST)
    });
    light.combine(&near, |light, near| 1.0 + near * (light - 1.0));
    wall.combine(&light, |grey, light| (grey * light).clamp(0.0, 1.0));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1 within two pixels of a line down the picture.
    fn line() -> Picture {
        Picture::from_fn(|x, _| if (x - 100.0).abs() <= 2.0 { 1.0 } else { 0.0 })
    }

    fn row(picture: &Picture) -> &[f32] {
        &picture.values()[..super::super::CROP]
    }

    #[test]
    fn a_crack_takes_as_much_light_elsewhere() {
        // Unevenly lit.
        let mut photo = Picture::from_fn(|x, _| 0.3 + 0.002 * x);
        photo.combine(&line(), |grey, line| grey * (1.0 - 0.5 * line));
        let mut wall = Picture::new(0.8);
        transplant(&photo, &line(), &mut wall);
        assert!((row(&wall)[100] - 0.4).abs() < 0.02, "{}", row(&wall)[100]);
        for away in [20, 90, 110, 200] {
            let grey = row(&wall)[away];
            assert!((grey - 0.8).abs() < 1e-3, "{grey} at {away}");
        }
    }

    #[test]
    fn no_crack_changes_nothing() {
        let photo = Picture::from_fn(|x, y| (x * y) % 7.0 / 7.0);
        let mut wall = Picture::new(0.7);
        transplant(&photo, &Picture::new(0.0), &mut wall);
        assert!(wall.values().iter().all(|&grey| grey == 0.7));
    }
}
