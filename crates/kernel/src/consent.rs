//! Consents: asked and answered on a private socket, never on the bus.

use std::{
    collections::{HashMap, VecDeque},
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use protocol::consent::{ConsentAnswer, ConsentMessage, ConsentRequest, Hello, Role};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{
        UnixListener, UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{broadcast, oneshot},
};

/// The longest line that a client may send; an answer has about 200 bytes.
const LINE_LIMIT: usize = 4096;

/// How many terminals that have gone are remembered; each is one `lucid ask`, whose turn ends soon.
const GONE_KEPT: usize = 256;

/// What is asked and not yet answered, and who listens.
pub struct Broker {
    questions: Mutex<Questions>,
    messages: broadcast::Sender<(Role, ConsentMessage)>,
}

#[derive(Default)]
struct Questions {
    pending: HashMap<String, Pending>,
    /// Terminals that have gone, the newest last: what they would be asked later is refused too.
    gone: VecDeque<Role>,
}

struct Pending {
    audience: Role,
    request: ConsentRequest,
    answer: oneshot::Sender<bool>,
}

/// Withdraws the question when the asker goes away before the answer.
struct Withdraw<'a> {
    broker: &'a Broker,
    consent: String,
}

impl Drop for Withdraw<'_> {
    fn drop(&mut self) {
        if let Some(pending) = self.broker.lock().pending.remove(&self.consent) {
            self.broker.send(
                pending.audience,
                ConsentMessage::Withdraw {
                    consent: self.consent.clone(),
                },
            );
        }
    }
}

impl Broker {
    /// Makes a broker without questions.
    pub fn new() -> Arc<Broker> {
        Arc::new(Broker {
            questions: Mutex::default(),
            messages: broadcast::channel(64).0,
        })
    }

    /// Puts `request` to `audience` and waits for the answer, without a time limit.
    ///
    /// Dropping the future withdraws the question. A broker that shuts down refuses.
    pub async fn ask(&self, audience: Role, request: ConsentRequest) -> bool {
        let (answer, answered) = oneshot::channel();
        let consent = request.consent.clone();
        let _withdraw = Withdraw {
            broker: self,
            consent: consent.clone(),
        };
        {
            let mut questions = self.lock();
            if questions.gone.contains(&audience) {
                return false;
            }
            let pending = Pending {
                audience: audience.clone(),
                request: request.clone(),
                answer,
            };
            questions.pending.insert(consent, pending);
        }
        self.send(audience, ConsentMessage::Ask { request });
        answered.await.unwrap_or(false)
    }

    /// Takes an answer. It counts only once, from the asked audience, with the digest that was shown.
    fn answer(&self, role: &Role, answer: &ConsentAnswer) {
        let mut questions = self.lock();
        let fits = questions
            .pending
            .get(&answer.consent)
            .is_some_and(|asked| asked.audience == *role && asked.request.digest == answer.digest);
        if !fits {
            tracing::warn!(consent = answer.consent, "an answer fits no open question");
            return;
        }
        if let Some(asked) = questions.pending.remove(&answer.consent) {
            // The asker may have been stopped in this very moment; then nobody needs the answer.
            let _ = asked.answer.send(answer.granted);
            self.send(
                asked.audience,
                ConsentMessage::Withdraw {
                    consent: answer.consent.clone(),
                },
            );
        }
    }

    /// Says no to everything that `role` was asked, and will be.
    fn refuse_all(&self, role: &Role) {
        let mut questions = self.lock();
        questions.pending.retain(|_, asked| asked.audience != *role);
        if questions.gone.len() >= GONE_KEPT {
            questions.gone.pop_front();
        }
        questions.gone.push_back(role.clone());
    }

    fn open_questions(&self, role: &Role) -> Vec<ConsentRequest> {
        self.lock()
            .pending
            .values()
            .filter(|pending| pending.audience == *role)
            .map(|pending| pending.request.clone())
            .collect()
    }

    fn send(&self, audience: Role, message: ConsentMessage) {
        // Fails only without listeners; they get the open questions when they come.
        let _ = self.messages.send((audience, message));
    }

    fn lock(&self) -> MutexGuard<'_, Questions> {
        self.questions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens the socket at `path`, replacing one that a dead kernel left.
///
/// # Errors
///
/// Those of the file system; a kernel that still listens is not replaced because
/// the bus name is taken first.
pub fn listen(path: &Path) -> std::io::Result<UnixListener> {
    if let Some(folder) = path.parent() {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
    }
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Serves `listener` until it is dropped.
pub async fn serve(listener: UnixListener, broker: Arc<Broker>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(serve_client(stream, broker.clone()));
            }
            Err(error) => {
                tracing::error!(%error, "the consent socket does not accept");
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            }
        }
    }
}

