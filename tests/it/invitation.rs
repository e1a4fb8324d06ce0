//! An invitation: its link is opened or pasted, and what is left of it is shown.

use crate::analyses::set;
use crate::harness::{Stage, golden, write_recording};

const DISABLED: &str = "return document.querySelector('[data-testid=upload]')?.disabled";
const KEPT: &str = "return JSON.parse(localStorage.getItem('neurocyte-invitation') ?? '[]')[0] ?? null";

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_invitation_opens_the_upload() {
    let mut stage = Stage::open().await;
    let [raw, description] = write_recording(stage.folder.path(), 4, 4.0);
    let (page, _) = stage.uninvited().await;
    page.go(&page.address).await;
    page.choose(&[&raw, &description]).await;
    assert!(page.text("invitation-needed").await.contains("needs an invitation"));
    assert_eq!(page.run(DISABLED).await, true);
    page.click("invitation-needed").await;
    set(&page, "invitation-link", "https://lab.example/#/invitation/123").await;
    page.click("invitation-use").await;
    assert!(page.text("invitation-problem").await.contains("64"), "it says what a link ends with");
    set(&page, "invitation-link", &"0123456789abcdef".repeat(4)).await;
    page.click("invitation-use").await;
    let needed = "return document.querySelector('[data-testid=invitation-needed]')?.innerText ?? ''";
    page.until(needed, |text| text.as_str().is_some_and(|text| text.contains("no such invitation"))).await;

    set(&page, "invitation-link", &stage.cloud.link()).await;
    page.click("invitation-use").await;
    let shown = page.text("invitation").await;
    assert!(["This computer", "left", "until"].iter().all(|part| shown.contains(part)), "{shown}");
    page.until(DISABLED, |disabled| *disabled == false).await;
    page.click("upload").await;
    page.find("share").await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_given_while_sharing_shares_nothing_by_itself() {
    const ENTER: &str = "\u{e007}";
    const ESCAPE: &str = "\u{e00c}";
    const OPEN: &str = "return document.querySelectorAll('[data-testid=share-form], [data-testid=share-link]').length";
    let mut stage = Stage::open().await;
    let units = golden("units.nwb");
    let (page, _) = stage.uninvited().await;
    page.go(&page.address).await;
    page.choose(&[&units]).await;
    page.find("result").await;
    page.click("share-file").await;
    let focused = "return document.activeElement.dataset.testid";
    assert_eq!(page.run(focused).await, "share-title");
    page.click("invitation-needed").await;
    set(&page, "invitation-link", &stage.cloud.link()).await;
    page.find("invitation-link").await.send_keys(ENTER).await.expect("typed");
    page.until("return document.querySelectorAll('[data-testid=invitation-link]').length", |n| *n == 0).await;
    assert_eq!(page.run(OPEN).await, 1, "the form stays, and there is no link");
    page.until(focused, |name| *name == "share-now").await;
    page.find("share-title").await.send_keys(ESCAPE).await.expect("typed");
    page.until(OPEN, |n| *n == 0).await;
    assert_eq!(page.run(focused).await, "share-file");
    // Nothing was on its way meanwhile.
    page.click("share-file").await;
    page.find("share-form").await;
    assert_eq!(page.run(OPEN).await, 1);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_was_cut_says_so_and_the_whole_one_is_taken() {
    let mut stage = Stage::open().await;
    let (page, _) = stage.uninvited().await;
    let link = stage.cloud.link();
    page.go(&link[..link.len() - 1]).await;
    let said = page.text("invitation-needed").await;
    assert!(said.contains("not whole"), "{said}");
    page.click("invitation-needed").await;
    set(&page, "invitation-link", &link).await;
    page.click("invitation-use").await;
    page.find("invitation").await;
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_kept_by_the_browser_and_leaves_the_address_bar() {
    let mut stage = Stage::open().await;
    let (page, _) = stage.uninvited().await;
    page.go(&stage.cloud.link()).await;
    let shown = page.text("invitation").await;
    assert!(shown.contains("This computer") && shown.contains("runs left"), "{shown}");
    let code = stage.cloud.invitation.reveal();
    assert_eq!(page.run(KEPT).await, code);
    let address = page.run("return location.href").await;
    assert!(address.as_str().is_some_and(|address| !address.contains(code)), "the code stays in the address bar");
    // It is still there after the page was left.
    page.go("about:blank").await;
    page.go(&page.address).await;
    page.find("invitation").await;
    page.click("invitation-forget").await;
    assert_eq!(page.run(KEPT).await, code, "it asks first");
    page.click("invitation-forget").await;
    page.until(KEPT, serde_json::Value::is_null).await;
    stage.close().await;
}
