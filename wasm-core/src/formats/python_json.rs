//! JSON as Python writes it: with `NaN` and `Infinity`, which are no JSON.

use serde_json::Value;

/// Parses it; numbers that are none become null.
pub fn parse(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(text).or_else(|error| serde_json::from_str(&cleaned(text)).map_err(|_| error))
}

/// The text with null for each word outside quotes that stands for no number.
fn cleaned(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, part) in text.split('"').enumerate() {
        if at > 0 {
            out.push('"');
        }
        let is_quoted = at % 2 == 1;
        if is_quoted {
            out.push_str(part);
        } else {
            out.push_str(&part.replace("-Infinity", "null").replace("Infinity", "null").replace("NaN", "null"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_becomes_null() {
        let value = parse(r#"{"depth": NaN, "name": "NaN", "to": [-Infinity, 2.5]}"#).expect("parses");
        assert_eq!(value, serde_json::json!({"depth": null, "name": "NaN", "to": [null, 2.5]}));
        assert!(parse("{").is_err());
    }
}
