//! What the template lets each function write is what it writes: a role that is too narrow shows in AWS alone.

use lambda::keys::{Id, InvitationBook, ObjectKey, RESULT_FILES, RunKey};
use wasm_core::envelope::EnvelopeId;
use wasm_core::field::FIELD_FILE;

const TEMPLATE: &str = include_str!("../../../infra/template.yaml");

/// The lines of a resource.
fn resource(name: &str) -> &'static str {
    let rest = TEMPLATE.split(&format!("\n  {name}:\n")).nth(1).expect("the resource");
    rest.split("\n\n").next().unwrap_or(rest)
}

/// Patterns of keys for which a resource allows an action.
fn patterns(name: &str, action: &str) -> Vec<&'static str> {
    let statements = resource(name).split("Effect: Allow").skip(1);
    let of_action = statements.filter(|statement| statement.contains(action));
    of_action
        .flat_map(|statement| statement.split("${Bucket.Arn}/").skip(1))
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

/// As IAM compares: `*` is any number of any characters.
fn fits(pattern: &str, key: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == key,
        Some((start, rest)) => key
            .strip_prefix(start)
            .is_some_and(|key| (0..=key.len()).any(|at| key.get(at..).is_some_and(|key| fits(rest, key)))),
    }
}

fn may(name: &str, action: &str, key: &ObjectKey) -> bool {
    patterns(name, action).iter().any(|pattern| fits(pattern, &key.path()))
}

fn run() -> RunKey {
    let id = |digit: &str| Id::parse(&digit.repeat(32)).expect("an id");
    RunKey { recording: id("a"), run: id("b") }
}

/// What each step writes, and nobody else but the API.
fn written() -> [(&'static str, Vec<ObjectKey>); 3] {
    let plan = vec![ObjectKey::NoiseMark(run(), 8), ObjectKey::Plan(run())];
    let analyse = vec![
        ObjectKey::SlicePeaks(run(), 3),
        ObjectKey::SliceSums(run(), 3),
        ObjectKey::SliceField(run(), 3),
        ObjectKey::SliceDetected(run(), 3, 0),
        ObjectKey::Envelope(run(), EnvelopeId { slice: 3, group: 1 }),
    ];
    let mut reduce = vec![
        ObjectKey::Receipt(run()),
        ObjectKey::Failure(run()),
        ObjectKey::Result(run(), FIELD_FILE),
        ObjectKey::Detected(run(), "second".into()),
    ];
    reduce.extend(RESULT_FILES.iter().map(|name| ObjectKey::Result(run(), name)));
    [("PlanRole", plan), ("AnalyseRole", analyse), ("ReduceRole", reduce)]
}

#[test]
fn each_step_may_write_what_it_makes() {
    for (role, keys) in written() {
        for key in &keys {
            assert!(may(role, "s3:PutObject", key), "{role} may not write {}", key.path());
        }
        for key in [
            ObjectKey::Recording(run().recording),
            ObjectKey::Share("a".into()),
            ObjectKey::Request(run()),
            ObjectKey::Attempt(run(), 1),
        ] {
            assert!(!may(role, "s3:PutObject", &key), "{role} may write {}", key.path());
        }
        assert!(patterns(role, "s3:DeleteObject").is_empty(), "{role} deletes nothing");
    }
    // Long tables are sent in parts, and given up when a run is stopped.
    for name in ["peaks.parquet", "spikes.parquet"] {
        assert!(may("ReduceRole", "s3:AbortMultipartUpload", &ObjectKey::Result(run(), name)));
    }
    assert!(may("ReduceRole", "s3:AbortMultipartUpload", &ObjectKey::Detected(run(), "second".into())));
}

#[test]
fn the_api_invites_nobody_and_takes_nothing_out_of_the_books() {
    let (id, hash) = (run().recording, "c".repeat(64));
    for key in [
        ObjectKey::Recording(id.clone()),
        ObjectKey::Events(id.clone()),
        ObjectKey::Traces(id.clone(), "traces_seg0/0.0".into()),
        ObjectKey::Request(run()),
        ObjectKey::Attempt(run(), 1),
        ObjectKey::Failure(run()),
        ObjectKey::Share(hash.clone()),
        ObjectKey::ShareOf(id.clone(), hash.clone()),
        ObjectKey::SentResult(id.clone()),
        ObjectKey::SentFile(id.clone()),
        ObjectKey::ShareOfSent(id, hash.clone()),
    ] {
        for action in ["s3:PutObject", "s3:DeleteObject", "s3:GetObject"] {
            assert!(may("ApiStorePolicy", action, &key), "{action} {}", key.path());
        }
    }
    for book in [InvitationBook::Uploads, InvitationBook::Runs, InvitationBook::Ended] {
        let entry = ObjectKey::InvitationEntry(hash.clone(), book, 7);
        assert!(may("ApiStorePolicy", "s3:PutObject", &entry) && !may("ApiStorePolicy", "s3:DeleteObject", &entry));
    }
    let invitation = ObjectKey::Invitation(hash);
    assert!(may("ApiStorePolicy", "s3:GetObject", &invitation));
    assert!(!["s3:PutObject", "s3:DeleteObject"].iter().any(|action| may("ApiStorePolicy", action, &invitation)));
}

#[test]
fn patterns_are_compared_as_iam_does() {
    assert!(fits("a/*/b.json", "a/x/y/b.json") && fits("*", "a") && fits("a*", "a") && fits("a*b*", "abb"));
    assert!(!fits("a/*.json", "a/x.bin") && !fits("a", "ab") && !fits("a*c", "ab"));
}
