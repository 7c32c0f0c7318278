//! Types of arguments and outputs.

use serde::{Deserialize, Serialize};

/// The type of an argument, a field or a value.
///
/// Written in manifests and docs in the short form that [`Type`]'s `Display`
/// prints and its `FromStr` reads: `percent`, `int(0..100)`, `text(200)`,
/// `choice(up|down)`, `live(audio.output)`, `list(file)`.
#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A whole number within inclusive bounds.
    Int {
        /// Smallest allowed value.
        min: Option<i64>,
        /// Largest allowed value.
        max: Option<i64>,
    },
    /// A number.
    Number,
    /// A number from 0 to 100.
    Percent,
    /// A size in bytes; literals may carry KB, MB, GB, TB (powers of 1000).
    Bytes,
    /// A span in seconds; literals may carry s, min, h, d.
    Duration,
    /// An instant: RFC 3339 text once resolved; literals may be `"18:30"`, `"2026-03-01"`, `"tomorrow"`.
    Time,
    /// Free text of at most `max` characters.
    Text {
        /// Longest allowed length in characters.
        max: usize,
    },
    /// One of a fixed set of words.
    Choice(Vec<String>),
    /// A path; `~/` and the names of XDG folders are resolved by the function.
    Path(PathKind),
    /// An installed application, by id or by name.
    App,
    /// One of the live names of a source, such as `audio.output` or `media.player`.
    Live(String),
    /// A list.
    List(Box<Type>),
    /// Named fields.
    Record(Vec<Field>),
    /// Anything; used for payload that is only shown.
    Any,
}

/// What a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PathKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// Either.
    Any,
}

/// A named part of a record or row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// The name in plans.
    pub name: String,
    /// The type, which also decides how the value is shown.
    #[serde(rename = "type")]
    pub ty: Type,
}

/// What a function gives back.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Output {
    /// Nothing but success.
    #[default]
    None,
    /// One value.
    Value {
        /// Its type.
        #[serde(rename = "type")]
        ty: Type,
    },
    /// One record.
    Record {
        /// The fields.
        fields: Vec<Field>,
        /// The field that identifies the record when it is passed as an argument.
        key: Option<String>,
    },
    /// A list of records.
    Rows {
        /// The fields of each row.
        fields: Vec<Field>,
        /// The field that identifies a row when the row is passed as an argument.
        key: Option<String>,
    },
}

impl Output {
    /// Returns the fields of a record or of rows.
    pub fn fields(&self) -> &[Field] {
        match self {
            Output::Record { fields, .. } | Output::Rows { fields, .. } => fields,
            Output::None | Output::Value { .. } => &[],
        }
    }

    /// Returns the identifying field of a record or of rows.
    pub fn key(&self) -> Option<&str> {
        match self {
            Output::Record { key, .. } | Output::Rows { key, .. } => key.as_deref(),
            Output::None | Output::Value { .. } => None,
        }
    }
}

/// A type's short form could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not a type; expected one of bool, int, int(0..10), number, percent, bytes, duration, time, text(200), choice(a|b), file, folder, path, app, live(source), list(type), any"
)]
pub struct UnknownType {
    /// What was read.
    pub text: String,
}

impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Type::Bool => f.write_str("bool"),
            Type::Int {
                min: None,
                max: None,
            } => f.write_str("int"),
            Type::Int { min, max } => {
                let bound = |b: &Option<i64>| b.map(|b| b.to_string()).unwrap_or_default();
                write!(f, "int({}..{})", bound(min), bound(max))
            }
            Type::Number => f.write_str("number"),
            Type::Percent => f.write_str("percent"),
            Type::Bytes => f.write_str("bytes"),
            Type::Duration => f.write_str("duration"),
            Type::Time => f.write_str("time"),
            Type::Text { max } => write!(f, "text({max})"),
            Type::Choice(words) => write!(f, "choice({})", words.join("|")),
            Type::Path(PathKind::File) => f.write_str("file"),
            Type::Path(PathKind::Folder) => f.write_str("folder"),
            Type::Path(PathKind::Any) => f.write_str("path"),
            Type::App => f.write_str("app"),
            Type::Live(source) => write!(f, "live({source})"),
            Type::List(item) => write!(f, "list({item})"),
            Type::Record(fields) => {
                f.write_str("record(")?;
                for (i, field) in fields.iter().enumerate() {
                    let comma = if i == 0 { "" } else { "," };
                    write!(f, "{comma}{}:{}", field.name, field.ty)?;
                }
                f.write_str(")")
            }
            Type::Any => f.write_str("any"),
        }
    }
}

impl std::str::FromStr for Type {
    type Err = UnknownType;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownType {
            text: text.to_owned(),
        };
        let (name, inner) = match text.split_once('(') {
            Some((name, rest)) => (name, Some(rest.strip_suffix(')').ok_or_else(unknown)?)),
            None => (text, None),
        };
        Ok(match (name.trim(), inner) {
            ("bool", None) => Type::Bool,
            ("int", None) => Type::Int {
                min: None,
                max: None,
            },
            ("int", Some(range)) => int_range(range).ok_or_else(unknown)?,
            ("number", None) => Type::Number,
            ("percent", None) => Type::Percent,
            ("bytes", None) => Type::Bytes,
            ("duration", None) => Type::Duration,
            ("time", None) => Type::Time,
            ("text", None) => Type::Text { max: 200 },
            ("text", Some(max)) => Type::Text {
                max: max.trim().parse().map_err(|_| unknown())?,
            },
            ("choice", Some(words)) if !words.trim().is_empty() => Type::Choice(
                words
                    .split('|')
                    .map(|word| word.trim().to_owned())
                    .collect(),
            ),
            ("file", None) => Type::Path(PathKind::File),
            ("folder", None) => Type::Path(PathKind::Folder),
            ("path", None) => Type::Path(PathKind::Any),
            ("app", None) => Type::App,
            ("live", Some(source)) if !source.trim().is_empty() => {
                Type::Live(source.trim().to_owned())
            }
            ("list", Some(item)) => Type::List(Box::new(item.parse()?)),
            ("record", Some(fields)) => Type::Record(record_fields(fields).ok_or_else(unknown)?),
            ("any", None) => Type::Any,
            _ => return Err(unknown()),
        })
    }
}

fn int_range(range: &str) -> Option<Type> {
    let (min, max) = range.split_once("..")?;
    let bound = |text: &str| match text.trim() {
        "" => Some(None),
        text => text.parse().ok().map(Some),
    };
    Some(Type::Int {
        min: bound(min)?,
        max: bound(max)?,
    })
}

/// Splits at the commas that stand outside parentheses.
fn record_fields(text: &str) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    let mut depth = 0usize;
    let mut start = 0;
    for (at, c) in text.char_indices().chain([(text.len(), ',')]) {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 || at == text.len() => {
                let (name, ty) = text[start..at].split_once(':')?;
                fields.push(Field {
                    name: name.trim().to_owned(),
                    ty: ty.trim().parse().ok()?,
                });
                start = at + 1;
            }
            _ => {}
        }
    }
    Some(fields)
}

impl Serialize for Type {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Type {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
