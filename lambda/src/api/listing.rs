//! Which chunks are there, so many at a time that no answer is longer than a function may give.

use wasm_core::api::{ChunkList, limits};
use wasm_core::recording::StreamInfo;
use wasm_core::zarr::ChunkId;

use super::error::ApiError;
use crate::keys::{Id, ObjectKey, traces_prefix};
use crate::store::Store;

/// The chunk behind which a list begins: the query `behind=traces_seg0/3.1`, or none.
pub fn behind(query: Option<&str>) -> Result<Option<ChunkId>, ApiError> {
    let Some(query) = query.filter(|query| !query.is_empty()) else { return Ok(None) };
    let name = query.strip_prefix("behind=").map(|name| name.replace("%2F", "/").replace("%2f", "/"));
    let chunk = name.and_then(|name| ChunkId::parse(&name));
    let wrong = || ApiError::Invalid("the query must be behind=NAME, a chunk such as traces_seg0/3.1".into());
    chunk.map(Some).ok_or_else(wrong)
}

/// Chunks of the recording that are in the bucket, in the order of their names: at most
/// [`limits::CHUNKS_PER_LIST`], and some.
pub async fn some(store: &Store, id: &Id, info: &StreamInfo, behind: Option<ChunkId>) -> Result<ChunkList, ApiError> {
    let prefix = traces_prefix(id);
    let of_chunks = format!("{prefix}traces_seg");
    let behind = behind.map(|chunk| ObjectKey::Traces(id.clone(), chunk.name()).path());
    let mut present = Vec::new();
    let mut page = store.page(&of_chunks, behind.as_deref()).await?;
    loop {
        let parse = |key: &String| ChunkId::parse(key.strip_prefix(&prefix)?).filter(|chunk| chunk.is_in(info));
        present.extend(page.keys.iter().filter_map(parse));
        let Some(next) = page.next else { return Ok(ChunkList { present, next: None }) };
        if present.len() >= limits::CHUNKS_PER_LIST {
            return Ok(ChunkList { next: present.last().copied(), present });
        }
        page = store.page_after(&of_chunks, next).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fake::Fake;
    use wasm_core::recording::FrameSource;
    use wasm_core::simulation::{Simulation, SimulationSpec};
    use wasm_core::zarr::{CHUNK_FRAMES, chunks_of};

    #[test]
    fn a_list_begins_behind_a_chunk() {
        let chunk = ChunkId { segment: 0, row: 3, group: 1 };
        assert_eq!((behind(None).ok(), behind(Some("")).ok()), (Some(None), Some(None)));
        for query in ["behind=traces_seg0/3.1", "behind=traces_seg0%2F3.1"] {
            assert_eq!(behind(Some(query)).ok(), Some(Some(chunk)), "{query}");
        }
        for query in ["behind=", "behind=../3.1", "page=2", "behind=traces_seg0"] {
            assert!(behind(Some(query)).is_err(), "{query}");
        }
    }

    #[tokio::test]
    async fn a_list_goes_on_behind_the_last_chunk() {
        let id = Id::parse("0123456789abcdef0123456789abcdef").expect("an id");
        let segment = wasm_core::recording::SegmentInfo { n_frames: 33 * CHUNK_FRAMES, t_start_s: 0.0 };
        let simulation = Simulation::new(SimulationSpec {
            n_channels: 4,
            sampling_frequency_hz: 20_000.0,
            duration_s: 1.0,
            seed: 1,
        });
        let info = StreamInfo { segments: vec![segment], ..simulation.info().clone() };
        let mut names: Vec<String> = chunks_of(&info).map(ChunkId::name).collect();
        // One of another recording's size, and what is no chunk.
        let beside = ["traces_seg0/99.0".to_owned(), "traces_seg0/.zarray".to_owned()];
        let keys = names.iter().chain(&beside).map(|name| ObjectKey::Traces(id.clone(), name.clone()).path());
        let (store, _fake) = Fake::serve(keys.collect::<Vec<_>>()).await;
        let all = some(&store, &id, &info, None).await.ok().expect("a list");
        names.sort();
        assert_eq!(all.present.iter().map(|chunk| chunk.name()).collect::<Vec<_>>(), names);
        assert_eq!(all.next, None);
        let rest = some(&store, &id, &info, Some(all.present[20])).await.ok().expect("a list");
        assert_eq!(rest.present, all.present[21..]);
    }

    #[test]
    fn no_list_is_longer_than_a_function_may_answer() {
        let longest = ChunkId { segment: limits::SEGMENTS, row: limits::RECORDING_BYTES, group: limits::CHANNELS };
        let one = serde_json::to_string(&longest).expect("JSON").len() + 1;
        // Lambda's limit; a page of S3 may lie beyond ours.
        assert!((limits::CHUNKS_PER_LIST + 1000) * one < 6 << 20, "{one} bytes each");
    }
}
