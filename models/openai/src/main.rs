//! The worker for servers that speak OpenAI's protocol: Ollama, llama.cpp's server, vLLM, clouds.
//!
//! It holds no model. A request becomes one call of the server's `chat/completions`, and nothing
//! is sent before there is a request.

mod chat;
mod serve;
mod server;
mod stream;

use std::process::ExitCode;

fn main() -> ExitCode {
    match serve::serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lucid-engine-openai: {error:#}");
            ExitCode::FAILURE
        }
    }
}
