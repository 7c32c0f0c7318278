//! JSON schemas as signatures, with the way back.

use std::collections::BTreeMap;

use plan::{ArgumentSpec, Effect, FunctionName, Output, Role, Signature, Type};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

/// The characters of a summary.
const MOST_OF_SUMMARY: usize = 160;
/// The characters of a hint.
const MOST_OF_HINT: usize = 120;
/// The characters of a text.
const MOST_OF_TEXT: usize = 300;
/// The parts of a name that the parser reads.
const MOST_PARTS: usize = 4;
/// The characters of a name.
const MOST_OF_NAME: usize = 60;

/// A function as the package describes it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct FunctionSchema {
    name: String,
    #[serde(default)]
    description: String,
    parameters: Schema,
}

/// A JSON schema, as far as the package uses it.
#[derive(Debug, Clone, Deserialize)]
struct Schema {
    #[serde(rename = "type")]
    ty: String,
    #[serde(default)]
    description: String,
    /// The schema of a list's items.
    items: Option<Box<Schema>>,
    #[serde(default)]
    properties: Map<String, Json>,
    /// The names of properties; a few items of the package hold a truth value instead.
    #[serde(default)]
    required: Json,
    default: Option<Json>,
    #[serde(rename = "enum")]
    choices: Option<Vec<Json>>,
}

/// The functions of one item in the plan language.
#[derive(Debug)]
pub(super) struct Tools {
    pub(super) tools: BTreeMap<FunctionName, Tool>,
}

/// One function.
#[derive(Debug)]
pub(super) struct Tool {
    /// The name in the package.
    pub(super) name: String,
    /// The signature in the plan language.
    pub(super) signature: Signature,
    /// What each of its arguments is in the package.
    pub(super) places: BTreeMap<String, Place>,
    /// Required records, which are given even when none of their properties is.
    pub(super) records: Vec<Vec<String>>,
}

/// An argument in the package.
#[derive(Debug, PartialEq)]
pub(super) struct Place {
    /// The way to it, from the outermost property.
    pub(super) path: Vec<String>,
    /// How its values are written there.
    pub(super) form: Form,
}

/// How a value is written in the package.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Form {
    Text,
    Bool,
    Integer,
    Number,
    /// One of these.
    Choice(Vec<Json>),
    List(Box<Form>),
    /// Lists of lists, lists of records, open records: the plan language has no literals for
    /// them, so they are given as a text of JSON.
    Json,
}

impl Tools {
    /// Translates the functions of an item.
    pub(super) fn of(schemas: &[FunctionSchema]) -> Tools {
        let mut tools = BTreeMap::new();
        for schema in schemas {
            let name = unused(&function_name(&schema.name), |name| {
                FunctionName::new(name).is_ok_and(|name| tools.contains_key(&name))
            });
            // What cannot be named cannot be called: the item then counts as wrong.
            if let Ok(name) = FunctionName::new(name) {
                tools.insert(name.clone(), Tool::of(name, schema));
            }
        }
        Tools { tools }
    }

    /// Returns the signatures.
    pub(super) fn signatures(&self) -> impl Iterator<Item = Signature> {
        self.tools.values().map(|tool| tool.signature.clone())
    }
}

impl Tool {
    fn of(name: FunctionName, schema: &FunctionSchema) -> Tool {
        let mut tool = Tool {
            name: schema.name.clone(),
            signature: Signature {
                name,
                summary: shortened(&schema.description, MOST_OF_SUMMARY),
                arguments: Vec::new(),
                // The schema does not say what comes back, nor what is done; a question may not be
                // asked twice, which keeps a small model from going round in circles.
                output: Output::None,
                effect: Effect::Read,
            },
            places: BTreeMap::new(),
            records: Vec::new(),
        };
        tool.add_properties(&schema.parameters, &[], true);
        // Positions are for what must be given.
        tool.signature.arguments.sort_by_key(|spec| !spec.required);
        tool
    }

    fn add_properties(&mut self, schema: &Schema, path: &[String], is_required: bool) {
        for (name, property) in &schema.properties {
            let Ok(property) = serde_json::from_value::<Schema>(property.clone()) else {
                continue;
            };
            let path: Vec<String> = path.iter().chain([name]).cloned().collect();
            let is_required = is_required && schema.requires(name);
            if property.is_open_record() || property.ty != "dict" {
                self.add_argument(&property, path, is_required);
            } else {
                if is_required {
                    self.records.push(path.clone());
                }
                self.add_properties(&property, &path, is_required);
            }
        }
    }

