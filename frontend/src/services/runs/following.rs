//! What the looks at a run told so far.

use std::mem::{Discriminant, discriminant};

use wasm_core::api::RunStatus;

/// What a look at a run tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Look {
    /// A step is under way.
    Step(RunStatus),
    /// The connection is lost, and why.
    Lost(String),
}

/// The pace of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Seconds since the first look at it: what came before tells no speed.
    pub seconds: f64,
    /// Share of what was left then that is done now.
    pub share: f64,
}

/// What is known of a run that is followed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Following {
    look: Option<Look>,
    /// The first look at the step that was seen last.
    since: Option<Since>,
    at_ms: f64,
}

/// What was done of a step at the first look, and when that was.
#[derive(Clone, Debug, PartialEq)]
struct Since {
    step: Discriminant<RunStatus>,
    done: u64,
    ms: f64,
}

impl Following {
    /// What is known after one more look.
    #[must_use]
    pub fn after(self, look: Look, now_ms: f64) -> Self {
        let since = match &look {
            Look::Step(status) => parts(status).map(|(done, _)| {
                let step = discriminant(status);
                let first = self.since.filter(|since| since.step == step);
                first.unwrap_or(Since { step, done, ms: now_ms })
            }),
            // The run goes on meanwhile.
            Look::Lost(_) => self.since,
        };
        Self { look: Some(look), since, at_ms: now_ms }
    }

    /// The last look at the run.
    pub const fn look(&self) -> Option<&Look> {
        self.look.as_ref()
    }

    /// How fast the step is, where its parts are counted.
    #[expect(clippy::cast_precision_loss, reason = "shares")]
    pub fn pace(&self) -> Option<Pace> {
        let Some(Look::Step(status)) = &self.look else { return None };
        let ((done, total), since) = (parts(status)?, self.since.as_ref()?);
        let share = done.saturating_sub(since.done) as f64 / total.saturating_sub(since.done).max(1) as f64;
        Some(Pace { seconds: (self.at_ms - since.ms) / 1000.0, share })
    }
}

/// Parts of a step that are done, and all of them, where they are counted.
const fn parts(status: &RunStatus) -> Option<(u64, u64)> {
    match *status {
        RunStatus::Planning { done, total } | RunStatus::Analysing { done, total } => Some((done, total)),
        RunStatus::Done | RunStatus::Failed { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_has_a_pace_of_its_own_that_a_lost_line_does_not_change() {
        let planning = |done| Look::Step(RunStatus::Planning { done, total: 4 });
        let analysing = |done| Look::Step(RunStatus::Analysing { done, total: 30 });
        let following = Following::default();
        assert_eq!((following.look(), following.pace()), (None, None));
        let following = following.after(planning(1), 1000.0);
        assert_eq!(following.pace(), Some(Pace { seconds: 0.0, share: 0.0 }), "one look tells no speed");
        let following = following.after(planning(4), 3000.0);
        assert_eq!(following.pace(), Some(Pace { seconds: 2.0, share: 1.0 }));
        let following = following.after(analysing(10), 4000.0).after(Look::Lost("Silence.".into()), 5000.0);
        assert_eq!((following.look(), following.pace()), (Some(&Look::Lost("Silence.".into())), None));
        let following = following.after(analysing(20), 8000.0);
        assert_eq!(following.pace(), Some(Pace { seconds: 4.0, share: 0.5 }));
    }
}
