//! Parameters as people read them: `Filter: From`, `300 Hz`.

use serde_json::Value;

use super::{Block, Pipeline};
use crate::blocks::{BlockSpec, Control, ParamSpec, Values};
use crate::decimals::grouped;

/// A value as it is read beside its label: with its unit, thousands in groups, names by their labels.
#[must_use]
pub fn in_words(param: &ParamSpec, value: &Value) -> String {
    match (&param.control, value) {
        (Control::Number { unit, .. }, value) => {
            let number = value.as_f64().map_or_else(|| value.to_string(), grouped);
            format!("{number} {unit}").trim_end().to_owned()
        }
        (Control::Choice(options), value) => {
            let label = options.iter().find(|(name, _)| value.as_str() == Some(*name)).map(|(_, label)| *label);
            label.map_or_else(|| value.to_string(), str::to_owned)
        }
        (_, Value::Array(ids)) if ids.is_empty() => "none".into(),
        (_, Value::Array(ids)) => ids.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        (_, value) => value.to_string(),
    }
}

/// Every parameter of a pipeline that means something beside the others: its block and label, and its value.
#[must_use]
pub fn parameters(pipeline: &Pipeline) -> Vec<(String, String)> {
    let of_block = |block: &Block| {
        let Some(spec) = block.spec() else { return Vec::new() };
        let values = block.values();
        let fact = |param: &'static ParamSpec| {
            (format!("{}: {}", title(block), param.label), in_words(param, &values.json(param)))
        };
        applying(spec, values).into_iter().map(fact).collect()
    };
    pipeline.blocks.iter().flat_map(of_block).collect()
}

/// The parameters of a block that mean something beside the values of the others.
pub(crate) fn applying(spec: &'static BlockSpec, values: Values<'_>) -> Vec<&'static ParamSpec> {
    let value_of = |name: &str| spec.param(name).map(|param| values.json(param));
    spec.params.iter().copied().filter(|param| param.applies(&value_of)).collect()
}

/// The name of a block on screen: the title of its kind, and its id where that says more.
pub(crate) fn title(block: &Block) -> String {
    match block.spec() {
        Some(spec) if block.id == spec.kind => spec.title.to_owned(),
        Some(spec) => format!("{} ({})", spec.title, block.id),
        None => block.id.clone(),
    }
}

/// Analyses that give a number of the headline too.
const OF_HEADLINE: [&str; 3] = ["bursts_max_interval", "network_bursts", "sttc"];

/// Whether an analysis gives a number of the headline too, and has other values than the headline has.
#[must_use]
pub fn is_beside_headline(block: &Block) -> bool {
    let values = block.values();
    let differs = |param: &&ParamSpec| {
        let (own, default) = (values.json(param), param.default_value());
        // 5 and 5.0 are one value.
        own != default && own.as_f64().zip(default.as_f64()).is_none_or(|(own, default)| own != default)
    };
    let spec = block.spec().filter(|spec| OF_HEADLINE.contains(&spec.kind));
    spec.is_some_and(|spec| spec.params.iter().any(differs))
}

/// Says which analyses have other values than the headline, whose numbers always are those of the defaults;
/// none where all agree.
#[must_use]
pub fn beside_headline(pipeline: &Pipeline) -> Option<String> {
    let changed = pipeline.blocks.iter().filter(|block| is_beside_headline(block));
    let changed: Vec<&str> = changed.filter_map(|block| block.spec().map(|spec| spec.title)).collect();
    (!changed.is_empty()).then(|| {
        format!(
            "These five numbers are counted with the default values, so that results can be compared. With the values \
             that were set, see: {}.",
            changed.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocks::BLOCKS;

    #[test]
    fn values_are_read_with_their_units() {
        let facts = parameters(&Pipeline::default());
        let value = |name: &str| facts.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        assert_eq!(value("Filter: To"), Some("3,000 Hz"));
        assert_eq!(value("Filter: Kind"), Some("Band-pass"));
        assert_eq!(value("Detection: Threshold"), Some("5 x noise"));
        assert_eq!(value("Filter: Edges"), None, "means nothing beside a Butterworth filter");
        for spec in BLOCKS {
            for param in spec.params {
                let words = in_words(param, &param.default_value());
                assert!(!words.is_empty() && !words.contains('"'), "{}.{}: {words}", spec.kind, param.name);
            }
        }
    }

    #[test]
    fn analyses_with_other_values_stand_beside_the_headline() {
        let mut pipeline = Pipeline::default();
        let changed = |pipeline: &Pipeline| {
            let own = pipeline.blocks.iter().filter(|block| is_beside_headline(block));
            own.map(|block| block.kind.clone()).collect::<Vec<_>>()
        };
        let id = pipeline.add_analysis("network_bursts").expect("an analysis");
        assert_eq!((changed(&pipeline), beside_headline(&pipeline)), (Vec::new(), None));
        pipeline.set_analysis(&id, "min_electrodes", 3.0.into());
        assert_eq!(changed(&pipeline), [""; 0], "the default, written otherwise");
        pipeline.set_analysis(&id, "min_electrodes", 5.into());
        assert_eq!(changed(&pipeline), ["network_bursts"]);
        assert!(beside_headline(&pipeline).is_some_and(|told| told.ends_with("see: Network bursts.")));
    }

    #[test]
    fn a_second_analysis_of_a_kind_is_told_from_the_first() {
        let mut pipeline = Pipeline::default();
        assert_eq!(pipeline.add_analysis("sttc").as_deref(), Some("sttc_2"));
        let facts = parameters(&pipeline);
        assert!(facts.iter().any(|(name, _)| name.ends_with("(sttc_2): Within")), "{facts:?}");
    }
}
