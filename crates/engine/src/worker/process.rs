//! Starts a worker's process with nothing but a socket.

use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

use crate::EngineError;
use crate::protocol::{MAX_LINE_BYTES, Reply, parse_line};

/// Lines of the worker's standard error that are kept for the message about a crash.
const LAST_WORDS: usize = 4;

/// How long a process that was told to end may take.
const GRACE: Duration = Duration::from_secs(2);

/// A running process with its end of the socket.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    last_words: Arc<Mutex<VecDeque<String>>>,
}

/// Starts `program`; its standard input is the other end of the returned socket.
///
/// The environment is empty: no bus, no display, no home.
pub(super) fn spawn(program: &Path) -> Result<(Process, UnixStream), EngineError> {
    let failed = |error: io::Error| EngineError::Spawn {
        program: program.to_owned(),
        reason: error.to_string(),
    };
    let (ours, theirs) = StdUnixStream::pair().map_err(failed)?;
    ours.set_nonblocking(true).map_err(failed)?;
    let ours = UnixStream::from_std(ours).map_err(failed)?;
    #[expect(
        clippy::disallowed_methods,
        reason = "the environment is cleared here; this crate lies below `functions`"
    )]
    let mut command = Command::new(program);
    command
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    if let Some(log) = std::env::var_os("LUCID_ENGINE_LOG") {
        command.env("LUCID_ENGINE_LOG", log);
    }
    let mut child = command.spawn().map_err(failed)?;
    let last_words = Arc::<Mutex<VecDeque<String>>>::default();
    if let Some(stderr) = child.stderr.take() {
        tokio::spawn(listen(stderr, last_words.clone()));
    }
    Ok((Process { child, last_words }, ours))
}

/// Logs what the worker complains of, and keeps the last of it.
async fn listen(stderr: impl AsyncRead + Unpin, last_words: Arc<Mutex<VecDeque<String>>>) {
    let mut lines = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        tracing::debug!(target: "engine::worker", "{line}");
        let mut last_words = last_words.lock().unwrap_or_else(PoisonError::into_inner);
        if last_words.len() == LAST_WORDS {
            last_words.pop_front();
        }
        last_words.push_back(line);
    }
}

impl Process {
    /// The process id, while it runs.
    pub(super) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Ends the process if it does not end by itself soon, and tells how it ended.
    pub(super) async fn end(&mut self) -> String {
        let ended = tokio::time::timeout(GRACE, self.child.wait()).await;
        let how = match ended {
            Ok(Ok(status)) => describe(status),
            Ok(Err(error)) => error.to_string(),
            Err(_) => {
                self.kill().await;
                "it closed its socket".to_owned()
            }
        };
        let last_words = self
            .last_words
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match last_words.back() {
            Some(line) => format!("{how}: {line}"),
            None => how,
        }
    }

    /// Ends the process at once.
    pub(super) async fn kill(&mut self) {
        // The only error is that it has ended already.
        let _ = self.child.kill().await;
    }
}

fn describe(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.signal(), status.code()) {
        (Some(9), _) => "killed".to_owned(),
        (Some(signal), _) => format!("signal {signal}"),
        (None, Some(code)) => format!("exit status {code}"),
        (None, None) => "it ended".to_owned(),
    }
}

/// Reads replies until the socket closes or a line makes no sense.
pub(super) async fn read_replies(
    socket: impl AsyncRead + Unpin,
    replies: mpsc::UnboundedSender<Reply>,
) {
    let mut reader = BufReader::new(socket);
    let mut line = Vec::new();
    loop {
        line.clear();
        let mut limited = (&mut reader).take(MAX_LINE_BYTES as u64);
        match limited.read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => match parse_line(&line) {
                Ok(reply) => {
                    if replies.send(reply).is_err() {
                        return;
                    }
                }
                Err(error) => {
                    tracing::error!("a model worker sent no message: {error}");
                    return;
                }
            },
        }
    }
}
