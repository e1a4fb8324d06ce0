//! What a block is: its parameters, and which values each accepts.

use serde_json::Value;

/// A block that a pipeline may use.
#[derive(Debug, PartialEq)]
pub struct BlockSpec {
    /// Name in the pipeline file; `SpikeInterface`'s where it has one.
    pub kind: &'static str,
    /// Title on its card.
    pub title: &'static str,
    /// What it does, in one sentence.
    pub purpose: &'static str,
    /// Whether its output is a recording that later blocks go on with.
    pub gives_recording: bool,
    /// Whether a pipeline does without it unless somebody adds it.
    pub optional: bool,
    /// Its parameters.
    pub params: &'static [ParamSpec],
}

/// A parameter of a block.
#[derive(Debug, PartialEq)]
pub struct ParamSpec {
    /// Name in the pipeline file.
    pub name: &'static str,
    /// Label beside its control.
    pub label: &'static str,
    /// How it is set, with range and default.
    pub control: Control,
    /// Why the default is what it is.
    pub source: &'static str,
    /// Means something only when another parameter of the block, if that one does, has one of these values.
    pub only_if: Option<(&'static str, &'static [&'static str])>,
}

/// The kinds of values.
#[derive(Debug, PartialEq)]
pub enum Control {
    /// A number in a range.
    Number {
        /// Unit, shown beside the value.
        unit: &'static str,
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
        /// Step of the control.
        step: f64,
        /// Default.
        default: f64,
    },
    /// One of a few names, each with its label; the first is the default.
    Choice(&'static [(&'static str, &'static str)]),
    /// Ids of channels; none by default.
    Channels,
}

impl BlockSpec {
    /// Whether a parameter means something beside the values of the others.
    #[must_use]
    pub fn applies(&self, param: &ParamSpec, value_of: &impl Fn(&str) -> Option<Value>) -> bool {
        param.only_if.is_none_or(|(other, values)| {
            let given = value_of(other);
            let matches = given.as_ref().and_then(Value::as_str).is_some_and(|value| values.contains(&value));
            matches && self.param(other).is_some_and(|other| self.applies(other, value_of))
        })
    }

    /// The parameter of this name.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&'static ParamSpec> {
        self.params.iter().find(|param| param.name == name)
    }
}

impl ParamSpec {
    /// The default as JSON.
    #[must_use]
    pub fn default_value(&self) -> Value {
        match &self.control {
            Control::Number { default, .. } => number(*default),
            Control::Choice(options) => Value::from(options[0].0),
            Control::Channels => Value::Array(Vec::new()),
        }
    }

    /// Whether the value is of the right type and in range.
    #[must_use]
    pub fn accepts(&self, value: &Value) -> bool {
        match &self.control {
            Control::Number { min, max, step, .. } => value.as_f64().is_some_and(|value| {
                // A step of 1 counts something.
                let whole = *step != 1.0 || value.fract() == 0.0;
                (*min..=*max).contains(&value) && whole
            }),
            Control::Choice(options) => value.as_str().is_some_and(|value| options.iter().any(|o| o.0 == value)),
            Control::Channels => value.as_array().is_some_and(|ids| ids.iter().all(Value::is_string)),
        }
    }

    /// What is accepted, in words.
    #[must_use]
    pub fn accepted(&self) -> String {
        match &self.control {
            Control::Number { unit, min, max, .. } => format!("{min} to {max} {unit}").trim_end().to_owned(),
            Control::Choice(options) => {
                let names: Vec<&str> = options.iter().map(|option| option.0).collect();
                format!("one of {}", names.join(", "))
            }
            Control::Channels => "a list of channel ids".into(),
        }
    }
}

/// A JSON number that is written without a fraction where it has none.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "only whole numbers are cast")]
pub fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 1e9 { Value::from(value as i64) } else { Value::from(value) }
}
