//! A model that does what its prompt says, and answers with what came of it.

use std::net::{TcpStream, UdpSocket};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::Path;

use engine::protocol::{Delta, Failure, LoadCommand};
use engine::{GenerateRequest, Generated, PrefillReport, Prompt, Started};
use worker::{Fences, Job, Model, Network, Start};

fn main() -> anyhow::Result<()> {
    worker::serve(Start {
        build: "fake".to_owned(),
        fences,
        load: |_: &LoadCommand, job: &Job| {
            job.progress(0.5);
            Ok(Fake)
        },
    })
}

/// The file's name says what is special: `port-N`, `little-memory`, `no-landlock`, `listing`.
fn fences(load: &LoadCommand) -> Fences {
    let mut fences = Fences::around_model(load);
    let name = load.path.file_name().unwrap_or_default().to_string_lossy();
    if let Some(port) = name.strip_prefix("port-") {
        fences.network = Network::Port(port.parse().expect("a number"));
    }
    if name == "little-memory" {
        fences.memory_bytes = Some(100 << 20);
    }
    if name == "listing" {
        fences
            .listable
            .extend(load.path.parent().map(Path::to_owned));
    }
    if name == "no-landlock" {
        take_landlock_away();
    }
    fences
}

/// Makes the kernel answer as one without Landlock does.
fn take_landlock_away() {
    let statement = |code: u32, jt, jf, k| libc::sock_filter {
        code: code as u16,
        jt,
        jf,
        k,
    };
    let call = libc::SYS_landlock_create_ruleset as u32;
    let mut filter = [
        statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0),
        statement(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 1, call),
        statement(
            libc::BPF_RET | libc::BPF_K,
            0,
            0,
            libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32,
        ),
        statement(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog {
        len: filter.len() as u16,
        filter: filter.as_mut_ptr(),
    };
    // SAFETY: the program outlives the call, which copies it.
    unsafe {
        libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &program);
    }
}

struct Fake;

impl Model for Fake {
    fn context_length(&self) -> u32 {
        64
    }

    /// Reads for ever, until something else is wanted.
    fn prefill(&mut self, _: &Prompt, job: &Job) -> Result<PrefillReport, Failure> {
        while !job.is_overtaken() {
            if job.is_cancelled() {
                return Err(Failure::Cancelled);
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        Ok(PrefillReport {
            tokens: 7,
            ..PrefillReport::default()
        })
    }

    fn generate(&mut self, request: &GenerateRequest, job: &Job) -> Result<Generated, Failure> {
        job.start(Started::default());
        job.delta(Delta {
            text: String::new(),
            logprobs: Vec::new(),
        });
        let text = act(&request.prompt.user);
        Ok(Generated {
            text,
            ..Generated::default()
        })
    }
}

/// Carries out `VERB OBJECT`.
fn act(words: &str) -> String {
    let (verb, object) = words.split_once(' ').unwrap_or((words, ""));
    let result = match verb {
        "read" => std::fs::read(object).map(drop),
        "list" => std::fs::read_dir(object).map(drop),
        "write" => std::fs::write(Path::new(object), "x"),
        "connect" => TcpStream::connect(object).map(drop),
        "bus" => UnixStream::connect(object).map(drop),
        "bind" => UdpSocket::bind(object).map(drop),
        "socket" => socket(object),
        "streams" => UnixStream::pair().map(drop),
        "datagrams" => UnixDatagram::pair().map(drop),
        "run" => run(object),
        "kill" => kill(object),
        "take" => take(object),
        "nice" => return niceness().to_string(),
        _ => return format!("{verb}?"),
    };
    match result {
        Ok(()) => "done".to_owned(),
        Err(error) => format!("{:?}", error.kind()),
    }
}

fn outcome(result: libc::c_int) -> std::io::Result<()> {
    match result {
        -1 => Err(std::io::Error::last_os_error()),
        _ => Ok(()),
    }
}

fn number(text: &str) -> libc::c_int {
    text.parse().expect("a number")
}

fn socket(family: &str) -> std::io::Result<()> {
    // SAFETY: a system call without pointers.
    outcome(unsafe { libc::socket(number(family), libc::SOCK_DGRAM, 0) })
}

fn kill(process: &str) -> std::io::Result<()> {
    // SAFETY: a system call without pointers; signal 0 does nothing.
    outcome(unsafe { libc::kill(number(process), 0) })
}

fn niceness() -> libc::c_int {
    // SAFETY: a system call without pointers.
    unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) }
}

fn take(megabytes: &str) -> std::io::Result<()> {
    let mut taken: Vec<u8> = Vec::new();
    taken
        .try_reserve_exact(megabytes.parse::<usize>().expect("a number") << 20)
        .map_err(|_| std::io::ErrorKind::OutOfMemory.into())
}

#[expect(clippy::disallowed_methods, reason = "the test is that it fails")]
fn run(program: &str) -> std::io::Result<()> {
    std::process::Command::new(program).status().map(drop)
}
