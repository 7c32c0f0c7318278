//! The Berkeley Function-Calling Leaderboard, through the same plan language and decoder.
//!
//! `lucid-eval bfcl` plans a sample of its items: their schemas become signatures
//! (`schema.rs`), their plans become calls in its form again (`calls.rs`). `bfcl.py` judges them by
//! the package's own rules, and `lucid-eval run` puts the scores on the page (`score.rs`).

mod calls;
mod item;
mod schema;
mod score;

use std::{
    collections::{HashMap, HashSet},
    fs::{File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use engine::{Engine, EngineError, WorkerEngine};
use functions::Registry;
use plan::CheckedStatement;
use planner::{KeptVectors, PlanError, PlanEvent, Planned, Planner, Request};
use protocol::text::Language;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::{answers, answers::Answer, desk};
use item::Item;
use schema::Tools;

pub(crate) use score::Judged;

/// The categories that one turn and calls in Python's form answer.
pub(crate) const CATEGORIES: [&str; 7] = [
    "simple_python",
    "multiple",
    "parallel",
    "live_simple",
    "live_multiple",
    "irrelevance",
    "live_irrelevance",
];

/// What is planned.
pub(crate) struct Options<'a> {
    /// The unpacked package.
    pub(crate) data: &'a Path,
    /// How many items of each category; all without.
    pub(crate) sample: Option<usize>,
    /// Some of [`CATEGORIES`].
    pub(crate) categories: &'a [&'a str],
    /// The model's id and file.
    pub(crate) models: &'a [(&'a str, &'a str)],
    /// The file of the model that turns texts into vectors.
    pub(crate) embedder: Option<&'a Path>,
    /// No further item is begun after this.
    pub(crate) limit: Option<Duration>,
}

/// An item with what came of it, as `bfcl.py` reads it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Called {
    /// The category.
    category: String,
    /// `sample` or `all`.
    split: String,
    /// The words.
    text: String,
    /// The calls in the package's form: `[{"name": {"argument": value}}]`.
    calls: Vec<serde_json::Value>,
    /// The plan and what it cost.
    #[serde(flatten)]
    answer: Answer,
}

type Key = (String, String);

impl Called {
    fn key(&self) -> Key {
        (self.answer.id.clone(), self.answer.model.clone())
    }
}

/// Plans the items that were not planned yet, and writes all answers to `target/eval/bfcl/answers.jsonl`.
pub(crate) async fn complete(root: &Path, options: &Options<'_>) -> anyhow::Result<()> {
    let began = Instant::now();
    let items = in_turn(options)?;
    let folder = root.join("target/eval/bfcl");
    std::fs::create_dir_all(&folder)?;
    let kept_path = folder.join(format!("kept-{}.jsonl", answers::digest(&[])?));
    let mut kept = read(&kept_path);
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&kept_path)?;
    let mut desk = Desk {
        file,
        embedder: options.embedder.map(answers::embedding),
        vectors: folder.join("vectors"),
    };
    let is_over = || options.limit.is_some_and(|limit| began.elapsed() > limit);
    for (model, model_file) in options.models {
        let is_missing = |item: &&Item| !kept.contains_key(&(item.id.clone(), (*model).to_owned()));
        let missing: Vec<&Item> = items.iter().filter(is_missing).collect();
        if missing.is_empty() || is_over() {
            continue;
        }
        let any = Planner::for_tools(&Registry::default());
        let engine = answers::engine(model, model_file, &any).await?;
        for item in missing {
            if is_over() {
                println!("# the time is over; the next run goes on");
                break;
            }
            if let Some(called) = desk.plan(item, model, &engine).await? {
                kept.insert(called.key(), called);
            }
        }
        engine.unload().await;
    }
    write(&folder.join("answers.jsonl"), &items, options, &kept)
}

/// Returns the items, one of each category after the other, so that a run that is ended early has
/// some of each.
fn in_turn(options: &Options<'_>) -> anyhow::Result<Vec<Item>> {
    let mut placed = Vec::new();
    for category in options.categories {
        let items = item::read(options.data, category)?;
        let sampled = sampled(items, options.sample);
        placed.extend(sampled.into_iter().enumerate());
    }
    placed.sort_by_key(|(place, _)| *place);
    Ok(placed.into_iter().map(|(_, item)| item).collect())
}

/// Takes the first items by the hash of their ids: a sample that no order of the file and no
/// other item changes, and of which a smaller one is always a part.
fn sampled(mut items: Vec<Item>, count: Option<usize>) -> Vec<Item> {
    items.sort_by_cached_key(|item| item.hash());
    items.truncate(count.unwrap_or(usize::MAX));
    items
}

