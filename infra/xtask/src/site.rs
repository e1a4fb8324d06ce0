//! Builds the site: static files from `www`, and the page and its worker as wasm.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use wasm_bindgen_cli_support::Bindgen;

use crate::shell::{Outcome, output, root, run};

pub const TARGET: &str = "wasm32-unknown-unknown";

/// The two programs of the page.
const PROGRAMS: &[&str] = &["app", "worker"];

/// Builds what people get into `target/site` and returns that folder.
pub fn build() -> Outcome<PathBuf> {
    build_as("web")
}

/// Builds it for tests: the same code, without the optimisation that takes most of the time of a cold build.
pub fn build_for_tests() -> Outcome<PathBuf> {
    build_as("verify")
}

fn build_as(profile: &str) -> Outcome<PathBuf> {
    add_target(TARGET)?;
    run("cargo", &["build", "--quiet", "--profile", profile, "--target", TARGET, "--package", "frontend", "--bins"])?;
    let site = root().join("target/site");
    fs::create_dir_all(&site)?;
    copy(&root().join("www"), &site)?;
    for program in PROGRAMS {
        let wasm = root().join(format!("target/{TARGET}/{profile}/{program}.wasm"));
        let mut bindgen = Bindgen::new();
        bindgen
            .input_path(&wasm)
            .out_name(program)
            .typescript(false)
            .remove_name_section(true)
            .remove_producers_section(true);
        bindgen.web(true)?.generate(&site)?;
    }
    compress(&site)?;
    Ok(site)
}

/// Installs a target where the toolchain lacks it.
pub fn add_target(target: &str) -> Outcome {
    let installed = output("rustup", &["target", "list", "--installed"]).unwrap_or_default();
    if installed.lines().any(|line| line == target) {
        return Ok(());
    }
    run("rustup", &["target", "add", target])
}

fn copy(from: &Path, to: &Path) -> Outcome {
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            fs::create_dir_all(&target)?;
            copy(&path, &target)?;
        } else {
            fs::copy(&path, &target)?;
        }
    }
    Ok(())
}

/// Writes a `.gz` beside each text or wasm file, for servers that send it as it is.
fn compress(folder: &Path) -> Outcome {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let ending = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            compress(&path)?;
        } else if ["wasm", "js", "css", "html", "svg", "webmanifest"].contains(&ending.as_str()) {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            encoder.write_all(&fs::read(&path)?)?;
            fs::write(path.with_extension(format!("{ending}.gz")), encoder.finish()?)?;
        }
    }
    Ok(())
}
