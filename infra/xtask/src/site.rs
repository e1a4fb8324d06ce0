//! Builds the site: static files from `www`, and the page and its workers as wasm.

mod compress;
mod sizes;

use std::fs;
use std::path::{Path, PathBuf};

use wasm_bindgen_cli_support::Bindgen;

use crate::shell::{Outcome, output, root, run};

pub const TARGET: &str = "wasm32-unknown-unknown";

/// The page, and the programs of its workers: that which a first look needs, and that which a result needs.
const PAGE: &[&str] = &["app"];
const WORKERS: &[&str] = &["worker", "analyst"];

/// How programs are built: with which profile, and how hard they are compressed.
struct Manner {
    page: &'static str,
    workers: &'static str,
    brotli_quality: i32,
}

/// What people get: the page as small as it can be, the workers as fast.
const FOR_PEOPLE: Manner = Manner { page: "web-page", workers: "web", brotli_quality: 11 };

/// The same code, without the optimisation that takes most of the time of a cold build.
const FOR_TESTS: Manner = Manner { page: "verify-page", workers: "verify-page", brotli_quality: 4 };

/// Builds what people get into `target/site` and returns that folder.
pub fn build() -> Outcome<PathBuf> {
    let site = build_as(&FOR_PEOPLE)?;
    eprintln!("{}", sizes::told(&site)?);
    Ok(site)
}

/// Builds it for tests.
pub fn build_for_tests() -> Outcome<PathBuf> {
    build_as(&FOR_TESTS)
}

fn build_as(manner: &Manner) -> Outcome<PathBuf> {
    add_target(TARGET)?;
    let parts = [(manner.page, PAGE), (manner.workers, WORKERS)];
    for (profile, programs) in parts {
        let bins: Vec<&str> = programs.iter().flat_map(|program| ["--bin", *program]).collect();
        let with = ["build", "--quiet", "--profile", profile, "--target", TARGET, "--package", "frontend"];
        run("cargo", &[&with[..], &bins[..]].concat())?;
    }
    let site = root().join("target/site");
    fs::create_dir_all(&site)?;
    copy(&root().join("www"), &site)?;
    for (profile, programs) in parts {
        for program in programs {
            bind(program, profile, &site)?;
        }
    }
    compress::beside(&site, manner.brotli_quality)?;
    Ok(site)
}

/// Puts a program and the JavaScript that calls it into the site.
fn bind(program: &str, profile: &str, site: &Path) -> Outcome {
    let wasm = root().join(format!("target/{TARGET}/{profile}/{program}.wasm"));
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(&wasm)
        .out_name(program)
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true);
    bindgen.web(true)?.generate(site)?;
    Ok(())
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
