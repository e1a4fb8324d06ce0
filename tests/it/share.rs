//! Upload, run in the cloud, share, revoke.

use serde_json::Value;
use wasm_core::spikes::read_parquet;

use crate::analyse_here::native_spikes;
use crate::analyses::set;
use crate::harness::{Stage, downloaded, write_recording};

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_link_shows_the_result_until_it_is_revoked() {
    let mut stage = Stage::open().await;
    let [raw, description] = write_recording(stage.folder.path(), 70, 8.0);
    let (owner, downloads) = stage.browser().await;
    owner.open(&[&raw, &description]).await;
    owner.press("upload").await;
    owner.find("share").await;
    owner.click("download-parquet").await;
    let found = read_parquet(downloaded(&downloads, "culture-spikes.parquet").await.into()).expect("a spike table");
    assert_eq!(found, native_spikes(&raw), "the cloud equals native code");

    owner.click("share").await;
    set(&owner, "share-title", "Control, day 21").await;
    owner.find("share-note").await.send_keys("Look at <b>one</b>.").await.expect("typed");
    // Clicked twice before the page is drawn again, it makes one link all the same.
    owner.run("const now = document.querySelector('[data-testid=share-now]'); now.click(); now.click()").await;
    let link = owner.find("share-link").await.prop("value").await.expect("a property").expect("a link");
    let (guest, _) = stage.browser().await;
    guest.go(&link).await;
    guest.find("result").await;
    // What the sender says is text, whatever it holds.
    assert_eq!(guest.text("shared-title").await, "Control, day 21");
    assert_eq!(guest.text("shared-note").await, "Look at <b>one</b>.");
    let facts = guest.text("shared-facts").await;
    assert!(["culture", "70 channels", "20 kHz", "8 s"].iter().all(|fact| facts.contains(fact)), "{facts}");
    guest.find("sentence").await;
    assert_eq!(guest.text("headline-active").await, owner.text("headline-active").await);
    // Traces of any time come from the uploaded chunks, wide windows from the stored outline.
    guest.find("traces-ready").await;
    guest.click("zoom-all").await;
    let detail = "return document.querySelector('[data-testid=traces-ready]')?.textContent ?? ''";
    let is_outline = |text: &Value| text.as_str().is_some_and(|text| text.contains("Outline of the unfiltered signal"));
    guest.until(detail, is_outline).await;
    // The address holds the view: who opens it sees the same.
    let is_whole = |hash: &Value| hash.as_str().is_some_and(|hash| hash.contains("traces=0.0000,8.0000"));
    guest.until("return location.hash", is_whole).await;
    let address = guest.run("return location.href.replace('threshold=5.0', 'threshold=6.5')").await;
    guest.go("about:blank").await;
    guest.go(address.as_str().expect("an address")).await;
    guest.until(detail, is_outline).await;
    let threshold = "return document.querySelector('[data-testid=threshold-value]').textContent";
    guest.until(threshold, |text| text.as_str().is_some_and(|text| text.starts_with("6.5 x noise"))).await;
    // The guest has none of the owner's actions.
    assert_eq!(guest.run("return document.querySelectorAll('[data-testid=share]').length").await, 0);

    // Revoking asks first; who says no keeps the link.
    let n_links = "return document.querySelectorAll('[data-testid=share-link]').length";
    owner.click("revoke").await;
    owner.click("revoke-no").await;
    owner.find("revoke").await;
    assert_eq!(owner.run(n_links).await, 1, "nothing was revoked");
    owner.click("revoke").await;
    owner.click("revoke-yes").await;
    owner.until(n_links, |n| *n == 0).await;
    assert!(owner.text("copied").await.starts_with("Revoked"));
    guest.go(&link).await;
    guest.find("gone").await;
    let status = "return performance.getEntriesByType('navigation')[0].responseStatus";
    assert_eq!(guest.run(status).await, 404, "a revoked link is one to programs too");

    // Deleting takes everything with it, after asking once.
    owner.go(&format!("{}/#/", owner.address)).await;
    owner.click("home").await;
    owner.click("delete-recording").await;
    owner.click("delete-recording").await;
    owner.until("return document.querySelectorAll('[data-testid=remembered]').length", |n| *n == 0).await;
    stage.close().await;
}
