//! An upload under everything that happens to one: whatever comes, every sample is there at the end.

mod cloud;

use std::collections::HashMap;
use std::sync::LazyLock;

use proptest::prelude::*;
use wasm_core::api::ChunkToUpload;
use wasm_core::recording::FrameSource;
use wasm_core::sample::SampleType;
use wasm_core::upload::{Answer, Ended, Line, Packed, Step, Upload, Wants};
use wasm_core::zarr::{ChunkId, Level, ZarrSource, chunk_frames, chunks_of, encode_chunk_at, read_chunk};

use crate::zarr::{Bucket, Pattern};
use cloud::{Address, Cloud};

/// Two groups of chunks, and a row for each segment.
const N_CHANNELS: usize = 66;
const LENGTHS: &[u64] = &[40, 25, 60, 33];
const N_PACKERS: usize = 2;
/// What browsers send at a time.
const CONNECTIONS: usize = 6;
/// Rounds after which an upload that nothing disturbs must have ended.
const ROUNDS: usize = 200;

/// The recording, and what each chunk is packed to.
struct Made {
    source: Pattern,
    chunks: HashMap<(ChunkId, Level), Vec<u8>>,
}

static MADE: LazyLock<Made> = LazyLock::new(|| {
    let source = Pattern::new(SampleType::Int16, N_CHANNELS, LENGTHS);
    let mut chunks = HashMap::new();
    for chunk in chunks_of(source.info()) {
        let n_frames = usize::try_from(chunk_frames(source.info(), chunk.segment)).expect("small");
        let raw = read_chunk(&source, chunk.segment, chunk.row).expect("reads").swap_remove(chunk.group);
        for level in Level::ALL {
            let packed = encode_chunk_at(level, SampleType::Int16, &raw, n_frames).expect("packs");
            chunks.insert((chunk, level), packed);
        }
    }
    Made { source, chunks }
});

/// What becomes of a request.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Well,
    /// It does not arrive, and nothing comes back: the line is lost, or time is out.
    Lost,
    /// It arrives, and nothing comes back.
    Unheard,
    /// Status 500; it may have been done nevertheless.
    Failed {
        is_done: bool,
    },
    /// Its bytes come damaged.
    Damaged,
}

/// What happens, in the first or second tab where that matters.
#[derive(Clone, Copy, Debug)]
enum Op {
    /// One of the steps under way ends.
    End(usize, usize, Fate),
    Pass {
        ms: u32,
    },
    Lose,
    Back,
    Expire,
    /// A click on Upload; a second one, in another tab, while the first goes on.
    Open(usize),
    /// What was being sent arrives or not.
    Close(usize, bool),
    Pause(usize),
    Go(usize),
    Delete,
}

/// A page that uploads.
struct Tab {
    recording: u32,
    upload: Upload,
    wants: Wants,
    under_way: Vec<Step>,
    addresses: HashMap<ChunkId, Address>,
    bytes: HashMap<ChunkId, &'static [u8]>,
}

#[derive(Default)]
struct World {
    cloud: Cloud,
    tabs: [Option<Tab>; 2],
    /// The recording that the browser remembers.
    remembered: Option<u32>,
    now_ms: f64,
    is_offline: bool,
    n_unheard: u32,
    n_failed: usize,
}

impl World {
    fn open(&mut self, at: usize) {
        if self.tabs[at].is_some() {
            return;
        }
        let remembered = self.remembered.filter(|recording| self.cloud.is_announced(*recording));
        let recording = remembered.unwrap_or_else(|| self.cloud.announce());
        self.remembered = Some(recording);
        self.tabs[at] = Some(Tab {
            recording,
            upload: Upload::new(MADE.source.info(), N_PACKERS),
            wants: Wants::Go,
            under_way: Vec::new(),
            addresses: HashMap::new(),
            bytes: HashMap::new(),
        });
    }

    fn close(&mut self, at: usize, arrives: bool) {
        let Some(tab) = self.tabs[at].take() else { return };
        for step in tab.under_way.iter().filter(|_| arrives && !self.is_offline) {
            if let Step::Put(chunk) = step {
                self.cloud.put(&tab.addresses[chunk], tab.bytes[chunk]);
            }
        }
    }

    /// Begins what a tab's upload wants; tells how it ended if it did.
    fn begin(&mut self, at: usize) -> Option<Ended> {
        let line = Line { is_there: !self.is_offline, n_unheard: self.n_unheard };
        let tab = self.tabs[at].as_mut()?;
        tab.upload.look(tab.wants, line);
        let n_before = tab.under_way.len();
        while let Some(step) = tab.upload.next(self.now_ms) {
            tab.under_way.push(step);
        }
        let begun = &tab.under_way[n_before..];
        assert!(tab.wants == Wants::Go || begun.is_empty(), "it goes on in a pause: {begun:?}");
        assert!(
            !self.is_offline || begun.iter().all(|step| matches!(step, Step::Pack(..))),
            "it sends on a lost line: {begun:?}"
        );
        assert!(tab.under_way.iter().filter(|step| matches!(step, Step::Pack(..))).count() <= N_PACKERS);
        assert!(tab.under_way.iter().filter(|step| matches!(step, Step::Put(_))).count() <= CONNECTIONS);
        let due_ms = tab.upload.due_ms(self.now_ms);
        let is_free = tab.wants == Wants::Go && !self.is_offline && tab.under_way.is_empty();
        assert!(!is_free || tab.upload.ended().is_some() || due_ms.is_finite(), "nothing would make it go on");
        let ended = tab.upload.ended()?;
        self.n_failed += usize::from(matches!(ended, Ended::Failed(_)));
        self.tabs[at] = None;
        Some(ended)
    }

