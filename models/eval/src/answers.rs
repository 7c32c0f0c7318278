//! Plans of the requests, kept as they are made, so that an interrupted run goes on.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;
use engine::{
    Engine, WorkerEngine, WorkerOptions,
    energy::{Meter, processor_time},
    worker_program,
};
use functions::Registry;
use planner::{KeptVectors, PlanError, Planned, Planner};
use protocol::{Energy, Route};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use crate::{
    desk,
    judge::Judge,
    requests::{self, EvalRequest},
};

/// One request's plan by one way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// The request.
    pub(crate) id: String,
    /// The model, `none` for templates alone.
    pub(crate) model: String,
    /// `pipeline`, or `no-templates`.
    pub(crate) column: String,
    /// The plan; empty when there is none.
    pub(crate) plan: String,
    /// Why there is none.
    pub(crate) error: String,
    /// `template` or `model`.
    pub(crate) route: String,
    /// Milliseconds to the first checked statement.
    pub(crate) first_statement_ms: Option<f64>,
    /// Tokens of the prompt that had to be read anew.
    pub(crate) read_tokens: u32,
    /// Tokens decoded.
    pub(crate) decoded_tokens: u32,
    /// The model's probability of the grammar's first tokens.
    pub(crate) first_token_mass: Option<f32>,
    /// How much of the words the nearest function knows.
    pub(crate) coverage: Option<f64>,
    /// How like the words are to the nearest worked example that does something.
    pub(crate) nearest_act: Option<f64>,
    /// How like they are to the nearest one of which only words come.
    pub(crate) nearest_words: Option<f64>,
    /// How near the nearest function is in meaning.
    #[serde(default)]
    pub(crate) cosine: Option<f32>,
    /// Whether only `say` and `ask` were open.
    pub(crate) gated: bool,
    /// Processor seconds of the worker: on a busy machine they tell more than the clock.
    #[serde(default)]
    pub(crate) cpu_seconds: Option<f64>,
    /// The energy of the whole plan, this program's part included.
    #[serde(default)]
    pub(crate) energy: Option<Energy>,
}

impl Answer {
    /// Notes what came of planning.
    pub(crate) fn of(
        id: &str,
        model: &str,
        column: &str,
        result: &Result<Planned, PlanError>,
    ) -> Answer {
        let mut answer = Answer::empty(id, model, column);
        match result {
            Err(error) => answer.error = error.to_string(),
            Ok(planned) => answer.take(planned),
        }
        answer
    }

    /// An answer that says nothing yet.
    pub(crate) fn empty(id: &str, model: &str, column: &str) -> Answer {
        Answer {
            id: id.to_owned(),
            model: model.to_owned(),
            column: column.to_owned(),
            plan: String::new(),
            error: String::new(),
            route: "model".to_owned(),
            first_statement_ms: None,
            read_tokens: 0,
            decoded_tokens: 0,
            first_token_mass: None,
            coverage: None,
            nearest_act: None,
            nearest_words: None,
            cosine: None,
            gated: false,
            cpu_seconds: None,
            energy: None,
        }
    }

    fn take(&mut self, planned: &Planned) {
        self.plan.clone_from(&planned.text);
        if matches!(planned.route, Route::Template { .. }) {
            self.route = "template".to_owned();
        }
        let first = planned.timings.first_statement;
        self.first_statement_ms = first.map(|first| first.as_secs_f64() * 1000.0);
        self.read_tokens = planned
            .tokens
            .prompt
            .saturating_sub(planned.tokens.restored);
        self.decoded_tokens = planned.tokens.decoded;
        self.cpu_seconds = planned.cpu_seconds;
        if let Some(confidence) = planned.confidence {
            self.first_token_mass = confidence.first_token_mass;
            self.coverage = Some(confidence.coverage);
            self.nearest_act = confidence.nearest_act;
            self.nearest_words = confidence.nearest_words;
            self.cosine = confidence.cosine;
            self.gated = confidence.gated;
        }
    }
}

/// Request, model and column.
pub(crate) type Key = (String, String, String);

