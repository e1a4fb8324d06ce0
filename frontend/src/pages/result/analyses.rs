//! The analyses of the spikes: a card for each, with its controls, figures and tables. All of it comes
//! from the registry of blocks and from what a block gives; nothing here knows a single analysis.

mod arranging;
mod asking;
mod detections;
mod dragging;
mod picture;
mod rows;

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use wasm_core::blocks::{BLOCKS, BlockSpec, ParamSpec};
use wasm_core::figure::Figure;
use wasm_core::pipeline::{Block, Pipeline, is_beside_headline};
use wasm_core::run::BlockResult;
use yew::prelude::*;

use super::Computed;
use super::arranged::{self, Goal, Last, analyses_of, title};
use super::linked::{Action, Found};
use super::moments::Names;
use super::panels::Panel;
use super::plate::{FoldedOverWells, use_plate};
use crate::bridge::result::{Analysed, Reply, Request};
use crate::ui::file_name::use_stem;
use crate::ui::select::Select;
use crate::ui::{param, save};
use arranging::{buttons, done, use_way_from, use_way_to};
use asking::Asking;
use detections::{spikes_of, tables};
use dragging::use_dragging;
use picture::Picture;
use rows::Rows;

/// The panel of the result page.
pub const PANEL: Panel = Panel {
    shows: |_| true,
    view: |context| {
        html! {
            <Analyses computed={Rc::clone(&context.computed)} spikes={Rc::as_ptr(&context.now.spikes) as usize} names={Rc::clone(&context.names)}
                pipeline={Rc::clone(&context.pipeline)} last={context.arranged.last.clone()} goal={context.arranged.goal.clone()}
                on_arrange={context.on_arrange.clone()} on_linked={context.on_linked.clone()} />
        }
    },
};

/// Id of the panel in the page.
pub const ID: &str = "analyses";

/// Size of a figure that is saved.
pub const FIGURE: (f64, f64) = (720.0, 360.0);

/// Properties of [`Analyses`].
#[derive(Properties, PartialEq)]
struct AnalysesProps {
    computed: Rc<Computed>,
    /// Changes when the spikes change, for example with the threshold.
    spikes: usize,
    /// Channels by what tables call them.
    names: Rc<Names>,
    /// The pipeline with its analyses.
    pipeline: Rc<Pipeline>,
    /// The last change of their set or order.
    last: Option<Last>,
    /// How many such changes there were, and where keys go on after the last one.
    goal: (u32, Option<Goal>),
    /// Takes another set, order or value.
    on_arrange: Callback<arranged::Action>,
    /// Takes what the raster shows of the results.
    on_linked: Callback<Action>,
}

/// The pipeline that figures come from.
type Source = RcEqual<Pipeline>;

/// A result, with the first rows of its tables.
struct Shown {
    result: BlockResult,
    /// Rows of each table in all.
    n_rows: Vec<usize>,
}

/// Results of the analyses, as far as they are known.
#[derive(Clone, Default, PartialEq)]
struct Known {
    /// The result of each block, by its id, and whether it is that of the values and spikes of now; one that
    /// did not change stays the same value.
    blocks: Vec<(String, RcEqual<Shown>, bool)>,
    problem: Option<String>,
}

/// Compared by address, not by content.
struct RcEqual<T>(Rc<T>);

impl<T> Clone for RcEqual<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T> PartialEq for RcEqual<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

