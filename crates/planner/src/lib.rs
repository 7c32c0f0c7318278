//! The planner: words of a person → a checked plan.
//!
//! Sentence templates come first; they need no model and take less than a
//! millisecond. Words that no template fits go to a small local model, whose
//! answer is bound by the grammar of the plan language and checked line by line.
//!
//! The planner sees the person's words, the pinned text of functions, and the
//! names that are live on this machine, but no data: no file's content, no title of
//! a window, no result of a call. Live names enter as values that the grammar
//! allows, never as text of the prompt. See `docs/planner.md`.

mod planner;
mod request;

mod command;
mod template;

mod slot;
mod whereabouts;
mod words;

mod acts;
mod amend;
mod answer;
mod bank;
mod behind;
mod decode;
mod examples;
mod follow;
mod gate;
mod ground;
mod likely;
mod line;
mod meaning;
mod place;
mod prompt;
mod retrieve;
mod row;
mod said;
mod shown;
pub mod synthetic;
mod tools;

mod error;

pub use command::Command;
pub use error::PlanError;
pub use follow::Earlier;
pub use planner::{MAX_UTTERANCE, Planner, Taught, ToolExample, clean};
pub use request::{
    Confidence, Context, LiveNames, PlanEvent, Planned, PlannedStatement, Request, Timings,
};
pub use retrieve::{Found, KeptVectors, Retrieval, Vector};

/// Loads every function that Lucid comes with.
#[cfg(test)]
fn every_function() -> functions::Registry {
    let plugins = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins");
    functions::Registry::load(&[&plugins], &[]).0
}

/// Reads a line of a plan.
#[cfg(test)]
fn line_of(text: &str) -> plan::Statement {
    let line = plan::parse_statement(text, 1).expect("it parses");
    line.expect("a line")
}
