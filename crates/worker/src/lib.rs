//! A worker's side of the protocol: what every program that holds a model has in common.
//!
//! An engine implements [`Model`] and gives [`serve`] the means to load it. The rest is here: the
//! socket, the thread that listens while the model computes, cancellation, the final replies, and
//! the fences behind which the model is opened.

mod answer;
mod fences;
mod job;
mod line;
mod serve;
mod usage;

pub use answer::{Answer, first_stop, possible_stop};
pub use fences::{Fences, Network};
pub use job::Job;
pub use serve::{Start, serve};
pub use usage::{cpu_seconds, rss_bytes};

use engine::protocol::Failure;
use engine::{CapsuleReport, GenerateRequest, Generated, PrefillReport, Prompt, Score};

/// A model in memory, which answers one command after the other.
///
/// What an engine does not implement is refused with a reason, but for [`Model::prepare`] and
/// [`Model::prefill`]: an engine that keeps nothing has nothing to do ahead of a request.
pub trait Model {
    /// Tokens that the context holds; 0 where nobody knows.
    fn context_length(&self) -> u32;

    /// Prefills the constant part of `prompt` and keeps it.
    ///
    /// # Errors
    ///
    /// [`Failure::TooLong`] when it does not fit, [`Failure::Cancelled`] when the job was.
    fn prepare(&mut self, prompt: &Prompt, job: &Job) -> Result<CapsuleReport, Failure> {
        let _ = (prompt, job);
        Ok(CapsuleReport::default())
    }

    /// Reads a prompt whose utterance is not complete, until [`Job::is_overtaken`].
    ///
    /// # Errors
    ///
    /// As [`Model::prepare`].
    fn prefill(&mut self, prompt: &Prompt, job: &Job) -> Result<PrefillReport, Failure> {
        let _ = (prompt, job);
        Ok(PrefillReport::default())
    }

    /// Answers a request. [`Job::start`] comes before the first [`Job::delta`].
    ///
    /// # Errors
    ///
    /// [`Failure::Grammar`] when the grammar does not compile, and those of [`Model::prepare`].
    fn generate(&mut self, request: &GenerateRequest, job: &Job) -> Result<Generated, Failure> {
        let _ = (request, job);
        Err(cannot("write text"))
    }

    /// Tells how likely each of `continuations` is after `prompt`.
    ///
    /// # Errors
    ///
    /// As [`Model::prepare`].
    fn score(
        &mut self,
        prompt: &Prompt,
        continuations: &[String],
        job: &Job,
    ) -> Result<Vec<Score>, Failure> {
        let _ = (prompt, continuations, job);
        Err(cannot("tell the probability of a text"))
    }

    /// Splits `text` into tokens; nothing in it counts as markup.
    ///
    /// # Errors
    ///
    /// [`Failure::Other`] where the engine keeps its tokens to itself.
    fn tokenise(&mut self, text: &str) -> Result<Vec<u32>, Failure> {
        let _ = text;
        Err(cannot("split a text into tokens"))
    }

    /// Turns each of `texts` into a vector; all have the same length.
    ///
    /// # Errors
    ///
    /// [`Failure::TooLong`] when one does not fit, [`Failure::Cancelled`] when the job was.
    fn embed(&mut self, texts: &[String], job: &Job) -> Result<Vec<Vec<f32>>, Failure> {
        let _ = (texts, job);
        Err(cannot("turn texts into vectors"))
    }

    /// The speed of reading and writing over all requests so far.
    fn speed(&self) -> Speed {
        Speed::default()
    }
}

/// Tokens a second; 0 where nothing was measured.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Speed {
    /// Of reading prompts.
    pub prefill: f64,
    /// Of writing answers.
    pub decode: f64,
}

fn cannot(what: &str) -> Failure {
    Failure::Other(format!("this engine cannot {what}"))
}
