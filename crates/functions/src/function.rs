//! One function with everything that is known about it.

use std::{collections::BTreeMap, sync::Arc};

use plan::{Label, Signature, Value};
use policy::ResolvedCall;

use crate::{Action, Offered};

/// The most rows that a function gives, where it is to give all.
pub const ALL_ROWS: usize = 100_000;

/// A function of the registry.
#[derive(Clone)]
pub struct Function {
    /// What planner, checker and policy know.
    pub signature: Signature,
    /// The summary in Chinese; the English one is in the signature.
    pub summary_zh: String,
    /// A label for buttons and rows in English, such as `Move to trash`.
    pub label: String,
    /// The label in Chinese.
    pub label_zh: String,
    /// The plugin it came from, empty when built in.
    pub plugin: String,
    /// Example requests with their plans.
    pub examples: Vec<Example>,
    /// Sentence templates.
    pub templates: Vec<Template>,
    /// Whether it came with Lucid, built in or in a manifest; what a person adds did not.
    pub is_own: bool,
    /// Whether it belongs to the core set that every prompt shows. Only what came with Lucid does.
    pub core: bool,
    /// Whether prompts show it only for requests that are near it, as they do what a person adds.
    pub on_demand: bool,
    /// Words and beginnings of words of which a request must hold one for the planner's model to call
    /// it by itself; empty where any request may mean it. A person can always press it.
    pub when_said: Vec<String>,
    /// The plan that makes room for the same act with another value; empty where that takes the old one's place by
    /// itself. “Make it 15 minutes” means no second timer.
    pub before_another: String,
    /// For arguments that are choices, the words and beginnings of words of which a request must hold one
    /// for the model to take a choice that is not the usual one: `kind`, `image`, `photo`.
    pub choices_said: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// Where it comes from, if an app offers it and nobody described it.
    pub offered: Option<Offered>,
    /// What runs it.
    pub action: Arc<dyn Action>,
}

impl Function {
    /// Returns the call that gives all rows, at most [`ALL_ROWS`], where `call` gave `rows` and there may be more:
    /// nobody said how many, and there are as many as are usually shown.
    pub fn call_for_all(&self, mut call: ResolvedCall, rows: &Value) -> Option<ResolvedCall> {
        let name = self.action.shown_by()?;
        let shown = call
            .arguments
            .iter_mut()
            // What a call leaves out is filled in by the system.
            .find(|argument| argument.name == name && argument.label == Label::SYSTEM)?;
        let usual = shown.value.as_number()?;
        if (rows.as_list()?.len() as f64) < usual {
            return None;
        }
        shown.value = Value::Number(ALL_ROWS as f64);
        Some(call)
    }
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Function")
            .field("signature", &self.signature)
            .finish_non_exhaustive()
    }
}

/// An example request with the plan that answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// `en` or `zh`.
    pub language: String,
    /// What a person says.
    pub request: String,
    /// The plan's text.
    pub plan: String,
}

/// A sentence template: `(set|turn) [the] volume to {level}`.
///
/// `[…]` is optional, `(a|b)` are alternatives, `{name}` is a slot typed by
/// the argument `name`; `plan` is a plan's text with the same `{name}`s.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// `en` or `zh`.
    pub language: String,
    /// The pattern.
    pub pattern: String,
    /// The plan.
    pub plan: String,
}

/// Whether a function can be used now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    /// It can.
    Available,
    /// It cannot; a person reads why and what to do.
    Missing(protocol::Problem),
}
