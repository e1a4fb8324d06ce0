//! The buttons that arrange the analyses, what was done last with the way back, and where keys go on after it.

use wasm_core::pipeline::Block;
use yew::prelude::*;

use super::super::arranged::{Action, Goal, Last, title};
use super::ID;
use crate::ui::focus::{take, take_if_lost};
use crate::ui::second_click::is_second;
use crate::ui::undo::undo;

/// A handle to drag a card by, and the buttons that move an analysis up and down, as far as it `may_move`, and remove
/// it.
pub fn buttons(block: &Block, may_move: [bool; 2], on_arrange: &Callback<Action>) -> Html {
    let (id, title) = (&block.id, title(block));
    let on_click = |may: bool, action: fn(&str) -> Action| {
        let (on_arrange, id) = (on_arrange.clone(), id.clone());
        Callback::from(move |event: MouseEvent| {
            // The buttons of another card may stand in this place by then.
            if may && !is_second(&event) {
                on_arrange.emit(action(&id));
            }
        })
    };
    let [may_rise, may_sink] = may_move;
    // They keep the focus where there is no further place.
    html! {
        <div class="row buttons">
            <span class="handle" draggable="true" aria-hidden="true" data-testid={format!("drag-{id}")}>{ "⋮⋮" }</span>
            <button class="quiet up" onclick={on_click(may_rise, Action::up)} aria-disabled={(!may_rise).to_string()} aria-label={format!("Move {title} up")} data-testid={format!("move-up-{id}")}>{ "↑" }</button>
            <button class="quiet down" onclick={on_click(may_sink, Action::down)} aria-disabled={(!may_sink).to_string()} aria-label={format!("Move {title} down")} data-testid={format!("move-down-{id}")}>{ "↓" }</button>
            <button class="quiet" onclick={on_click(true, Action::remove)} aria-label={format!("Remove {title}")} data-testid={format!("remove-{id}")}>{ "Remove" }</button>
        </div>
    }
}

/// Key of what was done among the cards; no id has a space.
const DONE: &str = "what was done";

/// What was done last, and the way back.
pub fn done(last: &Last, on_arrange: &Callback<Action>) -> Html {
    let on_undo = on_arrange.reform(|_: MouseEvent| Action::undo());
    html! {
        <div class="row done" key={DONE}>
            <span class="small" role="status" data-testid="analyses-done">{ last.words() }</span>
            { undo("set the analyses from before", "undo-analyses", on_undo) }
        </div>
    }
}

/// Goes on after a change where that has its goal.
#[hook]
pub fn use_way_to(goal: (u32, Option<Goal>)) {
    use_effect_with(goal, |(_, goal)| match goal {
        None => {}
        Some(Goal::Card(id)) => {
            if let Some(card) = take(&card(id)) {
                card.scroll_into_view();
            }
        }
        Some(Goal::Up(id)) => to_button(id, "up"),
        Some(Goal::Down(id)) => to_button(id, "down"),
    });
}

/// Goes on with a button of a card that has moved, wherever that is now.
fn to_button(id: &str, class: &str) {
    if let Some(button) = take(&format!("{} .buttons .{class}", card(id))) {
        button.scroll_into_view();
    }
}

/// Names the card of an analysis.
fn card(id: &str) -> String {
    format!("[id=\"analysis-{id}\"]")
}

/// Goes on behind a card that was removed, and its button with it.
#[hook]
pub fn use_way_from(ids: Vec<String>) {
    let before = use_mut_ref(Vec::<String>::new);
    use_effect_with(ids, move |ids| {
        let removed_at = removed(&before.replace(ids.clone()), ids);
        if let Some(at) = removed_at {
            let next = ids.get(at).or_else(|| ids.last()).map(|id| card(id));
            take_if_lost(&next.unwrap_or_else(|| format!("#{ID} select")));
        }
    });
}

/// Where the first card stood that was removed.
fn removed(before: &[String], now: &[String]) -> Option<usize> {
    before.iter().position(|id| !now.contains(id))
}

#[cfg(test)]
mod tests {
    use super::removed;

    #[test]
    fn the_card_that_was_removed_is_known_by_its_place() {
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let all = ids(&["bursts", "sttc", "psth"]);
        assert_eq!(removed(&all, &ids(&["bursts", "psth"])), Some(1));
        assert_eq!(removed(&all, &ids(&["bursts", "sttc"])), Some(2));
        assert_eq!((removed(&all, &all), removed(&ids(&["bursts"]), &all)), (None, None), "nothing, or one more");
    }
}
