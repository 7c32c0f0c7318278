//! Help and complaints about arguments, in the session's language.
//!
//! clap reads arguments well and speaks English only, so its headings and errors are
//! written anew from the catalogue.

use std::process::ExitCode;

use clap::{
    Arg, ArgAction, Command, CommandFactory, FromArgMatches,
    error::{ContextKind, ContextValue, ErrorKind},
};
use protocol::{Problem, text::problem};

use crate::{
    arguments::{Arguments, text},
    connection::language,
    terminal::complain,
};

/// The exit code of wrong usage.
const WRONG_USAGE: u8 = 2;

/// Reads the program's arguments; when they ask for help, or are wrong, says so and returns the exit code.
pub(crate) fn read() -> Result<Arguments, ExitCode> {
    let matches = in_words(Arguments::command(), "")
        .disable_version_flag(true)
        .arg(flag("version", 'V', ActionOf::Version))
        .try_get_matches();
    matches
        .and_then(|matches| Arguments::from_arg_matches(&matches))
        .map_err(|error| report(&error))
}

enum ActionOf {
    Help,
    Version,
}

fn flag(name: &'static str, short: char, action: ActionOf) -> Arg {
    let (action, id) = match action {
        ActionOf::Help => (ArgAction::Help, "cli-help"),
        ActionOf::Version => (ArgAction::Version, "cli-version"),
    };
    Arg::new(name)
        .short(short)
        .long(name)
        .action(action)
        .help(text(id))
}

/// Gives a command below `parent`, and those below it, headings and usage in the session's
/// language.
fn in_words(command: Command, parent: &str) -> Command {
    let template = template(&command);
    let name = format!("{parent} {}", command.get_name()).trim().to_owned();
    let usage = usage(&command, &name);
    command
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .arg(flag("help", 'h', ActionOf::Help))
        .help_template(template)
        .override_usage(usage)
        .mut_subcommands(|command| in_words(command, &name))
}

/// Writes how a command is written: `lucid plan [OPTIONS] [WORDS]...`.
fn usage(command: &Command, name: &str) -> String {
    let mut usage = format!("{name} [{}]", text("cli-name-options"));
    if command.has_subcommands() {
        usage.push_str(&format!(" <{}>", text("cli-name-command")));
    }
    for argument in command.get_positionals() {
        usage.push_str(&format!(" {argument}"));
    }
    usage
}

fn template(command: &Command) -> String {
    let mut template = format!("{{about}}\n\n{} {{usage}}", text("cli-usage"));
    let mut section = |heading: &str, tag: &str| {
        template.push_str(&format!("\n\n{}\n{tag}", text(heading)));
    };
    if command.has_subcommands() {
        section("cli-commands", "{subcommands}");
    }
    if command.get_positionals().next().is_some() {
        section("cli-arguments", "{positionals}");
    }
    section("cli-options", "{options}");
    template
}

fn report(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            // A reader that went away needs no help.
            let _ = error.print();
        }
        _ => {
            let wrong = wrong_usage(error);
            complain(&wrong.sentence, &wrong.remedy);
        }
    }
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => WRONG_USAGE.into(),
    }
}

/// Says what is wrong with the arguments, and what was perhaps meant.
fn wrong_usage(error: &clap::Error) -> Problem {
    let context = |kind| words(error.get(kind));
    let argument = plain(&context(ContextKind::InvalidArg));
    let value = context(ContextKind::InvalidValue);
    let (id, suggested, values) = match error.kind() {
        ErrorKind::InvalidSubcommand => (
            "cli-unknown-command",
            suggested_command(error),
            vec![("command", context(ContextKind::InvalidSubcommand))],
        ),
        ErrorKind::UnknownArgument if !argument.starts_with('-') => (
            "cli-word-not-taken",
            String::new(),
            vec![("word", argument)],
        ),
        ErrorKind::UnknownArgument => (
            "cli-unknown-option",
            context(ContextKind::SuggestedArg),
            vec![("option", argument)],
        ),
        ErrorKind::MissingRequiredArgument => (
            missing(&argument),
            String::new(),
            vec![("argument", argument)],
        ),
        ErrorKind::ArgumentConflict => (
            "cli-conflict",
            String::new(),
            vec![
                ("argument", argument),
                ("other", plain(&context(ContextKind::PriorArg))),
            ],
        ),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation if value.is_empty() => (
            "cli-missing-value",
            String::new(),
            vec![("option", argument)],
        ),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => (
            "cli-wrong-value",
            String::new(),
            vec![("option", argument), ("value", value)],
        ),
        _ => (
            "cli-wrong-usage",
            String::new(),
            vec![("reason", error.kind().to_string())],
        ),
    };
    let values: Vec<(&str, &str)> = values
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let mut wrong = problem(language(), id, &values);
    if !suggested.is_empty() {
        wrong.remedy =
            protocol::text::message(language(), "cli-perhaps", &[("suggested", &suggested)]);
    }
    wrong
}

