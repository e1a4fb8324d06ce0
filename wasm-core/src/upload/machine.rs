//! The state of an upload, and what changes it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::answer::Answer;
use super::levels::{Levels, choose};
use super::line_rate::LineRate;
use super::missing::{Row, missing};
use super::retry::Retry;
use super::step::{Counts, Ended, Limit, Line, Packed, Step, Wants};
use crate::recording::StreamInfo;
use crate::zarr::{ChunkId, Level, chunks_of};

/// Chunks that are sent at a time; browsers open six connections to a host.
const PUTS_AT_A_TIME: usize = 6;
/// Chunks that are signed at a time, and wait with an address for a connection.
const SIGNED_AT_A_TIME: usize = 12;
/// Milliseconds for which an address is used: the API signs for fifteen minutes.
const ADDRESS_MS: f64 = 600_000.0;
/// New addresses that a chunk may need one after another: more, and the clock or the keys are wrong.
const ADDRESSES: u32 = 6;
/// Bytes of packed chunks that may wait: no further row is begun before fewer do.
const AHEAD_BYTES: u64 = 32 << 20;
/// Looks at what is there until all is: what was sent may be deleted meanwhile.
const LOOKS: u32 = 3;

/// Where a packed chunk is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Unsigned,
    Signing,
    /// It has an address that was asked for then.
    Signed {
        asked_ms: f64,
    },
    Sending {
        asked_ms: f64,
    },
}

#[derive(Clone, Copy, Debug)]
struct Held {
    packed: Packed,
    place: Place,
    retry: Retry,
    /// Addresses that did not hold.
    n_expired: u32,
}

/// An upload.
#[derive(Debug)]
pub struct Upload {
    all: Vec<ChunkId>,
    n_packers: usize,
    present: BTreeSet<ChunkId>,
    rows: VecDeque<Row>,
    /// Rows that are being packed, and how hard.
    packing: Vec<(Row, Level)>,
    /// Chunks that are packed and not there yet.
    held: BTreeMap<ChunkId, Held>,
    /// Whether it is to be seen what is there.
    is_list_due: bool,
    is_listing: bool,
    n_looks: u32,
    listing: Retry,
    /// When the addresses that are being signed were asked for.
    signing_ms: Option<f64>,
    signing: Retry,
    wants: Wants,
    line: Line,
    counts: Counts,
    levels: Levels,
    rate: LineRate,
    is_line_limit: bool,
    ended: Option<Ended>,
}

impl Upload {
    /// The upload of a stream, whose rows are packed by so many workers at a time.
    #[must_use]
    pub fn new(info: &StreamInfo, n_packers: usize) -> Self {
        let all: Vec<ChunkId> = chunks_of(info).collect();
        let counts = Counts { all: all.len(), ..Counts::default() };
        Self {
            all,
            n_packers: n_packers.max(1),
            present: BTreeSet::new(),
            rows: VecDeque::new(),
            packing: Vec::new(),
            held: BTreeMap::new(),
            is_list_due: true,
            is_listing: false,
            n_looks: 0,
            listing: Retry::default(),
            signing_ms: None,
            signing: Retry::default(),
            wants: Wants::Go,
            line: Line { is_there: true, n_unheard: 0 },
            counts,
            levels: Levels::default(),
            rate: LineRate::default(),
            is_line_limit: false,
            ended: None,
        }
    }

    /// How it ended; none while it goes on. Who stops it waits for what is being sent.
    #[must_use]
    pub fn ended(&self) -> Option<Ended> {
        let is_stopped = self.wants == Wants::Stop && self.n_sending() == 0;
        self.ended.or_else(|| is_stopped.then_some(Ended::Stopped))
    }

    /// Progress of the upload.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// The limit of the upload: packing or the line; none before it is measured.
    #[must_use]
    pub fn limit(&self) -> Option<Limit> {
        if self.is_line_limit {
            return self.rate.bytes_per_s().map(Limit::Line);
        }
        let (_, level) = self.packing.last()?;
        self.levels.measured()[level.index()].map(|speed| Limit::Packing(speed.raw_bytes_per_s))
    }

