//! A plot: a canvas with a title, input from mouse, touch and keyboard, and its exports.

mod paper;
mod pointer;
mod values;

use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{HtmlCanvasElement, ResizeObserver};
use yew::prelude::*;

use super::file_name::{of_plot, use_stem};
use super::painter::Painter;
use super::save;
use super::theme::use_dark;
use pointer::{Grip, use_pointer, use_told};
pub use pointer::{Input, Size, Teller};
pub use values::Values;
use values::{Stepping, use_values};

/// How a plot is drawn. Compared by address: a new closure draws again.
#[derive(Clone)]
pub struct Draw(Rc<dyn Fn(&Painter)>);

impl Draw {
    /// From a closure.
    pub fn new(draw: impl Fn(&Painter) + 'static) -> Self {
        Self(Rc::new(draw))
    }
}

impl PartialEq for Draw {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// A drawing that is made again only when what it shows has changed.
#[hook]
pub fn use_draw<D: PartialEq + 'static>(shows: D, draw: impl FnOnce(&D) -> Draw) -> Draw {
    (*use_memo(shows, draw)).clone()
}

/// Properties of [`Plot`].
#[derive(Properties, PartialEq)]
pub struct PlotProps {
    /// Title, and name for screen readers.
    pub title: AttrValue,
    /// What it shows, in a sentence: for those who cannot see it.
    #[prop_or_default]
    pub sentence: AttrValue,
    /// Name in tests and of saved files.
    pub name: AttrValue,
    /// The part of the page that it belongs to, where another part may have a plot of the same title: for those who
    /// hear the page.
    #[prop_or_default]
    pub part: Option<AttrValue>,
    /// The electrode that it is of, where it is of one: its saved files are named after it.
    #[prop_or_default]
    pub electrode: Option<AttrValue>,
    /// Class that gives the height.
    pub height: AttrValue,
    /// Draws it.
    pub draw: Draw,
    /// The plot's numbers as CSV, for saving.
    #[prop_or_default]
    pub csv: Option<Callback<(), String>>,
    /// Makes and saves its numbers as CSV, given the name of the file, in place of `csv`: where that takes long.
    #[prop_or_default]
    pub on_csv: Option<Callback<String>>,
    /// The picture as SVG, for saving; without it, what is drawn.
    #[prop_or_default]
    pub svg: Option<Callback<(), String>>,
    /// Takes input, and the size of the plot that it was made on; without it the plot is a picture.
    #[prop_or_default]
    pub on_input: Option<Callback<(Input, Size)>>,
    /// Takes the width in CSS pixels, whenever it changes.
    #[prop_or_default]
    pub on_width: Callback<i32>,
    /// Tells what lies under the pointer.
    #[prop_or_default]
    pub tells: Option<Teller>,
    /// The plot's values, for going through them by keys.
    #[prop_or_default]
    pub values: Option<Values>,
    /// What is chosen, and its value: shown while the plot has the focus, and read aloud when it changes.
    #[prop_or_default]
    pub said: Option<AttrValue>,
    /// Whether wheel and keys zoom and move it, the wheel after a click or with the control key;
    /// else arrows are all it takes of keys.
    #[prop_or(true)]
    pub zooms: bool,
    /// Room of an axis of rows at the left: a drag on it zooms the rows, and so does the wheel with the
    /// alt key; 0 where there are none.
    #[prop_or_default]
    pub rows_px: f64,
    /// Beside the title.
    #[prop_or_default]
    pub children: Html,
}

/// A canvas with title and exports.
#[component(Plot)]
pub fn plot(props: &PlotProps) -> Html {
    let canvas = use_node_ref();
    let size = use_size(canvas.clone(), props.on_width.clone());
    // What is drawn keeps its colours: it is drawn again when the page becomes dark or light.
    let is_dark = use_dark();
    {
        let (canvas, draw) = (canvas.clone(), props.draw.clone());
        use_effect_with((props.draw.clone(), size, is_dark), move |_| {
            if let Some(painter) = canvas.cast::<HtmlCanvasElement>().and_then(|canvas| Painter::new(&canvas)) {
                draw.0(&painter);
            }
        });
    }
    let interactive = props.on_input.is_some();
    let label = label(props, interactive);
    let armed = use_state_eq(|| false);
    let grip = Grip { zooms: props.zooms, rows_px: props.rows_px };
    let listeners = use_pointer(canvas.clone(), props.on_input.clone(), grip, armed.clone());
    let stem = use_stem();
    let under_pointer = use_told(canvas.clone(), props.tells.clone());
    let Stepping { told: stepped, on_key, on_blur } = use_values(props.values.clone(), listeners.key);
    let has_keys = interactive || props.values.is_some();
    let aloud = stepped.clone().map(AttrValue::from).or_else(|| props.said.clone()).unwrap_or_default();
    let told = under_pointer.or(stepped);
    let hint = match (*armed, props.rows_px > 0.0) {
        (true, _) => "Scroll to zoom; Esc ends it",
        (false, false) => "Click, then scroll to zoom; or Ctrl + scroll",
        (false, true) => {
            "Click, then scroll to zoom; or Ctrl + scroll; Alt + scroll, or a drag on the axis, zooms rows"
        }
    };
    html! {
        <figure class="plot" aria-label={called(props)}>
            <header>
                <h3>{ &props.title }</h3>
                if interactive && props.zooms { <span class="hint small soft" data-testid={format!("{}-hint", props.name)}>{ hint }</span> }
                <div class="row">
                    { props.children.clone() }
                    { exports(props, &canvas, &stem) }
                </div>
            </header>
            <div class="area">
                <canvas ref={canvas} class={classes!(props.height.to_string(), (!interactive || !props.zooms).then_some("calm"))} data-testid={props.name.clone()}
                    role={if has_keys { "application" } else { "img" }} aria-label={label} tabindex={has_keys.then_some("0")} onblur={on_blur}
                    onpointerdown={listeners.down} onpointermove={listeners.moved} onpointerup={listeners.up.clone()} onpointercancel={listeners.up}
                    onkeydown={on_key} />
                if let Some(told) = told { <span class="told small" data-testid={format!("{}-told", props.name)}>{ told }</span> } else if let Some(said) = &props.said { <span class="told said small">{ said }</span> }
                if has_keys { <span class="unseen" role="status" data-testid={format!("{}-aloud", props.name)}>{ &aloud }</span> }
            </div>
        </figure>
    }
}

