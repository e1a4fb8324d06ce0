//! Secrets and ids from the operating system.

use sha2::{Digest, Sha256};

/// `n` random bytes in hexadecimal.
///
/// # Errors
/// When the system has no randomness.
pub fn hex(n: usize) -> std::io::Result<String> {
    let mut bytes = vec![0; n];
    getrandom::fill(&mut bytes).map_err(|error| std::io::Error::other(error.to_string()))?;
    Ok(to_hex(&bytes))
}

/// SHA-256 in hexadecimal.
#[must_use]
pub fn sha256_hex(text: &str) -> String {
    to_hex(&Sha256::digest(text.as_bytes()))
}

fn to_hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}
