//! Results that this browser keeps, and files of them.

mod file;
mod store;

use serde::{Deserialize, Serialize};
use wasm_core::kept::About;
use wasm_core::recording::StreamInfo;
use web_sys::Blob;

pub use file::{KeptFile, opened};
pub use store::StoreError;

/// What the names of files of kept results end with.
pub const ENDING: &str = ".neurocyte";

/// A kept result in the list of the start page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The id, which the address ends with.
    pub id: String,
    /// Name of the recording.
    pub name: String,
    /// Stream that was analysed.
    pub stream: String,
    /// What the person wrote; empty where they did not.
    #[serde(default)]
    pub note: String,
    /// Length of the recording.
    pub duration_s: f64,
    /// When it was kept, in milliseconds since 1970.
    pub created_ms: f64,
    /// Size of the file.
    pub size_bytes: f64,
}

impl Entry {
    /// That of a result of a stream, in a file of so many bytes. Nobody keeps two results in one millisecond.
    pub fn new(about: &About, info: &StreamInfo, size_bytes: f64) -> Self {
        Self {
            id: format!("{:.0}", about.created_ms),
            name: about.name.clone(),
            stream: info.name.clone(),
            note: about.note.clone(),
            duration_s: info.duration_s(),
            created_ms: about.created_ms,
            size_bytes,
        }
    }
}

/// All, newest first.
pub async fn all() -> Result<Vec<Entry>, StoreError> {
    Ok(listed(&store::all().await?))
}

/// Keeps a result. Either all of it is kept, or nothing.
pub async fn keep(entry: &Entry, file: &Blob) -> Result<(), StoreError> {
    let text = serde_json::to_string(entry).map_err(|error| StoreError::Other(error.to_string()))?;
    // The browser may refuse: some browsers ask the person, and some have no such thing.
    if let Some(window) = web_sys::window() {
        drop(window.navigator().storage().persist());
    }
    store::add(&entry.id, &text, file).await
}

/// The file of a kept result; none where there is none.
pub async fn file(id: &str) -> Result<Option<Blob>, StoreError> {
    store::file(id).await
}

/// Deletes a kept result.
pub async fn delete(id: &str) -> Result<(), StoreError> {
    store::delete(id).await
}

/// Entries of a list, newest first. One that a later version of this page wrote stays where it is.
fn listed(texts: &[String]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = texts.iter().filter_map(|text| serde_json::from_str(text).ok()).collect();
    entries.sort_by(|a, b| b.created_ms.total_cmp(&a.created_ms));
    entries
}

/// Bytes of all together.
pub fn size_bytes(entries: &[Entry]) -> f64 {
    entries.iter().map(|entry| entry.size_bytes).sum()
}

/// Characters of a name that a file's name takes.
const NAME_CHARS: usize = 100;

/// The name of the file of a kept result, without what no file system takes.
pub fn file_name(name: &str) -> String {
    let is_taken = |letter: char| !letter.is_control() && !"/\\:*?\"<>|".contains(letter);
    let name = name.strip_suffix(ENDING).unwrap_or(name).trim().trim_start_matches('.');
    let name: String =
        name.chars().take(NAME_CHARS).map(|letter| if is_taken(letter) { letter } else { '_' }).collect();
    format!("{}{ENDING}", if name.is_empty() { "result" } else { &name })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, created_ms: f64) -> Entry {
        Entry {
            id: format!("{created_ms:.0}"),
            name: name.into(),
            stream: "0".into(),
            note: String::new(),
            duration_s: 12.5,
            created_ms,
            size_bytes: 1500.0,
        }
    }

    #[test]
    fn the_list_has_the_newest_first_and_leaves_out_what_it_cannot_read() {
        let (old, new) = (entry("old", 1e12), entry("new", 1.7e12 + 1.0));
        let mut texts: Vec<String> =
            [&old, &new].iter().map(|entry| serde_json::to_string(entry).expect("JSON")).collect();
        texts.push("{\"id\":\"of a later version\"}".into());
        let found = listed(&texts);
        assert_eq!(found, [new, old]);
        assert_eq!(found[0].id, "1700000000001");
        assert_eq!(size_bytes(&found), 3000.0);
        assert_eq!(size_bytes(&[]), 0.0);
    }

    #[test]
    fn names_of_files_are_those_of_recordings() {
        assert_eq!(file_name("culture.raw"), "culture.raw.neurocyte");
        assert_eq!(file_name("plate 3/well: A1"), "plate 3_well_ A1.neurocyte");
        assert_eq!(file_name("again.neurocyte"), "again.neurocyte");
        assert_eq!(file_name(" "), "result.neurocyte");
        assert_eq!(file_name(&"ä".repeat(300)).chars().count(), 110);
    }
}
