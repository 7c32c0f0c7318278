//! One plugin's server: started when it is called, ended when it is idle or misbehaves.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use protocol::Problem;
use rmcp::{
    ServiceError,
    model::{CallToolRequestParams, CallToolResult, JsonObject, Tool},
};
use tokio::sync::Mutex;

use super::{
    filtered::FilteredBus,
    record::{Agreed, AgreedTool, digest_of_server, note_change},
    sandbox,
    session::{LONGEST_LINE, Launch, NoStart, START_LIMIT, Session, shortened},
    usage::Excess,
};
use crate::{ErrorKind, FunctionError, World, manifest::McpServer, plugins::complaints_path};

/// How long a call may take, unless the manifest says otherwise.
const CALL_LIMIT: Duration = Duration::from_secs(20);
/// A server that nobody calls for so long is ended.
const IDLE: Duration = Duration::from_secs(60);
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
    /// It was found to be another one since the person agreed.
    Changed(String),
    /// Its folder was put there, and nobody agreed.
    Unknown,
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
        let (id, what) = match (&self.trust, self.changed.get(), sandbox::missing()) {
            (Trust::Unknown, _, _) => ("mcp-not-agreed", ""),
            (Trust::Changed(what), _, _) => ("mcp-changed", &**what),
            (_, Some(what), _) => ("mcp-changed", &**what),
            (_, None, Some(program)) => ("mcp-no-sandbox", program),
            (_, None, None) => return None,
        };
        Some(self.unavailable(id, what, world).problem)
    }

    /// Calls a tool. One call after another: `limit` holds for the waiting and for the call.
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
            let kind = ErrorKind::Unavailable;
            return Err(FunctionError { kind, problem });
        }
        let declared = self.declaration.timeout.map(Duration::from_secs_f64);
        let limit = limit.or(declared).unwrap_or(CALL_LIMIT);
        let Ok(mut running) = tokio::time::timeout(limit, self.running.lock()).await else {
            return Err(self.failed("mcp-busy", "", world));
        };
        let session = self.session(&mut running, world).await?;
        session.allow();
        let mut parameters = CallToolRequestParams::new(tool.to_owned());
        parameters.arguments = Some(arguments);
        let answer = tokio::time::timeout(limit, session.client.peer().call_tool(parameters)).await;
        let flooded = session.allowance.is_used_up();
        let error = match answer {
            Ok(Ok(result)) if !flooded => {
                running.failures = 0;
                self.keep(&mut running, session);
                return Ok(result);
            }
            // It refused, and goes on: that is no failure of the server.
            Ok(Err(ServiceError::McpError(error))) if !session.client.is_closed() => {
                self.keep(&mut running, session);
                return Err(self.failed("mcp-refused", &shortened(&error.message), world));
            }
            _ if let Some(excess) = session.excess() => self.took_too_much(excess, world),
            _ if flooded => self.failed("mcp-flood", "", world),
            Err(_) if session.allowance.longest_line() > LONGEST_LINE => {
                let megabytes = (LONGEST_LINE >> 20).to_string();
                self.failed("mcp-long-line", &megabytes, world)
            }
            Err(_) => {
                let seconds = limit.as_secs_f64().round().to_string();
                self.failed("mcp-timeout", &seconds, world)
            }
            Ok(_) => self.failed("mcp-ended", &session.last_words().await, world),
        };
        running.failed();
        Err(error)
    }

    /// The session of the last call, or a new one unless the server rests.
    async fn session(
        &self,
        running: &mut Running,
        world: &World,
    ) -> Result<Session, FunctionError> {
        let rest = running
            .rests_until
            .map(|until| until.checked_duration_since(Instant::now()));
        if let Some(Some(left)) = rest {
            let seconds = (left.as_secs() + 1).to_string();
            return Err(self.failed("mcp-rests", &seconds, world));
        }
        let session = running.session.take();
        // What works on when nothing is asked of it rests, as after any other failure.
        if let Some(excess) = session.as_ref().and_then(Session::excess) {
            running.failed();
            return Err(self.took_too_much(excess, world));
        }
        if let Some(session) = session.filter(|session| !session.client.is_closed()) {
            match session.announced_tools().await {
                None => {}
                Some(Ok(tools)) => self.compare_tools(&tools, world)?,
                Some(Err(reason)) => {
                    running.failed();
                    return Err(self.not_open(reason, world));
                }
            }
            return Ok(session);
        }
        let started = self.start(world).await;
        if started.is_err() {
            running.failed();
        }
        started
    }

    /// Starts it, if it is what was agreed to.
    async fn start(&self, world: &World) -> Result<Session, FunctionError> {
        let folders = sandbox::folders(&self.declaration.access, &world.places)
            .map_err(|folder| self.failed("mcp-folder", &folder, world))?;
        let mut now = Agreed {
            files: self.digest(world).await?,
            folders,
            access: self.declaration.access.clone(),
            ..Agreed::default()
        };
        let agreed = match &self.trust {
            Trust::Own => return Ok(self.open_here(&now, world).await?.0),
            Trust::Agreed(agreed) => agreed,
            Trust::Changed(what) => return Err(self.unavailable("mcp-changed", what, world)),
            Trust::Unknown => return Err(self.unavailable("mcp-not-agreed", "", world)),
        };
        // Where the files are others it is not even started: what it does by starting was not agreed to.
        now.tools.clone_from(&agreed.tools);
        self.compare(agreed, &now, world)?;
        let (session, tools) = self.open_here(&now, world).await?;
        now.tools = tools;
        self.compare(agreed, &now, world)?;
        Ok(session)
    }

    /// Looks at the tools of a server that has said that they are others now.
    fn compare_tools(&self, tools: &[Tool], world: &World) -> Result<(), FunctionError> {
        let Trust::Agreed(agreed) = &self.trust else {
            return Ok(());
        };
        let now = Agreed {
            tools: self.described(tools),
            ..agreed.clone()
        };
        self.compare(agreed, &now, world)
    }

    /// The tools that the manifest calls, as the server describes them.
    fn described(&self, tools: &[Tool]) -> BTreeMap<String, AgreedTool> {
        let is_called = |tool: &&Tool| self.tools.contains(&*tool.name);
        tools.iter().filter(is_called).map(described).collect()
    }

    fn compare(&self, agreed: &Agreed, now: &Agreed, world: &World) -> Result<(), FunctionError> {
        let Some(what) = agreed.difference(now) else {
            return Ok(());
        };
        tracing::warn!(
            plugin = self.plugin,
            what,
            "a plugin is not what was installed"
        );
        // A folder that leads elsewhere may lead back, as one on a disk that is not there now.
        if !agreed.is_same_server(now) {
            note_change(&self.folder, agreed, &what);
            let _ = self.changed.set(what.clone());
        }
        Err(self.unavailable("mcp-changed", &what, world))
    }

    /// Starts it and notes what a person agrees to by installing it. Nothing is open to it yet, and what it keeps is
    /// thrown away.
    ///
    /// # Errors
    ///
    /// When it does not start, or lacks a tool that the manifest calls.
    pub(crate) async fn describe(&self, world: &World) -> Result<Agreed, FunctionError> {
        if let Some(program) = sandbox::missing() {
            return Err(self.unavailable("mcp-no-sandbox", program, world));
        }
        let access = self.declaration.access.clone();
        let folders = sandbox::folders(&access, &world.places)
            .map_err(|folder| self.failed("mcp-folder", &folder, world))?;
        let closed = Agreed {
            files: self.digest(world).await?,
            ..Agreed::default()
        };
        let data = tempfile::tempdir().map_err(|error| self.not_started(&error, world))?;
        let (_session, tools) = self.open(&closed, data.path(), None, world).await?;
        let lacks = |tool: &&String| !tools.contains_key(*tool);
        if let Some(tool) = self.tools.iter().find(lacks) {
            return Err(self.failed("mcp-no-tool", tool, world));
        }
        Ok(Agreed {
            access,
            folders,
            tools,
            ..closed
        })
    }

    /// Starts it with what it keeps, and keeps what it complains.
    async fn open_here(
        &self,
        now: &Agreed,
        world: &World,
    ) -> Result<(Session, BTreeMap<String, AgreedTool>), FunctionError> {
        let log = complaints_path(&self.plugin, &world.places);
        self.open(now, &self.data(world), Some(&log), world).await
    }

    /// Starts it in its sandbox, and returns the tools that the manifest calls, as it describes them.
    async fn open(
        &self,
        now: &Agreed,
        data: &Path,
        log: Option<&Path>,
        world: &World,
    ) -> Result<(Session, BTreeMap<String, AgreedTool>), FunctionError> {
        std::fs::create_dir_all(data).map_err(|error| self.not_started(&error, world))?;
        let bus = match now.access.bus.as_slice() {
            [] => None,
            names => {
                let opened = FilteredBus::open(names, world).await;
                Some(opened.map_err(|reason| self.unavailable("mcp-no-bus", &reason, world))?)
            }
        };
        let socket = bus.as_ref().map(FilteredBus::socket);
        let argv = sandbox::argv(&self.declaration, now, &self.folder, data, socket);
        let launch = Launch {
            argv: &argv,
            limits: sandbox::limits(&self.declaration),
            bus,
            log,
        };
        let started = Session::start(launch).await;
        let (session, tools) = started.map_err(|reason| self.not_open(reason, world))?;
        let tools = self.described(&tools);
        Ok((session, tools))
    }

    fn not_open(&self, reason: NoStart, world: &World) -> FunctionError {
        match reason {
            NoStart::NoSandbox(reason) => self.unavailable("mcp-no-sandbox", &reason, world),
            NoStart::Excess(excess) => self.took_too_much(excess, world),
            NoStart::Failed(reason) => self.failed("mcp-start", &reason, world),
            NoStart::Late => {
                let seconds = START_LIMIT.as_secs().to_string();
                self.failed("mcp-timeout", &seconds, world)
            }
        }
    }

    /// What a person reads of a server that was ended for what it took.
    fn took_too_much(&self, excess: Excess, world: &World) -> FunctionError {
        let limits = sandbox::limits(&self.declaration);
        match excess {
            Excess::Memory => {
                let megabytes = (limits.memory >> 20).to_string();
                self.failed("mcp-memory", &megabytes, world)
            }
            Excess::Processor => {
                let seconds = limits.processor.as_secs_f64().to_string();
                self.failed("mcp-processor", &seconds, world)
            }
        }
    }

    async fn digest(&self, world: &World) -> Result<String, FunctionError> {
        let (folder, argv) = (self.folder.clone(), self.declaration.argv.clone());
        let digest = tokio::task::spawn_blocking(move || digest_of_server(&folder, &argv)).await;
        let digest = digest.map_err(|error| self.not_started(&error, world))?;
        digest.map_err(|error| self.not_started(&error, world))
    }

    /// Where it keeps what it wants to find again.
    fn data(&self, world: &World) -> PathBuf {
        world
            .places
            .data
            .join("lucid/plugin-data")
            .join(&self.plugin)
    }

    /// Keeps the session for the next call, and ends it when none comes or the plugins were loaded anew.
    fn keep(self: &Arc<Server>, running: &mut Running, session: Session) {
        running.session = Some(session);
        running.calls += 1;
        let (server, calls) = (Arc::downgrade(self), running.calls);
        tokio::spawn(async move {
            tokio::time::sleep(IDLE).await;
            let Some(server) = server.upgrade() else {
                return;
            };
            let mut running = server.running.lock().await;
            if running.calls == calls {
                running.session = None;
            }
        });
    }

    fn not_started(&self, reason: &dyn std::fmt::Display, world: &World) -> FunctionError {
        self.failed("mcp-start", &reason.to_string(), world)
    }

    fn unavailable(&self, id: &str, what: &str, world: &World) -> FunctionError {
        FunctionError {
            kind: ErrorKind::Unavailable,
            ..self.failed(id, what, world)
        }
    }

    fn failed(&self, id: &str, what: &str, world: &World) -> FunctionError {
        let folder = self.folder.display().to_string();
        let values = [
            ("plugin", &*self.plugin),
            ("what", what),
            ("folder", &folder),
        ];
        FunctionError::new(ErrorKind::Failed, world.language, id, &values)
    }
}

impl Running {
    fn failed(&mut self) {
        let rest = FIRST_REST * 2u32.saturating_pow(self.failures.min(16));
        self.failures += 1;
        self.rests_until = Some(Instant::now() + rest.min(LONGEST_REST));
    }
}

fn described(tool: &Tool) -> (String, AgreedTool) {
    let schema =
        |schema: &JsonObject| sorted(&serde_json::Value::Object(schema.clone())).to_string();
    let output = tool.output_schema.as_deref();
    let described = AgreedTool {
        description: tool.description.as_deref().unwrap_or_default().to_owned(),
        arguments: schema(&tool.input_schema),
        output: output.map(schema).unwrap_or_default(),
    };
    (tool.name.to_string(), described)
}

/// Puts the keys of JSON in order: a server may name them in any.
fn sorted(json: &serde_json::Value) -> serde_json::Value {
    match json {
        serde_json::Value::Object(fields) => {
            let fields: BTreeMap<&String, &serde_json::Value> = fields.iter().collect();
            let fields = fields
                .into_iter()
                .map(|(name, value)| (name.clone(), sorted(value)));
            serde_json::Value::Object(fields.collect())
        }
        serde_json::Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}
