//! The analyses of a result as somebody arranges them: which there are and in which order, their values, and the way
//! back from the last change of set or order.

use std::rc::Rc;

use wasm_core::pipeline::{Block, Pipeline};
use yew::prelude::*;

/// A change of the values of an analysis.
pub type Edit = Box<dyn FnOnce(&mut Pipeline)>;

/// What was done with an analysis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Done {
    Added,
    Removed,
    MovedUp,
    MovedDown,
}

/// The last change of set or order.
#[derive(Clone, Debug, PartialEq)]
pub struct Last {
    done: Done,
    id: String,
    title: String,
    /// Place of the analysis among the others; of one that was removed, the place that it had.
    pub place: usize,
    before: Rc<Pipeline>,
}

impl Last {
    /// In words: `Bursts (logISI) was removed.`
    pub fn words(&self) -> String {
        let done = match self.done {
            Done::Added => "added",
            Done::Removed => "removed",
            Done::MovedUp => "moved up",
            Done::MovedDown => "moved down",
        };
        format!("{} was {done}.", self.title)
    }
}

/// Where keys go on after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// At the card of an analysis.
    Card(String),
    /// At its button that moves it up.
    Up(String),
    /// At its button that moves it down.
    Down(String),
}

/// The analyses and the way back.
#[derive(Clone, Debug, PartialEq)]
pub struct Arranged {
    /// The pipeline with its analyses spelt out.
    pub pipeline: Rc<Pipeline>,
    /// The last change of set or order; none where values were changed after it.
    pub last: Option<Last>,
    /// How many changes of set or order there were, and where keys go on after the last one.
    pub goal: (u32, Option<Goal>),
}

/// A change.
pub struct Action(Change);

enum Change {
    Add(&'static str),
    Remove(String),
    Up(String),
    Down(String),
    Place(String, usize),
    Edit(Edit),
    Undo,
}

impl Action {
    /// Adds another analysis of a kind at the end.
    pub const fn add(kind: &'static str) -> Self {
        Self(Change::Add(kind))
    }

    /// Removes the analysis with this id.
    pub fn remove(id: &str) -> Self {
        Self(Change::Remove(id.to_owned()))
    }

    /// Moves the analysis with this id before the one above it.
    pub fn up(id: &str) -> Self {
        Self(Change::Up(id.to_owned()))
    }

    /// Moves the analysis with this id behind the one below it.
    pub fn down(id: &str) -> Self {
        Self(Change::Down(id.to_owned()))
    }

    /// Moves the analysis with this id to a place among the analyses.
    pub fn place(id: &str, place: usize) -> Self {
        Self(Change::Place(id.to_owned(), place))
    }

    /// Changes values.
    pub fn edit(edit: Edit) -> Self {
        Self(Change::Edit(edit))
    }

    /// Goes back to what was there before the last change of set or order.
    pub const fn undo() -> Self {
        Self(Change::Undo)
    }
}

impl Arranged {
    /// As it is at first, with no way back.
    pub const fn new(pipeline: Rc<Pipeline>) -> Self {
        Self { pipeline, last: None, goal: (0, None) }
    }

    fn added(&self, kind: &str) -> Option<Self> {
        let mut next = (*self.pipeline).clone();
        let id = next.add_analysis(kind)?;
        let goal = Goal::Card(id.clone());
        self.after(next, (Done::Added, id), Some(goal))
    }

    fn removed(&self, id: String) -> Option<Self> {
        let mut next = (*self.pipeline).clone();
        next.remove_analysis(&id);
        self.after(next, (Done::Removed, id), None)
    }

    fn moved(&self, id: String, place: usize, goal: Goal) -> Option<Self> {
        let done = if place < place_of(&self.pipeline, &id)? { Done::MovedUp } else { Done::MovedDown };
        let mut next = (*self.pipeline).clone();
        if next.move_analysis(&id, place) { self.after(next, (done, id), Some(goal)) } else { None }
    }

    fn moved_up(&self, id: String) -> Option<Self> {
        let (place, goal) = (place_of(&self.pipeline, &id)?.checked_sub(1)?, Goal::Up(id.clone()));
        self.moved(id, place, goal)
    }

    fn moved_down(&self, id: String) -> Option<Self> {
        let (place, goal) = (place_of(&self.pipeline, &id)? + 1, Goal::Down(id.clone()));
        self.moved(id, place, goal)
    }

    fn edited(&self, edit: Edit) -> Self {
        let mut next = (*self.pipeline).clone();
        edit(&mut next);
        Self { pipeline: Rc::new(next), last: None, goal: self.goal.clone() }
    }

    fn undone(&self) -> Option<Self> {
        let last = self.last.as_ref()?;
        let goal = place_of(&last.before, &last.id).map(|_| Goal::Card(last.id.clone()));
        Some(Self { pipeline: Rc::clone(&last.before), last: None, goal: (self.goal.0.wrapping_add(1), goal) })
    }

    /// With another set or order; none where the analysis is not there.
    fn after(&self, next: Pipeline, (done, id): (Done, String), goal: Option<Goal>) -> Option<Self> {
        let of = if done == Done::Removed { &*self.pipeline } else { &next };
        let (place, block) = analyses_of(of).enumerate().find(|(_, block)| block.id == id)?;
        let last = Last { title: title(block).to_owned(), done, id, place, before: Rc::clone(&self.pipeline) };
        Some(Self { pipeline: Rc::new(next), last: Some(last), goal: (self.goal.0.wrapping_add(1), goal) })
    }
}

impl Reducible for Arranged {
    type Action = Action;

