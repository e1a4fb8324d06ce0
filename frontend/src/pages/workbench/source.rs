//! Where the values on the workbench come from, how many were changed since, and the way back.

use std::rc::Rc;

use wasm_core::pipeline::Pipeline;
use wasm_core::presets::{Preset, differences};

/// What gave all values at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Neurocyte's own values for the stream.
    Defaults,
    /// The last run of the recording in the cloud.
    Earlier,
    /// A preset, by its title.
    Preset(&'static str),
    /// A pipeline file, by its name.
    File(String),
}

impl Origin {
    /// That of a preset.
    pub const fn preset(preset: &'static Preset) -> Self {
        Self::Preset(preset.title)
    }

    /// In words: `Values of MEA-NAP`.
    fn words(&self) -> String {
        match self {
            Self::Defaults => "Default values".into(),
            Self::Earlier => "Values of your last run in the cloud".into(),
            // Titles say that values are set as a program has them.
            Self::Preset(title) => format!("Values of {}", title.strip_prefix("As ").unwrap_or(title)),
            Self::File(name) => format!("Values of {name}"),
        }
    }
}

/// Values that were taken all at once, and what they took the place of.
#[derive(Debug, PartialEq)]
pub struct Source {
    /// The origin of the values.
    pub origin: Origin,
    /// As they were taken.
    taken: Rc<Pipeline>,
    /// What was set before, and where that came from; none where there is no way back.
    before: Option<(Rc<Pipeline>, Rc<Self>)>,
}

impl Source {
    /// With no way back.
    pub const fn first(origin: Origin, taken: Rc<Pipeline>) -> Self {
        Self { origin, taken, before: None }
    }

    /// In place of other values.
    pub const fn after(origin: Origin, taken: Rc<Pipeline>, before: (Rc<Pipeline>, Rc<Self>)) -> Self {
        Self { origin, taken, before: Some(before) }
    }

    /// The same where what was set before no longer fits.
    pub fn without_way_back(&self) -> Self {
        Self::first(self.origin.clone(), Rc::clone(&self.taken))
    }

    /// What was set before, and where that came from.
    pub const fn before(&self) -> Option<&(Rc<Pipeline>, Rc<Self>)> {
        self.before.as_ref()
    }

    /// Where the values of now come from: `Values of MEA-NAP (changed: 2)`.
    pub fn words(&self, now: &Pipeline) -> String {
        format!("{} (changed: {})", self.origin.words(), differences(&self.taken, now).len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_core::presets::{apply, preset};

    fn mea_nap() -> &'static Preset {
        preset("mea-nap").expect("known")
    }

    #[test]
    fn values_are_named_with_the_number_of_those_that_were_changed() {
        let taken = Rc::new(apply(mea_nap(), Pipeline::default()));
        let source = Source::first(Origin::preset(mea_nap()), Rc::clone(&taken));
        assert_eq!(source.words(&taken), "Values of MEA-NAP (changed: 0)");
        let mut now = (*taken).clone();
        now.set("detect_peaks", "detect_threshold", 7.5.into());
        assert_eq!(source.words(&now), "Values of MEA-NAP (changed: 1)");
        now.add("coincident_events");
        assert_eq!(source.words(&now), "Values of MEA-NAP (changed: 2)");
        let of = |origin: Origin| Source::first(origin, Rc::new(Pipeline::default())).words(&Pipeline::default());
        assert_eq!(of(Origin::Defaults), "Default values (changed: 0)");
        assert_eq!(of(Origin::Earlier), "Values of your last run in the cloud (changed: 0)");
        assert_eq!(of(Origin::File("slow.json".into())), "Values of slow.json (changed: 0)");
    }

    #[test]
    fn the_way_back_leads_to_what_was_set_before() {
        let (own, other) = (Rc::new(Pipeline::default()), Rc::new(apply(mea_nap(), Pipeline::default())));
        let first = Rc::new(Source::first(Origin::Defaults, Rc::clone(&own)));
        let second = Source::after(Origin::preset(mea_nap()), other, (Rc::clone(&own), Rc::clone(&first)));
        assert_eq!(second.before(), Some(&(own, first)));
        assert_eq!(second.without_way_back().before(), None);
    }
}
