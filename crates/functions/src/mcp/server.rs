//! One plugin's server: started when it is called, ended when it is idle or misbehaves.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex as StdMutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use protocol::Problem;
use rmcp::{
    ServiceError,
    model::{CallToolRequestParams, CallToolResult, JsonObject, Tool},
    service::{RoleClient, RunningService, serve_client},
    transport::async_rw::AsyncRwTransport,
};
use tokio::{io::AsyncReadExt as _, process::Child, sync::Mutex};

use super::{
    metered::{Allowance, Metered},
    record::{Agreed, AgreedTool, digest_of_folder},
    sandbox,
};
use crate::{ErrorKind, FunctionError, World, manifest::McpServer, spawn};

/// How long a server may take to start and to say what it has.
const START_LIMIT: Duration = Duration::from_secs(15);
/// How long a call may take, unless the manifest says otherwise.
const CALL_LIMIT: Duration = Duration::from_secs(20);
/// The longest that a manifest can say.
const MOST_PATIENCE: Duration = Duration::from_secs(120);
/// A server that nobody calls for so long is ended.
const IDLE: Duration = Duration::from_secs(60);
/// The most bytes of one message.
const LONGEST_LINE: usize = 1 << 20;
/// The most bytes that it may write for one call, or to start.
const MOST_OUTPUT: usize = 8 << 20;
/// The last words of what it complains that are kept, in bytes.
const COMPLAINT: usize = 400;
/// The rest after a first failure; each further one doubles it.
const FIRST_REST: Duration = Duration::from_secs(1);
const LONGEST_REST: Duration = Duration::from_secs(300);

/// Why a server may run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Trust {
    /// It came with Lucid.
    Own,
    /// The person agreed to it as it was then.
    Agreed(Agreed),
    /// Its folder was put there, and nobody agreed.
    Unknown,
    /// What the person agreed to cannot be read.
    Broken(String),
}

/// The server of one plugin.
#[derive(Debug)]
pub(crate) struct Server {
    plugin: String,
    folder: PathBuf,
    declaration: McpServer,
    /// The tools that the manifest calls.
    tools: BTreeSet<String>,
    trust: Trust,
    /// What is not as it was agreed to: it is not started any more.
    changed: OnceLock<String>,
    running: Mutex<Running>,
}

#[derive(Debug, Default)]
struct Running {
    session: Option<Session>,
    failures: u32,
    rests_until: Option<Instant>,
    calls: u64,
}

#[derive(Debug)]
struct Session {
    client: RunningService<RoleClient, ()>,
    allowance: Allowance,
    complaint: Arc<StdMutex<String>>,
    /// Killed with everything that it started when this is dropped.
    _child: Child,
}

impl Server {
    pub(crate) fn new(
        plugin: &str,
        folder: PathBuf,
        declaration: McpServer,
        tools: BTreeSet<String>,
        trust: Trust,
    ) -> Arc<Server> {
        Arc::new(Server {
            plugin: plugin.to_owned(),
            folder,
            declaration,
            tools,
            trust,
            changed: OnceLock::new(),
            running: Mutex::default(),
        })
    }

    /// Tells why it cannot be called now, without starting it.
    pub(crate) fn obstacle(&self, world: &World) -> Option<Problem> {
        let error = match (&self.trust, self.changed.get(), sandbox::missing()) {
            (Trust::Unknown, _, _) => {
                self.error(ErrorKind::Unavailable, "mcp-not-agreed", "", world)
            }
            (Trust::Broken(reason), _, _) => {
                self.error(ErrorKind::Unavailable, "mcp-record", reason, world)
            }
            (_, Some(what), _) => self.error(ErrorKind::Unavailable, "mcp-changed", what, world),
            (_, None, Some(program)) => {
                self.error(ErrorKind::Unavailable, "mcp-no-sandbox", program, world)
            }
            (_, None, None) => return None,
        };
        Some(error.problem)
    }

