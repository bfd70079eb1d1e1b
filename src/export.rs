//! Results as PNG files, each with a record of what made it.

use ::image::{GrayImage, RgbImage};
use png::{BitDepth, ColorType, Compression, Encoder, Filter};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::plan::Mode;

/// A picture could not be written: what the encoder says.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct ExportError(#[from] png::EncodingError);

/// What a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExportKind {
    /// The mask, 0 and 255: at the photo's size, or 256x256 in [`Mode::Space`].
    Mask,
    /// The photo with the cracks in colour, at the photo's size.
    Overlay,
    /// The probabilities as 8-bit grey, at the map's size.
    Probability,
}

/// Name of the file that shows `kind` of the photo `stem.*`: "wall.mask.png", "wall.space.mask.png".
pub fn file_name(stem: &str, mode: Mode, kind: ExportKind) -> String {
    let mode = match mode {
        Mode::Native | Mode::Thorough => "",
        Mode::Space => ".space",
    };
    let kind = match kind {
        ExportKind::Mask => "mask",
        ExportKind::Overlay => "overlay",
        ExportKind::Probability => "prob",
    };
    format!("{stem}{mode}.{kind}.png")
}

/// What leaves room for endings where names may have 255 bytes.
const LONGEST: usize = 200;

/// A name without what some system forbids in one: signs that Windows has other uses for, its devices' names, dots and spaces at
/// the end, more than [`LONGEST`] bytes.
pub fn portable(name: &str) -> String {
    const DEVICES: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];
    let is_forbidden = |sign: char| sign.is_control() || r#"<>:"/\|?*"#.contains(sign);
    let name = name.replace(is_forbidden, "_");
    let name = name[..name.floor_char_boundary(LONGEST)].trim_end_matches(['.', ' ']);
    let device = name.split('.').next().unwrap_or_default().to_uppercase();
    let is_port = |kind: &str| {
        let number = device.strip_prefix(kind).map(str::as_bytes);
        matches!(number, Some([b'0'..=b'9']))
    };
    if name.is_empty() || DEVICES.contains(&&*device) || is_port("COM") || is_port("LPT") {
        format!("_{name}")
    } else {
        name.to_owned()
    }
}

/// What made a result: enough to tell two files of one photo apart, and to find its mask again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// The photo's file name.
    pub photo: String,
    /// The pipeline.
    pub mode: Mode,
    /// Working size over photo size, 0 to 1.
    pub working_scale: f64,
    /// Probability above which a pixel is crack, 0 to 1; none where the picture shows the probabilities themselves.
    pub threshold: Option<f32>,
    /// Name of the weights.
    pub weights: String,
    /// What the network ran on ("CPU", "WebGPU").
    pub backend: String,
    /// How many marks a person took out since.
    pub left_out: u32,
}

impl Provenance {
    /// The same of a picture of this kind: one of the probabilities has no threshold.
    pub fn of(self, kind: ExportKind) -> Self {
        let threshold = self.threshold.filter(|_| kind != ExportKind::Probability);
        Self { threshold, ..self }
    }

    /// Keywords that the PNG standard names, and their texts.
    fn texts(&self) -> [(&'static str, String); 3] {
        let mode = match self.mode {
            Mode::Native => "native mode",
            Mode::Thorough => "thorough mode",
            Mode::Space => "Space-compatible mode",
        };
        let scale = if self.working_scale < 1.0 {
            format!(
                " at {:.0} % of the photo's size",
                self.working_scale * 100.0
            )
        } else {
            String::new()
        };
        let left_out = match self.left_out {
            0 => String::new(),
            1 => "; 1 mark left out by hand".to_owned(),
            marks => format!("; {marks} marks left out by hand"),
        };
        let what = match self.threshold {
            // The shortest text that is read as the same number.
            Some(threshold) => format!("Cracks at threshold {threshold}"),
            None => "Probability of a crack".to_owned(),
        };
        [
            ("Source", self.photo.clone()),
            (
                "Description",
                format!(
                    "{what}, by {} weights, {mode}{scale}, on {}{left_out}",
                    self.weights, self.backend
                ),
            ),
            (
                "Software",
                concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).to_owned(),
            ),
        ]
    }
}

