//! Mouse, touch and keyboard on a plot, as [`Input`]s.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::HtmlCanvasElement;
use yew::prelude::*;

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
    /// Zoom rows by a factor about a place; above 1 shows fewer.
    Rows {
        /// Factor.
        factor: f64,
        /// Place from the top.
        y: f64,
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

/// Tells what lies at a place of a plot of this size; the place in shares of width and height.
pub type Teller = Callback<((f64, f64), Size), Option<String>>;

/// Movement below this many pixels is a click.
const CLICK_PX: f64 = 4.0;

/// Pixels of a drag on the axis of the rows for each step of their zoom by e.
const AXIS_PX: f64 = 120.0;

/// What of a plot can be taken hold of.
#[derive(Clone, Copy, PartialEq)]
pub struct Grip {
    /// Whether wheel and keys zoom it.
    pub zooms: bool,
    /// Room of an axis of rows at the left; 0 where there are no rows.
    pub rows_px: f64,
}

/// The listeners of a plot.
#[derive(Default)]
pub struct Listeners {
    pub down: Option<Callback<PointerEvent>>,
    pub moved: Option<Callback<PointerEvent>>,
    pub up: Option<Callback<PointerEvent>>,
    pub key: Option<Callback<KeyboardEvent>>,
}

/// Fingers or the mouse on a plot.
#[derive(Default)]
struct Touches {
    at: RefCell<HashMap<i32, (f64, f64)>>,
    travelled: Cell<f64>,
    /// Where on the axis of the rows a drag began, from the top.
    axis: Cell<Option<f64>>,
}

/// Width and height of a canvas on screen.
fn size_of(canvas: &NodeRef) -> Size {
    let size = |c: HtmlCanvasElement| (f64::from(c.client_width()).max(1.0), f64::from(c.client_height()).max(1.0));
    canvas.cast().map_or((1.0, 1.0), size)
}

/// Turns pointer, wheel and key events into [`Input`]s. `armed` is whether the plot has the wheel: a
/// click into it gives it to it, until the pointer leaves or Escape is pressed.
#[hook]
pub fn use_pointer(
    canvas: NodeRef,
    on_input: Option<Callback<(Input, Size)>>,
    grip: Grip,
    armed: UseStateHandle<bool>,
) -> Listeners {
    let Grip { zooms, rows_px } = grip;
    let touches = use_memo((), |()| Touches::default());
    use_wheel(canvas.clone(), on_input.clone().filter(|_| zooms), rows_px > 0.0, armed.clone());
    let Some(on_input) = on_input else { return Listeners::default() };
    let down = {
        let touches = Rc::clone(&touches);
        Callback::from(move |event: PointerEvent| {
            if let Some(element) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) {
                // A synthetic pointer cannot be captured; dragging works without, inside the plot.
                drop(element.set_pointer_capture(event.pointer_id()));
            }
            touches.travelled.set(0.0);
            let (x, y) = place(&event);
            touches.axis.set((x < rows_px).then_some(y));
            touches.at.borrow_mut().insert(event.pointer_id(), (x, y));
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
        let (on_input, canvas, armed) = (on_input.clone(), canvas.clone(), armed.setter());
        Callback::from(move |event: PointerEvent| {
            let was_down = touches.at.borrow_mut().remove(&event.pointer_id()).is_some();
            if was_down && touches.travelled.get() < CLICK_PX {
                armed.set(zooms);
                let ((x, y), size) = (place(&event), size_of(&canvas));
                on_input.emit((Input::Click { x: x / size.0, y: y / size.1 }, size));
            }
        })
    };
    let key = Callback::from(move |event: KeyboardEvent| {
        let arrows = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];
        let zooming = ["+", "-", "=", "Home", "End", "PageUp", "PageDown"];
        let key = event.key();
        if key == "Escape" {
            armed.set(false);
        } else if arrows.contains(&key.as_str()) || (zooms && zooming.contains(&key.as_str())) {
            event.prevent_default();
            on_input.emit((Input::Key(key), size_of(&canvas)));
        }
    });
    Listeners { down: Some(down), moved: Some(moved), up: Some(up), key: Some(key) }
}

/// The wheel scrolls the page. With the control key, which is also how browsers tell that two
/// fingers pinch, or on an armed plot, it zooms; with the alt key it zooms rows, where there are rows.
#[hook]
fn use_wheel(canvas: NodeRef, on_input: Option<Callback<(Input, Size)>>, has_rows: bool, armed: UseStateHandle<bool>) {
    use_effect_with((on_input, has_rows, *armed), move |(on_input, has_rows, is_armed)| {
        let (on_input, has_rows, is_armed) = (on_input.clone(), *has_rows, *is_armed);
        let listeners = canvas.cast::<HtmlCanvasElement>().zip(on_input).map(|(element, on_input)| {
            // Wheel listeners of the framework are passive; this one must stop the page from scrolling.
            let options = EventListenerOptions::enable_prevent_default();
            let wheel = EventListener::new_with_options(&element, "wheel", options, move |event| {
                let Some(event) = event.dyn_ref::<WheelEvent>() else { return };
                let of_rows = has_rows && event.alt_key();
                if is_armed || of_rows || event.ctrl_key() || event.meta_key() {
                    event.prevent_default();
                    let size = size_of(&canvas);
                    on_input.emit((of_wheel(event, size, of_rows), size));
                }
            });
            let armed = armed.setter();
            [wheel, EventListener::new(&element, "pointerleave", move |_| armed.set(false))]
        });
        move || drop(listeners)
    });
}

/// Shows what lies under the pointer, while no button is pressed.
#[hook]
pub fn use_told(canvas: NodeRef, tells: Option<Teller>) -> Option<String> {
    let told = use_state_eq(|| None::<String>);
    {
        let told = told.setter();
        use_effect_with(tells, move |tells| {
            let listeners = canvas.cast::<HtmlCanvasElement>().zip(tells.clone()).map(|(element, tells)| {
                let moving = told.clone();
                let moved = EventListener::new(&element, "pointermove", move |event| {
                    let Some(event) = event.dyn_ref::<PointerEvent>().filter(|event| event.buttons() == 0) else {
                        return;
                    };
                    let ((x, y), size) = (place(event), size_of(&canvas));
                    moving.set(tells.emit(((x / size.0, y / size.1), size)));
                });
                [moved, EventListener::new(&element, "pointerleave", move |_| told.set(None))]
            });
            move || drop(listeners)
        });
    }
    (*told).clone()
}

/// Where on the canvas, in CSS pixels.
fn place(event: &PointerEvent) -> (f64, f64) {
    (f64::from(event.offset_x()), f64::from(event.offset_y()))
}

/// Pixels of a line, for browsers that count in lines.
const LINE_PX: f64 = 33.0;
/// A wheel turns by more pixels at a time than two fingers that pinch.
const PINCH_PX: f64 = 50.0;

/// The wheel zooms, time or rows; sideways, or with the shift key, it moves.
fn of_wheel(event: &WheelEvent, (width, height): Size, of_rows: bool) -> Input {
    let px = if event.delta_mode() == WheelEvent::DOM_DELTA_LINE { LINE_PX } else { 1.0 };
    let (dx, dy) = (event.delta_x() * px, event.delta_y() * px);
    if of_rows {
        return Input::Rows { factor: (-dy * 0.002).exp(), y: f64::from(event.offset_y()) / height };
    }
    if !event.ctrl_key() && (dx.abs() > dy.abs() || event.shift_key()) {
        let dx = dx + if event.shift_key() { dy } else { 0.0 };
        return Input::Pan { dx: -dx / width, dy: 0.0 };
    }
    let per_px = if event.ctrl_key() && dy.abs() < PINCH_PX { 0.01 } else { 0.002 };
    Input::Zoom { factor: (-dy * per_px).exp(), x: f64::from(event.offset_x()) / width }
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
        Some(match (other, self.axis.get()) {
            (Some(other), _) => {
                let apart = |place: (f64, f64)| (place.0 - other.0).abs().max(8.0);
                Input::Zoom { factor: apart(now) / apart(before), x: f64::midpoint(now.0, other.0) / width }
            }
            (None, Some(y)) => Input::Rows { factor: ((before.1 - now.1) / AXIS_PX).exp(), y: y / height },
            (None, None) => Input::Pan { dx: (now.0 - before.0) / width, dy: (now.1 - before.1) / height },
        })
    }
}
