//! From a press back to a call.

use plan::{Confidentiality, Integrity, Label, Operand, Value};
use protocol::PanelMessage;
use serde_json::json;

use super::{Fixture, files, press};
use crate::{ActionError, BoundCall, Pressed};

const TABLE: &str =
    "f = files.find(folder=\"~\")\ntable(f, [\"name\", \"size\"], [files.open, files.trash])";

/// Returns the handle of each row that a message brought, by its name.
fn handles(messages: &[PanelMessage]) -> Vec<(String, String)> {
    let rows = messages
        .iter()
        .find_map(|message| message.0.pointer("/updateDataModel/value/rows"));
    let text = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap().to_owned();
    let rows = rows.unwrap().as_array().unwrap().iter();
    rows.map(|row| (text(row, "name"), text(row, "ref")))
        .collect()
}

fn call(pressed: Result<Pressed, ActionError>) -> BoundCall {
    match pressed {
        Ok(Pressed::Call(call)) => call,
        other => panic!("{other:?}"),
    }
}

fn value(call: &BoundCall, name: &str) -> Value {
    match &call.call.arguments[name] {
        Operand::Value { value, .. } => value.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_row_is_the_persons_own_choice_and_stays_private() {
    let mut fixture = Fixture::new(TABLE).gives(0, files(&["a", "b"]));
    let rows = handles(&fixture.draw());
    let bound = call(
        fixture
            .panel
            .resolve(&press("s1", "files.trash", Some(&rows[1].1), "1")),
    );
    assert_eq!(bound.call.function.as_str(), "files.trash");
    assert_eq!(value(&bound, "path"), "/home/ada/b".into());
    assert_eq!(bound.argument.as_deref(), Some("path"));
    let own = Label {
        integrity: Integrity::User,
        confidentiality: Confidentiality::Private,
    };
    assert_eq!(bound.label, own);
}

#[test]
fn a_row_that_shows_no_name_is_nobodys_choice() {
    let text = "f = files.find(folder=\"~\")\ntable(f, [\"size\"], [files.trash])";
    let mut fixture = Fixture::new(text).gives(0, files(&["a"]));
    fixture.draw();
    let bound = call(
        fixture
            .panel
            .resolve(&press("s1", "files.trash", Some("r1"), "1")),
    );
    assert_eq!(bound.label, Label::DATA);
}

#[test]
fn a_press_counts_once() {
    let mut fixture = Fixture::new(TABLE).gives(0, files(&["a"]));
    fixture.draw();
    let action = press("s1", "files.trash", Some("r1"), "1");
    call(fixture.panel.resolve(&action));
    assert_eq!(fixture.panel.resolve(&action), Err(ActionError::Repeated));
    let mut other = press("s1", "files.open", Some("r1"), "1");
    assert_eq!(fixture.panel.resolve(&other), Err(ActionError::Repeated));
    for nonce in ["", "short", "with space!", &"x".repeat(65)] {
        other.nonce = nonce.to_owned();
        assert!(
            matches!(fixture.panel.resolve(&other), Err(ActionError::Invalid(_))),
            "{nonce}"
        );
    }
}

#[test]
fn a_row_keeps_its_handle_and_a_gone_one_is_not_replaced() {
    let mut fixture = Fixture::new(TABLE).gives(0, files(&["a", "b", "c"]));
    let before = handles(&fixture.draw());
    let mut fixture = fixture.gives(0, files(&["new", "c", "a"]));
    let after = handles(&fixture.draw());
    let of = |rows: &[(String, String)], name: &str| {
        rows.iter().find(|(row, _)| row == name).unwrap().1.clone()
    };
    assert_eq!(of(&before, "a"), of(&after, "a"));
    assert_eq!(of(&before, "c"), of(&after, "c"));
    let gone = of(&before, "b");
    assert!(after.iter().all(|(_, handle)| *handle != gone));
    let pressed = fixture
        .panel
        .resolve(&press("s1", "files.trash", Some(&gone), "1"));
    assert_eq!(pressed, Err(ActionError::Gone));
}

#[test]
fn what_the_panel_does_not_offer_is_refused() {
    let mut fixture = Fixture::new(TABLE).gives(0, files(&["a"]));
    fixture.draw();
    let mut refused = |component: &str, verb: &str, reference: Option<&str>, nonce: &str| {
        fixture
            .panel
            .resolve(&press(component, verb, reference, nonce))
            .unwrap_err()
    };
    assert!(matches!(
        refused("s1", "files.delete", Some("r1"), "1"),
        ActionError::Unknown { .. }
    ));
    assert!(matches!(
        refused("s9", "files.trash", Some("r1"), "2"),
        ActionError::Unknown { .. }
    ));
    assert!(matches!(
        refused("s1", "press", None, "3"),
        ActionError::Unknown { .. }
    ));
    assert!(matches!(
        refused("s1", "page", None, "4"),
        ActionError::Invalid(_)
    ));
    assert_eq!(
        refused("s1", "files.trash", Some("r7"), "5"),
        ActionError::Gone
    );
    assert_eq!(refused("s1", "files.trash", None, "6"), ActionError::Gone);
    let mut elsewhere = press("s1", "files.trash", Some("r1"), "7");
    elsewhere.surface = "t2".to_owned();
    assert!(matches!(
        fixture.panel.resolve(&elsewhere),
        Err(ActionError::Unknown { .. })
    ));
}

#[test]
fn controls_take_only_values_of_their_type() {
    let mut fixture = Fixture::new(
        "v = audio.volume()\nslider(\"Volume\", v.level, audio.set_volume)\ntoggle(\"Mute\", v.muted, audio.set_muted)\nbutton(\"Half\", audio.set_volume(50))\ninput(\"Tell\", notify.send)",
    );
    fixture.draw();
    let mut count = 0;
    let mut change = |component: &str, value: serde_json::Value| {
        count += 1;
        let verb = if component == "s3" { "press" } else { "change" };
        let mut action = press(component, verb, None, &count.to_string());
        action.value = Some(value);
        fixture.panel.resolve(&action)
    };
    let set = call(change("s1", json!(55)));
    assert_eq!(
        (value(&set, "level"), set.label),
        (55.0.into(), Label::USER)
    );
    assert_eq!(
        value(&call(change("s2", json!(true))), "muted"),
        true.into()
    );
    assert_eq!(
        value(&call(change("s3", json!(null))), "level"),
        50.0.into()
    );
    assert_eq!(
        value(&call(change("s4", json!("hello"))), "text"),
        "hello".into()
    );
    for (component, wrong) in [
        ("s1", json!(101)),
        ("s1", json!(-1)),
        ("s1", json!("55")),
        ("s1", json!(null)),
        ("s2", json!(1)),
        ("s4", json!(5)),
        ("s4", json!("x".repeat(201))),
        ("s4", json!({"path": "/s1"})),
    ] {
        assert!(
            matches!(
                change(component, wrong.clone()),
                Err(ActionError::Invalid(_))
            ),
            "{wrong}"
        );
    }
}

#[test]
fn more_rows_than_a_page_are_turned_over() {
    let names: Vec<String> = (0..2345).map(|n| format!("f{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut fixture = Fixture::new(TABLE).gives(0, files(&names));
    let first = handles(&fixture.draw());
    assert_eq!(first.len(), 1000);
    let mut turn = press("s1", "page", None, "1");
    turn.value = Some(json!(2000));
    let Ok(Pressed::Redrawn(messages)) = fixture.panel.resolve(&turn) else {
        panic!("the page was not turned");
    };
    let data = messages[0].0.pointer("/updateDataModel/value").unwrap();
    assert_eq!(
        (&data["total"], &data["offset"]),
        (&json!(2345), &json!(2000))
    );
    let last = handles(&messages);
    assert_eq!(last.len(), 345);
    let bound = call(
        fixture
            .panel
            .resolve(&press("s1", "files.trash", Some(&last[344].1), "2")),
    );
    assert_eq!(value(&bound, "path"), "/home/ada/f2344".into());
    let stale = fixture
        .panel
        .resolve(&press("s1", "files.trash", Some(&first[0].1), "3"));
    assert_eq!(stale, Err(ActionError::Gone));
}

#[test]
fn a_shell_that_was_started_anew_gets_everything() {
    let mut fixture = Fixture::new(TABLE).gives(0, files(&["a"]));
    let drawn = fixture.draw();
    let again = fixture.panel.replay();
    assert_eq!(drawn, again);
    assert_eq!(fixture.panel.close().len(), 1);
}

#[test]
fn actions_of_themselves_are_sensible() {
    let mut fixture = Fixture::new("files.find(folder=\"~\")").gives(0, files(&["a"]));
    let messages = fixture.draw();
    let verbs = |messages: &[PanelMessage]| -> Vec<String> {
        let actions = messages[1]
            .0
            .pointer("/updateComponents/components/1/actions")
            .unwrap();
        let actions = actions.as_array().unwrap().iter();
        actions
            .map(|action| action["verb"].as_str().unwrap().to_owned())
            .collect()
    };
    // Not `files.rename`, which needs a name, nor `mail.attach`, which lets something leave.
    assert_eq!(verbs(&messages), ["files.open", "files.trash"]);
    let process = Value::record([("pid", 7.0.into()), ("name", "mpv".into())]);
    let mut fixture = Fixture::new("system.processes()").gives(0, Value::List(vec![process]));
    assert_eq!(verbs(&fixture.draw()), ["system.kill"]);
}

#[test]
fn nothing_is_offered_on_a_row_on_which_all_would_be_refused() {
    let rows = files(&["a", "Documents", "init"]);
    let offered = |actions: &str| {
        let text = format!("f = files.find(folder=\"~\")\ntable(f, [\"name\"], [{actions}])");
        let mut fixture = Fixture::new(&text).gives(0, rows.clone());
        let messages = fixture.draw();
        let drawn = messages
            .iter()
            .find_map(|message| message.0.pointer("/updateDataModel/value/rows"));
        let drawn = drawn.unwrap().as_array().unwrap().clone();
        let offered: Vec<bool> = drawn.iter().map(|row| row.get("ref").is_some()).collect();
        offered
    };
    assert_eq!(offered("files.trash"), [true, false, false]);
    assert_eq!(offered("files.open, files.trash"), [true, true, false]);
}
