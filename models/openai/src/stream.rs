//! What a server sends: an answer in pieces, as server-sent events.

use std::io::{BufRead, ErrorKind, Read as _};

use serde::Deserialize;

/// The longest line that is taken from a server.
const MAX_LINE_BYTES: u64 = 1 << 20;

/// A step of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// The server has begun to answer.
    Open,
    /// More text.
    Text(String),
    /// The answer was cut off at its greatest length.
    CutOff,
    /// What the server counted.
    Usage {
        /// Tokens of the answer.
        completion_tokens: u32,
    },
    /// The answer is complete.
    End,
}

#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<Usage>,
    error: Option<ServerError>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    delta: Delta,
    finish_reason: Option<String>,
}

#[derive(Deserialize, Default)]
struct Delta {
    content: Option<String>,
}

#[derive(Deserialize)]
struct Usage {
    completion_tokens: u32,
}

/// The two forms in which servers word an error.
#[derive(Deserialize)]
#[serde(untagged)]
enum ServerError {
    Object { message: String },
    Text(String),
}

/// The message in the body of an error, if there is one.
pub(crate) fn message_of(body: &str) -> Option<String> {
    let chunk: Chunk = serde_json::from_str(body).ok()?;
    Some(chunk.error?.message())
}

impl ServerError {
    fn message(self) -> String {
        match self {
            Self::Object { message } | Self::Text(message) => message,
        }
    }
}

/// Reads the events of an answer until its end; `hear` returns whether to go on.
///
/// # Errors
///
/// What went wrong, for the person: the server breaks off, complains, or sends no answer.
pub(crate) fn read(
    reader: &mut impl BufRead,
    hear: &mut dyn FnMut(Piece) -> bool,
) -> Result<(), String> {
    let mut finished = false;
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = reader.take(MAX_LINE_BYTES).read_until(b'\n', &mut line);
        match read {
            // Some servers end after the reason for the end, without the last event.
            Ok(0) if finished => break,
            Ok(0) => return Err("the server broke off in the middle of its answer".to_owned()),
            Ok(_) => {}
            Err(_) if finished => break,
            Err(error) => return Err(broken(&error)),
        }
        let Some(data) = data(&line)? else {
            continue;
        };
        if data == "[DONE]" {
            break;
        }
        for piece in pieces(data)? {
            finished |= matches!(piece, Piece::End);
            // The end itself is told once, when nothing more can come.
            if piece != Piece::End && !hear(piece) {
                return Ok(());
            }
        }
    }
    hear(Piece::End);
    Ok(())
}

fn broken(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => {
            "the server fell silent in the middle of its answer".to_owned()
        }
        _ => format!("the server broke off in the middle of its answer: {error}"),
    }
}

/// What a line carries: nothing for comments, which servers send to be heard, and other fields.
fn data(line: &[u8]) -> Result<Option<&str>, String> {
    let no_answer = || "the server sent something that is no answer".to_owned();
    let line = std::str::from_utf8(line).map_err(|_| no_answer())?.trim();
    if line.is_empty() || line.starts_with(':') {
        return Ok(None);
    }
    match line.split_once(':') {
        Some(("data", data)) => Ok(Some(data.trim_start())),
        Some(("event" | "id" | "retry", _)) => Ok(None),
        _ => Err(no_answer()),
    }
}

/// The pieces of one event, in order.
fn pieces(data: &str) -> Result<Vec<Piece>, String> {
    let chunk: Chunk = serde_json::from_str(data)
        .map_err(|error| format!("the server sent something that is no answer: {error}"))?;
    if let Some(error) = chunk.error {
        return Err(format!("the server says: {}", error.message()));
    }
    let mut pieces = Vec::new();
    for choice in chunk.choices {
        if let Some(text) = choice.delta.content.filter(|text| !text.is_empty()) {
            pieces.push(Piece::Text(text));
        }
        match choice.finish_reason.as_deref() {
            None => {}
            Some("length") => pieces.extend([Piece::CutOff, Piece::End]),
            Some("content_filter") => {
                return Err("the server's own filter withholds the answer".to_owned());
            }
            Some(_) => pieces.push(Piece::End),
        }
    }
    pieces.extend(chunk.usage.map(|usage| Piece::Usage {
        completion_tokens: usage.completion_tokens,
    }));
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(stream: &str) -> (Vec<Piece>, Result<(), String>) {
        let mut pieces = Vec::new();
        let result = read(&mut stream.as_bytes(), &mut |piece| {
            pieces.push(piece);
            true
        });
        (pieces, result)
    }

    #[test]
    fn comments_and_other_fields_are_passed_over() {
        let (pieces, result) = heard(
            ": ping\n\nevent: x\ndata: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n\
             data:{\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]}\r\n\r\n\
             data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}\n\n\
             data: {\"choices\":[],\"usage\":{\"completion_tokens\":9}}\n\ndata: [DONE]\n\n",
        );
        assert_eq!(result, Ok(()));
        let usage = Piece::Usage {
            completion_tokens: 9,
        };
        let text = Piece::Text("a".to_owned());
        assert_eq!(pieces, [text, Piece::CutOff, usage, Piece::End]);
    }

    #[test]
    fn a_broken_stream_is_no_answer() {
        for (stream, reason) in [
            ("", "broke off"),
            (
                "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n",
                "broke off",
            ),
            ("data: {\"choices\":[\n", "no answer"),
            ("<html>\n", "no answer"),
            (
                "data: {\"error\":{\"message\":\"no memory\"}}\n",
                "no memory",
            ),
            ("data: {\"error\":\"no memory\"}\n", "no memory"),
        ] {
            let error = heard(stream).1.err();
            assert!(
                error.as_ref().is_some_and(|error| error.contains(reason)),
                "{stream}: {error:?}"
            );
        }
    }

    #[test]
    fn a_stream_may_end_after_its_reason() {
        let (pieces, result) =
            heard("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n");
        assert_eq!((pieces, result), (vec![Piece::End], Ok(())));
    }
}
