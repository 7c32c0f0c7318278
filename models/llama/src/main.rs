//! The llama.cpp worker: one model, one process, one private socket.
//!
//! `lucid-engine-llama` without arguments serves the protocol of the `engine` crate on
//! its standard input, which is a socket. `lucid-engine-llama bench --model FILE`
//! measures a model and prints one JSON object a line; `lucid-engine-llama tokens` splits
//! what an adapter is trained on.

mod backend;
mod bench;
mod capsule;
mod crew;
mod decode;
mod grammar;
mod prompt;
mod serve;
mod session;
mod text;
mod tokens;

use std::process::ExitCode;

/// Makes the threads of a step sleep while they wait for each other. On an idle machine
/// it makes no difference; on a busy one they would only take the time they wait for.
const NO_SPINNING: (&str, &str) = ("GOMP_SPINCOUNT", "0");

fn main() -> ExitCode {
    if std::env::var_os(NO_SPINNING.0).is_none() {
        start_again();
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.first().map(String::as_str) {
        None => serve::serve(),
        Some("bench") => bench::bench(&arguments[1..]),
        Some("tokens") => tokens::tokens(&arguments[1..]),
        Some(_) => Err(anyhow::anyhow!(
            "usage: lucid-engine-llama [bench --model FILE [--runs N] [--mmap] [--threads N] | tokens --model FILE]"
        )),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lucid-engine-llama: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// OpenMP reads its settings when it is loaded, before `main`: they need another start.
/// Returns only if that is impossible.
fn start_again() {
    use std::os::unix::process::CommandExt as _;
    // By its path, which gives the process its name. One that an update has replaced meanwhile is
    // still there as the running process's own.
    let program = std::env::current_exe()
        .ok()
        .filter(|path| path.exists())
        .unwrap_or_else(|| "/proc/self/exe".into());
    #[expect(
        clippy::disallowed_methods,
        reason = "the process replaces itself by itself"
    )]
    let error = std::process::Command::new(program)
        .args(std::env::args_os().skip(1))
        .env(NO_SPINNING.0, NO_SPINNING.1)
        .exec();
    eprintln!("lucid-engine-llama: could not start again: {error}");
}
