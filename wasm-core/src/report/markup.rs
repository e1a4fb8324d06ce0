//! Small pieces of HTML. Everything that is not a tag goes through [`escaped`].

use crate::figure::escaped;

/// Escaped text in which each DOI is a link.
pub fn linked(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("doi:10.") {
        let doi = doi_of(&rest[at + "doi:".len()..]);
        let safe = escaped(doi);
        shown.push_str(&escaped(&rest[..at]));
        shown.push_str(&format!("<a href=\"https://doi.org/{safe}\">doi:{safe}</a>"));
        rest = &rest[at + "doi:".len() + doi.len()..];
    }
    shown.push_str(&escaped(rest));
    shown
}

/// The DOI at the start of a text: up to a space, or what ends the sentence or the bracket around it.
pub fn doi_of(text: &str) -> &str {
    let ends = |letter: char| letter.is_whitespace() || matches!(letter, ',' | ';' | '<' | '>' | '"');
    let mut doi = text[..text.find(ends).unwrap_or(text.len())].trim_end_matches(['.', ':']);
    // A bracket that the DOI does not open belongs to the sentence.
    while doi.ends_with(')') && doi.matches(')').count() > doi.matches('(').count() {
        doi = doi[..doi.len() - 1].trim_end_matches(['.', ':']);
    }
    doi
}

/// A paragraph of escaped text.
pub fn paragraph(class: &str, text: &str) -> String {
    format!("<p class=\"{class}\">{}</p>\n", linked(text))
}

/// Names with what they stand for.
pub fn facts(class: &str, facts: &[(String, String)]) -> String {
    let fact =
        |(name, value): &(String, String)| format!("<div><dt>{}</dt><dd>{}</dd></div>\n", escaped(name), linked(value));
    format!("<dl class=\"{class}\">\n{}</dl>\n", facts.iter().map(fact).collect::<String>())
}

/// A list of sentences.
pub fn list(class: &str, items: &[String]) -> String {
    let item = |text: &String| format!("<li>{}</li>\n", linked(text));
    format!("<ul class=\"{class}\">\n{}</ul>\n", items.iter().map(item).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dois_end_where_they_end() {
        for (text, doi) in [
            ("10.1523/JNEUROSCI.2767-14.2014).", "10.1523/JNEUROSCI.2767-14.2014"),
            ("10.1016/S0165-0270(99)00194-6), and", "10.1016/S0165-0270(99)00194-6"),
            ("10.1152/jn.1996.75.5.1806; LV", "10.1152/jn.1996.75.5.1806"),
            ("10.1152/jn.00093.2016.", "10.1152/jn.00093.2016"),
            ("10.1/<b>", "10.1/"),
        ] {
            assert_eq!(doi_of(text), doi);
        }
        let text = "As (A & B 2014, doi:10.1/a.b). Or doi:10.2/c";
        let expected = "As (A &amp; B 2014, <a href=\"https://doi.org/10.1/a.b\">doi:10.1/a.b</a>). \
                        Or <a href=\"https://doi.org/10.2/c\">doi:10.2/c</a>";
        assert_eq!(linked(text), expected);
        assert_eq!(linked("no doi: here <"), "no doi: here &lt;");
    }
}
