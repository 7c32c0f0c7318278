//! The set of all functions.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use journal::{Check, Intent, OpenEntry, Outcome};
use plan::{FunctionName, Signature, Signatures};
use policy::ResolvedCall;

use crate::{Availability, Function, FunctionError, LiveValue, Settlement, World};

/// All functions, built in and from manifests. Immutable once loaded.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    functions: BTreeMap<FunctionName, Arc<Function>>,
}

/// A manifest could not be loaded; the others are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}:{line}: {reason}")]
pub struct LoadError {
    /// The manifest.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what would be right.
    pub reason: String,
}

#[allow(unused_variables, reason = "being written")]
impl Registry {
    /// Loads the built-in functions and every `*/plugin.toml` beneath `plugin_folders`, in order; a later one cannot replace an earlier one.
    pub fn load(plugin_folders: &[&Path]) -> (Registry, Vec<LoadError>) {
        todo!()
    }

    /// Returns the function `name`.
    pub fn function(&self, name: &FunctionName) -> Option<&Arc<Function>> {
        self.functions.get(name)
    }

    /// Returns all functions by name.
    pub fn functions(&self) -> impl Iterator<Item = &Arc<Function>> {
        self.functions.values()
    }

    /// Asks every function whether it can be used now (together, within a second) and returns those that can.
    pub async fn available(&self, world: &World) -> Registry {
        todo!()
    }

    /// Asks one function whether it can be used now.
    pub async fn availability(&self, name: &FunctionName, world: &World) -> Option<Availability> {
        todo!()
    }

    /// Returns the live names of a source (`app`, `audio.output`, `media.player`, …); empty when it is absent.
    pub async fn live(&self, source: &str, world: &World) -> Vec<LiveValue> {
        todo!()
    }

    /// Finds out what `call` is about to change. See [`crate::Action::intend`].
    ///
    /// # Errors
    ///
    /// The function's.
    pub async fn intend(
        &self,
        call: &ResolvedCall,
        world: &World,
    ) -> Result<Intent, FunctionError> {
        todo!()
    }

    /// Carries out a journaled call and gives the entry back for closing.
    pub async fn execute(
        &self,
        entry: OpenEntry,
        world: &World,
    ) -> (OpenEntry, Result<Outcome, FunctionError>) {
        todo!()
    }

    /// Tells, after a crash, whether a call was carried out; never [`Settlement::ByChecks`].
    pub async fn settle(&self, call: &ResolvedCall, intent: &Intent, world: &World) -> Settlement {
        todo!()
    }

    /// Returns the first of `checks` that does not hold, with one sentence about it.
    pub async fn first_broken(&self, checks: &[Check], world: &World) -> Option<(Check, String)> {
        todo!()
    }
}

impl Signatures for Registry {
    fn signature(&self, name: &FunctionName) -> Option<&Signature> {
        self.functions.get(name).map(|function| &function.signature)
    }

    fn signatures(&self) -> Box<dyn Iterator<Item = &Signature> + '_> {
        Box::new(self.functions.values().map(|function| &function.signature))
    }
}
