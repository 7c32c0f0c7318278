//! A server as the model of a worker.

use std::path::PathBuf;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use engine::protocol::{Failure, LoadCommand};
use engine::{GenerateRequest, Generated, Started, StopReason};
use worker::{Answer, Fences, Job, Model, Network, Speed, Start};

use crate::chat;
use crate::server::{Address, Server};
use crate::stream::Piece;

/// How often a wait looks whether the client has changed its mind.
const PAUSE: Duration = Duration::from_millis(20);

/// How often the client hears that the wait goes on.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// The worker holds no weights.
const MEMORY_BYTES: u64 = 1 << 30;

/// What finding a server's address and checking its certificate takes.
const SYSTEM_FILES: [&str; 13] = [
    "/etc/hosts",
    "/etc/resolv.conf",
    "/etc/nsswitch.conf",
    "/etc/host.conf",
    "/etc/gai.conf",
    "/run/systemd/resolve",
    "/run/NetworkManager",
    "/run/resolvconf",
    "/etc/ssl",
    "/etc/pki",
    "/etc/ca-certificates",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
];

/// Serves the socket on standard input until the client goes.
pub(crate) fn serve() -> anyhow::Result<()> {
    worker::serve(Start {
        build: format!("openai (lucid-engine-openai {})", env!("CARGO_PKG_VERSION")),
        fences,
        load: OpenAi::load,
    })
}

/// Leaves the endpoint's port, its key, and what the system keeps for the way there.
fn fences(load: &LoadCommand) -> Fences {
    let endpoint = load.endpoint.as_ref();
    let address = endpoint.and_then(|endpoint| Address::parse(&endpoint.url).ok());
    let key = endpoint.and_then(|endpoint| endpoint.key_file.clone());
    Fences {
        readable: SYSTEM_FILES
            .map(PathBuf::from)
            .into_iter()
            .chain(key)
            .collect(),
        listable: Vec::new(),
        writable: Vec::new(),
        network: address.map_or(Network::None, |address| Network::Port(address.port)),
        memory_bytes: Some(MEMORY_BYTES),
    }
}

struct OpenAi {
    server: Server,
    context_length: u32,
    decoded_tokens: f64,
    decode_seconds: f64,
}

impl OpenAi {
    fn load(load: &LoadCommand, _: &Job) -> anyhow::Result<Self> {
        let endpoint = load
            .endpoint
            .clone()
            .context("the catalogue's entry has no endpoint")?;
        Ok(Self {
            server: Server::new(endpoint)?,
            context_length: load.context_length,
            decoded_tokens: 0.0,
            decode_seconds: 0.0,
        })
    }
}

impl Model for OpenAi {
    fn context_length(&self) -> u32 {
        self.context_length
    }

    /// The fixed text goes along as the beginning of an answer. A server that begins anew instead
    /// of going on with it repeats it: that much is taken off again.
    fn generate(&mut self, request: &GenerateRequest, job: &Job) -> Result<Generated, Failure> {
        let body = chat::body(self.server.endpoint(), request);
        let call = self.server.call(body);
        let mut wait = Wait::new(job, call.pieces());
        let arrived = Instant::now();
        let started = match wait.next()? {
            Piece::Open => Started {
                prefill_ms: arrived.elapsed().as_secs_f64() * 1e3,
                ..Started::default()
            },
            _ => {
                return Err(Failure::Other(
                    "the server answers without a word".to_owned(),
                ));
            }
        };
        job.start(started.clone());
        let begin = Instant::now();
        let mut answer = Answer::new(job, &request.stop);
        let mut repetition = Repetition::of(&request.fixed);
        let mut generated = Generated {
            started,
            stop_reason: StopReason::End,
            ..Generated::default()
        };
        loop {
            match wait.next()? {
                Piece::Open => {}
                Piece::Text(text) => {
                    generated.decoded_tokens += 1;
                    if answer.push(&repetition.strip(text)) {
                        generated.stop_reason = StopReason::Stop;
                        break;
                    }
                }
                Piece::CutOff => generated.stop_reason = StopReason::MaxTokens,
                Piece::Usage { completion_tokens } => generated.decoded_tokens = completion_tokens,
                Piece::End => break,
            }
        }
        answer.push(&repetition.rest());
        generated.text = answer.finish();
        generated.decode_ms = begin.elapsed().as_secs_f64() * 1e3;
        self.decoded_tokens += f64::from(generated.decoded_tokens);
        self.decode_seconds += begin.elapsed().as_secs_f64();
        Ok(generated)
    }

    fn speed(&self) -> Speed {
        Speed {
            prefill: 0.0,
            decode: if self.decode_seconds > 0.0 {
                self.decoded_tokens / self.decode_seconds
            } else {
                0.0
            },
        }
    }
}

/// Waits for the server, for no longer than the client does.
struct Wait<'a> {
    job: &'a Job,
    pieces: &'a mpsc::Receiver<Result<Piece, String>>,
    told: Instant,
}

impl<'a> Wait<'a> {
    fn new(job: &'a Job, pieces: &'a mpsc::Receiver<Result<Piece, String>>) -> Self {
        Self {
            job,
            pieces,
            told: Instant::now(),
        }
    }

    fn next(&mut self) -> Result<Piece, Failure> {
        loop {
            if self.job.is_cancelled() {
                return Err(Failure::Cancelled);
            }
            if self.told.elapsed() > SIGN_OF_LIFE {
                self.told = Instant::now();
                self.job.progress(0.0);
            }
            match self.pieces.recv_timeout(PAUSE) {
                Ok(piece) => return piece.map_err(Failure::Other),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::Other(
                        "the call of the server broke off".to_owned(),
                    ));
                }
            }
        }
    }
}

/// Takes a text off the beginning of an answer, where the answer repeats it.
struct Repetition<'a> {
    expected: &'a str,
    /// What looks like the repetition so far.
    held: String,
}

impl<'a> Repetition<'a> {
    fn of(expected: &'a str) -> Self {
        Self {
            expected,
            held: String::new(),
        }
    }

    /// Returns what of `text` belongs to the answer.
    fn strip(&mut self, text: String) -> String {
        if self.expected.is_empty() {
            return text;
        }
        self.held.push_str(&text);
        if self.expected.starts_with(&self.held) && self.held.len() < self.expected.len() {
            return String::new();
        }
        let held = self.rest();
        match held.strip_prefix(std::mem::take(&mut self.expected)) {
            Some(rest) => rest.to_owned(),
            None => held,
        }
    }

    /// Gives back what turned out to be no repetition.
    fn rest(&mut self) -> String {
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(fixed: &str, pieces: &[&str]) -> String {
        let mut repetition = Repetition::of(fixed);
        let mut text: String = pieces
            .iter()
            .map(|piece| repetition.strip((*piece).to_owned()))
            .collect();
        text.push_str(&repetition.rest());
        text
    }

    #[test]
    fn a_repeated_beginning_comes_off_once() {
        assert_eq!(stripped("a()\n", &["a(", ")\nb", "()"]), "b()");
        assert_eq!(stripped("a()\n", &["a()\na()\n"]), "a()\n");
        assert_eq!(stripped("a()\n", &["b", "()\n"]), "b()\n");
        assert_eq!(stripped("a()\n", &["a", "b()"]), "ab()");
        assert_eq!(stripped("a()\n", &["a("]), "a(");
        assert_eq!(stripped("", &["x", "y"]), "xy");
    }
}
