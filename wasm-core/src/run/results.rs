//! What the analyses of a pipeline give: tables and figures by name, with where they come from.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Detected;
use super::detected::counts;
use super::of_well::{OfWell, ShownWell};
use crate::analyses::SpikeTrains;
use crate::blocks::{BlockSpec, Outcome, lacking, run_of};
use crate::events::Event;
use crate::field::FieldPotentials;
use crate::figure::Figure;
use crate::pipeline::{Block, Pipeline, RECORDING, title};
use crate::spikes::Spike;
use crate::table::Table;

/// Version of the file; grows when a field changes its meaning.
pub const RESULTS_VERSION: u32 = 1;

/// `results.json`: every analysis of a pipeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultSet {
    /// [`RESULTS_VERSION`].
    pub version: u32,
    /// Version of the program that computed it.
    pub neurocyte_version: String,
    /// The pipeline, its analyses spelt out.
    pub pipeline: Pipeline,
    /// The well of a plate that figures of one culture show; none where there are no wells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_well: Option<ShownWell>,
    /// What each analysis gives, in the pipeline's order.
    pub blocks: Vec<Arc<BlockResult>>,
}

/// What one analysis gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BlockResult {
    /// Id of the block.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// Version of what it computes; 0 of a kind that is not known.
    pub version: u32,
    /// Title on screen.
    pub title: String,
    /// What its numbers mean, with the values that were used.
    pub definition: String,
    /// Whose method it is.
    pub source: String,
    /// Hash of all that it depends on: the same key means the same numbers.
    pub key: String,
    /// Why numbers are absent.
    pub absent: Option<String>,
    /// Named tables.
    pub tables: Vec<Table>,
    /// Figures.
    pub figures: Vec<Figure>,
}

impl BlockResult {
    /// The same without its tables, which may be long.
    #[must_use]
    pub fn without_tables(&self) -> Self {
        Self {
            id: self.id.clone(),
            kind: self.kind.clone(),
            version: self.version,
            title: self.title.clone(),
            definition: self.definition.clone(),
            source: self.source.clone(),
            key: self.key.clone(),
            absent: self.absent.clone(),
            tables: Vec::new(),
            figures: self.figures.clone(),
        }
    }

    /// The table of this name.
    #[must_use]
    pub fn table(&self, id: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.id == id)
    }
}

/// Results that need not be computed again.
#[derive(Debug, Default)]
pub struct Cache {
    /// By the key of their tables.
    known: HashMap<String, Arc<BlockResult>>,
}

/// The results of all analyses of a pipeline. `spikes_key` tells spikes apart: other spikes, another key; other events
/// or field potentials of the trains, another key too.
/// What the cache holds is taken from it, and it keeps what this pipeline needs and nothing else.
#[must_use]
pub fn results(trains: &SpikeTrains, spikes_key: u64, pipeline: &Pipeline, cache: &mut Cache) -> ResultSet {
    some_results((trains, spikes_key), &[], pipeline, cache, usize::MAX).0
}

