//! Curves as SVG.

use std::path::Path;

use anyhow::Result;
use crack_segmenter::metrics::Counts;
use plotters::chart::{ChartBuilder, SeriesLabelPosition};
use plotters::prelude::{
    BLACK, Circle, Color, IntoDrawingArea, LineSeries, PathElement, RGBColor, SVGBackend, WHITE,
};

use crate::report::{BINS, Measured, pooled};

const SIZE: (u32, u32) = (520, 480);
const CURVE: RGBColor = RGBColor(0x0b, 0x62, 0x8f);
const GUIDE: RGBColor = RGBColor(0x99, 0x99, 0x99);

/// Precision over recall for every threshold, and the one that is used.
pub(crate) fn precision_recall(measured: &[Measured], threshold: f32, file: &Path) -> Result<()> {
    let all = pooled(measured);
    let place = |counts: &Counts| (counts.recall(), counts.precision());
    let chosen = all.counts(threshold);
    let label = format!("threshold {threshold}: F1 {:.3}", chosen.f1());
    let curve = all.curve();
    // Where nothing is marked, precision has no meaning.
    let curve = curve
        .iter()
        .filter(|counts| counts.true_positives > 0)
        .map(place);
    draw(
        ("recall", "precision"),
        curve.collect(),
        &[place(&chosen)],
        &label,
        false,
        file,
    )
}

/// How often what was given a probability was crack.
pub(crate) fn reliability(measured: &[Measured], file: &Path) -> Result<()> {
    let all = pooled(measured);
    let bins = all.reliability(BINS);
    let points: Vec<_> = bins.iter().map(|bin| (bin.given, bin.found)).collect();
    let label = format!("calibration error {:.4}", all.calibration_error(BINS));
    draw(
        ("probability given", "share that is crack"),
        points.clone(),
        &points,
        &label,
        true,
        file,
    )
}

fn draw(
    (across, up): (&str, &str),
    curve: Vec<(f64, f64)>,
    points: &[(f64, f64)],
    label: &str,
    diagonal: bool,
    file: &Path,
) -> Result<()> {
    let area = SVGBackend::new(file, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(52)
        .build_cartesian_2d(0.0..1.0, 0.0..1.0)?;
    chart
        .configure_mesh()
        .x_desc(across)
        .y_desc(up)
        .light_line_style(WHITE)
        .label_style(("sans-serif", 14))
        .draw()?;
    if diagonal {
        chart.draw_series([PathElement::new(
            [(0.0, 0.0), (1.0, 1.0)],
            GUIDE.stroke_width(1),
        )])?;
    }
    chart.draw_series(LineSeries::new(curve, CURVE.stroke_width(2)))?;
    let points = points
        .iter()
        .map(|&point| Circle::new(point, 4, CURVE.filled()));
    chart
        .draw_series(points)?
        .label(label)
        .legend(|place| Circle::new(place, 4, CURVE.filled()));
    chart
        .configure_series_labels()
        // Where neither curve goes.
        .position(if diagonal {
            SeriesLabelPosition::UpperLeft
        } else {
            SeriesLabelPosition::LowerLeft
        })
        .label_font(("sans-serif", 14))
        .background_style(WHITE.mix(0.9))
        .border_style(BLACK.mix(0.2))
        .draw()?;
    area.present()?;
    Ok(())
}
