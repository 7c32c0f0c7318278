//! Reads every declaration into one set.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use plan::{Effect, FunctionName, Type};

use super::{LoadError, Loaded};
use crate::{
    Action, Function,
    command::CommandAction,
    dbus::DbusAction,
    manifest::{
        self, AtLine, FunctionDeclaration, InverseDeclaration, LiveDeclaration, Origin, Parsed,
        Place,
    },
    mcp::{McpAction, Server, Trust, change_of, digest_of, record_of},
    signal::Signal,
};

/// Where an inverse stands, for an error about what it names.
type Spot = (PathBuf, usize);

#[derive(Default)]
struct Loading {
    loaded: Loaded,
    places: BTreeMap<FunctionName, Spot>,
    errors: Vec<LoadError>,
}

/// Where a declaration stands.
#[derive(Clone, Copy)]
struct From<'a> {
    /// Empty for what is built in.
    plugin: &'a str,
    path: &'a Path,
    /// Whether it came with Lucid.
    is_own: bool,
}

/// Loads the built-in functions, then the manifests.
pub(super) fn load(
    builtin: Vec<(&str, Arc<dyn Action>)>,
    own: &[&Path],
    added: &[&Path],
) -> (Loaded, Vec<LoadError>) {
    let mut loading = Loading::default();
    for (text, action) in builtin {
        loading.builtin(text, action);
    }
    for (folders, is_own) in [(own, true), (added, false)] {
        for path in folders.iter().flat_map(|folder| manifests(folder)) {
            loading.described(&path, Some(is_own));
        }
    }
    loading.check_inverses();
    (loading.loaded, loading.errors)
}

/// Loads the built-in functions, then one manifest.
pub(super) fn load_plugin(
    builtin: Vec<(&str, Arc<dyn Action>)>,
    manifest: &Path,
) -> (Loaded, Vec<LoadError>) {
    let mut loading = Loading::default();
    for (text, action) in builtin {
        loading.builtin(text, action);
    }
    loading.described(manifest, None);
    loading.check_inverses();
    (loading.loaded, loading.errors)
}

/// Every `*/plugin.toml` beneath `folder`, by name; a folder that is not there has none.
fn manifests(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        // What Lucid keeps about plugins lies there too, and what it is about to put there.
        .filter(|entry| !entry.file_name().as_encoded_bytes().starts_with(b"."))
        .map(|entry| entry.path().join("plugin.toml"))
        .filter(|path| path.is_file())
        .collect();
    paths.sort();
    paths
}

impl Loading {
    fn builtin(&mut self, text: &str, action: Arc<dyn Action>) {
        let path = PathBuf::from("(built in)");
        let parsed = manifest::parse(text, &path, Origin::Builtin);
        self.errors.extend(parsed.errors);
        for declaration in parsed.functions {
            self.add(
                declaration,
                From {
                    plugin: "",
                    path: &path,
                    is_own: true,
                },
                action.clone(),
            );
        }
    }

