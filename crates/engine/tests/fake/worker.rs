//! A worker without a model, for the tests of the client: what it does wrong is told by
//! the name of the "model" that it loads.

use std::io::BufReader;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use engine::protocol::{
    Command, CommandBody, Delta, Failure, Hello, PROTOCOL_VERSION, Reply, ReplyBody, read_message,
    write_message,
};
use engine::{CapsuleReport, EngineStats, Generated, LoadReport, PrefillReport, Started};

fn main() {
    let socket = std::io::stdin()
        .as_fd()
        .try_clone_to_owned()
        .expect("a socket");
    let socket = UnixStream::from(socket);
    let mut reader = BufReader::new(socket.try_clone().expect("a second handle"));
    let mut worker = Worker {
        socket,
        fault: String::new(),
        model: PathBuf::new(),
    };
    worker.send(
        0,
        ReplyBody::Hello(Hello {
            protocol: PROTOCOL_VERSION,
            build: "fake".to_owned(),
        }),
    );
    while let Ok(Some(command)) = read_message::<Command>(&mut reader) {
        worker.obey(command);
    }
}

struct Worker {
    socket: UnixStream,
    /// What it does wrong: the name of the model.
    fault: String,
    model: PathBuf,
}

impl Worker {
    fn send(&mut self, id: u64, body: ReplyBody) {
        if write_message(&mut self.socket, &Reply { id, body }).is_err() {
            std::process::exit(0);
        }
    }

    fn obey(&mut self, command: Command) {
        let id = command.id;
        match command.body {
            CommandBody::Load(load) => {
                self.fault = load
                    .path
                    .file_name()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned();
                self.model.clone_from(&load.path);
                self.load(id, load.path);
            }
            CommandBody::Generate(request) => {
                self.send(id, ReplyBody::Started(Started::default()));
                self.send(
                    id,
                    ReplyBody::Delta(Delta {
                        text: "half".to_owned(),
                        logprobs: Vec::new(),
                    }),
                );
                self.misbehave("generate", &request.prompt.user);
                self.send(
                    id,
                    ReplyBody::Generated(Box::new(Generated {
                        text: format!("half {}", request.prompt.user),
                        ..Generated::default()
                    })),
                );
            }
            CommandBody::Prepare(prompt) => {
                self.misbehave("prepare", &prompt.user);
                self.send(id, ReplyBody::Prepared(CapsuleReport::default()));
            }
            CommandBody::Prefill(prompt) => {
                self.misbehave("prefill", &prompt.user);
                // Longer than the watchdog's patience, but not silent.
                for step in 0..8u8 {
                    sleep(Duration::from_millis(100));
                    self.send(id, ReplyBody::Progress(f32::from(step) / 8.0));
                }
                self.send(id, ReplyBody::Prefilled(PrefillReport::default()));
            }
            CommandBody::Stats => {
                self.misbehave("stats", "");
                let stats = EngineStats {
                    loaded: true,
                    pid: Some(std::process::id()),
                    sandbox: std::env::vars().map(|(name, _)| name).collect(),
                    ..EngineStats::default()
                };
                self.send(id, ReplyBody::Stats(stats));
            }
            CommandBody::Tokenise(text) => {
                self.send(id, ReplyBody::Tokens(text.bytes().map(u32::from).collect()));
            }
            CommandBody::Embed(texts) => {
                self.misbehave("embed", &texts.concat());
                let vectors = match self.fault.as_str() {
                    "loses-vectors" => Vec::new(),
                    _ => texts.iter().map(|text| vec![text.len() as f32]).collect(),
                };
                self.send(id, ReplyBody::Embeddings(vectors));
            }
            CommandBody::Shutdown => std::process::exit(0),
            _ => {}
        }
    }

    fn load(&mut self, id: u64, path: PathBuf) {
        self.misbehave("load", "");
        if self.fault == "refuse" {
            let reason = "the file is damaged".to_owned();
            self.send(id, ReplyBody::Failed(Failure::Load { path, reason }));
            return;
        }
        self.send(
            id,
            ReplyBody::Loaded(LoadReport {
                context_length: 64,
                ..LoadReport::default()
            }),
        );
    }

    /// Commits the fault of this moment; a request with the word "fine" is spared. What happens once
    /// is written into the model's file.
    fn misbehave(&mut self, moment: &str, user: &str) {
        if user.contains("fine") {
            return;
        }
        if let Some(fault) = self.fault.strip_suffix(moment)
            && let Some(fault) = fault.strip_suffix("once-at-")
            && std::fs::read(&self.model).is_ok_and(|content| content.is_empty())
        {
            std::fs::write(&self.model, "it has happened").expect("the model's file");
            self.fault = format!("{fault}at-{moment}");
        }
        match self.fault.strip_suffix(moment).unwrap_or_default() {
            "hang-at-" => sleep(Duration::from_secs(3600)),
            "crash-at-" => {
                eprintln!("something is very wrong");
                std::process::abort();
            }
            "babble-at-" => {
                use std::io::Write as _;
                let _ = self.socket.write_all(b"this is no message\n");
            }
            _ => {}
        }
    }
}
