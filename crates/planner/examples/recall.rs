//! Measures how often the right function is among the nearest: by words, by meaning, by both.
//!
//! `cargo run --release -p planner --example recall -- [--embedder FILE] [--distractors N]`
//!
//! Two sets of requests: the functions' own examples, each left out of the index while it is asked for,
//! and the lines of `models/eval/dev.jsonl` whose right plans all call one and the same function.
//! The distractors are functions that nobody has, see `planner::synthetic`.
#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use engine::{Engine as _, WorkerEngine, WorkerOptions, worker_program};
use functions::{Function, Registry};
use planner::{Retrieval, Vector, synthetic};

/// Texts that the model gets at once.
const BATCH: usize = 64;
/// Functions that count as found.
const NEAREST: usize = 8;

struct Query {
    set: &'static str,
    language: String,
    text: String,
    function: String,
    /// Whether the text stands in the index too, and is left out there.
    is_example: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (mut embedder, mut distractors) = (None, 0);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--embedder" => embedder = arguments.next().map(PathBuf::from),
            "--distractors" => {
                distractors = arguments.next().context("how many?")?.parse()?;
            }
            other => anyhow::bail!("unknown argument {other}"),
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = tempfile::tempdir()?;
    synthetic::write_plugins(folder.path(), distractors)?;
    let (real, errors) = Registry::load(&[&root.join("plugins")], &[]);
    anyhow::ensure!(errors.is_empty(), "{errors:?}");
    let (all, errors) = Registry::load(&[&root.join("plugins")], &[folder.path()]);
    anyhow::ensure!(errors.is_empty(), "{errors:?}");
    let functions: Vec<Function> = all.functions().map(|f| f.as_ref().clone()).collect();

    let mut queries = own_examples(&real);
    queries.extend(eval_lines(&root.join("models/eval"))?);
    let whole = Retrieval::new(&functions);
    let mut texts: BTreeSet<&str> = whole.texts();
    texts.extend(queries.iter().map(|query| query.text.as_str()));
    let vectors = match &embedder {
        Some(path) => vectors(path, &texts).await?,
        None => BTreeMap::new(),
    };
    println!(
        "{} functions, {} requests, {} vectors",
        functions.len(),
        queries.len(),
        vectors.len()
    );

    // For each set, language and way: requests, found first, found among the nearest.
    let mut counts: BTreeMap<(&str, String, &str), [usize; 3]> = BTreeMap::new();
    for query in &queries {
        let left_out = query.is_example.then(|| without(&functions, query));
        let mut retrieval = Retrieval::new(left_out.as_ref().unwrap_or(&functions));
        let known: Vec<(String, Vector)> = retrieval
            .texts()
            .into_iter()
            .filter_map(|text| Some((text.to_owned(), vectors.get(text)?.clone())))
            .collect();
        retrieval.learn(known);
        let vector = vectors.get(&query.text);
        let mut ways = vec![("words", retrieval.find(&query.text, None))];
        if vector.is_some() {
            ways.push(("meaning", retrieval.find("", vector)));
            ways.push(("both", retrieval.find(&query.text, vector)));
        }
        for (way, found) in ways {
            let place = found
                .ranked
                .iter()
                .position(|(name, _)| name.as_str() == query.function);
            for language in [query.language.clone(), "all".to_owned()] {
                let count = counts.entry((query.set, language, way)).or_default();
                count[0] += 1;
                count[1] += usize::from(place == Some(0));
                count[2] += usize::from(place.is_some_and(|place| place < NEAREST));
            }
            if way == "both" && place.is_none_or(|place| place >= NEAREST) {
                println!("! {:?} {} {place:?}", query.text, query.function);
            }
        }
    }
    for ((set, language, way), [all, first, near]) in counts {
        let share = |found: usize| 100.0 * found as f64 / all as f64;
        println!(
            "{set:8} {language:4} {way:8} {all:5} requests  first {:5.1} %  among {NEAREST} {:5.1} %",
            share(first),
            share(near)
        );
    }
    Ok(())
}

fn own_examples(registry: &Registry) -> Vec<Query> {
    let mut queries = Vec::new();
    for function in registry.functions() {
        for example in &function.examples {
            queries.push(Query {
                set: "examples",
                language: example.language.clone(),
                text: example.request.clone(),
                function: function.signature.name.to_string(),
                is_example: true,
            });
        }
    }
    queries
}

fn eval_lines(folder: &Path) -> anyhow::Result<Vec<Query>> {
    let mut queries = Vec::new();
    // The test split is nobody's to look at.
    for line in std::fs::read_to_string(folder.join("dev.jsonl"))?.lines() {
        let line: serde_json::Value = serde_json::from_str(line)?;
        let accepted = line["accept"].as_array().cloned().unwrap_or_default();
        let called: BTreeSet<String> = accepted
            .iter()
            .filter_map(serde_json::Value::as_str)
            .flat_map(called)
            .collect();
        let (Some(function), 1) = (called.first(), called.len()) else {
            continue;
        };
        queries.push(Query {
            set: "eval",
            language: line["language"].as_str().unwrap_or_default().to_owned(),
            text: line["text"].as_str().unwrap_or_default().to_owned(),
            function: function.clone(),
            is_example: false,
        });
    }
    Ok(queries)
}

/// The functions that an accepted plan calls: words with a dot before a bracket, outside of texts.
fn called(plan: &str) -> Vec<String> {
    let code: String = plan.split('"').step_by(2).collect::<Vec<_>>().join("_");
    let is_name = |c: char| c.is_ascii_lowercase() || c == '_' || c == '.';
    code.match_indices('(')
        .map(|(at, _)| {
            let before = &code[..at];
            before[before.trim_end_matches(is_name).len()..].to_owned()
        })
        .filter(|name| name.contains('.'))
        .collect()
}

/// The functions without one example.
fn without(functions: &[Function], query: &Query) -> Vec<Function> {
    let mut functions = functions.to_vec();
    for function in &mut functions {
        if function.signature.name.as_str() == query.function {
            function
                .examples
                .retain(|example| example.request != query.text);
        }
    }
    functions
}

async fn vectors(path: &Path, texts: &BTreeSet<&str>) -> anyhow::Result<BTreeMap<String, Vector>> {
    let mut options = WorkerOptions::new("embedder", path);
    options.program = worker_program("lucid-engine-embed");
    options.load.capsules = None;
    let engine = WorkerEngine::new(options);
    let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
    let mut vectors = BTreeMap::new();
    for batch in texts.chunks(BATCH) {
        for (text, numbers) in batch.iter().zip(engine.embed(batch).await?) {
            if let Some(vector) = Vector::new(numbers) {
                vectors.insert(text.clone(), vector);
            }
        }
    }
    engine.unload().await;
    Ok(vectors)
}
