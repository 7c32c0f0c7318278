//! What is pressed, switched, pushed and typed into.

use plan::{CheckedAction, CheckedCall, Label, Type, Value};
use serde_json::{Value as Json, json};

use super::{Place, Rendered, at, bound, plain, words};
use crate::{
    Data,
    bindings::Binding,
    cell::{number, type_word},
};

pub(super) fn button(label: &str, call: &CheckedCall) -> Rendered {
    Rendered {
        binding: Some(Binding::Press(call.clone())),
        ..plain(json!({
            "component": "Button",
            "label": words(label),
            "effect": call.effect.word(),
        }))
    }
}

pub(super) fn toggle(
    label: &str,
    value: &Data,
    action: &CheckedAction,
    place: &Place<'_>,
) -> Rendered {
    let component = json!({
        "component": "Toggle",
        "label": words(label),
        "value": at(place.id, "value"),
        "effect": action.effect.word(),
    });
    let state = |value: &Value| value.as_bool().map_or(Json::Null, Json::Bool);
    Rendered {
        binding: Some(Binding::Change {
            action: action.clone(),
            range: None,
        }),
        ..bound(value, component, state)
    }
}

pub(super) fn slider(
    label: &str,
    value: &Data,
    (min, max): (f64, f64),
    action: &CheckedAction,
    place: &Place<'_>,
) -> Rendered {
    let (min, max) = if min.is_finite() && max.is_finite() && min < max {
        (min, max)
    } else {
        (0.0, 100.0)
    };
    let whole = matches!(
        action.ty,
        Type::Int { .. } | Type::Percent | Type::Bytes | Type::Duration
    );
    let step = if whole { 1.0 } else { (max - min) / 100.0 };
    let component = json!({
        "component": "Slider",
        "label": words(label),
        "value": at(place.id, "value"),
        "min": number(min),
        "max": number(max),
        "step": number(step),
        "type": type_word(&action.ty),
        "effect": action.effect.word(),
    });
    Rendered {
        binding: Some(Binding::Change {
            action: action.clone(),
            range: Some((min, max)),
        }),
        ..bound(value, component, |value| {
            value.as_number().map_or(Json::Null, number)
        })
    }
}

pub(super) fn input(label: &str, action: &CheckedAction, place: &Place<'_>) -> Rendered {
    let mut component = json!({
        "component": "Input",
        "label": words(label),
        "value": at(place.id, "value"),
        "type": type_word(&action.ty),
        "effect": action.effect.word(),
    });
    match &action.ty {
        Type::Choice(choices) => {
            let choices = choices.iter().map(|choice| words(choice));
            component["choices"] = choices.collect();
        }
        Type::Text { max } => component["maxLength"] = Json::from(*max),
        _ => {}
    }
    let nothing = Data::Ready {
        value: Value::Null,
        label: Label::SYSTEM,
    };
    Rendered {
        binding: Some(Binding::Change {
            action: action.clone(),
            range: None,
        }),
        ..bound(&nothing, component, |_| Json::String(String::new()))
    }
}