    fn add_argument(&mut self, schema: &Schema, path: Vec<String>, required: bool) {
        let name = unused(&argument_name(&path), |name| self.places.contains_key(name));
        let (ty, form) = schema.types();
        let default = schema.default.clone();
        self.signature.arguments.push(ArgumentSpec {
            name: name.clone(),
            role: Role::Critical,
            required,
            default: default.and_then(|default| serde_json::from_value(default).ok()),
            hint: schema.hint(&ty),
            ahead: false,
            ty,
        });
        self.places.insert(name, Place { path, form });
    }
}

impl Schema {
    fn requires(&self, name: &str) -> bool {
        let required = self.required.as_array();
        required.is_some_and(|names| names.iter().any(|required| required == name))
    }

    fn is_open_record(&self) -> bool {
        self.ty == "dict" && self.properties.is_empty()
    }

    /// Returns the type in the plan language, and the form of the values in the package.
    fn types(&self) -> (Type, Form) {
        let text = || (Type::Text { max: MOST_OF_TEXT }, Form::Text);
        if let (Some(choices), true) = (&self.choices, self.may_be_chosen()) {
            return self.choice(choices);
        }
        match self.ty.as_str() {
            "boolean" => (Type::Bool, Form::Bool),
            "integer" => {
                let (min, max) = (None, None);
                (Type::Int { min, max }, Form::Integer)
            }
            "float" => (Type::Number, Form::Number),
            "array" | "tuple" => self.list(),
            "dict" => (Type::Any, Form::Json),
            _ => text(),
        }
    }

    fn may_be_chosen(&self) -> bool {
        matches!(self.ty.as_str(), "string" | "integer" | "float" | "any")
    }

    fn choice(&self, choices: &[Json]) -> (Type, Form) {
        let words = choices.iter().map(written).collect();
        let is_whole = self.ty == "integer";
        let values = choices.iter().map(|choice| match choice {
            Json::String(text) if is_whole => text
                .parse::<i64>()
                .map_or_else(|_| choice.clone(), Json::from),
            _ => choice.clone(),
        });
        (Type::Choice(words), Form::Choice(values.collect()))
    }

    fn list(&self) -> (Type, Form) {
        let Some(items) = &self.items else {
            return (Type::Any, Form::Json);
        };
        let mut items = items.as_ref().clone();
        if items.choices.is_none() {
            // A few name the choices beside the items.
            items.choices.clone_from(&self.choices);
        }
        match items.types() {
            (_, Form::List(_) | Form::Json) => (Type::Any, Form::Json),
            (ty, form) => (Type::List(Box::new(ty)), Form::List(Box::new(form))),
        }
    }

    /// Shortens the description for the prompt. One or two words stand for the type there, so they
    /// are kept for texts alone.
    fn hint(&self, ty: &Type) -> String {
        let hint = shortened(&self.description, MOST_OF_HINT);
        match ty {
            Type::Any => format!("a text of JSON; {hint}"),
            Type::Text { .. } => hint,
            _ if hint.split_whitespace().count() <= 2 => String::new(),
            _ => hint,
        }
    }
}

