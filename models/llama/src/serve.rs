//! Serves the protocol: one thread listens, one computes.

use std::collections::HashSet;
use std::io::{BufReader, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Instant;

use anyhow::{Context as _, bail};
use engine::protocol::{
    Command, CommandBody, Failure, Hello, LoadCommand, PROTOCOL_VERSION, Reply, ReplyBody,
    ScoreCommand, read_message, write_message,
};
use engine::{
    CapsuleReport, EngineStats, GenerateRequest, LoadReport, PrefillReport, Prompt, Score,
};
use llama_cpp_2::llama_backend::LlamaBackend;

use crate::backend::{self, LoadOptions};
use crate::capsule::{Capsules, model_name};
use crate::crew::own_cpu_seconds;
use crate::decode;
use crate::grammar::Grammars;
use crate::prompt::{self, Markup};
use crate::sandbox;
use crate::session::Session;

/// Serves the socket on standard input until the client goes.
pub(crate) fn serve() -> anyhow::Result<()> {
    let socket = std::io::stdin()
        .as_fd()
        .try_clone_to_owned()
        .context("no standard input")?;
    let socket = UnixStream::from(socket);
    if socket.local_addr().is_err() {
        bail!("the standard input is no socket: Lucid's kernel starts this program by itself");
    }
    let backend = backend::start()?;
    let mut reader = BufReader::new(socket.try_clone()?);
    let line = Line::new(socket);
    line.send(
        0,
        ReplyBody::Hello(Hello {
            protocol: PROTOCOL_VERSION,
            build: backend::build_name(),
        }),
    );
    let Some(command) = read_message::<Command>(&mut reader)? else {
        return Ok(());
    };
    let CommandBody::Load(load) = command.body else {
        bail!("the first command is not Load");
    };
    // Fences hold for threads that start later: this is the moment when there is one.
    // Behind the fences only folders that exist already can be written to.
    if let Some(folder) = &load.capsules
        && let Err(error) = std::fs::create_dir_all(folder)
    {
        eprintln!("capsules cannot be kept in {}: {error}", folder.display());
    }
    let fences = sandbox::enter(&load);
    let (sender, commands) = mpsc::channel();
    let listening = line.clone();
    std::thread::spawn(move || listen(&mut reader, &listening, &sender));
    let worker = Worker::load(&backend, &load, fences, &line, command.id);
    match worker {
        Ok(mut worker) => {
            line.send(command.id, ReplyBody::Loaded(worker.load_report()));
            for command in commands {
                worker.obey(command, &line);
            }
        }
        Err(error) => line.send(
            command.id,
            ReplyBody::Failed(Failure::Load {
                path: load.path,
                reason: format!("{error:#}"),
            }),
        ),
    }
    Ok(())
}

/// The way back to the client, and what it has said about commands under way.
#[derive(Clone)]
struct Line {
    socket: Arc<Mutex<UnixStream>>,
    cancelled: Arc<Mutex<HashSet<u64>>>,
    /// Commands that wait for the model.
    waiting: Arc<AtomicUsize>,
}

impl Line {
    fn new(socket: UnixStream) -> Self {
        Self {
            socket: Arc::new(Mutex::new(socket)),
            cancelled: Arc::default(),
            waiting: Arc::default(),
        }
    }

    fn send(&self, id: u64, body: ReplyBody) {
        let mut socket = lock(&self.socket);
        if write_message(&mut *socket, &Reply { id, body }).is_err() {
            leave();
        }
    }

    fn is_cancelled(&self, id: u64) -> bool {
        lock(&self.cancelled).contains(&id)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Ends the process at once: the computing thread may be in the middle of a step, and
/// nothing here needs to be tidied up.
fn leave() -> ! {
    let _ = std::io::stderr().flush();
    // SAFETY: ends the process without running anything.
    unsafe { libc::_exit(0) }
}

/// Hears the client, even while the other thread computes.
fn listen(reader: &mut BufReader<UnixStream>, line: &Line, commands: &mpsc::Sender<Command>) {
    loop {
        let command = match read_message::<Command>(reader) {
            Ok(Some(command)) => command,
            Ok(None) => leave(),
            Err(error) => {
                eprintln!("lucid-engine-llama: {error}");
                leave();
            }
        };
        match command.body {
            CommandBody::Ping => line.send(command.id, ReplyBody::Pong),
            CommandBody::Shutdown => leave(),
            CommandBody::Cancel(id) => {
                lock(&line.cancelled).insert(id);
            }
            _ => {
                line.waiting.fetch_add(1, Ordering::SeqCst);
                if commands.send(command).is_err() {
                    leave();
                }
            }
        }
    }
}

/// The computing side.
struct Worker {
    session: Session,
    grammars: Grammars,
    markup: Markup,
    load_ms: f64,
    requests: u64,
    fences: Vec<String>,
}

impl Worker {
    fn load(
        backend: &LlamaBackend,
        command: &LoadCommand,
        fences: Vec<String>,
        line: &Line,
        id: u64,
    ) -> anyhow::Result<Self> {
        let start = Instant::now();
        let options = LoadOptions {
            path: command.path.clone(),
            context_length: command.context_length,
            threads: command.threads,
            mmap: false,
        };
        let progress = line.clone();
        let mut told = Instant::now();
        let loaded = backend::load(backend, &options, move |done| {
            if told.elapsed().as_millis() > 200 {
                told = Instant::now();
                progress.send(id, ReplyBody::Progress(done));
            }
        })?;
        let origin = format!(
            "{} {} {}",
            model_name(&command.path, command.sha256.as_deref())?,
            backend::build_name(),
            loaded.context.n_ctx(),
        );
        let capsules = command
            .capsules
            .as_deref()
            .and_then(|folder| Capsules::open(folder, origin, command.capsule_bytes).ok());
        let model = loaded.model;
        let markup = Markup::new(model)?;
        let grammars = Grammars::new(model)?;
        Ok(Self {
            session: Session::new(loaded, capsules),
            grammars,
            markup,
            load_ms: start.elapsed().as_secs_f64() * 1e3,
            requests: 0,
            fences,
        })
    }

    fn load_report(&self) -> LoadReport {
        LoadReport {
            load_ms: self.load_ms,
            context_length: count(self.session.context_length()),
            build: backend::build_name(),
        }
    }

    fn obey(&mut self, command: Command, line: &Line) {
        line.waiting.fetch_sub(1, Ordering::SeqCst);
        let id = command.id;
        let result = if line.is_cancelled(id) {
            Err(Failure::Cancelled)
        } else {
            self.requests += 1;
            self.carry_out(command.body, line, id)
        };
        lock(&line.cancelled).remove(&id);
        line.send(id, result.unwrap_or_else(ReplyBody::Failed));
    }

    fn carry_out(&mut self, body: CommandBody, line: &Line, id: u64) -> Result<ReplyBody, Failure> {
        match body {
            CommandBody::Prepare(prompt) => {
                self.prepare(&prompt, line, id).map(ReplyBody::Prepared)
            }
            CommandBody::Prefill(prompt) => {
                self.prefill(&prompt, line, id).map(ReplyBody::Prefilled)
            }
            CommandBody::Generate(request) => self.generate(&request, line, id),
            CommandBody::Score(command) => self.score(&command, line, id).map(ReplyBody::Scores),
            CommandBody::Tokenise(text) => Ok(ReplyBody::Tokens(
                prompt::plain(self.session.model, &text)
                    .into_iter()
                    .map(crate::grammar::to_guidance)
                    .collect(),
            )),
            CommandBody::Stats => Ok(ReplyBody::Stats(self.stats())),
            CommandBody::Load(load) => Err(Failure::Load {
                path: load.path,
                reason: "this worker holds a model already".to_owned(),
            }),
            CommandBody::Cancel(_) | CommandBody::Ping | CommandBody::Shutdown => Err(
                Failure::Other("the listening thread answers these".to_owned()),
            ),
        }
    }

    fn prepare(&mut self, prompt: &Prompt, line: &Line, id: u64) -> Result<CapsuleReport, Failure> {
        let start = Instant::now();
        let mut rendered = self.markup.render_constant(self.session.model, prompt);
        let Some(end) = rendered.capsule else {
            return Ok(CapsuleReport::default());
        };
        rendered.tokens.truncate(end);
        let read = self.session.read(&rendered, 0, &mut watch(line, id))?;
        let bytes = match read.capsule_bytes {
            0 => self.session.capsule_bytes_or_save(),
            written => written,
        };
        Ok(CapsuleReport {
            tokens: count(end),
            restored_tokens: count(read.restored),
            bytes,
            ms: start.elapsed().as_secs_f64() * 1e3,
        })
    }

    fn prefill(&mut self, prompt: &Prompt, line: &Line, id: u64) -> Result<PrefillReport, Failure> {
        let start = Instant::now();
        let rendered = self.markup.render_open(self.session.model, prompt);
        let mut go_on = watch(line, id);
        // What waits is either the next state of the same words or the request itself;
        // both take over the tokens that were read so far.
        let mut alone = |done| go_on(done) && line.waiting.load(Ordering::SeqCst) == 0;
        let read = self.session.read(&rendered, 0, &mut alone)?;
        Ok(PrefillReport {
            tokens: count(rendered.tokens.len()),
            computed_tokens: count(read.computed),
            ms: start.elapsed().as_secs_f64() * 1e3,
        })
    }

    fn generate(
        &mut self,
        request: &GenerateRequest,
        line: &Line,
        id: u64,
    ) -> Result<ReplyBody, Failure> {
        let generated = decode::generate(
            &mut self.session,
            &mut self.grammars,
            &self.markup,
            request,
            &mut watch(line, id),
            &mut |body| line.send(id, body),
        )?;
        Ok(ReplyBody::Generated(Box::new(generated)))
    }

    fn score(
        &mut self,
        command: &ScoreCommand,
        line: &Line,
        id: u64,
    ) -> Result<Vec<Score>, Failure> {
        let rendered = self.markup.render(self.session.model, &command.prompt);
        let mut go_on = watch(line, id);
        let mut scores = Vec::new();
        for continuation in &command.continuations {
            let tokens = prompt::plain(self.session.model, continuation);
            self.session.read(&rendered, tokens.len(), &mut go_on)?;
            let mut logprob = 0.0;
            for (index, token) in tokens.iter().enumerate() {
                let logits = self.session.logits();
                logprob += logits[token.0.cast_unsigned() as usize] - decode::log_sum_exp(logits);
                if index + 1 < tokens.len() {
                    self.session.advance(&[*token])?;
                }
            }
            scores.push(Score {
                logprob,
                tokens: count(tokens.len()),
            });
        }
        Ok(scores)
    }

    fn stats(&self) -> EngineStats {
        EngineStats {
            loaded: true,
            build: backend::build_name(),
            pid: Some(std::process::id()),
            rss_bytes: rss_bytes(),
            load_ms: self.load_ms,
            prefill_tokens_per_s: self.session.prefill.per_second(),
            decode_tokens_per_s: self.session.decode.per_second(),
            cpu_seconds: own_cpu_seconds(),
            requests: self.requests,
            restarts: 0,
            sandbox: self.fences.clone(),
        }
    }
}

/// Tells the client of progress, and hears of a cancellation.
fn watch(line: &Line, id: u64) -> impl FnMut(f32) -> bool {
    move |done| {
        if line.is_cancelled(id) {
            return false;
        }
        if done > 0.0 {
            line.send(id, ReplyBody::Progress(done));
        }
        true
    }
}

fn count(tokens: usize) -> u32 {
    u32::try_from(tokens).unwrap_or(u32::MAX)
}

/// Resident memory of this process.
pub(crate) fn rss_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|text| text.split_whitespace().nth(1)?.parse::<u64>().ok());
    // SAFETY: a call without pointers.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    pages.unwrap_or(0) * u64::try_from(page).unwrap_or(0)
}