/// Plans everything that is missing and returns all answers in the order of the requests.
///
/// Among made-up functions each model writes every plan, in one column.
pub(crate) async fn complete(
    root: &Path,
    requests: &[&EvalRequest],
    models: &[(&str, &str)],
    embedder: Option<&Path>,
    made_up: usize,
) -> anyhow::Result<Vec<Answer>> {
    let registry = match made_up {
        0 => desk::registry(root)?,
        count => desk::registry_among(root, count)?,
    };
    let planner = Planner::new(&registry);
    if let Some(embedder) = embedder {
        learn(root, &planner, embedder).await?;
    }
    let path = kept_path(root)?;
    let mut kept = read(&path);
    let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
    let mut run = Run {
        judge: Judge::new(&registry),
        planner: &planner,
        registry: &registry,
        file: &mut file,
    };
    let mut answers = Vec::new();
    for (model, model_file, column) in columns(models, made_up) {
        let missing = column != "pipeline"
            && requests
                .iter()
                .any(|request| !kept.contains_key(&key(request, model, &column)));
        let engine = match model_file.filter(|_| missing) {
            Some(model_file) => Some(engine(model, model_file, &planner).await?),
            None => None,
        };
        for request in requests {
            let key = key(request, model, &column);
            let answer = match kept.remove(&key).or_else(|| same(&answers, &key)) {
                Some(answer) => answer,
                None => run.plan(request, model, &column, engine.as_ref()).await?,
            };
            answers.push(answer);
        }
        if let Some(engine) = engine {
            engine.unload().await;
        }
    }
    Ok(answers)
}

/// Returns the file of a model's adapter, if there is one.
pub(crate) fn adapter(model: &str) -> Option<PathBuf> {
    let catalog = engine::catalog::Catalog::builtin();
    engine::adapter_file(catalog.get(model).ok()?.adapter.as_deref()?)
}

/// Returns the worker that turns texts into vectors.
pub(crate) fn embedding(embedder: &Path) -> Arc<WorkerEngine> {
    let mut options = WorkerOptions::new("embedder", embedder);
    options.program = worker_program("lucid-engine-embed");
    options.load.capsules = None;
    Arc::new(WorkerEngine::new(options))
}

/// Lets examples be found by meaning too.
pub(crate) async fn learn(root: &Path, planner: &Planner, embedder: &Path) -> anyhow::Result<()> {
    let kept = KeptVectors::open(&root.join("target/eval"), "embedder");
    planner
        .learn(embedding(embedder), kept)
        .await
        .context("could not learn what examples mean")?;
    Ok(())
}

/// Templates alone; then each model behind templates, and without them. Among made-up functions only the latter.
fn columns<'a>(
    models: &[(&'a str, &'a str)],
    made_up: usize,
) -> Vec<(&'a str, Option<&'a str>, String)> {
    if made_up > 0 {
        let among = among(made_up);
        let columns = models
            .iter()
            .map(|(model, file)| (*model, Some(*file), among.clone()));
        return columns.collect();
    }
    let mut columns = vec![("none", None, "pipeline".to_owned())];
    for (model, file) in models {
        columns.push((model, Some(*file), "no-templates".to_owned()));
        columns.push((model, Some(*file), "pipeline".to_owned()));
    }
    columns
}

/// The name of the column among made-up functions.
fn among(count: usize) -> String {
    format!("no-templates among {count} more")
}

/// Takes some requests by the hash of their ids, so that no other request changes which.
pub(crate) fn sampled<'r>(
    requests: impl Iterator<Item = &'r EvalRequest>,
    count: usize,
) -> Vec<&'r EvalRequest> {
    let mut sampled: Vec<&EvalRequest> = requests.collect();
    sampled.sort_by_cached_key(|request| Sha256::digest(request.id.as_bytes()));
    sampled.truncate(count);
    sampled
}

/// What no template fits goes to the model with the very prompt of the column without templates.
fn same(answers: &[Answer], (id, model, column): &Key) -> Option<Answer> {
    let find = |model: &str, column: &str| {
        answers
            .iter()
            .find(|answer| answer.id == *id && answer.model == model && answer.column == column)
    };
    if model == "none" || column != "pipeline" {
        return None;
    }
    let by_template = find("none", "pipeline")?;
    let mut answer = if by_template.route == "template" {
        by_template.clone()
    } else {
        find(model, "no-templates")?.clone()
    };
    answer.model.clone_from(model);
    answer.column.clone_from(column);
    Some(answer)
}

pub(crate) fn key(request: &EvalRequest, model: &str, column: &str) -> Key {
    (request.id.clone(), model.to_owned(), column.to_owned())
}

