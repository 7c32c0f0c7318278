//! Consents on the terminal, over the private socket.

use std::collections::VecDeque;

use anyhow::Context;
use protocol::consent::{ConsentAnswer, ConsentMessage, ConsentRequest, Hello, Role, socket_path};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
};

use crate::{
    exit::Failure,
    input::Input,
    terminal::{Shown, Stream, Style, styled_for, tell},
    words,
};

/// Behind more targets of a bulk action the sentence, which has left the screen, is said again.
const MOST_IN_SIGHT: usize = 15;

/// A connection on which the consents of this terminal's turns are asked.
pub(crate) struct Desk {
    /// The secret that names this terminal in [`protocol::AskOptions`].
    pub(crate) secret: String,
    messages: Lines<BufReader<OwnedReadHalf>>,
    answers: OwnedWriteHalf,
    input: Input,
    /// The first one stands on the terminal, the others wait for it.
    open: VecDeque<ConsentRequest>,
}

/// What happens at the desk.
pub(crate) enum Step {
    /// The kernel asks, or withdraws a question.
    Told(ConsentMessage),
    /// The person has answered; the end of input is a no.
    Answered(bool),
    /// The kernel is gone.
    Gone,
}

impl Desk {
    /// Connects to the kernel's consent socket.
    ///
    /// # Errors
    ///
    /// When the socket is not there or the kernel does not accept this program.
    pub(crate) async fn open() -> anyhow::Result<Desk> {
        let path = socket_path().ok_or_else(|| Failure::unreachable("no-runtime-folder"))?;
        let stream = UnixStream::connect(&path)
            .await
            .map_err(|_| Failure::unreachable("kernel-silent"))?;
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
            messages: BufReader::new(reader).lines(),
            answers,
            input: Input::default(),
            open: VecDeque::new(),
        })
    }

    /// Waits for the next thing that happens, for [`Desk::handle`]. Cancel-safe.
    ///
    /// # Errors
    ///
    /// When the kernel writes what this program does not know.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Step> {
        tokio::select! {
            text = self.messages.next_line() => match text {
                Ok(Some(text)) => {
                    let message = serde_json::from_str(&text);
                    Ok(Step::Told(message.with_context(|| words::text("kernel-unknown", &[]))?))
                }
                Ok(None) | Err(_) => Ok(Step::Gone),
            },
            text = self.input.line() => Ok(Step::Answered(text.is_some_and(|text| is_yes(&text)))),
        }
    }

    /// Shows a question, sends an answer, or takes a question away.
    ///
    /// # Errors
    ///
    /// When the kernel is gone.
    pub(crate) async fn handle(&mut self, step: Step) -> anyhow::Result<()> {
        match step {
            Step::Told(ConsentMessage::Ask { request }) => {
                self.open.push_back(request);
                if self.open.len() == 1 {
                    self.show();
                }
            }
            Step::Told(ConsentMessage::Withdraw { consent }) => self.withdraw(&consent),
            Step::Answered(granted) => self.answer(granted).await?,
            Step::Gone => return Err(Failure::unreachable("kernel-gone").into()),
        }
        Ok(())
    }

    /// Ends the line of a question that nobody will answer any more.
    pub(crate) fn close(&mut self) {
        if !self.open.is_empty() {
            tell("\n");
            self.open.clear();
        }
    }

    fn show(&mut self) {
        if let Some(request) = self.open.front() {
            show(request);
            self.input.want();
        }
    }

    /// Answers the question on the terminal. Without one, what was typed was meant for a
    /// question that has been withdrawn meanwhile, and counts for nothing.
    async fn answer(&mut self, granted: bool) -> anyhow::Result<()> {
        let Some(request) = self.open.pop_front() else {
            return Ok(());
        };
        tell("\n");
        let answer = ConsentAnswer {
            consent: request.consent,
            digest: request.digest,
            granted,
        };
        send(&mut self.answers, &answer).await?;
        self.show();
        Ok(())
    }

    fn withdraw(&mut self, consent: &str) {
        let was_shown = self
            .open
            .front()
            .is_some_and(|request| request.consent == consent);
        self.open.retain(|request| request.consent != consent);
        if was_shown {
            let withdrawn = words::text("consent-withdrawn", &[]);
            tell(Shown::from("\n") + styled_for(Stream::Error, &withdrawn, Style::Dim) + "\n");
            self.show();
        }
    }
}

/// Shows a question on standard error, so that standard output holds results alone.
fn show(request: &ConsentRequest) {
    let styled = |text: &str, style| styled_for(Stream::Error, text, style);
    tell(styled(&request.sentence, Style::Bold) + "\n");
    for argument in &request.arguments {
        tell(format!("  {} = {}\n", argument.name, argument.value));
    }
    for target in &request.targets {
        tell(format!("  · {target}\n"));
    }
    if request.targets.len() > MOST_IN_SIGHT {
        tell(styled(&request.sentence, Style::Bold) + "\n");
    }
    tell(styled(&request.reason, Style::Dim) + "\n");
    tell(words::text("terminal-consent", &[]));
}

pub(crate) fn is_yes(answer: &str) -> bool {
    matches!(
        answer.trim().to_lowercase().as_str(),
        "y" | "yes" | "是" | "好"
    )
}

async fn send(writer: &mut OwnedWriteHalf, message: &impl serde::Serialize) -> anyhow::Result<()> {
    let mut text = serde_json::to_vec(message)?;
    text.push(b'\n');
    let sent = writer.write_all(&text).await;
    sent.map_err(|_| Failure::unreachable("kernel-gone").into())
}

/// Makes 128 random bits.
fn secret() -> anyhow::Result<String> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    Ok(hex::encode(bytes))
}
