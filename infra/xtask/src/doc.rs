//! `cargo xtask doc`: the documentation of all crates, private parts too, with warnings denied: a link that leads
//! nowhere is an error.

use crate::shell::{Outcome, command};

pub fn run() -> Outcome {
    let pages = ["doc", "--workspace", "--exclude", "end-to-end", "--no-deps", "--document-private-items"];
    let status = command("cargo", &pages).env("RUSTDOCFLAGS", "-D warnings").status()?;
    if status.success() { Ok(()) } else { Err("the documentation has warnings".into()) }
}