    /// Takes what the person wants and what is known of the line. A line that was lost and is back begins all
    /// tries again, at once.
    pub fn look(&mut self, wants: Wants, line: Line) {
        self.wants = wants;
        self.line.is_there = line.is_there;
        // What was asked in vain counts once the line is back.
        if line.is_there && line.n_unheard > self.line.n_unheard {
            self.line = line;
            (self.listing, self.signing) = (Retry::default(), Retry::default());
            for held in self.held.values_mut() {
                held.retry = Retry::default();
            }
        }
    }

    /// The next step; none until something comes of those under way, or time passes.
    pub fn next(&mut self, now_ms: f64) -> Option<Step> {
        if self.ended.is_some() || self.wants != Wants::Go {
            return None;
        }
        if !self.line.is_there {
            return self.next_pack();
        }
        let step = self.next_list(now_ms).or_else(|| self.next_put(now_ms)).or_else(|| self.next_sign(now_ms));
        step.or_else(|| self.next_pack())
    }

    /// When [`Self::next`] may give a step although nothing was reported since: the time of another try, later than
    /// now; infinite where only a report, the person or the line can change that.
    #[must_use]
    pub fn due_ms(&self, now_ms: f64) -> f64 {
        let retries = self.held.values().map(|held| held.retry).chain([self.listing, self.signing]);
        retries.map(Retry::due_ms).filter(|due_ms| *due_ms > now_ms).fold(f64::INFINITY, f64::min)
    }

    fn next_list(&mut self, now_ms: f64) -> Option<Step> {
        let begins = self.is_list_due && !self.is_listing && self.listing.is_due(now_ms);
        self.is_listing |= begins;
        begins.then_some(Step::List)
    }

    fn next_put(&mut self, now_ms: f64) -> Option<Step> {
        if self.n_sending() >= PUTS_AT_A_TIME {
            return None;
        }
        for (chunk, held) in &mut self.held {
            let Place::Signed { asked_ms } = held.place else { continue };
            if now_ms - asked_ms > ADDRESS_MS {
                held.place = Place::Unsigned;
            } else if held.retry.is_due(now_ms) {
                held.place = Place::Sending { asked_ms };
                self.rate.begin(now_ms);
                return Some(Step::Put(*chunk));
            }
        }
        None
    }

    fn next_sign(&mut self, now_ms: f64) -> Option<Step> {
        let n_signed = self.n_at(|place| matches!(place, Place::Signed { .. }));
        if self.signing_ms.is_some() || !self.signing.is_due(now_ms) || n_signed >= PUTS_AT_A_TIME {
            return None;
        }
        let unsigned = self.held.values_mut().filter(|held| held.place == Place::Unsigned);
        let mut wanted = Vec::new();
        for held in unsigned.take(SIGNED_AT_A_TIME) {
            held.place = Place::Signing;
            wanted.push(held.packed.ready);
        }
        if wanted.is_empty() {
            return None;
        }
        self.signing_ms = Some(now_ms);
        Some(Step::Sign(wanted))
    }

    fn next_pack(&mut self) -> Option<Step> {
        if self.packing.len() >= self.n_packers || self.rows.is_empty() {
            return None;
        }
        let waiting_bytes: u64 = self.held.values().map(|held| held.packed.ready.size_bytes).sum();
        self.is_line_limit = waiting_bytes >= AHEAD_BYTES;
        if self.is_line_limit {
            return None;
        }
        let row = self.rows.pop_front()?;
        let level = choose(&self.levels.measured(), self.rate.bytes_per_s(), self.n_packers);
        self.packing.push((row.clone(), level));
        Some(Step::Pack(row, level))
    }

    /// Takes the chunks that are there, or what came of the request.
    pub fn listed(&mut self, listed: Result<&[ChunkId], Answer>, now_ms: f64) {
        self.is_listing = false;
        let present = match listed {
            Ok(present) => present,
            Err(answer) => {
                if !(may_be_tried(answer) && self.listing.failed(now_ms)) {
                    self.fail(Some(answer));
                }
                return;
            }
        };
        self.listing = Retry::default();
        self.is_list_due = false;
        let known: BTreeSet<ChunkId> = self.all.iter().copied().collect();
        self.present = present.iter().copied().filter(|chunk| known.contains(chunk)).collect();
        self.counts.done = self.present.len();
        self.counts.before.get_or_insert(self.present.len());
        self.rows = missing(&self.all, &self.present);
        if self.rows.is_empty() {
            self.ended.get_or_insert(Ended::Complete);
        } else if self.n_looks >= LOOKS {
            // What is sent does not stay.
            self.fail(Some(Answer::Refused(404)));
        }
        self.n_looks += 1;
    }

