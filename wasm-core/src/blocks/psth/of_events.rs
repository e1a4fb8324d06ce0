//! Which events are looked at, and which of them make trials.

use super::{AFTER_MS, BEFORE_MS, BLANK_MS, KIND, KINDS, MIN_TRIALS, Values, frames};
use crate::analyses::{EventKind, SpikeTrains, TrialWindow, Trials, event_kinds};

/// The trials of one kind of events.
pub struct OfEvents {
    pub kind: EventKind,
    pub trials: Trials,
    pub window: TrialWindow,
}

/// The kinds of events that the recording has.
pub fn kinds(of: &SpikeTrains, values: Values<'_>) -> Vec<EventKind> {
    event_kinds(of.events(), values.name(&KINDS) != "source")
}

/// The trials of the kind that was chosen, or why there are none.
pub fn chosen(of: &SpikeTrains, mut known: Vec<EventKind>, values: Values<'_>) -> Result<OfEvents, String> {
    let (number, n_known) = (values.count(&KIND), known.len());
    let at = number.saturating_sub(1);
    if at >= n_known {
        return Err(format!("there is no kind of events number {number}: the recording has {n_known}"));
    }
    let kind = known.swap_remove(at);
    let n_events = kind.events.len();
    if n_events < MIN_TRIALS {
        let most = if number == 1 { ", the most frequent kind," } else { "" };
        return Err(format!("of events “{}”{most} there are {n_events}, and {MIN_TRIALS} are needed", kind.name()));
    }
    let window = TrialWindow {
        before: frames(of, values.number(&BEFORE_MS)),
        after: frames(of, values.number(&AFTER_MS)),
        blank: frames(of, values.number(&BLANK_MS)),
    };
    if window.compared() < 1 {
        return Err(format!("nothing is left of the window when {} ms are left out", values.text(&BLANK_MS)));
    }
    let trials = Trials::new(of.info(), kind.events.iter().filter_map(|at| of.events().get(*at)), window);
    let n_trials = trials.places.len();
    if n_trials < MIN_TRIALS {
        return Err(format!(
            "of {n_events} events “{}” {n_trials} make a trial, and {MIN_TRIALS} are needed: the window of {} reaches \
             beyond what was recorded, that of {} begins within the one before",
            kind.name(),
            trials.n_beyond,
            trials.n_overlapping
        ));
    }
    Ok(OfEvents { kind, trials, window })
}