#[component(Analyses)]
fn analyses(props: &AnalysesProps) -> Html {
    let plate = use_plate();
    let known = use_results(props, plate.as_ref().and_then(|plate| plate.chosen.clone()));
    {
        let (computed, names, on_linked) =
            (Rc::clone(&props.computed), Rc::clone(&props.names), props.on_linked.clone());
        use_effect_with(known.blocks.clone(), move |blocks| {
            let results = blocks.iter().map(|(_, shown, _)| &shown.0.result);
            on_linked.emit(Action::Find(Found::of(&computed.info, &names, results)));
        });
    }
    let stem = use_stem();
    let picked = use_state_eq(|| 0_usize);
    let on_pick = {
        let picked = picked.setter();
        Callback::from(move |at: usize| picked.set(at))
    };
    let on_add = {
        let (on_arrange, picked) = (props.on_arrange.clone(), picked.clone());
        Callback::from(move |_: MouseEvent| {
            if let Some(spec) = picked.checked_sub(1).and_then(|at| choices().nth(at)) {
                on_arrange.emit(arranged::Action::add(spec.kind));
                picked.set(0);
            }
        })
    };
    use_way_to(props.goal.clone());
    use_way_from(analyses_of(&props.pipeline).map(|block| block.id.clone()).collect());
    let dragging = use_dragging(&props.pipeline, &props.on_arrange);
    let on_save = {
        let pipeline = Rc::clone(&props.pipeline);
        Callback::from(move |_: MouseEvent| {
            let text = serde_json::to_string_pretty(&*pipeline).unwrap_or_default();
            save::bytes(&format!("{stem}-pipeline.json"), "application/json", text.as_bytes());
        })
    };
    let is_there = |spec: &BlockSpec| props.pipeline.block(spec.kind).is_some();
    let option = |spec: &'static BlockSpec| {
        if is_there(spec) { format!("{} (already below)", spec.title).into() } else { AttrValue::from(spec.title) }
    };
    let options: Vec<AttrValue> = std::iter::once("Add an analysis…".into()).chain(choices().map(option)).collect();
    html! {
        <ContextProvider<Source> context={RcEqual(Rc::clone(&props.pipeline))}>
        <section class="analyses" id={ID} tabindex="-1" ondragstart={dragging.on_start} ondragover={dragging.on_over} ondrop={dragging.on_drop} ondragend={dragging.on_end} data-testid="analyses">
            <div class="row spread">
                <h2>{ "Analyses" }</h2>
                <div class="row">
                    <Select {options} chosen={*picked} on_choose={on_pick} name="add-analysis" label="Add an analysis" />
                    <button onclick={on_add} disabled={*picked == 0} data-testid="add-chosen">{ "Add" }</button>
                    <button class="quiet" onclick={on_save} aria-describedby="saves-pipeline" data-testid="save-pipeline">{ "Save the pipeline" }</button>
                </div>
            </div>
            <p class="small soft">{ "Each starts from the spikes. A value that you change here counts at once; the signal is not read again. " }<span id="saves-pipeline">{ "“Save the pipeline” writes all values to a file, to be used again." }</span>{ " ↑ and ↓ move an analysis, and so does a drag of ⋮⋮ onto another one: reports and files have this order." }</p>
            if let Some(plate) = &plate { <p class="small soft" data-testid="analyses-well">{ format!("Figures that can show one culture only show well {}. Choose another one in the picture of the plate, above. Tables have all wells.", plate.shown) }</p> }
            if let Some(problem) = &known.problem { <p class="notice problem" role="alert">{ problem }</p> }
            { tables(props, &known) }
            { cards(props, &known, dragging.target.as_deref()) }
        </section>
        </ContextProvider<Source>>
    }
}

/// A card for each analysis, and what was done last where it was done.
fn cards(props: &AnalysesProps, known: &Known, target: Option<&str>) -> Html {
    let pipeline = &props.pipeline;
    let card = |(at, block): (usize, &Block)| {
        let shown = known.blocks.iter().find(|(id, ..)| *id == block.id);
        let shown = shown.map(|(_, shown, is_current)| (shown.clone(), *is_current));
        let may_move = [at.checked_sub(1), Some(at + 1)]
            .map(|place| place.is_some_and(|place| pipeline.can_move_analysis(&block.id, place)));
        html! {
            <Card key={block.id.clone()} computed={Rc::clone(&props.computed)} pipeline={RcEqual(Rc::clone(pipeline))} block={block.clone()}
                {shown} {may_move} is_target={target == Some(block.id.as_str())} on_arrange={props.on_arrange.clone()} />
        }
    };
    let mut cards: Vec<Html> = analyses_of(pipeline).enumerate().map(card).collect();
    if let Some(last) = &props.last {
        cards.insert(last.place.min(cards.len()), done(last, &props.on_arrange));
    }
    // A list of its own, in which all have keys: cards that move stay what they are.
    html! { <>{ for cards }</> }
}

