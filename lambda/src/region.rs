//! The region of AWS that this program runs in, and addresses by which all of them are pinged.

use wasm_core::regions::{Region, known};

/// The region as Lambda names it, or whoever set `AWS_REGION`; none elsewhere.
#[must_use]
pub fn here() -> Option<String> {
    std::env::var("AWS_REGION").ok().filter(|code| !code.is_empty())
}

/// What the page may ask for a sign of life when somebody measures how far regions are: one address of each.
#[must_use]
pub fn ping_addresses() -> Vec<String> {
    known().regions.iter().map(Region::ping_address).collect()
}
