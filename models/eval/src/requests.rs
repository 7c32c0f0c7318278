//! The sets of requests, `*.jsonl`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;

/// A request and the plans that answer it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct EvalRequest {
    /// The set it belongs to: the name of its file.
    #[serde(skip)]
    pub(crate) set: String,
    /// Its name, which never changes; the set's name and the line where none is given.
    #[serde(default)]
    pub(crate) id: String,
    /// `single`, `query`, `compound`, `flow`, `refuse`, `answer`, `ambiguous`; the set's name
    /// where none is given.
    #[serde(default)]
    pub(crate) kind: String,
    /// `en` or `zh`.
    pub(crate) language: String,
    /// What a person says.
    pub(crate) text: String,
    /// Regular expressions for the whole plan; none means that only `say` and `ask` are right.
    pub(crate) accept: Vec<String>,
}

impl EvalRequest {
    /// Tells whether a plan is right.
    pub(crate) fn accepts(&self, plan: &str) -> bool {
        let plan = plan.trim();
        if self.accept.is_empty() {
            return plan.starts_with("say(") || plan.starts_with("ask(");
        }
        self.accept.iter().any(|pattern| {
            let whole = format!("(?s)^(?:{pattern})$");
            fancy_regex::Regex::new(&whole)
                .and_then(|regex| regex.is_match(plan))
                .unwrap_or(false)
        })
    }
}

/// Reads all sets, in the order of their names.
pub(crate) fn read(root: &Path) -> anyhow::Result<Vec<EvalRequest>> {
    let mut requests = Vec::new();
    for path in files(root)? {
        let set = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("could not read {}", path.display()))?;
        for (line, text) in text.lines().enumerate() {
            let mut request: EvalRequest = serde_json::from_str(text)
                .with_context(|| format!("line {} of {set}", line + 1))?;
            request.set.clone_from(&set);
            if request.id.is_empty() {
                request.id = format!("{set}-{}", line + 1);
            }
            if request.kind.is_empty() {
                request.kind.clone_from(&set);
            }
            requests.push(request);
        }
    }
    Ok(requests)
}

/// Returns the files of the sets.
pub(crate) fn files(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let folder = root.join("models/eval");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .with_context(|| format!("could not read {}", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "jsonl")
        })
        .collect();
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_set_is_well_formed() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let requests = read(&root).expect("it reads");
        assert!(requests.len() >= 40);
        let chinese = requests
            .iter()
            .filter(|request| request.language == "zh")
            .count();
        assert!(chinese * 3 >= requests.len(), "a third is Chinese");
        for request in &requests {
            for pattern in &request.accept {
                assert!(
                    fancy_regex::Regex::new(pattern).is_ok(),
                    "{}: {pattern}",
                    request.id
                );
            }
            // Two sets may ask the same; each counts its own.
            let same = requests.iter().filter(|other| {
                other.id == request.id || (other.set == request.set && other.text == request.text)
            });
            assert_eq!(same.count(), 1, "{} occurs twice", request.id);
        }
    }

    #[test]
    fn plans_are_accepted_as_a_whole() {
        let request = EvalRequest {
            set: "x".to_owned(),
            id: "x".to_owned(),
            kind: "single".to_owned(),
            language: "en".to_owned(),
            text: "mute".to_owned(),
            accept: vec![r"audio\.mute\(\)".to_owned()],
        };
        assert!(request.accepts("audio.mute()\n"));
        assert!(!request.accepts("audio.mute()\npower.lock()\n"));
        let refusal = EvalRequest {
            accept: vec![],
            ..request
        };
        assert!(refusal.accepts("say(\"no\")"));
        assert!(!refusal.accepts("audio.mute()"));
        assert!(!refusal.accepts(""));
    }
}
