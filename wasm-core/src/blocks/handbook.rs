//! `docs/analyses.md`: every analysis with its question, values and words, from the registry.

use std::fmt::Write;

use super::{BLOCKS, BlockSpec, Control, ParamSpec, Values};

/// The handbook as Markdown.
#[must_use]
pub fn handbook() -> String {
    let mut text = String::from(
        "# Analyses\n\n\
         Each starts from the spikes, on the result page, on the command line and in the cloud, with the same numbers. \
         This page is made from the program: `neurocyte pipeline handbook > docs/analyses.md`. Those marked with a star \
         are there by themselves; the others are added on the result page, or in a pipeline file by their kind.\n",
    );
    for spec in BLOCKS.into_iter().filter(|spec| spec.is_analysis()) {
        of_block(&mut text, spec);
    }
    text
}

// Writing to a string does not fail.
fn of_block(text: &mut String, spec: &BlockSpec) {
    let star = if spec.optional { "" } else { " *" };
    let _ = write!(text, "\n## {}{star}\n\n", spec.title);
    let _ = write!(text, "Kind `{}`. {}\n\n{}\n", spec.kind, spec.purpose, (spec.words)(Values::default()));
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
}
