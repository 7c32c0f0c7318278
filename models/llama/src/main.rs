//! The llama.cpp worker: one model, one process, one private socket.
//!
//! `lucid-engine-llama` without arguments serves the protocol of the `engine` crate on
//! its standard input, which is a socket. `lucid-engine-llama bench --model FILE`
//! measures a model and prints one JSON object a line.

mod backend;
mod bench;
mod capsule;
mod decode;
mod grammar;
mod prompt;
mod sandbox;
mod serve;
mod session;
mod text;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.first().map(String::as_str) {
        None => serve::serve(),
        Some("bench") => bench::bench(&arguments[1..]),
        Some(_) => Err(anyhow::anyhow!(
            "usage: lucid-engine-llama [bench --model FILE [--runs N] [--mmap] [--threads N]]"
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
