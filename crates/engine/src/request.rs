//! What a model is asked, and what it answers.

use serde::{Deserialize, Serialize};

/// One earlier exchange of a chat, shown to the model as an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatTurn {
    /// What the person said.
    pub user: String,
    /// What the model is shown to have answered.
    pub assistant: String,
}

impl ChatTurn {
    /// Pairs a request with its answer.
    pub fn new(user: impl Into<String>, assistant: impl Into<String>) -> Self {
        Self {
            user: user.into(),
            assistant: assistant.into(),
        }
    }
}

/// How much of a prompt is constant over many requests, and so worth a capsule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capsule {
    /// Nothing: neither restore nor save. For readers, whose text never comes back.
    None,
    /// The system text and this many of the first chat turns.
    Turns(usize),
    /// The system text and all chat turns.
    #[default]
    AllTurns,
}

/// A prompt in the words of a chat. The worker adds the markup of its model.
///
/// Markup that occurs within the texts is read as plain text: no text can leave its
/// place in the chat.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Prompt {
    /// The instructions, with the signatures of functions.
    pub system: String,
    /// Worked examples, as earlier turns of the chat.
    pub turns: Vec<ChatTurn>,
    /// How far the constant part reaches.
    #[serde(default)]
    pub capsule: Capsule,
    /// The utterance that is to be answered, after everything else the turn should say.
    pub user: String,
    /// Whether what stands behind the constant part is read, and answered, with the model's adapter, if it has one.
    #[serde(default)]
    pub adapted: bool,
}

impl Prompt {
    /// The number of chat turns in the constant part, or none without a capsule.
    pub fn capsule_turns(&self) -> Option<usize> {
        match self.capsule {
            Capsule::None => None,
            Capsule::Turns(count) => Some(count.min(self.turns.len())),
            Capsule::AllTurns => Some(self.turns.len()),
        }
    }
}

/// Exchanges the grammar when the model's own first token would hardly fit it.
///
/// A grammar turns words that no function fits into a call of some function; how much
/// of the unmasked probability lies on the grammar's first tokens tells them apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// Below this probability mass on grammar-legal first tokens, the gate shuts.
    pub min_first_token_mass: f32,
    /// The Lark grammar used behind a shut gate, usually `say` and `ask` alone.
    pub grammar: String,
}

/// Asks for an answer to a prompt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GenerateRequest {
    /// What the model reads.
    pub prompt: Prompt,
    /// A Lark grammar (llguidance's dialect) that the answer obeys, or free text.
    pub grammar: Option<String>,
    /// The gate on the first token, if one is wanted. Needs a grammar.
    pub gate: Option<Gate>,
    /// Text that the answer must start with, such as the lines that already ran.
    ///
    /// It is not repeated in [`Generated::text`], and must itself obey the grammar.
    pub fixed: String,
    /// The most tokens that are decoded, forced ones included.
    pub max_tokens: u32,
    /// 0 takes the likeliest token always, which is what plans want.
    pub temperature: f32,
    /// Ends the answer before the first occurrence of any of these.
    pub stop: Vec<String>,
    /// Whether [`Generated::logprobs`] is wanted.
    pub logprobs: bool,
}

impl GenerateRequest {
    /// Asks for up to 256 tokens, greedily, without a grammar.
    pub fn new(prompt: Prompt) -> Self {
        Self {
            prompt,
            grammar: None,
            gate: None,
            fixed: String::new(),
            max_tokens: 256,
            temperature: 0.0,
            stop: Vec::new(),
            logprobs: false,
        }
    }

    /// Binds the answer to a Lark grammar.
    #[must_use]
    pub fn grammar(mut self, grammar: impl Into<String>) -> Self {
        self.grammar = Some(grammar.into());
        self
    }

    /// Sets the gate on the first token.
    #[must_use]
    pub fn gate(mut self, gate: Gate) -> Self {
        self.gate = Some(gate);
        self
    }

