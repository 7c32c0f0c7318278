//! Scores the planner: requests that no template or example has seen, planned over all
//! functions that Lucid comes with, at a desk that is the same on every machine. Nothing is run.
//!
//! `lucid-eval run --model ID=FILE…` plans what was not planned yet, and writes
//! `target/eval/results.jsonl` and `docs/evaluation.md`. `lucid-eval json-schema --model FILE WORDS…`
//! measures the usual way, JSON tool schemas without capsule and grammar, for comparison.
#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

mod answers;
mod bfcl;
mod cause;
mod ceiling;
mod compared;
mod desk;
mod files;
mod json_schema;
mod judge;
mod page;
mod requests;

use std::{path::PathBuf, time::Duration};

use anyhow::Context;
use clap::{Parser, Subcommand};

/// How many requests are planned among made-up functions.
const AMONG_MADE_UP: usize = 100;

/// Scores the planner.
#[derive(Parser)]
#[command(name = "lucid-eval")]
struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Plans the requests that were not planned yet, and writes the report.
    Run {
        /// A model of the catalogue and its file.
        #[arg(long = "model", value_name = "ID=FILE")]
        models: Vec<String>,
        /// The repository.
        #[arg(long, default_value = ".")]
        root: PathBuf,
        /// The file of the model that turns texts into vectors.
        #[arg(long)]
        embedder: Option<PathBuf>,
        /// One split alone.
        #[arg(long)]
        split: Option<String>,
        /// How many made-up functions the plugins of a machine bring: the default model plans a sample among them, too,
        /// and a part of that by less than the planner.
        #[arg(long, default_value_t = 0)]
        made_up: usize,
        /// Today, as 2026-01-31.
        #[arg(long)]
        date: String,
    },
    /// Plans items of the Berkeley Function-Calling Leaderboard that were not planned yet.
    Bfcl {
        /// The unpacked package `bfcl-eval`.
        #[arg(long)]
        data: PathBuf,
        /// How many items of each category, or `all`.
        #[arg(long, default_value = "100")]
        sample: String,
        /// Some categories alone.
        #[arg(long = "category", value_parser = bfcl::CATEGORIES)]
        categories: Vec<String>,
        /// A model of the catalogue and its file.
        #[arg(long = "model", value_name = "ID=FILE")]
        models: Vec<String>,
        /// The repository.
        #[arg(long, default_value = ".")]
        root: PathBuf,
        /// The file of the model that turns texts into vectors.
        #[arg(long)]
        embedder: Option<PathBuf>,
        /// No further item is begun after so many minutes.
        #[arg(long)]
        minutes: Option<u64>,
    },
    /// Tells how many right plans the grammar and the guards would let a model write, and which they would not. The
    /// development split alone: what the test split would lose is nobody's business.
    Ceiling {
        /// The file of a model of the default kind, which knows grammars.
        #[arg(long)]
        model: PathBuf,
        /// The repository.
        #[arg(long, default_value = ".")]
        root: PathBuf,
        /// The file of the model that turns texts into vectors.
        #[arg(long)]
        embedder: Option<PathBuf>,
    },
    /// Measures the time to the first whole call with JSON tool schemas; one JSON object a request.
    JsonSchema {
        /// The model's file.
        #[arg(long)]
        model: PathBuf,
        /// The repository.
        #[arg(long, default_value = ".")]
        root: PathBuf,
        /// The requests.
        words: Vec<String>,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Arguments::parse().action {
        Action::Run {
            models,
            root,
            embedder,
            split,
            made_up,
            date,
        } => {
            let models = ids_and_files(&models)?;
            let mut requests = requests::read(&root)?;
            requests.retain(|request| split.as_ref().is_none_or(|split| *split == request.split));
            let all: Vec<&requests::EvalRequest> = requests.iter().collect();
            let embedder = embedder.as_deref();
            let answers = answers::complete(&root, &all, &models, embedder, 0).await?;
            let sample = answers::sampled(requests.iter(), AMONG_MADE_UP);
            let among = match made_up {
                0 => Vec::new(),
                // The first model is the default one.
                count => {
                    let first = &models[..models.len().min(1)];
                    answers::complete(&root, &sample, first, embedder, count).await?
                }
            };
            let registry = desk::registry(&root)?;
            let judge = judge::Judge::new(&registry);
            let judged = bfcl::judged(&root);
            let default = models.first().filter(|_| made_up > 0);
            let few = &sample[..sample.len().min(compared::COUNT)];
            let by_less = match default {
                Some(default) => compared::complete(&root, few, *default).await?,
                None => Vec::new(),
            };
            let written = |among: &[&requests::EvalRequest]| -> Vec<&answers::Answer> {
                let is_one = |answer: &&answers::Answer| {
                    answer.column == "no-templates"
                        && default.is_some_and(|(id, _)| *id == answer.model)
                        && among.iter().any(|request| request.id == answer.id)
                };
                answers.iter().filter(is_one).collect()
            };
            let compared = (written(&sample).into_iter().chain(&among))
                .map(|answer| ("own, sample", answer))
                .chain(
                    (written(few).into_iter().chain(&by_less)).map(|answer| ("own, few", answer)),
                );
            let mut scored: Vec<page::Scored<'_>> = answers
                .iter()
                .map(|answer| ("own", answer))
                .chain(compared)
                .filter_map(|(set, answer)| {
                    let request = requests.iter().find(|request| request.id == answer.id)?;
                    Some(page::Scored {
                        set,
                        split: &request.split,
                        kind: &request.kind,
                        language: &request.language,
                        text: &request.text,
                        answer,
                        cause: judge.fault(request, answer),
                    })
                })
                .collect();
            scored.extend(judged.iter().map(bfcl::Judged::scored));
            page::write(&root, &scored, &date)
        }
        Action::Bfcl {
            data,
            sample,
            categories,
            models,
            root,
            embedder,
            minutes,
        } => {
            let chosen = bfcl::CATEGORIES.into_iter().filter(|category| {
                categories.is_empty() || categories.iter().any(|chosen| chosen == category)
            });
            let options = bfcl::Options {
                data: &data,
                sample: sample_size(&sample)?,
                embedder: embedder.as_deref(),
                categories: &chosen.collect::<Vec<_>>(),
                models: &ids_and_files(&models)?,
                limit: minutes.map(|minutes| Duration::from_secs(60 * minutes)),
            };
            bfcl::complete(&root, &options).await
        }
        Action::Ceiling {
            model,
            root,
            embedder,
        } => {
            let mut requests = requests::read(&root)?;
            requests.retain(|request| request.split == "dev");
            ceiling::measure(&root, &requests, &model, embedder.as_deref()).await
        }
        Action::JsonSchema { model, root, words } => {
            json_schema::measure(&root, &model, &words).await
        }
    }
}

fn ids_and_files(models: &[String]) -> anyhow::Result<Vec<(&str, &str)>> {
    models
        .iter()
        .map(|model| model.split_once('=').context("a model is given as ID=FILE"))
        .collect()
}

/// Reads how many items are wanted; none means all.
fn sample_size(text: &str) -> anyhow::Result<Option<usize>> {
    match text {
        "all" => Ok(None),
        number => Ok(Some(
            number.parse().context("a sample is a number, or `all`")?,
        )),
    }
}
