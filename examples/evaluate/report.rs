//! What is measured, of each photo and of all.

use std::fmt;
use std::path::Path;

use anyhow::Result;
use crack_segmenter::calibration::Calibration;
use crack_segmenter::mask::{Mask, ProbabilityMap};
use crack_segmenter::measure::{Measurements, measure};
use crack_segmenter::metrics::{Counts, FALSE_ALARM_SHARE, Histogram, Overlap};
use crack_segmenter::plan::Mode;
use serde::Serialize;

use crate::camera::Camera;
use crate::engine::Engine;
use crate::photos::Labelled;

/// Ranges of probability in the calibration error and its chart.
pub(crate) const BINS: usize = 10;

/// A photo with what was measured on it.
pub(crate) struct Measured {
    pub(crate) photo: Labelled,
    pub(crate) histogram: Histogram,
    /// At the threshold.
    pub(crate) counts: Counts,
    marked_share: f64,
    tolerant: Overlap,
    center_lines: Overlap,
    /// In figures.
    cracks: Measurements,
    labelled_cracks: Measurements,
}

impl Measured {
    pub(crate) fn new(photo: Labelled, map: &ProbabilityMap, label: &Mask, threshold: f32) -> Self {
        let found = map.mask(threshold);
        let histogram = Histogram::of(map, label);
        Self {
            photo,
            counts: histogram.counts(threshold),
            histogram,
            marked_share: found.crack_share(),
            tolerant: Overlap::tolerant(&found, label),
            center_lines: Overlap::of_center_lines(&found, label),
            cracks: measure(map, threshold),
            labelled_cracks: measure(&label.to_map(), 0.5),
        }
    }

    /// Mean width of what was found and of what is labelled, in pixels, where there is both.
    fn widths(&self) -> Option<[f64; 2]> {
        Some([
            self.cracks.mean_width()?,
            self.labelled_cracks.mean_width()?,
        ])
    }

    fn is_false_alarm(&self) -> bool {
        self.marked_share > FALSE_ALARM_SHARE
    }
}

/// The histograms of all photos with cracks, pooled.
pub(crate) fn pooled(measured: &[Measured]) -> Histogram {
    let mut all = Histogram::default();
    for photo in measured.iter().filter(|it| !it.photo.is_free()) {
        all.add(&photo.histogram);
    }
    all
}

/// All photos together. Shares are 0 to 1.
#[derive(Serialize)]
pub(crate) struct Report {
    weights: String,
    mode: Mode,
    backend: &'static str,
    threshold: f32,
    camera: Camera,
    /// None where there was no photo with a label.
    labelled: Option<Found>,
    /// None where there was no crack-free photo.
    crack_free: Option<Alarms>,
}

#[derive(Serialize)]
struct Found {
    photos: usize,
    precision: f64,
    recall: f64,
    f1: f64,
    iou: f64,
    mean_iou: f64,
    ods: f64,
    ods_threshold: f32,
    ois: f64,
    cl_dice: f64,
    tolerant_f1: f64,
    /// Length of all that was found over that of all that is labelled.
    length_ratio: f64,
    /// Median of the photos' ratios of mean width, found over labelled.
    width_ratio: f64,
    /// Median of the photos' differences of mean width, in pixels.
    width_difference: f64,
    calibration_error: f64,
    /// What would calibrate these weights.
    calibration: Calibration,
}

#[derive(Serialize)]
struct Alarms {
    photos: usize,
    false_alarms: f64,
    marked_share: f64,
}

