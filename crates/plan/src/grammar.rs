//! The decoding grammar: what a model may write, in llguidance's dialect of Lark.
//!
//! Names, keywords, choices, fields, applications and live names are spelled out;
//! only labels and true free text are strings, of bounded length. The grammar
//! is a little tighter than the parser (one way to space a line) and a little
//! looser than the check (it cannot know which names are bound).

mod functions;
mod parts;
mod said;
mod terminals;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

pub use said::Said;

use crate::{Effect, FunctionName, LiveNames, MAX_STATEMENTS, Output, Signature, Signatures, Type};

/// What a grammar depends on beside the signatures.
#[derive(Debug, Clone, PartialEq)]
pub struct GrammarOptions {
    /// Live names and applications, as values of arguments.
    pub live: LiveNames,
    /// The most statements of the plan; at least 1.
    pub max_statements: usize,
    /// Whether only `say` and `ask` are open, because no function fits.
    pub exits_only: bool,
    /// Whether they are closed, because one surely does. `exits_only` comes before.
    pub no_exits: bool,
    /// The values that were said.
    pub said: Said,
    /// Functions that no line calls: a person may press them, as buttons and actions of rows.
    pub only_pressed: BTreeSet<FunctionName>,
    /// Whether the first line may refer to results of an earlier turn.
    pub follows: bool,
    /// The names of those results.
    pub bound: Vec<String>,
}

impl Default for GrammarOptions {
    fn default() -> Self {
        GrammarOptions {
            live: LiveNames::default(),
            max_statements: MAX_STATEMENTS,
            exits_only: false,
            no_exits: false,
            said: Said::default(),
            only_pressed: BTreeSet::new(),
            follows: true,
            bound: Vec::new(),
        }
    }
}

/// Builds the grammar of plans over `signatures`, in a stable order.
///
/// Every text that it accepts parses. Each line ends with a line feed. A plan
/// is either one of the exits `say` and `ask`, or one to `max_statements`
/// other lines.
pub fn grammar(signatures: &dyn Signatures, options: &GrammarOptions) -> String {
    let functions: Vec<&Signature> = signatures.signatures().collect();
    let mut builder = Builder {
        functions: &functions,
        live: &options.live,
        said: &options.said,
        only_pressed: &options.only_pressed,
        bound: &options.bound,
        refers: true,
        rules: String::new(),
        named: BTreeMap::new(),
    };
    if functions.is_empty() || options.exits_only {
        builder.rules.push_str("start: exit\n");
    } else {
        let most = options.max_statements.clamp(1, MAX_STATEMENTS);
        let exit = if options.no_exits { "" } else { "exit | " };
        if options.follows {
            let _ = writeln!(builder.rules, "start: {exit}line{{1,{most}}}");
        } else {
            let further = most - 1;
            let _ = writeln!(builder.rules, "start: {exit}first line{{0,{further}}}");
            builder.refers = false;
            builder.lines("first");
            builder.refers = true;
        }
        builder.lines("line");
    }
    if !options.no_exits || options.exits_only || functions.is_empty() {
        builder.exits();
    }
    builder.rules
}

/// Collects rules; equal ones are written once.
struct Builder<'g> {
    functions: &'g [&'g Signature],
    live: &'g LiveNames,
    said: &'g Said,
    only_pressed: &'g BTreeSet<FunctionName>,
    bound: &'g [String],
    /// Whether a line may refer to results.
    refers: bool,
    rules: String,
    /// Rule or terminal names by their bodies.
    named: BTreeMap<String, String>,
}

impl Builder<'_> {
    /// Returns the name of a rule with this body.
    fn rule(&mut self, body: String) -> String {
        self.define(body, 'v')
    }

    /// Returns the name of a terminal with this body.
    fn terminal(&mut self, body: String) -> String {
        self.define(body, 'T')
    }

    fn define(&mut self, body: String, prefix: char) -> String {
        if let Some(name) = self.named.get(&body) {
            return name.clone();
        }
        let name = format!("{prefix}{}", self.named.len());
        let _ = writeln!(self.rules, "{name}: {body}");
        self.named.insert(body, name.clone());
        name
    }

    fn add(&mut self, name: &str, body: &str) {
        let _ = writeln!(self.rules, "{name}: {body}");
    }

    fn exits(&mut self) {
        let words = self.text(300);
        let label = self.label();
        let body = format!(
            r#"("say(" {words} ")" | "ask(" {words} (", " "[" {label} (", " {label}){{0,3}} "]")? ")") "\n""#
        );
        self.add("exit", &body);
    }

    fn lines(&mut self, rule: &str) {
        let mut bindable = Vec::new();
        let mut acts = Vec::new();
        for signature in self.functions {
            if self.only_pressed.contains(&signature.name) {
                continue;
            }
            let Some(body) = self.call(signature) else {
                continue;
            };
            let name = self.rule(body);
            if signature.output == Output::None {
                acts.push(name);
            } else {
                bindable.push(name);
            }
        }
        let buttons = self.button_calls();
        if self.refers {
            bindable.extend(self.data_operations());
            acts.extend(self.each());
        }
        let name = self.name();
        let mut lines = Vec::new();
        if !bindable.is_empty() {
            let query = self.rule(bindable.join(" | "));
            lines.push(format!(r#"({name} " = ")? {query}"#));
        }
        if !acts.is_empty() {
            lines.push(self.rule(acts.join(" | ")));
        }
        lines.extend(self.parts(buttons));
        let body = format!(r#"({}) "\n""#, lines.join(" | "));
        self.add(rule, &body);
    }

    /// Returns a rule for the calls that a button may run.
    fn button_calls(&mut self) -> Option<String> {
        let mut calls = Vec::new();
        for signature in self.functions {
            if signature.effect > Effect::Read
                && let Some(body) = self.call(signature)
            {
                calls.push(self.rule(body));
            }
        }
        (!calls.is_empty()).then(|| self.rule(calls.join(" | ")))
    }

    /// Returns every field of the outputs with its type.
    fn output_fields(&self, which: fn(&Output) -> bool) -> Vec<(String, Type)> {
        let mut fields: Vec<(String, Type)> = Vec::new();
        for signature in self.functions.iter().filter(|s| which(&s.output)) {
            for field in signature.output.fields() {
                let pair = (field.name.clone(), field.ty.clone());
                if is_word(&field.name) && !fields.contains(&pair) {
                    fields.push(pair);
                }
            }
        }
        fields
    }

    fn has_rows(&self) -> bool {
        self.functions.iter().any(|s| is_rows(&s.output))
    }
}

fn is_rows(output: &Output) -> bool {
    matches!(output, Output::Rows { .. })
}

/// Tells whether a name can stand in a plan as a keyword or a field.
fn is_word(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Writes a Lark string.
fn lark(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}

/// Writes a Lark alternative of strings, each once.
fn either<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut written: Vec<String> = Vec::new();
    for text in texts {
        let text = lark(text);
        if !written.contains(&text) {
            written.push(text);
        }
    }
    written.join(" | ")
}
