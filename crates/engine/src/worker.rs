//! The engine behind a worker process: started when needed, ended when idle, replaced
//! when it crashes or hangs.

mod integrity;
mod process;
mod supervisor;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{Mutex, mpsc};

use crate::catalog::Model;
use crate::protocol::{CommandBody, Endpoint, LoadCommand, ReplyBody, ScoreCommand};
use crate::store::default_checked;
use crate::{
    CapsuleReport, Engine, EngineError, EngineStats, GenerateRequest, Generation, GenerationEvent,
    LoadReport, PrefillReport, Prompt, Score,
};
use supervisor::{Exchange, Handle, Next, Vitals};

/// How a worker is started and watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerOptions {
    /// The worker's program.
    pub program: PathBuf,
    /// The model's id in the catalogue.
    pub model: String,
    /// What to load and how. Where the hash is told, the file is read once and compared with it.
    pub load: LoadCommand,
    /// Where the results of comparing are kept; without a folder each load compares.
    pub checked: Option<PathBuf>,
    /// Without a request for this long, the worker ends and frees its memory.
    pub idle: Duration,
    /// A worker that has work and says nothing for this long counts as hung. Must be
    /// longer than a slow machine needs for one step of a prefill, or one token.
    pub silence: Duration,
    /// What is told of each process that was started.
    pub at_start: Option<AtStart>,
}

/// What is done with the number of each process that was started.
#[derive(Clone)]
pub struct AtStart(Arc<dyn Fn(u32) + Send + Sync>);

impl AtStart {
    /// Does `act` with each, on the runtime's thread: it must not wait.
    pub fn new(act: impl Fn(u32) + Send + Sync + 'static) -> AtStart {
        AtStart(Arc::new(act))
    }

    fn tell(&self, process: u32) {
        (self.0)(process);
    }
}

impl std::fmt::Debug for AtStart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AtStart")
    }
}

impl PartialEq for AtStart {
    fn eq(&self, other: &AtStart) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for AtStart {}

impl WorkerOptions {
    /// Takes the usual values: 6144 tokens, ten minutes until idle, 30 s of silence,
    /// capsules of up to 512 MiB in the user's cache.
    pub fn new(model: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        Self {
            program: worker_program("lucid-engine-llama"),
            model: model.into(),
            load: LoadCommand {
                path: path.into(),
                sha256: None,
                context_length: 6144,
                threads: None,
                capsules: default_capsules(),
                capsule_bytes: 512 << 20,
                isq: None,
                adapter: None,
                endpoint: None,
                allow_unfenced: false,
            },
            checked: default_checked(),
            idle: Duration::from_secs(600),
            silence: Duration::from_secs(30),
            at_start: None,
        }
    }
}

impl WorkerOptions {
    /// Takes what the catalogue says of `model`, whose file is at `path`, and the usual values.
    pub fn of(model: &Model, path: PathBuf) -> Self {
        let mut options = Self::new(&model.id, path);
        options.program = worker_program(&format!("lucid-engine-{}", model.engine));
        options.load.context_length = model.context_length;
        options.load.sha256 = Some(model.sha256.clone()).filter(|hash| !hash.is_empty());
        options.load.isq.clone_from(&model.isq);
        options.load.adapter = model.adapter.as_deref().and_then(adapter_file);
        options.load.endpoint.clone_from(&model.endpoint);
        options
    }
}

/// The folder of capsules: `$XDG_CACHE_HOME/lucid/capsules`, or below `~/.cache`.
pub fn default_capsules() -> Option<PathBuf> {
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    Some(cache.join("lucid/capsules"))
}

/// Finds a worker's program: in `$LUCID_ENGINES`, beside this program (or the folder
/// above, for tests), or where packages put it.
pub fn worker_program(name: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    let beside = own.parent().map(Path::to_owned);
    let above = beside.as_deref().and_then(Path::parent).map(Path::to_owned);
    std::env::var_os("LUCID_ENGINES")
        .map(PathBuf::from)
        .into_iter()
        .chain(beside.clone())
        .chain(above)
        .chain([
            PathBuf::from("/usr/libexec/lucid"),
            PathBuf::from("/usr/lib/lucid"),
        ])
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
        .unwrap_or_else(|| beside.unwrap_or_default().join(name))
}

/// Finds an adapter's file: in `$LUCID_ADAPTERS`, else in `lucid/adapters` beneath each of `$XDG_DATA_DIRS`. A model whose
/// adapter is nowhere is used without.
pub fn adapter_file(name: &str) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = match std::env::var_os("LUCID_ADAPTERS") {
        Some(folder) => vec![folder.into()],
        None => {
            let data = std::env::var_os("XDG_DATA_DIRS").filter(|data| !data.is_empty());
            let data = data.unwrap_or_else(|| "/usr/local/share:/usr/share".into());
            std::env::split_paths(&data)
                .map(|folder| folder.join("lucid/adapters"))
                .collect()
        }
    };
    let mut files = folders.into_iter().map(|folder| folder.join(name));
    files.find(|file| file.is_file())
}

