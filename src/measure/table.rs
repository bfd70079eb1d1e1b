//! Measurements as a table for spreadsheets.

use serde::{Deserialize, Serialize};

use super::{Crack, Measurements};
use crate::export::Provenance;

/// What a pixel of a photo is on the wall, in millimetres: as a person said, who knows a length in the photo.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scale {
    millimetres_a_pixel: f64,
}

impl Scale {
    /// By a length in the photo: how long it is in pixels, and on the wall in millimetres; none unless a pixel is then between
    /// a ten-thousandth of a millimetre, as under a microscope, and a metre.
    pub fn of_length(pixels: f64, millimetres: f64) -> Option<Self> {
        let millimetres_a_pixel = millimetres / pixels;
        let is_one = pixels > 0.0 && (1e-4..=1e3).contains(&millimetres_a_pixel);
        is_one.then_some(Self {
            millimetres_a_pixel,
        })
    }

    /// A length of so many pixels, in millimetres.
    pub fn millimetres(self, pixels: f64) -> f64 {
        self.millimetres_a_pixel * pixels
    }
}

/// How numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decimals {
    /// 1.5, with commas between a table's fields (RFC 4180): what programs read.
    Point,
    /// 1,5, with semicolons between a table's fields: what spreadsheets take apart where numbers are written so.
    Comma,
}

impl Decimals {
    /// What stands before the decimals.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Point => ".",
            Self::Comma => ",",
        }
    }

    fn separator(self) -> &'static str {
        match self {
            Self::Point => ",",
            Self::Comma => ";",
        }
    }

    /// A number that was written with a point.
    fn of(self, number: &str) -> String {
        number.replace('.', self.mark())
    }
}

/// A photo's measurements, and what they rest on.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// What the names of its pictures' files begin with: tells photos of one name apart.
    pub stem: String,
    /// What made them.
    pub provenance: Provenance,
    /// The photo's width and height, in pixels.
    pub size: [u32; 2],
    /// None where nobody said it.
    pub scale: Option<Scale>,
    /// The cracks.
    pub measurements: Measurements,
}

const COLUMNS: [&str; 26] = [
    "photo",
    "files",
    "photo_width_px",
    "photo_height_px",
    "mode",
    "working_scale",
    "threshold",
    "weights",
    "backend",
    "left_out",
    "crack",
    "length_px",
    "mean_width_px",
    "max_width_px",
    "widest_x_px",
    "widest_y_px",
    "area_px",
    "left_px",
    "top_px",
    "width_px",
    "height_px",
    "direction_deg",
    "mm_per_px",
    "length_mm",
    "mean_width_mm",
    "max_width_mm",
];

/// Name of the table's file, of one photo `stem.*` or of several.
pub fn file_name(stem: Option<&str>) -> String {
    match stem {
        Some(stem) => format!("{stem}.cracks.csv"),
        None => "cracks.csv".to_owned(),
    }
}

/// A row a crack, longest first; a photo without one has a row without figures. In front stands the mark of UTF-8, which
/// spreadsheets need.
pub fn csv<'a>(photos: impl IntoIterator<Item = &'a Measured>, decimals: Decimals) -> String {
    let separator = decimals.separator();
    let mut table = format!("\u{feff}{}", row(COLUMNS, separator));
    for photo in photos {
        let about = about(photo, decimals);
        let about = about.iter().map(String::as_str);
        let cracks = &photo.measurements.cracks;
        for (index, crack) in cracks.iter().enumerate() {
            let number = (index + 1).to_string();
            let figures = figures(crack, photo.scale).map(|figure| decimals.of(&figure));
            let figures = figures.iter().map(String::as_str);
            let fields = about.clone().chain([number.as_str()]).chain(figures);
            table += &row(fields, separator);
        }
        if cracks.is_empty() {
            let fields = about.chain([""].repeat(COLUMNS.len())).take(COLUMNS.len());
            table += &row(fields, separator);
        }
    }
    table
}

/// The usual crate for this would bring as much program along as the whole table takes, to read numbers.
fn row<'a>(fields: impl IntoIterator<Item = &'a str>, separator: &str) -> String {
    let quoted = |field| quoted(field, separator);
    let fields: Vec<_> = fields.into_iter().map(quoted).collect();
    fields.join(separator) + "\r\n"
}

