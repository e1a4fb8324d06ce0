//! Deletes all objects of something, page by page, for as long as a request may take; the next one goes on.

use std::time::{Duration, Instant};

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use wasm_core::api::Deleting;

use super::error::ApiError;
use crate::keys::ObjectKey;
use crate::store::{Store, StoreError};

/// Time that a request may delete for: API Gateway ends one after 29 s.
const AT_A_TIME: Duration = Duration::from_secs(20);

/// Deletes what lies below some prefixes, one after the other, with its shares; the last prefix holds all. Says 204
/// when nothing is left, and 202 when the same request must be made again.
pub async fn remove_all(store: &Store, prefixes: &[String], announced: String) -> Result<Response, ApiError> {
    Ok(match removed_by(store, prefixes, announced, Instant::now() + AT_A_TIME).await? {
        None => StatusCode::NO_CONTENT.into_response(),
        Some(n_deleted) => (StatusCode::ACCEPTED, Json(Deleting { n_deleted })).into_response(),
    })
}

/// Deletes until then; gives the number of objects that were deleted if some are left.
async fn removed_by(
    store: &Store,
    prefixes: &[String],
    announced: String,
    end: Instant,
) -> Result<Option<u64>, ApiError> {
    let mut n_deleted = 0;
    for prefix in prefixes {
        loop {
            // What is gone is listed no more, so that the first page is the next one; and what a run or an upload
            // under way writes meanwhile is on it too.
            let mut keys = store.page(prefix, None).await?.keys;
            // The announcement goes last, so that a deletion that was cut short can be repeated.
            keys.retain(|key| *key != announced);
            if keys.is_empty() {
                break;
            }
            delete(store, &keys).await?;
            n_deleted += keys.len() as u64;
            if Instant::now() >= end {
                return Ok(Some(n_deleted));
            }
        }
    }
    store.delete(&[announced]).await?;
    // What a request wrote that could still see the announcement; a later one takes back what it wrote.
    if let Some(whole) = prefixes.last() {
        delete(store, &store.page(whole, None).await?.keys).await?;
    }
    Ok(None)
}

/// Deletes objects, and shares with those that tell of them: before, so that none is left without one where this is cut
/// short; and after, as one may have been written meanwhile by a request that still saw what tells of it.
async fn delete(store: &Store, keys: &[String]) -> Result<(), StoreError> {
    let shares: Vec<String> = keys.iter().filter_map(|key| Some(ObjectKey::share_of(key)?.path())).collect();
    store.delete(&shares).await?;
    store.delete(keys).await?;
    store.delete(&shares).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Id, RunKey, recording_prefix, traces_prefix};
    use crate::store::fake::{Fake, PAGE_KEYS};

    const N_CHUNKS: usize = 35;

    /// A recording with chunks, a run and a share; and what is another's.
    async fn recording() -> (Store, std::sync::Arc<Fake>, Id) {
        let id = Id::parse("0123456789abcdef0123456789abcdef").expect("an id");
        let others = Id::parse("f123456789abcdef0123456789abcdef").expect("an id");
        let mut keys: Vec<String> =
            (0..N_CHUNKS).map(|row| format!("{}traces_seg0/{row}.0", traces_prefix(&id))).collect();
        keys.push(format!("{}runs/{}/failure.json", recording_prefix(&id), others.as_str()));
        keys.push(ObjectKey::Recording(id.clone()).path());
        keys.push(ObjectKey::ShareOf(id.clone(), "00ff".into()).path());
        keys.push(ObjectKey::Share("00ff".into()).path());
        keys.push(ObjectKey::Recording(others).path());
        let (store, fake) = Fake::serve(keys).await;
        (store, fake, id)
    }

    #[tokio::test]
    async fn what_was_written_while_the_announcement_went_is_deleted_too() {
        let (store, fake, id) = recording().await;
        let announced = ObjectKey::Recording(id.clone()).path();
        let run = RunKey { recording: id.clone(), run: id.clone() };
        fake.place_when_gone(&announced, ObjectKey::Request(run).path());
        let prefixes = [traces_prefix(&id), recording_prefix(&id)];
        let later = Instant::now() + Duration::from_mins(10);
        assert!(matches!(removed_by(&store, &prefixes, announced, later).await, Ok(None)));
        let left = fake.keys();
        assert!(left.len() == 1 && left[0].contains("f123"), "{left:?}");
    }

    #[tokio::test]
    async fn a_deletion_goes_on_where_one_was_cut_short() {
        let (store, fake, id) = recording().await;
        let (prefixes, announced) = ([traces_prefix(&id), recording_prefix(&id)], ObjectKey::Recording(id).path());
        let remove = async |end: Instant| removed_by(&store, &prefixes, announced.clone(), end).await;
        // No time: one page, and it says so.
        assert!(matches!(remove(Instant::now()).await, Ok(Some(n)) if n == PAGE_KEYS as u64));
        assert_eq!(fake.n_asked("list"), 1);
        // The storage refuses in the middle.
        let later = Instant::now() + Duration::from_mins(10);
        fake.refuse_deletion_after(Some(1));
        assert!(remove(later).await.is_err());
        let left = fake.keys();
        assert_eq!(left.len(), N_CHUNKS - 2 * PAGE_KEYS + 5);
        assert!(left.contains(&announced) && left.iter().any(|key| key.ends_with("failure.json")), "{left:?}");
        // The next one finishes it, and leaves what is another's.
        fake.refuse_deletion_after(None);
        assert!(matches!(remove(later).await, Ok(None)));
        let left = fake.keys();
        assert!(left.len() == 1 && left[0].contains("f123"), "{left:?}");
        assert!(matches!(remove(later).await, Ok(None)), "nothing is left to do");
    }
}