async fn serve_client(stream: UnixStream, broker: Arc<Broker>) {
    if let Err(reason) = check_peer(&stream) {
        tracing::warn!(reason, "a stranger knocked at the consent socket");
        return;
    }
    let (reader, writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let Ok(Some(hello)) = read_line(&mut reader).await else {
        return;
    };
    let Ok(Hello { role }) = serde_json::from_str(&hello) else {
        tracing::warn!("a consent client did not say who it is");
        return;
    };
    if let Err(error) = talk(reader, writer, &role, &broker).await {
        tracing::debug!(%error, "a consent client left");
    }
    // A shell comes back and is asked again; a terminal that has gone does not.
    if let Role::Terminal(_) = role {
        broker.refuse_all(&role);
    }
}

async fn talk(
    mut reader: BufReader<OwnedReadHalf>,
    mut writer: OwnedWriteHalf,
    role: &Role,
    broker: &Broker,
) -> std::io::Result<()> {
    let mut messages = broker.messages.subscribe();
    for request in broker.open_questions(role) {
        write_line(&mut writer, &ConsentMessage::Ask { request }).await?;
    }
    loop {
        tokio::select! {
            line = read_line(&mut reader) => match line? {
                Some(line) => broker.answer(role, &serde_json::from_str(&line)?),
                None => return Ok(()),
            },
            message = messages.recv() => match message {
                Ok((audience, message)) if audience == *role => write_line(&mut writer, &message).await?,
                Ok(_) => {}
                Err(broadcast::error::RecvError::Lagged(_)) => {
                    for request in broker.open_questions(role) {
                        write_line(&mut writer, &ConsentMessage::Ask { request }).await?;
                    }
                }
                Err(broadcast::error::RecvError::Closed) => return Ok(()),
            },
        }
    }
}

/// Reads one line of at most [`LINE_LIMIT`] bytes; cancel-safe because a cut line is kept in the buffer only by `fill_buf`.
async fn read_line(reader: &mut BufReader<OwnedReadHalf>) -> std::io::Result<Option<String>> {
    loop {
        let buffer = reader.fill_buf().await?;
        if buffer.is_empty() {
            return Ok(None);
        }
        // A client writes each line at once and it fits one packet of the socket, so a
        // buffer without its end is not a slow client but a broken one.
        let Some(end) = buffer
            .iter()
            .position(|byte| *byte == b'\n')
            .filter(|end| *end <= LINE_LIMIT)
        else {
            return Err(std::io::Error::new(
                std::io::ErrorKind::InvalidData,
                "the line is cut or too long",
            ));
        };
        let line = String::from_utf8_lossy(&buffer[..end]).into_owned();
        reader.consume(end + 1);
        if !line.trim().is_empty() {
            return Ok(Some(line));
        }
    }
}

async fn write_line(writer: &mut OwnedWriteHalf, message: &ConsentMessage) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    writer.write_all(&line).await
}

/// Accepts only this user's `lucid-shell` and `lucid`, run from the folder of this kernel.
fn check_peer(stream: &UnixStream) -> Result<(), &'static str> {
    let peer = stream
        .peer_cred()
        .map_err(|_| "its credentials cannot be read")?;
    if peer.uid() != rustix::process::getuid().as_raw() {
        return Err("it belongs to another user");
    }
    let pid = peer.pid().ok_or("its process is unknown")?;
    let theirs = program(&format!("/proc/{pid}/exe")).ok_or("its program cannot be read")?;
    let ours = program("/proc/self/exe").ok_or("our own program cannot be read")?;
    let known = ["lucid-shell", "lucid"]
        .iter()
        .any(|name| ours.with_file_name(name) == theirs);
    if known {
        Ok(())
    } else {
        Err("it is neither the shell nor the command line")
    }
}

/// Reads a program's path; a program that was replaced by an update while it runs keeps its path.
fn program(link: &str) -> Option<PathBuf> {
    let path = std::fs::read_link(link).ok()?;
    let text = path.to_str()?;
    Some(PathBuf::from(
        text.strip_suffix(" (deleted)").unwrap_or(text),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(digest: &str) -> ConsentRequest {
        ConsentRequest {
            consent: "c1".into(),
            turn: protocol::TurnId("t1".into()),
            function: "power.off".into(),
            sentence: "Shut down this computer.".into(),
            reason: String::new(),
            arguments: Vec::new(),
            targets: Vec::new(),
            digest: digest.into(),
            undoable: false,
        }
    }

    fn answer(digest: &str, granted: bool) -> ConsentAnswer {
        ConsentAnswer {
            consent: "c1".into(),
            digest: digest.into(),
            granted,
        }
    }

    #[tokio::test]
    async fn only_the_asked_audience_with_the_shown_digest_answers() {
        let broker = Broker::new();
        let asking = tokio::spawn({
            let broker = broker.clone();
            async move { broker.ask(Role::Shell, request("d")).await }
        });
        while broker.open_questions(&Role::Shell).is_empty() {
            tokio::task::yield_now().await;
        }
        broker.answer(&Role::Terminal("secret".into()), &answer("d", true));
        broker.answer(&Role::Shell, &answer("other", true));
        assert_eq!(
            broker.open_questions(&Role::Shell).len(),
            1,
            "neither of the two counts"
        );
        broker.answer(&Role::Shell, &answer("d", true));
        assert!(asking.await.unwrap());
        assert!(broker.open_questions(&Role::Shell).is_empty());
    }

    #[tokio::test]
    async fn a_terminal_that_has_gone_says_no() {
        let broker = Broker::new();
        let terminal = Role::Terminal("secret".into());
        let asking = tokio::spawn({
            let (broker, terminal) = (broker.clone(), terminal.clone());
            async move { broker.ask(terminal, request("d")).await }
        });
        while broker.open_questions(&terminal).is_empty() {
            tokio::task::yield_now().await;
        }
        broker.refuse_all(&Role::Terminal("other".into()));
        assert_eq!(broker.open_questions(&terminal).len(), 1);
        broker.refuse_all(&terminal);
        assert!(!asking.await.unwrap());
        assert!(
            !broker.ask(terminal, request("d")).await,
            "nor is it asked again"
        );
    }

    #[tokio::test]
    async fn dropping_the_asker_withdraws_the_question() {
        let broker = Broker::new();
        let mut messages = broker.messages.subscribe();
        let asking = broker.ask(Role::Shell, request("d"));
        assert!(
            tokio::time::timeout(std::time::Duration::from_millis(20), asking)
                .await
                .is_err()
        );
        assert!(matches!(
            messages.recv().await.unwrap().1,
            ConsentMessage::Ask { .. }
        ));
        assert!(matches!(
            messages.recv().await.unwrap().1,
            ConsentMessage::Withdraw { .. }
        ));
    }
}
