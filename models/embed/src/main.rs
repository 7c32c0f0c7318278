//! The worker that turns texts into vectors: one model, one process, one private socket.
//!
//! `lucid-engine-embed` serves the protocol of the `engine` crate on its standard input, which
//! is a socket. It knows `embed` and `tokenise`.

mod dense;
mod encoder;
mod normalise;
mod npy;
mod pieces;
mod proto;

use std::process::ExitCode;

use engine::protocol::{Failure, LoadCommand};
use worker::{Fences, Job, Model, Start};

use crate::encoder::{Encoder, MOST_TOKENS};

fn main() -> ExitCode {
    let result = worker::serve(Start {
        build: format!("universal sentence encoder {}", env!("CARGO_PKG_VERSION")),
        fences: Fences::around_model,
        load: |load: &LoadCommand, _: &Job| Ok(Worker(Encoder::load(&load.path)?)),
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lucid-engine-embed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

struct Worker(Encoder);

impl Model for Worker {
    fn context_length(&self) -> u32 {
        u32::try_from(MOST_TOKENS).unwrap_or(u32::MAX)
    }

    fn tokenise(&mut self, text: &str) -> Result<Vec<u32>, Failure> {
        Ok(self.0.tokens(text))
    }

    fn embed(&mut self, texts: &[String], job: &Job) -> Result<Vec<Vec<f32>>, Failure> {
        let mut go_on = |done| job.go_on(done);
        self.0.embed(texts, &mut go_on).ok_or(Failure::Cancelled)
    }
}
