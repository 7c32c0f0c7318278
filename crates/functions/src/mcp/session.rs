//! One run of a server, from its start to its end.

use std::{
    ffi::OsString,
    fs::File,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    process::Stdio,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rmcp::{
    ClientHandler,
    model::Tool,
    service::{NotificationContext, RoleClient, RunningService, serve_client},
    transport::async_rw::AsyncRwTransport,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite},
    process::{Child, ChildStderr},
};

use command_fds::{CommandFdExt as _, FdMapping};

use super::{
    calls,
    filtered::FilteredBus,
    metered::{Allowance, Metered},
    sandbox::CALLS,
    usage::{Excess, Limits, Watch},
};
use crate::spawn;

/// How long a server may take to start and to say what it has.
pub(super) const START_LIMIT: Duration = Duration::from_secs(15);
/// The most bytes of one message.
pub(super) const LONGEST_LINE: usize = 1 << 20;
/// The most bytes that it may write for one call, or to start.
const MOST_OUTPUT: usize = 8 << 20;
/// The last words of what it complains that are kept, in bytes.
const COMPLAINT: usize = 400;
/// The first of them that are kept for its author, in bytes.
const MOST_LOGGED: usize = 64 << 10;
/// What is read of it at once, in bytes.
const MOST_AT_ONCE: usize = 64 << 10;
/// How long it waits behind that.
const BREATH: Duration = Duration::from_millis(20);
/// How long its last words may take after it has gone.
const LAST_WORDS: Duration = Duration::from_millis(50);

/// A server that runs.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) client: RunningService<RoleClient, Listener>,
    pub(super) allowance: Allowance,
    complaint: Complaint,
    /// Ends it when it takes too much.
    watch: Watch,
    /// Killed with everything that it started when this is dropped.
    _child: Child,
    /// Its way to the bus, as long as it runs.
    _bus: Option<FilteredBus>,
}

/// What is started.
pub(super) struct Launch<'a> {
    /// The program with its arguments: the sandbox, and the server in it.
    pub(super) argv: &'a [OsString],
    /// What it and all that it starts may take.
    pub(super) limits: Limits,
    /// Its way to the bus.
    pub(super) bus: Option<FilteredBus>,
    /// A new file for what it complains.
    pub(super) log: Option<&'a Path>,
}

/// Why a server does not run.
pub(super) enum NoStart {
    /// Its sandbox cannot be set up.
    NoSandbox(String),
    /// It took longer than [`START_LIMIT`].
    Late,
    /// It took more than it may.
    Excess(Excess),
    /// Anything else, in its own words where it had some.
    Failed(String),
}

