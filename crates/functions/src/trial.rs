//! Trials of a plugin: its functions run as they would for a person, in a home and on buses of their own, and the world
//! is read again afterwards. `tests.toml` beside the manifest says what is tried.

mod stage;

use std::{collections::BTreeMap, fs, io, path::Path, sync::Arc};

use journal::{Journal, Outcome, Undo};
use plan::{FunctionName, Value};
use policy::{Consent, Digest, Permission, PermittedCall, Rules};
use protocol::{Problem, text::Language};
use serde::Deserialize;

pub use stage::{Stage, private_bus};

use crate::{
    ErrorKind, FunctionError, Known, Places, Registry, World,
    plugins::{Installed, Plugin},
    registry::resolved,
};

/// The file beside the manifest.
pub const FILE: &str = "tests.toml";

/// What is tried of a plugin.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Services that stand in for real ones.
    #[serde(default, rename = "mock")]
    pub mocks: Vec<Mock>,
    /// What is tried, in order, in one world.
    #[serde(default, rename = "test")]
    pub tests: Vec<Test>,
}

/// A template of python-dbusmock, on the bus that it is written for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mock {
    /// Its name, such as `timedated`, or a file beside the manifest that ends in `.py`.
    pub template: String,
    /// What it is given.
    #[serde(default)]
    pub parameters: BTreeMap<String, Value>,
}

/// One call and what must come of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// The function.
    pub call: FunctionName,
    /// Its arguments, as the function gets them: durations in seconds, sizes in bytes.
    #[serde(default)]
    pub with: BTreeMap<String, Value>,
    /// The function that reads the world afterwards; without it the call's own result is looked at.
    pub then: Option<FunctionName>,
    /// What is given. Of a record the fields that stand here are compared.
    pub gives: Option<Value>,
    /// Words of the sentence with which it must fail.
    pub fails: Option<String>,
    /// Whether it is taken back, so that `then` gives what it gave before.
    #[serde(default)]
    pub undo: bool,
}

impl Script {
    /// Reads the file in a plugin's folder; none where there is none.
    ///
    /// # Errors
    ///
    /// A sentence with the line of the mistake.
    pub fn read(folder: &Path) -> Result<Option<Script>, String> {
        let text = match fs::read_to_string(folder.join(FILE)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.to_string()),
        };
        let script: Script = toml::from_str(&text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let line = text[..at.min(text.len())].matches('\n').count() + 1;
            format!("{FILE}:{line}: {}", error.message())
        })?;
        for test in &script.tests {
            if test.undo && test.then.is_none() {
                return Err(format!("{FILE}: `{}`: `undo` needs `then`", test.call));
            }
        }
        Ok(Some(script))
    }
}

/// What a test found instead of what it wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// A call failed.
    Failed(Problem),
    /// It succeeded, or failed with another sentence.
    NotRefused {
        /// The sentence; empty where it succeeded.
        sentence: String,
    },
    /// A result is another one.
    Gives {
        /// Which function gave it.
        function: FunctionName,
        /// What it gave.
        given: Value,
        /// What was wanted.
        wanted: Value,
    },
    /// It cannot be taken back.
    NotUndone,
}

/// A plugin in the world that this process lives in: [`Stage`] makes one.
pub struct Trial {
    registry: Registry,
    world: World,
    journal: Journal,
    turn: String,
}

