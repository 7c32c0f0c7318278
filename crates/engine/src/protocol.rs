//! The messages between a worker and its client: one JSON object a line, over a socket
//! that the worker inherits as its standard input. See `docs/engines.md`.

use std::io::{self, BufRead, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{
    CapsuleReport, EngineError, EngineStats, GenerateRequest, Generated, LoadReport, PrefillReport,
    Prompt, Score, Started, TokenLogprob,
};

/// Raised whenever a message changes its meaning; both sides must agree.
pub const PROTOCOL_VERSION: u32 = 1;

/// The longest line that either side accepts, so that a broken peer cannot fill memory.
pub const MAX_LINE_BYTES: usize = 16 * 1024 * 1024;

/// What the client says. Every command but `Cancel`, `Ping` and `Shutdown` is answered
/// by exactly one final reply with the same id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// Chosen by the client, ascending.
    pub id: u64,
    /// What to do.
    pub body: CommandBody,
}

/// The commands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandBody {
    /// Loads a model; the first command, once in a worker's life.
    Load(LoadCommand),
    /// Prefills and saves the constant part of a prompt.
    Prepare(Prompt),
    /// Reads a prompt whose utterance is not complete.
    Prefill(Prompt),
    /// Answers a prompt.
    Generate(Box<GenerateRequest>),
    /// Tells the probability of continuations.
    Score(ScoreCommand),
    /// Splits text into tokens.
    Tokenise(String),
    /// Turns texts into vectors.
    Embed(Vec<String>),
    /// Reports figures.
    Stats,
    /// Stops the command with the given id, running or waiting.
    Cancel(u64),
    /// Asks for a `Pong` at once, even while a command runs.
    Ping,
    /// Ends the worker.
    Shutdown,
}

/// What to load and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadCommand {
    /// The model's file.
    pub path: PathBuf,
    /// The file's SHA-256 where it is known; part of the capsules' key.
    pub sha256: Option<String>,
    /// Tokens that the context shall hold.
    pub context_length: u32,
    /// Threads to compute with; none means one for each physical core.
    pub threads: Option<u32>,
    /// Where capsules are kept; none means nowhere.
    pub capsules: Option<PathBuf>,
    /// The most bytes that all capsules together may take.
    pub capsule_bytes: u64,
    /// The form into which the weights are quantised while they load, by the engine's own name for
    /// it, such as `q4k`; none leaves them as they are.
    #[serde(default)]
    pub isq: Option<String>,
    /// The low-rank adapter for prompts that ask for it, which was trained for this model.
    #[serde(default)]
    pub adapter: Option<PathBuf>,
    /// The server that holds the model, in the place of a file.
    #[serde(default)]
    pub endpoint: Option<Endpoint>,
    /// Whether the person allows the worker to run where a fence that is required cannot be set up.
    #[serde(default)]
    pub allow_unfenced: bool,
}

/// A server that holds a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// The address below which the server's functions lie, such as `http://localhost:11434/v1`.
    pub url: String,
    /// The model's name on the server.
    pub model: String,
    /// A file that holds the server's key and that only its owner can read. The key itself is never
    /// part of a message.
    #[serde(default)]
    pub key_file: Option<PathBuf>,
    /// The form in which the server takes grammars; none sends none, and what does not obey its
    /// grammar comes to light only in the kernel.
    #[serde(default)]
    pub grammar: Option<GrammarForm>,
}

impl Endpoint {
    /// Whether what is sent there stays on this machine, as far as the address tells.
    pub fn is_on_this_machine(&self) -> bool {
        let (_, rest) = self.url.split_once("://").unwrap_or_default();
        let server = rest.split('/').next().unwrap_or_default();
        let is_port = |text: &str| {
            text.is_empty()
                || text
                    .strip_prefix(':')
                    .is_some_and(|port| port.parse::<u16>().is_ok())
        };
        ["localhost", "127.0.0.1", "[::1]"]
            .iter()
            .any(|own| server.strip_prefix(own).is_some_and(is_port))
    }
}

