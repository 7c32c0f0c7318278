//! The live source `list`: the lists that are there, and those that everyone has.

use super::file;
use crate::{LiveValue, World};

/// Returns the lists by their names.
pub(crate) async fn values(world: &World) -> Vec<LiveValue> {
    let mut names = file::names(world).unwrap_or_default();
    for (usual, _) in file::USUAL {
        if !names.iter().any(|name| name == usual) {
            names.push((*usual).to_owned());
        }
    }
    let value = |name: String| {
        let usual = file::USUAL.iter().find(|(usual, _)| *usual == name);
        let called = usual.map_or(&[][..], |(_, called)| *called);
        let others = called.iter().map(|name| (*name).to_owned());
        LiveValue {
            names: std::iter::once(name.clone()).chain(others).collect(),
            id: name,
        }
    };
    names.into_iter().map(value).collect()
}
