//! `lucid-bench`: measures the Lucid of the session it runs in.
//!
//! `make bench` calls it once for each group, in the order of [`Group`], and
//! then for the page. A group that cannot be measured says why and leaves its
//! measures out; a made-up figure would be worse than none, and a page that
//! quietly lacks a fixed name would be no better.

mod apps;
mod disk;
mod engine;
mod kernel;
mod measure;
mod page;
mod peers;
mod processes;
mod rogue;
mod shell;
mod statistics;
mod turns;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand, ValueEnum};

use crate::measure::Recorder;

/// The smaller of the models that Lucid was tuned for.
const SMALL_MODEL: &str = "qwen2.5-coder-0.5b";

/// Measures a running Lucid.
#[derive(Debug, Parser)]
struct Arguments {
    /// The file of the measures, one JSON object a line
    #[arg(long)]
    results: PathBuf,
    /// Today, as 2026-01-31
    #[arg(long)]
    date: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure one group and add its lines to the results
    Measure {
        /// Which one
        group: Group,
    },
    /// Print the results as a table and write them as a page
    Page {
        /// The page
        path: PathBuf,
        /// Fail when a fixed measure is missing, after the page was written
        #[arg(long)]
        complete: bool,
    },
}

/// What is measured together.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Group {
    /// Starting the kernel, on buses of its own
    Start,
    /// The kernel's memory, before anything was asked
    Idle,
    /// Requests that a sentence template fits
    Templates,
    /// Requests through the model
    Model,
    /// The same through the smaller model, where it is here
    SmallModel,
    /// The same through plain JSON tool schemas
    JsonSchema,
    /// The worker by itself
    Engine,
    /// The overlay
    Shell,
    /// What apps offer by themselves
    Apps,
    /// The kernel beside a plugin that misbehaves
    Rogue,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let recorder = Recorder::new(arguments.results, arguments.date);
    match arguments.command {
        Command::Measure { group } => measure(group, &recorder).await,
        Command::Page { path, complete } => {
            let mut measures = recorder.read()?;
            Recorder::compare(
                &mut measures,
                "model_first_action_untyped_ms_p50",
                "json_schema_first_action_ms_p50",
                "JSON tool schemas, no capsule, no grammar",
            );
            recorder.keep(&measures)?;
            page::write(&measures, &path)?;
            if complete {
                page::complete(&measures)?;
            }
            Ok(())
        }
    }
}

async fn measure(group: Group, recorder: &Recorder) -> Result<()> {
    match group {
        Group::Start => kernel::start(recorder).await,
        Group::Idle => kernel::idle(recorder).await,
        Group::Templates => turns::templates(recorder).await,
        Group::Model => turns::model(recorder).await,
        Group::SmallModel => turns::small_model(recorder, SMALL_MODEL).await,
        Group::JsonSchema => peers::json_schema(recorder),
        Group::Engine => engine::measure(recorder),
        Group::Shell => shell::measure(recorder).await,
        Group::Apps => apps::measure(recorder).await,
        Group::Rogue => rogue::measure(recorder).await,
    }
}
