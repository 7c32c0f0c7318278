//! The results of the statements of a running plan, with their labels.

use std::collections::BTreeMap;

use plan::{Label, Operand, Scope, Value};

/// What the statements so far gave, and the parameters of the plan.
///
/// Data flows between statements here, by index, and nowhere else: no model sees it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Results {
    results: BTreeMap<usize, (Value, Label)>,
    params: BTreeMap<String, Value>,
    now: String,
}

impl Results {
    /// Begins a plan at the moment `now` (RFC 3339).
    pub(crate) fn new(now: String, params: BTreeMap<String, Value>) -> Results {
        Results {
            results: BTreeMap::new(),
            params,
            now,
        }
    }

    /// Keeps the result of a statement.
    pub(crate) fn insert(&mut self, statement: usize, value: Value, label: Label) {
        self.results.insert(statement, (value, label));
    }

    /// Returns what a statement gave, with its label.
    pub(crate) fn of(&self, statement: usize) -> Option<(Value, Label)> {
        self.results.get(&statement).cloned()
    }

    /// Returns the label of an operand: the person's own for what the plan says
    /// literally, because the planner saw nothing but the person's words.
    pub(crate) fn label(&self, operand: &Operand) -> Label {
        match operand {
            Operand::Value { .. } | Operand::Param { .. } => Label::USER,
            Operand::List(items) => items
                .iter()
                .map(|item| self.label(item))
                .fold(Label::USER, Label::join),
            Operand::Result { statement, .. } => self
                .results
                .get(statement)
                .map_or(Label::DATA, |(_, label)| *label),
        }
    }
}

impl Scope for Results {
    fn result(&self, index: usize) -> Option<&Value> {
        self.results.get(&index).map(|(value, _)| value)
    }

    fn param(&self, name: &str) -> Option<&Value> {
        self.params.get(name)
    }

    fn now(&self) -> Option<&str> {
        Some(&self.now)
    }
}
