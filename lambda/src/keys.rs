//! Every object there is: its key, and the type and cache policy of those that are written
//! here. Nobody else builds a key.

use wasm_core::envelope::EnvelopeId;

/// Ids are 128 random bits in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Id(String);

impl Id {
    /// Takes what looks like an id: 32 hexadecimal digits in lower case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        fits.then(|| Self(text.to_owned()))
    }

    /// A new one.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn random() -> std::io::Result<Self> {
        crate::random::hex(16).map(Self)
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A run of a recording.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RunKey {
    /// The recording.
    pub recording: Id,
    /// The run.
    pub run: Id,
}

/// An object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ObjectKey {
    /// A recording as it was announced, with the hash of the owner's key.
    Recording(Id),
    /// Events of a recording, where there are any.
    Events(Id),
    /// Part of the recording's Zarr group, by its name in the group.
    Traces(Id, String),
    /// The request of a run.
    Request(RunKey),
    /// That a run was gone on with for the so-many-eth time; holds nothing.
    Attempt(RunKey, usize),
    /// That so many of [`NOISE_MARKS`] parts of the noise are measured; holds nothing.
    NoiseMark(RunKey, usize),
    /// Slices and noise of a run.
    Plan(RunKey),
    /// Peaks of a slice; its appearance says that the slice is done.
    SlicePeaks(RunKey, usize),
    /// Peaks of a slice that a detection behind the first found, by its place among those.
    SliceDetected(RunKey, usize, usize),
    /// Waveform sums and time of a slice.
    SliceSums(RunKey, usize),
    /// Field potentials of a slice, where the run keeps them: `[samples, electrodes]` of `f32`, little-endian.
    SliceField(RunKey, usize),
    /// Outline of a slice and a group of channels.
    Envelope(RunKey, EnvelopeId),
    /// One of the results, see [`RESULT_FILES`].
    Result(RunKey, &'static str),
    /// The spikes of a detection behind the first, by the id of its block.
    Detected(RunKey, String),
    /// Time and cost; written last, so that its appearance says that the run is done.
    Receipt(RunKey),
    /// Why the run ended without a result.
    Failure(RunKey),
    /// A share, by the hash of its token.
    Share(String),
    /// That a recording has this share, so that both go together.
    ShareOf(Id, String),
    /// A result that comes as a file, as it was announced, with the hash of the owner's key.
    SentResult(Id),
    /// The file of such a result.
    SentFile(Id),
    /// That it has this share, so that both go together.
    ShareOfSent(Id, String),
    /// An invitation with its limits, by the hash of its code.
    Invitation(String),
    /// An entry in one of its books, by its number.
    InvitationEntry(String, InvitationBook, usize),
}

/// The books of an invitation's use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationBook {
    /// Recordings and results that were announced.
    Uploads,
    /// Runs.
    Runs,
    /// Runs that have ended, by the same numbers.
    Ended,
}

/// Names of the result files.
pub const RESULT_FILES: &[&str] =
    &["summary.json", "results.json", "report.html", "spikes.parquet", "peaks.parquet", "waveforms.npy"];

/// Parts in which the progress of measuring the noise is told.
pub const NOISE_MARKS: usize = 8;

impl ObjectKey {
    /// The key in the bucket.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::Recording(id) => format!("{}recording.json", recording_prefix(id)),
            Self::Events(id) => format!("{}events.json", recording_prefix(id)),
            Self::Traces(id, name) => format!("{}{name}", traces_prefix(id)),
            Self::Request(run) => format!("{}request.json", run_prefix(run)),
            Self::Attempt(run, number) => format!("{}{number}", attempts_prefix(run)),
            Self::NoiseMark(run, part) => format!("{}{part}", noise_prefix(run)),
            Self::Plan(run) => format!("{}plan.json", run_prefix(run)),
            Self::SlicePeaks(run, slice) => format!("{}{slice:06}.parquet", slices_prefix(run)),
            Self::SliceDetected(run, slice, at) => format!("{}detected/{slice:06}-{at}.parquet", run_prefix(run)),
            Self::SliceField(run, slice) => format!("{}{slice:06}.field", slices_prefix(run)),
            Self::SliceSums(run, slice) => format!("{}{slice:06}.json", slices_prefix(run)),
            Self::Envelope(run, id) => format!("{}{}", run_prefix(run), id.name()),
            Self::Result(run, name) => format!("{}{name}", run_prefix(run)),
            Self::Detected(run, id) => format!("{}{}", run_prefix(run), wasm_core::api::detected_file(id)),
            Self::Receipt(run) => format!("{}receipt.json", run_prefix(run)),
            Self::Failure(run) => format!("{}failure.json", run_prefix(run)),
            Self::Share(hash) => format!("shares/{hash}.json"),
            Self::ShareOf(id, hash) => format!("{}shares/{hash}.json", recording_prefix(id)),
            Self::SentResult(id) => format!("{}result.json", sent_prefix(id)),
            Self::SentFile(id) => format!("{}result.neurocyte", sent_prefix(id)),
            Self::ShareOfSent(id, hash) => format!("{}shares/{hash}.json", sent_prefix(id)),
            Self::Invitation(hash) => format!("{INVITATIONS_PREFIX}{hash}.json"),
            Self::InvitationEntry(hash, book, number) => {
                format!("{}{number:04}.json", invitation_book_prefix(hash, *book))
            }
        }
    }

    /// The media type.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        let path = self.path();
        match path.rsplit_once('.').map(|(_, ending)| ending) {
            Some("json" | "zattrs" | "zgroup" | "zarray") => "application/json",
            Some("html") => "text/html; charset=utf-8",
            Some("parquet") => "application/vnd.apache.parquet",
            _ => "application/octet-stream",
        }
    }

    /// How long a browser may keep it: whatever is written once never changes.
    #[must_use]
    pub const fn cache_control(&self) -> &'static str {
        match self {
            Self::Traces(..) | Self::Envelope(..) | Self::Result(..) | Self::Detected(..) | Self::Receipt(_) => {
                "private, max-age=31536000, immutable"
            }
            _ => "no-store",
        }
    }

    /// The share that the key of a [`Self::ShareOf`] or [`Self::ShareOfSent`] tells of.
    #[must_use]
    pub fn share_of(path: &str) -> Option<Self> {
        let rest = path.strip_prefix("recordings/").or_else(|| path.strip_prefix("results/"))?;
        let (id, hash) = rest.split_once("/shares/")?;
        Id::parse(id)?;
        Some(Self::Share(hash.strip_suffix(".json")?.to_owned()))
    }

    /// The hash of the invitation that a key is of; none for its entries.
    #[must_use]
    pub fn hash_of_invitation(path: &str) -> Option<&str> {
        let hash = path.strip_prefix(INVITATIONS_PREFIX)?.strip_suffix(".json")?;
        (!hash.contains('/')).then_some(hash)
    }

    /// The run of a request's key.
    #[must_use]
    pub fn run_of_request(path: &str) -> Option<RunKey> {
        let rest = path.strip_prefix("recordings/")?.strip_suffix("/request.json")?;
        let (recording, run) = rest.split_once("/runs/")?;
        Some(RunKey { recording: Id::parse(recording)?, run: Id::parse(run)? })
    }
}

