//! Which field of a header is wrong, in words: what reads JSON tells a place in the text.

use super::KeptError;

/// The error of a header that cannot be read.
pub(super) fn wrong(header: &[u8], error: serde_json::Error) -> KeptError {
    let told = error.to_string();
    let told = told.split(" at line ").next().unwrap_or_default();
    let field = field_at(header, place(header, error.line(), error.column()));
    if let Some(name) = told.strip_prefix("missing field ") {
        let field = if field.is_empty() { String::new() } else { field + "." };
        let (found, expected) = ("absent".to_owned(), "a value".to_owned());
        return KeptError::Field { field: field + name.trim_matches('`'), found, expected };
    }
    let other = told.strip_prefix("invalid type: ").or_else(|| told.strip_prefix("invalid value: "));
    match other.and_then(|other| other.split_once(", expected ")) {
        Some((found, expected)) => KeptError::Field { field, found: found.to_owned(), expected: in_words(expected) },
        None => KeptError::Header(error),
    }
}

/// What a field must hold, for people.
fn in_words(expected: &str) -> String {
    match expected {
        "f64" | "f32" => "a number",
        "u64" | "u32" | "u16" | "u8" | "usize" | "i64" | "i32" => "a whole number",
        "a string" => "a text",
        "a sequence" => "a list",
        other => other,
    }
    .to_owned()
}

/// Bytes before a column of a line; both count from 1.
fn place(text: &[u8], line: usize, column: usize) -> usize {
    let before = text.split_inclusive(|byte| *byte == b'\n').take(line.saturating_sub(1));
    before.map(<[u8]>::len).sum::<usize>() + column
}

/// A step from a value of JSON to one inside.
enum Step {
    Key(String),
    Item(usize),
}

/// The field in which the first bytes of a JSON text end, such as `kept.info.segments[0].t_start_s`.
fn field_at(json: &[u8], end: usize) -> String {
    let mut steps: Vec<Step> = Vec::new();
    // The text that was read last, as it stands there with its quotes, and whether it goes on.
    let mut text: Vec<u8> = Vec::new();
    let (mut is_text, mut is_escaped) = (false, false);
    for byte in json.iter().take(end) {
        if is_text {
            text.push(*byte);
        }
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => {
                is_text = !is_text;
                if is_text {
                    text = vec![b'"'];
                }
            }
            _ if is_text => {}
            b'{' => steps.push(Step::Key(String::new())),
            b'[' => steps.push(Step::Item(0)),
            b'}' | b']' => {
                steps.pop();
            }
            b':' => {
                if let Some(Step::Key(key)) = steps.last_mut() {
                    *key = serde_json::from_slice(&text).unwrap_or_default();
                }
            }
            b',' => {
                if let Some(Step::Item(at)) = steps.last_mut() {
                    *at += 1;
                }
            }
            _ => {}
        }
    }
    let mut field = String::new();
    for step in steps {
        match step {
            Step::Key(key) if field.is_empty() => field = key,
            Step::Key(key) => {
                field.push('.');
                field.push_str(&key);
            }
            Step::Item(at) => field += &format!("[{at}]"),
        }
    }
    field
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[test]
    fn a_place_in_a_text_is_a_field() {
        let json = br#"{"a":{"b, \"{":[1,2]},"c":[{"d":1},{"e":null}]}"#;
        let field = |until: &str| {
            let text = std::str::from_utf8(json).expect("text");
            field_at(json, text.find(until).expect("there") + until.len())
        };
        assert_eq!(
            ["[1,", "\"c\":", "{\"d\":1", "null", "]}"].map(field),
            ["a.b, \"{[1]", "c", "c[0].d", "c[1].e", "a"]
        );
        assert_eq!(field_at(b"", 5), "");
        let escaped = br#"{"caf\u00e9\n\\":1"#;
        assert_eq!(field_at(escaped, escaped.len()), "café\n\\");
    }

    #[derive(Debug, Deserialize)]
    struct Whole {
        parts: Vec<Part>,
    }

    #[derive(Debug, Deserialize)]
    struct Part {
        start_s: f64,
        name: String,
    }

    #[test]
    fn what_is_wrong_is_told_with_its_field() {
        let told = |json: &str| {
            let error = serde_json::from_str::<Whole>(json).expect_err("wrong");
            wrong(json.as_bytes(), error).to_string()
        };
        for (json, expected) in [
            (r#"{"parts":[{"start_s":null,"name":"a"}]}"#, "parts[0].start_s is null, expected a number"),
            ("{\n\"parts\":\n[{\"start_s\":1,\"name\":2}]}", "parts[0].name is integer `2`, expected a text"),
            (r#"{"parts":[{"start_s":1,"name":"a"},{"name":"b"}]}"#, "parts[1].start_s is absent, expected a value"),
            (r#"{"parts":7}"#, "parts is integer `7`, expected a list"),
            ("{}", "parts is absent, expected a value"),
        ] {
            assert!(told(json).contains(&format!("field {expected}")), "{}", told(json));
        }
        let right: Whole = serde_json::from_str(r#"{"parts":[{"start_s":1,"name":"a"}]}"#).expect("right");
        assert_eq!((right.parts[0].start_s, right.parts[0].name.as_str()), (1.0, "a"));
        assert!(told("{").starts_with("its header cannot be read"), "{}", told("{"));
    }
}
