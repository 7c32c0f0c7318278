//! mistral.rs as the model of a worker.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use engine::protocol::{Failure, LoadCommand};
use engine::{GenerateRequest, Generated, Started, StopReason};
use mistralrs::Constraint;
use worker::{Answer, Fences, Job, Model, Speed, Start};

use crate::model::{Chunk, Chunks, Loaded};
use crate::prompt::{self, Piece};

/// How often a wait looks whether the client has changed its mind.
const PAUSE: Duration = Duration::from_millis(2);

/// How often the client hears that a long prompt is still being read.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// What mistral.rs asks the system about memory and processors.
const SYSTEM_FILES: [&str; 3] = ["/proc/meminfo", "/proc/cpuinfo", "/sys/fs/cgroup"];

/// Serves the socket on standard input until the client goes.
pub(crate) fn serve() -> anyhow::Result<()> {
    // SAFETY: no other thread has been started yet.
    unsafe {
        // Its library for a model hub asks for a home although nothing is fetched.
        std::env::set_var("HOME", "/");
    }
    worker::serve(Start {
        build: build_name(),
        fences,
        load: |load: &LoadCommand, _: &Job| MistralRs::load(load),
    })
}

/// Names the engine, its version, and where it computes.
pub(crate) fn build_name() -> String {
    let device = if cfg!(feature = "cuda") {
        "CUDA"
    } else if cfg!(feature = "metal") {
        "Metal"
    } else {
        "CPU"
    };
    format!(
        "mistral.rs 0.8.1 (lucid-engine-mistralrs {}, {device})",
        env!("CARGO_PKG_VERSION")
    )
}

fn fences(load: &LoadCommand) -> Fences {
    let mut fences = Fences::around_model(load);
    fences.writable.clear();
    fences.readable.extend(SYSTEM_FILES.map(PathBuf::from));
    // A file is looked for among the names of its folder.
    fences
        .listable
        .extend(load.path.parent().map(Path::to_owned));
    if cfg!(any(feature = "cuda", feature = "metal")) {
        // A graphics card is spoken to through its devices, and its driver maps more than it uses.
        fences.writable.push(PathBuf::from("/dev"));
        fences.readable.extend(["/proc", "/sys"].map(PathBuf::from));
        fences.memory_bytes = None;
    }
    fences
}

struct MistralRs {
    loaded: Loaded,
    read: Measure,
    written: Measure,
}

/// Sums for the speed figures.
#[derive(Default)]
struct Measure {
    tokens: f64,
    seconds: f64,
}

impl Measure {
    fn add(&mut self, tokens: u32, time: Duration) {
        self.tokens += f64::from(tokens);
        self.seconds += time.as_secs_f64();
    }

    fn per_second(&self) -> f64 {
        if self.seconds > 0.0 {
            self.tokens / self.seconds
        } else {
            0.0
        }
    }
}

impl MistralRs {
    fn load(load: &LoadCommand) -> anyhow::Result<Self> {
        Ok(Self {
            loaded: Loaded::load(&load.path, load.isq.as_deref(), load.context_length)?,
            read: Measure::default(),
            written: Measure::default(),
        })
    }

    /// The tokens of a prompt, if there is room for its answer.
    fn render(&self, request: &GenerateRequest) -> Result<Vec<u32>, Failure> {
        let mut pieces = prompt::pieces(self.loaded.markup, &request.prompt);
        // A grammar begins with the answer, so a fixed beginning is written again under it.
        if request.grammar.is_none() {
            pieces.push(Piece::Text(&request.fixed));
        }
        let tokens = self.loaded.tokens(&pieces).map_err(other)?;
        let context_length = self.loaded.context_length;
        let limit = context_length - request.max_tokens.min(context_length / 4);
        match u32::try_from(tokens.len()) {
            Ok(count) if count <= limit => Ok(tokens),
            count => Err(Failure::TooLong {
                tokens: count.unwrap_or(u32::MAX),
                limit,
            }),
        }
    }

    fn begin(&self, tokens: Vec<u32>, request: &GenerateRequest) -> anyhow::Result<Chunks> {
        self.loaded.answer(tokens, |asked| {
            let sampling = &mut asked.sampling_params;
            sampling.max_len = usize::try_from(request.max_tokens).ok();
            if request.temperature > 0.0 {
                sampling.temperature = Some(f64::from(request.temperature));
                sampling.top_k = None;
            }
            if let Some(grammar) = &request.grammar {
                asked.constraint = Constraint::Lark(grammar.clone());
            }
        })
    }
}

