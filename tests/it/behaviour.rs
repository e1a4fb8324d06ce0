//! How the page behaves under the hand: buttons stay where they are, the wheel scrolls, plots follow
//! the colours of the system.

use serde_json::{Value, json};

use crate::harness::{Page, Stage, write_recording};

/// A recording on the workbench.
async fn workbench(stage: &mut Stage) -> Page {
    let [raw, description] = write_recording(stage.folder.path(), 40, 4.0);
    let (page, _) = stage.browser().await;
    page.go(&page.address).await;
    page.choose(&[&raw, &description]).await;
    page.find("analyse-here").await;
    page
}

/// Mean brightness of what is painted on the traces, 0 to 255.
const BRIGHTNESS: &str = "const canvas = document.querySelector('[data-testid=\"traces\"]');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let [sum, n] = [0, 0];
    for (let at = 0; at < data.length; at += 4)
        if (data[at + 3] > 200) { sum += (data[at] + data[at + 1] + data[at + 2]) / 3; n += 1; }
    return n > 0 ? sum / n : null";

async fn colours(page: &Page, scheme: &str) {
    let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
    page.debug("Emulation.setEmulatedMedia", features).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn plots_follow_the_colours_of_the_system() {
    let mut stage = Stage::open().await;
    let page = workbench(&mut stage).await;
    colours(&page, "light").await;
    page.find("traces-ready").await;
    page.until(BRIGHTNESS, |mean| mean.as_f64().is_some_and(|mean| mean < 128.0)).await;
    // Nothing else happens than that evening comes.
    colours(&page, "dark").await;
    page.until(BRIGHTNESS, |mean| mean.as_f64().is_some_and(|mean| mean > 128.0)).await;
    colours(&page, "light").await;
    page.until(BRIGHTNESS, |mean| mean.as_f64().is_some_and(|mean| mean < 128.0)).await;
    stage.close().await;
}

/// Turns the wheel over the traces; whether they took it from the page.
async fn turned(page: &Page, ctrl: bool) -> bool {
    let script = format!(
        "const canvas = document.querySelector('[data-testid=\"traces\"]');
        const wheel = {{ deltaY: -240, ctrlKey: {ctrl}, bubbles: true, cancelable: true }};
        return !canvas.dispatchEvent(new WheelEvent('wheel', wheel))"
    );
    page.run(&script).await == true
}

const WINDOW: &str = "return document.querySelector('[data-testid=\"window\"]').innerText";
const HINT: &str = "return document.querySelector('[data-testid=\"traces-hint\"]').innerText";

fn begins(text: &Value, with: &str) -> bool {
    text.as_str().is_some_and(|text| text.starts_with(with))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wheel_scrolls_the_page_until_a_plot_is_asked_to_zoom() {
    let mut stage = Stage::open().await;
    let page = workbench(&mut stage).await;
    page.find("traces-ready").await;
    let first = page.run(WINDOW).await;
    assert!(begins(&page.run(HINT).await, "Click, then scroll"));
    assert!(!turned(&page, false).await, "the page keeps the wheel");
    assert_eq!(page.run(WINDOW).await, first);
    assert!(turned(&page, true).await, "with the control key the plot zooms");
    let zoomed = page.until(WINDOW, |window| *window != first).await;

    page.click("traces").await;
    page.until(HINT, |hint| begins(hint, "Scroll")).await;
    assert!(turned(&page, false).await, "after a click it has the wheel");
    page.until(WINDOW, |window| *window != zoomed).await;
    let escape = "document.querySelector('[data-testid=\"traces\"]')
        .dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))";
    page.run(escape).await;
    page.until(HINT, |hint| begins(hint, "Click")).await;
    assert!(!turned(&page, false).await, "and gives it back");

    // As a person does it: the page moves under a wheel over the plot.
    let place = page
        .run(
            "window.scrollTo(0, 0);
            const box = document.querySelector('[data-testid=\"traces\"]').getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 3]",
        )
        .await;
    let wheel = json!({ "type": "mouseWheel", "x": place[0], "y": place[1], "deltaX": 0, "deltaY": 240 });
    page.debug("Input.dispatchMouseEvent", wheel).await;
    page.until("return window.scrollY", |y| y.as_f64().is_some_and(|y| y > 0.0)).await;
    stage.close().await;
}

/// Places of both buttons at the foot.
const PLACES: &str = "return ['analyse-here', 'upload'].map(name => {
        const box = document.querySelector(`[data-testid=\"${name}\"]`).getBoundingClientRect();
        return [box.x, box.y, box.width];
    })";

#[tokio::test(flavor = "multi_thread")]
async fn the_main_buttons_stay_where_they_are() {
    let mut stage = Stage::open().await;
    let page = workbench(&mut stage).await;
    let first = page.run(PLACES).await;
    // Times and prices become known after a second or two.
    let price = |name: &str| format!("return document.querySelector('[data-testid=\"{name}-price\"]').innerText");
    page.until(&price("here"), |text| text.as_str().is_some_and(|text| text.contains("about"))).await;
    page.until(&price("upload"), |text| text.as_str().is_some_and(|text| text.contains("sent ("))).await;
    assert_eq!(page.run(PLACES).await, first);
    stage.close().await;
}
