//! The functions as they are deployed, for checks on this machine: scripts by the names that checks call
//! them, which run the one program for arm64 under an emulator.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::FOLDER;
use crate::shell::{Outcome, root};

/// Handlers of the template.
const HANDLERS: &[&str] = &["api", "plan", "analyse", "reduce"];

/// Writes `target/deploy/emulated` and gives its path. The emulator is not installed here: only checks
/// need it (`qemu-user`, and the C library of `gcc-aarch64-linux-gnu`).
pub fn write(bootstrap: &Path) -> Outcome<PathBuf> {
    let folder = root().canonicalize()?.join(FOLDER).join("emulated");
    fs::create_dir_all(&folder)?;
    let program = folder.join("bootstrap");
    fs::copy(bootstrap, &program).map_err(|error| format!("{}: {error}", bootstrap.display()))?;
    for handler in HANDLERS {
        write_script(&folder.join(handler), &emulating(handler, &program))?;
    }
    write_script(&folder.join("neurocyte"), &native())?;
    Ok(folder)
}

/// Neoverse N1 is the oldest processor that runs functions for arm64.
fn emulating(handler: &str, program: &Path) -> String {
    let program = program.display();
    format!("#!/bin/sh\n_HANDLER={handler} exec qemu-aarch64 -cpu neoverse-n1 -L /usr/aarch64-linux-gnu '{program}'\n")
}

/// The command line is not deployed: it is the one of this machine.
fn native() -> String {
    let manifest = root().join("Cargo.toml");
    let built = "cargo run --quiet --release --package lambda --bin neurocyte --manifest-path";
    format!("#!/bin/sh\nexec {built} '{}' -- \"$@\"\n", manifest.display())
}

fn write_script(path: &Path, text: &str) -> Outcome {
    fs::write(path, text)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The template names a handler for each function, and the program knows each of them.
    #[test]
    fn template_and_program_have_the_same_handlers() {
        let template = include_str!("../../../template.yaml");
        let program = include_str!("../../../../lambda/src/bin/bootstrap.rs");
        for handler in HANDLERS {
            assert!(template.contains(&format!("      Handler: {handler}\n")), "{handler}");
            assert!(program.contains(&format!("\"{handler}\" => ")), "{handler}");
        }
        assert_eq!(template.matches("      Handler: ").count(), HANDLERS.len());
        assert_eq!(template.matches("Binary: bootstrap").count(), HANDLERS.len());
    }

    #[test]
    fn a_script_tells_the_program_its_handler() {
        let script = emulating("plan", Path::new("/a b/bootstrap"));
        assert!(script.contains("_HANDLER=plan exec qemu-aarch64 ") && script.ends_with("'/a b/bootstrap'\n"));
    }
}
