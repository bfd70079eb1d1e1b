//! Walls: of no photograph, and what gives a wall another surface.

use std::f32::consts::TAU;

use fastrand::Rng;

use super::picture::{CROP, Picture};
use super::{between, between_factors, chance, normal, sigmoid};

/// A surface of no photograph, so that drawn cracks and distractors are not tied to one concrete.
pub(super) fn plain_wall(rng: &mut Rng) -> Picture {
    let fall = between(rng, 0.3, 1.2);
    let mut wall = Picture::new(0.0);
    for octave in 1..9 {
        let clouds = Picture::clouds(rng, 1 << octave);
        let height = (-fall * octave as f32).exp2();
        wall.combine(&clouds, |wall, cloud| wall + height * cloud);
    }
    let grain = between(rng, 0.0, 0.6);
    wall.change(|value| value + grain * normal(rng));
    let (tone, contrast) = (between(rng, 0.3, 0.8), between(rng, 0.01, 0.1));
    let deviation = wall.deviation().max(1e-6);
    wall.change(|value| (tone + contrast * value / deviation).clamp(0.0, 1.0));
    wall
}

/// Adds grains, as of asphalt, render or washed-out concrete: stones of other tones, and what glitters or is dark between them.
pub(super) fn roughen(rng: &mut Rng, wall: &mut Picture) {
    let coarseness = between_factors(rng, 24.0, 200.0);
    let contrast = between_factors(rng, 0.05, 0.35);
    for factor in [1.0, 0.6, 0.35] {
        let mut grains = Picture::clouds(rng, (coarseness * factor).max(8.0) as u32);
        let tones = Picture::clouds(rng, (coarseness * factor).max(8.0) as u32);
        let (level, steep) = (between(rng, -0.5, 1.5), between_factors(rng, 1.0, 8.0));
        grains.change(|value| sigmoid((value - level) * steep));
        grains.combine(&tones, |grain, tone| grain * tone);
        let (share, lean) = (between(rng, 0.2, 1.0), between(rng, -1.0, 1.0));
        wall.combine(&grains, |grey, grain| {
            grey + contrast * share * (grain + lean * grain.abs())
        });
    }
    let grain = contrast * between(rng, 0.2, 1.0);
    wall.change(|grey| (grey + grain * normal(rng)).clamp(0.0, 1.0));
    if rng.bool() {
        *wall = wall.blurred(between(rng, 0.3, 0.8));
    }
}

/// Gives the wall a relief, as of render, stucco or rough formwork, lit from aside: what faces the light is a little brighter, what
/// turns away from it much darker, so that there are short dark lines without a crack.
pub(super) fn render(rng: &mut Rng, wall: &mut Picture) {
    let cells = between_factors(rng, 10.0, 120.0);
    let mut height = Picture::clouds(rng, cells as u32);
    let finer = Picture::clouds(rng, (2.2 * cells) as u32);
    let share = between(rng, 0.1, 0.6);
    height.combine(&finer, |height, finer| height + share * finer);
    if rng.bool() {
        // Patches with a flat top, as a trowel leaves them.
        let (level, steep) = (between(rng, -0.8, 0.8), between_factors(rng, 2.0, 12.0));
        height.change(|height| sigmoid((height - level) * steep));
    }
    let (sin, cos) = (TAU * rng.f32()).sin_cos();
    let reach = between(rng, 0.7, 2.0);
    let [right, down] = [cos, sin].map(|part| Picture::new(reach * part));
    let [left, up] = [cos, sin].map(|part| Picture::new(-reach * part));
    let mut light = height.displaced(&left, &up);
    light.combine(&height.displaced(&right, &down), |before, behind| {
        before - behind
    });
    let contrast = between_factors(rng, 0.04, 0.3) / light.deviation().max(1e-6);
    let dark = between(rng, 1.0, 2.0);
    wall.combine(&light, |grey, light| {
        let light = contrast * light;
        let shade = if light < 0.0 { dark * light } else { light }.clamp(-0.9, 0.25);
        (grey * (1.0 + shade)).clamp(0.0, 1.0)
    });
}

/// Puts things in front of the wall, as in a room or a garden: boards, boxes, rails, pipes and round ones, each with a tone, a fall of
/// light and a shadow on what is behind it.
pub(super) fn clutter(rng: &mut Rng, wall: &mut Picture) {
    let most = between_factors(rng, 12.0, 200.0);
    let upright = chance(rng, 0.7);
    for _ in 0..between_factors(rng, 2.0, 24.0) as usize {
        let turn = if upright {
            0.05 * normal(rng)
        } else {
            TAU * rng.f32()
        };
        let (sin, cos) = turn.sin_cos();
        let [x0, y0] = [0, 1].map(|_| between(rng, -0.1, 1.1) * CROP as f32);
        let [along, across] = [0, 1].map(|_| between_factors(rng, 2.0, most));
        let is_round = chance(rng, 0.25);
        // How much of each pixel it covers, moved aside.
        let covered = |by: [f32; 2], softness: f32| {
            Picture::from_fn(|x, y| {
                let (right, down) = (x - x0 - by[0], y - y0 - by[1]);
                let (u, v) = (
                    (cos * right + sin * down).abs(),
                    (cos * down - sin * right).abs(),
                );
                let away = if is_round {
                    ((u / along).hypot(v / across) - 1.0) * along.min(across)
                } else {
                    (u - along).max(v - across)
                };
                sigmoid(-away / softness)
            })
        };
        if chance(rng, 0.7) {
            let by = [between(rng, -6.0, 6.0), between(rng, -2.0, 8.0)];
            let shadow = covered(by, between_factors(rng, 0.6, 8.0));
            let dark = between(rng, 0.2, 0.95);
            wall.combine(&shadow, |grey, shadow| grey * (1.0 - dark * shadow));
        }
        let (tone, fall) = (rng.f32(), 0.3 * normal(rng) / along.max(across));
        let mut places = Picture::from_fn(|x, _| x - x0);
        places.change(|right| (tone + fall * right).clamp(0.0, 1.0));
        let covered = covered([0.0; 2], between(rng, 0.2, 0.8));
        places.combine(&covered, |tone, covered| tone * covered);
        wall.combine(&covered, |grey, covered| grey * (1.0 - covered));
        wall.combine(&places, |grey, tone| grey + tone);
    }
}