    /// Loads a plugin that came with Lucid or was added; one that is only looked at is neither.
    fn described(&mut self, path: &Path, is_own: Option<bool>) {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => return self.error(path, 1, error.to_string()),
        };
        let mut parsed = manifest::parse(&text, path, Origin::Plugin);
        self.errors.append(&mut parsed.errors);
        let trust = match is_own.map(|is_own| trusted(path, &text, is_own)) {
            None => Trust::Unknown,
            Some(Ok(Some(trust))) => trust,
            Some(Ok(None)) => return,
            Some(Err(reason)) => return self.error(path, 1, reason),
        };
        let is_own = is_own == Some(true);
        if !is_own {
            for (line, reason) in self.trespasses(&mut parsed) {
                self.error(path, line, reason);
            }
        }
        let server = server_of(&parsed, path, trust);
        for live in parsed.live {
            self.add_live(live, path);
        }
        for (signal, line) in parsed.signals {
            let mut known = self.loaded.signals.iter();
            if known.any(|known| *known.name() == signal.name) {
                let reason = format!("the signal `{}` exists already", signal.name);
                self.error(path, line, reason);
            } else {
                self.loaded.signals.push(Signal::new(signal));
            }
        }
        for (declaration, line) in parsed.functions {
            let from = From {
                plugin: &parsed.plugin,
                path,
                is_own,
            };
            if let Some(reason) = no_such_choice(&declaration, &self.loaded.live) {
                self.error(path, line, reason);
                continue;
            }
            match interpreter(&declaration, &self.loaded.live, from, server.as_ref()) {
                Some(action) => self.add((declaration, line), from, action),
                None => self.error(path, line, "the function does nothing".to_owned()),
            }
        }
    }

    /// Takes out what reaches beyond the plugin: functions outside of its own domain, and plans that call others'.
    fn trespasses(&self, parsed: &mut Parsed) -> Vec<(usize, String)> {
        let id = parsed.plugin.clone();
        let mut found = Vec::new();
        if self.loaded.has_own(&id) {
            found.push((
                1,
                format!("`{id}` is what functions of Lucid begin with; call the plugin otherwise"),
            ));
            parsed.functions.clear();
        }
        parsed.functions.retain(|(function, line)| {
            let plans = function
                .templates()
                .into_iter()
                .map(|template| template.plan);
            let plans = plans.chain(function.examples().into_iter().map(|example| example.plan));
            let others: Vec<String> = [function.name.to_string()]
                .into_iter()
                .chain(plans.flat_map(|plan| called(&plan)))
                .filter(|name| name.split('.').next() != Some(&*id))
                .collect();
            if let Some(other) = others.first() {
                let reason =
                    format!("`{other}` is not the plugin's own: its functions begin with `{id}.`");
                found.push((*line, reason));
            }
            others.is_empty()
        });
        found
    }

    fn add_live(&mut self, (live, line): AtLine<LiveDeclaration>, path: &Path) {
        let taken = self
            .loaded
            .live
            .iter()
            .any(|other| other.source == live.source);
        if taken || crate::live::BUILTIN.contains(&live.source.as_str()) {
            let reason = format!("the live source `{}` exists already", live.source);
            return self.error(path, line, reason);
        }
        self.loaded.live.push(live);
    }

    fn add(
        &mut self,
        (declaration, line): AtLine<FunctionDeclaration>,
        from: From<'_>,
        action: Arc<dyn Action>,
    ) {
        let name = declaration.name.clone();
        if self.loaded.functions.contains_key(&name) {
            let reason = format!("the function `{name}` exists already");
            return self.error(from.path, line, reason);
        }
        let function = Function {
            signature: declaration.signature(),
            choices_said: declaration.choices_said(),
            examples: declaration.examples(),
            templates: declaration.templates(),
            summary_zh: declaration.summary_zh,
            label: declaration.label,
            label_zh: declaration.label_zh,
            plugin: from.plugin.to_owned(),
            is_own: from.is_own,
            core: declaration.core && from.is_own,
            on_demand: declaration.on_demand || !from.is_own,
            when_said: declaration.when_said,
            before_another: declaration.before_another,
            offered: None,
            action,
        };
        if let Some(inverse) = declaration.inverse {
            self.loaded.inverses.insert(name.clone(), inverse);
        }
        self.places
            .insert(name.clone(), (from.path.to_owned(), line));
        self.loaded.functions.insert(name, Arc::new(function));
    }

    /// Drops functions whose inverse names something that is not there: they could not be undone.
    fn check_inverses(&mut self) {
        let wrong: Vec<(FunctionName, String)> = self
            .loaded
            .inverses
            .iter()
            .filter_map(|(name, inverse)| Some((name.clone(), self.inverse_problem(inverse)?)))
            .collect();
        for (name, reason) in wrong {
            self.loaded.functions.remove(&name);
            self.loaded.inverses.remove(&name);
            if let Some((path, line)) = self.places.remove(&name) {
                self.error(&path, line, format!("`{name}`: {reason}"));
            }
        }
    }

    fn inverse_problem(&self, inverse: &InverseDeclaration) -> Option<String> {
        let functions = &self.loaded.functions;
        let Some(function) = functions.get(&inverse.function) else {
            return Some(format!(
                "the inverse `{}` is not a function",
                inverse.function
            ));
        };
        let Some(read) = functions.get(&inverse.read) else {
            return Some(format!(
                "`read` names `{}`, which is not a function",
                inverse.read
            ));
        };
        if read.signature.effect != Effect::Read {
            return Some(format!(
                "`read` names `{}`, whose effect is not `read`",
                inverse.read
            ));
        }
        let unknown = |of: &Function, names: Vec<&String>| {
            names
                .into_iter()
                .find(|name| of.signature.argument(name).is_none())
                .map(|name| format!("`{}` has no argument `{name}`", of.signature.name))
        };
        unknown(function, inverse.arguments.keys().collect())
            .or_else(|| unknown(read, inverse.with.keys().collect()))
    }

    fn error(&mut self, path: &Path, line: usize, reason: String) {
        self.errors.push(LoadError {
            path: path.to_owned(),
            line,
            reason,
        });
    }
}