    fn end(&mut self, at: usize, which: usize, fate: Fate) {
        let Some(tab) = self.tabs[at].as_mut().filter(|tab| !tab.under_way.is_empty()) else { return };
        let step = tab.under_way.remove(which % tab.under_way.len());
        let (now_ms, fate) = (self.now_ms, if self.is_offline { Fate::Lost } else { fate });
        let refused = match fate {
            Fate::Well | Fate::Damaged => None,
            Fate::Lost | Fate::Unheard => Some(Answer::Unreachable),
            Fate::Failed { .. } => Some(Answer::MayPass),
        };
        match step {
            Step::List => {
                let listed = refused.map_or_else(|| self.cloud.list(tab.recording), Err);
                tab.upload.listed(listed.as_deref().map_err(|answer| *answer), now_ms);
            }
            Step::Sign(chunks) => {
                let signed = refused.map_or_else(|| self.cloud.sign(tab.recording, &chunks), Err);
                let answer = signed.as_ref().map_or_else(|answer| *answer, |_| Answer::Done);
                let chunks = chunks.iter().map(|wanted| wanted.chunk);
                tab.addresses.extend(chunks.zip(signed.into_iter().flatten()));
                tab.upload.signed(answer, now_ms);
            }
            Step::Pack(row, level) => {
                let mut packed = Vec::new();
                for group in &row.groups {
                    let chunk = ChunkId { segment: row.segment, row: row.row, group: *group };
                    let bytes: &'static [u8] = &MADE.chunks[&(chunk, level)];
                    tab.bytes.insert(chunk, bytes);
                    let (size_bytes, crc32c) = (bytes.len() as u64, wasm_core::crc32c(bytes));
                    let ready = ChunkToUpload { chunk, size_bytes, crc32c };
                    packed.push(Packed { ready, raw_bytes: 2 * size_bytes });
                }
                tab.upload.packed(&row, Some(&packed), 5.0);
            }
            Step::Put(chunk) => {
                let (address, bytes) = (tab.addresses[&chunk], tab.bytes[&chunk]);
                let (status, text) = match fate {
                    Fate::Well => self.cloud.put(&address, bytes),
                    Fate::Damaged => {
                        let mut damaged = bytes.to_vec();
                        damaged[0] ^= 1;
                        self.cloud.put(&address, &damaged)
                    }
                    Fate::Lost => (0, ""),
                    Fate::Unheard => {
                        self.cloud.put(&address, bytes);
                        (0, "")
                    }
                    Fate::Failed { is_done } => {
                        if is_done {
                            self.cloud.put(&address, bytes);
                        }
                        (500, "")
                    }
                };
                if tab.upload.sent(chunk, Answer::of_storage(status, text), now_ms) {
                    tab.bytes.remove(&chunk);
                }
            }
        }
    }

    fn happen(&mut self, op: Op) {
        match op {
            Op::End(tab, which, fate) => self.end(tab, which, fate),
            Op::Pass { ms } => self.now_ms += f64::from(ms),
            Op::Lose => self.is_offline = true,
            Op::Back => {
                // It was asked for a sign in vain meanwhile.
                self.n_unheard += u32::from(self.is_offline);
                self.is_offline = false;
            }
            Op::Expire => self.cloud.expire(),
            Op::Open(tab) => self.open(tab),
            Op::Close(tab, arrives) => self.close(tab, arrives),
            Op::Pause(tab) => self.want(tab, Wants::Pause),
            Op::Go(tab) => self.want(tab, Wants::Go),
            Op::Delete => {
                if let Some(recording) = self.remembered {
                    self.cloud.delete(recording);
                }
            }
        }
        for at in 0..self.tabs.len() {
            self.begin(at);
        }
    }

    fn want(&mut self, at: usize, wants: Wants) {
        if let Some(tab) = &mut self.tabs[at] {
            tab.wants = wants;
        }
    }

    /// Nothing disturbs any more, and the person clicks on Upload until it is done.
    fn settle(&mut self) {
        self.happen(Op::Back);
        for _ in 0..ROUNDS {
            self.open(0);
            for at in 0..self.tabs.len() {
                self.want(at, Wants::Go);
                let ended = self.begin(at);
                if at == 0 && ended == Some(Ended::Complete) {
                    return;
                }
                let n = self.tabs[at].as_ref().map_or(0, |tab| tab.under_way.len());
                for _ in 0..n {
                    self.end(at, 0, Fate::Well);
                }
            }
            self.now_ms += 1000.0;
        }
        panic!("the upload does not end");
    }

