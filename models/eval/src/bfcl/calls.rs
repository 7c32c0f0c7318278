//! Plans as calls in the package's form.

use plan::{CheckedCall, CheckedStatement, Operand, Scope, StatementKind, Value};
use serde_json::{Map, Value as Json};

use super::schema::{Form, Tool, Tools, written};

/// No function gives a result, so no value refers to one.
struct NoResults;

impl Scope for NoResults {
    fn result(&self, _: usize) -> Option<&Value> {
        None
    }
}

impl Tools {
    /// Returns the calls of a plan; what a plan says, asks or shows is none.
    pub(super) fn calls(&self, statements: &[CheckedStatement]) -> Vec<Json> {
        statements
            .iter()
            .filter_map(|statement| match &statement.kind {
                StatementKind::Call(call) => self.tools.get(&call.function)?.call(call),
                _ => None,
            })
            .collect()
    }
}

impl Tool {
    fn call(&self, call: &CheckedCall) -> Option<Json> {
        let mut arguments = Map::new();
        for path in &self.records {
            put(&mut arguments, path, Json::Object(Map::new()));
        }
        for (name, operand) in &call.arguments {
            let place = self.places.get(name)?;
            put(&mut arguments, &place.path, json(operand, &place.form)?);
        }
        let call = Map::from_iter([(self.name.clone(), Json::Object(arguments))]);
        Some(Json::Object(call))
    }
}

/// Puts a value where its path leads.
fn put(record: &mut Map<String, Json>, path: &[String], value: Json) {
    match path {
        [] => {}
        [name] => {
            record.insert(name.clone(), value);
        }
        [name, rest @ ..] => {
            let inner = record
                .entry(name)
                .or_insert_with(|| Json::Object(Map::new()));
            if let Json::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

fn json(operand: &Operand, form: &Form) -> Option<Json> {
    let value = operand.resolve(&NoResults).ok()?;
    Some(in_form(&value, form))
}

fn in_form(value: &Value, form: &Form) -> Json {
    match (value, form) {
        (Value::List(items), Form::List(form)) => {
            items.iter().map(|item| in_form(item, form)).collect()
        }
        (Value::Number(number), Form::Integer) => Json::from(*number as i64),
        (Value::Text(word), Form::Choice(choices)) => choices
            .iter()
            .find(|choice| written(choice) == *word)
            .cloned()
            .unwrap_or_else(|| Json::from(word.as_str())),
        (Value::Text(text), Form::Json) => {
            serde_json::from_str(text).unwrap_or_else(|_| Json::from(text.as_str()))
        }
        // Numbers stay floats, as the package's checker wants those in lists.
        (value, _) => serde_json::to_value(value).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use functions::Registry;
    use plan::{LiveNames, check, parse};
    use serde_json::json;

    use super::*;
    use crate::bfcl::schema::FunctionSchema;

    fn calls(functions: Json, plan: &str) -> Json {
        let schemas: Vec<FunctionSchema> = serde_json::from_value(functions).expect("schemas");
        let tools = Tools::of(&schemas);
        let registry = Registry::of_signatures(tools.signatures());
        let plan = parse(plan).expect("it parses");
        let checked = check(&plan, &registry, &LiveNames::default()).expect("it passes");
        tools.calls(&checked.statements).into()
    }

    #[test]
    fn plans_become_calls() {
        let functions = json!([{
            "name": "Shop.orderItem",
            "parameters": {
                "type": "dict",
                "required": ["item", "count", "address"],
                "properties": {
                    "item": {"type": "string"},
                    "count": {"type": "integer"},
                    "level": {"type": "integer", "enum": [1, 2]},
                    "sums": {"type": "array", "items": {"type": "float"}},
                    "rows": {"type": "array", "items": {"type": "dict"}},
                    "address": {"type": "dict", "properties": {
                        "city": {"type": "string"},
                        "geo": {"type": "dict", "properties": {"lat": {"type": "float"}}},
                    }},
                },
            },
        }]);
        let plan = "shop.order_item(\"cup\", 2, level=\"2\", sums=[1, 2.5], address__geo__lat=3)\n\
                    title(\"Done\")\n\
                    shop.order_item(\"pot\", count=1, rows=\"[{\\\"a\\\": [1]}]\")";
        assert_eq!(
            calls(functions.clone(), plan),
            json!([
                {"Shop.orderItem": {
                    "address": {"geo": {"lat": 3.0}}, "count": 2, "item": "cup", "level": 2,
                    "sums": [1.0, 2.5],
                }},
                {"Shop.orderItem": {
                    "address": {}, "count": 1, "item": "pot", "rows": [{"a": [1]}],
                }},
            ])
        );
        assert_eq!(calls(functions, "say(\"no\")"), json!([]));
    }
}
