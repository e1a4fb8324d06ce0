//! `docs/analyses.md`: every analysis with its question, values and words, from the registry.

use std::fmt::Write;

use super::{BLOCKS, BlockSpec, Control, ParamSpec, Values, of_bursts, of_network};

/// Words that several analyses share.
struct Shared {
    /// What they are about.
    title: &'static str,
    /// The words, as cards have them.
    words: String,
    /// What the handbook says in their place.
    short: &'static str,
}

fn shared() -> [Shared; 2] {
    [
        Shared {
            title: "Bursts of electrodes",
            words: of_bursts::chance_words(),
            short: "The number stands beside that in random firing: see [More than chance](#more-than-chance).",
        },
        Shared {
            title: "Network bursts and network spikes",
            words: of_network::chance_words(),
            short: "The same search runs on shifted copies: see [More than chance](#more-than-chance).",
        },
    ]
}

/// The handbook as Markdown.
#[must_use]
pub fn handbook() -> String {
    let mut text = String::from(
        "# Analyses\n\n\
         Each starts from the spikes, or from field potentials where they were kept. The result page, the command line \
         and the cloud give the same numbers. Analyses with a star are there from the start. The others are added on \
         the result page, or in a pipeline file by their kind. This page is made from the program: \
         `neurocyte pipeline handbook > docs/analyses.md`.\n\n\
         ## More than chance\n",
    );
    let shared = shared();
    for Shared { title, words, .. } in &shared {
        let _ = write!(text, "\n**{title}.** {words}\n");
    }
    for spec in BLOCKS.into_iter().filter(|spec| spec.is_analysis()) {
        of_block(&mut text, spec, &shared);
    }
    text
}

// Writing to a string does not fail.
fn of_block(text: &mut String, spec: &BlockSpec, shared: &[Shared]) {
    let star = if spec.optional { "" } else { " *" };
    let words = (spec.words)(Values::default());
    let words = shared.iter().fold(words, |words, other| words.replace(&other.words, other.short));
    let _ = write!(text, "\n## {}{star}\n\n", spec.title);
    let _ = write!(text, "Kind `{}`. {}\n\n{words}\n", spec.kind, spec.purpose);
    for need in spec.needs() {
        let when = if need.when.is_empty() { String::new() } else { format!(" for {}", need.when) };
        let _ = writeln!(text, "\nNeeds {} of the recording{when}.", need.fact.name());
    }
    if !spec.params.is_empty() {
        let _ = write!(text, "\n| value | name | range | default and its source |\n| --- | --- | --- | --- |\n");
        for param in spec.params {
            let _ = writeln!(text, "| {} | `{}` | {} | {} |", param.label, param.name, range(param), param.source);
        }
    }
    let _ = write!(text, "\nSource: {}.\n", spec.source.trim_end_matches('.'));
}

fn range(param: &ParamSpec) -> String {
    match &param.control {
        Control::Number { unit, min, max, .. } => format!("{min} to {max} {unit}").trim_end().to_owned(),
        Control::Choice(options) => options.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", "),
        Control::Channels => "ids".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `neurocyte pipeline handbook > docs/analyses.md` writes it.
    #[test]
    fn the_handbook_is_that_of_today() {
        assert_eq!(include_str!("../../../docs/analyses.md"), handbook());
    }
    #[test]
    fn words_that_analyses_share_stand_there_once() {
        let text = handbook();
        for Shared { title, words, short } in shared() {
            assert_eq!(text.matches(&words).count(), 1, "{title}");
            // Five methods of bursts; five of network bursts and spikes, and the columns of Axion's tool.
            assert!(text.matches(short).count() >= 5, "{title}");
        }
    }
}
