//! Names that nobody can guess: who knows one may have what it names.

use thiserror::Error;

/// The operating system's fault.
#[derive(Debug, Error)]
#[error("This computer gives no random numbers: {0}")]
pub(crate) struct NoRandomness(#[from] getrandom::Error);

/// 128 random bits in hexadecimal digits.
pub(crate) fn id() -> Result<String, NoRandomness> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}
