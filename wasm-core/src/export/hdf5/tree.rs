//! The groups and datasets of a file, before it is written.

/// Values of one kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// IEEE double precision.
    F64(Vec<f64>),
    /// IEEE single precision.
    F32(Vec<f32>),
    /// Signed 64-bit.
    I64(Vec<i64>),
    /// Unsigned 64-bit.
    U64(Vec<u64>),
    /// Unsigned 32-bit.
    U32(Vec<u32>),
    /// Signed 32-bit.
    I32(Vec<i32>),
    /// Unsigned 8-bit.
    U8(Vec<u8>),
    /// Texts of any length, UTF-8.
    Text(Vec<String>),
    /// Objects of the file by their paths, such as `/units`.
    Reference(Vec<String>),
}

impl Values {
    /// Number of values.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::F64(values) => values.len(),
            Self::F32(values) => values.len(),
            Self::I64(values) => values.len(),
            Self::U64(values) => values.len(),
            Self::U32(values) => values.len(),
            Self::I32(values) => values.len(),
            Self::U8(values) => values.len(),
            Self::Text(values) | Self::Reference(values) => values.len(),
        }
    }

    /// Whether there is no value.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Values with their extents.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Extents, the last of which runs fastest; none of a single value.
    pub shape: Vec<u64>,
    /// The values.
    pub values: Values,
}

impl Array {
    /// One value by itself. `values` holds just that one.
    #[must_use]
    pub const fn single(values: Values) -> Self {
        Self { shape: Vec::new(), values }
    }

    /// `[values]`
    #[must_use]
    pub fn list(values: Values) -> Self {
        Self { shape: vec![values.len() as u64], values }
    }

    /// `[rows, 2]`, the two values of a row beside one another.
    #[must_use]
    pub fn pairs(values: Values) -> Self {
        Self { shape: vec![values.len() as u64 / 2, 2], values }
    }

    /// A list of texts.
    #[must_use]
    pub fn texts(texts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::list(Values::Text(texts.into_iter().map(Into::into).collect()))
    }

    /// The object at a path.
    #[must_use]
    pub fn reference(path: &str) -> Self {
        Self::single(Values::Reference(vec![path.to_owned()]))
    }
}

impl From<&str> for Array {
    fn from(text: &str) -> Self {
        Self::single(Values::Text(vec![text.to_owned()]))
    }
}

impl From<f64> for Array {
    fn from(number: f64) -> Self {
        Self::single(Values::F64(vec![number]))
    }
}

/// Values with a name, and what is told about them.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// Attributes in order, each name once.
    pub attributes: Vec<(String, Array)>,
    /// The values.
    pub array: Array,
}

impl Dataset {
    /// Values about which nothing is told yet.
    #[must_use]
    pub fn new(array: impl Into<Array>) -> Self {
        Self { attributes: Vec::new(), array: array.into() }
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: impl Into<Array>) -> Self {
        self.attributes.push((name.to_owned(), value.into()));
        self
    }
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq)]
pub enum Member {
    /// Another group.
    Group(Group),
    /// Values.
    Dataset(Dataset),
    /// Another name of what lies at this path.
    Link(String),
}

/// A group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// Attributes in order, each name once.
    pub attributes: Vec<(String, Array)>,
    /// Members in order, each name once.
    pub members: Vec<(String, Member)>,
}

impl Group {
    /// A group that holds nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: impl Into<Array>) -> Self {
        self.attributes.push((name.to_owned(), value.into()));
        self
    }

    fn with(mut self, name: &str, member: Member) -> Self {
        self.members.push((name.to_owned(), member));
        self
    }

    /// Adds a group.
    #[must_use]
    pub fn group(self, name: &str, group: Self) -> Self {
        self.with(name, Member::Group(group))
    }

    /// Adds values.
    #[must_use]
    pub fn dataset(self, name: &str, dataset: Dataset) -> Self {
        self.with(name, Member::Dataset(dataset))
    }

    /// Adds another name of what lies at a path.
    #[must_use]
    pub fn link(self, name: &str, path: &str) -> Self {
        self.with(name, Member::Link(path.to_owned()))
    }
}
