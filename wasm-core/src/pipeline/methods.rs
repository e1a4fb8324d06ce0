//! A pipeline as paragraphs for a paper, in the words of its blocks.

use super::{Block, Detector, Pipeline};
use crate::analyses;
use crate::blocks::{BLOCKS, BlockSpec, Port};

/// The methods section for so many electrodes: a paragraph about the spikes, one about the numbers, in the words
/// of their definitions, and one for every analysis. Stored spikes come from an empty pipeline.
#[must_use]
pub fn methods(pipeline: &Pipeline, n_channels: usize, version: &str) -> Vec<String> {
    let sentences: Vec<String> =
        spikes(pipeline, n_channels).into_iter().filter(|sentence| !sentence.is_empty()).collect();
    let mut paragraphs = vec![sentences.join(" "), analyses::sentences()];
    paragraphs.extend(pipeline.blocks.iter().filter_map(|block| analysis(pipeline, block)));
    paragraphs.push(format!("Analysed with Neurocyte {version}."));
    paragraphs
}

/// The words of an analysis, with the source of its method.
fn analysis(pipeline: &Pipeline, block: &Block) -> Option<String> {
    let spec = block.spec().filter(|spec| spec.is_analysis())?;
    let words = (spec.words)(block.values());
    let detectors = pipeline.detectors();
    let further = detectors.iter().skip(1).find(|of| of.has(&block.input));
    let of = further.map_or_else(String::new, |of| format!(", from the spikes of “{}”", of.block.id));
    Some(format!("{}{of}: {} ({}).", spec.title, words.trim_end_matches('.'), spec.source))
}

/// Where the spikes come from; some of the sentences are empty.
fn spikes(pipeline: &Pipeline, n_channels: usize) -> Vec<String> {
    if !pipeline.has_signal() {
        return vec!["Spikes were taken as stored in the file.".into()];
    }
    let words = |spec: &&BlockSpec| {
        // A signal minus itself is nothing.
        let is_nothing = spec.kind == "common_reference" && n_channels < 2;
        if is_nothing { String::new() } else { (spec.words)(pipeline.values(spec)) }
    };
    let (signal, others): (Vec<&BlockSpec>, Vec<&BlockSpec>) =
        BLOCKS.iter().filter(|spec| !spec.is_analysis()).partition(|spec| spec.gives == Port::Recording);
    // The first block of the signal leaves electrodes out; the others say in one sentence what signals were.
    let mut signal = signal.iter().map(words);
    let left_out = signal.next().unwrap_or_default();
    let mut sentences = vec![left_out, format!("Signals were {}.", signal.collect::<String>())];
    sentences.extend(others.iter().map(words));
    sentences.extend(pipeline.detectors().iter().skip(1).flat_map(further));
    sentences
}

/// How a detection behind the first finds its spikes.
fn further(of: &Detector<'_>) -> impl Iterator<Item = String> {
    let words = |block: &Block| block.spec().map(|spec| (spec.words)(block.values())).unwrap_or_default();
    let own = words(of.block);
    let own = format!("By the detection “{}”, s{}", of.block.id, own.trim_start_matches('S'));
    [Some(own), of.coincident.map(words)].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_has_its_words() {
        let alone = methods(&Pipeline::default(), 1, "1.0").join(" ");
        assert!(!alone.contains("referenced"), "{alone}");
        let plain = spikes(&Pipeline::default(), 60);
        let plain: Vec<String> = plain.into_iter().filter(|sentence| !sentence.is_empty()).collect();
        assert_eq!(
            plain.join(" "),
            "Signals were band-pass filtered (300–3000 Hz, Butterworth of order 5, forward and backward) and \
             referenced to the median of all electrodes. The noise of each electrode was estimated by the median \
             absolute deviation divided by 0.6745 (Quiroga et al. 2004). Spikes were negative peaks beyond 5 times \
             the noise, the largest within 1 ms before and after."
        );
        let mut pipeline = Pipeline::default();
        pipeline.set("bad_channels", "channel_ids", vec!["A1", "B2"].into());
        pipeline.set("notch_filter", "freq_hz", 60.into());
        pipeline.set("filter", "direction", "forward".into());
        pipeline.set("common_reference", "reference", "group".into());
        pipeline.set("noise_levels", "method", "sd_start".into());
        pipeline.set("detect_peaks", "method", "locally_exclusive".into());
        pipeline.add("coincident_events");
        let words = methods(&pipeline, 60, "1.0").join(" ");
        for part in [
            "Electrodes A1, B2 were left out.",
            "forward only), freed of 60 Hz (notch of quality 30) and referenced to the median of all electrodes of the well.",
            "standard deviation of the first 500 ms",
            "before and after and within 50 µm.",
            "at least 4 electrodes of a well within 160 µs",
        ] {
            assert!(words.contains(part), "{part} is not in: {words}");
        }
        pipeline.set("filter", "ftype", "fir".into());
        assert!(
            methods(&pipeline, 60, "1.0")
                .join(" ")
                .contains("(300–3000 Hz, linear phase under a Hamming window, edges 100 Hz wide)")
        );
        let stored = methods(&Pipeline::empty(), 60, "1.0").join(" ");
        assert!(stored.starts_with("Spikes were taken as stored in the file. An electrode is active"), "{stored}");
        for part in
            ["within 100 ms", "A network burst is", "copies of the recording", "doi:10.1523/JNEUROSCI.2767-14.2014"]
        {
            assert!(stored.contains(part), "{part} is not in: {stored}");
        }
        assert!(stored.ends_with("). Analysed with Neurocyte 1.0."), "{stored}");
    }
}
