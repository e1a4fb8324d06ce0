//! What channels are called: the name that a person gave them, and the id beside it.

use wasm_core::recording::StreamInfo;
use wasm_core::run::ChannelSummary;

/// `imec0.ap#AP12` is shown as `AP12`.
pub fn short_id(id: &str) -> &str {
    id.rsplit('#').next().unwrap_or(id)
}

/// A name with the id in brackets; the id alone where there is no other name.
fn with_id(id: &str, name: Option<&str>) -> String {
    let short = short_id(id);
    match name.filter(|name| !name.is_empty() && *name != id && *name != short) {
        Some(name) => format!("{name} ({short})"),
        None => short.to_owned(),
    }
}

/// A channel in lists and titles.
pub fn called(info: &StreamInfo, channel: usize) -> String {
    let name = info.channel_names.as_ref().and_then(|names| names.get(channel)).map(String::as_str);
    with_id(info.channel_ids.get(channel).map_or("", String::as_str), name)
}

/// A channel of a result.
pub fn called_in_result(channel: &ChannelSummary) -> String {
    with_id(&channel.id, channel.name.as_deref())
}

/// A channel where there is little room: its name alone.
pub fn briefly(info: &StreamInfo, channel: usize) -> &str {
    short_id(info.channel_label(channel))
}

#[cfg(test)]
mod tests {
    use super::with_id;

    #[test]
    fn ids_stand_beside_names_that_say_more() {
        assert_eq!(with_id("imec0.ap#AP12", None), "AP12");
        assert_eq!(with_id("17", Some("E-017 dish B")), "E-017 dish B (17)");
        assert_eq!(with_id("A1_11", Some("A1_11")), "A1_11");
        assert_eq!(with_id("3", Some("")), "3");
    }
}