/// The message for an argument that is missing, with a sentence of its own for those that there are.
fn missing(argument: &str) -> &'static str {
    let of = [
        ("cli-name-words", "cli-missing-words"),
        ("cli-name-file", "cli-missing-file"),
        ("cli-name-model", "cli-missing-model"),
    ];
    of.into_iter()
        .find(|(name, _)| text(name) == argument)
        .map_or("cli-missing-argument", |(_, message)| message)
}

/// An argument's name without the marks of usage: `<WORDS>...` is `WORDS`, `--limit <N>` is
/// `--limit`.
fn plain(argument: &str) -> String {
    let name = if argument.starts_with('-') {
        argument.split_whitespace().next().unwrap_or_default()
    } else {
        argument.trim_end_matches('.')
    };
    name.trim_matches(['<', '>', '[', ']']).to_owned()
}

/// The command that was perhaps meant. clap sees no likeness in short words of which two letters
/// are swapped.
fn suggested_command(error: &clap::Error) -> String {
    let suggested = words(error.get(ContextKind::SuggestedSubcommand));
    if !suggested.is_empty() {
        return suggested;
    }
    let written = words(error.get(ContextKind::InvalidSubcommand));
    let root = Arguments::command();
    let is_near = |command: &&Command| strsim::osa_distance(command.get_name(), &written) == 1;
    let near = root.get_subcommands().find(is_near);
    near.map_or(String::new(), |command| command.get_name().to_owned())
}

fn words(value: Option<&ContextValue>) -> String {
    match value {
        Some(ContextValue::String(one)) => one.clone(),
        Some(ContextValue::Strings(many)) => many.join(", "),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(arguments: &[&str]) -> Problem {
        let error = in_words(Arguments::command(), "")
            .try_get_matches_from(arguments)
            .unwrap_err();
        wrong_usage(&error)
    }

    #[test]
    fn each_mistake_is_named_with_what_was_meant() {
        let unknown = wrong(&["lucid", "docter"]);
        assert_eq!(unknown.sentence, "There is no command “docter”.");
        assert_eq!(unknown.remedy, "Did you mean “doctor”?");
        let remedy = wrong(&["lucid", "mute"]).remedy;
        assert!(remedy.contains("lucid ask \"mute\""), "{remedy}");
        let option = wrong(&["lucid", "log", "--jsn"]);
        assert_eq!(option.sentence, "There is no option “--jsn” here.");
        assert_eq!(option.remedy, "Did you mean “--json”?");
        for (written, meant) in [("aks", "ask"), ("wyh", "why"), ("lgo", "log")] {
            let remedy = wrong(&["lucid", written, "hello"]).remedy;
            assert_eq!(remedy, format!("Did you mean “{meant}”?"));
        }
        for (arguments, sentence) in [
            (&["ask"][..], "It is not said what to do."),
            (&["plan"], "It is not said what to do."),
            (&["run"], "The file with the plan is not named."),
            (&["model", "use"], "The model is not named."),
        ] {
            assert_eq!(wrong(&[&["lucid"], arguments].concat()).sentence, sentence);
        }
        let valueless = wrong(&["lucid", "log", "--limit"]).sentence;
        assert_eq!(valueless, "--limit needs a value.");
        let value = wrong(&["lucid", "log", "--limit", "many"]).sentence;
        assert!(value.contains("“many”"), "{value}");
        let below_nothing = wrong(&["lucid", "log", "--limit", "-1"]).sentence;
        assert_eq!(below_nothing, "--limit does not take “-1”.");
        let extra = wrong(&["lucid", "stop", "now"]).sentence;
        assert_eq!(extra, "The command takes no “now”.");
        let conflict = wrong(&["lucid", "plan", "x", "--batch", "f"]).sentence;
        assert_eq!(conflict, "WORDS and --batch do not go together.");
    }

    #[test]
    fn help_says_every_command_in_words() {
        let help = in_words(Arguments::command(), "").render_help().to_string();
        for word in ["Usage: lucid", "Commands:", "ask", "doctor", "Options:"] {
            assert!(help.contains(word), "{word} in {help}");
        }
        // An id that is not in the catalogue would show as itself.
        assert!(!help.contains("cli-"), "{help}");
    }
}
