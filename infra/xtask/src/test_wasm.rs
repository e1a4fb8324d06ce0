//! `cargo xtask test-wasm`: the core's unit, property and integration tests as WebAssembly in a
//! browser, in workers, as the page runs the core. `infra/xtask/test-wasm` is what the browser loads.
//!
//! A panic ends an instance of WebAssembly, so each test has one to itself: what one test does
//! cannot touch another, and each failure has a name.

mod browser;
mod choice;
mod files;
mod report;
mod site;

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Instant;

use clap::Args;
use serde_json::Value;

use self::report::Report;
use crate::shell::{Outcome, command, need};

/// The library's tests and those beside it need a `main`, output and files, which this target has.
const TARGET: &str = "wasm32-wasip1";

#[derive(Args, Default)]
pub struct Options {
    /// Run only tests whose name has this in it
    filter: Option<String>,
    /// Seed of the random bytes that a test gets; another one gives property tests other cases
    #[arg(long, default_value_t)]
    seed: u32,
}

/// A program of tests.
struct Program {
    name: String,
    path: PathBuf,
}

/// Builds the tests, runs them and says what came of them.
pub fn run(options: &Options) -> Outcome {
    need(&["chromium"], &["chromium"])?;
    let programs = build()?;
    let start = Instant::now();
    let mut report = Report::default();
    browser::run(programs, options, &mut report)?;
    println!("{}", report.words(start.elapsed()));
    report.check()
}

fn build() -> Outcome<Vec<Program>> {
    crate::site::add_target(TARGET)?;
    let tests = ["test", "--no-run", "--profile", "verify", "--package", "wasm-core", "--lib", "--test", "it"];
    let as_wasm = ["--target", TARGET, "--message-format", "json-render-diagnostics"];
    let built = command("cargo", &[&tests[..], &as_wasm[..]].concat()).stderr(Stdio::inherit()).output()?;
    if !built.status.success() {
        return Err(format!("the core's tests could not be built for {TARGET}").into());
    }
    let programs = programs(&String::from_utf8_lossy(&built.stdout));
    if programs.len() < 2 {
        return Err("cargo built no programs of the core's tests".into());
    }
    Ok(programs)
}

/// The programs of tests that cargo tells of, line by line. Integration tests come first: they take longest.
fn programs(messages: &str) -> Vec<Program> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let program = |message: Value| {
        let path = PathBuf::from(message["executable"].as_str()?);
        let name = message["target"]["name"].as_str()?.to_owned();
        (message["profile"]["test"] == true).then_some(Program { name, path })
    };
    let mut programs: Vec<Program> = messages.filter_map(program).collect();
    programs.sort_by(|one, other| one.name.cmp(&other.name));
    programs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_among_what_cargo_says() {
        let said = [
            r#"{"reason":"compiler-artifact","target":{"name":"serde"},"profile":{"test":false},"executable":null}"#,
            r#"{"reason":"compiler-artifact","target":{"name":"wasm_core"},"profile":{"test":true},"executable":"/t/a.wasm"}"#,
            r#"{"reason":"compiler-artifact","target":{"name":"it"},"profile":{"test":true},"executable":"/t/b.wasm"}"#,
            r#"{"reason":"build-finished","success":true}"#,
        ];
        let found = programs(&said.join("\n"));
        let found: Vec<_> = found.iter().map(|program| (program.name.as_str(), program.path.as_path())).collect();
        let expected = [("it", "/t/b.wasm"), ("wasm_core", "/t/a.wasm")];
        assert_eq!(found, expected.map(|(name, path)| (name, std::path::Path::new(path))));
    }
}
