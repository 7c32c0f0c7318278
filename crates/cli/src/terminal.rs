//! Writing to the terminal.
//!
//! Names of files, titles of songs and sentences of services come from anywhere, and a
//! terminal obeys what it is sent. So all that is written here goes through [`Shown`].

use std::{
    io::{IsTerminal, Write},
    ops::Add,
};

use protocol::text::{is_misleading, visible};

/// Text that a terminal does not act on, but for the styles that this module gives it.
#[derive(Debug, Clone)]
pub(crate) struct Shown(String);

impl From<&str> for Shown {
    fn from(text: &str) -> Shown {
        Shown(visible(text))
    }
}

impl From<&String> for Shown {
    fn from(text: &String) -> Shown {
        Shown(visible(text))
    }
}

impl From<String> for Shown {
    fn from(text: String) -> Shown {
        Shown(visible(&text))
    }
}

impl<T: Into<Shown>> Add<T> for Shown {
    type Output = Shown;

    fn add(mut self, other: T) -> Shown {
        self.0.push_str(&other.into().0);
        self
    }
}

/// Writes a line to standard output; a reader that went away ends the program quietly.
pub(crate) fn line(text: impl Into<Shown>) {
    print(&text.into().0);
}

/// Writes an object to standard output, whole and on one line. What would steer a terminal is
/// written as JSON escapes it, so that a program reads exactly what was there.
pub(crate) fn json_line(json: &str) {
    print(&escaped(json));
}

fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{text}").and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}

/// Escapes what is misleading in JSON; such characters stand in its strings only.
fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if is_misleading(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// Writes a piece of a question to standard error.
pub(crate) fn tell(text: impl Into<Shown>) {
    let mut err = std::io::stderr().lock();
    // Nothing can be asked when standard error is gone; then the answer is no.
    let _ = write!(err, "{}", text.into().0).and_then(|()| err.flush());
}

/// Writes a problem and its remedy to standard error.
pub(crate) fn complain(sentence: &str, remedy: &str) {
    let mut err = std::io::stderr().lock();
    // Nothing can be told when standard error is gone.
    let _ = writeln!(err, "lucid: {}", visible(sentence));
    if !remedy.is_empty() {
        let _ = writeln!(err, "       {}", visible(remedy));
    }
}

/// Writes a passing line to standard error, replacing the one before on a terminal.
pub(crate) fn progress(text: &str) {
    let mut err = std::io::stderr().lock();
    let text = visible(text);
    let _ = if err.is_terminal() {
        write!(err, "\r\x1b[K{text}")
    } else if text.is_empty() {
        // There is no line to clear.
        Ok(())
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
pub(crate) fn styled(text: &str, style: Style) -> Shown {
    styled_for(Stream::Output, text, style)
}

/// Sets `text` in `style`, for `stream`.
pub(crate) fn styled_for(stream: Stream, text: &str, style: Style) -> Shown {
    let is_terminal = match stream {
        Stream::Output => std::io::stdout().is_terminal(),
        Stream::Error => std::io::stderr().is_terminal(),
    };
    let text = visible(text);
    if !is_terminal || std::env::var_os("NO_COLOR").is_some() {
        return Shown(text);
    }
    let code = match style {
        Style::Bold => "1",
        Style::Dim => "2",
        Style::Good => "32",
        Style::Bad => "31",
    };
    Shown(format!("\x1b[{code}m{text}\x1b[0m"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_joined_reaches_the_terminal_raw() {
        let joined = styled("\u{1b}[8m", Style::Bold) + " " + "\u{202e}x" + &"\u{7f}".to_owned();
        assert_eq!(joined.0, "⟨U+001B⟩[8m ⟨U+202E⟩x⟨U+007F⟩");
    }

    #[test]
    fn json_keeps_its_meaning() {
        let name = "a\u{202e}b\u{9b}\u{e0041}文";
        let json = escaped(&serde_json::to_string(name).unwrap());
        assert!(json.is_char_boundary(0) && !json.chars().any(is_misleading));
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), name);
    }
}
