//! Starting the kernel.

use std::{
    fs::{self, File},
    io,
    os::unix::{fs::DirBuilderExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::Duration,
};

use tokio::time::Instant;

use crate::{connection::is_running, exit::Failure};

/// How long a kernel may take to come up; it takes about 0.2 s on a slow machine.
const START_LIMIT: Duration = Duration::from_secs(10);
/// How long to wait for the name after a kernel has ended because another one holds the
/// journal: somebody else may have started that one in this moment.
const OTHER_LIMIT: Duration = Duration::from_secs(3);
/// How often to look.
const LOOK: Duration = Duration::from_millis(20);
/// The longest log that is added to; a longer one is put aside.
const LOG_LIMIT: u64 = 256 * 1024;

/// Starts the kernel beside this program and waits until it is on `bus`.
///
/// # Errors
///
/// A [`Failure`] that says why it did not come up, as far as the kernel said so.
pub(crate) async fn start(bus: &zbus::Connection) -> anyhow::Result<()> {
    let log = log_file();
    let begin = log.as_deref().map_or(0, length);
    let mut child = spawn(log.as_deref())?;
    let mut deadline = Instant::now() + START_LIMIT;
    let mut has_ended = false;
    while !is_running(bus).await? {
        if !has_ended && let Some(status) = child.try_wait()? {
            if !status.success() {
                return Err(failed(log.as_deref(), begin).into());
            }
            has_ended = true;
            deadline = Instant::now() + OTHER_LIMIT;
        }
        if Instant::now() > deadline {
            let id = if has_ended {
                "kernel-elsewhere"
            } else {
                "kernel-silent"
            };
            return Err(Failure::unreachable(id).into());
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}

/// Starts the program in a session of its own so that it outlives the terminal.
///
/// Its complaints go to a file and not through a pipe: the kernel goes on writing after this
/// program has ended. It says little there, since the file lasts as long as the login.
fn spawn(log: Option<&Path>) -> anyhow::Result<Child> {
    let program = std::env::current_exe()?.with_file_name("lucidd");
    let log = log.and_then(|path| appended(path).ok());
    #[allow(
        clippy::disallowed_methods,
        reason = "the kernel inherits the session's environment as from the bus"
    )]
    let mut command = std::process::Command::new(&program);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log.map_or_else(Stdio::null, Stdio::from))
        .process_group(0);
    if std::env::var_os("LUCID_LOG").is_none() {
        command.env("LUCID_LOG", "warn");
    }
    let child = command.spawn();
    child.map_err(|_| Failure::unreachable("no-kernel").into())
}

/// Opens the log to add to it: a kernel that was started in the same moment may write there too,
/// and whoever looks for a complaint finds those of the starts before.
fn appended(path: &Path) -> io::Result<File> {
    File::options().create(true).append(true).open(path)
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// Where the kernel complains: `$XDG_RUNTIME_DIR/lucid/kernel.log`, in memory on most
/// machines, so that a full disk does not silence the complaint about it. One that has grown
/// long is put aside first, in the place of the one before.
fn log_file() -> Option<PathBuf> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").filter(|folder| !folder.is_empty())?;
    let folder = PathBuf::from(runtime).join("lucid");
    let made = fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder);
    made.ok()?;
    let log = folder.join("kernel.log");
    put_aside(&log);
    Some(log)
}

/// Renames a long log. A kernel that has it open goes on writing to it under its new name.
fn put_aside(log: &Path) {
    if length(log) > LOG_LIMIT {
        // Where that fails the log grows; the kernel matters more.
        let _ = fs::rename(log, log.with_extension("log.old"));
    }
}

/// Says why the kernel did not start: by what was added to the log behind `begin`.
fn failed(log: Option<&Path>, begin: u64) -> Failure {
    let text = log.map(fs::read).and_then(Result::ok).unwrap_or_default();
    let begin = usize::try_from(begin).unwrap_or(usize::MAX);
    match last_words(&String::from_utf8_lossy(
        text.get(begin..).unwrap_or_default(),
    )) {
        Some(reason) => Failure::unreachable_with("kernel-failed", &[("reason", &reason)]),
        None => Failure::unreachable("kernel-silent"),
    }
}

/// Finds the kernel's last sentence in its log, without time, level and colours.
fn last_words(log: &str) -> Option<String> {
    let last = log
        .lines()
        .rev()
        .map(plain)
        .find(|line| !line.is_empty() && !line.starts_with("note: "))?;
    let sentence = match last.split_once(" ERROR ") {
        Some((_, rest)) => rest.split_once(": ").map_or(rest, |(_, sentence)| sentence),
        None => &last,
    };
    Some(sentence.to_owned())
}

/// Drops the sequences that colour a line.
fn plain(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').map_or(part, |(_, text)| text));
    }
    plain.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_log_is_added_to_until_it_is_long() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("kernel.log");
        for word in ["first ", "second"] {
            appended(&log).unwrap().write_all(word.as_bytes()).unwrap();
            put_aside(&log);
        }
        assert_eq!(fs::read_to_string(&log).unwrap(), "first second");
        fs::write(&log, vec![b'x'; LOG_LIMIT as usize + 1]).unwrap();
        put_aside(&log);
        assert!(!log.exists());
        let aside = folder.path().join("kernel.log.old");
        assert_eq!(length(&aside), LOG_LIMIT + 1);
    }

    #[test]
    fn the_last_words_are_the_sentence_alone() {
        let log = "2026-01-01T00:00:00Z  WARN lucidd: a\n\
                   \u{1b}[2m2026-01-01T00:00:01Z\u{1b}[0m \u{1b}[31mERROR\u{1b}[0m \u{1b}[2mlucidd\u{1b}[0m\u{1b}[2m:\u{1b}[0m the journal x cannot be used: too new\n\n";
        let found = last_words(log);
        assert_eq!(
            found.as_deref(),
            Some("the journal x cannot be used: too new")
        );
        let panic =
            "thread 'main' panicked at a.rs:1:2:\nbroken\nnote: run with `RUST_BACKTRACE=1`\n";
        assert_eq!(last_words(panic).as_deref(), Some("broken"));
        assert_eq!(last_words("\n"), None);
    }
}
