//! Cracks of one photograph on the surface of another: copy-paste (Ghiasi et al. 2021), by light instead of by pixels.

use super::picture::Picture;

/// Deviation in pixels of the blur that tells a surface from what is on it.
const SURFACE: f32 = 8.0;

/// Deviation in pixels of the blur that carries a crack's torn edges along.
const EDGE: f32 = 1.5;

/// The darkest surface that light is measured by.
const DARK: f32 = 0.05;

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
        // Where there is nothing beside it, the photo's mean.
        (grey + DARK * mean) / (beside + DARK)
    });
    let mut light = photo.clone();
    light.combine(&surface, |grey, surface| {
        (grey / surface.max(DARK)).min(BRIGHTEST)
    });
    light.combine(&near, |light, near| 1.0 + near * (light - 1.0));
    wall.combine(&light, |grey, light| (grey * light).clamp(0.0, 1.0));
}
