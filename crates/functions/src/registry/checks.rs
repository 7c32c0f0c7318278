//! Compares what the journal expects with the world.

use std::{io::ErrorKind, path::Path};

use journal::Check;
use plan::{Value, escape_for_display};
use protocol::text::message;

use super::Registry;
use crate::{World, fill, fingerprint};

impl Registry {
    /// Returns one sentence if `check` does not hold.
    pub(super) async fn broken(&self, check: &Check, world: &World) -> Option<String> {
        match check {
            Check::Exists { path, fingerprint } => exists(path, fingerprint.as_deref(), world),
            Check::Absent { path } => absent(path, world),
            Check::Reads {
                function,
                arguments,
                field,
                value,
            } => match self.read(function, arguments, field, world).await {
                Ok(found) if equal(&found, value) => None,
                Ok(found) => {
                    let shown = |value| escape_for_display(&fill::shown(value));
                    let (found, expected) = (shown(&found), shown(value));
                    let values = [
                        ("function", function.as_str()),
                        ("found", found.as_str()),
                        ("expected", expected.as_str()),
                    ];
                    Some(message(world.language, "check-value", &values))
                }
                Err(error) => Some(error.problem.sentence),
            },
        }
    }
}

fn exists(path: &Path, expected: Option<&str>, world: &World) -> Option<String> {
    let shown = escape_for_display(&path.to_string_lossy());
    let values = [("path", shown.as_str())];
    match (fingerprint(path), expected) {
        (Err(_), _) => Some(message(world.language, "check-gone", &values)),
        (Ok(found), Some(expected)) if found != expected => {
            Some(message(world.language, "check-changed", &values))
        }
        (Ok(_), _) => None,
    }
}

fn absent(path: &Path, world: &World) -> Option<String> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        _ => {
            let shown = escape_for_display(&path.to_string_lossy());
            let values = [("path", shown.as_str())];
            Some(message(world.language, "check-in-the-way", &values))
        }
    }
}

/// Compares values; numbers count as equal within 0.5 % (of the range 0 to 1 for small ones),
/// because devices round what they are told.
pub(super) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            (a - b).abs() <= 0.005 * a.abs().max(b.abs()).max(1.0)
        }
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Value::Record(a), Value::Record(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, value)| b.get(key).is_some_and(|other| equal(value, other)))
        }
        _ => a == b,
    }
}
