//! Sentence templates: patterns that give a plan without a model.

mod book;
mod compound;
mod fill;
mod pattern;

pub(crate) use book::{Book, Names, NoMatch, Origin, TemplateMatch};
pub(crate) use compound::{clauses, find, is_count, is_joint, is_question, most_wishes};
pub(crate) use pattern::{Pattern, Slots, Vocabulary};
