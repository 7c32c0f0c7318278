//! The set of all functions.

mod checks;
mod inverse;
pub(crate) mod load;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use futures_util::future::join_all;
use journal::{Check, Intent, OpenEntry, Outcome};
use plan::{Effect, FunctionName, Label, Role, Signature, Signatures, Value};
use policy::{ResolvedArgument, ResolvedCall};

use crate::{
    Action, Availability, ErrorKind, Function, FunctionError, LiveValue, Settlement, World,
    builtin, discovery, live,
    manifest::{InverseDeclaration, LiveDeclaration},
    signal::Signal,
};

/// How long functions may take, together, to tell whether they can be used.
const AVAILABILITY_LIMIT: Duration = Duration::from_secs(1);

/// All functions, built in and from manifests. Immutable once loaded.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    functions: BTreeMap<FunctionName, Arc<Function>>,
    /// Everything that was loaded; a registry of what is available still undoes and checks with it.
    loaded: Arc<Loaded>,
}

#[derive(Debug, Default)]
struct Loaded {
    functions: BTreeMap<FunctionName, Arc<Function>>,
    inverses: BTreeMap<FunctionName, InverseDeclaration>,
    live: Vec<LiveDeclaration>,
    signals: Vec<Signal>,
}

impl Loaded {
    /// Tells whether names of Lucid's own functions begin with the domain.
    fn has_own(&self, domain: &str) -> bool {
        let mut functions = self.functions.values();
        functions.any(|function| function.is_own && function.signature.name.domain() == domain)
    }
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

impl Registry {
    /// Loads the built-in functions and every `*/plugin.toml` beneath the folders of plugins that came with Lucid (`own`),
    /// then of those that the person added, in order; a later one cannot replace an earlier one.
    pub fn load(own: &[&Path], added: &[&Path]) -> (Registry, Vec<LoadError>) {
        Registry::with(builtin::actions(), own, added)
    }

    /// Tells whether names of Lucid's own functions begin with the domain: no plugin can be called so.
    pub(crate) fn has_own(&self, domain: &str) -> bool {
        self.loaded.has_own(domain)
    }

    /// Loads the built-in functions and the plugin in `folder`, installed or not, to check it.
    pub fn of_plugin(folder: &Path) -> (Registry, Vec<LoadError>) {
        let (loaded, errors) =
            load::load_plugin(builtin::actions(), &folder.join(crate::plugins::MANIFEST));
        let registry = Registry {
            functions: loaded.functions.clone(),
            loaded: Arc::new(loaded),
        };
        (registry, errors)
    }

    /// Makes a registry of functions that are described but not installed, to plan over them
    /// without running anything: [`Registry::execute`] knows none of them.
    pub fn of_signatures(signatures: impl IntoIterator<Item = Signature>) -> Registry {
        let function = |signature: Signature| Function {
            summary_zh: String::new(),
            label: signature.summary.clone(),
            label_zh: String::new(),
            plugin: String::new(),
            examples: Vec::new(),
            templates: Vec::new(),
            is_own: false,
            core: false,
            on_demand: true,
            when_said: Vec::new(),
            before_another: String::new(),
            choices_said: BTreeMap::new(),
            offered: None,
            action: Arc::new(Absent(signature.name.clone())),
            signature,
        };
        Registry {
            functions: signatures
                .into_iter()
                .map(|signature| (signature.name.clone(), Arc::new(function(signature))))
                .collect(),
            loaded: Arc::default(),
        }
    }

    /// Returns the same functions with those that apps offer, in the place of those that were offered before. Of the
    /// same name that of Lucid or a plugin stays.
    #[must_use]
    pub fn with_offered(&self, offered: impl IntoIterator<Item = Arc<Function>>) -> Registry {
        let mut functions = self.loaded.functions.clone();
        functions.retain(|_, function| function.offered.is_none());
        for function in offered {
            let name = function.signature.name.clone();
            functions.entry(name).or_insert(function);
        }
        Registry {
            functions: functions.clone(),
            loaded: Arc::new(Loaded {
                functions,
                inverses: self.loaded.inverses.clone(),
                live: self.loaded.live.clone(),
                signals: self.loaded.signals.clone(),
            }),
        }
    }

    /// Returns the signals that manifests declare.
    pub fn signals(&self) -> &[Signal] {
        &self.loaded.signals
    }

    /// Returns what apps offer, for [`Registry::with_offered`] of another registry.
    pub fn offered(&self) -> Vec<Arc<Function>> {
        let functions = self.loaded.functions.values();
        functions
            .filter(|function| function.offered.is_some())
            .cloned()
            .collect()
    }

    /// Returns those functions for which `keeps` holds; it still undoes and checks with all.
    #[must_use]
    pub fn only(&self, keeps: impl Fn(&Function) -> bool) -> Registry {
        let mut functions = self.functions.clone();
        functions.retain(|_, function| keeps(function));
        Registry {
            functions,
            loaded: self.loaded.clone(),
        }
    }

    /// Loads some built-in functions and the manifests.
    pub(crate) fn with(
        builtin: Vec<(&str, Arc<dyn Action>)>,
        own: &[&Path],
        added: &[&Path],
    ) -> (Registry, Vec<LoadError>) {
        let (loaded, errors) = load::load(builtin, own, added);
        let registry = Registry {
            functions: loaded.functions.clone(),
            loaded: Arc::new(loaded),
        };
        (registry, errors)
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
        let asked = self.functions.iter().map(|(name, function)| async move {
            let answer = function.action.availability(world);
            match tokio::time::timeout(AVAILABILITY_LIMIT, answer).await {
                Ok(Availability::Available) => Some((name.clone(), function.clone())),
                Ok(Availability::Missing(_)) | Err(_) => None,
            }
        });
        Registry {
            functions: join_all(asked).await.into_iter().flatten().collect(),
            loaded: self.loaded.clone(),
        }
    }

