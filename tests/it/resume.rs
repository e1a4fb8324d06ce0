//! An upload that was stopped goes on where it was, after the same files are dropped again: what
//! was sent before is not sent once more.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::SystemTime;

use local_cloud::Answered;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;
use wasm_core::zarr::ChunkId;

use crate::harness::{Stage, write_recording};

/// 120 s at 20 kHz in chunks of 65,536 frames, of 64 channels together: long enough to be stopped on the way.
const SECONDS: f64 = 120.0;
const N_CHUNKS: usize = 37;

/// What the progress bar says: chunks that are there, of `… 4 of 37 chunks …`.
const CHUNKS_DONE: &str = "const text = document.querySelector('[data-testid=progress]')?.innerText ?? '';
    return Number((text.match(/(\\d+) of \\d+ chunks/) ?? [0, 0])[1])";

/// Keeps the first number above zero that the progress bar says, however soon it says the next.
const KEEP_FIRST: &str = "window.firstDone = 0;
    const look = () => {
        const text = document.querySelector('[data-testid=progress]')?.innerText ?? '';
        window.firstDone ||= Number((text.match(/(\\d+) of \\d+ chunks/) ?? [0, 0])[1]);
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });";

/// The recording and the chunk that a key names.
fn chunk_of(key: &str) -> Option<(String, ChunkId)> {
    let (recording, name) = key.strip_prefix("recordings/")?.split_once("/traces.zarr/")?;
    Some((recording.to_owned(), ChunkId::parse(name)?))
}

/// Chunks that are stored, and when each was written.
fn stored(bucket: &Path) -> BTreeMap<(String, ChunkId), SystemTime> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![bucket.to_owned()];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(std::fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.path()));
        } else if let Some(chunk) = path.strip_prefix(bucket).ok().and_then(Path::to_str).and_then(chunk_of) {
            let written = path.metadata().and_then(|metadata| metadata.modified()).expect("a time");
            found.insert(chunk, written);
        }
    }
    found
}

/// Chunks that were sent since the watch began, each with the status of its answer.
pub fn sent(watch: &mut Receiver<Answered>) -> Vec<((String, ChunkId), u16)> {
    let mut found = Vec::new();
    loop {
        match watch.try_recv() {
            Ok(answered) if answered.method == "PUT" => {
                found.extend(chunk_of(&answered.key).map(|chunk| (chunk, answered.status)));
            }
            Ok(_) => {}
            Err(TryRecvError::Empty | TryRecvError::Closed) => return found,
            Err(TryRecvError::Lagged(n)) => panic!("{n} requests were not seen: they are more than are kept"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_upload_goes_on_after_a_reload_and_sends_nothing_twice() {
    let mut stage = Stage::open().await;
    let bucket = stage.folder.path().join("data/objects/neurocyte-data");
    let [raw, description] = write_recording(stage.folder.path(), 64, SECONDS);
    let (page, _) = stage.browser().await;
    page.go(&page.address).await;
    page.choose(&[&raw, &description]).await;
    page.press("upload").await;
    page.until(CHUNKS_DONE, |n| n.as_f64() >= Some(1.0)).await;
    page.click("stop").await;
    // The page offers the next step when what was under way is sent.
    page.find("offers").await;
    let before = stored(&bucket);
    assert!((1..N_CHUNKS).contains(&before.len()), "stopped with {} of {N_CHUNKS} chunks sent", before.len());

    page.go("about:blank").await;
    page.go(&page.address).await;
    page.find("remembered").await;
    page.choose(&[&raw, &description]).await;
    page.run(KEEP_FIRST).await;
    let mut watch = stage.cloud.watch();
    page.press("upload").await;
    page.find("share").await;

    let sent = sent(&mut watch);
    let chunks: BTreeSet<_> = sent.iter().map(|(chunk, _)| chunk.clone()).collect();
    let again: Vec<_> = chunks.iter().filter(|chunk| before.contains_key(*chunk)).collect();
    assert!(again.is_empty(), "sent once more: {again:?}");
    assert!(chunks.len() == sent.len() && sent.iter().all(|(_, status)| *status == 200), "once each: {sent:?}");
    assert_eq!(sent.len(), N_CHUNKS - before.len(), "what was missing, and nothing else");
    let after = stored(&bucket);
    assert!(before.iter().all(|(chunk, written)| after.get(chunk) == Some(written)), "what was there is untouched");
    assert!(after.len() == N_CHUNKS && chunks.iter().all(|chunk| after.contains_key(chunk)), "{after:?}");
    // What was sent before counts from the start.
    let first = page.run("return window.firstDone").await;
    assert!(first.as_u64() >= Some(before.len() as u64), "the progress began at {first}, not at {}", before.len());

    page.click("home").await;
    let remembered = "return JSON.parse(localStorage.getItem('neurocyte-recordings')).length";
    assert_eq!(page.run(remembered).await, 1, "it is the same recording");
    stage.close().await;
}