/// One model in a worker process.
#[derive(Debug, Clone)]
pub struct WorkerEngine {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    options: WorkerOptions,
    current: Mutex<Option<(Handle, LoadReport)>>,
    vitals: Arc<Vitals>,
}

impl WorkerEngine {
    /// Makes an engine; no process is started yet. Needs a tokio runtime from the first
    /// call on.
    pub fn new(options: WorkerOptions) -> Self {
        Self {
            shared: Arc::new(Shared {
                options,
                current: Mutex::new(None),
                vitals: Arc::default(),
            }),
        }
    }

    /// Tells whether the model is in memory, without waiting for a worker that is busy.
    pub fn is_loaded(&self) -> bool {
        self.shared.vitals.loaded.load(Ordering::SeqCst) > 0
    }

    /// Tells the process that holds the model, while it is in memory, without waiting for it.
    pub fn process_id(&self) -> Option<u32> {
        let process = self.shared.vitals.process.load(Ordering::SeqCst);
        (self.is_loaded() && process > 0).then_some(process)
    }

    /// The running worker, or a new one.
    ///
    /// It is started in a task of its own: a caller that gives up does not waste a load
    /// that the next caller needs.
    async fn worker(&self) -> Result<(Handle, LoadReport), EngineError> {
        let shared = self.shared.clone();
        let started = tokio::spawn(async move {
            let mut current = shared.current.lock().await;
            if let Some((handle, report)) = current.as_ref().filter(|(handle, _)| handle.lives()) {
                let load_ms = 0.0;
                return Ok((
                    handle.clone(),
                    LoadReport {
                        load_ms,
                        ..report.clone()
                    },
                ));
            }
            *current = None;
            let started = supervisor::start(&shared.options, shared.vitals.clone()).await?;
            *current = Some(started.clone());
            Ok(started)
        });
        started.await.unwrap_or_else(|error| {
            Err(EngineError::Failed {
                reason: error.to_string(),
            })
        })
    }

    /// Sends a command to a worker that takes it.
    async fn send(&self, body: CommandBody) -> Result<Exchange, EngineError> {
        // A worker may go idle between being looked up and being asked. That is no
        // failure of the request: nothing was done for it yet.
        for _ in 0..3 {
            let (handle, _) = self.worker().await?;
            if let Some(exchange) = handle.send(body.clone()) {
                return Ok(exchange);
            }
        }
        Err(EngineError::Crashed {
            reason: "it ends as soon as it is started".to_owned(),
        })
    }

    /// Sends a command and waits for its final reply.
    async fn ask(&self, body: CommandBody) -> Result<ReplyBody, EngineError> {
        loop {
            let mut exchange = self.send(body.clone()).await?;
            loop {
                match exchange.next().await? {
                    Next::Reply(reply) if reply.is_final() => return Ok(reply),
                    Next::Reply(_) => {}
                    Next::NotTaken => break,
                }
            }
        }
    }
}

fn unexpected(reply: &ReplyBody) -> EngineError {
    EngineError::Failed {
        reason: format!("unexpected reply {reply:?}"),
    }
}

#[async_trait]
impl Engine for WorkerEngine {
    fn model(&self) -> &str {
        &self.shared.options.model
    }

    fn is_on_this_machine(&self) -> bool {
        let endpoint = self.shared.options.load.endpoint.as_ref();
        endpoint.is_none_or(Endpoint::is_on_this_machine)
    }

    async fn load(&self) -> Result<LoadReport, EngineError> {
        Ok(self.worker().await?.1)
    }

    async fn prepare(&self, prompt: &Prompt) -> Result<CapsuleReport, EngineError> {
        match self.ask(CommandBody::Prepare(prompt.clone())).await? {
            ReplyBody::Prepared(report) => Ok(report),
            other => Err(unexpected(&other)),
        }
    }

