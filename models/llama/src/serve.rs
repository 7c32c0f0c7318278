//! llama.cpp as the model of a worker.

use std::time::Instant;

use engine::protocol::{Failure, LoadCommand};
use engine::{CapsuleReport, GenerateRequest, Generated, PrefillReport, Prompt, Score};
use llama_cpp_2::llama_backend::LlamaBackend;
use worker::{Fences, Job, Model, Speed, Start};

use crate::backend::{self, LoadOptions};
use crate::capsule::{Capsules, model_name};
use crate::decode;
use crate::grammar::Grammars;
use crate::prompt::{self, Markup};
use crate::session::Session;

/// Serves the socket on standard input until the client goes.
pub(crate) fn serve() -> anyhow::Result<()> {
    let backend = backend::start()?;
    worker::serve(Start {
        build: backend::build_name(),
        fences: Fences::around_model,
        load: |load: &LoadCommand, job: &Job| Llama::load(&backend, load, job),
    })
}

struct Llama {
    session: Session,
    grammars: Grammars,
    markup: Markup,
}

impl Llama {
    fn load(backend: &LlamaBackend, command: &LoadCommand, job: &Job) -> anyhow::Result<Self> {
        let options = LoadOptions {
            path: command.path.clone(),
            context_length: command.context_length,
            threads: command.threads,
            adapter: command.adapter.clone(),
            mmap: false,
        };
        let job = job.clone();
        let mut told = Instant::now();
        let loaded = backend::load(backend, &options, move |done| {
            if told.elapsed().as_millis() > 200 {
                told = Instant::now();
                job.progress(done);
            }
        })?;
        let origin = format!(
            "{} {} {}",
            model_name(&command.path, command.sha256.as_deref())?,
            backend::build_name(),
            loaded.context.n_ctx(),
        );
        let capsules = command
            .capsules
            .as_deref()
            .and_then(|folder| Capsules::open(folder, origin, command.capsule_bytes).ok());
        let model = loaded.model;
        let markup = Markup::new(model)?;
        let grammars = Grammars::new(model)?;
        Ok(Self {
            session: Session::new(loaded, capsules),
            grammars,
            markup,
        })
    }
}

impl Model for Llama {
    fn context_length(&self) -> u32 {
        count(self.session.context_length())
    }

    fn prepare(&mut self, prompt: &Prompt, job: &Job) -> Result<CapsuleReport, Failure> {
        let start = Instant::now();
        let mut rendered = self.markup.render_constant(self.session.model, prompt);
        let Some(end) = rendered.capsule else {
            return Ok(CapsuleReport::default());
        };
        rendered.tokens.truncate(end);
        let read = self
            .session
            .read(&rendered, 0, &mut |done| job.go_on(done))?;
        let bytes = match read.capsule_bytes {
            0 => self.session.capsule_bytes_or_save(),
            written => written,
        };
        Ok(CapsuleReport {
            tokens: count(end),
            restored_tokens: count(read.restored),
            bytes,
            ms: start.elapsed().as_secs_f64() * 1e3,
        })
    }

    fn prefill(&mut self, prompt: &Prompt, job: &Job) -> Result<PrefillReport, Failure> {
        let start = Instant::now();
        let rendered = self.markup.render_open(self.session.model, prompt);
        // What waits is either the next state of the same words or the request itself;
        // both take over the tokens that were read so far.
        let mut alone = |done| job.go_on(done) && !job.is_overtaken();
        let read = self.session.read(&rendered, 0, &mut alone)?;
        Ok(PrefillReport {
            tokens: count(rendered.tokens.len()),
            computed_tokens: count(read.computed),
            ms: start.elapsed().as_secs_f64() * 1e3,
        })
    }

    fn generate(&mut self, request: &GenerateRequest, job: &Job) -> Result<Generated, Failure> {
        decode::generate(
            &mut self.session,
            &mut self.grammars,
            &self.markup,
            request,
            &mut |done| job.go_on(done),
            job,
        )
    }

    fn score(
        &mut self,
        prompt: &Prompt,
        continuations: &[String],
        job: &Job,
    ) -> Result<Vec<Score>, Failure> {
        let rendered = self.markup.render(self.session.model, prompt);
        let mut scores = Vec::new();
        for continuation in continuations {
            let tokens = prompt::plain(self.session.model, continuation);
            self.session
                .read(&rendered, tokens.len(), &mut |done| job.go_on(done))?;
            let mut logprob = 0.0;
            for (index, token) in tokens.iter().enumerate() {
                let logits = self.session.logits();
                logprob += logits[token.0.cast_unsigned() as usize] - decode::log_sum_exp(logits);
                if index + 1 < tokens.len() {
                    self.session.advance(&[*token])?;
                }
            }
            scores.push(Score {
                logprob,
                tokens: count(tokens.len()),
            });
        }
        Ok(scores)
    }

    fn tokenise(&mut self, text: &str) -> Result<Vec<u32>, Failure> {
        Ok(prompt::plain(self.session.model, text)
            .into_iter()
            .map(crate::grammar::to_guidance)
            .collect())
    }

    fn speed(&self) -> Speed {
        Speed {
            prefill: self.session.prefill.per_second(),
            decode: self.session.decode.per_second(),
        }
    }
}

fn count(tokens: usize) -> u32 {
    u32::try_from(tokens).unwrap_or(u32::MAX)
}
