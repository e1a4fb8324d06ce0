//! A plot: a canvas with a title, input from mouse, touch and keyboard, and its exports.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, ResizeObserver};
use yew::prelude::*;

use super::painter::{Painter, colour_of};
use super::save;

/// How a plot is drawn. Compared by address: a new closure draws anew.
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

/// A drawing that is made anew only when what it shows has changed.
#[hook]
pub fn use_draw<D: PartialEq + 'static>(shows: D, draw: impl FnOnce(&D) -> Draw) -> Draw {
    (*use_memo(shows, draw)).clone()
}

/// What a person did on a plot; positions are shares of its width and height.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Zoom by a factor about a place; above 1 shows less.
    Zoom {
        /// Factor.
        factor: f64,
        /// Place from the left.
        x: f64,
    },
    /// Move by shares of the width and height.
    Pan {
        /// To the right.
        dx: f64,
        /// Down.
        dy: f64,
    },
    /// A click or tap.
    Click {
        /// From the left.
        x: f64,
        /// From the top.
        y: f64,
    },
    /// A key: `ArrowLeft`, `+`, `Home` and the like.
    Key(String),
}

/// Width and height of a plot on screen, in CSS pixels.
pub type Size = (f64, f64);

/// Properties of [`Plot`].
#[derive(Properties, PartialEq)]
pub struct PlotProps {
    /// Title, and name for screen readers.
    pub title: AttrValue,
    /// Name in tests and of saved files.
    pub name: AttrValue,
    /// Class that gives the height.
    pub height: AttrValue,
    /// Draws it.
    pub draw: Draw,
    /// Its numbers as CSV, for saving.
    #[prop_or_default]
    pub csv: Option<Callback<(), String>>,
    /// Takes input, and the size of the plot that it was made on; without it the plot is a picture.
    #[prop_or_default]
    pub on_input: Option<Callback<(Input, Size)>>,
    /// Takes the width in CSS pixels, whenever it changes.
    #[prop_or_default]
    pub on_width: Callback<i32>,
    /// Whether wheel and keys zoom and move it; else the page scrolls under the wheel, and arrows are
    /// all it takes of keys.
    #[prop_or(true)]
    pub zooms: bool,
    /// Beside the title.
    #[prop_or_default]
    pub children: Html,
}

/// Movement below this many pixels is a click.
const CLICK_PX: f64 = 4.0;

