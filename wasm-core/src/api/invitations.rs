//! Invitations on the wire: who may upload, how much, until when.

use serde::{Deserialize, Serialize};

use super::limits;
use crate::recording::StreamInfo;
use crate::zarr::{CHUNK_CHANNELS, CHUNK_FRAMES, ChunkId, chunk_frames};

/// The header that carries an invitation's code. `authorization` stays free: for the owner's key,
/// and for a sign-in that a gateway asks for.
pub const INVITATION_HEADER: &str = "x-neurocyte-invitation";

/// Length of a code: 256 random bits in hexadecimal.
const CODE_CHARS: usize = 64;

/// The bytes and runs that an invitation allows, or that were used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowance {
    /// Bytes of all uploads together, before compression; see [`charged_bytes`].
    pub bytes: u64,
    /// Runs.
    pub runs: u64,
    /// Runs at a time.
    pub concurrent_runs: u64,
}

/// `GET /api/invitation`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationState {
    /// The person who was invited, or the occasion.
    pub name: String,
    /// When it expires, in seconds since 1970.
    pub expires_at_s: u64,
    /// The limits of the invitation.
    pub limits: Allowance,
    /// The part of the limits that is used; a run counts as under way until it is known to have ended.
    pub used: Allowance,
}

impl InvitationState {
    /// Bytes and runs that are left.
    #[must_use]
    pub fn left(&self) -> (u64, u64) {
        (self.limits.bytes.saturating_sub(self.used.bytes), self.limits.runs.saturating_sub(self.used.runs))
    }
}

/// Whether a text looks like a code: 64 hexadecimal digits in lower case.
#[must_use]
pub fn is_code(text: &str) -> bool {
    text.len() == CODE_CHARS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The code in a link to an invitation, or in what a person pasted.
#[must_use]
pub fn code_in(text: &str) -> Option<&str> {
    let text = text.trim();
    let code = text.rsplit_once("invitation/").map_or(text, |(_, rest)| rest).trim_end_matches('/');
    is_code(code).then_some(code)
}

/// Chunks of a stream, counted without making them.
#[must_use]
pub fn n_chunks(info: &StreamInfo) -> u64 {
    let rows = info.segments.iter().map(|segment| segment.n_frames.div_ceil(CHUNK_FRAMES));
    let rows = rows.fold(0, u64::saturating_add);
    rows.saturating_mul(info.n_channels.div_ceil(CHUNK_CHANNELS) as u64)
}

/// The bytes that a recording counts for: its bytes before compression, but for each chunk at least
/// [`limits::CHARGED_CHUNK_BYTES`], because each is sent by a request of its own.
#[must_use]
pub fn charged_bytes(info: &StreamInfo) -> u64 {
    info.size_bytes().max(n_chunks(info).saturating_mul(limits::CHARGED_CHUNK_BYTES))
}

/// Bytes that a chunk may have: an eighth more than before compression, and some for its headers.
#[must_use]
pub fn most_chunk_bytes(info: &StreamInfo, chunk: ChunkId) -> u64 {
    let n_channels = info.n_channels.min(CHUNK_CHANNELS) as u64;
    let frame_bytes = n_channels.saturating_mul(info.sample_type.size_bytes() as u64);
    let raw = chunk_frames(info, chunk.segment).saturating_mul(frame_bytes);
    raw.saturating_add(raw / 8).saturating_add(limits::CHARGED_CHUNK_BYTES).min(limits::CHUNK_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::{FrameSource, SegmentInfo};
    use crate::simulation::{Simulation, SimulationSpec};
    use crate::zarr::{chunks_of, encode_chunk, sample_bytes};

    fn stream(n_channels: usize, segments: &[u64]) -> StreamInfo {
        let spec = SimulationSpec { n_channels, sampling_frequency_hz: 20_000.0, duration_s: 0.1, seed: 1 };
        let mut info = Simulation::new(spec).info().clone();
        info.segments = segments.iter().map(|n_frames| SegmentInfo { n_frames: *n_frames, t_start_s: 0.0 }).collect();
        info
    }

    #[test]
    fn a_code_is_found_in_what_people_paste() {
        let code = "0123456789abcdef".repeat(4);
        for text in [
            code.clone(),
            format!(" {code}\n"),
            format!("https://lab.example/#/invitation/{code}"),
            format!("http://127.0.0.1:8080/#/invitation/{code}/"),
        ] {
            assert_eq!(code_in(&text), Some(code.as_str()), "{text}");
        }
        for wrong in ["", "https://lab.example/", &code[1..], &format!("{code}0"), &code.to_uppercase()] {
            assert_eq!(code_in(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_may_be_stored_is_at_most_five_and_a_half_times_what_counts() {
        let usual = stream(64, &[4 * CHUNK_FRAMES]);
        assert_eq!(charged_bytes(&usual), usual.size_bytes(), "of a usual recording its bytes count");
        for info in [usual, stream(1, &[1; 1000]), stream(65, &[70_000, 3]), stream(4096, &[1])] {
            assert_eq!(n_chunks(&info), chunks_of(&info).count() as u64);
            let samples: u64 = chunks_of(&info).map(|chunk| sample_bytes(&info, chunk)).sum();
            assert_eq!(samples, info.size_bytes(), "each sample is in one chunk");
            let stored: u64 = chunks_of(&info).map(|chunk| most_chunk_bytes(&info, chunk)).sum();
            // Rows and groups that are not full are padded, each to twice its bytes at most.
            assert!(stored * 2 <= charged_bytes(&info) * 11, "{stored} of {}", charged_bytes(&info));
        }
    }

    #[test]
    fn what_does_not_compress_fits() {
        let info = stream(64, &[300]);
        let noise: Vec<u8> = (0..64 * 300 * 2_u32).map(|at| at.wrapping_mul(2_654_435_761).to_le_bytes()[2]).collect();
        let packed = encode_chunk(info.sample_type, &noise, 300).expect("compresses");
        let chunk = ChunkId { segment: 0, row: 0, group: 0 };
        assert!(packed.len() as u64 <= most_chunk_bytes(&info, chunk), "{}", packed.len());
    }
}
