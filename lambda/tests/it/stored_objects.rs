//! Objects that the first version of the cloud stored are read; `docs/stored-formats.md` describes them. The files in
//! `lambda/tests/golden/` are made by hand in the form that it wrote, and are never changed.

use lambda::handlers::{Failed, StoredRecording};
use wasm_core::api::StartRun;

#[test]
fn a_recording_of_the_first_version_is_read() {
    let StoredRecording { recording, owner_sha256, invitation } =
        serde_json::from_str(include_str!("../golden/recording.json")).expect("a recording");
    assert_eq!((recording.name.as_str(), recording.stream.n_channels), ("culture.raw.h5", 2));
    assert_eq!((recording.stream.n_frames(), owner_sha256.len()), (200_000, 64));
    assert_eq!(invitation, None, "it was uploaded before there were any");
    assert!(recording.facts.is_empty() && recording.events.is_empty());
}

#[test]
fn a_request_and_a_failure_of_the_first_version_are_read() {
    let request: StartRun = serde_json::from_str(include_str!("../golden/request.json")).expect("a request");
    assert_eq!((request.pipeline.check(), request.run_id), (Ok(()), None));
    let Failed { reason } = serde_json::from_str(include_str!("../golden/failure.json")).expect("a failure");
    assert_eq!(reason, "You stopped this run.");
}
