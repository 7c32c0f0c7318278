//! A private world for tests: buses, folders, sound and services of its own.
//!
//! Everything that a fixture starts ends with it.

#![allow(dead_code, reason = "no test uses all of it")]
#![allow(unreachable_pub, reason = "tests of the crate itself use it too")]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};

use functions::{FunctionError, Known, Places, Registry, World, spawn, trial::private_bus};
use journal::{Intent, Journal, Outcome, Undo};
use plan::{FunctionName, Label, Value};
use policy::{Consent, Digest, Permission, PermittedCall, ResolvedArgument, ResolvedCall, Rules};
use protocol::text::Language;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};
use zbus::{Connection, Proxy};

/// How long tests wait for something that happens by itself.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// A world with nothing in it but empty folders, until services are started.
pub struct Fixture {
    pub world: World,
    pub registry: Registry,
    /// A folder of services that the bus may start.
    pub service_folder: Option<PathBuf>,
    children: Vec<Child>,
    journal: Journal,
    turn: String,
    // Last, so that it is removed after the services have ended.
    folder: tempfile::TempDir,
}

impl Fixture {
    /// Makes the folders and loads every function.
    pub fn new() -> Fixture {
        // Sockets have short paths, so the folder does not stand deep beneath $TMPDIR.
        let folder = tempfile::Builder::new()
            .prefix("lf")
            .tempdir_in("/tmp")
            .unwrap();
        let at = |name: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(&path).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
            path
        };
        let places = Places {
            home: at("home"),
            config: at("home/.config"),
            cache: at("home/.cache"),
            state: at("home/.local/state"),
            data: at("home/.local/share"),
            data_dirs: Vec::new(),
            runtime: Some(at("run")),
            bus: Some(format!(
                "unix:path={}",
                folder.path().join("session").display()
            )),
        };
        let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins");
        let (registry, errors) = Registry::load(&[&plugins], &[]);
        assert_eq!(errors, []);
        let journal = Journal::open(&folder.path().join("journal.db")).unwrap();
        let turn = journal.begin_turn("a test").unwrap();
        Fixture {
            world: World {
                session_bus: None,
                system_bus: None,
                places: Arc::new(places),
                language: Language::English,
                reader: None,
                known: Known::default(),
            },
            registry,
            service_folder: None,
            children: Vec::new(),
            journal,
            turn,
            folder,
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn home(&self) -> &Path {
        &self.world.places.home
    }

    /// Starts a private session bus and connects the world to it.
    pub async fn with_session_bus(mut self) -> Fixture {
        self.world.session_bus = Some(self.bus("session").await);
        self
    }

    /// Connects the world to its session bus once more, as another kernel would.
    pub async fn with_own_connection(mut self) -> Fixture {
        let address = format!("unix:path={}", self.path("session").display());
        let builder = zbus::connection::Builder::address(address.as_str());
        self.world.session_bus = Some(builder.build().await.unwrap());
        self
    }

    /// Starts a private "system" bus and connects the world to it.
    pub async fn with_system_bus(mut self) -> Fixture {
        self.world.system_bus = Some(self.bus("system").await);
        self
    }

    async fn bus(&mut self, name: &str) -> Connection {
        let daemon = self.command("dbus-daemon");
        let services = self.service_folder.as_deref();
        let (daemon, connection) = private_bus(daemon, &self.path(name), services)
            .await
            .unwrap_or_else(|error| panic!("no {name} bus: {error}"));
        self.children.push(daemon);
        connection
    }

    /// Starts a program inside this world; it ends with the fixture.
    pub fn start(&mut self, program: &str, arguments: &[&str]) -> u32 {
        let child = self
            .command(program)
            .args(arguments)
            .spawn()
            .unwrap_or_else(|error| panic!("{program}: {error}"));
        let id = child.id().unwrap();
        self.children.push(child);
        id
    }

    fn command(&self, program: &str) -> Command {
        let address = |name: &str| format!("unix:path={}", self.path(name).display());
        let mut command = spawn::command(program);
        command
            .env("HOME", self.home())
            .env("XDG_CONFIG_HOME", &self.world.places.config)
            .env("XDG_STATE_HOME", &self.world.places.state)
            .env("XDG_CACHE_HOME", &self.world.places.cache)
            .env("XDG_DATA_HOME", &self.world.places.data)
            .env("XDG_RUNTIME_DIR", self.path("run"))
            .env("DBUS_SESSION_BUS_ADDRESS", address("session"))
            .env("DBUS_SYSTEM_BUS_ADDRESS", address("system"))
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("DISPLAY")
            .kill_on_drop(true);
        command
    }

    /// Ends a program that was started with the id `id`.
    pub async fn end(&mut self, id: u32) {
        let of_id = |child: &Child| child.id() == Some(id);
        let index = self.children.iter().position(of_id).unwrap();
        self.children.swap_remove(index).kill().await.unwrap();
    }

    /// Starts PipeWire and its session manager with silent outputs, of which the first is the
    /// default one, and returns their ids.
    pub async fn start_pipewire(&mut self, outputs: &[&str]) -> [u32; 2] {
        let pipewire = self.start("pipewire", &[]);
        let socket = self.path("run/pipewire-0");
        let listens = || async { std::os::unix::net::UnixStream::connect(&socket).is_ok() };
        self.wait("PipeWire", listens).await;
        let folder = self.world.places.config.join("wireplumber/bluetooth.lua.d");
        std::fs::create_dir_all(&folder).unwrap();
        let no_bluetooth = include_str!("../../../session/data/wireplumber/no-bluetooth.lua");
        std::fs::write(folder.join("51-no-bluetooth.lua"), no_bluetooth).unwrap();
        let wireplumber = self.start("wireplumber", &[]);
        for output in outputs {
            let properties = format!(
                "{{ factory.name=support.null-audio-sink node.name=test-{output} \
                 node.description=\"{output}\" media.class=Audio/Sink object.linger=true \
                 audio.position=[FL FR] }}"
            );
            self.run("pw-cli", &["create-node", "adapter", &properties])
                .await;
        }
        if let Some(first) = outputs.first() {
            self.wait("the outputs", || async {
                let rows = self.call("audio.outputs", &[]).await.unwrap().value;
                rows.as_list().unwrap().len() == outputs.len()
                    && self.call("audio.volume", &[]).await.is_ok()
            })
            .await;
            self.call("audio.set_output", &[("output", (*first).into())])
                .await
                .unwrap();
            self.wait_for_value("audio.output", "name", |name| name.as_text() == Some(first))
                .await;
        }
        [pipewire, wireplumber]
    }

    /// Runs a program of PipeWire to its end and returns its output.
    pub async fn run(&self, program: &str, arguments: &[&str]) -> String {
        let mut command = spawn::command(program);
        command
            .args(arguments)
            .env("XDG_RUNTIME_DIR", self.path("run"))
            .stdout(Stdio::piped());
        let output = command.output().await.unwrap();
        assert!(output.status.success(), "{program} {arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Starts a template of python-dbusmock and waits for its name.
    pub async fn mock(&mut self, template: &str, name: &str) {
        // The distribution's Python has the package, whatever comes first in $PATH.
        let script = ["-m", "dbusmock", "--template", template];
        self.start("/usr/bin/python3", &script);
        self.wait_for_name(name).await;
    }

    /// Waits until `name` is on one of the buses.
    pub async fn wait_for_name(&self, name: &str) {
        self.wait(name, || async {
            for bus in [&self.world.session_bus, &self.world.system_bus]
                .into_iter()
                .flatten()
            {
                let proxy = zbus::fdo::DBusProxy::new(bus).await.unwrap();
                let name = zbus::names::BusName::try_from(name).unwrap();
                if proxy.name_has_owner(name).await.unwrap() {
                    return true;
                }
            }
            false
        })
        .await;
    }

    /// Waits until `holds` gives true.
    pub async fn wait<F: Future<Output = bool>>(&self, what: &str, holds: impl Fn() -> F) {
        let deadline = Instant::now() + PATIENCE;
        while !holds().await {
            assert!(Instant::now() < deadline, "waited in vain for {what}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until a read function gives `value` in `field`.
    pub async fn wait_for_value(&self, function: &str, field: &str, fits: impl Fn(&Value) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let value = self.call(function, &[]).await.unwrap().value;
            let found = if field.is_empty() {
                Some(&value)
            } else {
                value.field(field)
            };
            if found.is_some_and(&fits) {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "{function}.{field} stays {value:?}"
            );
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Resolves a call as the kernel does.
    pub fn resolved(&self, function: &str, arguments: &[(&str, Value)]) -> ResolvedCall {
        let name = FunctionName::new(function).unwrap();
        let function = self
            .registry
            .function(&name)
            .unwrap_or_else(|| panic!("no {name}"));
        for (given, _) in arguments {
            assert!(
                function.signature.argument(given).is_some(),
                "{name} has no {given}"
            );
        }
        let argument = |spec: &plan::ArgumentSpec| {
            let given = arguments.iter().find(|(name, _)| *name == spec.name);
            let value = given
                .map(|(_, value)| value.clone())
                .or(spec.default.clone())?;
            Some(ResolvedArgument {
                name: spec.name.clone(),
                value,
                role: spec.role,
                label: Label::USER,
            })
        };
        ResolvedCall {
            function: name,
            effect: function.signature.effect,
            arguments: function
                .signature
                .arguments
                .iter()
                .filter_map(argument)
                .collect(),
        }
    }

    pub async fn intend(
        &self,
        function: &str,
        arguments: &[(&str, Value)],
    ) -> Result<Intent, FunctionError> {
        let call = self.resolved(function, arguments);
        self.registry.intend(&call, &self.world).await
    }

    /// Goes the whole way of a call: intent, permission (given where it is asked), journal, act.
    pub async fn call(
        &self,
        function: &str,
        arguments: &[(&str, Value)],
    ) -> Result<Outcome, FunctionError> {
        let call = self.resolved(function, arguments);
        let intent = self.registry.intend(&call, &self.world).await?;
        let permitted = permit(call);
        let entry = self
            .journal
            .open_entry(&self.turn, permitted, intent, None)
            .unwrap();
        let (entry, outcome) = self.registry.execute(entry, &self.world).await;
        match &outcome {
            Ok(outcome) => self.journal.close_done(entry, outcome).unwrap(),
            Err(error) => self
                .journal
                .close_failed(entry, &error.problem.sentence)
                .unwrap(),
        }
        outcome
    }

    /// Takes an outcome back, or returns the sentence that refuses it.
    pub async fn undo(&self, outcome: &Outcome) -> Result<Outcome, String> {
        let undo: &Undo = outcome.undo.as_ref().expect("an undo");
        if let Some((_, sentence)) = self.registry.first_broken(&undo.expect, &self.world).await {
            return Err(sentence);
        }
        let arguments: Vec<(&str, Value)> = undo
            .arguments
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()))
            .collect();
        let outcome = self.call(undo.function.as_str(), &arguments).await;
        outcome.map_err(|error| error.problem.sentence)
    }

    /// Reads a value.
    pub async fn read(&self, function: &str) -> Value {
        self.call(function, &[])
            .await
            .unwrap_or_else(|error| panic!("{function}: {error}"))
            .value
    }

    /// Tells whether `function` is offered now.
    pub async fn offers(&self, function: &str) -> bool {
        let available = self.registry.available(&self.world).await;
        available
            .function(&FunctionName::new(function).unwrap())
            .is_some()
    }

    /// Returns why `function` cannot be used, as sentence and remedy.
    pub async fn missing(&self, function: &str) -> (String, String) {
        let name = FunctionName::new(function).unwrap();
        match self
            .registry
            .availability(&name, &self.world)
            .await
            .unwrap()
        {
            functions::Availability::Available => panic!("{function} is there"),
            functions::Availability::Missing(problem) => (problem.sentence, problem.remedy),
        }
    }

    /// A proxy of dbusmock's own interface on one of the mocked objects.
    pub async fn mocked(&self, bus: &Connection, name: &str, path: &str) -> Proxy<'static> {
        Proxy::new(
            bus,
            name.to_owned(),
            path.to_owned(),
            "org.freedesktop.DBus.Mock",
        )
        .await
        .unwrap()
    }
}

/// Installs an app: `text` is what stands in its desktop entry beside the kind.
pub fn entry(fixture: &Fixture, id: &str, text: &str) {
    let folder = fixture.world.places.data.join("applications");
    fs::create_dir_all(&folder).unwrap();
    fs::write(
        folder.join(id),
        format!("[Desktop Entry]\nType=Application\n{text}\n"),
    )
    .unwrap();
}

/// Opens an app and returns what the person is told, or the id of what went wrong.
pub async fn opened(fixture: &Fixture, name: &str) -> String {
    fixture
        .call("apps.open", &[("app", name.into())])
        .await
        .map_or_else(|error| error.problem.id, |outcome| outcome.note)
}

/// A screen in memory, with the value of `$DISPLAY` for it.
pub async fn screen() -> (Child, String) {
    let mut screen = spawn::command("Xvfb")
        // It would begin anew, and refuse everyone meanwhile, whenever the last one goes.
        .args(["-displayfd", "1", "-nolisten", "tcp", "-noreset"])
        .args(["-screen", "0", "1024x768x24"])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("Xvfb is installed");
    let mut number = String::new();
    let stdout = screen.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut number).await.unwrap();
    (screen, format!(":{}", number.trim()))
}

/// A world with PipeWire and silent outputs, of which the first is the default one.
pub async fn with_pipewire(outputs: &[&str]) -> Fixture {
    let mut fixture = Fixture::new().with_session_bus().await;
    fixture.start_pipewire(outputs).await;
    fixture
}

/// Permits a call, with the person's yes where one is needed.
fn permit(call: ResolvedCall) -> PermittedCall {
    let rules = Rules::default();
    match PermittedCall::ask(call, &rules) {
        Permission::Permitted(permitted) => permitted,
        Permission::NeedsConsent(call, _) => {
            let consent = Consent::given_to(Digest::of(&call));
            PermittedCall::consented(call, consent, &rules).unwrap()
        }
        Permission::Denied(call, reason) => panic!("{}: {reason}", call.function),
    }
}

/// Writes `seconds` of silence as a WAV file.
pub fn write_silence(path: &Path, seconds: u32) {
    let length = seconds * 8000;
    let mut bytes = Vec::with_capacity(length as usize + 44);
    bytes.extend(b"RIFF");
    bytes.extend((length + 36).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16u32.to_le_bytes());
    // One channel of 8-bit samples, 8000 a second.
    for half in [1u16, 1, 8000, 0, 8000, 0, 1, 8] {
        bytes.extend(half.to_le_bytes());
    }
    bytes.extend(b"data");
    bytes.extend(length.to_le_bytes());
    bytes.resize(bytes.len() + length as usize, 128);
    fs::write(path, bytes).unwrap();
}
