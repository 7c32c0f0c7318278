//! An engine that answers from a table, for tests of everything above engines.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::{
    CapsuleReport, Engine, EngineError, EngineStats, GenerateRequest, Generated, Generation,
    GenerationEvent, LoadReport, PrefillReport, Prompt, Score, Started, StopReason,
};

/// What a scripted engine does when it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// Gives the text.
    #[default]
    Answer,
    /// Gives half of the text, then fails as a worker does that dies.
    Crash,
    /// Gives half of the text, then fails as a worker does that hangs.
    Hang,
    /// Gives half of the text, then nothing for ever, until it is cancelled.
    Stall,
}

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptedAnswer {
    /// A line of the user's text, or a part of it; the first row that fits counts, rows
    /// with a whole line before rows with a part. An empty text fits everything.
    pub user: String,
    /// The answer.
    #[serde(default)]
    pub text: String,
    /// Milliseconds before the first token.
    #[serde(default)]
    pub delay_ms: u64,
    /// Milliseconds for each token of about four characters.
    #[serde(default)]
    pub token_ms: u64,
    /// What happens.
    #[serde(default)]
    pub behaviour: Behaviour,
    /// The probability mass on grammar-legal first tokens; decides about the gate.
    #[serde(default = "certain")]
    pub legal_mass: f32,
    /// The answer behind a shut gate.
    #[serde(default)]
    pub gated_text: String,
}

fn certain() -> f32 {
    1.0
}

impl ScriptedAnswer {
    /// Answers `user` with `text`, at once.
    pub fn new(user: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            user: user.into(),
            text: text.into(),
            delay_ms: 0,
            token_ms: 0,
            behaviour: Behaviour::Answer,
            legal_mass: 1.0,
            gated_text: String::new(),
        }
    }
}

/// The file form of a table: `[[answer]]` blocks in TOML.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// The name of the model; `scripted` when it is empty.
    #[serde(default)]
    pub model: String,
    /// Whether it stands for a model on another machine.
    #[serde(default)]
    pub is_elsewhere: bool,
    /// Whether it answers no question about itself, as a worker that reads its instructions.
    #[serde(default)]
    pub is_busy: bool,
    /// The rows.
    #[serde(default)]
    pub answer: Vec<ScriptedAnswer>,
    /// Further models, each with a name and rows of its own.
    #[serde(default)]
    pub other: Vec<Script>,
}

impl Script {
    /// Reads a table from a file.
    ///
    /// # Errors
    ///
    /// [`EngineError::Load`] when the file cannot be read or is not such a table.
    pub fn read(path: &Path) -> Result<Self, EngineError> {
        let failed = |reason: String| EngineError::Load {
            path: path.to_owned(),
            reason,
        };
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        toml::from_str(&text).map_err(|error| failed(error.to_string()))
    }

    fn find(&self, user: &str) -> Option<&ScriptedAnswer> {
        let whole = |row: &&ScriptedAnswer| user.lines().any(|line| line.trim() == row.user.trim());
        let part = |row: &&ScriptedAnswer| user.contains(row.user.trim());
        let mut named = self.answer.iter().filter(|row| !row.user.trim().is_empty());
        named
            .clone()
            .find(whole)
            .or_else(|| named.find(part))
            .or_else(|| self.answer.iter().find(|row| row.user.trim().is_empty()))
    }
}

/// Answers from a [`Script`], and remembers what it was asked.
#[derive(Debug, Clone, Default)]
pub struct ScriptedEngine {
    script: Script,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    loaded: bool,
    requests: Vec<GenerateRequest>,
    prefills: Vec<Prompt>,
    embedded: usize,
    restarts: u64,
}

impl ScriptedEngine {
    /// Makes an engine for a table.
    pub fn new(script: Script) -> Self {
        Self {
            script,
            state: Arc::default(),
        }
    }

