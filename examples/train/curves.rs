//! Learning curves as SVG.

use std::path::Path;

use anyhow::Result;
use plotters::chart::{ChartBuilder, SeriesLabelPosition};
use plotters::prelude::{
    Color, IntoDrawingArea, LineSeries, PathElement, RGBColor, SVGBackend, WHITE,
};

use crate::log;

const SIZE: (u32, u32) = (720, 420);
const LOSS: RGBColor = RGBColor(0x0b, 0x62, 0x8f);
const F1: RGBColor = RGBColor(0xb3, 0x4a, 0x00);

/// A point of the loss is the mean of so many steps.
const SMOOTH: usize = 20;

/// Draws the loss, and F1 where it was measured, of a run's log.
pub(crate) fn draw(log: &Path, file: &Path) -> Result<()> {
    let (mut losses, mut scores) = (Vec::new(), Vec::new());
    for row in log::read(log)? {
        let step = row.step as f64;
        losses.push((step, row.loss));
        scores.extend(row.best_f1.map(|f1| (step, f1)));
    }
    let smooth: Vec<_> = losses
        .chunks(SMOOTH)
        .map(|chunk| {
            let mean = chunk.iter().map(|point| point.1).sum::<f64>() / chunk.len() as f64;
            (chunk[chunk.len() - 1].0, mean)
        })
        .collect();
    let last = losses.last().map_or(1.0, |point| point.0);
    let top = smooth.iter().map(|point| point.1).fold(1.0, f64::max);

    let area = SVGBackend::new(file, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(44)
        .build_cartesian_2d(0.0..last, 0.0..top)?;
    chart
        .configure_mesh()
        .x_desc("step")
        .light_line_style(WHITE)
        .label_style(("sans-serif", 14))
        .draw()?;
    let lines = [
        ("loss", smooth, LOSS),
        ("F1 on the validation photos, best threshold", scores, F1),
    ];
    for (name, points, color) in lines.into_iter().filter(|line| !line.1.is_empty()) {
        chart
            .draw_series(LineSeries::new(points, color.stroke_width(2)))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], color.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .label_font(("sans-serif", 14))
        .background_style(WHITE.mix(0.9))
        .draw()?;
    area.present()?;
    Ok(())
}