impl Trial {
    /// Installs a plugin here and connects to the buses. Its author has agreed to what it reaches.
    ///
    /// # Errors
    ///
    /// When this is the world of a person, where nobody says yes to everything; when its server does not start, or something cannot be written.
    pub async fn begin(plugin: &Plugin, language: Language) -> Result<Trial, FunctionError> {
        let places = Places::from_environment();
        if !stage::is_here(&places) {
            let id = "plugin-trial-outside";
            return Err(FunctionError::new(ErrorKind::Invalid, language, id, &[]));
        }
        let failed = |error: &dyn std::fmt::Display| {
            let values = [("reason", &*error.to_string())];
            FunctionError::new(ErrorKind::Failed, language, "plugin-trial-begin", &values)
        };
        let session = zbus::Connection::session().await;
        let system = zbus::Connection::system().await;
        let world = World {
            session_bus: Some(session.map_err(|error| failed(&error))?),
            system_bus: Some(system.map_err(|error| failed(&error))?),
            places: Arc::new(places),
            language,
            reader: None,
            known: Known::default(),
        };
        let record = plugin.agree(&world).await?;
        let installed = Installed::in_data(&world.places.data);
        installed
            .install(plugin, &record)
            .map_err(|error| failed(&error))?;
        let (registry, errors) = Registry::load(&[], &[installed.folder()]);
        if let Some(error) = errors.first() {
            return Err(failed(error));
        }
        let journal = Journal::open(&world.places.state.join("trial.db"));
        let journal = journal.map_err(|error| failed(&error))?;
        let turn = journal
            .begin_turn("a trial")
            .map_err(|error| failed(&error))?;
        Ok(Trial {
            registry,
            world,
            journal,
            turn,
        })
    }

    /// Tries one.
    ///
    /// # Errors
    ///
    /// What it found instead of what it wants.
    pub async fn run(&self, test: &Test) -> Result<(), Fault> {
        let before = match (&test.then, test.undo) {
            (Some(then), true) => Some(self.value(then).await?),
            _ => None,
        };
        let arguments: Vec<(String, Value)> = test.with.clone().into_iter().collect();
        let outcome = match (self.call(&test.call, &arguments).await, &test.fails) {
            (Ok(outcome), None) => outcome,
            (Err(error), Some(words)) if error.problem.sentence.contains(words) => return Ok(()),
            (Err(error), None) => return Err(Fault::Failed(error.problem)),
            (result, Some(_)) => {
                let sentence = result.err().map(|error| error.problem.sentence);
                return Err(Fault::NotRefused {
                    sentence: sentence.unwrap_or_default(),
                });
            }
        };
        if let Some(wanted) = &test.gives {
            let (function, given) = match &test.then {
                Some(then) => (then, self.value(then).await?),
                None => (&test.call, outcome.value.clone()),
            };
            if !is_like(&given, wanted) {
                return Err(gives(function, given, wanted));
            }
        }
        if let (Some(then), Some(before)) = (&test.then, before) {
            let undo = outcome.undo.as_ref().ok_or(Fault::NotUndone)?;
            self.take_back(undo).await?;
            let after = self.value(then).await?;
            if after != before {
                return Err(gives(then, after, &before));
            }
        }
        Ok(())
    }

    async fn value(&self, function: &FunctionName) -> Result<Value, Fault> {
        let outcome = self.call(function, &[]).await;
        outcome
            .map(|outcome| outcome.value)
            .map_err(|error| Fault::Failed(error.problem))
    }

    async fn take_back(&self, undo: &Undo) -> Result<(), Fault> {
        if let Some((_, sentence)) = self.registry.first_broken(&undo.expect, &self.world).await {
            return Err(Fault::Failed(Problem {
                id: "undo-refused".to_owned(),
                sentence,
                remedy: String::new(),
            }));
        }
        let outcome = self.call(&undo.function, &undo.arguments).await;
        outcome
            .map(|_| ())
            .map_err(|error| Fault::Failed(error.problem))
    }

