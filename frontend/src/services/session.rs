//! An opened recording: its workers and what they said of it.

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::future::join;
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use wasm_core::analyses::{BadChannelMethod, ChannelLabel};
use wasm_core::events::Event;
use wasm_core::formats::{EVENTS_ENDING, PlainBinary};
use wasm_core::pipeline::Pipeline;
use wasm_core::recording::{Fact, StoredSpikes, StreamInfo};
use wasm_core::run::Slice;
use wasm_core::secret::Secret;

use super::drop::DroppedFile;
use super::fingerprint;
use super::kept::KeptFile;
use super::noise_memory::{ExcerptNoise, NoiseMemory, Way};
use super::pool::{Pool, WorkFailure};
use crate::bridge::result;
use crate::bridge::signal::{Reply, Request, UPLOADED};

/// Time that the first traces have the line and the processors to themselves.
const FIRST_LOOK_MS: u32 = 2_000;

/// A recording on the workbench.
pub struct Session {
    /// Workers that hold the recording.
    pub pool: Pool,
    /// Name of the file or folder.
    pub name: String,
    /// Format it was read from.
    pub format: String,
    /// Streams of the recording, the one a person would mean first.
    pub streams: Vec<StreamInfo>,
    /// Spikes that the files hold, without the spikes, and their number.
    pub stored: Option<(Box<StoredSpikes>, usize)>,
    /// Pulses, messages and annotations, by segment and time.
    pub events: Rc<Vec<Event>>,
    /// What the files tell about how they were recorded.
    pub facts: Vec<Fact>,
    /// What a person should know about how it was read; first what of the drop is not shown.
    pub notes: Vec<String>,
    /// Recognises the same files when they are dropped again.
    pub fingerprint: String,
    /// The kept result that it is, in place of a recording.
    pub kept: Option<KeptFile>,
    /// The uploaded recording that it is, in place of files, where it can be run again.
    pub uploaded: Option<String>,
    /// The one of several files that it came from.
    from_file: Option<String>,
    noise: RefCell<NoiseMemory>,
    /// The stream that was shown last, and the pipeline that was set for it: who comes back from a
    /// result finds them again.
    tuned: RefCell<Option<(usize, Rc<Pipeline>)>>,
}

impl PartialEq for Session {
    fn eq(&self, other: &Self) -> bool {
        self.pool == other.pool
    }
}

impl Session {
    /// Opens files in all workers; `closed` are paths that the browser may not read.
    pub async fn open(
        files: &[DroppedFile],
        closed: &[String],
        described: Option<PlainBinary>,
    ) -> Result<Rc<Self>, WorkFailure> {
        let paths: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
        let attached: Vec<JsValue> = files.iter().map(|file| file.file.clone().into()).collect();
        let description = described.as_ref().map(|described| serde_json::to_string(described).unwrap_or_default());
        let request = Request::Open { paths: paths.clone(), described };
        let (opened, print) =
            join(Self::start(name_of(&paths), String::new(), request, &attached), fingerprint::of(files)).await;
        let mut session = opened?;
        if let Some(session) = Rc::get_mut(&mut session) {
            // The same bytes, described otherwise, are another recording.
            session.fingerprint = print + &description.unwrap_or_default();
            let unused = unused_note(&paths, session.from_file.as_deref(), &session.notes);
            session.notes.extend(unused.into_iter().chain(closed_note(closed)));
            session.notes = left_out_first(&session.notes);
        }
        Ok(session)
    }

    /// Opens a simulated recording in all workers.
    pub async fn simulate(n_channels: usize, duration_s: f64) -> Result<Rc<Self>, WorkFailure> {
        let fingerprint = format!("simulated:{n_channels}:{duration_s}");
        Self::start("Simulated culture".into(), fingerprint, Request::Simulate { n_channels, duration_s }, &[]).await
    }

    /// Opens an uploaded recording for its traces, with the events that came with it.
    pub async fn remote(
        stream: StreamInfo,
        events: Vec<Event>,
        reads_url: String,
        slices: Vec<Slice>,
        owner_key: Option<Secret>,
    ) -> Result<Rc<Self>, WorkFailure> {
        let request = Request::OpenRemote { stream: Box::new(stream), reads_url, slices, events, owner_key };
        Self::start(String::new(), String::new(), request, &[]).await
    }