/// All objects of a recording.
#[must_use]
pub fn recording_prefix(id: &Id) -> String {
    format!("recordings/{}/", id.as_str())
}

/// The Zarr group of a recording.
#[must_use]
pub fn traces_prefix(id: &Id) -> String {
    format!("{}traces.zarr/", recording_prefix(id))
}

/// All its runs.
#[must_use]
pub fn runs_prefix(id: &Id) -> String {
    format!("{}runs/", recording_prefix(id))
}

/// All objects of a run.
#[must_use]
pub fn run_prefix(run: &RunKey) -> String {
    format!("{}{}/", runs_prefix(&run.recording), run.run.as_str())
}

/// The times that it was gone on with.
#[must_use]
pub fn attempts_prefix(run: &RunKey) -> String {
    format!("{}attempts/", run_prefix(run))
}

/// The parts of its noise that are measured.
#[must_use]
pub fn noise_prefix(run: &RunKey) -> String {
    format!("{}noise/", run_prefix(run))
}

/// The finished slices of a run.
#[must_use]
pub fn slices_prefix(run: &RunKey) -> String {
    format!("{}slices/", run_prefix(run))
}

/// All objects of a result that came as a file.
#[must_use]
pub fn sent_prefix(id: &Id) -> String {
    format!("results/{}/", id.as_str())
}

/// All invitations with what they were used for.
pub const INVITATIONS_PREFIX: &str = "invitations/";

/// All entries of a book.
#[must_use]
pub fn invitation_book_prefix(hash: &str, book: InvitationBook) -> String {
    let book = match book {
        InvitationBook::Uploads => "uploads",
        InvitationBook::Runs => "runs",
        InvitationBook::Ended => "ended",
    };
    format!("{INVITATIONS_PREFIX}{hash}/{book}/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_of_a_run_counts_the_objects_that_there_are() {
        // The plan and its marks, the results, and the receipt.
        let n_written = 1 + NOISE_MARKS + RESULT_FILES.len() + 1;
        assert_eq!(n_written as u64, wasm_core::cost::WRITES_OF_A_RUN);
    }

    #[test]
    fn a_request_key_names_its_run_and_ids_cannot_escape() {
        let run = RunKey { recording: Id::random().expect("random"), run: Id::random().expect("random") };
        assert_eq!(ObjectKey::run_of_request(&ObjectKey::Request(run.clone()).path()), Some(run.clone()));
        assert_eq!(ObjectKey::run_of_request(&ObjectKey::Plan(run).path()), None);
        let id = Id::random().expect("random");
        let share = ObjectKey::Share("00ff".into());
        assert_eq!(ObjectKey::share_of(&ObjectKey::ShareOf(id.clone(), "00ff".into()).path()), Some(share.clone()));
        assert_eq!(ObjectKey::share_of(&ObjectKey::ShareOfSent(id.clone(), "00ff".into()).path()), Some(share));
        assert_eq!(ObjectKey::share_of(&ObjectKey::SentFile(id).path()), None);
        let invitation = ObjectKey::Invitation("00ff".into()).path();
        assert_eq!(ObjectKey::hash_of_invitation(&invitation), Some("00ff"));
        let entry = ObjectKey::InvitationEntry("00ff".into(), InvitationBook::Runs, 7).path();
        assert_eq!(entry, "invitations/00ff/runs/0007.json");
        assert_eq!(ObjectKey::hash_of_invitation(&entry), None);
        assert_eq!(Id::parse("../../../../../../../../etc/shadow"), None);
        assert_eq!(Id::parse("ABCDEF00000000000000000000000000"), None);
    }
}
