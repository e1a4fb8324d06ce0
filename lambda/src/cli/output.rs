//! Files and folders that commands write.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::Outcome;

/// Says which file or folder an error is about.
fn about<E: std::fmt::Display>(path: &Path) -> impl FnOnce(E) -> String {
    let path = path.display().to_string();
    move |error| format!("{path}: {error}")
}

/// Makes a folder where there is none.
pub fn folder(path: &Path) -> Result<(), String> {
    std::fs::create_dir_all(path).map_err(about(path))
}

/// Makes a folder for a recording. One that holds something else is left alone; `mark` is the file
/// by which a recording is known that was written here before.
pub fn folder_of_recording(path: &Path, mark: &str) -> Result<(), String> {
    let is_taken = std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some());
    if is_taken && !path.join(mark).exists() {
        return Err(about(path)("it holds other files; choose a folder that is empty or new"));
    }
    folder(path)
}

/// Creates a file.
pub fn create(path: &Path) -> Result<File, String> {
    File::create(path).map_err(about(path))
}

/// Writes a file, with the folder that it lies in.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    if let Some(parent) = path.parent() {
        folder(parent)?;
    }
    std::fs::write(path, bytes).map_err(about(path))
}

/// Writes a file piece by piece; one that does not become whole is taken away again.
pub fn write_pieces(path: &Path, pieces: impl FnOnce(&mut BufWriter<File>) -> Outcome) -> Outcome {
    let mut file = BufWriter::new(create(path)?);
    let written = pieces(&mut file).and_then(|()| Ok(file.flush()?));
    if written.is_err() && path.is_file() {
        std::fs::remove_file(path).map_err(about(path))?;
    }
    written.map_err(|error| about::<Box<dyn std::error::Error>>(path)(error).into())
}