/// As [`results`], with the spikes of further detections, from which the analyses start that take them. With
/// several detections, each gives the number of its spikes. It computes at most `n_new` of those that the cache
/// does not hold, the first ones. Those that are left out are counted: asked again, they come one after another,
/// and who waits can show those that are there, or stop.
#[must_use]
pub fn some_results(
    first: (&SpikeTrains, u64),
    further: &[Detected],
    pipeline: &Pipeline,
    cache: &mut Cache,
    n_new: usize,
) -> (ResultSet, usize) {
    let (mut n_left, mut n_pending) = (n_new, 0);
    let pipeline = pipeline.with_analyses();
    let beside_key = events_key(first.0.events()) ^ first.0.field().map_or(0, FieldPotentials::key);
    let mut kept: HashMap<String, Arc<BlockResult>> = HashMap::new();
    let detectors = pipeline.detectors();
    let is_shown = |block: &&Block| {
        block.is_analysis() || (detectors.len() > 1 && detectors.iter().any(|of| of.block.id == block.id))
    };
    let first_well = OfWell::shown(first.0);
    let wells: Vec<Option<OfWell>> = further.iter().map(|of| OfWell::shown(&of.trains)).collect();
    let result = |block: &Block| {
        let Some(spec) = block.spec() else { return Some(Arc::new(unknown(block))) };
        let of = pipeline.detector_of(block).map(|of| of.block.id.as_str());
        let is_first = of.is_none() || of == detectors.first().map(|of| of.block.id.as_str());
        let mut others = further.iter().zip(&wells);
        let own = others.find(|(own, _)| Some(own.id.as_str()) == of).map(|(own, well)| ((&own.trains, own.key), well));
        let Some(((trains, spikes_key), well)) = Some((first, &first_well)).filter(|_| is_first).or(own) else {
            return Some(Arc::new(without_spikes(block, spec, of.unwrap_or_default())));
        };
        let name = of.filter(|_| !is_first);
        let of_tables = key(block, spec, spikes_key ^ beside_key);
        // Tables of a plate have all wells, figures are of one.
        let key = well.as_ref().map_or_else(|| of_tables.clone(), |well| well.key(&of_tables));
        // Two blocks with the same values share a result but for their names.
        let known = kept.get(&of_tables).or_else(|| cache.known.get(&of_tables)).cloned();
        let own = match known {
            Some(known) if known.key == key && known.id == block.id => known,
            Some(known) if known.key == key => {
                Arc::new(BlockResult { id: block.id.clone(), title: titled(block, name), ..(*known).clone() })
            }
            known if n_left == 0 => {
                n_pending += 1;
                // Its tables stay.
                kept.extend(known.map(|known| (of_tables, known)));
                return None;
            }
            known => {
                n_left -= 1;
                let of_plate = match known {
                    Some(known) => {
                        BlockResult { id: block.id.clone(), title: titled(block, name), key, ..(*known).clone() }
                    }
                    None => computed((trains, name), block, spec, &pipeline, &key),
                };
                Arc::new(match well {
                    Some(well) => well.drawn(of_plate, block, spec),
                    None => of_plate,
                })
            }
        };
        kept.insert(of_tables, Arc::clone(&own));
        Some(own)
    };
    let blocks = pipeline.blocks.iter().filter(is_shown).filter_map(result).collect();
    cache.known = kept;
    let neurocyte_version = env!("CARGO_PKG_VERSION").to_owned();
    let shown_well = first_well.map(|well| well.shown);
    let pipeline = pipeline.clone();
    (ResultSet { version: RESULTS_VERSION, neurocyte_version, pipeline, shown_well, blocks }, n_pending)
}

/// What a block gives. The spikes are told by the name of their detection where that is not the first.
fn computed(
    (trains, detector): (&SpikeTrains, Option<&str>),
    block: &Block,
    spec: &BlockSpec,
    pipeline: &Pipeline,
    key: &str,
) -> BlockResult {
    let takes = pipeline.blocks.iter().find(|other| other.id == block.input);
    let outcome = match run_of(spec) {
        _ if spec.is_analysis() && block.input != RECORDING && takes.is_none_or(|other| other.spec().is_none()) => {
            Outcome::absent(format!("it takes “{}”, which this version does not know", block.input))
        }
        _ if !spec.is_analysis() => counts(trains),
        Some(run) => lacking(spec, trains).map_or_else(|| run(trains, block.values()), Outcome::absent),
        None => Outcome::default(),
    };
    let kind = trains.info().kind;
    let outcome = outcome.worded(kind);
    BlockResult {
        id: block.id.clone(),
        kind: block.kind.clone(),
        version: spec.version,
        title: titled(block, detector),
        definition: kind.worded(&(spec.words)(block.values())),
        source: spec.source.to_owned(),
        key: key.to_owned(),
        absent: outcome.absent,
        tables: outcome.tables,
        figures: outcome.figures,
    }
}

/// The title of a block, with the detection whose spikes it takes where that is not the first.
fn titled(block: &Block, detector: Option<&str>) -> String {
    match (block.spec(), detector) {
        (Some(spec), None) if spec.is_analysis() => spec.title.to_owned(),
        (Some(spec), Some(detector)) if spec.is_analysis() => format!("{}: spikes of “{detector}”", spec.title),
        _ => title(block),
    }
}

/// A block whose detection found no spikes here: nothing is computed from those of another.
fn without_spikes(block: &Block, spec: &BlockSpec, detector: &str) -> BlockResult {
    BlockResult {
        version: spec.version,
        title: titled(block, Some(detector)),
        absent: Some(format!("the spikes of “{detector}” are not in this result: analyse the recording again")),
        ..unknown(block)
    }
}