/// A canvas with title and exports.
#[component(Plot)]
pub fn plot(props: &PlotProps) -> Html {
    let canvas = use_node_ref();
    let size = use_state(|| (0, 0));
    {
        let (canvas, draw) = (canvas.clone(), props.draw.clone());
        use_effect_with((props.draw.clone(), *size), move |_| {
            if let Some(painter) = canvas.cast::<HtmlCanvasElement>().and_then(|canvas| Painter::new(&canvas)) {
                draw.0(&painter);
            }
        });
    }
    {
        let (canvas, size, on_width) = (canvas.clone(), size.setter(), props.on_width.clone());
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
    let on_png = {
        let (canvas, name) = (canvas.clone(), props.name.clone());
        Callback::from(move |_: MouseEvent| {
            let name = format!("neurocyte-{name}.png");
            let picture = canvas.cast::<HtmlCanvasElement>().and_then(|canvas| on_paper(&canvas));
            let Some(picture) = picture else { return };
            let save = Closure::once_into_js(move |blob: Blob| save::blob(&name, &blob));
            drop(picture.to_blob(save.unchecked_ref()));
        })
    };
    let on_csv = props.csv.clone().map(|csv| {
        let name = props.name.clone();
        Callback::from(move |_: MouseEvent| {
            save::bytes(&format!("neurocyte-{name}.csv"), "text/csv", csv.emit(()).as_bytes());
        })
    });
    let interactive = props.on_input.is_some();
    let keys = match (interactive, props.zooms) {
        (false, _) => "",
        (true, true) => ": arrows move, plus and minus zoom",
        (true, false) => ": arrows choose",
    };
    let label = format!("{}{keys}", props.title);
    let listeners = use_pointer(canvas.clone(), props.on_input.clone(), props.zooms);
    html! {
        <figure class="plot">
            <header>
                <h3>{ &props.title }</h3>
                <div class="row">
                    { props.children.clone() }
                    <button class="quiet" title="Save as picture" aria-label={format!("{}: save as picture", props.title)} onclick={on_png} data-testid={format!("{}-png", props.name)}>{ "PNG" }</button>
                    if let Some(on_csv) = on_csv {
                        <button class="quiet" title="Save the numbers" aria-label={format!("{}: save the numbers", props.title)} onclick={on_csv} data-testid={format!("{}-csv", props.name)}>{ "CSV" }</button>
                    }
                </div>
            </header>
            <canvas ref={canvas} class={classes!(props.height.to_string(), (!interactive || !props.zooms).then_some("calm"))} data-testid={props.name.clone()}
                role={if interactive { "application" } else { "img" }} aria-label={label} tabindex={interactive.then_some("0")}
                onpointerdown={listeners.down} onpointermove={listeners.moved} onpointerup={listeners.up.clone()} onpointercancel={listeners.up}
                onkeydown={listeners.key} />
        </figure>
    }
}

/// The drawing on the page's own ground: a picture that one can see through is lost on another.
fn on_paper(canvas: &HtmlCanvasElement) -> Option<HtmlCanvasElement> {
    let document = canvas.owner_document()?;
    let paper: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
    paper.set_width(canvas.width());
    paper.set_height(canvas.height());
    let context: CanvasRenderingContext2d = paper.get_context("2d").ok()??.dyn_into().ok()?;
    context.set_fill_style_str(&colour_of(canvas, "--surface"));
    context.fill_rect(0.0, 0.0, f64::from(canvas.width()), f64::from(canvas.height()));
    context.draw_image_with_html_canvas_element(canvas, 0.0, 0.0).ok()?;
    Some(paper)
}

struct Listeners {
    down: Option<Callback<PointerEvent>>,
    moved: Option<Callback<PointerEvent>>,
    up: Option<Callback<PointerEvent>>,
    key: Option<Callback<KeyboardEvent>>,
}

/// Fingers or the mouse on a plot.
#[derive(Default)]
struct Touches {
    at: RefCell<HashMap<i32, (f64, f64)>>,
    travelled: Cell<f64>,
}

/// Width and height of a canvas on screen.
fn size_of(canvas: &NodeRef) -> Size {
    let size = |c: HtmlCanvasElement| (f64::from(c.client_width()).max(1.0), f64::from(c.client_height()).max(1.0));
    canvas.cast().map_or((1.0, 1.0), size)
}

/// Turns pointer, wheel and key events into [`Input`]s.
#[hook]
fn use_pointer(canvas: NodeRef, on_input: Option<Callback<(Input, Size)>>, zooms: bool) -> Listeners {
    let touches = use_memo((), |()| Touches::default());
    // Wheel listeners of the framework are passive; this one must stop the page from scrolling.
    use_effect_with((canvas.clone(), on_input.clone().filter(|_| zooms)), |(canvas, on_input)| {
        let options = gloo_events::EventListenerOptions::enable_prevent_default();
        let listener = canvas.cast::<HtmlCanvasElement>().zip(on_input.clone()).map(|(element, on_input)| {
            let canvas = canvas.clone();
            gloo_events::EventListener::new_with_options(&element, "wheel", options, move |event| {
                let Some(event) = event.dyn_ref::<WheelEvent>() else { return };
                event.prevent_default();
                let size = size_of(&canvas);
                on_input.emit((of_wheel(event, size), size));
            })
        });
        move || drop(listener)
    });
    let Some(on_input) = on_input else { return Listeners { down: None, moved: None, up: None, key: None } };
    let down = {
        let touches = Rc::clone(&touches);
        Callback::from(move |event: PointerEvent| {
            if let Some(element) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) {
                // A synthetic pointer cannot be captured; dragging works without, inside the plot.
                drop(element.set_pointer_capture(event.pointer_id()));
            }
            touches.travelled.set(0.0);
            touches.at.borrow_mut().insert(event.pointer_id(), place(&event));
        })
    };
    let moved = {
        let (touches, on_input, canvas) = (Rc::clone(&touches), on_input.clone(), canvas.clone());
        Callback::from(move |event: PointerEvent| {
            let size = size_of(&canvas);
            if let Some(input) = touches.moved(&event, size) {
                on_input.emit((input, size));
            }
        })
    };
    let up = {
        let (on_input, canvas) = (on_input.clone(), canvas.clone());
        Callback::from(move |event: PointerEvent| {
            let was_down = touches.at.borrow_mut().remove(&event.pointer_id()).is_some();
            if was_down && touches.travelled.get() < CLICK_PX {
                let ((x, y), size) = (place(&event), size_of(&canvas));
                on_input.emit((Input::Click { x: x / size.0, y: y / size.1 }, size));
            }
        })
    };
    let key = Callback::from(move |event: KeyboardEvent| {
        let arrows = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];
        let zooming = ["+", "-", "=", "Home", "End", "PageUp", "PageDown"];
        let key = event.key();
        if arrows.contains(&key.as_str()) || (zooms && zooming.contains(&key.as_str())) {
            event.prevent_default();
            on_input.emit((Input::Key(key), size_of(&canvas)));
        }
    });
    Listeners { down: Some(down), moved: Some(moved), up: Some(up), key: Some(key) }
}

/// Where on the canvas, in CSS pixels.
fn place(event: &PointerEvent) -> (f64, f64) {
    (f64::from(event.offset_x()), f64::from(event.offset_y()))
}

/// The wheel zooms; sideways, or with the shift key, it moves.
fn of_wheel(event: &WheelEvent, (width, _): Size) -> Input {
    let sideways = event.delta_x().abs() > event.delta_y().abs() || event.shift_key();
    if sideways {
        let dx = event.delta_x() + if event.shift_key() { event.delta_y() } else { 0.0 };
        return Input::Pan { dx: -dx / width, dy: 0.0 };
    }
    Input::Zoom { factor: (-event.delta_y() * 0.002).exp(), x: f64::from(event.offset_x()) / width }
}

impl Touches {
    /// One that is down has moved: alone it drags, of two the distance between them zooms.
    fn moved(&self, event: &PointerEvent, (width, height): Size) -> Option<Input> {
        let now = place(event);
        let mut at = self.at.borrow_mut();
        let before = at.get(&event.pointer_id()).copied()?;
        self.travelled.set(self.travelled.get() + (now.0 - before.0).hypot(now.1 - before.1));
        at.insert(event.pointer_id(), now);
        let other = at.iter().find(|(id, _)| **id != event.pointer_id()).map(|(_, place)| *place);
        Some(match other {
            Some(other) => {
                let apart = |place: (f64, f64)| (place.0 - other.0).abs().max(8.0);
                Input::Zoom { factor: apart(now) / apart(before), x: f64::midpoint(now.0, other.0) / width }
            }
            None => Input::Pan { dx: (now.0 - before.0) / width, dy: (now.1 - before.1) / height },
        })
    }
}
