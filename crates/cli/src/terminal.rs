//! Writing to the terminal.

use std::io::{IsTerminal, Write};

/// Writes a line to standard output; a reader that went away ends the program quietly.
pub(crate) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{text}").and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}

/// Writes a piece of a question to standard error.
pub(crate) fn tell(text: &str) {
    let mut err = std::io::stderr().lock();
    // Nothing can be asked when standard error is gone; then the answer is no.
    let _ = write!(err, "{text}").and_then(|()| err.flush());
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

/// Where text goes.
#[derive(Clone, Copy)]
pub(crate) enum Stream {
    Output,
    Error,
}

/// Sets `text` in `style`, for standard output.
pub(crate) fn styled(text: &str, style: Style) -> String {
    styled_for(Stream::Output, text, style)
}

/// Sets `text` in `style`, for `stream`.
pub(crate) fn styled_for(stream: Stream, text: &str, style: Style) -> String {
    let is_terminal = match stream {
        Stream::Output => std::io::stdout().is_terminal(),
        Stream::Error => std::io::stderr().is_terminal(),
    };
    if !is_terminal || std::env::var_os("NO_COLOR").is_some() {
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
