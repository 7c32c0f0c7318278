//! Writing to the terminal.

use std::io::{IsTerminal, Write};

/// Writes a line to standard output; a reader that went away ends the program quietly.
pub(crate) fn line(text: &str) {
    write(text, "\n");
}

/// Writes text without a line end.
pub(crate) fn part(text: &str) {
    write(text, "");
}

fn write(text: &str, end: &str) {
    let mut out = std::io::stdout().lock();
    if write!(out, "{text}{end}")
        .and_then(|()| out.flush())
        .is_err()
    {
        std::process::exit(0);
    }
}

/// Writes a problem and its remedy to standard error.
pub(crate) fn complain(sentence: &str, remedy: &str) {
    let mut err = std::io::stderr().lock();
    // Nothing can be told when standard error is gone.
    let _ = writeln!(err, "lucid: {sentence}");
    if !remedy.is_empty() {
        let _ = writeln!(err, "       {remedy}");
    }
}

/// Writes a passing line to standard error, replacing the one before on a terminal.
pub(crate) fn progress(text: &str) {
    let mut err = std::io::stderr().lock();
    let _ = if err.is_terminal() {
        write!(err, "\r\x1b[K{text}")
    } else {
        writeln!(err, "{text}")
    };
    let _ = err.flush();
}

/// A style of the terminal; plain text where output is no terminal or `NO_COLOR` is set.
#[derive(Clone, Copy)]
pub(crate) enum Style {
    Bold,
    Dim,
    Good,
    Bad,
}

/// Sets `text` in `style`.
pub(crate) fn styled(text: &str, style: Style) -> String {
    if !std::io::stdout().is_terminal() || std::env::var_os("NO_COLOR").is_some() {
        return text.to_owned();
    }
    let code = match style {
        Style::Bold => "1",
        Style::Dim => "2",
        Style::Good => "32",
        Style::Bad => "31",
    };
    format!("\x1b[{code}m{text}\x1b[0m")
}
