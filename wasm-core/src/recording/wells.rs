//! The wells of a stream in words.

use super::StreamInfo;

/// Names of the wells of a stream, in the plate's order.
#[must_use]
pub fn well_names(info: &StreamInfo) -> Vec<&str> {
    let Some(wells) = &info.wells else { return Vec::new() };
    let groups = info.groups();
    let first = groups.iter().filter_map(|group| wells.get(*group.first()?)).map(String::as_str);
    first.filter(|name| !name.is_empty()).collect()
}

/// How many wells a plate has, those without a channel too.
#[must_use]
pub fn n_wells(info: &StreamInfo) -> usize {
    well_names(info).len() + info.empty_wells.len()
}

/// All wells that have channels, in words: of how many, where the plate has others.
fn all_in_words(info: &StreamInfo, n: usize) -> String {
    if info.empty_wells.is_empty() { format!("all {n} wells") } else { format!("{n} of {} wells", n_wells(info)) }
}

/// Which wells some channels lie in, for a title: `well B3`, `all 24 wells`, `20 of 24 wells` where the others have no
/// channels; nothing without wells.
#[must_use]
pub fn wells_of(info: &StreamInfo, channels: &[usize]) -> Option<String> {
    let all = well_names(info);
    let wells = info.wells.as_ref()?;
    let is_in = |name: &&str| channels.iter().any(|channel| wells.get(*channel).is_some_and(|well| well == name));
    let own: Vec<&str> = all.iter().copied().filter(is_in).collect();
    match own.as_slice() {
        [] => None,
        [one] => Some(format!("well {one}")),
        several if several.len() == all.len() => Some(all_in_words(info, all.len())),
        several => Some(format!("wells {}", several.join(", "))),
    }
}

/// Which wells a stream has, for a title; nothing without wells.
#[must_use]
pub fn all_wells(info: &StreamInfo) -> Option<String> {
    match well_names(info).as_slice() {
        [] => None,
        [one] => Some(format!("well {one}")),
        several => Some(all_in_words(info, several.len())),
    }
}

/// A title with the wells that it is about, where there are wells.
#[must_use]
pub fn titled(title: &str, wells: Option<String>) -> String {
    wells.map_or_else(|| title.to_owned(), |wells| format!("{title}, {wells}"))
}
