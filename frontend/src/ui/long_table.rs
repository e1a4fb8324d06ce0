//! A table of any length: only the rows near those in sight exist.

use std::ops::Range;

use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// Height of a row; the style sheet keeps rows to it.
const ROW_PX: usize = 29;
/// Rows that are made together: more than are ever in sight.
const PAGE_ROWS: usize = 40;

/// Properties of [`LongTable`].
#[derive(Properties, PartialEq)]
pub struct LongTableProps {
    /// Name in tests.
    pub name: AttrValue,
    /// The row of titles.
    pub head: Html,
    /// Rows.
    pub n_rows: usize,
    /// Makes a row; another callback makes all anew.
    pub row: Callback<usize, Html>,
}

/// A table that scrolls.
#[component(LongTable)]
pub fn long_table(props: &LongTableProps) -> Html {
    let page = use_state_eq(|| 0_usize);
    let onscroll = {
        let page = page.setter();
        Callback::from(move |event: Event| {
            let top = usize::try_from(event.target_unchecked_into::<Element>().scroll_top()).unwrap_or(0);
            page.set(top / ROW_PX / PAGE_ROWS);
        })
    };
    let rows = made(*page, props.n_rows);
    let (before, after) = (rows.start, props.n_rows - rows.end);
    html! {
        <div class="long-table" {onscroll} data-testid={props.name.clone()}>
            <table>
                <thead>{ props.head.clone() }</thead>
                <tbody><Space n_rows={before} />{ for rows.map(|at| props.row.emit(at)) }<Space n_rows={after} /></tbody>
            </table>
        </div>
    }
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
}
