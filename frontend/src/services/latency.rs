//! How far regions are from this browser.

use std::cell::Cell;

use futures_util::future::join_all;
use gloo_net::http::RequestBuilder;
use wasm_core::regions::{Region, known};
use web_sys::{RequestCache, RequestCredentials, RequestMode};

use super::analysis::now_ms;
use super::cloud::Limit;

/// Regions that are asked at a time: few, so that answers do not wait for one another.
const AT_A_TIME: usize = 4;
/// Requests to each. The first makes the connection and does not count; of the others the quickest does.
const TRIES: usize = 5;
/// Milliseconds after which a request is given up.
const PATIENCE_MS: u32 = 3000;

/// Asks every region for a sign of life; `found` takes milliseconds there and back, or that it did not answer.
pub async fn measure(is_wanted: impl Fn() -> bool, found: impl Fn(&'static Region, Option<f64>)) {
    let next = Cell::new(0);
    join_all((0..AT_A_TIME).map(async |_| {
        loop {
            let at = next.replace(next.get() + 1);
            let Some(region) = known().regions.get(at).filter(|_| is_wanted()) else { return };
            let answer = ping(&region.ping_address()).await;
            if is_wanted() {
                found(region, answer);
            }
        }
    }))
    .await;
}

async fn ping(address: &str) -> Option<f64> {
    let mut quickest = None;
    for attempt in 0..TRIES {
        let start = now_ms();
        let limit = Limit::new(PATIENCE_MS);
        // What it answers cannot be read, nor need it be; nothing goes along.
        let request = RequestBuilder::new(address)
            .mode(RequestMode::NoCors)
            .cache(RequestCache::NoStore)
            .credentials(RequestCredentials::Omit)
            .abort_signal(limit.signal().as_ref());
        request.send().await.ok()?;
        let took = now_ms() - start;
        if attempt > 0 {
            quickest = Some(quickest.map_or(took, |before: f64| before.min(took)));
        }
    }
    quickest
}
