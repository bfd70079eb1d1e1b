//! How long work took on a device that may have slept meanwhile.

/// A page sleeps where nothing is heard of its work for longer than this, in seconds, and this many times longer than is usual.
const ASLEEP: f64 = 10.0;
const UNUSUAL: f64 = 10.0;

/// Steps that tell what is usual.
const TELLING_STEPS: usize = 4;

/// The time that work took, in seconds, by the times at which it was heard of, in order. A tablet puts a page to sleep while another
/// app is in front: such a step counts as a usual one.
pub(super) fn seconds_awake(heard: &[f64]) -> f64 {
    let steps = heard.windows(2).map(|pair| pair[1] - pair[0]);
    let mut sorted: Vec<f64> = steps.collect();
    sorted.sort_by(f64::total_cmp);
    let usual = match sorted.len() {
        0..TELLING_STEPS => f64::INFINITY,
        count => sorted[count / 2],
    };
    let is_sleep = |step: f64| step > ASLEEP.max(UNUSUAL * usual);
    let counted = |&step: &f64| if is_sleep(step) { usual } else { step };
    sorted.iter().map(counted).sum()
}

#[cfg(test)]
mod tests {
    use super::seconds_awake;

    #[test]
    fn sleep_is_no_work() {
        assert_eq!(seconds_awake(&[0.0, 2.0, 4.0, 306.0, 308.0]), 8.0);
        // A slow device, and too few steps to tell.
        assert_eq!(seconds_awake(&[0.0, 12.0, 26.0, 40.0, 80.0]), 80.0);
        assert_eq!(seconds_awake(&[5.0, 5.0, 35.0]), 30.0);
        assert_eq!(seconds_awake(&[]), 0.0);
    }
}