/// Answers of this very program; whatever changes it begins anew.
fn read(path: &Path) -> HashMap<Key, Called> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines()
        // The last line may be cut where a run was ended.
        .filter_map(|line| serde_json::from_str::<Called>(line).ok())
        .map(|called| (called.key(), called))
        .collect()
}

/// What items are planned with beside a model.
struct Desk {
    /// What was planned.
    file: File,
    /// Lets functions be found by meaning, too.
    embedder: Option<Arc<WorkerEngine>>,
    /// Where the vectors of the last item's functions are kept.
    vectors: PathBuf,
}

impl Desk {
    /// Plans an item and keeps what came of it; nothing where the worker broke down.
    async fn plan(
        &mut self,
        item: &Item,
        model: &str,
        engine: &WorkerEngine,
    ) -> anyhow::Result<Option<Called>> {
        let tools = Tools::of(&item.functions);
        let registry = Registry::of_signatures(tools.signatures());
        let planner = Planner::for_tools(&registry);
        if let Some(embedder) = &self.embedder {
            let kept = KeptVectors::open(&self.vectors, "embedder");
            planner
                .learn(embedder.clone(), kept)
                .await
                .context("could not learn what functions mean")?;
        }
        let text = item.words();
        let mut sent = Vec::new();
        let result = ask(&planner, &text, &registry, engine, &mut sent).await;
        let called = Called {
            category: item.category.clone(),
            split: String::new(),
            // What was sent would have run, whatever came after it.
            calls: tools.calls(&sent),
            answer: Answer::of(&item.id, model, "no-templates", &result),
            text,
        };
        println!(
            "{model} {}: {} → {}{}",
            item.id,
            called.text,
            called.answer.plan.trim().replace('\n', "; "),
            called.answer.error
        );
        if is_mishap(&result) {
            return Ok(None);
        }
        writeln!(self.file, "{}", serde_json::to_string(&called)?)?;
        Ok(Some(called))
    }
}

async fn ask(
    planner: &Planner,
    text: &str,
    registry: &Registry,
    engine: &dyn Engine,
    sent: &mut Vec<CheckedStatement>,
) -> Result<Planned, PlanError> {
    let request = Request {
        use_templates: false,
        ..Request::new(text, Language::English, desk::now())
    };
    let mut keep = |event| {
        if let PlanEvent::Statement(statement) = event {
            sent.push(statement.checked);
        }
    };
    planner
        .plan(
            &request,
            registry,
            Some(engine),
            &mut keep,
            &CancellationToken::new(),
        )
        .await
}

/// A worker that died says nothing about the planner: the next run tries again.
fn is_mishap(result: &Result<Planned, PlanError>) -> bool {
    match result {
        Err(PlanError::Engine(error)) => !matches!(
            error,
            EngineError::TooLong { .. } | EngineError::Grammar { .. } | EngineError::Failed { .. }
        ),
        _ => false,
    }
}

/// Writes what was planned of `items`, in their order.
fn write(
    path: &Path,
    items: &[Item],
    options: &Options<'_>,
    kept: &HashMap<Key, Called>,
) -> anyhow::Result<()> {
    let split = options.sample.map_or("all", |_| "sample");
    let mut lines = String::new();
    let mut models = HashSet::new();
    for (model, _) in options.models.iter().filter(|(id, _)| models.insert(*id)) {
        for item in items {
            if let Some(called) = kept.get(&(item.id.clone(), (*model).to_owned())) {
                let called = Called {
                    split: split.to_owned(),
                    ..called.clone()
                };
                lines.push_str(&serde_json::to_string(&called)?);
                lines.push('\n');
            }
        }
    }
    std::fs::write(path, lines)?;
    Ok(())
}

/// Reads what `bfcl.py` has judged; nothing where it has not run.
pub(crate) fn judged(root: &Path) -> Vec<Judged> {
    score::read(&root.join("target/eval/bfcl/judged.jsonl"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(ids: &[&str]) -> Vec<Item> {
        ids.iter().map(|id| Item::bare(id)).collect()
    }

    #[test]
    fn a_sample_depends_on_ids_alone() {
        let ids =
            |items: Vec<Item>| -> Vec<String> { items.into_iter().map(|item| item.id).collect() };
        let four = ids(sampled(items(&["a_0", "a_1", "a_2", "a_3"]), None));
        let two = ids(sampled(items(&["a_3", "a_2", "a_1", "a_0"]), Some(2)));
        assert_eq!(four, ["a_1", "a_0", "a_2", "a_3"]);
        assert_eq!(two, four[..2]);
    }
}