impl Model for MistralRs {
    fn context_length(&self) -> u32 {
        self.loaded.context_length
    }

    /// There is no gate: mistral.rs does not tell what the model alone would have begun with.
    fn generate(&mut self, request: &GenerateRequest, job: &Job) -> Result<Generated, Failure> {
        let arrived = Instant::now();
        let tokens = self.render(request)?;
        let prompt_tokens = u32::try_from(tokens.len()).unwrap_or(u32::MAX);
        let mut chunks = self.begin(tokens, request).map_err(other)?;
        // Until the first token nothing tells a grammar that does not compile from other refusals.
        let first = wait(&mut chunks, job, |error| match request.grammar {
            Some(_) => Failure::Grammar(error),
            None => Failure::Other(error),
        })?;
        let started = Started {
            prompt_tokens,
            prefill_ms: arrived.elapsed().as_secs_f64() * 1e3,
            ..Started::default()
        };
        self.read.add(prompt_tokens, arrived.elapsed());
        job.start(started.clone());
        let begin = Instant::now();
        let mut writing = Writing::new(request, job);
        let mut chunk = first;
        let stop_reason = loop {
            if let Some(reason) = writing.take(chunk)? {
                break reason;
            }
            chunk = wait(&mut chunks, job, Failure::Other)?;
        };
        self.written.add(writing.tokens, begin.elapsed());
        Ok(Generated {
            decoded_tokens: writing.tokens,
            text: writing.finish()?,
            stop_reason,
            started,
            decode_ms: begin.elapsed().as_secs_f64() * 1e3,
            ..Generated::default()
        })
    }

    fn tokenise(&mut self, text: &str) -> Result<Vec<u32>, Failure> {
        self.loaded.tokens(&[Piece::Text(text)]).map_err(other)
    }

    fn speed(&self) -> Speed {
        Speed {
            prefill: self.read.per_second(),
            decode: self.written.per_second(),
        }
    }
}

fn other(error: anyhow::Error) -> Failure {
    Failure::Other(format!("{error:#}"))
}

/// Waits for the next piece, for no longer than the client does.
fn wait(
    chunks: &mut Chunks,
    job: &Job,
    failure: impl FnOnce(String) -> Failure,
) -> Result<Chunk, Failure> {
    let mut told = Instant::now();
    loop {
        if job.is_cancelled() {
            return Err(Failure::Cancelled);
        }
        if told.elapsed() > SIGN_OF_LIFE {
            told = Instant::now();
            job.progress(0.0);
        }
        match chunks.next(PAUSE) {
            Ok(Some(chunk)) => return Ok(chunk),
            Ok(None) => {}
            Err(error) => return Err(failure(format!("{error:#}"))),
        }
    }
}

/// An answer as it is written.
struct Writing<'a> {
    answer: Answer<'a>,
    /// What of the fixed beginning has not been written again yet.
    fixed: &'a str,
    /// The beginning of the answer, as long as it may be a part of the fixed text.
    held: String,
    tokens: u32,
}

impl<'a> Writing<'a> {
    fn new(request: &'a GenerateRequest, job: &'a Job) -> Self {
        Self {
            answer: Answer::new(job, &request.stop),
            fixed: match request.grammar {
                Some(_) => &request.fixed,
                None => "",
            },
            held: String::new(),
            tokens: 0,
        }
    }

    /// Takes a piece, and tells why the answer ends with it.
    fn take(&mut self, chunk: Chunk) -> Result<Option<StopReason>, Failure> {
        // The end is no part of the answer.
        if chunk.end.as_deref() != Some("stop") {
            self.tokens += 1;
        }
        self.held.push_str(&chunk.text);
        if self.held.len() >= self.fixed.len() {
            let Some(text) = self.held.strip_prefix(self.fixed) else {
                return Err(departed());
            };
            let is_stopped = self.answer.push(text);
            self.held.clear();
            self.fixed = "";
            if is_stopped {
                return Ok(Some(StopReason::Stop));
            }
        } else if !self.fixed.starts_with(&self.held) {
            return Err(departed());
        }
        Ok(chunk.end.map(|reason| match reason.as_str() {
            "length" => StopReason::MaxTokens,
            _ => StopReason::End,
        }))
    }

    fn finish(self) -> Result<String, Failure> {
        if self.fixed.is_empty() {
            Ok(self.answer.finish())
        } else {
            Err(departed())
        }
    }
}

/// Two answers to the same words begin alike where nothing is left to chance. One that does not
/// cannot be gone on with.
fn departed() -> Failure {
    Failure::Other("the answer does not begin with the lines that ran already".to_owned())
}
