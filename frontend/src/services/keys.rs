//! Keys of uploaded recordings as a file that another browser can take.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::memory::{self, Remembered};

/// Name of the file.
pub const FILE: &str = "neurocyte-keys.json";

/// Version of the file.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct File {
    neurocyte_keys: u32,
    recordings: Vec<Value>,
}

/// All recordings of this browser with their keys.
pub fn to_file() -> String {
    written(&memory::all())
}

/// Takes the recordings of a file that are not known here yet; their number, or why it cannot be read.
pub fn take(text: &str) -> Result<usize, String> {
    let found = new_ones(&memory::all(), read(text)?);
    let n_found = found.len();
    // Each goes to the front.
    for recording in found.into_iter().rev() {
        memory::put(recording);
    }
    Ok(n_found)
}

fn written(recordings: &[Remembered]) -> String {
    let recordings = recordings.iter().filter_map(|known| serde_json::to_value(known).ok()).collect();
    serde_json::to_string_pretty(&File { neurocyte_keys: VERSION, recordings }).unwrap_or_default()
}

fn read(text: &str) -> Result<Vec<Remembered>, String> {
    let Ok(file) = serde_json::from_str::<File>(text) else {
        return Err(format!("It is no file of keys that Neurocyte saved; such a file is called {FILE}."));
    };
    let recordings: Result<Vec<Remembered>, _> = file.recordings.into_iter().map(serde_json::from_value).collect();
    match recordings {
        Ok(recordings) if file.neurocyte_keys <= VERSION => Ok(recordings),
        Err(error) if file.neurocyte_keys <= VERSION => Err(format!("A recording in it cannot be read: {error}.")),
        _ => Err("A later version of Neurocyte saved it. Reload this page and try again.".into()),
    }
}

/// Those that are not known. What is known here stays as it is.
fn new_ones(known: &[Remembered], found: Vec<Remembered>) -> Vec<Remembered> {
    let is_new = |one: &Remembered| known.iter().all(|known| known.recording_id != one.recording_id);
    found.into_iter().filter(is_new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_core::secret::Secret;

    fn recording(id: &str) -> Remembered {
        Remembered {
            recording_id: id.into(),
            owner_key: Secret::new(format!("key of {id}")),
            name: "culture.raw".into(),
            stream: "0".into(),
            fingerprint: "1:2:3".into(),
            duration_s: 12.0,
            created_ms: 1e12,
            run_id: None,
            earlier_run_id: None,
            pipeline: None,
            links: Vec::new(),
        }
    }

    #[test]
    fn keys_go_through_a_file() {
        let recordings = [recording("a"), recording("b")];
        let found = read(&written(&recordings)).expect("a file of keys");
        assert_eq!(found, recordings);
        assert_eq!(new_ones(&[recording("b")], found), [recording("a")]);
        assert!(read("{}").is_err_and(|reason| reason.contains("neurocyte-keys.json")));
        assert!(read(r#"{ "neurocyte_keys": 2, "recordings": [{}] }"#).is_err_and(|reason| reason.contains("later")));
        assert!(read(r#"{ "neurocyte_keys": 1, "recordings": [{}] }"#).is_err_and(|reason| reason.contains("missing")));
    }
}
