//! What must hold whatever the machine holds.

use std::collections::BTreeSet;

use plan::{Effect, Field, FunctionName, Label, PathKind, Type, Value};
use proptest::prelude::*;
use protocol::{PanelMessage, text::Language};
use serde_json::Value as Json;

use super::press;
use crate::{
    ActionError, Body, ChartKind, Data, MAX_ROWS, MAX_STRING, Part, Pressed, RowAction, RowsForm,
    compose, validate, visible,
};

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => any::<String>(),
        1 => "[\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}\u{0}-\u{1f}⟨⟩👧]{0,20}",
        1 => "(ab文){1400,1500}",
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<f64>().prop_map(Value::Number),
        text().prop_map(Value::Text),
    ];
    leaf.prop_recursive(12, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
            prop::collection::btree_map(name(), inner, 0..6).prop_map(Value::Record),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![3 => "name|size|ref|path|ref_", 1 => any::<String>()]
}

fn ty() -> impl Strategy<Value = Type> {
    let leaf = prop::sample::select(vec![
        Type::Any,
        Type::Bool,
        Type::Number,
        Type::Percent,
        Type::Bytes,
        Type::Duration,
        Type::Time,
        Type::Text { max: 9 },
        Type::Path(PathKind::File),
        Type::App,
        Type::Live("x".to_owned()),
    ]);
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|item| Type::List(Box::new(item))),
            prop::collection::vec((name(), inner), 0..4).prop_map(|fields| Type::Record(
                fields
                    .into_iter()
                    .map(|(name, ty)| Field { name, ty })
                    .collect()
            )),
        ]
    })
}

fn fields() -> impl Strategy<Value = Vec<Field>> {
    let field = (name(), ty()).prop_map(|(name, ty)| Field { name, ty });
    prop::collection::vec(field, 0..6)
}

fn data() -> impl Strategy<Value = Data> {
    prop_oneof![
        1 => Just(Data::Pending),
        4 => value().prop_map(|value| Data::Ready { value, label: Label::DATA }),
        2 => prop::collection::vec(value(), 0..5).prop_map(|rows| Data::Ready {
            value: Value::List(rows),
            label: Label::DATA,
        }),
    ]
}

fn actions() -> impl Strategy<Value = Vec<RowAction>> {
    prop::collection::vec((text(), name(), prop::option::of(name())), 0..3).prop_map(|actions| {
        let action = |(label, argument, field)| RowAction {
            label,
            action: plan::CheckedAction {
                function: FunctionName::new("files.trash").unwrap(),
                argument,
                ty: Type::Any,
                field,
                arguments: Default::default(),
                effect: Effect::Reversible,
            },
        };
        actions.into_iter().map(action).collect()
    })
}

fn body() -> impl Strategy<Value = Body> {
    let form = prop::sample::select(vec![RowsForm::Table, RowsForm::List, RowsForm::Gallery]);
    let kind = prop::sample::select(vec![ChartKind::Bar, ChartKind::Line]);
    let label = || prop::option::of(text());
    prop_oneof![
        text().prop_map(Body::Title),
        text().prop_map(Body::Section),
        text().prop_map(Body::More),
        (data(), ty(), label()).prop_map(|(value, ty, label)| Body::Value { value, ty, label }),
        (data(), any::<f64>(), ty(), text()).prop_map(|(value, max, ty, label)| Body::Meter {
            value,
            max,
            ty,
            label
        }),
        (
            form,
            data(),
            fields(),
            prop::option::of(name()),
            actions(),
            label()
        )
            .prop_map(|(form, rows, columns, key, actions, caption)| Body::Rows {
                form,
                rows,
                columns,
                key,
                actions,
                inert: [1].into(),
                caption
            }),
        (data(), fields(), actions(), label()).prop_map(|(record, fields, actions, caption)| {
            Body::Record {
                record,
                fields,
                actions,
                caption,
            }
        }),
        (kind, data(), (name(), ty()), fields()).prop_map(|(kind, rows, (name, ty), series)| {
            Body::Chart {
                kind,
                rows,
                x: Field { name, ty },
                series,
            }
        }),
        (data(), text()).prop_map(|(path, label)| Body::Image { path, label }),
        (text(), data(), any::<f64>(), any::<f64>(), actions()).prop_map(
            |(label, value, min, max, actions)| match actions.into_iter().next() {
                Some(RowAction { action, .. }) => Body::Slider {
                    label,
                    value,
                    min,
                    max,
                    action
                },
                None => Body::Problem {
                    text: label.clone(),
                    remedy: label
                },
            }
        ),
    ]
}

