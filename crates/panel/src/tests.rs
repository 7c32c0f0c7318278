//! Plans and their results, as the shell gets to see them.

mod docs;
mod laws;
mod presses;
mod snapshots;
mod texts;

use std::collections::BTreeMap;

use plan::{
    ArgumentSpec, CheckedAction, CheckedPlan, Effect, Field, FunctionName, Label, LiveNames,
    Operand, Output, PathKind, Role, Scope, Signature, Type, Value,
};
use protocol::{PanelAction, PanelMessage, StatementState, text::Language};

use crate::{Panel, Part, Values, Words, parts_of, row_actions, validate};

/// Functions such as a kernel has.
fn functions() -> Vec<Signature> {
    let file = || Type::Path(PathKind::File);
    let rows = |fields: &[(&str, Type)], key: &str| Output::Rows {
        fields: fields_of(fields),
        key: Some(key.to_owned()),
    };
    vec![
        function(
            "files.find",
            Effect::Read,
            &[("folder", Type::Path(PathKind::Folder))],
            rows(
                &[
                    ("name", Type::Text { max: 255 }),
                    ("size", Type::Bytes),
                    ("modified", Type::Time),
                    ("path", file()),
                ],
                "path",
            ),
        ),
        function(
            "files.open",
            Effect::Transient,
            &[("path", file())],
            Output::None,
        ),
        function(
            "files.trash",
            Effect::Reversible,
            &[("path", file())],
            Output::None,
        ),
        function(
            "files.rename",
            Effect::Reversible,
            &[("path", file()), ("to!", Type::Text { max: 255 })],
            Output::None,
        ),
        function(
            "mail.attach",
            Effect::Egress,
            &[("path", file())],
            Output::None,
        ),
        function(
            "system.processes",
            Effect::Read,
            &[],
            rows(
                &[
                    (
                        "pid",
                        Type::Int {
                            min: Some(1),
                            max: None,
                        },
                    ),
                    ("name", Type::Text { max: 200 }),
                    ("cpu", Type::Percent),
                    ("memory", Type::Bytes),
                ],
                "pid",
            ),
        ),
        function(
            "system.kill",
            Effect::Irreversible,
            &[(
                "pid",
                Type::Int {
                    min: Some(1),
                    max: None,
                },
            )],
            Output::None,
        ),
        function(
            "system.memory",
            Effect::Read,
            &[],
            Output::Record {
                fields: fields_of(&[
                    ("percent", Type::Percent),
                    ("used", Type::Bytes),
                    ("total", Type::Bytes),
                ]),
                key: None,
            },
        ),
        function(
            "audio.volume",
            Effect::Read,
            &[],
            Output::Record {
                fields: fields_of(&[("level", Type::Percent), ("muted", Type::Bool)]),
                key: None,
            },
        ),
        function(
            "audio.set_volume",
            Effect::Reversible,
            &[("level", Type::Percent)],
            Output::None,
        ),
        function(
            "audio.set_muted",
            Effect::Reversible,
            &[("muted", Type::Bool)],
            Output::None,
        ),
        function(
            "text.summarise",
            Effect::Read,
            &[("path", file())],
            Output::Value {
                ty: Type::Text { max: 4000 },
            },
        ),
        function(
            "notify.send",
            Effect::Transient,
            &[("text", Type::Text { max: 200 })],
            Output::None,
        ),
    ]
}

/// A name that ends in `!` is required beside the first.
fn function(name: &str, effect: Effect, arguments: &[(&str, Type)], output: Output) -> Signature {
    let argument = |(name, ty): &(&str, Type)| ArgumentSpec {
        name: name.trim_end_matches('!').to_owned(),
        ty: ty.clone(),
        role: Role::Critical,
        required: name.ends_with('!'),
        default: None,
        hint: String::new(),
        ahead: false,
    };
    Signature {
        name: FunctionName::new(name).unwrap(),
        summary: name.to_owned(),
        arguments: arguments.iter().map(argument).collect(),
        output,
        effect,
    }
}

fn fields_of(fields: &[(&str, Type)]) -> Vec<Field> {
    fields
        .iter()
        .map(|(name, ty)| Field {
            name: (*name).to_owned(),
            ty: ty.clone(),
        })
        .collect()
}

