//! The requests of Lucid's own set, `dev.jsonl` and `test.jsonl`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;

/// Tuned on; frozen before anything was tuned.
pub(crate) const SPLITS: [&str; 2] = ["dev", "test"];

/// A request and the plans that answer it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EvalRequest {
    /// The split it belongs to: the name of its file.
    #[serde(skip)]
    pub(crate) split: String,
    /// Its name, which never changes.
    pub(crate) id: String,
    /// All ways of saying one wish are one family, and lie in one split.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "a test holds every family to one split")
    )]
    pub(crate) family: String,
    /// `single`, `query`, `panel`, `compound`, `flow`, `followup`, `refuse`, `answer`, `ambiguous`.
    pub(crate) kind: String,
    /// `en` or `zh`.
    pub(crate) language: String,
    /// What went before, for a `followup`: oldest first.
    #[serde(default)]
    pub(crate) before: Vec<Earlier>,
    /// What a person says.
    pub(crate) text: String,
    /// The plans that are right, as `judge` reads them; none means that only `say` and `ask` are.
    pub(crate) accept: Vec<String>,
}

/// An earlier turn.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Earlier {
    /// What was said.
    pub(crate) text: String,
    /// The plan it became.
    pub(crate) plan: String,
}

impl EvalRequest {
    /// Whether the accepted plans name the parts that must be drawn.
    pub(crate) fn is_panel(&self) -> bool {
        self.kind == "panel"
    }
}

/// Reads both splits, dev first.
pub(crate) fn read(root: &Path) -> anyhow::Result<Vec<EvalRequest>> {
    let mut requests = Vec::new();
    for (split, path) in SPLITS.iter().zip(files(root)) {
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("could not read {}", path.display()))?;
        for (line, text) in text.lines().enumerate() {
            let mut request: EvalRequest = serde_json::from_str(text)
                .with_context(|| format!("line {} of {}", line + 1, path.display()))?;
            (*split).clone_into(&mut request.split);
            requests.push(request);
        }
    }
    Ok(requests)
}

/// Returns the files of the splits.
pub(crate) fn files(root: &Path) -> Vec<PathBuf> {
    SPLITS
        .iter()
        .map(|split| root.join(format!("models/eval/{split}.jsonl")))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use sha2::{Digest, Sha256};

    use super::*;
    use crate::{desk, judge::Judge};

    /// Of `test.jsonl`, as it was before anything was tuned.
    const FROZEN: &str = "f9a9e94cfa181f52301c6dffeead1c567f41a7454e5b4e7c3306e429d53780f6";

    #[test]
    fn no_request_is_an_example_of_the_bank() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let plain = |text: &str| -> String {
            let letters = text.chars().filter(|c| c.is_alphanumeric());
            letters.flat_map(char::to_lowercase).collect()
        };
        let requests = read(&root).expect("it reads");
        let asked: BTreeSet<String> = requests.iter().map(|r| plain(&r.text)).collect();
        let mut examples = 0;
        for file in std::fs::read_dir(root.join("crates/planner/bank")).expect("a bank") {
            let text = std::fs::read_to_string(file.expect("a file").path()).expect("it reads");
            for line in text.lines() {
                let example: serde_json::Value = serde_json::from_str(line).expect("an example");
                let request = example["request"].as_str().expect("a request");
                // What follows from the turn before is said in few words, which many say.
                let is_alone = example["before"].is_null();
                assert!(!is_alone || !asked.contains(&plain(request)), "{request}");
                examples += 1;
            }
        }
        assert!(examples > 10_000);
    }

    #[test]
    fn the_test_split_is_as_it_was_frozen() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let [_, test] = <[PathBuf; 2]>::try_from(files(&root)).expect("two splits");
        let digest = Sha256::digest(std::fs::read(test).expect("it reads"));
        assert_eq!(
            hex::encode(digest),
            FROZEN,
            "an honest miss beats an edited test"
        );
    }

    #[test]
    fn the_set_is_well_formed() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let registry = desk::registry(&root).expect("every function loads");
        let judge = Judge::new(&registry);
        let requests = read(&root).expect("it reads");
        assert!(requests.len() >= 400);
        let chinese = requests.iter().filter(|r| r.language == "zh").count();
        assert!(chinese * 3 >= requests.len(), "a third is Chinese");
        let ids: BTreeSet<&str> = requests.iter().map(|r| r.id.as_str()).collect();
        assert_eq!(ids.len(), requests.len(), "every id occurs once");
        let mut splits: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for request in &requests {
            splits
                .entry(&request.family)
                .or_default()
                .insert(&request.split);
            let wants_words = ["refuse", "answer"].contains(&request.kind.as_str());
            assert_eq!(request.accept.is_empty(), wants_words, "{}", request.id);
            let earlier = request.before.iter().map(|before| &before.plan);
            for plan in request.accept.iter().chain(earlier) {
                assert_eq!(judge.defect(plan), None, "{}: {plan}", request.id);
            }
        }
        assert!(
            splits.values().all(|splits| splits.len() == 1),
            "a family lies in one split"
        );
    }
}
