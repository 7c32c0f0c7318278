//! A real kernel on a private bus, in a home of its own, with a scripted model.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test program uses a part of it"
)]

use std::{
    ffi::OsString,
    io::{BufRead, BufReader},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use futures_util::StreamExt;
use protocol::{AskOptions, Finish, Kernel1Proxy, TurnEvent, TurnReport, TurnStream};

/// Longer than any of these turns takes on a loaded machine.
const LIMIT: Duration = Duration::from_secs(20);

/// What the model of most tests answers.
pub const SCRIPT: &str = r#"
[[answer]]
user = "make a folder for letters"
text = 'files.make_folder("~/letters")'

[[answer]]
user = "what is here"
text = """
f = files.find(folder="~", name="txt")
title("Texts")
table(f, ["name", "size"], [files.trash])
"""

[[answer]]
user = "write for ever"
text = 'say("this never comes")'
behaviour = "stall"

[[answer]]
user = "die"
text = 'files.make_folder("~/Never")'
behaviour = "crash"
"#;

/// A process that a test would end; it goes when this is dropped.
pub struct Victim(Child);

impl Victim {
    /// Starts one that ends when it is asked.
    pub fn start() -> Victim {
        Victim(Command::new("sleep").arg("600").spawn().unwrap())
    }

    /// Starts one that outlives the signal to end.
    pub fn stubborn() -> Victim {
        let script = "trap '' TERM; echo ready; while :; do sleep 0.2; done";
        let mut child = Command::new("sh")
            .args(["-c", script])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = child.stdout.take().unwrap();
        let victim = Victim(child);
        BufReader::new(output)
            .read_line(&mut String::new())
            .unwrap();
        victim
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A private world: bus, home, script and a running kernel. All of it goes when this is dropped.
pub struct Fixture {
    /// The temporary folder that holds everything.
    pub folder: tempfile::TempDir,
    address: String,
    bus: Child,
    kernel: Option<Child>,
}

impl Fixture {
    /// Starts a kernel whose model answers from `script` (TOML of `engine::Script`).
    pub async fn start(script: &str) -> Fixture {
        let mut fixture = Fixture::without_kernel(script);
        fixture.start_kernel().await;
        fixture
    }

    /// Prepares everything but the kernel.
    pub fn without_kernel(script: &str) -> Fixture {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("home")).unwrap();
        std::fs::create_dir_all(folder.path().join("run")).unwrap();
        std::fs::write(folder.path().join("script.toml"), script).unwrap();
        let socket = folder.path().join("bus");
        let address = format!("unix:path={}", socket.display());
        let bus = start_bus(&socket);
        Fixture {
            folder,
            address,
            bus,
            kernel: None,
        }
    }

    /// The home folder.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// Starts the kernel and waits until it answers.
    pub async fn start_kernel(&mut self) {
        self.kernel = Some(self.spawn_kernel());
        let client = self.client().await;
        tokio::time::timeout(LIMIT, async {
            while client.state().await.is_err() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
        .await
        .expect("the kernel comes up");
    }

    /// Starts one more process of the kernel.
    pub fn spawn_kernel(&self) -> Child {
        Command::new(env!("CARGO_BIN_EXE_lucidd"))
            .env_clear()
            .envs(self.environment())
            .spawn()
            .unwrap()
    }

    /// The environment of every program in this world.
    pub fn environment(&self) -> Vec<(&'static str, OsString)> {
        let folder = self.folder.path();
        let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins");
        let log = std::env::var_os("LUCID_LOG").unwrap_or_else(|| "warn".into());
        vec![
            ("PATH", std::env::var_os("PATH").unwrap_or_default()),
            ("HOME", folder.join("home").into()),
            ("XDG_RUNTIME_DIR", folder.join("run").into()),
            ("XDG_DATA_DIRS", "/usr/share".into()),
            ("DBUS_SESSION_BUS_ADDRESS", self.address.clone().into()),
            ("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent".into()),
            ("LUCID_SCRIPTED", folder.join("script.toml").into()),
            ("LUCID_PLUGINS", plugins.into()),
            ("LUCID_LOG", log),
            ("LANG", "C.UTF-8".into()),
        ]
    }

    /// Kills the kernel as a crash does, without a chance to clean up.
    pub fn kill_kernel(&mut self) {
        if let Some(mut kernel) = self.kernel.take() {
            kernel.kill().unwrap();
            kernel.wait().unwrap();
        }
    }

    /// Ends the session's bus.
    pub fn end_bus(&mut self) {
        self.bus.kill().unwrap();
        self.bus.wait().unwrap();
    }

    /// Whether the kernel has ended by itself.
    pub fn kernel_has_ended(&mut self) -> bool {
        let kernel = self.kernel.as_mut().expect("a kernel was started");
        kernel.try_wait().unwrap().is_some()
    }

    /// Connects to the session's bus.
    pub async fn bus(&self) -> zbus::Connection {
        let builder = zbus::connection::Builder::address(self.address.as_str());
        builder.build().await.unwrap()
    }

    /// Connects a client.
    pub async fn client(&self) -> Kernel1Proxy<'static> {
        Kernel1Proxy::new(&self.bus().await).await.unwrap()
    }

    /// The last turns, newest first.
    pub async fn log(&self) -> Vec<TurnReport> {
        let client = self.client().await;
        serde_json::from_str(&client.log(10).await.unwrap()).unwrap()
    }

    /// The command line's program, beside the kernel's.
    pub fn lucid() -> PathBuf {
        let program = PathBuf::from(env!("CARGO_BIN_EXE_lucidd")).with_file_name("lucid");
        assert!(
            program.exists(),
            "{} is missing: run `cargo build --release` first",
            program.display()
        );
        program
    }

    /// `lucid` in this world, with pipes to it and from it.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(Fixture::lucid());
        command
            .args(arguments)
            .env_clear()
            .envs(self.environment())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Asks in words, past the templates, and waits for the end.
    pub async fn ask(&self, words: &str) -> Turn {
        let client = self.client().await;
        let events = client.receive_turn().await.unwrap();
        let turn = client.ask(words, &options()).await.unwrap();
        Turn::follow(turn, events).await
    }

    /// Runs the text of a plan and waits for the end.
    pub async fn run(&self, plan: &str) -> Turn {
        let client = self.client().await;
        let events = client.receive_turn().await.unwrap();
        let turn = client.run(plan, &options()).await.unwrap();
        Turn::follow(turn, events).await
    }

    /// Takes back a turn, the last one when empty, and waits for the end.
    pub async fn undo(&self, turn: &str) -> Turn {
        let client = self.client().await;
        let events = client.receive_turn().await.unwrap();
        let turn = client.undo(turn, 0, &options()).await.unwrap();
        Turn::follow(turn, events).await
    }
}

/// Starts a session bus and waits until it listens at `socket`.
pub fn start_bus(socket: &Path) -> Child {
    let address = format!("--address=unix:path={}", socket.display());
    let bus = Command::new("dbus-daemon")
        .args(["--session", "--nofork", "--nopidfile", &address])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("dbus-daemon is installed by scripts/setup.sh");
    let deadline = Instant::now() + LIMIT;
    // The file is there a moment before anyone listens behind it.
    while let Err(error) = UnixStream::connect(socket) {
        assert!(Instant::now() < deadline, "{}: {error}", socket.display());
        std::thread::sleep(Duration::from_millis(5));
    }
    bus
}

impl Drop for Fixture {
    fn drop(&mut self) {
        self.kill_kernel();
        // Both may be gone already when a test has failed.
        let _ = self.bus.kill();
        let _ = self.bus.wait();
    }
}

/// Options that skip the templates, so that the script decides.
pub fn options() -> String {
    let options = AskOptions {
        no_templates: true,
        language: "en".into(),
        ..AskOptions::default()
    };
    serde_json::to_string(&options).unwrap()
}

/// A turn that has ended.
pub struct Turn {
    /// Its id.
    pub id: String,
    /// All its events.
    pub events: Vec<TurnEvent>,
}

impl Turn {
    /// Collects the events of `id` until the last one.
    pub async fn follow(id: String, mut signals: TurnStream) -> Turn {
        let mut events = Vec::new();
        let collect = async {
            while let Some(signal) = signals.next().await {
                let arguments = signal.args().unwrap();
                if arguments.turn == id {
                    let event: TurnEvent = serde_json::from_str(arguments.event).unwrap();
                    let last = matches!(event, TurnEvent::Finished { .. });
                    events.push(event);
                    if last {
                        return;
                    }
                }
            }
        };
        tokio::time::timeout(LIMIT, collect)
            .await
            .unwrap_or_else(|_| panic!("the turn ends"));
        Turn { id, events }
    }

    /// How it ended.
    pub fn finish(&self) -> &Finish {
        match self.events.last() {
            Some(TurnEvent::Finished { finish }) => finish,
            other => panic!("the last event is {other:?}"),
        }
    }

    /// The sentences of everything that failed.
    pub fn failures(&self) -> Vec<String> {
        let sentence = |event: &TurnEvent| match event {
            TurnEvent::Failed { problem } => Some(problem.sentence.clone()),
            _ => None,
        };
        self.events.iter().filter_map(sentence).collect()
    }

    /// The last state of every statement.
    pub fn states(&self) -> Vec<protocol::StatementState> {
        let mut states = Vec::new();
        for event in &self.events {
            if let TurnEvent::Statement { index, state, .. } = event {
                states.resize(states.len().max(index + 1), *state);
                states[*index] = *state;
            }
        }
        states
    }
}

/// Waits until a statement is being run.
pub async fn until_running(signals: &mut TurnStream) {
    until(signals, |event| {
        matches!(
            event,
            TurnEvent::Statement {
                state: protocol::StatementState::Running,
                ..
            }
        )
    })
    .await;
}

/// Waits until the person is asked.
pub async fn until_asked(signals: &mut TurnStream) {
    until(signals, |event| {
        matches!(event, TurnEvent::ConsentAsked { .. })
    })
    .await;
}

/// Waits until a turn has ended.
pub async fn until_finished(signals: &mut TurnStream) {
    until(signals, |event| matches!(event, TurnEvent::Finished { .. })).await;
}

async fn until(signals: &mut TurnStream, wanted: impl Fn(&TurnEvent) -> bool) {
    let wait = async {
        while let Some(signal) = signals.next().await {
            let event: TurnEvent = serde_json::from_str(signal.args().unwrap().event).unwrap();
            if wanted(&event) {
                return;
            }
        }
        panic!("the kernel went away");
    };
    tokio::time::timeout(LIMIT, wait)
        .await
        .expect("the event comes");
}