impl Session {
    /// Starts a server and asks what tools it has.
    pub(super) async fn start(launch: Launch<'_>) -> Result<(Session, Vec<Tool>), NoStart> {
        let failed =
            |reason: &dyn std::fmt::Display| NoStart::Failed(shortened(&reason.to_string()));
        let Some((program, arguments)) = launch.argv.split_first() else {
            return Err(failed(&"there is no program"));
        };
        let mut command = spawn::command(program);
        // The first process of the sandbox would still show what was only cleared inside.
        command
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let calls = calls::filter().map_err(|error| NoStart::NoSandbox(error.to_string()))?;
        let calls = FdMapping {
            parent_fd: calls,
            child_fd: CALLS,
        };
        command
            .fd_mappings(vec![calls])
            .map_err(|error| failed(&error))?;
        let mut child = spawn::from_lasting_thread(command)
            .await
            .map_err(|error| failed(&error))?;
        let (Some(input), Some(output), Some(errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(failed(&"it has no pipes"));
        };
        let root = child.id().ok_or_else(|| failed(&"it ended at once"))?;
        let watch = Watch::begin(root, launch.limits);
        let complaint = Complaint::default();
        tokio::spawn(complaint.clone().listen(errors, launch.log.and_then(begun)));
        let allowance = Allowance::default();
        allowance.fill(MOST_OUTPUT);
        let output = Metered::new(output, allowance.clone());
        match tokio::time::timeout(START_LIMIT, opened(output, input)).await {
            Ok(Ok((client, tools))) => {
                let session = Session {
                    client,
                    allowance,
                    complaint,
                    watch,
                    _child: child,
                    _bus: launch.bus,
                };
                Ok((session, tools))
            }
            Ok(Err(reason)) => Err(match watch.excess() {
                Some(excess) => NoStart::Excess(excess),
                None => complaint.or(failed(&reason)).await,
            }),
            Err(_) => Err(NoStart::Late),
        }
    }

    /// The tools that it has now, if it has said that they are others than before; else nothing is asked.
    ///
    /// # Errors
    ///
    /// Why it does not tell.
    pub(super) async fn announced_tools(&self) -> Option<Result<Vec<Tool>, NoStart>> {
        let listener = self.client.service();
        if !listener.has_new_tools.swap(false, Ordering::Relaxed) {
            return None;
        }
        self.allow();
        let told = tokio::time::timeout(START_LIMIT, self.client.list_all_tools()).await;
        Some(match told {
            Ok(tools) => tools.map_err(|error| NoStart::Failed(shortened(&error.to_string()))),
            Err(_) => Err(NoStart::Late),
        })
    }

    /// Allows it the output and the processor time of one more call.
    pub(super) fn allow(&self) {
        self.allowance.fill(MOST_OUTPUT);
        self.watch.allow();
    }

    /// What it was ended for taking too much of.
    pub(super) fn excess(&self) -> Option<Excess> {
        self.watch.excess()
    }

    /// The last line that it complained with.
    pub(super) async fn last_words(&self) -> String {
        tokio::time::sleep(LAST_WORDS).await;
        self.complaint.last_line()
    }
}

/// What is heard of a server beside its answers.
#[derive(Debug, Default)]
pub(super) struct Listener {
    /// Whether it has said that its tools are others now.
    has_new_tools: AtomicBool,
}

impl ClientHandler for Listener {
    async fn on_tool_list_changed(&self, _context: NotificationContext<RoleClient>) {
        self.has_new_tools.store(true, Ordering::Relaxed);
    }
}

/// Puts a new file that only the person can read in the place of a log. A server runs without one, too.
fn begun(log: &Path) -> Option<File> {
    let new = log.with_extension("new");
    let made = log.parent().map_or(Ok(()), std::fs::create_dir_all);
    let opened = made.and_then(|()| {
        // One is left where two starts met.
        let _ = std::fs::remove_file(&new);
        let file = File::options()
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(&new)?;
        std::fs::rename(&new, log)?;
        Ok(file)
    });
    match opened {
        Ok(file) => Some(file),
        Err(error) => {
            tracing::warn!(%error, log = %log.display(), "what a server complains is not kept");
            None
        }
    }
}

/// Greets a server and asks what tools it has.
async fn opened(
    output: impl AsyncRead + Send + Unpin + 'static,
    input: impl AsyncWrite + Send + Unpin + 'static,
) -> Result<(RunningService<RoleClient, Listener>, Vec<Tool>), String> {
    let transport = AsyncRwTransport::new(output, input).with_max_line_length(LONGEST_LINE);
    let client = serve_client(Listener::default(), transport).await;
    let client = client.map_err(|error| error.to_string())?;
    let tools = client.list_all_tools().await;
    Ok((client, tools.map_err(|error| error.to_string())?))
}

/// The end of what a server complains.
#[derive(Debug, Clone, Default)]
struct Complaint(Arc<Mutex<String>>);

impl Complaint {
    /// Reads it for ever. A server that complains without end waits for its reader, so that this costs others nothing.
    async fn listen(self, mut errors: ChildStderr, log: Option<File>) {
        let mut buffer = [0; 4096];
        let mut room = MOST_LOGGED;
        let mut at_once = 0;
        while let Ok(read @ 1..) = errors.read(&mut buffer).await {
            at_once += read;
            if at_once > MOST_AT_ONCE {
                tokio::time::sleep(BREATH).await;
                at_once = 0;
            }
            let logged = &buffer[..read.min(room)];
            if log
                .as_ref()
                .is_some_and(|mut log| log.write_all(logged).is_ok())
            {
                room -= logged.len();
            }
            let text = String::from_utf8_lossy(&buffer[..read]);
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.push_str(&text);
            let cut = kept.len().saturating_sub(COMPLAINT);
            let cut = (cut..=kept.len()).find(|at| kept.is_char_boundary(*at));
            kept.drain(..cut.unwrap_or(0));
        }
    }

    fn last_line(&self) -> String {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shortened(kept.trim().lines().last().unwrap_or_default())
    }