    /// Reads the recording that the browser remembers from what is stored.
    fn assert_every_sample_is_there(&self) {
        let source = &MADE.source;
        let objects = self.cloud.objects(self.remembered.expect("it was announced"));
        assert_eq!(objects.len(), chunks_of(source.info()).count());
        let stored = ZarrSource::new(source.info().clone(), Bucket(objects));
        for (segment, length) in LENGTHS.iter().enumerate() {
            let n_frames = usize::try_from(*length).expect("small");
            let expected = source.read(segment, 0, n_frames).expect("reads").bytes;
            let found = stored.read(segment, 0, n_frames).expect("reads").into_interleaved().bytes;
            assert!(found == expected, "segment {segment} differs");
        }
    }
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        12 => Just(Fate::Well),
        1 => Just(Fate::Lost),
        1 => Just(Fate::Unheard),
        2 => any::<bool>().prop_map(|is_done| Fate::Failed { is_done }),
        1 => Just(Fate::Damaged),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        40 => (0_usize..2, 0_usize..9, fate()).prop_map(|(tab, which, fate)| Op::End(tab, which, fate)),
        6 => (0_u32..40_000).prop_map(|ms| Op::Pass { ms }),
        1 => Just(Op::Pass { ms: 700_000 }),
        1 => Just(Op::Lose),
        3 => Just(Op::Back),
        2 => Just(Op::Expire),
        4 => (0_usize..2).prop_map(Op::Open),
        1 => (0_usize..2, any::<bool>()).prop_map(|(tab, arrives)| Op::Close(tab, arrives)),
        2 => prop_oneof![(0_usize..2).prop_map(Op::Pause), (0_usize..2).prop_map(Op::Go)],
        1 => Just(Op::Delete),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(target_family = "wasm") { 100 } else { 1000 }))]

    #[test]
    fn whatever_happens_every_sample_is_there_at_the_end(ops in prop::collection::vec(op(), 0..150)) {
        let mut world = World::default();
        world.open(0);
        for op in ops {
            world.happen(op);
        }
        world.settle();
        world.assert_every_sample_is_there();
    }
}

/// Where the first step of a kind is under way in the first tab.
fn under_way(world: &World, is_it: fn(&Step) -> bool) -> Option<usize> {
    world.tabs[0].as_ref()?.under_way.iter().position(is_it)
}

/// A world in which the first step of a kind is under way, and where.
fn until(is_it: fn(&Step) -> bool) -> (World, usize) {
    let mut world = World::default();
    world.happen(Op::Open(0));
    for _ in 0..ROUNDS {
        if let Some(at) = under_way(&world, is_it) {
            return (world, at);
        }
        world.happen(Op::End(0, 0, Fate::Well));
    }
    panic!("it does not come so far");
}

/// A world in which the first chunks are being sent.
fn sending() -> World {
    until(is_put).0
}

fn is_put(step: &Step) -> bool {
    matches!(step, Step::Put(_))
}

#[test]
fn what_expired_is_signed_anew_and_the_upload_goes_on() {
    let mut world = sending();
    world.happen(Op::Expire);
    world.settle();
    assert!(world.cloud.n_expired > 0, "addresses were used after their time");
    assert_eq!(world.n_failed, 0);
    world.assert_every_sample_is_there();
}

#[test]
fn addresses_that_waited_too_long_are_not_used() {
    let (mut world, at) = until(|step| matches!(step, Step::Sign(_)));
    world.happen(Op::Pause(0));
    world.happen(Op::End(0, at, Fate::Well));
    // The laptop sleeps.
    world.happen(Op::Pass { ms: 700_000 });
    world.happen(Op::Expire);
    world.settle();
    assert_eq!((world.cloud.n_expired, world.n_failed), (0, 0));
    world.assert_every_sample_is_there();
}

#[test]
fn a_lost_line_is_waited_for_however_long_and_begins_anew() {
    let mut world = sending();
    world.happen(Op::Lose);
    for _ in 0..100 {
        world.happen(Op::End(0, 0, Fate::Lost));
        world.happen(Op::Pass { ms: 60_000 });
    }
    world.settle();
    assert_eq!(world.n_failed, 0);
    world.assert_every_sample_is_there();
}

#[test]
fn a_storage_that_only_fails_is_given_up_and_what_was_sent_is_kept() {
    let mut world = sending();
    world.happen(Op::End(0, 0, Fate::Well));
    while world.tabs[0].is_some() {
        world.happen(Op::End(0, 0, Fate::Failed { is_done: false }));
        world.happen(Op::Pass { ms: 30_000 });
    }
    assert_eq!(world.n_failed, 1);
    let recording = world.remembered;
    world.settle();
    assert_eq!(world.remembered, recording);
    world.assert_every_sample_is_there();
}

#[test]
fn who_stops_waits_for_what_is_being_sent() {
    let mut world = sending();
    world.want(0, Wants::Stop);
    assert_eq!(world.begin(0), None);
    let mut ended = None;
    while let Some(at) = under_way(&world, is_put) {
        world.end(0, at, Fate::Well);
        ended = world.begin(0);
    }
    assert_eq!(ended, Some(Ended::Stopped));
}
