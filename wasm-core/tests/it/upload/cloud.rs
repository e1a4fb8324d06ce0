//! The API and the storage behind it, in memory, as far as an upload sees them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use wasm_core::api::ChunkToUpload;
use wasm_core::crc32c;
use wasm_core::upload::Answer;
use wasm_core::zarr::ChunkId;

/// What one signature allows: these bytes to that place, until it expires.
#[derive(Clone, Copy)]
pub struct Address {
    recording: u32,
    wanted: ChunkToUpload,
    /// The time it was signed in.
    era: u32,
}

/// Recordings and objects.
#[derive(Default)]
pub struct Cloud {
    announced: BTreeSet<u32>,
    n_announced: u32,
    objects: BTreeMap<(u32, ChunkId), Vec<u8>>,
    era: u32,
    /// Addresses that were used after their time.
    pub n_expired: usize,
}

impl Cloud {
    pub fn announce(&mut self) -> u32 {
        self.n_announced += 1;
        self.announced.insert(self.n_announced);
        self.n_announced
    }

    pub fn is_announced(&self, recording: u32) -> bool {
        self.announced.contains(&recording)
    }

    /// Deletes a recording. Addresses that were signed for it still work.
    pub fn delete(&mut self, recording: u32) {
        self.announced.remove(&recording);
        self.objects.retain(|(of, _), _| *of != recording);
    }

    /// All addresses of before expire.
    pub fn expire(&mut self) {
        self.era += 1;
    }

    pub fn list(&self, recording: u32) -> Result<Vec<ChunkId>, Answer> {
        self.known(recording)?;
        Ok(self.objects.keys().filter(|(of, _)| *of == recording).map(|(_, chunk)| *chunk).collect())
    }

    pub fn sign(&self, recording: u32, chunks: &[ChunkToUpload]) -> Result<Vec<Address>, Answer> {
        self.known(recording)?;
        Ok(chunks.iter().map(|wanted| Address { recording, wanted: *wanted, era: self.era }).collect())
    }

    fn known(&self, recording: u32) -> Result<(), Answer> {
        if self.is_announced(recording) { Ok(()) } else { Err(Answer::Refused(404)) }
    }

    /// Status and text that the storage answers.
    pub fn put(&mut self, address: &Address, body: &[u8]) -> (u16, &'static str) {
        if address.era < self.era {
            self.n_expired += 1;
            // The address is over, or the credentials that signed it are.
            return if self.n_expired.is_multiple_of(2) {
                (403, "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>")
            } else {
                (400, "<Error><Code>ExpiredToken</Code></Error>")
            };
        }
        let ChunkToUpload { chunk, size_bytes, crc32c: expected } = address.wanted;
        if body.len() as u64 != size_bytes || crc32c(body) != expected {
            return (400, "<Error><Code>BadDigest</Code></Error>");
        }
        let key = (address.recording, chunk);
        if self.objects.contains_key(&key) {
            return (412, "<Error><Code>PreconditionFailed</Code></Error>");
        }
        self.objects.insert(key, body.to_vec());
        (200, "")
    }

    /// Objects of a recording, by name.
    pub fn objects(&self, recording: u32) -> HashMap<String, Vec<u8>> {
        let own = self.objects.iter().filter(|((of, _), _)| *of == recording);
        own.map(|((_, chunk), bytes)| (chunk.name(), bytes.clone())).collect()
    }
}