    /// Calls a tool.
    ///
    /// # Errors
    ///
    /// When it cannot run, is not what was agreed to, fails, or takes longer or writes more than it may.
    pub(crate) async fn call(
        self: &Arc<Server>,
        tool: &str,
        arguments: JsonObject,
        limit: Option<Duration>,
        world: &World,
    ) -> Result<CallToolResult, FunctionError> {
        if let Some(problem) = self.obstacle(world) {
            return Err(FunctionError {
                kind: ErrorKind::Unavailable,
                problem,
            });
        }
        let mut running = self.running.lock().await;
        if let Some(until) = running.rests_until
            && let Some(left) = until.checked_duration_since(Instant::now())
        {
            let seconds = (left.as_secs() + 1).to_string();
            return Err(self.error(ErrorKind::Failed, "mcp-rests", &seconds, world));
        }
        let session = match running.session.take() {
            Some(session) if !session.client.is_closed() => session,
            _ => match self.start(world).await {
                Ok(session) => session,
                Err(error) => {
                    running.failed();
                    return Err(error);
                }
            },
        };
        session.allowance.fill(MOST_OUTPUT);
        let declared = self.declaration.timeout.map(Duration::from_secs_f64);
        let limit = limit.or(declared).unwrap_or(CALL_LIMIT).min(MOST_PATIENCE);
        let mut parameters = CallToolRequestParams::new(tool.to_owned());
        parameters.arguments = Some(arguments);
        let answer = tokio::time::timeout(limit, session.client.peer().call_tool(parameters)).await;
        let error = match answer {
            Ok(Ok(result)) if !session.allowance.is_used_up() => {
                running.failures = 0;
                self.keep(&mut running, session);
                return Ok(result);
            }
            // It refused, and goes on: that is no failure of the server.
            Ok(Err(ServiceError::McpError(error))) if !session.client.is_closed() => {
                let reason = shortened(&error.message);
                self.keep(&mut running, session);
                return Err(self.error(ErrorKind::Failed, "mcp-refused", &reason, world));
            }
            _ if session.allowance.is_used_up() => {
                self.error(ErrorKind::Failed, "mcp-flood", "", world)
            }
            Err(_) => {
                let seconds = limit.as_secs_f64().round().to_string();
                self.error(ErrorKind::Failed, "mcp-timeout", &seconds, world)
            }
            Ok(_) => {
                // Its last words may still be on their way.
                tokio::time::sleep(Duration::from_millis(50)).await;
                self.error(ErrorKind::Failed, "mcp-ended", &session.last_words(), world)
            }
        };
        running.failed();
        Err(error)
    }

    /// Starts it and notes what the person agrees to by installing it.
    ///
    /// # Errors
    ///
    /// When it does not start, or lacks a tool that the manifest calls.
    pub(crate) async fn describe(&self, world: &World) -> Result<Agreed, FunctionError> {
        if let Some(program) = sandbox::missing() {
            return Err(self.error(ErrorKind::Unavailable, "mcp-no-sandbox", program, world));
        }
        let (_session, agreed) = self.open(world).await?;
        let lacks = |tool: &&String| !agreed.tools.contains_key(*tool);
        match self.tools.iter().find(lacks) {
            Some(tool) => Err(self.error(ErrorKind::Invalid, "mcp-no-tool", tool, world)),
            None => Ok(agreed),
        }
    }

    async fn start(&self, world: &World) -> Result<Session, FunctionError> {
        let (session, now) = self.open(world).await?;
        if let Trust::Agreed(agreed) = &self.trust
            && let Some(what) = agreed.difference(&now)
        {
            tracing::warn!(
                plugin = self.plugin,
                what,
                "a plugin is not what was installed"
            );
            let what = self.changed.get_or_init(|| what);
            return Err(self.error(ErrorKind::Unavailable, "mcp-changed", what, world));
        }
        Ok(session)
    }