    /// Makes an engine from pairs of a user's words and an answer.
    pub fn answering<'a>(rows: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let answer = rows
            .into_iter()
            .map(|(user, text)| ScriptedAnswer::new(user, text))
            .collect();
        Self::new(Script {
            answer,
            ..Script::default()
        })
    }

    /// The further models of the script.
    pub fn others(&self) -> Vec<Self> {
        self.script.other.iter().cloned().map(Self::new).collect()
    }

    /// The generations that were asked for so far, in order.
    pub fn requests(&self) -> Vec<GenerateRequest> {
        self.state().requests.clone()
    }

    /// The prefills that were asked for so far, in order.
    pub fn prefills(&self) -> Vec<Prompt> {
        self.state().prefills.clone()
    }

    /// How many texts it was asked to turn into vectors so far.
    pub fn embedded(&self) -> usize {
        self.state().embedded
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The width of vectors.
const WIDTH: usize = 256;

/// Counts pairs of letters.
fn letters(text: &str) -> Vec<f32> {
    let mut counts = vec![0.0; WIDTH];
    let letters: Vec<usize> = text.to_lowercase().chars().map(|c| c as usize).collect();
    for pair in letters.windows(2) {
        counts[(pair[0] * 31 + pair[1]) % WIDTH] += 1.0;
    }
    counts
}

/// About as many tokens as a real tokenizer would make.
fn count_tokens(text: &str) -> u32 {
    u32::try_from(text.chars().count().div_ceil(4)).unwrap_or(u32::MAX)
}

fn prompt_tokens(prompt: &Prompt) -> u32 {
    let turns = prompt
        .turns
        .iter()
        .flat_map(|turn| [&turn.user, &turn.assistant]);
    turns
        .chain([&prompt.system, &prompt.user])
        .map(|text| count_tokens(text))
        .sum()
}

#[async_trait]
impl Engine for ScriptedEngine {
    fn model(&self) -> &str {
        match &*self.script.model {
            "" => "scripted",
            name => name,
        }
    }

    fn is_on_this_machine(&self) -> bool {
        !self.script.is_elsewhere
    }

    async fn load(&self) -> Result<LoadReport, EngineError> {
        self.state().loaded = true;
        Ok(LoadReport {
            load_ms: 0.0,
            context_length: 4096,
            build: "scripted".to_owned(),
        })
    }

    async fn prepare(&self, prompt: &Prompt) -> Result<CapsuleReport, EngineError> {
        self.load().await?;
        Ok(CapsuleReport {
            tokens: prompt_tokens(prompt),
            ..CapsuleReport::default()
        })
    }

    async fn prefill(&self, prompt: &Prompt) -> Result<PrefillReport, EngineError> {
        self.load().await?;
        self.state().prefills.push(prompt.clone());
        Ok(PrefillReport {
            tokens: prompt_tokens(prompt),
            ..PrefillReport::default()
        })
    }

    async fn generate(&self, request: GenerateRequest) -> Result<Generation, EngineError> {
        self.load().await?;
        let row = self.script.find(&request.prompt.user).cloned();
        self.state().requests.push(request.clone());
        let row = row.ok_or_else(|| EngineError::Failed {
            reason: format!("the script has no answer to {:?}", request.prompt.user),
        })?;
        sleep(Duration::from_millis(row.delay_ms)).await;
        let (sender, events) = mpsc::unbounded_channel();
        let state = self.state.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = play(&row, &request, &sender, &state) => {}
                () = sender.closed() => {}
            }
        });
        Ok(Generation::new(events))
    }

    async fn score(
        &self,
        _prompt: &Prompt,
        continuations: &[String],
    ) -> Result<Vec<Score>, EngineError> {
        Ok(continuations
            .iter()
            .map(|text| Score {
                logprob: -(count_tokens(text) as f32),
                tokens: count_tokens(text),
            })
            .collect())
    }

    async fn tokenise(&self, text: &str) -> Result<Vec<u32>, EngineError> {
        Ok(text.chars().map(u32::from).collect())
    }

    /// Texts that share letters are near. A row that fits a text gives it the meaning of its answer.
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EngineError> {
        self.load().await?;
        self.state().embedded += texts.len();
        let mut vectors = Vec::new();
        for text in texts {
            let row = self.script.answer.iter().find(|row| row.user == *text);
            if let Some(row) = row {
                sleep(Duration::from_millis(row.delay_ms)).await;
                if row.behaviour == Behaviour::Crash {
                    return Err(EngineError::Crashed {
                        reason: "by script".to_owned(),
                    });
                }
            }
            vectors.push(letters(row.map_or(text, |row| &row.text)));
        }
        Ok(vectors)
    }

    async fn stats(&self) -> Result<EngineStats, EngineError> {
        if self.script.is_busy {
            std::future::pending::<()>().await;
        }
        let state = self.state();
        Ok(EngineStats {
            loaded: state.loaded,
            build: "scripted".to_owned(),
            requests: state.requests.len() as u64,
            restarts: state.restarts,
            ..EngineStats::default()
        })
    }

    async fn unload(&self) {
        self.state().loaded = false;
    }
}

type Events = mpsc::UnboundedSender<Result<GenerationEvent, EngineError>>;

/// Plays one row as events; whoever listens no more is told nothing more.
async fn play(
    row: &ScriptedAnswer,
    request: &GenerateRequest,
    events: &Events,
    state: &Mutex<State>,
) {
    let gated = request
        .gate
        .as_ref()
        .is_some_and(|gate| request.fixed.is_empty() && row.legal_mass < gate.min_first_token_mass);
    let started = Started {
        prompt_tokens: prompt_tokens(&request.prompt),
        first_token_legal_mass: request.grammar.is_some().then_some(row.legal_mass),
        gated,
        ..Started::default()
    };
    let text = if gated { &row.gated_text } else { &row.text };
    let text = text.strip_prefix(&request.fixed).unwrap_or(text);
    let _ = events.send(Ok(GenerationEvent::Started(started.clone())));
    let tokens: Vec<char> = text.chars().collect();
    let tokens: Vec<String> = tokens
        .chunks(4)
        .map(|chunk| chunk.iter().collect())
        .collect();
    let end = match row.behaviour {
        Behaviour::Answer => tokens.len().min(request.max_tokens as usize),
        _ => tokens.len() / 2,
    };
    for token in &tokens[..end] {
        sleep(Duration::from_millis(row.token_ms)).await;
        let _ = events.send(Ok(GenerationEvent::Delta(token.clone())));
    }
    let last = match row.behaviour {
        Behaviour::Answer => Ok(GenerationEvent::Done(Generated {
            text: tokens[..end].concat(),
            stop_reason: if end < tokens.len() {
                StopReason::MaxTokens
            } else {
                StopReason::End
            },
            started,
            decoded_tokens: u32::try_from(end).unwrap_or(u32::MAX),
            ..Generated::default()
        })),
        Behaviour::Crash => Err(EngineError::Crashed {
            reason: "by script".to_owned(),
        }),
        Behaviour::Hang => Err(EngineError::Hung {
            after: Duration::from_secs(1),
        }),
        Behaviour::Stall => return std::future::pending().await,
    };
    if last.is_err() {
        state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .restarts += 1;
    }
    let _ = events.send(last);
}
