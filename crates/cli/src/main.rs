//! `lucid`: the command line of the kernel, without any authority of its own.

mod arguments;
mod ask;
mod bench;
mod connection;
mod consent;
mod exit;
mod input;
mod mcp;
mod models;
mod panel;
mod plan;
mod plugin;
mod reports;
mod start;
mod terminal;
mod usage;
mod words;

use std::process::ExitCode;

use crate::arguments::{Arguments, Command, HistoryCommand};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = match usage::read() {
        Ok(arguments) => arguments,
        Err(code) => return code,
    };
    match run(arguments).await {
        Ok(code) => code,
        Err(error) => exit::report(&error),
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.command {
        Command::Ask(ask) => ask::ask(ask).await,
        Command::Run(run) => ask::run(run).await,
        Command::Undo { turn, json } => ask::undo(turn.as_deref().unwrap_or_default(), json).await,
        Command::Plan(plan) => plan::plan(plan).await,
        Command::Stop => reports::stop().await,
        Command::Log { limit, json } => reports::log(limit, json).await,
        Command::Why { turn, json } => {
            reports::why(turn.as_deref().unwrap_or_default(), json).await
        }
        Command::Functions { json } => reports::functions(json).await,
        Command::Toggle => reports::toggle().await,
        Command::Doctor { json } => reports::doctor(json).await,
        Command::Model { command } => models::run(command).await,
        Command::Mcp => mcp::serve().await,
        Command::Plugin { command } => plugin::run(command).await,
        Command::History {
            command: HistoryCommand::Clear,
        } => reports::clear_history().await,
    }
}