    /// Starts it in its sandbox and asks what it has.
    async fn open(&self, world: &World) -> Result<(Session, Agreed), FunctionError> {
        let failed = |reason: &str| self.error(ErrorKind::Failed, "mcp-start", reason, world);
        let files = digest_of_folder(&self.folder).map_err(|error| failed(&error.to_string()))?;
        if let Trust::Agreed(agreed) = &self.trust
            && agreed.files != files
        {
            // Not even started: what it would do by starting is not what was agreed to.
            let what = Agreed {
                files,
                ..agreed.clone()
            };
            let what = agreed.difference(&what).unwrap_or_default();
            let what = self.changed.get_or_init(|| what);
            return Err(self.error(ErrorKind::Unavailable, "mcp-changed", what, world));
        }
        let data = sandbox::data_folder(&self.plugin, &world.places);
        std::fs::create_dir_all(&data).map_err(|error| failed(&error.to_string()))?;
        let argv = sandbox::argv(&self.declaration, &self.folder, &data, &world.places);
        let mut command = spawn::command(&argv[0]);
        command
            .args(&argv[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command
            .spawn()
            .map_err(|error| failed(&error.to_string()))?;
        let (Some(input), Some(output), Some(errors)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(failed("no pipe"));
        };
        let complaint = Arc::new(StdMutex::new(String::new()));
        tokio::spawn(listen(errors, complaint.clone()));
        let allowance = Allowance::default();
        allowance.fill(MOST_OUTPUT);
        let output = Metered {
            from: output,
            allowance: allowance.clone(),
        };
        let transport = AsyncRwTransport::new(output, input).with_max_line_length(LONGEST_LINE);
        let opening = async {
            let client = serve_client((), transport)
                .await
                .map_err(|error| error.to_string())?;
            let tools = client
                .list_all_tools()
                .await
                .map_err(|error| error.to_string())?;
            Ok::<_, String>((client, tools))
        };
        let words = |complaint: &StdMutex<String>| last_words(complaint);
        let (client, tools) = match tokio::time::timeout(START_LIMIT, opening).await {
            Ok(Ok(opened)) => opened,
            Ok(Err(reason)) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
                let words = words(&complaint);
                return Err(match words.strip_prefix("bwrap: ") {
                    Some(reason) => {
                        self.error(ErrorKind::Unavailable, "mcp-no-sandbox", reason, world)
                    }
                    None if words.is_empty() => failed(&shortened(&reason)),
                    None => failed(&words),
                });
            }
            Err(_) => {
                let seconds = START_LIMIT.as_secs().to_string();
                return Err(self.error(ErrorKind::Failed, "mcp-timeout", &seconds, world));
            }
        };
        let is_called = |tool: &&Tool| self.tools.contains(&*tool.name);
        let now = Agreed {
            files,
            access: self.declaration.access.clone(),
            tools: tools.iter().filter(is_called).map(described).collect(),
        };
        let session = Session {
            client,
            allowance,
            complaint,
            _child: child,
        };
        Ok((session, now))
    }

    /// Keeps the session for the next call, and ends it when none comes.
    fn keep(self: &Arc<Server>, running: &mut Running, session: Session) {
        running.session = Some(session);
        running.calls += 1;
        let (server, calls) = (self.clone(), running.calls);
        tokio::spawn(async move {
            tokio::time::sleep(IDLE).await;
            let mut running = server.running.lock().await;
            if running.calls == calls {
                running.session = None;
            }
        });
    }

    fn error(&self, kind: ErrorKind, id: &str, what: &str, world: &World) -> FunctionError {
        let folder = self.folder.display().to_string();
        let values = [
            ("plugin", &*self.plugin),
            ("what", what),
            ("folder", &folder),
        ];
        FunctionError::new(kind, world.language, id, &values)
    }
}

impl Running {
    fn failed(&mut self) {
        let rest = FIRST_REST * 2u32.saturating_pow(self.failures.min(16));
        self.failures += 1;
        self.rests_until = Some(Instant::now() + rest.min(LONGEST_REST));
    }
}

impl Session {
    fn last_words(&self) -> String {
        last_words(&self.complaint)
    }
}

/// The last line that a server complained with.
fn last_words(complaint: &StdMutex<String>) -> String {
    let complaint = complaint.lock().unwrap_or_else(PoisonError::into_inner);
    shortened(complaint.trim().lines().last().unwrap_or_default())
}

/// A server's own words, short and without marks that a terminal would follow.
pub(super) fn shortened(words: &str) -> String {
    const MOST: usize = 160;
    let words: String = words.trim().chars().take(MOST).collect();
    plan::escape_for_display(&words)
}

/// Reads what a server complains, for ever, so that it never waits for a reader; only the end is kept.
async fn listen(mut errors: tokio::process::ChildStderr, complaint: Arc<StdMutex<String>>) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = errors.read(&mut buffer).await {
        let text = String::from_utf8_lossy(&buffer[..read]);
        let mut kept = complaint.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_str(&text);
        let cut = kept.len().saturating_sub(COMPLAINT);
        let cut = (cut..=kept.len()).find(|at| kept.is_char_boundary(*at));
        kept.drain(..cut.unwrap_or(0));
    }
}

fn described(tool: &Tool) -> (String, AgreedTool) {
    let schema = |schema: &JsonObject| sorted(&serde_json::Value::Object(schema.clone()));
    let described = AgreedTool {
        description: tool.description.as_deref().unwrap_or_default().to_owned(),
        arguments: schema(&tool.input_schema),
        output: tool
            .output_schema
            .as_deref()
            .map(schema)
            .unwrap_or_default(),
    };
    (tool.name.to_string(), described)
}

/// Writes JSON with its keys in order: a server may name them in any.
fn sorted(json: &serde_json::Value) -> String {
    fn ordered(json: &serde_json::Value) -> serde_json::Value {
        match json {
            serde_json::Value::Object(fields) => {
                let fields: BTreeMap<&String, &serde_json::Value> = fields.iter().collect();
                let ordered = fields
                    .into_iter()
                    .map(|(name, value)| (name.clone(), ordered(value)));
                serde_json::Value::Object(ordered.collect())
            }
            serde_json::Value::Array(items) => items.iter().map(ordered).collect(),
            other => other.clone(),
        }
    }
    ordered(json).to_string()
}
