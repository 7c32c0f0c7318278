//! `lucid-soak`: throws faults and random input at Lucid for as long as it is given.
//!
//! `make soak` runs it in headless sessions. What it has done and found is kept
//! in a file and added to by the next run, so that it can be interrupted at any
//! moment; the page says what all runs together have shown.

mod chaos;
mod client;
mod fuzz;
mod invariants;
mod page;
mod random;
mod tally;
mod victim;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::tally::Tally;

/// Throws faults and random input at Lucid.
#[derive(Debug, Parser)]
struct Arguments {
    /// The file that keeps what was done and found
    #[arg(long)]
    tally: PathBuf,
    /// Today, as 2026-01-31
    #[arg(long)]
    date: String,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Give the parser broken and random plans
    Fuzz {
        /// For how long
        #[arg(long)]
        minutes: f64,
    },
    /// Kill processes in the middle of requests, in the session this runs in
    Chaos {
        /// For how long
        #[arg(long)]
        minutes: f64,
        /// Also ask in words, through the model
        #[arg(long)]
        model: bool,
    },
    /// Write the page
    Page {
        /// The page
        path: PathBuf,
    },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let mut tally = Tally::open(&arguments.tally, &arguments.date)?;
    let findings = tally.findings.len();
    match arguments.command {
        Command::Fuzz { minutes } => fuzz::run(&mut tally, duration(minutes))?,
        Command::Chaos { minutes, model } => {
            chaos::run(&mut tally, duration(minutes), model).await?;
        }
        Command::Page { path } => page::write(&tally, &path)?,
    }
    if tally.findings.len() > findings {
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn duration(minutes: f64) -> Duration {
    Duration::from_secs_f64(minutes.max(0.0) * 60.0)
}
