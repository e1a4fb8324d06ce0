//! Blocks that are added on the workbench change what is computed and what is said of it.

use crate::harness::{Stage, write_recording};

#[tokio::test(flavor = "multi_thread")]
async fn added_blocks_reach_the_result() {
    let mut stage = Stage::open().await;
    let (page, _) = stage.browser().await;
    let folder = tempfile::tempdir().expect("a folder");
    let files = write_recording(folder.path(), 16, 3.0);
    page.open(&[&files[0], &files[1]]).await;

    page.click("add-bad_channels").await;
    page.click("find-bad-channels").await;
    let found = page
        .until("return document.querySelector('[data-testid=\"bad-channels-found\"]')?.innerText", |text| {
            text.as_str().is_some_and(|text| !text.contains("Looking"))
        })
        .await;
    assert_eq!(found, "All electrodes look good");
    let leave_out = "const field = document.querySelector('[data-testid=\"leave-out\"]');
        field.value = document.querySelector('#channel-ids option').value;
        field.dispatchEvent(new Event('change', { bubbles: true }));
        return field.value";
    page.run(leave_out).await;
    page.find("left-out").await;
    page.click("add-coincident_events").await;

    page.click("spectrum-toggle").await;
    page.find("spectrum").await;

    page.click("analyse-here").await;
    let methods = page.text("methods").await;
    assert!(methods.contains("was left out"), "{methods}");
    assert!(methods.contains("at least 4 electrodes"), "{methods}");
    // Rows that are scrolled out of sight count too.
    let table = page.run("return document.querySelector('[data-testid=\"channel-table\"]').textContent").await;
    assert!(table.as_str().is_some_and(|text| text.contains("left out")), "{table}");
    stage.close().await;
}

/// The values of another program are told in words before they are taken.
#[tokio::test(flavor = "multi_thread")]
async fn a_preset_says_what_it_changes() {
    let mut stage = Stage::open().await;
    let (page, _) = stage.browser().await;
    let folder = tempfile::tempdir().expect("a folder");
    let files = write_recording(folder.path(), 16, 3.0);
    page.open(&[&files[0], &files[1]]).await;
    let choose = "const select = document.querySelector('[data-testid=preset]');
        select.selectedIndex = [...select.options].findIndex(option => option.text.includes('MEA-NAP'));
        select.dispatchEvent(new Event('change', { bubbles: true }))";
    page.run(choose).await;
    let changes = page.text("preset-changes").await;
    assert!(changes.contains("becomes"), "{changes}");
    page.click("take-preset").await;
    page.until("return document.querySelector('[data-testid=preset-changes]')", serde_json::Value::is_null).await;
    page.run(choose).await;
    page.find("preset-same").await;
    // Whose values they are stays said, with both ways back.
    assert_eq!(page.text("values-of").await, "Values of MEA-NAP (changed: 0)");
    page.until(THRESHOLD, |value| *value == "4").await;
    page.click("take-defaults").await;
    page.until(VALUES_OF, |text| *text == "Default values (changed: 0)").await;
    page.click("undo-values").await;
    page.until(VALUES_OF, |text| *text == "Values of MEA-NAP (changed: 0)").await;
    page.click("undo-values").await;
    page.until(VALUES_OF, |text| *text == "Default values (changed: 0)").await;
    page.until(THRESHOLD, |value| *value == "5").await;
    assert_eq!(page.run("return document.querySelector('[data-testid=undo-values]')").await, serde_json::Value::Null);
    stage.close().await;
}

/// The first stops of the tab key lead past all controls.
#[tokio::test(flavor = "multi_thread")]
async fn skip_links_lead_to_the_analysis_and_to_the_traces() {
    let mut stage = Stage::open().await;
    let (page, _) = stage.browser().await;
    let folder = tempfile::tempdir().expect("a folder");
    let files = write_recording(folder.path(), 16, 3.0);
    page.open(&[&files[0], &files[1]]).await;
    page.find("analyse-here").await;
    let first = "return [...document.querySelectorAll('main button')].slice(0, 2).map((link) => link.dataset.testid)";
    assert_eq!(page.run(first).await, serde_json::json!(["skip-to-analyse", "skip-to-traces"]));
    // The one leads to the button itself, the other to a part of the page.
    for (part, name) in [("analyse", "dataset.testid"), ("traces", "id")] {
        let link = format!("document.querySelector('[data-testid=skip-to-{part}]')");
        page.run(&format!("{link}.focus(); {link}.click()")).await;
        let focused = page.run(&format!("return document.activeElement.{name}")).await;
        assert_eq!(focused, if part == "analyse" { "analyse-here" } else { part });
    }
    stage.close().await;
}

