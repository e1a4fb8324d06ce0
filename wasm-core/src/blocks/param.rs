//! Parameters of blocks, and which values each accepts. A block names its parameters by constants, so
//! that a name that is misspelt does not compile.

use serde_json::{Map, Value};

/// A parameter of a block.
#[derive(Debug)]
pub struct ParamSpec {
    /// Name in the pipeline file.
    pub name: &'static str,
    /// Label beside its control.
    pub label: &'static str,
    /// The control, with range and default.
    pub control: Control,
    /// Why the default is what it is.
    pub source: &'static str,
    /// Means something only when another parameter of the block, if that one does, has one of these values.
    pub only_if: Option<(&'static ParamSpec, &'static [&'static str])>,
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

impl ParamSpec {
    /// A number: its name, its label and unit, its range, its step and default, and why.
    #[must_use]
    pub const fn number(
        name: &'static str,
        (label, unit): (&'static str, &'static str),
        (min, max): (f64, f64),
        (step, default): (f64, f64),
        source: &'static str,
    ) -> Self {
        Self { name, label, control: Control::Number { unit, min, max, step, default }, source, only_if: None }
    }

    /// One of a few names, the first by default.
    #[must_use]
    pub const fn choice(
        name: &'static str,
        label: &'static str,
        options: &'static [(&'static str, &'static str)],
        source: &'static str,
    ) -> Self {
        Self { name, label, control: Control::Choice(options), source, only_if: None }
    }

    /// This parameter, where it means something only beside some values of another.
    #[must_use]
    pub const fn only_if(self, other: &'static Self, values: &'static [&'static str]) -> Self {
        Self { only_if: Some((other, values)), ..self }
    }

    /// Whether it means something beside the values of the others.
    #[must_use]
    pub fn applies(&self, value_of: &impl Fn(&str) -> Option<Value>) -> bool {
        self.only_if.is_none_or(|(other, values)| {
            let given = value_of(other.name);
            let matches = given.as_ref().and_then(Value::as_str).is_some_and(|value| values.contains(&value));
            matches && other.applies(value_of)
        })
    }

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

    /// The accepted values, in words.
    #[must_use]
    pub fn accepted(&self) -> String {
        match &self.control {
            Control::Number { unit, min, max, step, .. } => {
                let whole = if *step == 1.0 { "a whole number from " } else { "" };
                format!("{whole}{min} to {max} {unit}").trim_end().to_owned()
            }
            Control::Choice(options) => {
                let names: Vec<&str> = options.iter().map(|option| option.0).collect();
                format!("one of {}", names.join(", "))
            }
            Control::Channels => "a list of channel ids".into(),
        }
    }
}

/// The values of a block's parameters: as given, or the default.
#[derive(Clone, Copy, Debug, Default)]
pub struct Values<'a> {
    given: Option<&'a Map<String, Value>>,
}

impl<'a> Values<'a> {
    /// The values that a pipeline gives.
    #[must_use]
    pub const fn new(given: &'a Map<String, Value>) -> Self {
        Self { given: Some(given) }
    }

    /// Whether the pipeline has the block at all.
    #[must_use]
    pub const fn is_given(&self) -> bool {
        self.given.is_some()
    }

    /// A value as JSON.
    #[must_use]
    pub fn json(&self, param: &ParamSpec) -> Value {
        self.given.and_then(|given| given.get(param.name).cloned()).unwrap_or_else(|| param.default_value())
    }

    /// A number.
    #[must_use]
    pub fn number(&self, param: &ParamSpec) -> f64 {
        self.json(param).as_f64().unwrap_or_default()
    }

    /// A whole number.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range bounds it")]
    pub fn count(&self, param: &ParamSpec) -> usize {
        self.number(param) as usize
    }

    /// One of the names.
    #[must_use]
    pub fn name(&self, param: &ParamSpec) -> String {
        self.json(param).as_str().unwrap_or_default().to_owned()
    }

    /// Ids of channels.
    #[must_use]
    pub fn ids(&self, param: &ParamSpec) -> Vec<String> {
        self.json(param).as_array().into_iter().flatten().filter_map(|id| id.as_str().map(str::to_owned)).collect()
    }

    /// A value as it is read in a sentence.
    #[must_use]
    pub fn text(&self, param: &ParamSpec) -> String {
        let value = self.json(param);
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    }
}

/// A JSON number that is written without a fraction where it has none.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "only whole numbers are cast")]
pub fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 1e9 { Value::from(value as i64) } else { Value::from(value) }
}