    /// A result that was kept: its recording is not there.
    pub fn of_kept(file: KeptFile) -> Rc<Self> {
        let head = &file.head;
        Rc::new(Self {
            pool: Pool::without_readers(),
            name: head.about.name.clone(),
            format: head.summary.recording.format.clone(),
            streams: Vec::new(),
            stored: None,
            events: Rc::new(head.about.events.clone()),
            facts: Vec::new(),
            notes: Vec::new(),
            fingerprint: String::new(),
            kept: Some(file),
            uploaded: None,
            from_file: None,
            noise: RefCell::default(),
            tuned: RefCell::default(),
        })
    }

    /// The stream that was shown last, and the pipeline that was set for it.
    pub fn tuned(&self) -> Option<(usize, Rc<Pipeline>)> {
        self.tuned.borrow().clone()
    }

    /// Keeps what is shown and set.
    pub fn keep_tuned(&self, stream: usize, pipeline: &Rc<Pipeline>) {
        self.tuned.replace(Some((stream, Rc::clone(pipeline))));
    }

    /// Whether its chunks come from the cloud: a row of them is fetched and decoded by one worker,
    /// not by each.
    pub fn is_uploaded(&self) -> bool {
        self.format == UPLOADED
    }

    async fn start(
        name: String,
        fingerprint: String,
        request: Request,
        attached: &[JsValue],
    ) -> Result<Rc<Self>, WorkFailure> {
        let pool = Pool::take();
        match pool.call_all(&request, attached).await? {
            (Reply::Opened { format, streams, stored, events, facts, notes, from_file }, _) => Ok(Rc::new(Self {
                pool,
                name: from_file.clone().unwrap_or(name),
                format,
                streams,
                stored,
                events: Rc::new(events),
                facts,
                notes,
                fingerprint,
                kept: None,
                uploaded: None,
                from_file,
                noise: RefCell::default(),
                tuned: RefCell::default(),
            })),
            _ => Err(WorkFailure::unexpected()),
        }
    }

    /// Loads what computes results, once the first look is over: a person may go offline before they want one.
    pub fn prepare_results(self: &Rc<Self>) {
        let session = Rc::downgrade(self);
        spawn_local(async move {
            TimeoutFuture::new(FIRST_LOOK_MS).await;
            if let Some(session) = session.upgrade() {
                session.pool.warm_analyst();
            }
        });
    }

    /// The spikes that the files hold, as a result.
    pub async fn stored_result(&self) -> Result<(result::Reply, Vec<JsValue>), WorkFailure> {
        let (reply, attached) = self.pool.call(0, Request::StoredSpikes, Vec::new()).await?;
        let Reply::StoredSpikes { of } = reply else { return Err(WorkFailure::unexpected()) };
        self.pool.ask(result::Request::Stored { name: self.name.clone(), of }, attached).await
    }

    /// Labels of all channels.
    pub async fn bad_channels(
        &self,
        stream: usize,
        method: BadChannelMethod,
    ) -> Result<Vec<ChannelLabel>, WorkFailure> {
        // The last worker: the first stays free for the traces.
        let worker = self.pool.len().saturating_sub(1);
        match self.pool.call(worker, Request::BadChannels { stream, method }, Vec::new()).await? {
            (Reply::BadChannels { labels }, _) => Ok(labels),
            _ => Err(WorkFailure::unexpected()),
        }
    }

    /// Noise of an excerpt of the sample, which is measured only once.
    pub async fn noise(
        &self,
        worker: usize,
        stream: usize,
        pipeline: &Pipeline,
        index: usize,
    ) -> Result<Rc<ExcerptNoise>, WorkFailure> {
        loop {
            let way = self.noise.borrow_mut().ask(stream, pipeline, index);
            match way {
                Way::Known(noise) => return Ok(noise),
                // After a failure, or when all was forgotten, one of those who wait measures.
                Way::Wait(noise) => {
                    if let Ok(noise) = noise.await {
                        return Ok(noise);
                    }
                }
                Way::Measure => break,
            }
        }
        let measured = self.measure_noise(worker, stream, pipeline, index).await.map(Rc::new);
        self.noise.borrow_mut().measured(stream, pipeline, index, measured.as_ref().ok());
        measured
    }