/// Writes a choice as a word.
pub(super) fn written(choice: &Json) -> String {
    match choice {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Makes a name of the form `domain.verb`.
fn function_name(name: &str) -> String {
    let mut snake = String::new();
    let mut before = '.';
    for c in name.chars() {
        if c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            snake.push('_');
        }
        let plain = c.is_ascii_alphanumeric() || c == '.';
        snake.push(if plain { c.to_ascii_lowercase() } else { '_' });
        before = c;
    }
    let parts: Vec<String> = snake
        .split('.')
        .map(|part| part.trim_start_matches('_'))
        .filter(|part| !part.is_empty())
        .map(
            |part| match part.starts_with(|c: char| c.is_ascii_digit()) {
                true => format!("f{part}"),
                false => part.to_owned(),
            },
        )
        .collect();
    let dotted = match parts.len() {
        0 => "tool.f".to_owned(),
        1 => format!("tool.{}", parts[0]),
        count if count > MOST_PARTS => {
            let (first, rest) = parts.split_at(MOST_PARTS - 1);
            format!("{}.{}", first.join("."), rest.join("_"))
        }
        _ => parts.join("."),
    };
    dotted.chars().take(MOST_OF_NAME).collect()
}

/// Makes a keyword of the way to a property: `a__b`.
fn argument_name(path: &[String]) -> String {
    let joined = path.join("__");
    let mut name: String = joined
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .take(MOST_OF_NAME)
        .collect();
    let is_word = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !is_word || matches!(name.as_str(), "true" | "false" | "none") {
        name.insert(0, '_');
    }
    name
}

/// Returns the name, with a number behind it if it is taken.
fn unused(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    [name.to_owned()]
        .into_iter()
        .chain(numbered)
        .find(|name| !is_taken(name))
        .unwrap_or_default()
}

/// Makes one line of a text, cut behind a word.
fn shortened(text: &str, most: usize) -> String {
    let mut short = String::new();
    for word in text.split_whitespace() {
        if short.chars().count() + word.chars().count() >= most {
            return format!("{short}…");
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
    }
    short
}

#[cfg(test)]
mod tests {
    use plan::describe_with_hints;
    use serde_json::json;

    use super::*;

    pub(in super::super) fn tools(functions: Json) -> Tools {
        let schemas: Vec<FunctionSchema> = serde_json::from_value(functions).expect("schemas");
        Tools::of(&schemas)
    }

    #[test]
    fn names_have_a_domain_and_come_once() {
        for (name, expected) in [
            ("spotify.play", "spotify.play"),
            ("calculate_BMI", "tool.calculate_bmi"),
            ("player_stats.getLastGame", "player_stats.get_last_game"),
            ("Weather_1_GetWeather", "tool.weather_1_get_weather"),
            ("a.b.c.d.e", "a.b.c.d_e"),
            ("3d-print", "tool.f3d_print"),
            ("_.x", "tool.x"),
        ] {
            assert_eq!(function_name(name), expected, "{name}");
            FunctionName::new(expected).expect("a name");
        }
        let twice = tools(json!([
            {"name": "a_b", "parameters": {"type": "dict"}},
            {"name": "A_b", "parameters": {"type": "dict"}},
        ]));
        let names: Vec<&str> = twice.tools.keys().map(FunctionName::as_str).collect();
        assert_eq!(names, ["tool.a_b", "tool.a_b_2"]);
        assert_eq!(argument_name(&["año".to_owned(), "x".to_owned()]), "a_o__x");
    }

    #[test]
    fn schemas_become_signatures() {
        let tools = tools(json!([{
            "name": "order",
            "description": "Order\n something",
            "parameters": {
                "type": "dict",
                "required": ["item", "address"],
                "properties": {
                    "express": {"type": "boolean", "description": "Whether it hurries a lot"},
                    "item": {"type": "string", "description": "Its name"},
                    "size": {"type": "string", "enum": ["S", "M"], "default": "M"},
                    "level": {"type": "integer", "enum": [1, 2]},
                    "tags": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
                    "sums": {"type": "tuple", "items": {"type": "float"}},
                    "rows": {"type": "array", "items": {"type": "dict"}},
                    "address": {"type": "dict", "required": ["city"], "properties": {
                        "city": {"type": "string"},
                        "geo": {"type": "dict", "properties": {"lat": {"type": "float"}}},
                    }},
                    "extra": {"type": "dict", "description": "More"},
                },
            },
        }]));
        let tool = tools.tools.values().next().expect("a tool");
        assert_eq!(
            describe_with_hints(&tool.signature),
            "tool.order(item: Its name, address__city: text, express=bool, size=\"S\"|\"M\", \
             level=\"1\"|\"2\", tags=[\"a\"|\"b\"], sums=[number], rows=any, \
             address__geo__lat=number, extra=any)  # Order something\
             \n  express: Whether it hurries a lot\
             \n  rows: a text of JSON; \
             \n  extra: a text of JSON; More"
        );
        assert_eq!(tool.records, [["address"]]);
        assert_eq!(
            tool.places["address__geo__lat"].path,
            ["address", "geo", "lat"]
        );
        let size = tool.signature.argument("size").expect("an argument");
        assert_eq!(size.default, Some("M".into()));
    }

    #[test]
    fn long_descriptions_are_cut_behind_a_word() {
        assert_eq!(shortened(" a  bc\nd ", 10), "a bc d");
        assert_eq!(shortened("alpha beta gamma", 12), "alpha beta…");
    }
}
