//! A file that no reader knows: a clear message, and a form that opens it.

use crate::harness::{Stage, write_recording};

#[tokio::test(flavor = "multi_thread")]
async fn a_lone_binary_file_is_opened_with_the_form() {
    let mut stage = Stage::open().await;
    let [raw, _] = write_recording(stage.folder.path(), 64, 2.0);
    let (page, _) = stage.browser().await;
    page.go(&page.address).await;
    page.choose(&[&raw]).await;
    let message = page.text("problem").await;
    assert!(message.contains("culture.json") && message.contains("params.py"), "{message}");
    let write_rate = async |text: &str| {
        let script = format!(
            "const field = document.querySelector('[data-testid=\"plain-rate\"]');
            field.value = '{text}';
            field.dispatchEvent(new Event('change', {{ bubbles: true }}))"
        );
        page.run(&script).await;
    };
    write_rate("").await;
    let said = "return [document.querySelector('[data-testid=\"plain-length\"]').innerText,
        document.querySelector('[data-testid=\"plain-open\"]').disabled]";
    let refused = page.until(said, |said| said[1] == true).await;
    assert!(refused[0].as_str().is_some_and(|text| text.contains("above 0 Hz")), "{refused}");
    write_rate("10000").await;
    page.until(said, |said| said[1] == false).await;
    page.click("plain-open").await;
    page.find("traces-ready").await;
    let facts = page.text("facts").await;
    assert!(facts.contains("64 channels · 10 kHz"), "the form's values count: {facts}");
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_file_is_added_to_what_was_given_before() {
    let mut stage = Stage::open().await;
    let [raw, description] = write_recording(stage.folder.path(), 64, 2.0);
    let (page, _) = stage.browser().await;
    page.go(&page.address).await;
    page.choose(&[&raw]).await;
    page.find("add-files").await;
    page.choose(&[&description]).await;
    page.find("traces-ready").await;
    assert!(page.text("facts").await.contains("64 channels"), "described by the file that came later");
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_file_that_is_no_recording_is_refused_in_words() {
    let mut stage = Stage::open().await;
    let (page, _) = stage.browser().await;
    page.go(&page.address).await;
    page.find("dropzone").await;
    let script = "const transfer = new DataTransfer();
        transfer.items.add(new File(['hello'], 'notes.txt'));
        document.querySelector('main').dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }))";
    page.run(script).await;
    let message = page.text("problem").await;
    assert!(message.contains("no reader knows notes.txt"), "{message}");
    stage.close().await;
}
