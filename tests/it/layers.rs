//! Who may import whom inside a crate. The modules of a crate stand in an order, and each names only those
//! before it: so there is no circle of modules that need one another, and there are no exceptions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The core, from what knows nothing to what knows most: bytes and tables, recordings and their formats, what is
/// computed from them, results, and what is made of those.
const CORE: &[&str] = &[
    "csv",
    "decimals",
    "numbers",
    "kind",
    "secret",
    "simd",
    "size",
    "transpose",
    "io",
    "sample",
    "table",
    "events",
    "spikes",
    "recording",
    "grid",
    "chunk",
    "simulation",
    "formats",
    "figure",
    "filter",
    "field",
    "analyses",
    "blocks",
    "pipeline",
    "presets",
    "engine",
    "quality",
    "envelope",
    "zarr",
    "view",
    "run",
    "plate",
    "report",
    "export",
    "kept",
    "api",
    "cost",
    "regions",
    "upload",
];

/// The page and its workers.
const PAGE: &[&str] = &["bridge", "work", "ui", "services", "routes", "plots", "pages", "app"];

/// The cloud and the command line.
const CLOUD: &[&str] = &[
    "random",
    "region",
    "time",
    "keys",
    "memory",
    "threads",
    "store",
    "executions",
    "handlers",
    "invitations",
    "log",
    "api",
    "function",
    "cli",
];

#[test]
fn modules_import_only_those_before_them() {
    for (folder, order) in [("wasm-core/src", CORE), ("frontend/src", PAGE), ("lambda/src", CLOUD)] {
        let imports = imports(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder));
        let found: BTreeSet<&str> = imports.keys().map(String::as_str).collect();
        let listed: BTreeSet<&str> = order.iter().copied().collect();
        assert_eq!(found, listed, "the order of {folder} names every module once");
        let place = |module: &str| order.iter().position(|known| *known == module);
        for (module, others) in &imports {
            let behind: Vec<&str> =
                others.iter().map(String::as_str).filter(|other| place(other) > place(module)).collect();
            assert!(behind.is_empty(), "{folder}: {module} names {behind:?}, which stand behind it in the order");
        }
    }
}

/// The modules of a crate, and those that each names outside its tests.
fn imports(source: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let files = rust_files(source);
    let texts: BTreeMap<&PathBuf, Code> = files.iter().map(|path| (path, Code::read(path))).collect();
    let tests: BTreeSet<&PathBuf> = texts.values().flat_map(|code| &code.test_files).collect();
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, code) in texts.iter().filter(|(path, _)| !tests.contains(*path)) {
        let within = path.strip_prefix(source).expect("a file of the crate").with_extension("");
        let parts: Vec<String> = within.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let module = parts[0].clone();
        if module == "lib" || module == "bin" {
            continue;
        }
        // So many steps up lead out of the module.
        assert!(!code.text.contains(&"super::".repeat(parts.len())), "{}: say crate::", within.display());
        imports.entry(module).or_default().extend(named(&code.text));
    }
    let modules: BTreeSet<String> = imports.keys().cloned().collect();
    for (module, others) in &mut imports {
        others.retain(|other| other != module && modules.contains(other));
    }
    imports
}

/// What follows `crate::` each time.
fn named(code: &str) -> impl Iterator<Item = String> {
    code.split("crate::").skip(1).map(|rest| {
        assert!(!rest.starts_with('{'), "imports have a line for each module");
        rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
    })
}

/// A file without its comments and tests.
struct Code {
    text: String,
    /// Files that hold tests of it.
    test_files: Vec<PathBuf>,
}

impl Code {
    fn read(path: &Path) -> Self {
        let (mut text, mut test_files) = (String::new(), Vec::new());
        let content = std::fs::read_to_string(path).expect("readable");
        let mut lines = content.lines();
        while let Some(line) = lines.next() {
            if line != "#[cfg(test)]" {
                text.push_str(line.split("//").next().unwrap_or_default());
                text.push('\n');
                continue;
            }
            let item = lines.find(|line| !line.starts_with("#[")).unwrap_or_default();
            // Tests stand at the end of a file.
            let Some(module) = item.strip_prefix("mod ") else { continue };
            let Some(name) = module.strip_suffix(';') else { break };
            test_files.push(path.with_extension("").join(format!("{name}.rs")));
        }
        Self { text, test_files }
    }
}

/// All files of a crate, without what is built.
pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(path) = waiting.pop() {
        if path.ends_with("target") {
            continue;
        }
        if path.is_dir() {
            waiting.extend(std::fs::read_dir(path).expect("readable").map(|entry| entry.expect("readable").path()));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}
