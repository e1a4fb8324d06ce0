//! Files that tests in the browser may read: those of the repository, and of the folder `shared` beside it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::shell::root;

/// Files below some folders.
pub struct Files {
    folders: Vec<PathBuf>,
}

impl Files {
    pub fn new() -> Self {
        let folders = [root(), root().join("../shared")];
        Self { folders: folders.iter().filter_map(|folder| folder.canonicalize().ok()).collect() }
    }

    /// The path without detours, where it may be read.
    fn place(&self, path: &str) -> Option<PathBuf> {
        let place = Path::new(path).canonicalize().ok()?;
        self.folders.iter().any(|folder| place.starts_with(folder)).then_some(place)
    }

    /// The size of a file or the entries of a folder.
    pub fn look(&self, path: &str) -> Option<Value> {
        let place = self.place(path)?;
        if !place.is_dir() {
            return Some(json!({ "size": place.metadata().ok()?.len() }));
        }
        let entries = fs::read_dir(place)
            .ok()?
            .flatten()
            .map(|entry| json!({ "name": entry.file_name().to_string_lossy(), "is_folder": entry.path().is_dir() }));
        Some(json!({ "entries": entries.collect::<Vec<Value>>() }))
    }

    pub fn read(&self, path: &str) -> Option<Vec<u8>> {
        fs::read(self.place(path)?).ok()
    }
}

/// What a program knows of them: names, and where they are. Tests know the workspace by the path that cargo
/// gives them, and property tests look for their source, and the failures kept beside it, from the root on.
pub fn folders() -> Value {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new("/"));
    json!([
        { "name": workspace, "path": workspace },
        { "name": "/wasm-core", "path": workspace.join("wasm-core") },
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_repository_is_read() {
        let files = Files::new();
        let path = |name: &str| root().join(name).display().to_string();
        let look = files.look(&path("wasm-core")).expect("a folder");
        let entries = look["entries"].as_array().expect("entries");
        assert!(entries.contains(&json!({ "name": "src", "is_folder": true })), "{look}");
        let own = include_str!("files.rs");
        let this = path("infra/xtask/src/test_wasm/files.rs");
        assert_eq!(files.look(&this), Some(json!({ "size": own.len() })));
        assert_eq!(files.read(&this).as_deref(), Some(own.as_bytes()));
        assert_eq!((files.read(&path("none")), files.look("/etc"), files.read("/etc/hosts")), (None, None, None));
    }
}