    /// Sets the most tokens that are decoded.
    #[must_use]
    pub fn max_tokens(mut self, max_tokens: u32) -> Self {
        self.max_tokens = max_tokens;
        self
    }
}

/// What is known when the prompt has been read and decoding starts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Started {
    /// All tokens of the prompt.
    pub prompt_tokens: u32,
    /// Those that came from a capsule on disk.
    pub restored_tokens: u32,
    /// Those that were still in memory from the request before, or from a prefill.
    pub reused_tokens: u32,
    /// Milliseconds from the request's arrival to the first logits.
    pub prefill_ms: f64,
    /// The probability, without the grammar, of the first tokens that the grammar
    /// allows; none without a grammar.
    pub first_token_legal_mass: Option<f32>,
    /// Whether the gate shut and its grammar is in force.
    pub gated: bool,
}

/// One decoded token with its probability before masking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokenLogprob {
    /// The token's text, with replacement characters for cut UTF-8.
    pub text: String,
    /// Natural logarithm of the model's probability, the grammar left aside.
    pub logprob: f32,
    /// Whether the grammar left no other choice.
    pub forced: bool,
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// The model or the grammar said that it is complete.
    #[default]
    End,
    /// One of [`GenerateRequest::stop`] came up.
    Stop,
    /// The token limit was reached; the text may be cut in the middle.
    MaxTokens,
}

/// A whole answer and what it cost.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Generated {
    /// The answer.
    pub text: String,
    /// Why it ended.
    pub stop_reason: StopReason,
    /// What was known at its start.
    pub started: Started,
    /// Tokens of the answer, forced ones included.
    pub decoded_tokens: u32,
    /// Those that the grammar forced, which are read in one go instead of decoded.
    pub forced_tokens: u32,
    /// Milliseconds from the first logits to the end.
    pub decode_ms: f64,
    /// One entry a token when asked for.
    pub logprobs: Vec<TokenLogprob>,
}

/// How a model came into memory.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LoadReport {
    /// Milliseconds from the start of the worker, 0 if it was there already.
    pub load_ms: f64,
    /// Tokens that the context holds.
    pub context_length: u32,
    /// Engine, its version, and the CPU kernels in use.
    pub build: String,
}

/// How a capsule was made ready.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CapsuleReport {
    /// Tokens of the constant part.
    pub tokens: u32,
    /// Those read back from disk rather than prefilled.
    pub restored_tokens: u32,
    /// Size of the file.
    pub bytes: u64,
    /// Milliseconds until it was ready.
    pub ms: f64,
}

/// How far a prefill got.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PrefillReport {
    /// All tokens read so far.
    pub tokens: u32,
    /// Those that had to be computed now.
    pub computed_tokens: u32,
    /// Milliseconds it took.
    pub ms: f64,
}

/// How likely a continuation is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Score {
    /// Sum of the natural logarithms of its tokens' probabilities.
    pub logprob: f32,
    /// Its number of tokens.
    pub tokens: u32,
}

/// What an engine uses and has done.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct EngineStats {
    /// Whether the model is in memory.
    pub loaded: bool,
    /// Engine, its version, and the CPU kernels in use.
    pub build: String,
    /// The worker's process id.
    pub pid: Option<u32>,
    /// Resident memory of the worker.
    pub rss_bytes: u64,
    /// Milliseconds that loading took.
    pub load_ms: f64,
    /// Speed of reading over all requests so far.
    pub prefill_tokens_per_s: f64,
    /// Speed of writing over all requests so far.
    pub decode_tokens_per_s: f64,
    /// Processor seconds that the worker has used.
    pub cpu_seconds: f64,
    /// Requests answered.
    pub requests: u64,
    /// Workers that crashed or hung since this engine was made.
    pub restarts: u64,
    /// What fences the worker in, and which fences this system refused.
    pub sandbox: Vec<String>,
}
