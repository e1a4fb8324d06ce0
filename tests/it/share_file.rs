//! A result is shared from its spikes alone: its file goes up, the recording stays where it is.

use serde_json::Value;
use wasm_core::kept::{About, Kept, Parts};
use wasm_core::recording::{FrameSource, StoredSpikes};
use wasm_core::run::of_stored;
use wasm_core::simulation::{Simulation, SimulationSpec};

use crate::analyses::set;
use crate::harness::{Page, Stage, golden};

const ITEMS: &str = "return document.querySelectorAll('[data-testid=shared-item]').length";
const STATUS: &str = "return performance.getEntriesByType('navigation')[0].responseStatus";

async fn again(page: &Page, address: &str) {
    page.go("about:blank").await;
    page.go(address).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_spikes_are_shared_by_a_link_until_it_is_revoked() {
    let mut stage = Stage::open().await;
    let units = golden("units.nwb");
    let (owner, _) = stage.browser().await;
    owner.go(&owner.address).await;
    owner.choose(&[&units]).await;
    owner.find("result").await;
    let numbers = "return [...document.querySelectorAll('.headline .value')].map(value => value.textContent).join()";
    let expected = owner.run(numbers).await;
    owner.click("share-file").await;
    set(&owner, "share-title", "Sorted units").await;
    owner.find("share-note").await.send_keys("Look at <b>unit 1</b>.").await.expect("typed");
    owner.click("share-now").await;
    let link = owner.find("share-link").await.prop("value").await.expect("a property").expect("a link");

    // Somebody else sees the result, with what the sender says of it, and can change its analyses.
    let (guest, _) = stage.browser().await;
    guest.go(&link).await;
    assert_eq!(guest.text("shared-title").await, "Sorted units");
    assert_eq!(guest.text("shared-note").await, "Look at <b>unit 1</b>.");
    let facts = guest.text("shared-facts").await;
    assert!(["units.nwb", "channel", "Hz", "12 spikes"].iter().all(|fact| facts.contains(fact)), "{facts}");
    assert!(guest.text("expires").await.starts_with("Shared on "));
    guest.find("sentence").await;
    guest.until(numbers, |found| *found == expected).await;
    guest.find("bursts_max_interval-min_spikes").await;
    let words = "return document.querySelector('[data-testid=analysis-bursts_max_interval]').textContent";
    let before = guest.run(words).await;
    set(&guest, "bursts_max_interval-min_spikes", "3").await;
    guest.until(words, |found| *found != before).await;
    let actions = "return document.querySelectorAll('[data-testid=share], [data-testid=share-file]').length";
    assert_eq!(guest.run(actions).await, 0, "the guest has none of the owner's actions");

    owner.click("revoke").await;
    owner.click("revoke-yes").await;
    assert!(owner.text("copied").await.starts_with("Revoked"));
    again(&guest, &link).await;
    guest.find("gone").await;
    assert_eq!(guest.run(STATUS).await, 404);

    // The start page knows it: it is shared again, and deleted.
    again(&owner, &owner.address).await;
    let item = owner.text("shared-item").await;
    assert!(item.contains("Sorted units") && item.contains("No link shows it now"), "{item}");
    owner.click("share-again").await;
    let link = owner.find("open-shared").await.prop("href").await.expect("a property").expect("a link");
    again(&guest, &link).await;
    assert_eq!(guest.text("shared-title").await, "Sorted units");
    owner.click("delete-shared").await;
    assert_eq!(owner.run(ITEMS).await, 1, "it asks first");
    owner.click("delete-shared").await;
    owner.until(ITEMS, |n| *n == 0).await;
    again(&guest, &link).await;
    guest.find("gone").await;
    assert_eq!(guest.run(STATUS).await, 404);
    stage.close().await;
}

/// Sends any bytes as if they were a result, and gives the token of a link to them.
async fn sent(page: &Page, bytes: &[u8]) -> String {
    let (size, crc32c) = (bytes.len(), wasm_core::crc32c(bytes));
    let script = format!(
        "const ask = (method, url, body, headers) => {{
             const request = new XMLHttpRequest();
             request.open(method, url, false);
             headers.forEach(([name, value]) => request.setRequestHeader(name, value));
             request.send(body);
             return request.responseText;
         }};
         const [code] = JSON.parse(localStorage.getItem('neurocyte-invitation'));
         const json = [['content-type', 'application/json'], ['x-neurocyte-invitation', code]];
         const wish = JSON.stringify({{ size_bytes: {size}, crc32c: {crc32c} }});
         const created = JSON.parse(ask('POST', '/api/results', wish, json));
         ask('PUT', created.upload.url, new Uint8Array({bytes:?}), created.upload.headers);
         const key = ['authorization', 'Bearer ' + created.owner_key];
         const shares = '/api/results/' + created.result_id + '/shares';
         return JSON.parse(ask('POST', shares, JSON.stringify({{ days: 1 }}), [...json, key])).token"
    );
    match page.run(&script).await {
        Value::String(token) => token,
        other => panic!("no token: {other}"),
    }
}

/// A file with a header of any text whose checksum is right.
fn with_header(header: &str) -> Vec<u8> {
    let mut file = b"NEUROCYTE RESULT".to_vec();
    file.extend(1_u32.to_le_bytes());
    file.extend(wasm_core::crc32c(header.as_bytes()).to_le_bytes());
    file.extend((header.len() as u64).to_le_bytes());
    file.extend(header.as_bytes());
    file
}

/// A whole file whose spikes are none.
fn without_spikes() -> Vec<u8> {
    let spec = SimulationSpec { n_channels: 4, sampling_frequency_hz: 20_000.0, duration_s: 1.0, seed: 3 };
    let stored = StoredSpikes::new(Simulation::new(spec).info().clone(), Vec::new(), "a test".into());
    let result = of_stored(&stored, "culture", "simulated", &[], &[]);
    let about = About {
        name: "culture".into(),
        note: String::new(),
        created_ms: 1.7e12,
        pipeline: result.summary.pipeline.clone(),
        events: Vec::new(),
        receipt: None,
    };
    let kept = Kept { about, info: stored.info, summary: result.summary, observed_s: None };
    kept.write(&Parts { peaks: b"PAR1 and nothing else", ..Parts::default() }).expect("written")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_file_that_is_no_result_says_so() {
    let mut stage = Stage::open().await;
    let (page, _) = stage.browser().await;
    page.go(&page.address).await;
    page.find("dropzone").await;
    let mut cut = without_spikes();
    cut.pop();
    for (bytes, said) in [
        (b"anything else".to_vec(), "it is no result that Neurocyte kept"),
        (with_header("{}"), "its field kept is absent, expected a value"),
        (with_header("[".repeat(5000).as_str()), "is sequence, expected a text"),
        (cut, "it is cut"),
        (without_spikes(), "does not open"),
    ] {
        let token = sent(&page, &bytes).await;
        again(&page, &format!("{}/share/{token}", page.address)).await;
        let failed = page.text("failed").await;
        assert!(failed.contains(said), "{said}: {failed}");
        again(&page, &page.address).await;
        page.find("dropzone").await;
    }
    stage.close().await;
}
