//! Bounds of what an announcement says in words, and of the number of its chunks.

use wasm_core::api::{CreateRecording, limits, n_chunks};
use wasm_core::recording::StreamInfo;

use super::error::ApiError;
use super::recordings::refused;

/// Chunks are listed, and each is sent by a request of its own.
pub fn check_chunks(stream: &StreamInfo) -> Result<(), ApiError> {
    let n = n_chunks(stream);
    if n > limits::CHUNKS {
        let accepted = format!("at most {} chunks of 65,536 frames of 64 channels", limits::CHUNKS);
        return Err(refused("the recording", accepted, n));
    }
    Ok(())
}

/// Every later request reads these again.
pub fn check_texts(recording: &CreateRecording) -> Result<(), ApiError> {
    let notes = &recording.notes;
    if notes.len() > limits::NOTES {
        return Err(refused("notes", format!("at most {}", limits::NOTES), notes.len()));
    }
    let n_chars = |text: &String| text.chars().count();
    for (what, found, most) in [
        ("format", n_chars(&recording.format), limits::FORMAT_CHARS),
        ("stream.name", n_chars(&recording.stream.name), limits::STREAM_NAME_CHARS),
        ("a note", notes.iter().map(n_chars).max().unwrap_or(0), limits::NOTE_CHARS),
    ] {
        if found > most {
            return Err(refused(what, format!("at most {most} characters"), found));
        }
    }
    Ok(())
}