/// How a server takes a grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GrammarForm {
    /// As llama.cpp's server does where it was built with llguidance.
    LlamaServer,
    /// As vLLM does with its guidance backend.
    VllmGuidance,
}

/// A prompt and what might follow it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreCommand {
    /// What the model reads.
    pub prompt: Prompt,
    /// The candidates.
    pub continuations: Vec<String>,
}

/// What the worker says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The command's id; 0 in `Hello`.
    pub id: u64,
    /// What there is to say.
    pub body: ReplyBody,
}

/// The replies.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyBody {
    /// The first message of a worker.
    Hello(Hello),
    /// A long command is getting on: resets the watchdog.
    Progress(f32),
    /// The model is in memory. Final.
    Loaded(LoadReport),
    /// The capsule is on disk. Final.
    Prepared(CapsuleReport),
    /// The prompt has been read. Final.
    Prefilled(PrefillReport),
    /// A generation starts to decode.
    Started(Started),
    /// More of an answer.
    Delta(Delta),
    /// The answer is complete. Final.
    Generated(Box<Generated>),
    /// The probabilities. Final.
    Scores(Vec<Score>),
    /// The tokens. Final.
    Tokens(Vec<u32>),
    /// One vector for each text, in the same order. Final.
    Embeddings(Vec<Vec<f32>>),
    /// The figures. Final.
    Stats(EngineStats),
    /// The answer to `Ping`.
    Pong,
    /// The command failed. Final.
    Failed(Failure),
}

impl ReplyBody {
    /// Whether no further reply to the same command follows.
    pub fn is_final(&self) -> bool {
        !matches!(
            self,
            Self::Hello(_) | Self::Progress(_) | Self::Started(_) | Self::Delta(_) | Self::Pong
        )
    }
}

/// Who the worker is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The worker's [`PROTOCOL_VERSION`].
    pub protocol: u32,
    /// Engine, its version, and the CPU kernels in use.
    pub build: String,
}

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Delta {
    /// Whole characters; never empty.
    pub text: String,
    /// The tokens of the piece when the request asks for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logprobs: Vec<TokenLogprob>,
}

/// Why a command failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The model could not be loaded.
    Load {
        /// The model's file.
        path: PathBuf,
        /// What the engine says.
        reason: String,
    },
    /// A fence that is required cannot be set up on this system.
    Unfenced(String),
    /// The grammar does not compile.
    Grammar(String),
    /// The prompt does not fit.
    TooLong {
        /// Tokens of the prompt.
        tokens: u32,
        /// Tokens that fit.
        limit: u32,
    },
    /// The command was cancelled.
    Cancelled,
    /// Anything else.
    Other(String),
}

impl From<Failure> for EngineError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Load { path, reason } => Self::Load { path, reason },
            Failure::Unfenced(reason) => Self::Unfenced { reason },
            Failure::Grammar(reason) => Self::Grammar { reason },
            Failure::TooLong { tokens, limit } => Self::TooLong { tokens, limit },
            Failure::Cancelled => Self::Cancelled,
            Failure::Other(reason) => Self::Failed { reason },
        }
    }
}

/// Writes one message as a line and flushes it.
///
/// # Errors
///
/// Those of the writer; a message itself can always be written.
pub fn write_message(writer: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(message).map_err(io::Error::other)?;
    line.push(b'\n');
    writer.write_all(&line)?;
    writer.flush()
}

/// Reads one message; none at the end of the stream.
///
/// # Errors
///
/// `InvalidData` for a line that is too long or no message, and those of the reader.
pub fn read_message<T: for<'de> Deserialize<'de>>(
    reader: &mut impl BufRead,
) -> io::Result<Option<T>> {
    let mut line = Vec::new();
    let mut limited = io::Read::take(&mut *reader, MAX_LINE_BYTES as u64);
    if limited.read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    parse_line(&line).map(Some)
}

/// Parses one line, with or without its end.
///
/// # Errors
///
/// `InvalidData` when the line is no message.
pub fn parse_line<T: for<'de> Deserialize<'de>>(line: &[u8]) -> io::Result<T> {
    serde_json::from_slice(line).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}