    /// Measures the noise of an excerpt, whether or not it is known.
    pub async fn measure_noise(
        &self,
        worker: usize,
        stream: usize,
        pipeline: &Pipeline,
        index: usize,
    ) -> Result<ExcerptNoise, WorkFailure> {
        match self.pool.call(worker, Request::Noise { stream, pipeline: pipeline.clone(), index }, Vec::new()).await? {
            (Reply::Noise { noise_uv: levels_uv, rate_hz, took_ms }, _) => {
                Ok(ExcerptNoise { levels_uv, rate_hz, took_ms })
            }
            _ => Err(WorkFailure::unexpected()),
        }
    }
}

/// The folder that all files share, or the first file that is not one beside another.
fn name_of(paths: &[String]) -> String {
    let top = |path: &String| path.split_once('/').map(|(top, _)| top.to_owned());
    let folder =
        paths.first().and_then(top).filter(|folder| paths.iter().all(|path| top(path).as_ref() == Some(folder)));
    folder.or_else(|| paths.iter().find(|path| !is_beside(path)).cloned()).unwrap_or_default()
}

/// Whether a file only tells something about another.
fn is_beside(path: &str) -> bool {
    path.ends_with(".meta") || path.ends_with(".json") || path.to_lowercase().ends_with(EVENTS_ENDING)
}

/// Files that are named in a note.
const MAX_NAMED: usize = 5;
/// What notes begin with that tell of files which the browser may not read, and of files that
/// belong to no recording that is shown.
const CLOSED: &str = "The browser may not read";
const UNUSED: &str = "Not shown, as the recording opens from";

/// The first few paths, and how many more there are.
fn named(paths: &[String]) -> String {
    let first = paths.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>().join(", ");
    match paths.len().saturating_sub(MAX_NAMED) {
        0 => first,
        n => format!("{first} and {n} more"),
    }
}

/// A note about files that the browser may not read.
fn closed_note(paths: &[String]) -> Option<String> {
    let they_are = if paths.len() == 1 { "it is" } else { "they are" };
    (!paths.is_empty()).then(|| format!("{CLOSED} {}; {they_are} left out.", named(paths)))
}

/// A note about files beside the one that a recording came from, as far as no other note names them.
fn unused_note(paths: &[String], from_file: Option<&str>, notes: &[String]) -> Option<String> {
    let used = from_file?;
    let is_unused = |path: &&String| *path != used && notes.iter().all(|note| !note.contains(path.as_str()));
    let unused: Vec<String> = paths.iter().filter(is_unused).cloned().collect();
    (!unused.is_empty()).then(|| format!("{UNUSED} {used} alone: {}.", named(&unused)))
}

/// Notes, those first that tell what is not shown.
pub fn left_out_first(notes: &[String]) -> Vec<String> {
    let (left_out, others): (Vec<&String>, Vec<&String>) = notes.iter().partition(|note| is_about_left_out(note));
    left_out.into_iter().chain(others).cloned().collect()
}

/// Whether a note tells of something in the drop that is not shown: another recording, as the core's
/// readers say it, or a file that cannot be read.
fn is_about_left_out(note: &str) -> bool {
    note.contains("Drop another one by itself") || note.starts_with(CLOSED) || note.starts_with(UNUSED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_core::recording::Recording;

    #[test]
    fn a_recording_has_the_name_of_its_signal() {
        let name = |paths: &[&str]| name_of(&paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>());
        assert_eq!(name(&["culture Events.csv", "culture.json", "culture.raw"]), "culture.raw");
        assert_eq!(name(&["run/a.dat", "run/events.csv"]), "run");
    }

    #[test]
    fn notes_about_what_is_left_out_are_known() {
        let recording = Recording::of_streams("axion", Vec::new()).beside("before.spk", &["after.spk"]);
        assert!(is_about_left_out(&recording.notes[0]), "{:?}", recording.notes);
        let paths: Vec<String> = (0..7).map(|at| format!("{at}.dat")).collect();
        let note = closed_note(&paths).expect("a note");
        assert!(is_about_left_out(&note) && note.ends_with("4.dat and 2 more; they are left out."), "{note}");
        assert_eq!(closed_note(&[]), None);
        let dropped = ["before.spk", "after.spk", "plan.txt"].map(str::to_owned);
        let note = unused_note(&dropped, Some("before.spk"), &recording.notes).expect("a note");
        assert!(is_about_left_out(&note) && note.ends_with("alone: plan.txt."), "{note}");
        assert_eq!(unused_note(&dropped, None, &[]), None);
        assert!(!is_about_left_out("culture.h5 is cut: 100 bytes long, expected 200 bytes."));
    }
}