    /// Asks one function whether it can be used now.
    pub async fn availability(&self, name: &FunctionName, world: &World) -> Option<Availability> {
        let function = self.loaded.functions.get(name)?;
        let answer = function.action.availability(world);
        Some(
            tokio::time::timeout(AVAILABILITY_LIMIT, answer)
                .await
                .unwrap_or_else(|_| {
                    let values = [("service", name.as_str())];
                    let problem = protocol::text::problem(world.language, "dbus-timeout", &values);
                    Availability::Missing(problem)
                }),
        )
    }

    /// Returns the live names of a source (`app`, `audio.output`, `media.player`, …); empty when it is absent.
    pub async fn live(&self, source: &str, world: &World) -> Vec<LiveValue> {
        live::values(source, &self.loaded.live, world).await
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
        let function = self.known(&call.function, world)?;
        let intent = function.action.intend(call, world).await?;
        match self.loaded.inverses.get(&call.function) {
            Some(inverse) => self.with_inverse(intent, inverse, call, world).await,
            None => Ok(intent),
        }
    }

    /// Carries out a journaled call and gives the entry back for closing.
    pub async fn execute(
        &self,
        entry: OpenEntry,
        world: &World,
    ) -> (OpenEntry, Result<Outcome, FunctionError>) {
        let function = match self.known(&entry.call().function, world) {
            Ok(function) => function.clone(),
            Err(error) => return (entry, Err(error)),
        };
        let outcome = match function.action.run(&entry, world).await {
            Ok(outcome) => self.verified(&entry, outcome, world).await,
            Err(error) => Err(error),
        };
        (entry, outcome)
    }

    /// Tells, after a crash, whether a call was carried out; never [`Settlement::ByChecks`].
    /// A half copy that it left under a hidden name is removed.
    pub async fn settle(&self, call: &ResolvedCall, intent: &Intent, world: &World) -> Settlement {
        let Some(function) = self.loaded.functions.get(&call.function) else {
            return Settlement::Unknown;
        };
        let settlement = match function.action.settle(call, intent, world).await {
            Settlement::ByChecks => self.settle_by_checks(intent, world).await,
            settlement => settlement,
        };
        builtin::files::sweep(intent, world);
        settlement
    }

    async fn settle_by_checks(&self, intent: &Intent, world: &World) -> Settlement {
        if !intent.after.is_empty() && self.first_broken(&intent.after, world).await.is_none() {
            return Settlement::Done(Outcome {
                undo: intent.undo.clone(),
                ..Outcome::default()
            });
        }
        if !intent.before.is_empty() && self.first_broken(&intent.before, world).await.is_none() {
            return Settlement::NotDone;
        }
        Settlement::Unknown
    }

    /// Returns the first of `checks` that does not hold, with one sentence about it.
    pub async fn first_broken(&self, checks: &[Check], world: &World) -> Option<(Check, String)> {
        for check in checks {
            if let Some(sentence) = self.broken(check, world).await {
                return Some((check.clone(), sentence));
            }
        }
        None
    }

    fn known(&self, name: &FunctionName, world: &World) -> Result<&Arc<Function>, FunctionError> {
        self.loaded.functions.get(name).ok_or_else(|| {
            let values = [("function", name.as_str())];
            let id = match name.domain() {
                discovery::DOMAIN => "offer-gone",
                _ => "function-unknown",
            };
            FunctionError::new(ErrorKind::NotFound, world.language, id, &values)
        })
    }

    /// Runs a read function for a check or for the value before an act.
    ///
    /// Only functions whose effect is `read` are run this way, without a permission.
    async fn read(
        &self,
        name: &FunctionName,
        arguments: &[(String, Value)],
        field: &str,
        world: &World,
    ) -> Result<Value, FunctionError> {
        let function = self.known(name, world)?;
        if function.signature.effect != Effect::Read {
            let values = [("function", name.as_str())];
            let id = "function-not-read";
            return Err(FunctionError::new(
                ErrorKind::Invalid,
                world.language,
                id,
                &values,
            ));
        }
        let call = resolved(&function.signature, arguments);
        let value = function.action.read(&call, world).await?;
        if field.is_empty() {
            return Ok(value);
        }
        Ok(value.field(field).cloned().unwrap_or_default())
    }
}

/// Builds a call of Lucid's own: its arguments come from the journal, a manifest or a plugin's tests.
pub(crate) fn resolved(signature: &Signature, arguments: &[(String, Value)]) -> ResolvedCall {
    let argument = |spec: &plan::ArgumentSpec| {
        let given = arguments.iter().find(|(name, _)| *name == spec.name);
        let value = given
            .map(|(_, value)| value.clone())
            .or(spec.default.clone())?;
        Some(ResolvedArgument {
            name: spec.name.clone(),
            value,
            role: Role::Critical,
            label: Label::SYSTEM,
        })
    };
    ResolvedCall {
        function: signature.name.clone(),
        effect: signature.effect,
        arguments: signature.arguments.iter().filter_map(argument).collect(),
    }
}

/// Stands where nothing is installed.
struct Absent(FunctionName);

#[async_trait]
impl Action for Absent {
    async fn availability(&self, world: &World) -> Availability {
        let values = [("function", self.0.as_str())];
        let problem = protocol::text::problem(world.language, "function-unknown", &values);
        Availability::Missing(problem)
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

#[cfg(test)]
mod tests;