fn parts() -> impl Strategy<Value = Vec<Part>> {
    prop::collection::vec(body(), 0..6).prop_map(|bodies| {
        let part = |(statement, body)| Part {
            statement,
            ordinal: 0,
            body,
        };
        bodies.into_iter().enumerate().map(part).collect()
    })
}

/// Every handle in `messages`, with its component.
fn handles(messages: &[PanelMessage]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for PanelMessage(message) in messages {
        let Some(update) = message.get("updateDataModel") else {
            continue;
        };
        let component = update["path"].as_str().unwrap()[1..].to_owned();
        let rows = update["value"].get("rows").and_then(Json::as_array);
        for row in rows.into_iter().flatten() {
            if let Some(handle) = row.get("ref") {
                found.push((component.clone(), handle.as_str().unwrap().to_owned()));
            }
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn anything_is_drawn_within_the_caps(parts in parts(), later in parts()) {
        let (mut panel, mut messages) = compose("t1", Language::Chinese, parts.clone());
        messages.extend(panel.update(later));
        messages.extend(panel.update(parts));
        for PanelMessage(message) in &messages {
            prop_assert!(validate(message).is_ok(), "{:?}: {message}", validate(message));
        }
        // Nothing was held back: what a component names is there.
        let mut known = BTreeSet::new();
        let mut named = BTreeSet::new();
        for PanelMessage(message) in panel.replay() {
            named.insert("root".to_owned());
            let components = message.pointer("/updateComponents/components");
            for component in components.and_then(Json::as_array).into_iter().flatten() {
                known.insert(component["id"].as_str().unwrap().to_owned());
                let children = component.get("children").and_then(Json::as_array);
                named.extend(children.into_iter().flatten().map(|id| id.as_str().unwrap().to_owned()));
            }
        }
        prop_assert_eq!(known, named);
    }

    #[test]
    fn every_handle_resolves(parts in parts()) {
        let (mut panel, messages) = compose("t1", Language::English, parts);
        let handles = handles(&messages);
        let distinct: BTreeSet<&(String, String)> = handles.iter().collect();
        prop_assert_eq!(distinct.len(), handles.len());
        for (number, (component, handle)) in handles.iter().enumerate() {
            let action = press(component, "files.trash", Some(handle), &number.to_string());
            match panel.resolve(&action) {
                Ok(Pressed::Call(call)) => prop_assert_eq!(call.call.effect, Effect::Reversible),
                // The row lacks the field that the action wants.
                Err(ActionError::Gone) => {}
                other => prop_assert!(false, "{other:?}"),
            }
        }
    }

    #[test]
    fn different_texts_are_never_written_alike(one in any::<String>(), other in any::<String>()) {
        prop_assert_eq!(one == other, visible(&one) == visible(&other));
    }
}

#[test]
fn rows_beyond_a_page_are_counted_and_not_sent() {
    let rows = Value::List(vec![
        Value::record([(
            "name",
            "x".repeat(MAX_STRING * 2).into()
        )]);
        MAX_ROWS + 5
    ]);
    let body = Body::Rows {
        form: RowsForm::Table,
        rows: Data::Ready {
            value: rows,
            label: Label::DATA,
        },
        columns: vec![Field {
            name: "name".to_owned(),
            ty: Type::Text { max: 9 },
        }],
        key: None,
        actions: Vec::new(),
        inert: Default::default(),
        caption: None,
    };
    let (_, messages) = compose(
        "t1",
        Language::English,
        vec![Part {
            statement: 0,
            ordinal: 0,
            body,
        }],
    );
    let data = messages[2].0.pointer("/updateDataModel/value").unwrap();
    assert_eq!(data["rows"].as_array().unwrap().len(), MAX_ROWS);
    assert_eq!(data["total"], MAX_ROWS + 5);
    assert!(data["rows"][0]["name"].as_str().unwrap().len() <= MAX_STRING);
}