    async fn prefill(&self, prompt: &Prompt) -> Result<PrefillReport, EngineError> {
        match self.ask(CommandBody::Prefill(prompt.clone())).await? {
            ReplyBody::Prefilled(report) => Ok(report),
            other => Err(unexpected(&other)),
        }
    }

    async fn generate(&self, request: GenerateRequest) -> Result<Generation, EngineError> {
        let body = CommandBody::Generate(Box::new(request));
        loop {
            let mut exchange = self.send(body.clone()).await?;
            let first = loop {
                match exchange.next().await? {
                    Next::Reply(ReplyBody::Started(started)) => break Some(started),
                    Next::Reply(ReplyBody::Progress(_)) => {}
                    Next::Reply(other) => return Err(unexpected(&other)),
                    Next::NotTaken => break None,
                }
            };
            if let Some(started) = first {
                let (sender, events) = mpsc::unbounded_channel();
                // The receiver is in this function's hands: the send cannot fail.
                let _ = sender.send(Ok(GenerationEvent::Started(started)));
                tokio::spawn(forward(exchange, sender));
                return Ok(Generation::new(events));
            }
        }
    }

    async fn score(
        &self,
        prompt: &Prompt,
        continuations: &[String],
    ) -> Result<Vec<Score>, EngineError> {
        let command = ScoreCommand {
            prompt: prompt.clone(),
            continuations: continuations.to_vec(),
        };
        match self.ask(CommandBody::Score(command)).await? {
            ReplyBody::Scores(scores) => Ok(scores),
            other => Err(unexpected(&other)),
        }
    }

    async fn tokenise(&self, text: &str) -> Result<Vec<u32>, EngineError> {
        match self.ask(CommandBody::Tokenise(text.to_owned())).await? {
            ReplyBody::Tokens(tokens) => Ok(tokens),
            other => Err(unexpected(&other)),
        }
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EngineError> {
        match self.ask(CommandBody::Embed(texts.to_vec())).await? {
            ReplyBody::Embeddings(vectors) if vectors.len() == texts.len() => Ok(vectors),
            ReplyBody::Embeddings(vectors) => Err(EngineError::Failed {
                reason: format!("{} vectors for {} texts", vectors.len(), texts.len()),
            }),
            other => Err(unexpected(&other)),
        }
    }

    async fn stats(&self) -> Result<EngineStats, EngineError> {
        let restarts = self.shared.vitals.failures.load(Ordering::SeqCst);
        let idle = EngineStats {
            restarts,
            ..EngineStats::default()
        };
        let current = self.shared.current.lock().await.clone();
        let Some(mut exchange) = current.and_then(|(handle, _)| handle.send(CommandBody::Stats))
        else {
            return Ok(idle);
        };
        loop {
            match exchange.next().await? {
                Next::Reply(ReplyBody::Stats(stats)) => {
                    return Ok(EngineStats { restarts, ..stats });
                }
                Next::Reply(other) if other.is_final() => return Err(unexpected(&other)),
                Next::Reply(_) => {}
                Next::NotTaken => return Ok(idle),
            }
        }
    }

    async fn unload(&self) {
        if let Some((handle, _)) = self.shared.current.lock().await.take() {
            handle.end().await;
        }
    }
}

/// Passes an answer on; ends it when nobody listens any more.
async fn forward(
    mut exchange: Exchange,
    events: mpsc::UnboundedSender<Result<GenerationEvent, EngineError>>,
) {
    loop {
        let reply = tokio::select! {
            reply = exchange.next() => reply,
            () = events.closed() => return,
        };
        let event = match reply {
            Ok(Next::Reply(ReplyBody::Delta(delta))) => Ok(GenerationEvent::Delta(delta.text)),
            Ok(Next::Reply(ReplyBody::Generated(generated))) => {
                Ok(GenerationEvent::Done(*generated))
            }
            Ok(Next::Reply(ReplyBody::Progress(_))) => continue,
            Ok(Next::Reply(other)) => Err(unexpected(&other)),
            Ok(Next::NotTaken) => Err(EngineError::Cancelled),
            Err(error) => Err(error),
        };
        let last = !matches!(event, Ok(GenerationEvent::Delta(_)));
        if events.send(event).is_err() || last {
            return;
        }
    }
}