    /// Goes the whole way of a call: intent, permission, journal, act. Who runs the tests says yes to what they ask.
    async fn call(
        &self,
        function: &FunctionName,
        arguments: &[(String, Value)],
    ) -> Result<Outcome, FunctionError> {
        let language = self.world.language;
        let refused = |id: &str, values: &[(&str, &str)]| {
            FunctionError::new(ErrorKind::Invalid, language, id, values)
        };
        let name = function.as_str();
        let Some(known) = self.registry.function(function) else {
            return Err(refused("function-unknown", &[("function", name)]));
        };
        let signature = &known.signature;
        if let Some((argument, _)) =
            (arguments.iter()).find(|(argument, _)| signature.argument(argument).is_none())
        {
            let values = [("function", name), ("argument", argument)];
            return Err(refused("plugin-trial-argument", &values));
        }
        let call = resolved(signature, arguments);
        let intent = self.registry.intend(&call, &self.world).await?;
        let rules = Rules::default();
        let permitted = match PermittedCall::ask(call, &rules) {
            Permission::Permitted(permitted) => permitted,
            Permission::NeedsConsent(call, _) => {
                let consent = Consent::given_to(Digest::of(&call));
                let consented = PermittedCall::consented(call, consent, &rules);
                consented.map_err(|error| {
                    refused("plugin-trial-refused", &[("reason", &error.to_string())])
                })?
            }
            Permission::Denied(_, reason) => {
                return Err(refused("plugin-trial-refused", &[("reason", reason)]));
            }
        };
        let kept = |error: &dyn std::fmt::Display| {
            refused("plugin-trial-refused", &[("reason", &error.to_string())])
        };
        let entry = self
            .journal
            .open_entry(&self.turn, permitted, intent, None)
            .map_err(|error| kept(&error))?;
        let (entry, outcome) = self.registry.execute(entry, &self.world).await;
        match &outcome {
            Ok(outcome) => self.journal.close_done(entry, outcome),
            Err(error) => self.journal.close_failed(entry, &error.problem.sentence),
        }
        .map_err(|error| kept(&error))?;
        outcome
    }
}

fn gives(function: &FunctionName, given: Value, wanted: &Value) -> Fault {
    Fault::Gives {
        function: function.clone(),
        given,
        wanted: wanted.clone(),
    }
}

/// Tells whether a value is what was wanted: of records the fields that were named, of lists each in its place.
fn is_like(given: &Value, wanted: &Value) -> bool {
    match (given, wanted) {
        (Value::Record(_), Value::Record(fields)) => fields.iter().all(|(name, wanted)| {
            given
                .field(name)
                .is_some_and(|given| is_like(given, wanted))
        }),
        (Value::List(given), Value::List(wanted)) => {
            given.len() == wanted.len() && given.iter().zip(wanted).all(|(a, b)| is_like(a, b))
        }
        _ => given == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_read_and_its_mistakes_are_told_at_their_line() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Script::read(folder.path()), Ok(None));
        let write = |text: &str| fs::write(folder.path().join(FILE), text).unwrap();
        write(
            "[[test]]\ncall = \"a.add\"\nwith = { item = \"milk\" }\nthen = \"a.show\"\ngives = [{ item = \"milk\" }]\nundo = true\n",
        );
        let script = Script::read(folder.path()).unwrap().unwrap();
        assert_eq!(script.tests[0].with["item"], Value::from("milk"));
        write("[[test]]\ncall = \"a.add\"\ngive = 1\n");
        let told = Script::read(folder.path()).unwrap_err();
        assert!(told.starts_with("tests.toml:3: "), "{told}");
        write("[[test]]\ncall = \"a.add\"\nundo = true\n");
        let told = Script::read(folder.path()).unwrap_err();
        assert!(told.contains("needs `then`"), "{told}");
    }

    #[test]
    fn what_was_not_named_of_a_record_does_not_count() {
        let row = |item: &str| Value::record([("item", item.into()), ("at", 3.0.into())]);
        let wanted = |item: &str| Value::List(vec![Value::record([("item", item.into())])]);
        let given = Value::List(vec![row("milk")]);
        assert!(is_like(&given, &wanted("milk")));
        assert!(!is_like(&given, &wanted("tea")));
        assert!(!is_like(&Value::List(vec![]), &wanted("milk")));
        assert!(!is_like(&given, &Value::record([("item", "milk".into())])));
    }
}