/// A block of a later version: it stays in the pipeline, and nothing is computed.
fn unknown(block: &Block) -> BlockResult {
    BlockResult {
        id: block.id.clone(),
        kind: block.kind.clone(),
        version: 0,
        title: block.kind.clone(),
        definition: String::new(),
        source: String::new(),
        key: String::new(),
        absent: Some(format!("the block “{}” is not known to this version; it is kept in the pipeline", block.kind)),
        tables: Vec::new(),
        figures: Vec::new(),
    }
}

/// The hash of kind, version, values that apply, spikes and events. Labels, ids, the order of parameters and
/// values that mean nothing beside others do not count.
fn key(block: &Block, spec: &BlockSpec, trains_key: u64) -> String {
    let values = block.values();
    let value_of = |name: &str| spec.param(name).map(|param| values.json(param));
    let mut hash = Hash::new(trains_key);
    hash.text(spec.kind);
    hash.number(u64::from(spec.version));
    hash.text(&block.input);
    for param in spec.params.iter().filter(|param| param.applies(&value_of)) {
        hash.text(param.name);
        let value = values.json(param);
        // 5 and 5.0 are one value.
        hash.text(&value.as_f64().map_or_else(|| value.to_string(), |number| number.to_string()));
    }
    hash.hex()
}

/// FNV-1a over words of 64 bits, twice with different starts: keys of a cache, no secret.
pub(super) struct Hash {
    words: [u64; 2],
}

impl Hash {
    pub(super) fn new(seed: u64) -> Self {
        let mut hash = Self { words: [0xcbf2_9ce4_8422_2325, 0x9e37_79b9_7f4a_7c15] };
        hash.number(seed);
        hash
    }

    fn number(&mut self, value: u64) {
        for word in &mut self.words {
            *word = (*word ^ value).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(29);
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        text.bytes().for_each(|byte| self.number(u64::from(byte)));
    }

    pub(super) fn hex(&self) -> String {
        format!("{:016x}{:016x}", self.words[0], self.words[1])
    }
}

/// A number that tells lists of spikes apart.
#[must_use]
pub fn spikes_key(spikes: &[Spike]) -> u64 {
    let mut hash = SpikesHash::new(spikes.len() as u64);
    for Spike { segment_index, sample_index, channel_index, .. } in spikes {
        hash.add(*segment_index, *sample_index, *channel_index);
    }
    hash.key()
}

/// The same of spikes that come one by one.
pub(super) struct SpikesHash(Hash);

impl SpikesHash {
    /// Of a list of so many spikes.
    pub(super) fn new(n_spikes: u64) -> Self {
        Self(Hash::new(n_spikes))
    }

    /// Takes the next one.
    pub(super) fn add(&mut self, segment: u32, frame: i64, channel: u32) {
        self.0.number(frame.cast_unsigned());
        self.0.number((u64::from(segment) << 32) | u64::from(channel));
    }

