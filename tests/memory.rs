//! What a weight file takes of memory. A process of its own: the measure is the most that all its threads have held.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a failing test panics")]

use crack_segmenter::weights::{Weights, WeightsError};

/// Most memory that this process has held so far, in bytes.
fn most_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
    1024 * kilobytes.parse::<usize>().unwrap()
}

#[test]
fn a_foreign_file_takes_no_more_memory_than_its_own() {
    const SIZE: usize = 1 << 30;
    let header = format!(
        r#"{{"x":{{"dtype":"F32","shape":[{}],"data_offsets":[0,{SIZE}]}}}}"#,
        SIZE / 4
    );
    // Zeros take no memory before they are touched.
    let mut file = vec![0; 8 + header.len() + SIZE];
    file[..8].copy_from_slice(&(header.len() as u64).to_le_bytes());
    file[8..8 + header.len()].copy_from_slice(header.as_bytes());
    let before = most_memory();
    let error = Weights::from_bytes(file, "foreign").unwrap_err();
    assert!(matches!(error, WeightsError::NotThisNetwork(_)), "{error}");
    assert!(most_memory() - before < SIZE / 4);
}
