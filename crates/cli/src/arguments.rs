//! What the command line takes.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Ask your computer to do things.
#[derive(Debug, Parser)]
#[command(name = "lucid", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Do what the words say
    Ask(AskArguments),
    /// Show the plan for the words without running it
    Plan(PlanArguments),
    /// Run a plan from a file (`-` reads standard input)
    Run(RunArguments),
    /// Take back the last turn, or the given one
    Undo {
        /// The turn, as `lucid log` names it
        turn: Option<String>,
        /// Print one event per line as JSON
        #[arg(long)]
        json: bool,
    },
    /// Stop everything that is running
    Stop,
    /// List what was done
    Log {
        /// How many turns
        #[arg(long, default_value_t = 20)]
        limit: u32,
        /// Print one turn per line as JSON
        #[arg(long)]
        json: bool,
    },
    /// Explain a turn: route, plan, decisions, times, energy
    Why {
        /// The turn; the last one when left out
        turn: Option<String>,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// List the functions and what is missing for those that cannot be used
    Functions {
        /// Print one function per line as JSON
        #[arg(long)]
        json: bool,
    },
    /// Show or hide the overlay
    Toggle,
    /// Tell what works on this machine and how to mend what does not
    Doctor {
        /// Print one check per line as JSON
        #[arg(long)]
        json: bool,
    },
    /// List, fetch, choose and remove models
    Model {
        /// What to do with them
        #[command(subcommand)]
        command: ModelCommand,
    },
    /// The record of what was asked
    History {
        /// What to do with it
        #[command(subcommand)]
        command: HistoryCommand,
    },
}

/// What to ask.
#[derive(Debug, Args)]
pub(crate) struct AskArguments {
    /// The words
    #[arg(required = true)]
    pub(crate) words: Vec<String>,
    /// Print one event per line as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Skip the sentence templates, so that the model plans
    #[arg(long)]
    pub(crate) no_templates: bool,
}

/// What to plan.
#[derive(Debug, Args)]
pub(crate) struct PlanArguments {
    /// The words
    #[arg(required_unless_present = "batch", conflicts_with = "batch")]
    pub(crate) words: Vec<String>,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// Skip the sentence templates, so that the model plans
    #[arg(long)]
    pub(crate) no_templates: bool,
    /// Plan the `text` of every line of this file; print one JSON object per line
    #[arg(long, value_name = "FILE.jsonl")]
    pub(crate) batch: Option<PathBuf>,
}

/// What to run.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// The file with the plan
    pub(crate) file: PathBuf,
    /// Print one event per line as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to do with models.
#[derive(Debug, Subcommand)]
pub(crate) enum ModelCommand {
    /// List the models of the catalogue
    List {
        /// Print one model per line as JSON
        #[arg(long)]
        json: bool,
    },
    /// Fetch a model, with verification; the default one when none is named
    Pull {
        /// The model
        id: Option<String>,
    },
    /// Use a model from now on
    Use {
        /// The model
        id: String,
    },
    /// Remove a model's file
    Rm {
        /// The model
        id: String,
    },
    /// Tell everything about a model
    Info {
        /// The model
        id: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

/// What to do with the history.
#[derive(Debug, Subcommand)]
pub(crate) enum HistoryCommand {
    /// Erase it
    Clear,
}
