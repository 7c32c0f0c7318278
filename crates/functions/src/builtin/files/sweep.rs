//! Clearing up behind an act that was killed.

use std::{ffi::OsStr, io, path::Path};

use journal::Intent;
use plan::Value;

use super::{beneath::Spot, blocking::in_place, place, replicate};
use crate::World;

/// Removes the half copy that an act of `intent` may have left under its hidden name.
///
/// The name was drawn by lot and journaled before the act, so what has it is Lucid's own.
/// Nothing is said where nothing is left, which is nearly always so.
pub(crate) fn sweep(intent: &Intent, world: &World) {
    let fact = |name: &str| intent.facts.field(name).and_then(Value::as_text);
    let (Some(target), Some(name)) = (fact("target"), fact("staged")) else {
        return;
    };
    let Ok(target) = place::resolve(target, world) else {
        return;
    };
    if !replicate::is_hidden_name(name) {
        return;
    }
    match in_place(|| remove(&target, name)) {
        Ok(()) => tracing::info!(path = %target.display(), "a half copy was removed"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => {
            tracing::warn!(path = %target.display(), name, %error, "a half copy could not be removed");
        }
    }
}

fn remove(target: &Path, name: &str) -> io::Result<()> {
    Spot::open(target)?.sibling(OsStr::new(name))?.remove_tree()
}
