//! A figure of an analysis on the page, and as files.

use std::rc::Rc;

use wasm_core::figure::svg;
use yew::prelude::*;

use super::{FIGURE, RcEqual, Shown, Source};
use crate::plots::figure::{painted, values};
use crate::ui::canvas::{Plot, use_draw};

/// Properties of [`Picture`].
#[derive(Properties, PartialEq)]
pub struct PictureProps {
    /// Id of the block.
    pub block: String,
    pub shown: RcEqual<Shown>,
    /// Place of the figure among those of the analysis.
    pub at: usize,
}

/// A figure; its drawing carries the pipeline that it comes from.
#[component(Picture)]
pub fn picture(props: &PictureProps) -> Html {
    let figure = use_memo((props.shown.clone(), props.at), |(shown, at)| shown.0.result.figures[*at].clone());
    let draw = use_draw(RcEqual(Rc::clone(&figure)), |figure| painted(Rc::clone(&figure.0)));
    let source = use_context::<Source>();
    let on_csv = {
        let figure = Rc::clone(&figure);
        Callback::from(move |()| figure.to_csv())
    };
    let on_svg = {
        let figure = Rc::clone(&figure);
        Callback::from(move |()| {
            let pipeline = source.as_ref().map(|source| serde_json::to_string(&*source.0).unwrap_or_default());
            svg(&figure, FIGURE, pipeline.as_deref())
        })
    };
    let values = values(&figure);
    let name = format!("{}-{}", props.block, figure.id);
    html! {
        <div>
            <Plot title={figure.title.clone()} part={props.shown.0.result.title.clone()} sentence={figure.sentence.clone()} {values} {name} height={if figure.is_square() { "h-square" } else { "h-small" }} {draw} svg={on_svg} csv={on_csv} />
            <p class="small soft">{ &figure.sentence }</p>
        </div>
    }
}
