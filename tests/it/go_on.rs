//! A run that ended without a result, gone on with from its page.

use std::path::{Path, PathBuf};

use crate::harness::{Stage, write_recording};

/// Files of this name below a folder.
fn named(folder: &Path, name: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let found = entries.flat_map(|path| {
        if path.is_dir() {
            named(&path, name)
        } else if path.file_name().is_some_and(|file| file == name) {
            vec![path]
        } else {
            Vec::new()
        }
    });
    found.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_failed_says_why_and_goes_on() {
    let mut stage = Stage::open().await;
    let [raw, description] = write_recording(stage.folder.path(), 8, 4.0);
    let (owner, _) = stage.browser().await;
    owner.open(&[&raw, &description]).await;
    owner.press("upload").await;
    owner.find("share").await;
    let active = owner.text("headline-active").await;
    let address = owner.run("return location.href").await;

    // As if its last step had failed: no receipt, but a reason.
    let receipt = named(&stage.folder.path().join("data"), "receipt.json").pop().expect("a receipt");
    std::fs::write(receipt.with_file_name("failure.json"), r#"{ "reason": "A step took too long." }"#)
        .expect("writable");
    std::fs::remove_file(&receipt).expect("there");
    owner.go("about:blank").await;
    owner.go(address.as_str().expect("an address")).await;
    let said = owner.text("ended").await;
    assert!(said.contains("The analysis did not finish: A step took too long."), "{said}");
    owner.click("go-on").await;
    owner.find("share").await;
    assert_eq!(owner.text("headline-active").await, active);
    stage.close().await;
}
