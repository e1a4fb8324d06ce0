//! A table of any length: only the rows near those in sight exist.

use std::ops::Range;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// Height of a row; the style sheet keeps rows to it.
const ROW_PX: usize = 29;
/// Height of the row of titles, which stays above the others.
const HEAD_PX: usize = 29;
/// Rows that are made together: more than are ever in sight.
const PAGE_ROWS: usize = 40;

/// Properties of [`LongTable`].
#[derive(Properties, PartialEq)]
pub struct LongTableProps {
    /// Name in tests.
    pub name: AttrValue,
    /// What it is, for those who hear the page.
    pub label: AttrValue,
    /// The row of titles.
    pub head: Html,
    /// Rows.
    pub n_rows: usize,
    /// Makes a row, with a button that takes no stop of the tab key; another callback makes all again.
    pub row: Callback<usize, Html>,
    /// What is chosen, and its row: when another one is chosen, its row comes into sight.
    #[prop_or_default]
    pub chosen: Option<(usize, usize)>,
}

/// A table that scrolls. The tab key stops at it once; arrows go from row to row.
#[component(LongTable)]
pub fn long_table(props: &LongTableProps) -> Html {
    let page = use_state_eq(|| 0_usize);
    let table = use_node_ref();
    use_sight(table.clone(), props.chosen);
    let onscroll = {
        let page = page.setter();
        Callback::from(move |event: Event| {
            let top = usize::try_from(event.target_unchecked_into::<Element>().scroll_top()).unwrap_or(0);
            page.set(top / ROW_PX / PAGE_ROWS);
        })
    };
    let rows = made(*page, props.n_rows);
    let first_row = rows.start;
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        let to = match event.key().as_str() {
            "ArrowDown" => beside(&event, true, first_row),
            "ArrowUp" => beside(&event, false, first_row),
            _ => None,
        };
        if let Some(button) = to {
            event.prevent_default();
            button.focus().unwrap_or_default();
        }
    });
    let (before, after) = (rows.start, props.n_rows - rows.end);
    html! {
        <div ref={table} class="long-table" {onscroll} {onkeydown} tabindex="0" data-testid={props.name.clone()}>
            <table aria-label={props.label.clone()}>
                <thead>{ props.head.clone() }</thead>
                <tbody><Space key="before" n_rows={before} />{ for rows.map(|at| props.row.emit(at)) }<Space key="after" n_rows={after} /></tbody>
            </table>
        </div>
    }
}

/// Scrolls the table, and nothing else, to the row of what is chosen. In another order of the rows it stays where it
/// is.
#[hook]
fn use_sight(table: NodeRef, chosen: Option<(usize, usize)>) {
    let row = chosen.map(|(_, row)| row);
    use_effect_with(chosen.map(|(what, _)| what), move |_| {
        if let Some((row, table)) = row.zip(table.cast::<Element>()) {
            let px = |value: i32| usize::try_from(value).unwrap_or(0);
            if let Some(top) = scrolled_to(row, px(table.scroll_top()), px(table.client_height())) {
                table.set_scroll_top(i32::try_from(top).unwrap_or(i32::MAX));
            }
        }
    });
}

/// How far a table of this height scrolls so that a row is in its middle; none where the row is in sight.
fn scrolled_to(row: usize, top_px: usize, height_px: usize) -> Option<usize> {
    let room_px = height_px.saturating_sub(HEAD_PX);
    let (from, to) = (row * ROW_PX, (row + 1) * ROW_PX);
    let is_in_sight = from >= top_px && to <= top_px + room_px;
    (!is_in_sight).then(|| from.saturating_sub(room_px.saturating_sub(ROW_PX) / 2))
}

/// The button of the row after or before the one with the focus; of the first row in sight where no
/// row has it. `first_row` is the first that exists.
fn beside(event: &KeyboardEvent, is_after: bool, first_row: usize) -> Option<HtmlElement> {
    let focused: Element = event.target()?.dyn_into().ok()?;
    let row = match focused.closest("tbody tr").ok()? {
        Some(row) if is_after => row.next_element_sibling()?,
        Some(row) => row.previous_element_sibling()?,
        None => {
            let table = focused.closest(".long-table").ok()??;
            let top = usize::try_from(table.scroll_top()).ok()?;
            let at = u32::try_from(top.div_ceil(ROW_PX).checked_sub(first_row)?).ok()?;
            table.query_selector_all("tbody tr:not(.space)").ok()?.get(at)?.dyn_into().ok()?
        }
    };
    row.query_selector("button").ok()??.dyn_into().ok()
}

#[derive(Properties, PartialEq)]
struct SpaceProps {
    n_rows: usize,
}

/// Room of rows that do not exist. Its height is set by script: the policy of the page's server
/// ignores a style that stands in the document.
#[component(Space)]
fn space(props: &SpaceProps) -> Html {
    let row = use_node_ref();
    {
        let row = row.clone();
        use_effect_with(props.n_rows, move |n_rows| {
            if let Some(row) = row.cast::<HtmlElement>() {
                let height = format!("{}px", n_rows * ROW_PX);
                row.style().set_property("height", &height).unwrap_or_default();
            }
        });
    }
    html! { <tr ref={row} class="space" aria-hidden="true" /> }
}

/// The rows of a page, of that before and of that after.
fn made(page: usize, n_rows: usize) -> Range<usize> {
    let start = (page.saturating_sub(1) * PAGE_ROWS).min(n_rows);
    start..((page + 2) * PAGE_ROWS).min(n_rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_in_sight_are_made_wherever_the_table_is_scrolled_to() {
        for n_rows in [0, 1, 39, 40, 41, 1024, 4096] {
            for top in 0..n_rows {
                let made = made(top / PAGE_ROWS, n_rows);
                assert!(
                    made.contains(&top) && made.end >= (top + PAGE_ROWS).min(n_rows),
                    "{top} of {n_rows}: {made:?}"
                );
                assert!(made.len() <= 3 * PAGE_ROWS);
            }
        }
        assert_eq!(made(3, 10), 10..10, "a table that became shorter");
    }

    #[test]
    fn a_chosen_row_comes_into_the_middle_unless_it_is_seen() {
        // Room for nine rows below the titles.
        let height_px = HEAD_PX + 9 * ROW_PX;
        assert_eq!((scrolled_to(0, 0, height_px), scrolled_to(8, 0, height_px)), (None, None));
        assert_eq!(scrolled_to(9, 0, height_px), Some(5 * ROW_PX));
        assert_eq!((scrolled_to(2, 900, height_px), scrolled_to(40, 36 * ROW_PX, height_px)), (Some(0), None));
    }
}
