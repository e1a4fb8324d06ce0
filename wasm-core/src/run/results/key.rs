//! Keys of results: hashes of all that numbers depend on.

use crate::blocks::BlockSpec;
use crate::events::Event;
use crate::pipeline::Block;
use crate::spikes::Spike;

/// The hash of kind, version, values that apply, spikes and events. Labels, ids, the order of parameters and
/// values that mean nothing beside others do not count.
pub(super) fn key(block: &Block, spec: &BlockSpec, trains_key: u64) -> String {
    let values = block.values();
    let value_of = |name: &str| spec.param(name).map(|param| values.json(param));
    let mut hash = Hash::new(trains_key);
    hash.text(spec.kind);
    hash.number(u64::from(spec.version));
    hash.text(&block.input);
    for param in spec.params.iter().filter(|param| param.applies(&value_of)) {
        hash.text(param.name);
        let value = values.json(param);
        // 5 and 5.0 are one value.
        hash.text(&value.as_f64().map_or_else(|| value.to_string(), |number| number.to_string()));
    }
    hash.hex()
}

/// A number that tells lists of spikes apart.
#[must_use]
pub fn spikes_key(spikes: &[Spike]) -> u64 {
    let mut hash = SpikesHash::new(spikes.len() as u64);
    for Spike { segment_index, sample_index, channel_index, .. } in spikes {
        hash.add(*segment_index, *sample_index, *channel_index);
    }
    hash.key()
}

/// The number of [`spikes_key`], of spikes that come one by one.
pub struct SpikesHash(Hash);

impl SpikesHash {
    /// Begins a list of so many spikes.
    pub fn new(n_spikes: u64) -> Self {
        Self(Hash::new(n_spikes))
    }

    /// Takes the next one.
    pub fn add(&mut self, segment: u32, frame: i64, channel: u32) {
        self.0.number(frame.cast_unsigned());
        self.0.number((u64::from(segment) << 32) | u64::from(channel));
    }

    /// The number that tells the list from others.
    pub const fn key(&self) -> u64 {
        self.0.words[0] ^ self.0.words[1]
    }
}

/// A number that tells lists of events apart; 0 of none.
pub(super) fn events_key(events: &[Event]) -> u64 {
    if events.is_empty() {
        return 0;
    }
    let mut hash = Hash::new(events.len() as u64);
    for Event { segment, time_s, duration_s, source, label } in events {
        hash.number(*segment as u64);
        hash.number(time_s.to_bits());
        hash.number(duration_s.to_bits());
        hash.text(source);
        hash.text(label);
    }
    hash.words[0] ^ hash.words[1]
}

/// FNV-1a over words of 64 bits, twice with different starts: keys of a cache, no secret.
pub struct Hash {
    words: [u64; 2],
}

impl Hash {
    pub fn new(seed: u64) -> Self {
        let mut hash = Self { words: [0xcbf2_9ce4_8422_2325, 0x9e37_79b9_7f4a_7c15] };
        hash.number(seed);
        hash
    }

    fn number(&mut self, value: u64) {
        for word in &mut self.words {
            *word = (*word ^ value).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(29);
        }
    }

    pub fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        text.bytes().for_each(|byte| self.number(u64::from(byte)));
    }

    pub fn hex(&self) -> String {
        format!("{:016x}{:016x}", self.words[0], self.words[1])
    }
}
