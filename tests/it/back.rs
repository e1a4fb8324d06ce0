//! The browser's Back leads from a result to the traces and to the start page, and loses nothing.

use serde_json::{Value, json};

use crate::analyses::set;
use crate::harness::{Stage, write_recording};

const HASH: &str = "return location.hash";
const THRESHOLD: &str = "return document.querySelector('[data-testid=threshold-value]')?.textContent ?? ''";
const NAME: &str = "return document.querySelector('[data-testid=recording-name]')?.textContent";

/// Whether the browser would ask before the tab is closed.
const ASKS: &str = "const event = new Event('beforeunload', { cancelable: true });
    window.dispatchEvent(event);
    return event.defaultPrevented";

fn holds(part: &str) -> impl Fn(&Value) -> bool {
    move |text| text.as_str().is_some_and(|text| text.contains(part))
}

#[tokio::test(flavor = "multi_thread")]
async fn back_and_forward_stay_within_the_page() {
    let mut stage = Stage::open().await;
    let [raw, description] = write_recording(stage.folder.path(), 16, 4.0);
    let (page, _) = stage.browser().await;
    page.open(&[&raw, &description]).await;
    assert_eq!(page.run(ASKS).await, false, "nothing would be lost");
    page.click("analyse-here").await;
    page.find("result").await;
    set(&page, "threshold", "6").await;
    page.until(THRESHOLD, holds("6.0 x noise")).await;
    page.until(HASH, holds("threshold=6.0")).await;
    let shown = page.run(THRESHOLD).await;

    page.run("history.back()").await;
    page.find("analyse-here").await;
    assert_eq!(page.run(HASH).await, "#/open");
    assert_eq!(page.run(ASKS).await, true, "the result is kept nowhere else");
    page.run("history.forward()").await;
    page.find("result").await;
    page.until(THRESHOLD, |text| *text == shown).await;

    // Back twice is the start page, and the recording is still open behind it.
    page.run("history.go(-2)").await;
    assert!(page.text("still-open").await.contains("culture.raw"));
    assert_eq!(page.run(ASKS).await, true);
    // Another recording would take the place of the result: who says no goes back to it.
    page.run("window.confirm = () => { window.asked = true; return false; }").await;
    page.click("simulate").await;
    page.until("return window.asked === true", |asked| *asked == true).await;
    page.until(NAME, |name| *name == "culture.raw").await;
    page.run("history.back()").await;
    page.find("still-open").await;
    page.run("window.confirm = () => true").await;
    page.click("simulate").await;
    page.until(NAME, |name| *name == "Simulated culture").await;
    page.until(ASKS, |asks| *asks == false).await;
    stage.close().await;
}

/// A number out of range says so, to screen readers too, and the last good one counts. On a phone the choice of an
/// analysis stays on the screen.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_number_leaves_the_last_good_one_in_force() {
    let mut stage = Stage::open().await;
    let [raw, description] = write_recording(stage.folder.path(), 16, 4.0);
    let (page, _) = stage.browser().await;
    page.open(&[&raw, &description]).await;
    let field = "detect_peaks-detect_threshold";
    set(&page, field, "7").await;
    set(&page, field, "-3").await;
    let said = page.text(&format!("{field}-refused")).await;
    assert!(said.contains("Until then 7 x noise is used"), "{said}");
    let described = format!(
        "const field = document.querySelector('[data-testid=\"{field}\"]');
        return [field.ariaInvalid, document.getElementById(field.getAttribute('aria-describedby'))?.textContent]"
    );
    assert_eq!(page.run(&described).await, json!(["true", said]));
    page.click("analyse-here").await;
    page.find("result").await;
    assert!(page.text("threshold-value").await.starts_with("7.0 x noise"));
    // On the result page the field says what the numbers of its card are of.
    page.find("analysis-bursts_max_interval").await;
    set(&page, "bursts_max_interval-min_spikes", "0").await;
    assert!(page.text("bursts_max_interval-min_spikes-refused").await.contains("Until then 5 "));

    let phone = json!({ "width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": false });
    page.debug("Emulation.setDeviceMetricsOverride", phone).await;
    let right = "const select = document.querySelector('[data-testid=add-analysis]');
        return select.getBoundingClientRect().right";
    page.until(right, |px| px.as_f64().is_some_and(|px| px <= 390.0)).await;

    // Every figure is saved as SVG, PNG and CSV, has a sentence, and tells its values by keys.
    let lacking = "return [...document.querySelectorAll('figure.plot')].flatMap(plot => {
        const canvas = plot.querySelector('canvas'), name = canvas.dataset.testid;
        const buttons = ['png', 'svg', 'csv'].filter(kind => !plot.querySelector(`[data-testid=\"${name}-${kind}\"]`));
        const label = canvas.getAttribute('aria-label');
        const whole = label.includes('. ') && /arrows (tell|choose)/.test(label) && canvas.tabIndex === 0;
        return buttons.length || !whole ? [`${name}: ${buttons} ${label}`] : [];
    }).join('\\n')";
    page.until(lacking, |text| *text == "").await;
    stage.close().await;
}
