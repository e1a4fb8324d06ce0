//! `cargo xtask emulate`: the core's tests on another processor, aarch64, through an emulator.
//! One of them holds the spikes of a recording to the bits that all processors must give.

use crate::shell::{Outcome, command, need};
use crate::site;

const TARGET: &str = "aarch64-unknown-linux-gnu";
const LINKER: &str = "aarch64-linux-gnu-gcc";
const EMULATOR: &str = "qemu-aarch64";

pub fn run() -> Outcome {
    need(&[EMULATOR, LINKER], &["qemu-user", "gcc-aarch64-linux-gnu"])?;
    site::add_target(TARGET)?;
    let tests = ["test", "--release", "--package", "wasm-core", "--lib", "--test", "it", "--target", TARGET];
    let status = command("cargo", &tests)
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", LINKER)
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER", format!("{EMULATOR} -L /usr/aarch64-linux-gnu"))
        .status()?;
    if status.success() { Ok(()) } else { Err("the core's tests failed on aarch64".into()) }
}
