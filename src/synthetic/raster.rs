//! Lines and blur on pictures of one value a pixel, row by row, `width` pixels across.

/// Covers what lies within the radius of a segment (in pixels; the radius changes evenly between its ends): a pixel's value
/// becomes the share of it that is covered, 0 to 1, where that is more.
pub fn cover(values: &mut [f32], width: usize, [start, end]: [[f32; 2]; 2], radii: [f32; 2]) {
    let height = values.len() / width.max(1);
    let reach = radii[0].max(radii[1]) + 1.0;
    let span = |axis: usize, length: usize| {
        let low = start[axis].min(end[axis]) - reach;
        let high = start[axis].max(end[axis]) + reach;
        // The casts stop at 0.
        (low.floor() as usize).min(length)..(high.ceil() as usize).min(length)
    };
    let [dx, dy] = [end[0] - start[0], end[1] - start[1]];
    let square = (dx * dx + dy * dy).max(1e-6);
    for y in span(1, height) {
        for x in span(0, width) {
            let center = [x as f32 + 0.5, y as f32 + 0.5];
            let along = ((center[0] - start[0]) * dx + (center[1] - start[1]) * dy) / square;
            let along = along.clamp(0.0, 1.0);
            let nearest = [start[0] + along * dx, start[1] + along * dy];
            let radius = radii[0] + (radii[1] - radii[0]) * along;
            let away = (center[0] - nearest[0]).hypot(center[1] - nearest[1]);
            // The part of the pixel, one wide, that lies within the radius on both sides of the line.
            let covered = (away + 0.5).min(radius) - (away - 0.5).max(-radius);
            let value = &mut values[y * width + x];
            *value = value.max(covered.min(1.0));
        }
    }
}

/// The values under a Gaussian of deviation `sigma` in pixels, cut off at `reach` deviations; the picture's edges go on beyond
/// it.
pub fn blurred(values: &[f32], width: usize, sigma: f32, reach: f32) -> Vec<f32> {
    let reach = (reach * sigma).ceil() as isize;
    let bell: Vec<f32> = (-reach..=reach)
        .map(|offset| (-0.5 * (offset as f32 / sigma).powi(2)).exp())
        .collect();
    let total: f32 = bell.iter().sum();
    let rows = [values.len() / width.max(1), width];
    let columns = [width, 1];
    // Number and stride of the pixels of a line, and of the lines.
    let average = |source: &[f32], [length, along]: [usize; 2], [lines, across]: [usize; 2]| {
        let mut result = vec![0.0; source.len()];
        for line in 0..lines {
            for place in 0..length {
                let taps = (-reach..=reach).zip(&bell);
                let sum: f32 = taps
                    .map(|(offset, weight)| {
                        let at = (place as isize + offset).clamp(0, length as isize - 1) as usize;
                        weight * source[at * along + line * across]
                    })
                    .sum();
                result[place * along + line * across] = sum / total;
            }
        }
        result
    };
    average(&average(values, columns, rows), rows, columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_covered_is_as_wide_as_the_radii_say() {
        const SIZE: usize = 60;
        let covered = |ends: [[f32; 2]; 2], radii| {
            let mut values = vec![0.0; SIZE * SIZE];
            cover(&mut values, SIZE, ends, radii);
            values
        };
        for radius in [0.4, 1.0, 2.5, 6.0] {
            let values = covered([[30.3, -20.0], [30.3, 80.0]], [radius; 2]);
            for row in values.chunks(SIZE) {
                let width: f32 = row.iter().sum();
                assert!((width - 2.0 * radius).abs() < 0.01, "{width} of {radius}");
            }
            // Aslant by 3 and 4: a row runs across it by five quarters of its width.
            let values = covered([[0.0, -10.0], [60.0, 70.0]], [radius; 2]);
            let width: f32 = values[30 * SIZE..][..SIZE].iter().sum();
            let expected = 2.0 * radius * 5.0 / 4.0;
            assert!((width - expected).abs() < 0.15, "{width} of {radius}");
        }
        let values = covered([[30.0, 0.0], [30.0, 60.0]], [1.0, 4.0]);
        let width: f32 = values[30 * SIZE..][..SIZE].iter().sum();
        assert!((width - 5.0).abs() < 0.1, "{width}");
    }
}