    /// The number that tells the list from others.
    pub(super) const fn key(&self) -> u64 {
        self.0.words[0] ^ self.0.words[1]
    }
}

/// A number that tells lists of events apart; 0 of none.
fn events_key(events: &[Event]) -> u64 {
    if events.is_empty() {
        return 0;
    }
    let mut hash = Hash::new(events.len() as u64);
    for Event { segment, time_s, duration_s, source, label } in events {
        hash.number(*segment as u64);
        hash.number(time_s.to_bits());
        hash.number(duration_s.to_bits());
        hash.text(source);
        hash.text(label);
    }
    hash.words[0] ^ hash.words[1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::FrameSource;
    use crate::simulation::{Simulation, SimulationSpec};

    fn trains() -> (SpikeTrains, u64) {
        let spec = SimulationSpec { n_channels: 16, sampling_frequency_hz: 20_000.0, duration_s: 40.0, seed: 5 };
        let simulation = Simulation::new(spec);
        let spike = |at: &crate::simulation::TruthSpike| Spike {
            segment_index: 0,
            sample_index: at.sample_index,
            channel_index: at.channel_index,
            amplitude_uv: -50.0,
        };
        let spikes: Vec<Spike> = simulation.truth().iter().map(spike).collect();
        (SpikeTrains::new(simulation.info(), &spikes, None), spikes_key(&spikes))
    }

    fn keys(set: &ResultSet) -> Vec<(String, String)> {
        set.blocks.iter().map(|block| (block.id.clone(), block.key.clone())).collect()
    }

    #[test]
    fn a_value_that_changes_alters_the_key_of_its_own_block_alone() {
        let (trains, spikes) = trains();
        let mut cache = Cache::default();
        let pipeline = Pipeline::default().with_analyses();
        let before = results(&trains, spikes, &pipeline, &mut cache);
        let analyses: Vec<&Block> = pipeline.blocks.iter().filter(|block| block.is_analysis()).collect();
        assert_eq!(before.blocks.len(), analyses.len());
        for block in &analyses {
            let spec = block.spec().expect("known");
            for param in spec.params {
                let crate::blocks::Control::Number { min, max, default, .. } = &param.control else { continue };
                let mut changed = pipeline.clone();
                let other = if default == max { *min } else { *max };
                changed.set_analysis(&block.id, param.name, crate::blocks::number(other));
                let after = results(&trains, spikes, &changed, &mut cache);
                for ((id, old), (_, new)) in keys(&before).iter().zip(keys(&after)) {
                    assert_eq!(*old != new, *id == block.id, "{id} after {}.{}", block.id, param.name);
                }
                // And back again: the same numbers.
                assert_eq!(results(&trains, spikes, &pipeline, &mut cache), before);
            }
        }
        // What is known is not computed again: it is the very same value.
        let again = results(&trains, spikes, &pipeline, &mut cache);
        let once_more = results(&trains, spikes, &pipeline, &mut cache);
        assert!(again.blocks.iter().zip(&once_more.blocks).all(|(one, other)| Arc::ptr_eq(one, other)));
        // Other spikes, other keys.
        let other = results(&trains, spikes + 1, &pipeline, &mut cache);
        assert!(keys(&before).iter().zip(keys(&other)).all(|((_, old), (_, new))| *old != new));
        let text = serde_json::to_string(&before).expect("JSON");
        let back: ResultSet = serde_json::from_str(&text).expect("results");
        assert_eq!(serde_json::to_string(&back).expect("JSON"), text);
    }

    #[test]
    fn other_events_have_other_keys() {
        let (trains, spikes) = trains();
        let event = |time_s: f64, label: &str| Event {
            segment: 0,
            time_s,
            duration_s: 0.0,
            source: "port".into(),
            label: label.into(),
        };
        let lists = [
            vec![],
            vec![event(1.0, "on")],
            vec![event(1.5, "on")],
            vec![event(1.0, "off")],
            vec![event(1.0, "on"); 2],
        ];
        let key = |events: &Vec<Event>| {
            let of = trains.clone().with_events(events);
            assert_eq!(of.events(), events.as_slice());
            keys(&results(&of, spikes, &Pipeline::default(), &mut Cache::default())).swap_remove(0).1
        };
        let known: std::collections::BTreeSet<String> = lists.iter().map(key).collect();
        assert_eq!(known.len(), lists.len());
        let none = results(&trains, spikes, &Pipeline::default(), &mut Cache::default());
        assert_eq!(key(&lists[0]), none.blocks[0].key, "no events, the same key as before");
    }

    #[test]
    fn every_analysis_says_something_or_why_not() {
        let (trains, spikes) = trains();
        for of in [trains.clone(), SpikeTrains::new(trains.info(), &[], None)] {
            let set = results(&of, spikes, &Pipeline::default(), &mut Cache::default());
            for block in &set.blocks {
                assert!(block.absent.is_some() || !block.tables.is_empty(), "{}", block.id);
                for table in &block.tables {
                    assert!(table.columns.iter().all(|column| column.values.len() == table.n_rows()), "{}", table.id);
                }
                for figure in &block.figures {
                    let picture = crate::figure::svg(figure, (640.0, 320.0), None);
                    roxmltree::Document::parse(&picture).expect("XML");
                    assert!(figure.sentence.ends_with('.'), "{}", figure.sentence);
                }
            }
        }
    }

    #[test]
    fn what_is_not_known_stops_only_what_follows_from_it() {
        let (trains, spikes) = trains();
        let text = r#"{"version":2,"blocks":[
            {"id":"sorted","kind":"sort_units","in":{"recording":"recording"}},
            {"id":"a","kind":"intervals","in":{"spikes":"sorted"}},
            {"id":"b","kind":"intervals","in":{"spikes":"recording"}}]}"#;
        let pipeline = Pipeline::from_json(text).expect("a pipeline");
        let set = results(&trains, spikes, &pipeline, &mut Cache::default());
        let absent: Vec<bool> = set.blocks.iter().map(|block| block.absent.is_some()).collect();
        assert_eq!(absent, [true, true, false]);
    }
}