/// Answers are kept for this very program, functions and requests: whatever changes begins anew.
fn kept_path(root: &Path) -> anyhow::Result<PathBuf> {
    let mut manifests: Vec<PathBuf> = std::fs::read_dir(root.join("plugins"))?
        .filter_map(|entry| Some(entry.ok()?.path().join("plugin.toml")))
        .filter(|path| path.is_file())
        .collect();
    manifests.sort();
    manifests.extend(requests::files(root));
    let folder = root.join("target/eval");
    std::fs::create_dir_all(&folder)?;
    Ok(folder.join(format!("answers-{}.jsonl", digest(&manifests)?)))
}

/// Returns a short digest of this program, its worker, the models' adapters and some files.
pub(crate) fn digest(files: &[PathBuf]) -> anyhow::Result<String> {
    let mut digest = Sha256::new();
    digest.update(std::fs::read(std::env::current_exe()?)?);
    let catalog = engine::catalog::Catalog::builtin();
    let mut own: Vec<PathBuf> = (catalog.models.iter())
        .filter_map(|model| adapter(&model.id))
        .collect();
    own.push(worker_program("lucid-engine-llama"));
    for file in own.iter().filter(|path| path.is_file()) {
        digest.update(std::fs::read(file)?);
    }
    for file in files {
        digest.update(std::fs::read(file)?);
    }
    Ok(hex::encode(&digest.finalize()[..6]))
}

pub(crate) fn read(path: &Path) -> HashMap<Key, Answer> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines()
        // The last line may be cut where a run was ended.
        .filter_map(|line| serde_json::from_str::<Answer>(line).ok())
        .map(|answer| {
            (
                (
                    answer.id.clone(),
                    answer.model.clone(),
                    answer.column.clone(),
                ),
                answer,
            )
        })
        .collect()
}

/// Starts the model with its capsule ready.
pub(crate) async fn engine(
    id: &str,
    file: &str,
    planner: &Planner,
) -> anyhow::Result<WorkerEngine> {
    let mut options = WorkerOptions::new(id, file);
    options.load.adapter = adapter(id);
    if let Some(folder) = &options.load.capsules {
        std::fs::create_dir_all(folder)?;
    }
    let engine = WorkerEngine::new(options);
    let report = planner
        .warm(&engine)
        .await
        .context("could not prepare the capsule")?;
    println!(
        "# {id}: capsule of {} tokens in {:.0} ms",
        report.tokens, report.ms
    );
    Ok(engine)
}

/// What the terminal shows of an answer. Of the test split nobody reads words and plans: who does tunes on them.
pub(crate) fn shown(request: &EvalRequest, answer: &Answer) -> String {
    match request.split == "test" {
        true => String::new(),
        false => {
            let plan = answer.plan.trim().replace('\n', "; ");
            format!("{} → {plan}{}", request.text, answer.error)
        }
    }
}

struct Run<'a> {
    judge: Judge<'a>,
    planner: &'a Planner,
    registry: &'a Registry,
    file: &'a mut File,
}

impl Run<'_> {
    async fn plan(
        &mut self,
        request: &EvalRequest,
        model: &str,
        column: &str,
        engine: Option<&WorkerEngine>,
    ) -> anyhow::Result<Answer> {
        let asked = desk::request(request, column == "pipeline");
        let engine = engine.map(|engine| engine as &dyn Engine);
        let meter = Meter::start();
        let result = self
            .planner
            .plan(
                &asked,
                self.registry,
                engine,
                &mut |_| {},
                &CancellationToken::new(),
            )
            .await;
        let mut answer = Answer::of(&request.id, model, column, &result);
        answer.energy = answer
            .cpu_seconds
            .map(|worker| meter.read(processor_time(Some(worker))));
        // A worker that died says nothing about the planner: the next run tries again.
        let is_kept = !matches!(result, Err(PlanError::Engine(_)));
        let fault = self.judge.fault(request, &answer);
        let mark = fault.map_or("+", |_| "-");
        println!(
            "{mark} {model} {column} {}: {}",
            request.id,
            shown(request, &answer)
        );
        if is_kept {
            writeln!(self.file, "{}", serde_json::to_string(&answer)?)?;
        }
        Ok(answer)
    }
}