/// What a screen reader says of it: title, sentence, and what keys do.
fn label(props: &PlotProps, interactive: bool) -> String {
    let keys = match (interactive, props.zooms, props.values.is_some()) {
        (false, _, false) => "",
        (false, _, true) => ": arrows tell its values",
        (true, true, false) => ": arrows move, plus and minus zoom",
        (true, true, true) => ": arrows move, plus and minus zoom, shift and arrows tell its values",
        (true, false, _) => ": arrows choose",
    };
    let called = called(props);
    if props.sentence.is_empty() {
        return format!("{called}{keys}");
    }
    format!("{called}. {}{keys}", props.sentence.trim_end_matches('.'))
}

/// Its title, and the part of the page that it belongs to.
fn called(props: &PlotProps) -> String {
    props.part.as_ref().map_or_else(|| props.title.to_string(), |part| format!("{} ({part})", props.title))
}

/// Width and height of a canvas in CSS pixels, whenever they change.
#[hook]
fn use_size(canvas: NodeRef, on_width: Callback<i32>) -> (i32, i32) {
    let size = use_state(|| (0, 0));
    {
        let size = size.setter();
        use_effect_with((), move |()| {
            let element = canvas.cast::<HtmlCanvasElement>();
            let watched = element.clone();
            let measure = move || {
                if let Some(canvas) = &watched {
                    size.set((canvas.client_width(), canvas.client_height()));
                    on_width.emit(canvas.client_width());
                }
            };
            measure();
            let on_resize = Closure::<dyn Fn()>::new(measure);
            let observer = ResizeObserver::new(on_resize.as_ref().unchecked_ref()).ok();
            if let (Some(observer), Some(canvas)) = (&observer, &element) {
                observer.observe(canvas);
            }
            move || {
                if let Some(observer) = observer {
                    observer.disconnect();
                }
                drop(on_resize);
            }
        });
    }
    *size
}

/// Buttons that save it as a picture and, where there are numbers, as a table.
fn exports(props: &PlotProps, canvas: &NodeRef, stem: &AttrValue) -> Html {
    let name = format!("{stem}-{}", of_plot(&props.name, props.electrode.as_deref()));
    let on_png = {
        let (canvas, draw, name) = (canvas.clone(), props.draw.clone(), name.clone());
        Callback::from(move |_: MouseEvent| {
            if let Some(canvas) = canvas.cast::<HtmlCanvasElement>() {
                paper::export(&canvas, &draw, format!("{name}.png")).unwrap_or_default();
            }
        })
    };
    let on_file = |text: &Option<Callback<(), String>>, ending: &'static str, media_type: &'static str| {
        let (text, name) = (text.clone()?, name.clone());
        Some(Callback::from(move |_: MouseEvent| {
            save::bytes(&format!("{name}.{ending}"), media_type, text.emit(()).as_bytes());
        }))
    };
    let drawn = {
        let (canvas, draw, title, sentence) =
            (canvas.clone(), props.draw.clone(), props.title.clone(), props.sentence.clone());
        Callback::from(move |()| {
            let canvas = canvas.cast::<HtmlCanvasElement>();
            canvas.and_then(|canvas| paper::svg(&canvas, &draw, &title, &sentence)).unwrap_or_default()
        })
    };
    let svg = Some(props.svg.clone().unwrap_or(drawn));
    let on_own_csv = props.on_csv.as_ref().map(|on_csv| {
        let name = format!("{name}.csv");
        on_csv.reform(move |_: MouseEvent| name.clone())
    });
    let on_csv = on_own_csv.or_else(|| on_file(&props.csv, "csv", "text/csv"));
    let on_svg = on_file(&svg, "svg", "image/svg+xml");
    html! {
        <>
            <button class="quiet" title="Save as picture for paper: 300 dots per inch, 180 mm wide" aria-label={format!("PNG: save {} as picture for paper, 300 dots per inch, 180 mm wide", called(props))} onclick={on_png} data-testid={format!("{}-png", props.name)}>{ "PNG" }</button>
            if let Some(on_svg) = on_svg {
                <button class="quiet" title="Save as drawing" aria-label={format!("SVG: save {} as drawing", called(props))} onclick={on_svg} data-testid={format!("{}-svg", props.name)}>{ "SVG" }</button>
            }
            if let Some(on_csv) = on_csv {
                <button class="quiet" title="Save the numbers" aria-label={format!("CSV: save the numbers of {}", called(props))} onclick={on_csv} data-testid={format!("{}-csv", props.name)}>{ "CSV" }</button>
            }
        </>
    }
}
