//! What the command line takes.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use protocol::text::message;

use crate::{connection::language, plugin::Kind};

/// Everything that `lucid` takes. What a person reads of it stands in the catalogue.
#[derive(Debug, Parser)]
#[command(name = "lucid", version, about = text("cli-lucid"), arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(about = text("cli-ask"))]
    Ask(AskArguments),
    #[command(about = text("cli-plan"))]
    Plan(PlanArguments),
    #[command(about = text("cli-run"))]
    Run(RunArguments),
    #[command(about = text("cli-undo"))]
    Undo {
        #[arg(value_name = text("cli-name-turn"), help = text("cli-undo-turn"))]
        turn: Option<String>,
        #[arg(long, help = text("cli-json-events"))]
        json: bool,
    },
    #[command(about = text("cli-stop"))]
    Stop,
    #[command(about = text("cli-log"))]
    Log {
        #[arg(long, value_name = text("cli-name-number"), default_value_t = 20, hide_default_value = true, allow_negative_numbers = true, help = text("cli-log-limit"))]
        limit: u32,
        #[arg(long, help = text("cli-json-turns"))]
        json: bool,
    },
    #[command(about = text("cli-why"))]
    Why {
        #[arg(value_name = text("cli-name-turn"), help = text("cli-why-turn"))]
        turn: Option<String>,
        #[arg(long, help = text("cli-json-object"))]
        json: bool,
    },
    #[command(about = text("cli-functions"))]
    Functions {
        #[arg(long, help = text("cli-json-functions"))]
        json: bool,
    },
    #[command(about = text("cli-toggle"))]
    Toggle,
    #[command(about = text("cli-doctor"))]
    Doctor {
        #[arg(long, help = text("cli-json-checks"))]
        json: bool,
    },
    #[command(about = text("cli-model"))]
    Model {
        #[command(subcommand)]
        command: ModelCommand,
    },
    #[command(about = text("cli-plugin"))]
    Plugin {
        #[command(subcommand)]
        command: PluginCommand,
    },
    #[command(about = text("cli-mcp"), long_about = text("cli-mcp-long"))]
    Mcp,
    #[command(about = text("cli-history"))]
    History {
        #[command(subcommand)]
        command: HistoryCommand,
    },
}

/// What to ask.
#[derive(Debug, Args)]
pub(crate) struct AskArguments {
    #[arg(required = true, value_name = text("cli-name-words"), help = text("cli-words"))]
    pub(crate) words: Vec<String>,
    #[arg(long, help = text("cli-json-events"))]
    pub(crate) json: bool,
    #[arg(long, help = text("cli-no-templates"))]
    pub(crate) no_templates: bool,
}

/// What to plan.
#[derive(Debug, Args)]
pub(crate) struct PlanArguments {
    #[arg(required_unless_present = "batch", conflicts_with = "batch", value_name = text("cli-name-words"), help = text("cli-words"))]
    pub(crate) words: Vec<String>,
    #[arg(long, help = text("cli-json-object"))]
    pub(crate) json: bool,
    #[arg(long, help = text("cli-no-templates"))]
    pub(crate) no_templates: bool,
    #[arg(long, value_name = text("cli-name-batch"), help = text("cli-batch"))]
    pub(crate) batch: Option<PathBuf>,
}

/// What to run.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    #[arg(value_name = text("cli-name-file"), help = text("cli-run-file"))]
    pub(crate) file: PathBuf,
    #[arg(long, help = text("cli-json-events"))]
    pub(crate) json: bool,
}

/// What to do with models.
#[derive(Debug, Subcommand)]
pub(crate) enum ModelCommand {
    #[command(about = text("cli-model-list"))]
    List {
        #[arg(long, help = text("cli-json-models"))]
        json: bool,
    },
    #[command(about = text("cli-model-pull"))]
    Pull {
        #[arg(value_name = text("cli-name-model"), help = text("cli-model-id"))]
        id: Option<String>,
    },
    #[command(about = text("cli-model-use"))]
    Use {
        #[arg(value_name = text("cli-name-model"), help = text("cli-model-id"))]
        id: String,
    },
    #[command(about = text("cli-model-rm"))]
    Rm {
        #[arg(value_name = text("cli-name-model"), help = text("cli-model-id"))]
        id: String,
    },
    #[command(about = text("cli-model-info"))]
    Info {
        #[arg(value_name = text("cli-name-model"), help = text("cli-model-id"))]
        id: String,
        #[arg(long, help = text("cli-json-object"))]
        json: bool,
    },
    #[command(about = text("cli-model-bench"))]
    Bench {
        #[arg(value_name = text("cli-name-model"), help = text("cli-model-bench-ids"))]
        ids: Vec<String>,
        #[arg(long, help = text("cli-json-models"))]
        json: bool,
    },
}

