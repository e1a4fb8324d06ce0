//! Files of spikes open as a result at once; spikes beside a signal are one click away.

use crate::harness::{Page, Stage, golden};

async fn choose(page: &Page, name: &str) {
    page.go("about:blank").await;
    page.go(&page.address).await;
    page.choose(&[&golden(name)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_spikes_open_as_a_result() {
    let mut stage = Stage::open().await;
    let (page, _) = stage.browser().await;
    for name in ["spikes_v3.bxr", "spikes_v4.bxr", "units.nwb"] {
        choose(&page, name).await;
        let result = page.text("result").await;
        assert!(result.contains("12 spikes"), "{name}: {result}");
        assert!(page.text("methods").await.contains("as stored in the file"), "{name}");
        let moved = page.run("return document.querySelector('[data-testid=\"threshold\"]') !== null").await;
        assert_eq!(moved, false, "{name}: a threshold of stored spikes cannot be moved");
    }
    // That table of units tells times alone: neither sizes nor a sampling rate.
    assert!(page.text("no-amplitudes").await.contains("not their sizes"));
    let has_note = "return document.querySelector('[data-testid=\"result\"]').textContent.includes('no sampling rate')";
    assert_eq!(page.run(has_note).await, true);
    // A signal with spikes beside it opens on the workbench; the spikes are there too.
    choose(&page, "maxwell.raw.h5").await;
    assert!(page.text("stored-spikes").await.contains("1 spike on 3 channels, found by MaxLab"));
    page.click("show-stored").await;
    assert!(page.text("result").await.contains("1 spike"));
    page.click("back-to-traces").await;
    page.find("traces-ready").await;
    stage.close().await;
}
