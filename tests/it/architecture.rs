//! Who may depend on whom, held against `cargo metadata`; and how wide comments are.

use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::layers::rust_files;

/// The edges of ARCHITECTURE.md.
const ALLOWED: &[(&str, &str)] = &[
    ("frontend", "wasm-core"),
    ("lambda", "wasm-core"),
    ("local-cloud", "lambda"),
    ("end-to-end", "local-cloud"),
    ("end-to-end", "lambda"),
    ("end-to-end", "wasm-core"),
];

/// What the core must not know: platforms, networks, files.
const NOT_IN_CORE: &[&str] = &["wasm-bindgen", "web-sys", "js-sys", "tokio", "aws-sdk-s3", "axum"];

#[test]
fn dependencies_go_only_where_the_picture_says() {
    let metadata = MetadataCommand::new().no_deps().exec().expect("cargo metadata");
    let members: Vec<String> = metadata.packages.iter().map(|package| package.name.to_string()).collect();
    for package in &metadata.packages {
        for dependency in &package.dependencies {
            let edge = (package.name.as_str(), dependency.name.as_str());
            if members.contains(&dependency.name) {
                assert!(ALLOWED.contains(&edge), "{} must not depend on {}", edge.0, edge.1);
            }
            let in_core = edge.0 == "wasm-core" && dependency.kind == DependencyKind::Normal;
            assert!(!(in_core && NOT_IN_CORE.contains(&edge.1)), "wasm-core must not depend on {}", edge.1);
        }
    }
}

/// Files below a folder that contain a text.
fn files_with(folder: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder)];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(std::fs::read_dir(path).expect("readable").map(|entry| entry.expect("readable").path()));
        } else if std::fs::read_to_string(&path).is_ok_and(|content| content.contains(text)) {
            found.push(path.file_name().expect("a name").to_string_lossy().into_owned());
        }
    }
    found.sort();
    found
}

/// Modules of the page, and those that they must not name.
const LAYERS: [(&str, &[&str]); 5] = [
    ("ui", &["plots", "services", "pages"]),
    ("services", &["ui", "plots", "pages"]),
    ("plots", &["services", "pages"]),
    ("work", &["ui", "plots", "services", "pages"]),
    ("pages/result", &["pages::workbench"]),
];

#[test]
fn the_page_is_built_in_layers() {
    for (module, others) in LAYERS {
        for other in others {
            let known = files_with(&format!("frontend/src/{module}"), &format!("crate::{other}"));
            assert!(known.is_empty(), "{module} must not know {other}: {known:?}");
        }
    }
}

#[test]
fn one_module_speaks_s3_and_only_functions_name_the_runtime() {
    assert_eq!(files_with("lambda/src", "aws_sdk_s3"), ["page.rs", "store.rs", "upload.rs"]);
    assert_eq!(files_with("lambda/src/store", "aws_sdk_s3"), ["page.rs", "upload.rs"]);
    assert_eq!(files_with("lambda/src", "aws_sigv4"), ["request.rs"]);
    let programs = ["analyse.rs", "api.rs", "bootstrap.rs", "function.rs", "plan.rs", "reduce.rs"];
    assert_eq!(files_with("lambda/src", "lambda_runtime"), programs);
    assert_eq!(files_with("lambda/src", "lambda_http"), ["function.rs"]);
    let in_library = ["lambda_runtime", "lambda_http"].iter().flat_map(|name| files_with("lambda/src/handlers", name));
    assert_eq!(in_library.count(), 0);
}

/// Characters of a line of code, `max_width` of `rustfmt.toml`, which leaves comments as they are.
const MAX_WIDTH: usize = 120;

/// Whether a line is a comment that is too wide. Rows of tables cannot be broken.
fn is_wide_comment(line: &str) -> bool {
    let text = line.trim_start().strip_prefix("//").map(|text| text.trim_start_matches(['/', '!', ' ']));
    line.chars().count() > MAX_WIDTH && text.is_some_and(|text| !text.starts_with('|'))
}

#[test]
fn comments_are_as_wide_as_code() {
    let long = "a".repeat(MAX_WIDTH);
    assert!(is_wide_comment(&format!("    /// {long}")) && is_wide_comment(&format!("//! {long}")));
    assert!(!is_wide_comment(&format!("//! | {long} |")) && !is_wide_comment(&long));
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let files = ["wasm-core", "frontend", "lambda", "infra", "tests"].map(|folder| rust_files(&root.join(folder)));
    assert!(files.iter().all(|of| !of.is_empty()));
    for file in files.iter().flatten() {
        let text = std::fs::read_to_string(file).expect("readable");
        let wide = text.lines().position(is_wide_comment);
        assert!(wide.is_none(), "{}: line {} is wider than {MAX_WIDTH}", file.display(), wide.unwrap_or_default() + 1);
    }
}

/// Licences that a permissively licensed program may carry along.
const LICENCES: &[&str] = &[
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "0BSD",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MPL-2.0",
    "OpenSSL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Whether one of the alternatives consists of known licences only.
fn is_permissive(expression: &str) -> bool {
    let flat = expression.replace(['(', ')'], "").replace('/', " OR ");
    flat.split(" OR ").any(|all| all.split(" AND ").all(|one| LICENCES.contains(&one.trim())))
}

#[test]
fn every_dependency_has_a_permissive_licence() {
    let metadata = MetadataCommand::new().exec().expect("cargo metadata");
    for package in &metadata.packages {
        let licence = package.license.as_deref().unwrap_or("none stated");
        // A few state a file instead.
        assert!(is_permissive(licence) || package.license_file.is_some(), "{} is licensed {licence}", package.name);
    }
}
