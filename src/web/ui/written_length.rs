//! A length as a person writes it.

/// Most figures of a number that a float holds exactly.
const MOST_FIGURES: usize = 15;

/// The millimetres that were written, with a point or a comma, and with "mm" or without; none where it is not plainly a number:
/// "1.200" is twelve hundred to some and little more than one to others.
pub(super) fn millimetres_in(text: &str) -> Option<f64> {
    let text = text.trim();
    let text = text.strip_suffix("mm").unwrap_or(text).trim_end();
    let text = text.replace(',', ".");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let is_either =
        (1..=3).contains(&whole.len()) && !whole.starts_with('0') && fraction.len() == 3;
    let figures = format!("{whole}{fraction}");
    let is_number = figures.chars().all(|char| char.is_ascii_digit())
        && (1..=MOST_FIGURES).contains(&figures.len());
    if !is_number || is_either {
        return None;
    }
    // A whole number over a power of ten, both exact. The standard library's way would be a large part of the program.
    let number: u64 = figures.parse().ok()?;
    Some(number as f64 / 10_f64.powi(fraction.len() as i32))
}

#[cfg(test)]
mod tests {
    use super::millimetres_in;

    #[test]
    fn a_number_is_read_as_it_is_written() {
        for (text, millimetres) in [
            ("100", 100.0),
            (" 12,5 mm ", 12.5),
            ("12.5mm", 12.5),
            ("0.125", 0.125),
            ("0,005", 0.005),
            (".5", 0.5),
            ("7.", 7.0),
            ("1200", 1200.0),
            ("1234,567", 1234.567),
            ("1.25", 1.25),
        ] {
            assert_eq!(millimetres_in(text), Some(millimetres), "{text}");
        }
    }

    #[test]
    fn what_is_not_plainly_a_number_is_none() {
        for text in [
            "",
            "mm",
            ".",
            "1.200",
            "1,200",
            "12,345",
            "1.2.3",
            "-5",
            "+5",
            "1e3",
            "10 cm",
            "five",
            "1 000",
            "1234567890123456",
            "٣",
        ] {
            assert_eq!(millimetres_in(text), None, "{text}");
        }
    }
}
