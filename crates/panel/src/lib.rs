//! From what a plan gave to what the shell draws: A2UI v0.9 messages of the catalogue `lucid:v1`.
//!
//! [`parts_of`] reads the parts of a checked plan (or composes the default
//! view), [`Panel::update`] renders them and says what is new since the last
//! time, and [`Panel::resolve`] turns what the person pressed back into a call.
//! The shell gets no argument of any call: rows carry handles, and only the
//! panel knows what they stand for. `docs/panels.md` is the authority on the messages.

mod bindings;
mod cell;
mod default_view;
mod panel;
mod part;
mod parts;
mod render;
mod validate;
mod visible;
mod words;

#[cfg(test)]
mod tests;

pub use bindings::{ActionError, BoundCall};
pub use default_view::row_actions;
pub use panel::{Panel, Pressed, compose};
pub use part::{Body, ChartKind, Data, Part, RowAction, RowsForm};
pub use parts::{Values, parts_of};
pub use validate::{Invalid, MAX_DEPTH, MAX_ROWS, MAX_STRING, validate};
pub use visible::{visible, visible_lines};
pub use words::{Words, field_label};
