//! Scores the planner: requests that no template or example has seen, planned over all
//! functions that Lucid comes with, at a desk that is the same on every machine. Nothing is run.
//!
//! `lucid-eval run --model ID=FILE…` plans what was not planned yet, and writes
//! `target/eval/results.jsonl` and `docs/evaluation.md`. `lucid-eval json-schema --model FILE WORDS…`
//! measures the usual way, JSON tool schemas without capsule and grammar, for comparison.
#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

mod answers;
mod cause;
mod desk;
mod json_schema;
mod judge;
mod page;
mod requests;

use std::path::PathBuf;

use anyhow::Context;
use clap::{Parser, Subcommand};

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
        /// One split alone.
        #[arg(long)]
        split: Option<String>,
        /// Today, as 2026-01-31.
        #[arg(long)]
        date: String,
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
            split,
            date,
        } => {
            let models = models
                .iter()
                .map(|model| model.split_once('=').context("a model is given as ID=FILE"))
                .collect::<anyhow::Result<Vec<_>>>()?;
            let mut requests = requests::read(&root)?;
            requests.retain(|request| split.as_ref().is_none_or(|split| *split == request.split));
            let answers = answers::complete(&root, &requests, &models).await?;
            let registry = desk::registry(&root)?;
            let judge = judge::Judge::new(&registry);
            let scored: Vec<page::Scored<'_>> = answers
                .iter()
                .filter_map(|answer| {
                    let request = requests.iter().find(|request| request.id == answer.id)?;
                    Some(page::Scored {
                        set: "own",
                        split: &request.split,
                        kind: &request.kind,
                        language: &request.language,
                        text: &request.text,
                        answer,
                        cause: judge.fault(request, answer),
                    })
                })
                .collect();
            page::write(&root, &scored, &date)
        }
        Action::JsonSchema { model, root, words } => {
            json_schema::measure(&root, &model, &words).await
        }
    }
}
