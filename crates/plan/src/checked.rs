//! A checked plan: everything the kernel needs to run it.

use std::collections::BTreeMap;

use crate::{
    CheckedAction, CheckedCall, DataKind, DataOperation, Effect, Field, Operand, Output, Span,
    Type, Value,
};

/// A whole plan that passed the check.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CheckedPlan {
    /// Parameters of a saved plan.
    pub params: Vec<CheckedParam>,
    /// The statements in order; `statements[i].index == i`.
    pub statements: Vec<CheckedStatement>,
}

/// A checked parameter of a saved plan.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedParam {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Its value when none is given, in canonical form.
    pub default: Option<Value>,
}

/// A statement that passed the check.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedStatement {
    /// Its place among the statements, from 0.
    pub index: usize,
    /// The name that its result is bound to. A later statement may bind the same name anew.
    pub name: Option<String>,
    /// What it does.
    pub kind: StatementKind,
    /// What it gives back, with fields and key.
    pub output: Output,
    /// The statements whose results it uses, in order, each once.
    pub dependencies: Vec<usize>,
    /// The statement as the printer writes it.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// What a statement does.
#[derive(Debug, Clone, PartialEq)]
pub enum StatementKind {
    /// Calls a function.
    Call(CheckedCall),
    /// Calls a function for each item of a list.
    Each {
        /// The rows, or the list of values.
        rows: Operand,
        /// What is called; [`CheckedAction::call`] makes the call of one item.
        action: CheckedAction,
    },
    /// Computes from an earlier result, without effect.
    Data(DataOperation),
    /// Draws a part.
    Part(Box<CheckedPart>),
    /// Answers in words.
    Say {
        /// The answer.
        text: Operand,
    },
    /// Asks one question back.
    Ask {
        /// The question.
        text: Operand,
        /// Answers to choose from; empty when any answer will do.
        choices: Vec<String>,
    },
}

/// A part of the panel.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedPart {
    /// Which part.
    pub kind: PartKind,
    /// The values, by the names of the word's arguments (`text`, `value`,
    /// `label`, `min`, `max`, `rows`, `kind`, `x`, `y`); those that were left out are absent.
    pub arguments: BTreeMap<String, Operand>,
    /// Table, list, gallery, chart: the fields to show. All of them when none were named.
    pub columns: Vec<Field>,
    /// The field that identifies a row.
    pub key: Option<String>,
    /// Table, list, gallery: what can be done with a row.
    /// Toggle, slider, input: one action, which takes the new value.
    pub actions: Vec<CheckedAction>,
    /// Button: what it runs.
    pub call: Option<CheckedCall>,
}

/// The parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is the word of its name in words.rs")]
pub enum PartKind {
    Title,
    Section,
    Text,
    Meter,
    Table,
    List,
    Gallery,
    Chart,
    Image,
    Button,
    Toggle,
    Slider,
    Input,
    More,
}

impl PartKind {
    /// Every part with its word.
    pub const ALL: [(&'static str, PartKind); 14] = [
        ("title", PartKind::Title),
        ("section", PartKind::Section),
        ("text", PartKind::Text),
        ("meter", PartKind::Meter),
        ("table", PartKind::Table),
        ("list", PartKind::List),
        ("gallery", PartKind::Gallery),
        ("chart", PartKind::Chart),
        ("image", PartKind::Image),
        ("button", PartKind::Button),
        ("toggle", PartKind::Toggle),
        ("slider", PartKind::Slider),
        ("input", PartKind::Input),
        ("more", PartKind::More),
    ];

    /// Returns the part of a word.
    pub fn of_word(word: &str) -> Option<PartKind> {
        PartKind::ALL
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, kind)| *kind)
    }

    /// Returns the part's word.
    pub fn word(self) -> &'static str {
        PartKind::ALL
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("", |(name, _)| name)
    }
}

impl StatementKind {
    /// Visits every operand, those of later clicks included.
    pub fn operands(&self, visit: &mut dyn FnMut(&Operand)) {
        match self {
            StatementKind::Call(call) => call.arguments.values().for_each(visit),
            StatementKind::Each { rows, action } => {
                visit(rows);
                action.arguments.values().for_each(visit);
            }
            StatementKind::Data(operation) => {
                visit(&operation.rows);
                if let DataKind::Filter { value, .. } = &operation.kind {
                    visit(value);
                }
            }
            StatementKind::Part(part) => {
                let calls = part.call.iter().flat_map(|call| call.arguments.values());
                part.arguments.values().chain(calls).for_each(visit);
            }
            StatementKind::Say { text } | StatementKind::Ask { text, .. } => visit(text),
        }
    }
}

impl CheckedStatement {
    /// Returns the effect of running the statement itself; that of a later click is the click's own.
    pub fn effect(&self) -> Effect {
        match &self.kind {
            StatementKind::Call(call) => call.effect,
            StatementKind::Each { action, .. } => action.effect,
            StatementKind::Data(_)
            | StatementKind::Part(_)
            | StatementKind::Say { .. }
            | StatementKind::Ask { .. } => Effect::Read,
        }
    }
}
