//! Which programs a manifest may start, and with what arguments.

use std::path::Path;

use super::{
    template,
    validate::{Checked, ensure},
};
use crate::command::find_program;

/// Checks the program of an `argv`, and returns what it is called.
pub(super) fn named(argv: &[String]) -> Result<Vec<String>, String> {
    let Some(program) = argv.first() else {
        return Err("`argv` is empty; it begins with the program".to_owned());
    };
    ensure(template::placeholders(program).is_empty(), || {
        "the program cannot come from an argument".to_owned()
    })?;
    let names = names_of(program);
    for name in &names {
        ensure(!RUNNERS.contains(&&**name), || {
            format!("`{name}` runs other programs; name the program itself")
        })?;
    }
    Ok(names)
}

/// Programs that run others, so that nobody sees which.
const RUNNERS: &[&str] = &[
    "ash",
    "at",
    "bash",
    "batch",
    "busybox",
    "bwrap",
    "chroot",
    "chrt",
    "csh",
    "dash",
    "doas",
    "docker",
    "env",
    "expect",
    "find",
    "firejail",
    "fish",
    "flatpak-spawn",
    "flock",
    "gdb",
    "ionice",
    "ksh",
    "machinectl",
    "mksh",
    "nice",
    "nohup",
    "nsenter",
    "nu",
    "parallel",
    "pkexec",
    "podman",
    "prlimit",
    "pwsh",
    "rbash",
    "run-parts",
    "run0",
    "runuser",
    "screen",
    "script",
    "setarch",
    "setpriv",
    "setsid",
    "sh",
    "ssh",
    "start-stop-daemon",
    "stdbuf",
    "strace",
    "su",
    "sudo",
    "systemd-run",
    "taskset",
    "tcsh",
    "time",
    "timeout",
    "tmux",
    "toybox",
    "unshare",
    "watch",
    "xargs",
    "zsh",
];

/// Programs that reach what is never called over D-Bus: any name on a bus, passwords, settings that hold commands.
const TALKERS: &[&str] = &[
    "busctl",
    "dbus-launch",
    "dbus-run-session",
    "dbus-send",
    "dconf",
    "gdbus",
    "keyctl",
    "kwallet-query",
    "lucid",
    "pass",
    "qdbus",
    "qdbus6",
    "secret-tool",
    "systemctl",
];

/// Programs that read a program or a command from an argument, with the letters and words of the options that bring one.
const INTERPRETERS: &[(&str, &str, &[&str])] = &[
    // Its settings hold commands.
    ("git", "c", &["--config-env", "--exec-path"]),
    ("lua", "e", &[]),
    ("node", "ep", &["--eval", "--print"]),
    ("perl", "eE", &[]),
    ("php", "rREB", &["--run"]),
    ("python", "c", &[]),
    ("ruby", "e", &[]),
];

/// Programs whose first argument is a program, unless `-f` names a file with it.
const PATTERNS: &[&str] = &["awk", "gawk", "mawk"];

/// One program that is many: what it does is told by the name of the link.
const MANY_IN_ONE: &[&str] = &["busybox", "coreutils", "toybox"];

/// What a program is called: as it is written, and where it is a link to another one.
fn names_of(program: &str) -> Vec<String> {
    let name = |path: &Path| Some(path.file_name()?.to_str()?.to_owned());
    let real = find_program(program).and_then(|path| name(&path.canonicalize().ok()?));
    let real = real.filter(|real| !MANY_IN_ONE.contains(&&**real));
    let mut names: Vec<String> = name(Path::new(program)).into_iter().chain(real).collect();
    names.dedup();
    names
}

/// The first of the options in front that brings a program, or may become one that does.
fn brings_program<'a>(
    arguments: &'a [String],
    letters: &str,
    words: &[&str],
) -> Option<&'a String> {
    // Behind the first that is no option stand those of the program in a file.
    let is_option = |argument: &&String| {
        argument.starts_with('-') || !template::placeholders(argument).is_empty()
    };
    let mut options = arguments.iter().take_while(is_option);
    options.find(|option| match option.strip_prefix("--") {
        Some(_) => words.contains(&option.split('=').next().unwrap_or(option)),
        None => !option.starts_with('-') || option.contains(|c| letters.contains(c)),
    })
}

/// Checks a program, called by any of `names`, that runs with the person's rights, outside of any sandbox.
pub(super) fn unconfined(names: &[String], arguments: &[String]) -> Checked {
    for name in names {
        ensure(!TALKERS.contains(&&**name), || {
            format!(
                "`{name}` reaches what is never called; declare the call under `[function.dbus]`"
            )
        })?;
        // `python3.11` is one, too.
        let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        let is_on_its_line = !arguments.iter().any(|option| option == "-f");
        // What is named first is where the mistake stands.
        let culprit = match INTERPRETERS.iter().find(|(known, ..)| *known == plain) {
            Some((_, letters, words)) => brings_program(arguments, letters, words),
            None => Some(name).filter(|_| PATTERNS.contains(&plain) && is_on_its_line),
        };
        if let Some(culprit) = culprit {
            return Err(format!(
                "`{culprit}` would run a program that stands in an argument of `{name}`; put it into a file"
            ));
        }
    }
    Ok(())
}