fn quoted(field: &str, separator: &str) -> String {
    if field.contains(separator) || field.contains(['"', '\r', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

fn about(photo: &Measured, decimals: Decimals) -> [String; 10] {
    let Provenance {
        photo: name,
        mode,
        working_scale,
        threshold,
        weights,
        backend,
        left_out,
    } = &photo.provenance;
    let [width, height] = photo.size;
    let threshold = threshold.map(|threshold| decimals.of(&threshold.to_string()));
    [
        plain(name),
        plain(&photo.stem),
        width.to_string(),
        height.to_string(),
        mode.name().to_owned(),
        decimals.of(&format!("{working_scale:.3}")),
        threshold.unwrap_or_default(),
        plain(weights),
        backend.clone(),
        left_out.to_string(),
    ]
}

fn figures(crack: &Crack, scale: Option<Scale>) -> [String; 15] {
    let [widest_x, widest_y] = crack.widest;
    let [left, top, width, height] = crack.bounds;
    // As fine as the pixels before it, of which a hundredth may be a millionth of a millimetre.
    let in_millimetres = |pixels: f64, finest: f64, least: usize| {
        scale.map_or_else(String::new, |scale| {
            let places = -scale.millimetres(finest).log10();
            let decimals = least.max(places.ceil().max(0.0) as usize);
            format!("{:.decimals$}", scale.millimetres(pixels))
        })
    };
    [
        format!("{:.1}", crack.length),
        format!("{:.2}", crack.mean_width),
        format!("{:.2}", crack.max_width),
        format!("{widest_x:.1}"),
        format!("{widest_y:.1}"),
        crack.area.to_string(),
        left.to_string(),
        top.to_string(),
        width.to_string(),
        height.to_string(),
        // 179.6 is nearest to what is 0 again.
        crack.direction.map_or_else(String::new, |degrees| {
            format!("{}", degrees.round() % 180.0)
        }),
        in_millimetres(1.0, 1e-4, 6),
        in_millimetres(crack.length, 0.1, 3),
        in_millimetres(crack.mean_width, 0.01, 4),
        in_millimetres(crack.max_width, 0.01, 4),
    ]
}

/// What a spreadsheet would take for a formula is led by an apostrophe: names come from outside.
fn plain(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test panics")]
mod tests {
    use super::*;
    use crate::plan::Mode;

    fn measured(photo: &str, cracks: Vec<Crack>, scale: Option<Scale>) -> Measured {
        Measured {
            provenance: Provenance {
                photo: photo.to_owned(),
                mode: Mode::Native,
                working_scale: 1.0,
                threshold: Some(0.35),
                weights: "lite".to_owned(),
                backend: "CPU".to_owned(),
                left_out: 0,
            },
            stem: photo.split('.').next().unwrap_or_default().to_owned(),
            size: [400, 300],
            scale,
            measurements: Measurements {
                cracks,
                ..Measurements::default()
            },
        }
    }

    #[test]
    fn rows_have_the_columns_of_the_head() {
        let crack = Crack {
            length: 120.04,
            mean_width: 2.5,
            max_width: 4.126,
            widest: [10.0, 20.5],
            area: 300,
            start: [9, 6],
            bounds: [5, 6, 100, 40],
            direction: Some(12.4),
        };
        let photos = [
            measured(
                "a, \"b\".jpg",
                vec![crack.clone()],
                Scale::of_length(50.0, 10.0),
            ),
            measured("=sum.jpg", vec![crack], None),
            measured("sound.jpg", Vec::new(), None),
        ];
        let text = csv(&photos, Decimals::Point);
        let lines: Vec<&str> = text.split_terminator("\r\n").collect();
        let about = "400,300,native,1.000,0.35,lite,CPU,0";
        let figures = "1,120.0,2.50,4.13,10.0,20.5,300,5,6,100,40,12";
        assert_eq!(
            lines[1..],
            [
                format!(
                    "\"a, \"\"b\"\".jpg\",\"a, \"\"b\"\"\",{about},{figures},0.200000,24.008,0.5000,0.8252"
                ),
                format!("'=sum.jpg,'=sum,{about},{figures},,,,"),
                format!("sound.jpg,sound,{about}{}", ",".repeat(16)),
            ]
        );
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let names = reader.records().map(|record| record.unwrap()[0].to_owned());
        let names: Vec<_> = names.collect();
        assert_eq!(names, ["a, \"b\".jpg", "'=sum.jpg", "sound.jpg"]);
    }

    #[test]
    fn a_direction_is_below_half_a_turn_when_rounded_too() {
        for (degrees, written) in [(0.0, "0"), (0.4, "0"), (179.4, "179"), (179.6, "0")] {
            let crack = Crack {
                direction: Some(degrees),
                ..Crack::default()
            };
            assert_eq!(figures(&crack, None)[10], written);
        }
    }

    #[test]
    fn where_numbers_have_commas_fields_have_semicolons() {
        let photo = measured("1.5 m, north.jpg", Vec::new(), None);
        let text = csv([&photo], Decimals::Comma);
        let row = text.lines().nth(1).unwrap();
        assert!(
            row.starts_with("1.5 m, north.jpg;1;400;300;native;1,000;0,35;lite;CPU;0;;"),
            "{row}"
        );
    }

    #[test]
    fn a_scale_needs_two_lengths() {
        for (pixels, millimetres) in [
            (0.0, 1.0),
            (1.0, 0.0),
            (-1.0, 1.0),
            (f64::NAN, 1.0),
            (1.0, f64::INFINITY),
            (1.0, 1e9),
            (1e9, 1.0),
        ] {
            assert_eq!(Scale::of_length(pixels, millimetres), None);
        }
        let scale = Scale::of_length(200.0, 50.0).map(|scale| scale.millimetres(4.0));
        assert_eq!(scale, Some(1.0));
    }
}