    /// Takes the chunks of a row and how long they took to read and compress; `None` where that failed.
    pub fn packed(&mut self, row: &Row, chunks: Option<&[Packed]>, took_ms: f64) {
        let Some(at) = self.packing.iter().position(|(packing, _)| packing == row) else { return };
        let (_, level) = self.packing.remove(at);
        let Some(chunks) = chunks else {
            self.fail(None);
            return;
        };
        let sum = |bytes: fn(&Packed) -> u64| chunks.iter().map(bytes).sum::<u64>();
        self.levels.packed(level, sum(|chunk| chunk.raw_bytes), sum(|chunk| chunk.ready.size_bytes), took_ms);
        for packed in chunks {
            let held = Held { packed: *packed, place: Place::Unsigned, retry: Retry::default(), n_expired: 0 };
            self.held.insert(packed.ready.chunk, held);
        }
        self.list_if_all_was_sent();
    }

    /// Takes what came of the request to sign.
    pub fn signed(&mut self, answer: Answer, now_ms: f64) {
        let Some(asked_ms) = self.signing_ms.take() else { return };
        let place = if answer == Answer::Done { Place::Signed { asked_ms } } else { Place::Unsigned };
        for held in self.held.values_mut().filter(|held| held.place == Place::Signing) {
            held.place = place;
        }
        if answer == Answer::Done {
            self.signing = Retry::default();
        } else if !(may_be_tried(answer) && self.signing.failed(now_ms)) {
            self.fail(Some(answer));
        }
    }

    /// Takes what came of sending a chunk; tells whether its bytes are needed no more.
    pub fn sent(&mut self, chunk: ChunkId, answer: Answer, now_ms: f64) -> bool {
        let Some(held) = self.held.get_mut(&chunk) else { return true };
        let Place::Sending { asked_ms } = held.place else { return false };
        let Packed { ready, raw_bytes } = held.packed;
        self.rate.end((answer == Answer::Done).then_some(ready.size_bytes), now_ms);
        let goes_on = match answer {
            Answer::Done => {
                self.held.remove(&chunk);
                self.present.insert(chunk);
                self.counts.done = self.present.len();
                self.counts.sent_bytes += ready.size_bytes;
                self.counts.raw_bytes += raw_bytes;
                self.list_if_all_was_sent();
                return true;
            }
            Answer::Expired => {
                held.n_expired += 1;
                held.place = Place::Unsigned;
                let goes_on = held.n_expired < ADDRESSES;
                self.drop_addresses(asked_ms);
                goes_on
            }
            Answer::Unreachable | Answer::MayPass => {
                held.place = Place::Signed { asked_ms };
                held.retry.failed(now_ms)
            }
            Answer::Refused(_) => false,
        };
        if !goes_on {
            self.fail(Some(answer));
        }
        false
    }

    /// What was signed no later than an address that does not hold is signed again, too.
    fn drop_addresses(&mut self, asked_until_ms: f64) {
        for held in self.held.values_mut() {
            if matches!(held.place, Place::Signed { asked_ms } if asked_ms <= asked_until_ms) {
                held.place = Place::Unsigned;
            }
        }
    }

    fn list_if_all_was_sent(&mut self) {
        self.is_list_due |= self.held.is_empty() && self.packing.is_empty() && self.rows.is_empty();
    }

    fn fail(&mut self, answer: Option<Answer>) {
        self.ended.get_or_insert(Ended::Failed(answer));
    }

    fn n_sending(&self) -> usize {
        self.n_at(|place| matches!(place, Place::Sending { .. }))
    }

    fn n_at(&self, is_there: fn(&Place) -> bool) -> usize {
        self.held.values().filter(|held| is_there(&held.place)).count()
    }
}

/// Whether the same request may do better.
const fn may_be_tried(answer: Answer) -> bool {
    matches!(answer, Answer::Unreachable | Answer::MayPass)
}