/// A grey picture (mask, probabilities) as an 8-bit grey PNG.
///
/// # Errors
/// When the picture has no pixels.
pub fn png_grey(
    image: &GrayImage,
    provenance: Option<&Provenance>,
) -> Result<Vec<u8>, ExportError> {
    png(image, image.dimensions(), ColorType::Grayscale, provenance)
}

/// A colour picture (overlay) as an 8-bit RGB PNG.
///
/// # Errors
/// When the picture has no pixels.
pub fn png_rgb(image: &RgbImage, provenance: Option<&Provenance>) -> Result<Vec<u8>, ExportError> {
    png(image, image.dimensions(), ColorType::Rgb, provenance)
}

fn png(
    samples: &[u8],
    (width, height): (u32, u32),
    color: ColorType,
    provenance: Option<&Provenance>,
) -> Result<Vec<u8>, ExportError> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, width, height);
    encoder.set_color(color);
    encoder.set_depth(BitDepth::Eight);
    // A person waits for it: the fast setting takes a fraction of the default's time for somewhat larger files.
    encoder.set_compression(Compression::Fast);
    encoder.set_filter(Filter::Adaptive);
    for (keyword, text) in provenance.iter().flat_map(|provenance| provenance.texts()) {
        // The kind of text chunk that holds any language: a photo may have any name.
        encoder.add_itxt_chunk(keyword.to_owned(), text)?;
    }
    let mut writer = encoder.write_header()?;
    writer.write_image_data(samples)?;
    writer.finish()?;
    Ok(file)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test panics")]
mod tests {
    use super::*;

    #[test]
    fn a_portable_name_is_one_everywhere() {
        for (name, expected) in [
            ("Pfeiler Süd #3 100%", "Pfeiler Süd #3 100%"),
            ("a\\b/c: <d>|\"e\"?*", "a_b_c_ _d___e___"),
            ("trail . ", "trail"),
            ("con", "_con"),
            ("Lpt1.north", "_Lpt1.north"),
            ("company", "company"),
            ("", "_"),
        ] {
            assert_eq!(portable(name), expected);
        }
        assert_eq!(portable(&"ü".repeat(300)), "ü".repeat(100));
    }

    #[test]
    fn the_record_is_in_the_file_in_any_language() {
        let provenance = Provenance {
            photo: "Brücke 柱.jpg".into(),
            mode: Mode::Native,
            working_scale: 0.5,
            threshold: Some(0.7),
            weights: "lite".into(),
            backend: "WebGPU".into(),
            left_out: 2,
        };
        let file = png_grey(&GrayImage::new(2, 3), Some(&provenance)).unwrap();
        let reader = png::Decoder::new(std::io::Cursor::new(file))
            .read_info()
            .unwrap();
        let info = reader.info();
        assert_eq!((info.width, info.height), (2, 3));
        let text = |keyword: &str| {
            let chunk = info.utf8_text.iter().find(|chunk| chunk.keyword == keyword);
            chunk.unwrap().get_text().unwrap()
        };
        assert_eq!(text("Source"), "Brücke 柱.jpg");
        assert_eq!(
            text("Description"),
            "Cracks at threshold 0.7, by lite weights, native mode at 50 % of the photo's size, on WebGPU; 2 marks left out by hand"
        );
    }

    #[test]
    fn the_threshold_is_read_as_it_was() {
        for (threshold, text) in [
            (0.0, "0"),
            (0.35, "0.35"),
            (0.415_23, "0.41523"),
            (1e-6, "0.000001"),
            (1.0 / 3.0, "0.33333334"),
        ] {
            let provenance = Provenance {
                photo: "wall.jpg".into(),
                mode: Mode::Native,
                working_scale: 1.0,
                threshold: Some(threshold),
                weights: "lite".into(),
                backend: "CPU".into(),
                left_out: 0,
            };
            let [_, (_, description), _] = provenance.texts();
            let found = description
                .strip_prefix("Cracks at threshold ")
                .and_then(|rest| rest.split(',').next())
                .unwrap();
            assert_eq!(found, text);
            assert_eq!(found.parse(), Ok(threshold));
        }
    }
}