    fn reduce(self: Rc<Self>, Action(change): Action) -> Rc<Self> {
        let next = match change {
            Change::Add(kind) => self.added(kind),
            Change::Remove(id) => self.removed(id),
            Change::Up(id) => self.moved_up(id),
            Change::Down(id) => self.moved_down(id),
            Change::Place(id, place) => self.moved(id.clone(), place, Goal::Card(id)),
            Change::Edit(edit) => Some(self.edited(edit)),
            Change::Undo => self.undone(),
        };
        next.map_or(self, Rc::new)
    }
}

/// The analyses of a pipeline, in their order.
pub fn analyses_of(pipeline: &Pipeline) -> impl Iterator<Item = &Block> {
    pipeline.blocks.iter().filter(|block| block.is_analysis())
}

/// The place of an analysis among the others; none where it is not there.
pub fn place_of(pipeline: &Pipeline, id: &str) -> Option<usize> {
    analyses_of(pipeline).position(|block| block.id == id)
}

/// What an analysis is called on the page.
pub fn title(block: &Block) -> &str {
    block.spec().map_or(block.kind.as_str(), |spec| spec.title)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const RATES: &str = "firing";
    const BURSTS: &str = "bursts_log_isi";

    /// Firing rates, bursts and synchrony.
    fn begun() -> Rc<Arranged> {
        let mut pipeline = Pipeline::default().with_analyses();
        pipeline.blocks.retain(|block| !block.is_analysis());
        for kind in [RATES, BURSTS, "sttc"] {
            pipeline.add_analysis(kind).expect("an analysis");
        }
        Rc::new(Arranged::new(Rc::new(pipeline)))
    }

    fn ids(now: &Arranged) -> Vec<&str> {
        analyses_of(&now.pipeline).map(|block| block.id.as_str()).collect()
    }

    fn told(now: &Arranged) -> Option<(String, usize)> {
        now.last.as_ref().map(|last| (last.words(), last.place))
    }

    fn set(id: &'static str, param: &'static str, value: f64) -> Action {
        Action::edit(Box::new(move |pipeline: &mut Pipeline| pipeline.set_analysis(id, param, json!(value))))
    }

    #[test]
    fn what_was_removed_comes_back_with_its_values_to_its_place() {
        let own = begun().reduce(set(BURSTS, "void", 0.6));
        assert_eq!((told(&own), own.goal.clone()), (None, (0, None)));
        let without = Rc::clone(&own).reduce(Action::remove(BURSTS));
        assert_eq!(
            (ids(&without), told(&without)),
            (vec![RATES, "sttc"], Some(("Bursts (logISI) was removed.".into(), 1)))
        );
        let back = Rc::clone(&without).reduce(Action::undo());
        assert_eq!((&back.pipeline, told(&back)), (&own.pipeline, None));
        assert_eq!(back.goal, (2, Some(Goal::Card(BURSTS.into()))));
        // There is one way back, until the next change.
        assert!(Rc::ptr_eq(&back, &Rc::clone(&back).reduce(Action::undo())));
        let later = without.reduce(set("sttc", "dt_ms", 10.0));
        assert_eq!((told(&later), ids(&later)), (None, vec![RATES, "sttc"]));
        assert!(Rc::ptr_eq(&later, &Rc::clone(&later).reduce(Action::remove(BURSTS))), "it is gone already");
    }

    #[test]
    fn what_was_added_goes_again() {
        let own = begun();
        let more = Rc::clone(&own).reduce(Action::add("sttc"));
        assert_eq!((ids(&more).len(), told(&more)), (4, Some(("Synchrony of pairs (STTC) was added.".into(), 3))));
        assert_eq!(more.goal, (1, Some(Goal::Card("sttc_2".into()))));
        let back = more.reduce(Action::undo());
        assert_eq!((&back.pipeline, back.goal.clone()), (&own.pipeline, (2, None)));
    }

    #[test]
    fn an_analysis_moves_by_one_place_or_to_any() {
        let own = begun();
        let up = Rc::clone(&own).reduce(Action::up(BURSTS));
        assert_eq!(
            (ids(&up), told(&up)),
            (vec![BURSTS, RATES, "sttc"], Some(("Bursts (logISI) was moved up.".into(), 0)))
        );
        assert_eq!(up.goal, (1, Some(Goal::Up(BURSTS.into()))));
        assert!(Rc::ptr_eq(&up, &Rc::clone(&up).reduce(Action::up(BURSTS))), "it is the first");
        let down = up.reduce(Action::down(BURSTS)).reduce(Action::down(BURSTS));
        assert_eq!((ids(&down), told(&down).map(|(_, place)| place)), (vec![RATES, "sttc", BURSTS], Some(2)));
        assert_eq!(down.goal, (3, Some(Goal::Down(BURSTS.into()))));
        assert!(Rc::ptr_eq(&down, &Rc::clone(&down).reduce(Action::down(BURSTS))), "it is the last");
        let placed = down.reduce(Action::place(BURSTS, 0));
        assert_eq!(
            (ids(&placed), placed.goal.clone()),
            (vec![BURSTS, RATES, "sttc"], (4, Some(Goal::Card(BURSTS.into()))))
        );
        // The last change alone is taken back.
        let back = placed.reduce(Action::undo());
        assert_eq!(ids(&back), [RATES, "sttc", BURSTS]);
    }
}
