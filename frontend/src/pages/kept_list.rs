//! The list of results that this browser keeps, for every page that offers them.

use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::services::kept::{self, Entry};

/// The results that this browser keeps.
pub struct KeptResults {
    /// Newest first; none until they are known.
    pub entries: Option<Rc<Vec<Entry>>>,
    /// Why they are not known.
    pub problem: Option<String>,
    /// Looks for them.
    pub on_look: Callback<()>,
}

/// The results that this browser keeps, as they were when somebody looked for them last.
#[hook]
pub fn use_kept_results() -> KeptResults {
    let entries = use_state(|| None::<Rc<Vec<Entry>>>);
    let problem = use_state(|| None::<String>);
    let (to_entries, to_problem) = (entries.setter(), problem.setter());
    let on_look = Callback::from(move |()| {
        let (entries, problem) = (to_entries.clone(), to_problem.clone());
        spawn_local(async move {
            match kept::all().await {
                Ok(found) => {
                    entries.set(Some(Rc::new(found)));
                    problem.set(None);
                }
                Err(error) => problem.set(Some(format!("The kept results cannot be listed: {error}."))),
            }
        });
    });
    KeptResults { entries: (*entries).clone(), problem: (*problem).clone(), on_look }
}