/// Why a plugin may be used; none for one that is switched off.
///
/// # Errors
///
/// A sentence where nobody agreed to it, or not to the manifest that is there now: nothing of it is used.
fn trusted(path: &Path, manifest: &str, is_own: bool) -> Result<Option<Trust>, String> {
    let (false, Some(folder)) = (is_own, path.parent()) else {
        return Ok(Some(Trust::Own));
    };
    let again = format!("`lucid plugin install {}` asks", folder.display());
    match record_of(folder) {
        Ok(Some(record)) if record.disabled => Ok(None),
        Ok(Some(record)) if record.manifest == digest_of(manifest) => {
            Ok(Some(match record.server {
                Some(agreed) => match change_of(folder, &agreed) {
                    Some(what) => Trust::Changed(what),
                    None => Trust::Agreed(agreed),
                },
                None => Trust::Unknown,
            }))
        }
        Ok(Some(_)) => Err(format!(
            "the manifest is not the one that was agreed to; {again} anew"
        )),
        Ok(None) => Err(format!("nobody has agreed to this plugin; {again}")),
        Err(reason) => Err(format!(
            "what was agreed to cannot be read: {reason}; {again} anew"
        )),
    }
}

/// The functions that a plan's text calls: words with a dot before a bracket, outside of texts.
fn called(plan: &str) -> Vec<String> {
    let code: String = plan.split('"').step_by(2).collect::<Vec<_>>().join("_");
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.';
    code.match_indices('(')
        .map(|(at, _)| {
            let before = &code[..at];
            before[before.trim_end_matches(is_part).len()..].to_owned()
        })
        .filter(|name| name.contains('.'))
        .collect()
}

/// The plugin's own server, not started.
pub(crate) fn server_of(parsed: &Parsed, path: &Path, trust: Trust) -> Option<Arc<Server>> {
    let declaration = parsed.server.clone()?;
    let functions = parsed.functions.iter();
    let tools = functions.filter_map(|(function, _)| Some(function.mcp.as_ref()?.tool.clone()));
    let folder = path.parent()?.to_owned();
    Some(Server::new(
        &parsed.plugin,
        folder,
        declaration,
        tools.collect(),
        trust,
    ))
}

/// What is wrong with an argument that chooses an object: it needs a live source of objects.
fn no_such_choice(declaration: &FunctionDeclaration, live: &[LiveDeclaration]) -> Option<String> {
    let behaviour = declaration.dbus.as_ref()?;
    let Some(Place::Objects(_)) = behaviour.place() else {
        return None;
    };
    let choose = behaviour.choose.as_deref()?;
    let signature = declaration.signature();
    let source = match &signature.argument(choose)?.ty {
        Type::Live(source) => live.iter().find(|live| live.source == *source),
        _ => None,
    };
    let lists = source.is_some_and(|live| matches!(live.place(), Some(Place::Objects(_))));
    (!lists).then(|| {
        format!(
            "`{}`: `{choose}` must be `live(…)` of a source with `objects`",
            declaration.name
        )
    })
}

fn interpreter(
    declaration: &FunctionDeclaration,
    live: &[LiveDeclaration],
    from: From<'_>,
    server: Option<&Arc<Server>>,
) -> Option<Arc<dyn Action>> {
    let signature = declaration.signature();
    let done = declaration.done.clone();
    if let Some(behaviour) = declaration.dbus.clone() {
        let chooses = behaviour.choose.as_deref();
        let source = match chooses.and_then(|name| Some(&signature.argument(name)?.ty)) {
            Some(Type::Live(source)) => live.iter().find(|live| live.source == *source),
            _ => None,
        };
        return Some(Arc::new(DbusAction {
            live: source.cloned(),
            behaviour,
            output: signature.output,
            done,
        }));
    }
    if let Some(behaviour) = declaration.mcp.clone() {
        return Some(Arc::new(McpAction {
            plugin: from.plugin.to_owned(),
            behaviour,
            output: signature.output,
            done,
            server: server?.clone(),
        }));
    }
    let behaviour = declaration.command.clone()?;
    Some(Arc::new(CommandAction {
        behaviour,
        output: signature.output,
        done,
    }))
}
