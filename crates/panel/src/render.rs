//! From a part to its component, its data and what it stands for.

mod controls;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use plan::{CheckedAction, Field, Integrity, Type, Value};
use protocol::text::{Language, message};
use serde_json::{Map, Value as Json, json};

use crate::{
    Body, ChartKind, Data, Part, RowAction, RowsForm,
    bindings::Binding,
    cell::{cell, file_uri, guessed, number, paragraph, type_word},
    validate::MAX_ROWS,
    visible::{cut, visible},
    words::field_label,
};
use controls::{button, input, slider, toggle};
pub(crate) use rows::Handles;
use rows::RowsPart;

/// A part as it is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rendered {
    /// The component, still without its id.
    pub(crate) component: Map<String, Json>,
    /// Its data, once there is some.
    pub(crate) data: Option<Json>,
    /// What can be pressed.
    pub(crate) binding: Option<Binding>,
}

/// Where a part is drawn.
pub(crate) struct Place<'a> {
    pub(crate) id: &'a str,
    pub(crate) language: Language,
    pub(crate) offset: usize,
    pub(crate) handles: &'a mut Handles,
}

/// Draws a part.
pub(crate) fn render(part: &Part, place: &mut Place<'_>) -> Rendered {
    match &part.body {
        Body::Title(text) => plain(json!({"component": "Title", "text": words(text)})),
        Body::Section(title) => {
            plain(json!({"component": "Section", "title": words(title), "children": []}))
        }
        Body::More(label) => Rendered {
            binding: Some(Binding::More),
            ..plain(json!({"component": "More", "label": words(label)}))
        },
        Body::Value { value, ty, label } => any_value(value, ty, label.as_deref(), place),
        Body::Meter {
            value,
            max,
            ty,
            label,
        } => meter(value, *max, ty, label, place),
        Body::Rows {
            form,
            rows,
            columns,
            key,
            actions,
            inert,
            caption,
        } => {
            let part = RowsPart {
                form: *form,
                rows,
                columns,
                key: key.as_deref(),
                actions,
                inert,
                caption: caption.as_deref(),
            };
            part.render(place)
        }
        Body::Record {
            record,
            fields,
            actions,
            caption,
        } => key_value(record, fields, actions, caption.as_deref(), place),
        Body::Chart {
            kind,
            rows,
            x,
            series,
        } => chart(*kind, rows, x, series, place),
        Body::Image { path, label } => {
            let image = |value: &Value| value.as_text().map_or(Json::Null, file_uri);
            bound(
                path,
                json!({"component": "Image", "image": at(place.id, "value"), "label": words(label)}),
                image,
            )
        }
        Body::Button { label, call } => button(label, call),
        Body::Toggle {
            label,
            value,
            action,
        } => toggle(label, value, action, place),
        Body::Slider {
            label,
            value,
            min,
            max,
            action,
        } => slider(label, value, (*min, *max), action, place),
        Body::Input { label, action } => input(label, action, place),
        Body::Problem { text, remedy } => problem(text, remedy),
        Body::Empty => empty(place.language),
    }
}

/// Draws what stands in the place of a part that failed.
pub(crate) fn problem(text: &str, remedy: &str) -> Rendered {
    let mut component = json!({"component": "Error", "text": words(text)});
    if !remedy.is_empty() {
        component["remedy"] = words(remedy);
    }
    plain(component)
}

fn empty(language: Language) -> Rendered {
    plain(json!({"component": "Empty", "text": message(language, "panel-empty", &[])}))
}

fn any_value(value: &Data, ty: &Type, label: Option<&str>, place: &mut Place<'_>) -> Rendered {
    let declared = match (ty, value.value()) {
        (Type::Any, Some(value)) => guessed(value),
        _ => ty.clone(),
    };
    match &declared {
        Type::Record(fields) => key_value(value, fields, &[], label, place),
        Type::List(item) => {
            let one = |name: &str, ty: &Type| {
                vec![Field {
                    name: name.to_owned(),
                    ty: ty.clone(),
                }]
            };
            let (form, columns) = match item.as_ref() {
                Type::Record(fields) => (RowsForm::Table, fields.clone()),
                item => (RowsForm::List, one("", item)),
            };
            let part = RowsPart {
                form,
                rows: value,
                columns: &columns,
                key: None,
                actions: &[],
                inert: &BTreeSet::new(),
                caption: label,
            };
            part.render(place)
        }
        ty => text(value, ty, label, place),
    }
}

fn text(value: &Data, ty: &Type, label: Option<&str>, place: &Place<'_>) -> Rendered {
    // A number or a date is not taken for somebody's words.
    let found = type_word(ty) == "text" && value.label().integrity == Integrity::Untrusted;
    let mut component = json!({
        "component": "Text",
        "value": at(place.id, "value"),
        "type": type_word(ty),
        "found": found,
    });
    if let Some(label) = label {
        component["label"] = words(label);
    }
    bound(value, component, |value| {
        paragraph(value, ty, place.language)
    })
}

