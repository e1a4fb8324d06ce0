//! A connection that is lost during an upload: it is said soon, and the upload goes on by itself.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Page, Stage, write_recording};

/// A lost connection is told of within three seconds; the driver takes a part of a second to see it.
const SOON: Duration = Duration::from_secs(4);

/// Bytes per second of a line on which the upload takes long enough to be disturbed.
const SLOW: u32 = 3_000_000;

const PROGRESS: &str = "return document.querySelector('[data-testid=progress]')?.innerText ?? ''";
const CHUNKS_DONE: &str = "const text = document.querySelector('[data-testid=progress]')?.innerText ?? '';
    return Number((text.match(/(\\d+) of \\d+ chunks/) ?? [0, 0])[1])";

/// Changes the line between page and cloud.
async fn line(page: &Page, is_offline: bool, upload_bytes_per_s: i64) {
    let conditions = json!({ "offline": is_offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": upload_bytes_per_s });
    page.debug("Network.emulateNetworkConditions", conditions).await;
}

fn holds(text: &Value, parts: &[&str]) -> bool {
    text.as_str().is_some_and(|text| parts.iter().any(|part| text.contains(part)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_is_said_and_the_upload_goes_on() {
    let mut stage = Stage::open().await;
    let [raw, description] = write_recording(stage.folder.path(), 64, 60.0);
    let (page, _) = stage.browser().await;
    page.go(&page.address).await;
    page.debug("Network.enable", json!({})).await;
    page.choose(&[&raw, &description]).await;
    page.until("return document.querySelector('[data-testid=upload]')?.disabled === false", |is| *is == true).await;
    line(&page, false, SLOW.into()).await;
    page.click("upload").await;
    page.until(CHUNKS_DONE, |n| n.as_f64() >= Some(1.0)).await;

    line(&page, true, SLOW.into()).await;
    let lost = Instant::now();
    let said = page.until(PROGRESS, |text| holds(text, &["Connection lost", "does not answer"])).await;
    assert!(lost.elapsed() < SOON, "it took {:?} until the page said so", lost.elapsed());
    assert!(holds(&said, &["are safe"]), "what arrived is told: {said}");

    line(&page, false, -1).await;
    page.until(PROGRESS, |text| !holds(text, &["Connection lost", "does not answer"])).await;
    page.find("share").await;
    stage.close().await;
}

/// The first chunks meet a storage to which their addresses have expired: the signatures are spoiled, and the
/// answers read as those of credentials that ended before the addresses did.
const EXPIRED_FIRST: &str = "window.expired = 0;
    const open = XMLHttpRequest.prototype.open;
    XMLHttpRequest.prototype.open = function (method, url, ...rest) {
        if (method === 'PUT' && window.expired < 3) {
            window.expired += 1;
            url = url.replace(/X-Amz-Signature=[0-9a-f]{8}/, 'X-Amz-Signature=00000000');
            Object.defineProperty(this, 'status', { get: () => 400 });
            Object.defineProperty(this, 'responseText', { get: () => '<Error><Code>ExpiredToken</Code></Error>' });
        }
        return open.call(this, method, url, ...rest);
    };";

#[tokio::test(flavor = "multi_thread")]
async fn expired_addresses_are_signed_anew() {
    let mut stage = Stage::open().await;
    let [raw, description] = write_recording(stage.folder.path(), 64, 20.0);
    let (page, _) = stage.browser().await;
    page.go(&page.address).await;
    page.choose(&[&raw, &description]).await;
    page.run(EXPIRED_FIRST).await;
    page.press("upload").await;
    page.find("share").await;
    assert_eq!(page.run("return window.expired").await, 3);
    stage.close().await;
}
