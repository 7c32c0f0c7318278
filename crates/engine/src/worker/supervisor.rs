//! One task for each worker process: passes commands and replies, and watches the clock.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::time::{Instant, timeout};

use super::WorkerOptions;
use super::integrity::Integrity;
use super::process::{self, Process};
use crate::protocol::{Command, CommandBody, PROTOCOL_VERSION, Reply, ReplyBody, write_message};
use crate::{EngineError, LoadReport};

type Replies = UnboundedSender<Result<Next, EngineError>>;

/// What an exchange hears next.
#[derive(Debug)]
pub(super) enum Next {
    /// A reply of the worker.
    Reply(ReplyBody),
    /// The worker ended by our own wish before it saw the command; ask another one.
    NotTaken,
}

#[derive(Debug)]
enum Order {
    Send(Box<Command>, Replies),
    Cancel(u64),
    End(tokio::sync::oneshot::Sender<()>),
}

/// The way to one worker process. The process ends when all handles are gone.
#[derive(Debug, Clone)]
pub(super) struct Handle {
    orders: UnboundedSender<Order>,
    ids: Arc<AtomicU64>,
}

impl Handle {
    /// Whether the process still takes commands, as far as is known.
    pub(super) fn lives(&self) -> bool {
        !self.orders.is_closed()
    }

    /// Sends a command; none if the process is gone.
    pub(super) fn send(&self, body: CommandBody) -> Option<Exchange> {
        let id = self.ids.fetch_add(1, Ordering::SeqCst);
        let (sender, replies) = mpsc::unbounded_channel();
        self.orders
            .send(Order::Send(Box::new(Command { id, body }), sender))
            .ok()?;
        Some(Exchange {
            id,
            replies,
            orders: self.orders.clone(),
            ended: false,
        })
    }

    /// Ends the process and waits for it.
    pub(super) async fn end(&self) {
        let (sender, ended) = tokio::sync::oneshot::channel();
        if self.orders.send(Order::End(sender)).is_ok() {
            // An error means that the supervisor is gone, which is what we wait for.
            let _ = ended.await;
        }
    }
}

/// A command on its way. Dropping it cancels the command.
#[derive(Debug)]
pub(super) struct Exchange {
    id: u64,
    replies: UnboundedReceiver<Result<Next, EngineError>>,
    orders: UnboundedSender<Order>,
    ended: bool,
}

impl Exchange {
    /// Waits for the next reply; a reported failure is an error.
    pub(super) async fn next(&mut self) -> Result<Next, EngineError> {
        let next = self.replies.recv().await.unwrap_or(Ok(Next::NotTaken));
        let next = match next {
            Ok(Next::Reply(ReplyBody::Failed(failure))) => Err(failure.into()),
            other => other,
        };
        self.ended = match &next {
            Ok(Next::Reply(reply)) => reply.is_final(),
            Ok(Next::NotTaken) | Err(_) => true,
        };
        next
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if !self.ended {
            // Without a supervisor there is nothing left to cancel.
            let _ = self.orders.send(Order::Cancel(self.id));
        }
    }
}

/// What is known of the workers of one engine without asking any.
#[derive(Debug, Default)]
pub(super) struct Vitals {
    /// Workers that did not end by our wish.
    pub(super) failures: AtomicU64,
    /// Workers with their model in memory; two for the moment in which one follows another.
    pub(super) loaded: AtomicU64,
    /// The process of the worker that was loaded last.
    pub(super) process: AtomicU32,
}

/// Counts as one loaded worker for as long as it lives.
struct Loaded(Arc<Vitals>);