    /// What it says itself tells more than `reason`.
    async fn or(&self, reason: NoStart) -> NoStart {
        tokio::time::sleep(LAST_WORDS).await;
        let line = self.last_line();
        if let Some(program) = line.strip_prefix("bwrap: execvp ") {
            return NoStart::Failed(program.to_owned());
        }
        match line.strip_prefix("bwrap: ") {
            Some(reason) => NoStart::NoSandbox(reason.to_owned()),
            None if line.is_empty() => reason,
            None => NoStart::Failed(line),
        }
    }
}

/// A server's own words, short and without marks that a terminal would follow.
pub(super) fn shortened(words: &str) -> String {
    const MOST: usize = 160;
    let words: String = words.trim().chars().take(MOST).collect();
    plan::escape_for_display(&words)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rmcp::model::CallToolRequestParams;
    use serde_json::{Value, json};
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

    use super::*;

    /// Sessions, and what a server says in each besides what it was asked: a hundred thousand messages in all.
    const SESSIONS: u32 = 250;
    const MESSAGES: usize = 400;

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,12}|2.0|tools/list|ping|sampling/createMessage|elicitation/create|notifications/cancelled"
                .prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            let key = "jsonrpc|id|method|params|result|error|code|message|tools|name|inputSchema|content|type|text|_meta|progressToken";
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(key, inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    /// A message, or something that is nearly one.
    fn any_line() -> impl Strategy<Value = String> {
        // Few are numbered as what it is asked itself, which would end the talk before the others are read.
        let id = prop_oneof![40 => 100i64..10_000, 1 => 0i64..4];
        let parts = (any_json(), any_json(), id, 0usize..5);
        let whole = parts.prop_map(|(one, other, id, kind)| {
            let message = match kind {
                0 => json!({ "jsonrpc": "2.0", "id": id, "result": one }),
                1 => json!({ "jsonrpc": "2.0", "id": id, "error": one }),
                2 => json!({ "jsonrpc": "2.0", "id": other, "method": "ping", "params": one }),
                3 => json!({ "jsonrpc": "2.0", "method": "notifications/progress", "params": one }),
                _ => one,
            };
            message.to_string()
        });
        let whole = whole.boxed();
        prop_oneof![
            6 => whole.clone(),
            2 => (whole, 0usize..40).prop_map(|(text, at)| text.chars().take(at).collect()),
            1 => "\\PC{0,60}",
        ]
    }

    /// Answers what it is asked, with all of `noise` in between.
    async fn serve(stream: tokio::io::DuplexStream, noise: Vec<String>) {
        let (from, mut to) = tokio::io::split(stream);
        let mut lines = BufReader::new(from).lines();
        let mut noise = noise.into_iter();
        while let Ok(Some(line)) = lines.next_line().await {
            let asked: Value = serde_json::from_str(&line).unwrap_or_default();
            let result = match asked["method"].as_str().unwrap_or_default() {
                "initialize" => json!({
                    "protocolVersion": "2025-06-18", "capabilities": { "tools": {} },
                    "serverInfo": { "name": "noisy", "version": "1" },
                }),
                "tools/list" => json!({ "tools": [] }),
                "tools/call" => json!({ "content": [] }),
                _ => continue,
            };
            let share = if result.get("protocolVersion").is_some() {
                0
            } else {
                MESSAGES / 2
            };
            let answer = json!({ "jsonrpc": "2.0", "id": asked["id"], "result": result });
            for line in noise.by_ref().take(share).chain([answer.to_string()]) {
                // The other side may have had enough.
                if to.write_all(format!("{line}\n").as_bytes()).await.is_err() {
                    return;
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(SESSIONS))]

        #[test]
        fn no_message_makes_it_panic_or_wait(
            noise in prop::collection::vec(any_line(), MESSAGES),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let (ours, theirs) = tokio::io::duplex(1 << 16);
                let server = tokio::spawn(serve(theirs, noise));
                let (output, input) = tokio::io::split(ours);
                let talk = async {
                    let (client, _) = opened(output, input).await?;
                    let call = client.call_tool(CallToolRequestParams::new("any")).await;
                    call.map(|_| ()).map_err(|error| error.to_string())
                };
                // An answer, or an error: both end.
                let ended = tokio::time::timeout(Duration::from_secs(20), talk).await;
                assert!(ended.is_ok(), "it waits for ever");
                server.abort();
            });
        }
    }
}
