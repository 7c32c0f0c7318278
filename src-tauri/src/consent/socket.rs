//! The client of the kernel's private socket.

use std::{io, path::Path, time::Duration};

use protocol::consent::{ConsentAnswer, ConsentMessage, Hello, Role, socket_path};
use serde::Serialize;
use tauri::AppHandle;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{UnixStream, unix::OwnedReadHalf, unix::OwnedWriteHalf},
    sync::mpsc,
    task::JoinSet,
};

use crate::shell::Shell;

const RETRY: Duration = Duration::from_secs(1);
/// A bulk consent carries its whole list of targets; nothing sensible is longer.
const MOST_BYTES: u64 = 4 << 20;

/// Asks the person for as long as the shell lives.
pub(crate) async fn follow(app: AppHandle) {
    let Some(path) = socket_path() else {
        tracing::error!("XDG_RUNTIME_DIR is not set, so that no consent can be asked here");
        return;
    };
    let shell = Shell::of(&app);
    let mut presence = shell.kernel.presence();
    loop {
        match Client::connect(&path).await {
            Ok(client) => {
                let (sender, answers) = mpsc::unbounded_channel();
                shell.consents.answer_to(Some(sender));
                let ended = client.run(answers, |message| take(&app, message)).await;
                tracing::debug!(?ended, "the kernel asks no more");
                shell.consents.answer_to(None);
                shell.consents.change(&app, |book| book.clear());
            }
            Err(error) => tracing::debug!(%error, "no kernel asks yet"),
        }
        // A kernel that appears has its socket; else we look again after a while.
        let _ = tokio::time::timeout(RETRY, presence.changed()).await;
    }
}

fn take(app: &AppHandle, message: ConsentMessage) {
    Shell::of(app).consents.change(app, |book| match message {
        ConsentMessage::Ask { request } => book.ask(request),
        ConsentMessage::Withdraw { consent } => book.withdraw(&consent),
    });
}

/// A connection to the socket that has said what it is.
struct Client {
    lines: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
}

impl Client {
    async fn connect(path: &Path) -> io::Result<Self> {
        let (reader, writer) = UnixStream::connect(path).await?.into_split();
        let mut client = Self {
            lines: BufReader::new(reader),
            writer,
        };
        send(&mut client.writer, &Hello { role: Role::Shell }).await?;
        Ok(client)
    }

    /// Gives each message to `take` and sends each answer, until either side ends.
    async fn run(
        self,
        mut answers: mpsc::UnboundedReceiver<ConsentAnswer>,
        mut take: impl FnMut(ConsentMessage),
    ) -> io::Result<()> {
        let Self {
            mut lines,
            mut writer,
        } = self;
        // A line must be read to its end even while answers are sent, so reading has a task of its own.
        // The set ends it with this function, or else it would keep the connection after a failed answer.
        let (sender, mut messages) = mpsc::channel(16);
        let mut reading = JoinSet::new();
        reading.spawn(async move {
            while let Some(message) = next_message(&mut lines).await? {
                if sender.send(message).await.is_err() {
                    break;
                }
            }
            io::Result::Ok(())
        });
        loop {
            tokio::select! {
                message = messages.recv() => match message {
                    Some(message) => take(message),
                    None => break,
                },
                answer = answers.recv() => match answer {
                    Some(answer) => send(&mut writer, &answer).await?,
                    None => break,
                },
            }
        }
        reading.abort_all();
        match reading.join_next().await {
            Some(Ok(ended)) => ended,
            _ => Ok(()),
        }
    }
}

async fn next_message(lines: &mut BufReader<OwnedReadHalf>) -> io::Result<Option<ConsentMessage>> {
    let mut line = Vec::new();
    let read = lines.take(MOST_BYTES).read_until(b'\n', &mut line).await?;
    if read == 0 {
        return Ok(None);
    }
    if line.last() != Some(&b'\n') {
        return Err(io::Error::other("a question is cut off or too long"));
    }
    serde_json::from_slice(&line)
        .map(Some)
        .map_err(io::Error::other)
}

async fn send(writer: &mut OwnedWriteHalf, value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    writer.write_all(&line).await
}

#[cfg(test)]
mod tests;
