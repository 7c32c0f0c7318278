//! Consents on the terminal, over the private socket.

use anyhow::Context;
use protocol::{
    consent::{ConsentAnswer, ConsentMessage, ConsentRequest, Hello, Role, socket_path},
    text::message,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use crate::{
    connection::language,
    terminal::{Stream, Style, styled_for, tell},
};

/// A connection on which the consents of this terminal's turns are asked.
pub(crate) struct Desk {
    /// The secret that names this terminal in [`protocol::AskOptions`].
    pub(crate) secret: String,
    questions: Lines<BufReader<OwnedReadHalf>>,
    answers: OwnedWriteHalf,
}

impl Desk {
    /// Connects to the kernel's consent socket.
    ///
    /// # Errors
    ///
    /// When the socket is not there or the kernel does not accept this program.
    pub(crate) async fn open() -> anyhow::Result<Desk> {
        let path = socket_path().context("XDG_RUNTIME_DIR is not set")?;
        let stream = UnixStream::connect(&path)
            .await
            .with_context(|| format!("could not reach {}", path.display()))?;
        let (reader, mut answers) = stream.into_split();
        let secret = secret()?;
        send(
            &mut answers,
            &Hello {
                role: Role::Terminal(secret.clone()),
            },
        )
        .await?;
        Ok(Desk {
            secret,
            questions: BufReader::new(reader).lines(),
            answers,
        })
    }

    /// Waits for the next question; none once the kernel is gone. Cancel-safe.
    ///
    /// # Errors
    ///
    /// When the kernel writes what this program does not know.
    pub(crate) async fn question(&mut self) -> anyhow::Result<Option<ConsentRequest>> {
        while let Some(text) = self.questions.next_line().await? {
            if let ConsentMessage::Ask { request } = serde_json::from_str(&text)? {
                return Ok(Some(request));
            }
        }
        Ok(None)
    }

    /// Shows a question, reads the answer from standard input and sends it. The end of input is a no.
    ///
    /// # Errors
    ///
    /// When the kernel is gone.
    pub(crate) async fn put(&mut self, request: ConsentRequest) -> anyhow::Result<()> {
        show(&request);
        let granted = tokio::task::spawn_blocking(yes).await?;
        let answer = ConsentAnswer {
            consent: request.consent,
            digest: request.digest,
            granted,
        };
        send(&mut self.answers, &answer).await
    }
}

/// Shows a question on standard error, so that standard output holds results alone.
fn show(request: &ConsentRequest) {
    let styled = |text: &str, style| styled_for(Stream::Error, text, style);
    tell(&format!("{}\n", styled(&request.sentence, Style::Bold)));
    for argument in &request.arguments {
        tell(&format!("  {} = {}\n", argument.name, argument.value));
    }
    for target in &request.targets {
        tell(&format!("  · {target}\n"));
    }
    tell(&format!("{}\n", styled(&request.reason, Style::Dim)));
    tell(&message(language(), "terminal-consent", &[]));
}

fn yes() -> bool {
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    tell("\n");
    read.is_ok_and(|bytes| bytes > 0)
        && matches!(
            answer.trim().to_lowercase().as_str(),
            "y" | "yes" | "是" | "好"
        )
}

async fn send(writer: &mut OwnedWriteHalf, message: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut text = serde_json::to_vec(message)?;
    text.push(b'\n');
    writer.write_all(&text).await.context("the kernel is gone")
}

/// Makes 128 random bits.
fn secret() -> anyhow::Result<String> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