/// Results by statement, all found on the machine.
#[derive(Default)]
struct Results(BTreeMap<usize, Value>);

impl Scope for Results {
    fn result(&self, index: usize) -> Option<&Value> {
        self.0.get(&index)
    }
}

impl Values for Results {
    fn label(&self, operand: &Operand) -> Label {
        if operand.is_literal() {
            Label::USER
        } else {
            Label::DATA
        }
    }
}

/// Labels as a kernel has them.
struct Labels(Vec<Signature>);

impl Words for Labels {
    fn function(&self, function: &FunctionName) -> String {
        let verb = function.as_str().split('.').next_back().unwrap_or_default();
        crate::field_label(Language::English, verb)
    }

    fn row_actions(
        &self,
        source: &FunctionName,
        fields: &[Field],
        key: Option<&str>,
    ) -> Vec<CheckedAction> {
        row_actions(&self.0, source, fields, key)
    }

    /// Nothing may be done with `init`, and nothing lasting with what is called `Documents`.
    fn refuses(&self, action: &CheckedAction, rows: &[Value]) -> Vec<bool> {
        let is_called = |row: &Value, name: &str| row.field("name") == Some(&name.into());
        let is_refused = |row: &Value| {
            is_called(row, "init")
                || action.effect > Effect::Transient && is_called(row, "Documents")
        };
        rows.iter().map(is_refused).collect()
    }
}

/// A plan that runs.
struct Fixture {
    plan: CheckedPlan,
    states: Vec<StatementState>,
    results: Results,
    panel: Panel,
}

impl Fixture {
    fn new(text: &str) -> Fixture {
        let plan = plan::parse(text).unwrap();
        let plan = plan::check(&plan, &functions(), &LiveNames::default()).unwrap();
        let states = vec![StatementState::Waiting; plan.statements.len()];
        let panel = Panel::new("t1", Language::English);
        Fixture {
            plan,
            states,
            results: Results::default(),
            panel,
        }
    }

    /// Lets statement `index` give `value`.
    fn gives(mut self, index: usize, value: Value) -> Fixture {
        self.results.0.insert(index, value);
        self.states[index] = StatementState::Done;
        self
    }

    fn fails(mut self, index: usize) -> Fixture {
        self.states[index] = StatementState::Failed;
        self
    }

    fn parts(&self) -> Vec<Part> {
        let words = Labels(functions());
        parts_of(
            &self.plan.statements,
            &self.states,
            &self.results,
            &words,
            Language::English,
        )
    }

    /// Draws what is known by now.
    fn draw(&mut self) -> Vec<PanelMessage> {
        let parts = self.parts();
        let messages = self.panel.update(parts);
        for message in &messages {
            validate(&message.0).unwrap_or_else(|invalid| panic!("{invalid}: {}", message.0));
        }
        messages
    }
}

/// Writes messages one a line, long lists of components one a line too.
fn written(messages: &[PanelMessage]) -> String {
    let mut lines = String::new();
    for PanelMessage(message) in messages {
        match message
            .pointer("/updateComponents/components")
            .and_then(|list| list.as_array())
        {
            Some(components) => {
                for component in components {
                    lines.push_str(&format!("component {component}\n"));
                }
            }
            None => {
                let (kind, body) = message.as_object().unwrap().iter().nth(1).unwrap();
                lines.push_str(&format!("{kind} {body}\n"));
            }
        }
    }
    lines
}

fn files(names: &[&str]) -> Value {
    let file = |name: &&str| {
        Value::record([
            ("name", (*name).into()),
            ("size", 1500.0.into()),
            ("modified", "2026-03-01T18:30:00Z".into()),
            ("path", format!("/home/ada/{name}").into()),
        ])
    };
    Value::List(names.iter().map(file).collect())
}

fn press(component: &str, verb: &str, reference: Option<&str>, nonce: &str) -> PanelAction {
    PanelAction {
        surface: "t1".to_owned(),
        component: component.to_owned(),
        verb: verb.to_owned(),
        reference: reference.map(str::to_owned),
        value: None,
        nonce: format!("nonce-000-{nonce}"),
        language: None,
    }
}
