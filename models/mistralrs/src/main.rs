//! The worker with mistral.rs: one model, one process, one private socket.
//!
//! `lucid-engine-mistralrs` serves the protocol of the `engine` crate on its standard input.
//! `lucid-engine-mistralrs bench --model FILE` prints figures, one JSON object a line.

mod bench;
mod markup;
mod model;
mod prompt;
mod serve;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.as_slice() {
        [] => serve::serve(),
        [verb, option, model] if verb == "bench" && option == "--model" => bench::bench(model),
        _ => Err(anyhow::anyhow!(
            "usage: lucid-engine-mistralrs [bench --model FILE]"
        )),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lucid-engine-mistralrs: {error:#}");
            ExitCode::FAILURE
        }
    }
}
