//! `docs/panels.md` against the code.

use protocol::PanelAction;
use serde_json::{Value as Json, json};

use crate::validate;

const PAGE: &str = include_str!("../../../../docs/panels.md");

fn examples() -> impl Iterator<Item = Json> {
    PAGE.split("```json\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .map(|block| serde_json::from_str(block).unwrap_or_else(|error| panic!("{error}: {block}")))
}

#[test]
fn every_example_is_valid() {
    let mut seen = std::collections::BTreeSet::new();
    let mut actions = 0;
    for example in examples() {
        let Some(messages) = example.as_array() else {
            serde_json::from_value::<PanelAction>(example).unwrap();
            actions += 1;
            continue;
        };
        for message in messages {
            validate(message).unwrap_or_else(|invalid| panic!("{invalid}: {message}"));
            let components = message.pointer("/updateComponents/components");
            for component in components.and_then(Json::as_array).into_iter().flatten() {
                seen.insert(component["component"].as_str().unwrap().to_owned());
            }
        }
    }
    assert_eq!(actions, 1);
    assert_eq!(seen.len(), 18, "{seen:?}");
    for component in seen {
        assert!(
            PAGE.contains(&format!("\n### {component}\n")),
            "{component} has no heading"
        );
    }
}

#[test]
fn what_is_not_in_the_catalogue_is_invalid() {
    let check = |component: Json, says: &str| {
        let message = json!({"version": "v0.9", "updateComponents": {"surfaceId": "t1", "components": [component]}});
        let invalid = validate(&message).unwrap_err().to_string();
        assert!(invalid.contains(says), "{invalid}");
    };
    check(
        json!({"id": "a", "component": "Html", "html": "<b>"}),
        "not in the catalogue",
    );
    check(json!({"id": "a", "component": "Title"}), "missing");
    check(
        json!({"id": "a", "component": "Title", "text": "x", "openUrl": "y"}),
        "no property `openUrl`",
    );
    check(
        json!({"id": "a", "component": "Title", "text": {"path": "/x"}}),
        "not a string",
    );
    check(
        json!({"id": "a b", "component": "Title", "text": "x"}),
        "id",
    );
    check(
        json!({"id": "a", "component": "Title", "text": "\u{202e}x"}),
        "not seen",
    );
    check(
        json!({"id": "a", "component": "Title", "text": "x".repeat(4097)}),
        "too long",
    );
    check(
        json!({"id": "a", "component": "Button", "label": "x", "effect": "fine"}),
        "none of",
    );
    check(
        json!({"id": "a", "component": "Column", "children": vec!["b"; 1001]}),
        "too long",
    );
    check(
        json!({"id": "a", "component": "Image", "image": {"url": "http://x"}, "label": "x"}),
        "no property `url`",
    );
    let check = |message: Json, says: &str| {
        let invalid = validate(&message).unwrap_err().to_string();
        assert!(invalid.contains(says), "{invalid}");
    };
    check(json!([]), "not an object");
    check(
        json!({"version": "v1.0", "deleteSurface": {"surfaceId": "t1"}}),
        "not v0.9",
    );
    check(json!({"version": "v0.9"}), "exactly one kind");
    check(
        json!({"version": "v0.9", "callFunction": {"surfaceId": "t1"}}),
        "unknown",
    );
    check(
        json!({"version": "v0.9", "updateDataModel": {"surfaceId": "t1", "path": "x", "value": 1}}),
        "pointer",
    );
    let mut deep = json!(1);
    for _ in 0..12 {
        deep = json!([deep]);
    }
    check(
        json!({"version": "v0.9", "updateDataModel": {"surfaceId": "t1", "path": "/x", "value": deep}}),
        "deeply",
    );
}