fn meter(value: &Data, max: f64, ty: &Type, label: &str, place: &Place<'_>) -> Rendered {
    let ty = match type_word(ty) {
        word @ ("percent" | "bytes" | "duration") => word,
        _ => "number",
    };
    let max = if max.is_finite() && max > 0.0 {
        max
    } else {
        100.0
    };
    let component = json!({
        "component": "Meter",
        "value": at(place.id, "value"),
        "max": number(max),
        "type": ty,
        "label": words(label),
    });
    bound(value, component, |value| {
        value.as_number().map_or(Json::Null, number)
    })
}

fn key_value(
    record: &Data,
    fields: &[Field],
    actions: &[RowAction],
    caption: Option<&str>,
    place: &Place<'_>,
) -> Rendered {
    if matches!(record.value(), Some(Value::Null)) {
        return empty(place.language);
    }
    let mut component = json!({
        "component": "KeyValue",
        "rows": at(place.id, "rows"),
        "actions": shown_actions(actions),
    });
    if let Some(caption) = caption {
        component["caption"] = words(caption);
    }
    let data = record.value().map(|record| {
        let rows = fields.iter().take(MAX_ROWS).map(|field| {
            let value = record.field(&field.name).unwrap_or(&Value::Null);
            let ty = match &field.ty {
                Type::Any => guessed(value),
                ty => ty.clone(),
            };
            json!({
                "key": words(&field.name),
                "label": words(&field_label(place.language, &field.name)),
                "value": cell(value, &ty, place.language),
                "type": type_word(&ty),
            })
        });
        json!({"rows": rows.collect::<Vec<_>>()})
    });
    let binding = record
        .value()
        .filter(|_| !actions.is_empty())
        .map(|value| Binding::Record {
            actions: by_verb(actions),
            record: value.clone(),
            // All of its fields are drawn.
            label: crate::bindings::chosen(record.label(), true),
        });
    Rendered {
        component: object(component),
        data,
        binding,
    }
}

fn chart(kind: ChartKind, rows: &Data, x: &Field, series: &[Field], place: &Place<'_>) -> Rendered {
    let fields: Vec<&Field> = series.iter().take(4).collect();
    let shown = match rows.value() {
        Some(Value::List(rows)) => &rows[..rows.len().min(MAX_ROWS)],
        _ => &[],
    };
    if fields.is_empty() || (rows.value().is_some() && shown.is_empty()) {
        return empty(place.language);
    }
    let keys = column_keys(std::iter::once(x).chain(fields.iter().copied()));
    let columns: Vec<Json> = std::iter::once(x)
        .chain(fields.iter().copied())
        .zip(&keys)
        .map(|(field, key)| column(field, key, place.language))
        .collect();
    let point = |row: &Value| {
        let mut point = Map::new();
        let along = row.field(&x.name).unwrap_or(&Value::Null);
        point.insert(keys[0].clone(), cell(along, &x.ty, place.language));
        for (field, key) in fields.iter().zip(&keys[1..]) {
            let upwards = row.field(&field.name).and_then(Value::as_number);
            point.insert(key.clone(), upwards.map_or(Json::Null, number));
        }
        Json::Object(point)
    };
    let component = json!({
        "component": "Chart",
        "kind": match kind { ChartKind::Bar => "bar", ChartKind::Line => "line" },
        "x": columns[0],
        "series": columns[1..],
        "points": at(place.id, "points"),
    });
    Rendered {
        component: object(component),
        data: rows
            .value()
            .map(|_| json!({"points": shown.iter().map(point).collect::<Vec<_>>()})),
        binding: None,
    }
}

/// A component without data.
fn plain(component: Json) -> Rendered {
    Rendered {
        component: object(component),
        data: None,
        binding: None,
    }
}

/// A component with one bound value.
fn bound(value: &Data, component: Json, shown: impl Fn(&Value) -> Json) -> Rendered {
    let data = value.value().map(|value| json!({"value": shown(value)}));
    Rendered {
        component: object(component),
        data,
        binding: None,
    }
}

fn object(component: Json) -> Map<String, Json> {
    match component {
        Json::Object(component) => component,
        _ => Map::new(),
    }
}

/// A binding to the component's place in the data model.
fn at(id: &str, key: &str) -> Json {
    json!({"path": format!("/{id}/{key}")})
}

/// A string of the plan or the catalogue.
fn words(text: &str) -> Json {
    Json::String(cut(visible(text)))
}

fn shown_actions(actions: &[RowAction]) -> Json {
    let shown = actions.iter().map(|action| {
        json!({
            "verb": action.action.function.as_str(),
            "label": words(&action.label),
            "effect": action.action.effect.word(),
        })
    });
    shown.collect()
}

fn by_verb(actions: &[RowAction]) -> BTreeMap<String, CheckedAction> {
    actions
        .iter()
        .map(|action| (action.action.function.to_string(), action.action.clone()))
        .collect()
}

fn column(field: &Field, key: &str, language: Language) -> Json {
    json!({
        "key": key,
        "label": words(&field_label(language, &field.name)),
        "type": type_word(&field.ty),
    })
}

/// Returns a key for each field, all different, none of them `ref`.
fn column_keys<'a>(fields: impl Iterator<Item = &'a Field>) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for field in fields {
        let mut key = cut(visible(&field.name));
        while key == "ref" || keys.contains(&key) {
            key.push('_');
        }
        keys.push(key);
    }
    keys
}