impl Loaded {
    fn new(vitals: &Arc<Vitals>) -> Loaded {
        vitals.loaded.fetch_add(1, Ordering::SeqCst);
        Loaded(vitals.clone())
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        self.0.loaded.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Starts a process, loads its model and leaves it to a task.
pub(super) async fn start(
    options: &WorkerOptions,
    vitals: Arc<Vitals>,
) -> Result<(Handle, LoadReport), EngineError> {
    if options.load.endpoint.is_none() && !options.load.path.exists() {
        return Err(EngineError::MissingModel {
            model: options.model.clone(),
        });
    }
    let integrity = Integrity::begin(options)?;
    let loaded = load(options, vitals).await;
    // Damage explains also why a worker could not load the file, or died of it.
    if !matches!(loaded, Err(EngineError::Spawn { .. })) {
        integrity.confirmed().await?;
    }
    loaded
}

async fn load(
    options: &WorkerOptions,
    vitals: Arc<Vitals>,
) -> Result<(Handle, LoadReport), EngineError> {
    let begin = Instant::now();
    let (process, socket) = process::spawn(&options.program)?;
    if let (Some(at_start), Some(id)) = (&options.at_start, process.id()) {
        at_start.tell(id);
    }
    let (reader, writer) = socket.into_split();
    let (reply_sender, replies) = mpsc::unbounded_channel();
    tokio::spawn(process::read_replies(reader, reply_sender));
    let (orders, order_receiver) = mpsc::unbounded_channel();
    let handle = Handle {
        orders,
        ids: Arc::new(AtomicU64::new(1)),
    };
    let supervisor = Supervisor {
        program: options.program.clone(),
        idle: options.idle,
        silence: options.silence,
        process,
        writer,
        pending: HashMap::new(),
        last_heard: Instant::now(),
        last_used: Instant::now(),
        loaded: None,
        vitals,
    };
    tokio::spawn(supervisor.run(order_receiver, replies));
    let Some(mut exchange) = handle.send(CommandBody::Load(options.load.clone())) else {
        return Err(EngineError::Crashed {
            reason: "it ended at once".to_owned(),
        });
    };
    loop {
        match exchange.next().await? {
            Next::Reply(ReplyBody::Loaded(mut report)) => {
                report.load_ms = begin.elapsed().as_secs_f64() * 1e3;
                return Ok((handle, report));
            }
            Next::Reply(_) => {}
            Next::NotTaken => {
                return Err(EngineError::Crashed {
                    reason: "it ended at once".to_owned(),
                });
            }
        }
    }
}

/// How the life of a process ended.
enum End {
    /// By our wish: idle, unloaded, or nobody holds a handle.
    Wanted(Option<tokio::sync::oneshot::Sender<()>>),
    /// The socket closed.
    Gone,
    /// Silence.
    Hung,
    /// The worker speaks another protocol.
    Stranger(u32),
}

struct Supervisor {
    program: std::path::PathBuf,
    idle: Duration,
    silence: Duration,
    process: Process,
    writer: OwnedWriteHalf,
    pending: HashMap<u64, Replies>,
    last_heard: Instant,
    last_used: Instant,
    loaded: Option<Loaded>,
    vitals: Arc<Vitals>,
}

impl Supervisor {
    async fn run(
        mut self,
        mut orders: UnboundedReceiver<Order>,
        mut replies: UnboundedReceiver<Reply>,
    ) {
        let end = self.serve(&mut orders, &mut replies).await;
        // From here on a handle counts as dead.
        self.loaded = None;
        orders.close();
        let error = self.finish(&end).await;
        for (_, pending) in self.pending.drain() {
            let last = error.clone().map_or(Ok(Next::NotTaken), Err);
            // A caller that has gone needs no word.
            let _ = pending.send(last);
        }
        while let Some(order) = orders.recv().await {
            if let Order::Send(_, replies) = order {
                let _ = replies.send(Ok(Next::NotTaken));
            }
        }
        if let End::Wanted(Some(done)) = end {
            let _ = done.send(());
        }
    }

    async fn serve(
        &mut self,
        orders: &mut UnboundedReceiver<Order>,
        replies: &mut UnboundedReceiver<Reply>,
    ) -> End {
        loop {
            let wake = if self.pending.is_empty() {
                self.last_used + self.idle
            } else {
                self.last_heard + self.silence
            };
            tokio::select! {
                // Replies first: what has been said counts, even when it is late.
                biased;
                reply = replies.recv() => match reply {
                    Some(reply) => if let Some(end) = self.pass_back(reply) {
                        return end;
                    },
                    None => return End::Gone,
                },
                order = orders.recv() => match order {
                    Some(order) => if let Some(end) = self.follow(order).await {
                        return end;
                    },
                    None => return End::Wanted(None),
                },
                () = tokio::time::sleep_until(wake) => {
                    return if self.pending.is_empty() { End::Wanted(None) } else { End::Hung };
                }
            }
        }
    }

    fn pass_back(&mut self, reply: Reply) -> Option<End> {
        self.last_heard = Instant::now();
        self.last_used = self.last_heard;
        if let ReplyBody::Hello(hello) = &reply.body {
            return (hello.protocol != PROTOCOL_VERSION).then_some(End::Stranger(hello.protocol));
        }
        if matches!(reply.body, ReplyBody::Loaded(_)) {
            self.loaded = Some(Loaded::new(&self.vitals));
            let process = self.process.id().unwrap_or_default();
            self.vitals.process.store(process, Ordering::SeqCst);
        }
        let last = reply.body.is_final();
        if let Some(pending) = self.pending.get(&reply.id) {
            // A caller that has gone has cancelled the command already.
            let _ = pending.send(Ok(Next::Reply(reply.body)));
        }
        if last {
            self.pending.remove(&reply.id);
        }
        None
    }

    async fn follow(&mut self, order: Order) -> Option<End> {
        let command = match order {
            Order::Send(command, replies) => {
                if self.pending.is_empty() {
                    self.last_heard = Instant::now();
                }
                self.pending.insert(command.id, replies);
                *command
            }
            Order::Cancel(id) => Command {
                id: 0,
                body: CommandBody::Cancel(id),
            },
            Order::End(done) => return Some(End::Wanted(Some(done))),
        };
        self.last_used = Instant::now();
        let mut line = Vec::new();
        write_message(&mut line, &command).expect("a command can always be written to memory");
        // A stopped worker does not empty its socket: the watchdog must not wait for it.
        match timeout(self.silence, self.writer.write_all(&line)).await {
            Ok(Ok(())) => None,
            Ok(Err(_)) => Some(End::Gone),
            Err(_) => Some(End::Hung),
        }
    }

    /// Sees to it that the process is gone, and says what that means for open commands.
    async fn finish(&mut self, end: &End) -> Option<EngineError> {
        let id = self.process.id();
        let error = match end {
            End::Wanted(_) => {
                self.process.kill().await;
                None
            }
            End::Gone => Some(EngineError::Crashed {
                reason: self.process.end().await,
            }),
            End::Hung => {
                self.process.kill().await;
                Some(EngineError::Hung {
                    after: self.silence,
                })
            }
            End::Stranger(protocol) => {
                self.process.kill().await;
                Some(EngineError::Spawn {
                    program: self.program.clone(),
                    reason: format!("it speaks protocol {protocol}, not {PROTOCOL_VERSION}"),
                })
            }
        };
        if let Some(error) = &error {
            self.vitals.failures.fetch_add(1, Ordering::SeqCst);
            tracing::warn!(worker = id, "{error}");
        }
        error
    }
}
