//! Keys of uploaded recordings as a file that another browser can take.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::memory::{self, Remembered};
use super::results::{self, Sent};

/// Name of the file.
pub const FILE: &str = "neurocyte-keys.json";

/// Version of the file.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct File {
    neurocyte_keys: u32,
    recordings: Vec<Value>,
    /// Results that were shared from their spikes alone.
    #[serde(default)]
    results: Vec<Value>,
}

/// What a file has the keys of.
type Keys = (Vec<Remembered>, Vec<Sent>);

/// All recordings and shared results of this browser with their keys.
pub fn to_file() -> String {
    written(&memory::all(), &results::all())
}

/// Takes the recordings and shared results of a file that are not known here yet; the number of each,
/// or why it cannot be read.
pub fn take(text: &str) -> Result<(usize, usize), String> {
    let (recordings, sent) = read(text)?;
    let recordings = new_ones(&memory::all(), recordings, |known| &known.recording_id);
    let sent = new_ones(&results::all(), sent, |known| &known.result_id);
    let n_found = (recordings.len(), sent.len());
    // Each goes to the front.
    for recording in recordings.into_iter().rev() {
        memory::put(recording);
    }
    for sent in sent.into_iter().rev() {
        results::put(sent);
    }
    Ok(n_found)
}

fn written(recordings: &[Remembered], sent: &[Sent]) -> String {
    let recordings = recordings.iter().filter_map(|known| serde_json::to_value(known).ok()).collect();
    let results = sent.iter().filter_map(|known| serde_json::to_value(known).ok()).collect();
    serde_json::to_string_pretty(&File { neurocyte_keys: VERSION, recordings, results }).unwrap_or_default()
}

fn read(text: &str) -> Result<Keys, String> {
    let Ok(file) = serde_json::from_str::<File>(text) else {
        return Err(format!("It is no file of keys that Neurocyte saved; such a file is called {FILE}."));
    };
    if file.neurocyte_keys > VERSION {
        return Err("A later version of Neurocyte saved it. Reload this page and try again.".into());
    }
    let recordings: Result<Vec<Remembered>, _> = file.recordings.into_iter().map(serde_json::from_value).collect();
    let recordings = recordings.map_err(|error| format!("A recording in it cannot be read: {error}."))?;
    let sent: Result<Vec<Sent>, _> = file.results.into_iter().map(serde_json::from_value).collect();
    Ok((recordings, sent.map_err(|error| format!("A shared result in it cannot be read: {error}."))?))
}

/// The entries whose id is not known. What is known here stays as it is.
fn new_ones<T>(known: &[T], found: Vec<T>, id: fn(&T) -> &String) -> Vec<T> {
    found.into_iter().filter(|one| known.iter().all(|known| id(known) != id(one))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::memory::uploaded;
    use wasm_core::secret::Secret;

    #[test]
    fn keys_go_through_a_file() {
        let recordings = [uploaded("a"), uploaded("b")];
        let sent = Sent { result_id: "c".into(), owner_key: Secret::new("key of c"), ..Sent::default() };
        let (found, results) = read(&written(&recordings, std::slice::from_ref(&sent))).expect("a file of keys");
        assert_eq!(found, recordings);
        assert_eq!(new_ones(&[uploaded("b")], found, |known| &known.recording_id), [uploaded("a")]);
        assert_eq!(results, [sent]);
        // A file that an earlier version saved has no results.
        let (_, results) = read(r#"{ "neurocyte_keys": 1, "recordings": [] }"#).expect("a file of keys");
        assert!(results.is_empty());
        assert!(read("{}").is_err_and(|reason| reason.contains("neurocyte-keys.json")));
        assert!(read(r#"{ "neurocyte_keys": 2, "recordings": [{}] }"#).is_err_and(|reason| reason.contains("later")));
        assert!(read(r#"{ "neurocyte_keys": 1, "recordings": [{}] }"#).is_err_and(|reason| reason.contains("missing")));
    }
}