impl Report {
    pub(crate) fn new(measured: &[Measured], engine: &Engine, camera: Camera) -> Self {
        let (free, labelled): (Vec<_>, Vec<_>) = measured
            .iter()
            .partition(|measured| measured.photo.is_free());
        let mean = |values: &mut dyn Iterator<Item = f64>, count: usize| {
            values.sum::<f64>() / count as f64
        };
        let found = (!labelled.is_empty()).then(|| {
            let all = pooled(measured);
            let counts = all.counts(engine.threshold);
            let (ods_threshold, best) = all.best();
            let (mut tolerant, mut center_lines) = (Overlap::default(), Overlap::default());
            for photo in &labelled {
                tolerant.add(&photo.tolerant);
                center_lines.add(&photo.center_lines);
            }
            let lengths = |cracks: fn(&Measured) -> &Measurements| -> f64 {
                labelled.iter().map(|photo| cracks(photo).length()).sum()
            };
            let widths: Vec<[f64; 2]> =
                labelled.iter().filter_map(|photo| photo.widths()).collect();
            let mut best_of_each = labelled.iter().map(|photo| photo.histogram.best().1.f1());
            Found {
                photos: labelled.len(),
                precision: counts.precision(),
                recall: counts.recall(),
                f1: counts.f1(),
                iou: counts.iou(),
                mean_iou: counts.mean_iou(),
                ods: best.f1(),
                ods_threshold,
                ois: mean(&mut best_of_each, labelled.len()),
                cl_dice: center_lines.f1(),
                tolerant_f1: tolerant.f1(),
                length_ratio: lengths(|photo| &photo.cracks)
                    / lengths(|photo| &photo.labelled_cracks),
                width_ratio: median(widths.iter().map(|[found, label]| found / label)),
                width_difference: median(widths.iter().map(|[found, label]| (found - label).abs())),
                calibration_error: all.calibration_error(BINS),
                calibration: Calibration::fit(&all.crack, &all.rest),
            }
        });
        let alarms = (!free.is_empty()).then(|| {
            let mut alarms = free.iter().map(|photo| f64::from(photo.is_false_alarm()));
            let mut marked = free.iter().map(|photo| photo.marked_share);
            Alarms {
                photos: free.len(),
                false_alarms: mean(&mut alarms, free.len()),
                marked_share: mean(&mut marked, free.len()),
            }
        });
        Self {
            weights: engine.weights.clone(),
            mode: engine.mode,
            backend: engine.backend,
            threshold: engine.threshold,
            camera,
            labelled: found,
            crack_free: alarms,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} on the {}, {} mode, threshold {}, {:?} camera",
            self.weights,
            self.backend,
            self.mode.name(),
            self.threshold,
            self.camera
        )?;
        if let Some(found) = &self.labelled {
            write!(
                f,
                "\n{} photos with cracks, strict, pooled: precision {:.3}, recall {:.3}, F1 {:.3}, IoU {:.3}, mIoU {:.3}\n\
                 ODS {:.3} (at {:.2}), OIS {:.3}, clDice {:.3}, F1 within 2 px {:.3}, calibration error {:.4}\n\
                 found over labelled: length {:.3}, mean width {:.3} (median of the photos; difference {:.2} px)\n\
                 calibrated by scale {:.3} and shift {:.3}",
                found.photos,
                found.precision,
                found.recall,
                found.f1,
                found.iou,
                found.mean_iou,
                found.ods,
                found.ods_threshold,
                found.ois,
                found.cl_dice,
                found.tolerant_f1,
                found.calibration_error,
                found.length_ratio,
                found.width_ratio,
                found.width_difference,
                found.calibration.scale,
                found.calibration.shift,
            )?;
        }
        if let Some(free) = &self.crack_free {
            write!(
                f,
                "\n{} crack-free photos: false alarms on {:.1} %, {:.3} % of the area marked",
                free.photos,
                100.0 * free.false_alarms,
                100.0 * free.marked_share
            )?;
        }
        Ok(())
    }
}

/// The middle one, or the mean of the two in the middle; not a number where there is none.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        count => f64::midpoint(values[(count - 1) / 2], values[count / 2]),
    }
}

/// Writes a row a photo; what says how well cracks were found is empty for a crack-free one.
pub(crate) fn write_photos(measured: &[Measured], file: &Path) -> Result<()> {
    let mut table = csv::Writer::from_path(file)?;
    table.write_record([
        "photo",
        "precision",
        "recall",
        "f1",
        "iou",
        "best_f1",
        "cl_dice",
        "tolerant_f1",
        "marked_share",
        "length",
        "labelled_length",
        "mean_width",
        "labelled_mean_width",
    ])?;
    for photo in measured {
        let of_label = |figure: f64| (!photo.photo.is_free()).then_some(figure);
        let figures = [
            of_label(photo.counts.precision()),
            of_label(photo.counts.recall()),
            of_label(photo.counts.f1()),
            of_label(photo.counts.iou()),
            of_label(photo.histogram.best().1.f1()),
            of_label(photo.center_lines.f1()),
            of_label(photo.tolerant.f1()),
            Some(photo.marked_share),
            Some(photo.cracks.length()),
            of_label(photo.labelled_cracks.length()),
            photo.cracks.mean_width(),
            photo.labelled_cracks.mean_width(),
        ];
        let figures =
            figures.map(|figure| figure.map_or_else(String::new, |figure| format!("{figure:.5}")));
        table.write_record(std::iter::once(&photo.photo.name).chain(&figures))?;
    }
    Ok(table.flush()?)
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_stands_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 9.0].into_iter()), 3.0);
        assert!(median([].into_iter()).is_nan());
    }
}
