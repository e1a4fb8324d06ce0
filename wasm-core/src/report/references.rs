//! The publications whose methods the numbers rest on.

use super::markup::doi_of;
use crate::pipeline::{Pipeline, applying};
use crate::run::Definition;

/// The DOIs that the definitions, the blocks and the default values cite, each once, in order.
pub fn references(pipeline: &Pipeline, definitions: &[Definition]) -> Vec<String> {
    let mut texts: Vec<&'static str> = definitions.iter().map(|definition| definition.source).collect();
    for block in &pipeline.blocks {
        let Some(spec) = block.spec() else { continue };
        let values = block.values();
        texts.push(spec.source);
        let as_sourced = applying(spec, values).into_iter().filter(|param| values.json(param) == param.default_value());
        texts.extend(as_sourced.map(|param| param.source));
    }
    let mut all: Vec<(String, &str)> = Vec::new();
    for (words, doi) in texts.into_iter().flat_map(cited) {
        if all.iter().all(|(_, known)| *known != doi) {
            all.push((words, doi));
        }
    }
    let mut told: Vec<String> = all.into_iter().map(|(words, doi)| format!("{words}doi:{doi}")).collect();
    told.sort_unstable();
    told
}

/// The works that a text cites: the words before each DOI, back to a bracket, a semicolon or a colon.
fn cited(text: &'static str) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("doi:10.").map(|at| from + at) {
        let doi = doi_of(&text[at + "doi:".len()..]);
        let before = &text[from..at];
        let starts =
            ["(", "; ", ": "].into_iter().filter_map(|mark| before.rfind(mark).map(|start| start + mark.len()));
        let words = &before[starts.max().unwrap_or(0)..];
        found.push((words.trim_start_matches(['.', ')', ' ', ',', ';']).to_owned(), doi));
        from = at + "doi:".len() + doi.len();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::definitions;

    #[test]
    fn works_are_cited_once_and_only_where_they_are_used() {
        let told = |pipeline: &Pipeline| references(pipeline, &definitions());
        let plain = told(&Pipeline::default().with_analyses());
        for part in [
            "Quiroga et al. 2004, doi:10.1162/089976604774201631",
            "Rolston et al. 2009, doi:10.3389/neuro.16.005.2009",
            "Cutts & Eglen 2014, doi:10.1523/JNEUROSCI.2767-14.2014",
            "Holt et al. 1996, doi:10.1152/jn.1996.75.5.1806",
            "Hill et al. 2011, doi:10.1523/JNEUROSCI.0971-11.2011",
        ] {
            assert!(plain.iter().any(|known| known == part), "{part} is not in {plain:#?}");
        }
        let mut sorted = plain.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted, plain);
        let mut other = Pipeline::default();
        other.set("noise_levels", "method", "rms".into());
        assert!(told(&other).iter().all(|known| !known.contains("Quiroga")), "another measure of noise");
    }

    #[test]
    fn words_begin_after_what_stands_before_them() {
        let found = cited("Of A: B & C 2001, doi:10.1/a; three: D 2002 (E. F 2003, doi:10.2/b). And doi:10.3/c.");
        let expected = [("B & C 2001, ", "10.1/a"), ("E. F 2003, ", "10.2/b"), ("And ", "10.3/c")];
        assert_eq!(found.iter().map(|(words, doi)| (words.as_str(), *doi)).collect::<Vec<_>>(), expected);
    }
}
