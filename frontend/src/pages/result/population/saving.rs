//! The spikes in sight as a file. The worker that holds them makes it: a million of them take a second.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::PopulationProps;
use crate::bridge::result::Request;
use crate::plots::raster::Sight;
use crate::ui::save;

/// State of saving the figure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Saving {
    /// Nothing is under way, and nothing went wrong.
    #[default]
    Idle,
    /// The file is being made.
    Making,
    /// Why there is none.
    Failed(String),
}

impl Saving {
    /// What there is to be known of a file, or why there is none.
    fn after(saved: Result<(), String>) -> Self {
        saved.map_or_else(Self::Failed, |()| Self::Idle)
    }

    /// What stands beside the button while the file is made.
    pub fn beside(&self) -> Html {
        if *self == Self::Making {
            html! { <span class="small soft" role="status" data-testid="raster-making">{ "Making the table…" }</span> }
        } else {
            html! {}
        }
    }

    /// What stands below the raster where there is no file.
    pub fn below(&self) -> Html {
        match self {
            Self::Failed(problem) => {
                html! { <p class="notice problem small" role="alert" data-testid="raster-csv-problem">{ problem }</p> }
            }
            Self::Idle | Self::Making => html! {},
        }
    }
}

/// How far a file is, and what makes it under a name.
#[hook]
pub fn use_saving(props: &PopulationProps, sight: Sight) -> (Saving, Callback<String>) {
    let saving = use_state_eq(Saving::default);
    let now = (*saving).clone();
    let (computed, segment, times) = (Rc::clone(&props.computed), props.segment, sight.times);
    let (is_making, setter) = (now == Saving::Making, saving.setter());
    let on_csv = Callback::from(move |name: String| {
        // A second click while it is made makes no second one.
        if is_making {
            return;
        }
        setter.set(Saving::Making);
        let (computed, setter) = (Rc::clone(&computed), setter.clone());
        spawn_local(async move {
            let saved = match computed.session.pool.ask(Request::Raster { segment, times }, Vec::new()).await {
                Ok((_, attached)) => save::attached(&name, "text/csv", &attached),
                Err(failure) => Err(format!("{name} could not be made: {}", failure.reason)),
            };
            setter.set(Saving::after(saved));
        });
    });
    (now, on_csv)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_could_not_be_made_says_so_until_the_next_try() {
        assert_eq!(Saving::after(Ok(())), Saving::Idle);
        let reason = "a-raster.csv could not be made: the worker stopped";
        assert_eq!(Saving::after(Err(reason.into())), Saving::Failed(reason.into()));
    }
}