/// Only rows near those in sight exist; the rest is room that the page's policy must not take away.
#[tokio::test(flavor = "multi_thread")]
async fn long_lists_scroll_to_their_end() {
    let mut stage = Stage::open().await;
    let (page, _) = stage.browser().await;
    let folder = tempfile::tempdir().expect("a folder");
    let files = write_recording(folder.path(), 400, 0.6);
    page.open(&[&files[0], &files[1]]).await;
    let scrolls = async |list: &str| {
        page.find(list).await;
        let last = format!(
            "const list = document.querySelector('[data-testid=\"{list}\"]');
            list.scrollTop = list.scrollHeight;
            const rows = [...list.querySelectorAll('tbody tr:not(.space)')];
            const below = list.getBoundingClientRect().bottom - (rows.at(-1)?.getBoundingClientRect().bottom ?? 0);
            return [Math.abs(below), list.scrollHeight]"
        );
        // The last row stands at the list's lower edge, far below the first.
        let is_last = |found: &serde_json::Value| {
            found[0].as_f64().is_some_and(|px| px < 30.0) && found[1].as_u64().is_some_and(|px| px > 11_000)
        };
        page.until(&last, is_last).await;
    };
    scrolls("channels").await;
    page.click("analyse-here").await;
    page.find("result").await;
    scrolls("channel-table").await;
    // By keyboard: into the list, two rows further and one back.
    let walk = "const list = document.querySelector('[data-testid=\"channel-table\"]');
        list.scrollTop = 0;
        list.focus();
        for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowUp'])
            document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
        return [...list.querySelectorAll('tbody tr')].indexOf(document.activeElement.closest('tr'))";
    // The first row stands behind the room for those that do not exist.
    page.until(walk, |row| row.as_i64() == Some(2)).await;
    page.run("document.activeElement.click()").await;
    page.until("return document.activeElement.closest('tr').ariaSelected", |is| is.as_str() == Some("true")).await;
    stage.close().await;
}

const VALUES_OF: &str = "return document.querySelector('[data-testid=values-of]')?.textContent";

const THRESHOLD: &str = "return document.querySelector('[data-testid=\"detect_peaks-detect_threshold\"]')?.value";

/// Who looks at a result from the cloud and comes back finds the values with which it was made.
#[tokio::test(flavor = "multi_thread")]
async fn values_are_still_there_after_a_run_in_the_cloud() {
    let mut stage = Stage::open().await;
    let (page, _) = stage.browser().await;
    let files = write_recording(stage.folder.path(), 16, 3.0);
    page.open(&[&files[0], &files[1]]).await;
    page.find("detect_peaks-detect_threshold").await;
    let set = "const field = document.querySelector('[data-testid=\"detect_peaks-detect_threshold\"]');
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, '7');
        field.dispatchEvent(new Event('input', { bubbles: true }))";
    page.run(set).await;
    page.press("upload").await;
    page.find("share").await;
    assert!(page.text("threshold-value").await.starts_with("7.0 x noise"));

    page.run("history.back()").await;
    page.find("traces-ready").await;
    page.until(THRESHOLD, |value| *value == "7").await;
    page.run("history.forward()").await;
    page.click("change-values").await;
    page.find("traces-ready").await;
    page.until(THRESHOLD, |value| *value == "7").await;

    // The same files, opened again: the values of that run, which is said, and the way back to the defaults.
    page.go("about:blank").await;
    page.go(&page.address).await;
    page.choose(&[&files[0], &files[1]]).await;
    page.find("earlier-values").await;
    page.until(THRESHOLD, |value| *value == "7").await;
    page.click("take-defaults").await;
    page.until(THRESHOLD, |value| *value == "5").await;
    stage.close().await;
}