/// What to do with plugins.
#[derive(Debug, Subcommand)]
pub(crate) enum PluginCommand {
    #[command(about = text("cli-plugin-new"))]
    New {
        #[arg(value_name = text("cli-name-kind"), help = text("cli-plugin-kind"))]
        kind: Kind,
        #[arg(value_name = text("cli-name-plugin"), help = text("cli-plugin-new-id"))]
        id: String,
        #[arg(long = "in", value_name = text("cli-name-folder"), help = text("cli-plugin-in"))]
        folder: Option<PathBuf>,
    },
    #[command(about = text("cli-plugin-check"))]
    Check {
        #[arg(default_value = ".", hide_default_value = true, value_name = text("cli-name-folder"), help = text("cli-plugin-folder"))]
        folder: PathBuf,
    },
    #[command(about = text("cli-plugin-dev"))]
    Dev {
        #[arg(default_value = ".", hide_default_value = true, value_name = text("cli-name-folder"), help = text("cli-plugin-folder"))]
        folder: PathBuf,
    },
    #[command(about = text("cli-plugin-test"))]
    Test {
        #[arg(default_value = ".", hide_default_value = true, value_name = text("cli-name-folder"), help = text("cli-plugin-folder"))]
        folder: PathBuf,
    },
    // What `test` runs in a world of its own.
    #[command(hide = true)]
    Trial { folder: PathBuf },
    #[command(about = text("cli-plugin-pack"))]
    Pack {
        #[arg(default_value = ".", hide_default_value = true, value_name = text("cli-name-folder"), help = text("cli-plugin-folder"))]
        folder: PathBuf,
    },
    #[command(about = text("cli-plugin-install"))]
    Install {
        #[arg(value_name = text("cli-name-source"), help = text("cli-plugin-from"))]
        from: PathBuf,
    },
    #[command(about = text("cli-plugin-search"))]
    Search {
        #[arg(value_name = text("cli-name-words"), help = text("cli-plugin-search-words"))]
        words: Vec<String>,
        #[arg(long, help = text("cli-json-plugins"))]
        json: bool,
    },
    #[command(about = text("cli-plugin-index"))]
    Index {
        #[arg(default_value = ".", hide_default_value = true, value_name = text("cli-name-folder"), help = text("cli-plugin-index-folder"))]
        folder: PathBuf,
        #[arg(long, value_name = text("cli-name-day"), help = text("cli-plugin-index-expires"))]
        expires: Option<jiff::civil::Date>,
    },
    #[command(about = text("cli-plugin-list"))]
    List {
        #[arg(long, help = text("cli-json-plugins"))]
        json: bool,
    },
    #[command(about = text("cli-plugin-info"))]
    Info {
        #[arg(value_name = text("cli-name-plugin"), help = text("cli-plugin-id"))]
        id: String,
    },
    #[command(about = text("cli-plugin-disable"))]
    Disable {
        #[arg(value_name = text("cli-name-plugin"), help = text("cli-plugin-id"))]
        id: String,
    },
    #[command(about = text("cli-plugin-enable"))]
    Enable {
        #[arg(value_name = text("cli-name-plugin"), help = text("cli-plugin-id"))]
        id: String,
    },
    #[command(about = text("cli-plugin-remove"))]
    Remove {
        #[arg(value_name = text("cli-name-plugin"), help = text("cli-plugin-id"))]
        id: String,
    },
}

/// What to do with the history.
#[derive(Debug, Subcommand)]
pub(crate) enum HistoryCommand {
    #[command(about = text("cli-history-clear"))]
    Clear,
}

/// A message of the catalogue in the session's language.
pub(crate) fn text(id: &str) -> String {
    message(language(), id, &[])
}
