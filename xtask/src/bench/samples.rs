//! Numbers out of samples, and whether two answers are the same.

use std::fmt;

/// Several measurements of the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Summary {
    pub(super) median: f64,
    pub(super) least: f64,
    pub(super) most: f64,
    pub(super) count: usize,
}

impl Summary {
    /// None where nothing was measured.
    pub(super) fn of(samples: &[f64]) -> Option<Self> {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        let count = sorted.len();
        let (&least, &most) = (sorted.first()?, sorted.last()?);
        let median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2.0;
        Some(Self {
            median,
            least,
            most,
            count,
        })
    }
}

/// A time as a person reads it.
pub(super) fn time(seconds: f64) -> String {
    match seconds {
        _ if seconds < 0.9995 => format!("{:.0} ms", seconds * 1e3),
        _ if seconds < 99.95 => format!("{seconds:.1} s"),
        _ => format!("{seconds:.0} s"),
    }
}

/// Bytes as a person reads them.
pub(super) fn megabytes(bytes: f64) -> String {
    format!("{:.2} MB", bytes / 1e6)
}

/// Median, smallest and largest: `12 ms (10 to 13, n = 5)`.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            median,
            least,
            most,
            count,
        } = *self;
        write!(f, "{}", time(median))?;
        match count {
            1 => write!(f, " (once)"),
            _ => write!(f, " ({} to {}, n = {count})", time(least), time(most)),
        }
    }
}

/// Largest difference between probabilities; infinite where one is not a number or their numbers differ.
pub(super) fn difference(expected: &[f32], actual: &[f32]) -> f32 {
    largest(expected, actual, |expected, &actual| {
        (expected - actual).abs()
    })
}

/// The same where the answer has 8 bits: how far the expected probability lies outside of those that are rounded to the answer.
pub(super) fn difference_of_rounded(expected: &[f32], actual: &[u8]) -> f32 {
    largest(expected, actual, |expected, &actual| {
        ((expected * 255.0 - f32::from(actual)).abs() - 0.5).max(0.0) / 255.0
    })
}

fn largest<T>(expected: &[f32], actual: &[T], difference: impl Fn(f32, &T) -> f32) -> f32 {
    if expected.len() != actual.len() || expected.iter().any(|value| value.is_nan()) {
        return f32::INFINITY;
    }
    let differences = expected
        .iter()
        .zip(actual)
        .map(|(&expected, actual)| difference(expected, actual));
    differences.fold(0.0, |most, difference| {
        if difference.is_nan() {
            f32::INFINITY
        } else {
            most.max(difference)
        }
    })
}

/// Little-endian 32-bit floats.
pub(super) fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes
        .chunks_exact(4)
        .map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_stands_in_the_middle() {
        assert_eq!(Summary::of(&[]), None);
        let odd = Summary::of(&[0.3, 0.1, 0.2]);
        assert!(odd.is_some_and(|odd| odd.median == 0.2 && odd.least == 0.1 && odd.most == 0.3));
        let even = Summary::of(&[4.0, 1.0, 2.0, 100.0]);
        assert!(even.is_some_and(|even| even.median == 3.0 && even.count == 4));
    }

    #[test]
    fn times_are_readable() {
        let shown = [0.0123, 0.9994, 1.0, 12.345, 123.4].map(time);
        assert_eq!(shown, ["12 ms", "999 ms", "1.0 s", "12.3 s", "123 s"]);
        let summary = Summary::of(&[0.010, 0.012, 0.020]).map(|summary| summary.to_string());
        assert_eq!(summary.as_deref(), Some("12 ms (10 ms to 20 ms, n = 3)"));
    }

    #[test]
    fn answers_are_compared_value_by_value() {
        assert_eq!(difference(&[0.5, 0.25], &[0.5, 0.75]), 0.5);
        assert_eq!(difference(&[0.5], &[0.5, 0.5]), f32::INFINITY);
        assert_eq!(difference(&[0.5], &[f32::NAN]), f32::INFINITY);
        assert_eq!(difference(&[f32::NAN], &[0.5]), f32::INFINITY);
    }

    #[test]
    fn rounding_alone_is_no_difference() {
        // 127.4 is rounded to 127; 128 is 0.1 levels too far, 255 many.
        let expected = [127.4 / 255.0];
        assert_eq!(difference_of_rounded(&expected, &[127]), 0.0);
        let next = difference_of_rounded(&expected, &[128]) * 255.0;
        assert!((next - 0.1).abs() < 1e-3, "{next}");
        assert!(difference_of_rounded(&expected, &[255]) > 0.4);
        assert_eq!(difference_of_rounded(&[f32::NAN], &[0]), f32::INFINITY);
        assert_eq!(difference_of_rounded(&[], &[0]), f32::INFINITY);
    }

    #[test]
    fn floats_are_little_endian() {
        assert_eq!(floats(&[0, 0, 128, 63, 0, 0, 0, 192]), [1.0, -2.0]);
    }
}