/// The analyses that can be added.
fn choices() -> impl Iterator<Item = &'static BlockSpec> {
    BLOCKS.into_iter().filter(|spec| spec.is_analysis())
}

/// A pipeline, and the well that somebody chose.
type Wish = (Rc<Pipeline>, Option<String>);

/// Asks for the results whenever pipeline, spikes or the chosen well change.
#[hook]
fn use_results(props: &AnalysesProps, well: Option<String>) -> Known {
    let asking = use_reducer(Asking::<Wish, Known>::default);
    {
        let told = asking.dispatcher();
        use_effect_with((Rc::clone(&props.pipeline), props.spikes, well), move |(pipeline, _, well)| {
            told.dispatch(asking::Action::Wish((Rc::clone(pipeline), well.clone())));
        });
    }
    {
        let (told, computed) = (asking.dispatcher(), Rc::clone(&props.computed));
        let (wish, before) = (asking.under_way().cloned(), asking.known().clone());
        use_effect_with(asking.n_asked(), move |_| {
            if let Some(wish) = wish {
                spawn_local(async move {
                    let (known, n_pending) = asked(&computed, &wish, before).await;
                    // The others come one after another.
                    told.dispatch(asking::Action::Answered(known, n_pending > 0));
                });
            }
        });
    }
    asking.known().clone()
}

/// Asks for what is not known yet.
async fn asked(computed: &Computed, (pipeline, well): &Wish, before: Known) -> (Known, usize) {
    let known = before.blocks.iter().map(|(_, shown, _)| shown.0.result.key.clone()).collect();
    let request = Request::Analyses { pipeline: (**pipeline).clone(), known, well: well.clone() };
    let reply = match computed.session.pool.ask(request, Vec::new()).await {
        Ok((reply, _)) => reply,
        Err(failure) => return (Known { problem: Some(failure.reason), ..before }, 0),
    };
    let Reply::Analyses { blocks, n_pending } = reply else { return (before, 0) };
    let shown = |analysed: Analysed| {
        let shown = match analysed.result {
            Some((result, n_rows)) => RcEqual(Rc::new(Shown { result: *result, n_rows })),
            None => before.blocks.iter().find(|(_, shown, _)| shown.0.result.key == analysed.key)?.1.clone(),
        };
        Some((analysed.id, shown, true))
    };
    let mut blocks: Vec<_> = blocks.into_iter().filter_map(shown).collect();
    if n_pending > 0 {
        // What is not there yet stays as it was, and says so.
        let is_there = |id: &String| blocks.iter().any(|(known, ..)| known == id);
        let old: Vec<_> = before.blocks.into_iter().filter(|(id, ..)| !is_there(id)).collect();
        blocks.extend(old.into_iter().map(|(id, shown, _)| (id, shown, false)));
    }
    (Known { blocks, problem: None }, n_pending)
}

/// Properties of [`Card`].
#[derive(Properties, PartialEq)]
struct CardProps {
    computed: Rc<Computed>,
    pipeline: RcEqual<Pipeline>,
    block: Block,
    /// The result, and whether it is the newest.
    shown: Option<(RcEqual<Shown>, bool)>,
    /// Whether it can be moved up and down.
    may_move: [bool; 2],
    /// Whether what is dragged would take its place.
    is_target: bool,
    on_arrange: Callback<arranged::Action>,
}

