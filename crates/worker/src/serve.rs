//! Serves the protocol: one thread listens, one computes.

use std::io::BufReader;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::time::Instant;

use anyhow::{Context as _, bail};
use engine::protocol::{
    Command, CommandBody, Failure, Hello, LoadCommand, PROTOCOL_VERSION, ReplyBody, read_message,
};
use engine::{EngineStats, LoadReport};

use crate::line::{Line, leave};
use crate::{Fences, Job, Model, usage};

/// How an engine starts.
pub struct Start<F, L> {
    /// Engine, its version, and the kernels in use.
    pub build: String,
    /// Tells behind which fences a model is loaded.
    pub fences: F,
    /// Loads the model, behind the fences. Other threads must not have been started before:
    /// fences hold only for the thread that sets them up, and for its children.
    pub load: L,
}

/// Serves the socket on standard input until the client goes.
///
/// # Errors
///
/// When the standard input is no socket, or the client does not begin with a load. A model that
/// cannot be loaded is told to the client and is no error.
pub fn serve<M, F, L>(start: Start<F, L>) -> anyhow::Result<()>
where
    M: Model,
    F: FnOnce(&LoadCommand) -> Fences,
    L: FnOnce(&LoadCommand, &Job) -> anyhow::Result<M>,
{
    let (mut reader, line) = connect()?;
    line.send(
        0,
        ReplyBody::Hello(Hello {
            protocol: PROTOCOL_VERSION,
            build: start.build.clone(),
        }),
    );
    let Some(command) = read_message::<Command>(&mut reader)? else {
        return Ok(());
    };
    let CommandBody::Load(load) = command.body else {
        bail!("the first command is not Load");
    };
    let fences = match (start.fences)(&load).enter(load.allow_unfenced) {
        Ok(fences) => fences,
        Err(reason) => {
            line.send(
                command.id,
                ReplyBody::Failed(Failure::Unfenced(reason.to_string())),
            );
            return Ok(());
        }
    };
    let (sender, commands) = mpsc::channel();
    let listening = line.clone();
    // Only now: fences hold for threads that start later.
    std::thread::spawn(move || listen(&mut reader, &listening, &sender));
    let begin = Instant::now();
    match (start.load)(&load, &Job::new(line.clone(), command.id)) {
        Ok(model) => {
            let mut worker = Worker {
                model,
                build: start.build,
                load_ms: begin.elapsed().as_secs_f64() * 1e3,
                requests: 0,
                fences,
            };
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

fn connect() -> anyhow::Result<(BufReader<UnixStream>, Line)> {
    let socket = std::io::stdin()
        .as_fd()
        .try_clone_to_owned()
        .context("no standard input")?;
    let socket = UnixStream::from(socket);
    if socket.local_addr().is_err() {
        bail!("the standard input is no socket: Lucid's kernel starts this program by itself");
    }
    Ok((BufReader::new(socket.try_clone()?), Line::new(socket)))
}

/// Hears the client, even while the other thread computes.
fn listen(reader: &mut BufReader<UnixStream>, line: &Line, commands: &mpsc::Sender<Command>) {
    loop {
        let command = match read_message::<Command>(reader) {
            Ok(Some(command)) => command,
            Ok(None) => leave(),
            Err(error) => {
                eprintln!("the client sent no command: {error}");
                leave();
            }
        };
        match command.body {
            CommandBody::Ping => line.send(command.id, ReplyBody::Pong),
            CommandBody::Shutdown => leave(),
            CommandBody::Cancel(id) => line.cancel(id),
            _ => {
                line.add_waiting();
                if commands.send(command).is_err() {
                    leave();
                }
            }
        }
    }
}

/// The computing side.
struct Worker<M> {
    model: M,
    build: String,
    load_ms: f64,
    requests: u64,
    fences: Vec<String>,
}

impl<M: Model> Worker<M> {
    fn load_report(&self) -> LoadReport {
        LoadReport {
            load_ms: self.load_ms,
            context_length: self.model.context_length(),
            build: self.build.clone(),
        }
    }

    fn obey(&mut self, command: Command, line: &Line) {
        line.take_waiting();
        let id = command.id;
        let job = Job::new(line.clone(), id);
        let result = if job.is_cancelled() {
            Err(Failure::Cancelled)
        } else {
            self.requests += 1;
            self.carry_out(command.body, &job)
        };
        line.forget(id);
        line.send(id, result.unwrap_or_else(ReplyBody::Failed));
    }

    fn carry_out(&mut self, body: CommandBody, job: &Job) -> Result<ReplyBody, Failure> {
        let model = &mut self.model;
        match body {
            CommandBody::Prepare(prompt) => model.prepare(&prompt, job).map(ReplyBody::Prepared),
            CommandBody::Prefill(prompt) => model.prefill(&prompt, job).map(ReplyBody::Prefilled),
            CommandBody::Generate(request) => {
                let generated = model.generate(&request, job)?;
                Ok(ReplyBody::Generated(Box::new(generated)))
            }
            CommandBody::Score(command) => {
                let scores = model.score(&command.prompt, &command.continuations, job)?;
                Ok(ReplyBody::Scores(scores))
            }
            CommandBody::Tokenise(text) => model.tokenise(&text).map(ReplyBody::Tokens),
            CommandBody::Embed(texts) => model.embed(&texts, job).map(ReplyBody::Embeddings),
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

    fn stats(&self) -> EngineStats {
        let speed = self.model.speed();
        EngineStats {
            loaded: true,
            build: self.build.clone(),
            pid: Some(std::process::id()),
            rss_bytes: usage::rss_bytes(),
            load_ms: self.load_ms,
            prefill_tokens_per_s: speed.prefill,
            decode_tokens_per_s: speed.decode,
            cpu_seconds: usage::cpu_seconds(),
            requests: self.requests,
            restarts: 0,
            sandbox: self.fences.clone(),
        }
    }
}
