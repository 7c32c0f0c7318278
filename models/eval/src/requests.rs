//! The set of requests, `requests.jsonl`.

use std::path::Path;

use anyhow::Context;
use serde::Deserialize;

/// A request and the plans that answer it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct EvalRequest {
    /// Its name, which never changes.
    pub(crate) id: String,
    /// `single`, `query`, `compound`, `flow`, `refuse`, `answer`, `ambiguous`.
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

/// Reads the set.
pub(crate) fn read(root: &Path) -> anyhow::Result<Vec<EvalRequest>> {
    let path = root.join("models/eval/requests.jsonl");
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("could not read {}", path.display()))?;
    text.lines()
        .enumerate()
        .map(|(line, text)| {
            serde_json::from_str(text).with_context(|| format!("line {} of the set", line + 1))
        })
        .collect()
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
            let same = requests
                .iter()
                .filter(|other| other.id == request.id || other.text == request.text);
            assert_eq!(same.count(), 1, "{} occurs twice", request.id);
        }
    }

    #[test]
    fn plans_are_accepted_as_a_whole() {
        let request = EvalRequest {
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