#[component(Card)]
fn card(props: &CardProps) -> Html {
    let block = &props.block;
    html! {
        <article class={classes!("panel", "analysis", props.is_target.then_some("target"))} id={format!("analysis-{}", block.id)} tabindex="-1" data-testid={format!("analysis-{}", block.id)}>
            <div class="row spread">
                <h3>{ title(block) }</h3>
                { buttons(block, props.may_move, &props.on_arrange) }
            </div>
            if let Some(spec) = block.spec() {
                <p class="soft">{ spec.purpose }</p>
                { spikes_of(props) }
                { controls(props, spec) }
            }
            if is_beside_headline(block) { <p class="small soft" role="status" data-testid={format!("beside-headline-{}", block.id)}>{ "These results are of your values. The sentence and the numbers at the top of the page stay those of the default values, so that results can be compared." }</p> }
            if props.shown.as_ref().is_none_or(|(_, is_current)| !is_current) && block.spec().is_some() { <p class="soft" role="status" data-testid={format!("counting-{}", block.id)}>{ "Counting… To skip this, remove or change the analysis." }</p> }
            if let Some((shown, is_current)) = &props.shown {
                <div class={classes!((!is_current).then_some("stale"))}>
                    <Results computed={Rc::clone(&props.computed)} id={block.id.clone()} shown={shown.clone()} />
                </div>
            }
        </article>
    }
}

/// Properties of [`Results`].
#[derive(Properties, PartialEq)]
struct ResultsProps {
    computed: Rc<Computed>,
    id: String,
    shown: RcEqual<Shown>,
}

/// What a block gives; drawn again only when it changed.
#[component(Results)]
fn results(props: &ResultsProps) -> Html {
    let Shown { result, n_rows } = &*props.shown.0;
    let rows = |(at, n_rows): (usize, &usize)| html! { <Rows computed={Rc::clone(&props.computed)} id={props.id.clone()} shown={props.shown.clone()} {at} n_rows={*n_rows} /> };
    let picture = |(at, figure): (usize, &Figure)| html! { <Picture key={figure.id.clone()} block={props.id.clone()} shown={props.shown.clone()} {at} /> };
    html! {
        <>
            if let Some(reason) = &result.absent { <p class="notice" data-testid={format!("absent-{}", props.id)}>{ format!("Not given: {reason}.") }</p> }
            <div class="two">{ for result.figures.iter().enumerate().map(picture) }</div>
            if let Some(table) = result.table("wells") {
                <FoldedOverWells id={props.id.clone()} table={table.clone()} />
            }
            { for n_rows.iter().enumerate().map(rows) }
            if !result.definition.is_empty() {
                <details><summary>{ "How it is computed" }</summary><p>{ &result.definition }</p><p class="small soft">{ &result.source }</p></details>
            }
        </>
    }
}

/// The parameters of a block that mean something beside its other values.
fn applying(block: &Block, spec: &'static BlockSpec) -> Vec<&'static ParamSpec> {
    let values = block.values();
    let value_of = |name: &str| spec.param(name).map(|param| values.json(param));
    spec.params.iter().copied().filter(|param| param.applies(&value_of)).collect()
}

fn controls(props: &CardProps, spec: &'static BlockSpec) -> Html {
    let block = &props.block;
    let values = block.values();
    let field = |param: &'static ParamSpec| {
        let (on_arrange, id) = (props.on_arrange.clone(), block.id.clone());
        param::control(param, format!("{}-{}", block.id, param.name), &values.json(param), move |value| {
            let is_accepted = param.accepts(&value);
            if is_accepted {
                let id = id.clone();
                let edit = move |pipeline: &mut Pipeline| pipeline.set_analysis(&id, param.name, value);
                on_arrange.emit(arranged::Action::edit(Box::new(edit)));
            }
            is_accepted
        })
    };
    html! {
        <>
            <div class="controls">{ for applying(block, spec).into_iter().map(field) }</div>
            <details><summary>{ "Why these values" }<span class="unseen">{ format!(" of {}", spec.title) }</span></summary>
                { for spec.params.iter().map(|param| html! { <p><b>{ format!("{}: ", param.label) }</b>{ param.source }</p> }) }
            </details>
        </>
    }
}
