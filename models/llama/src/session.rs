//! The model's memory of what it has read: one sequence of tokens, kept between
//! requests, and the capsules that bring back another.

use std::time::Instant;

use anyhow::{Context as _, bail};
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::session::LlamaStateSeqFlags;
use llama_cpp_2::llama_batch::LlamaBatch;
use llama_cpp_2::model::{LlamaLoraAdapter, LlamaModel};
use llama_cpp_2::token::LlamaToken;

use crate::backend::{Loaded, PREFILL_STEP};
use crate::capsule::Capsules;
use crate::crew::Crew;
use crate::prompt::Rendered;

/// The only sequence that the worker uses.
const SEQUENCE: i32 = 0;

/// Why a step did not happen.
#[derive(Debug)]
pub(crate) enum Halt {
    /// The client changed its mind.
    Cancelled,
    /// The prompt and its answer do not fit.
    TooLong { tokens: usize, limit: usize },
    /// llama.cpp failed.
    Broken(anyhow::Error),
}

impl From<anyhow::Error> for Halt {
    fn from(error: anyhow::Error) -> Self {
        Self::Broken(error)
    }
}

/// Watches over a long step: hears of progress, and may stop it.
pub(crate) trait Watch {
    /// Tells how much of the step is done; false stops it.
    fn go_on(&mut self, done: f32) -> bool;
}

impl<F: FnMut(f32) -> bool> Watch for F {
    fn go_on(&mut self, done: f32) -> bool {
        self(done)
    }
}

/// How a prompt got into memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) restored: usize,
    pub(crate) reused: usize,
    pub(crate) computed: usize,
    /// Size of the capsule's file, where one was written.
    pub(crate) capsule_bytes: u64,
}

/// Sums for the speed figures.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Speed {
    pub(crate) tokens: f64,
    pub(crate) seconds: f64,
}

impl Speed {
    pub(crate) fn per_second(self) -> f64 {
        if self.seconds > 0.0 {
            self.tokens / self.seconds
        } else {
            0.0
        }
    }

    fn add(&mut self, tokens: usize, start: Instant) {
        self.tokens += tokens as f64;
        self.seconds += start.elapsed().as_secs_f64();
    }
}

/// An adapter, and from which token on it is used.
struct Adapter {
    weights: LlamaLoraAdapter,
    is_in_use: bool,
    /// The tokens in memory before this one were read without it, the others with it.
    from: usize,
}

/// One model with what it has read.
pub(crate) struct Session {
    pub(crate) model: &'static LlamaModel,
    context: LlamaContext<'static>,
    capsules: Option<Capsules>,
    tokens: Vec<LlamaToken>,
    adapter: Option<Adapter>,
    batch: LlamaBatch<'static>,
    crew: Crew,
    pub(crate) prefill: Speed,
    pub(crate) decode: Speed,
}

impl Session {
    pub(crate) fn new(loaded: Loaded, capsules: Option<Capsules>) -> Self {
        Self {
            model: loaded.model,
            context: loaded.context,
            capsules,
            tokens: Vec::new(),
            adapter: loaded.adapter.map(|weights| Adapter {
                weights,
                is_in_use: false,
                from: usize::MAX,
            }),
            batch: LlamaBatch::new(PREFILL_STEP, 1),
            crew: Crew::new(),
            prefill: Speed::default(),
            decode: Speed::default(),
        }
    }

    pub(crate) fn context_length(&self) -> usize {
        self.context.n_ctx() as usize
    }

    /// Tokens in memory.
    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The logits after the last token.
    pub(crate) fn logits(&self) -> &[f32] {
        self.context.get_logits_ith(-1)
    }

    /// Brings a prompt into memory with the least work, so that its last token has logits.
    ///
    /// What is in memory already is kept; a capsule is taken when it holds more; a
    /// capsule that is missing is written on the way.
    pub(crate) fn read(
        &mut self,
        prompt: &Rendered,
        room: usize,
        watch: &mut dyn Watch,
    ) -> Result<Read, Halt> {
        let limit = self.context_length().saturating_sub(room);
        if prompt.tokens.len() > limit || prompt.tokens.is_empty() {
            let tokens = prompt.tokens.len();
            return Err(Halt::TooLong { tokens, limit });
        }
        let capsule = prompt.capsule.unwrap_or(0);
        let adapted_from = if prompt.adapted { capsule } else { usize::MAX };
        let mut read = Read {
            reused: common(&self.tokens, &prompt.tokens).min(self.read_as(adapted_from)),
            ..Read::default()
        };
        if read.reused < capsule && self.restore(&prompt.tokens[..capsule]) {
            read.reused = 0;
            read.restored = capsule;
        }
        // The last token is always read again: its logits are what the caller wants.
        let known = (read.restored + read.reused).min(prompt.tokens.len() - 1);
        self.truncate(known);
        let known = self.tokens.len();
        read.restored = read.restored.min(known);
        read.reused = known - read.restored;
        read.computed = prompt.tokens.len() - known;
        if self.tokens.len() < capsule {
            self.adapt_from(usize::MAX)?;
            self.prefill(&prompt.tokens[self.tokens.len()..capsule], watch)?;
            read.capsule_bytes = self.save();
        }
        self.adapt_from(adapted_from)?;
        self.prefill(&prompt.tokens[self.tokens.len()..], watch)?;
        Ok(read)
    }

    /// The number of tokens in memory that were read as a prompt wants them that is adapted from there on.
    fn read_as(&self, adapted_from: usize) -> usize {
        match &self.adapter {
            Some(adapter) if adapter.from != adapted_from => adapter.from.min(adapted_from),
            _ => usize::MAX,
        }
    }

    /// Uses the adapter from now on if that is a token that is read, else no longer.
    fn adapt_from(&mut self, adapted_from: usize) -> Result<(), Halt> {
        let Some(adapter) = &mut self.adapter else {
            return Ok(());
        };
        adapter.from = adapted_from;
        let is_wanted = adapted_from != usize::MAX;
        if adapter.is_in_use == is_wanted {
            return Ok(());
        }
        let set = match is_wanted {
            true => self
                .context
                .lora_adapter_set(&mut adapter.weights, 1.0)
                .context("llama.cpp did not take the adapter"),
            false => self
                .context
                .lora_adapter_remove(&mut adapter.weights)
                .context("llama.cpp did not let go of the adapter"),
        };
        set?;
        adapter.is_in_use = is_wanted;
        Ok(())
    }

    /// Reads tokens in steps, asking `watch` between two of them.
    fn prefill(&mut self, tokens: &[LlamaToken], watch: &mut dyn Watch) -> Result<(), Halt> {
        let total = tokens.len().max(1) as f32;
        let mut done = 0;
        for step in tokens.chunks(PREFILL_STEP) {
            if !watch.go_on(done as f32 / total) {
                return Err(Halt::Cancelled);
            }
            let start = Instant::now();
            self.append(step)?;
            self.prefill.add(step.len(), start);
            done += step.len();
        }
        Ok(())
    }

    /// Reads tokens of an answer.
    pub(crate) fn advance(&mut self, tokens: &[LlamaToken]) -> Result<(), Halt> {
        let start = Instant::now();
        for step in tokens.chunks(PREFILL_STEP) {
            self.append(step)?;
        }
        self.decode.add(tokens.len(), start);
        Ok(())
    }

    fn append(&mut self, tokens: &[LlamaToken]) -> Result<(), Halt> {
        let limit = self.context_length();
        if self.tokens.len() + tokens.len() > limit {
            let tokens = self.tokens.len() + tokens.len();
            return Err(Halt::TooLong { tokens, limit });
        }
        self.batch.clear();
        let last = tokens.len() - 1;
        for (index, token) in tokens.iter().enumerate() {
            let position = i32::try_from(self.tokens.len() + index).context("too many tokens")?;
            self.batch
                .add(*token, position, &[SEQUENCE], index == last)
                .context("a step is larger than the batch")?;
        }
        self.crew.choose();
        if let Err(error) = self.context.decode(&mut self.batch) {
            self.clear();
            return Err(Halt::Broken(
                anyhow::Error::new(error).context("llama.cpp could not read the tokens"),
            ));
        }
        self.tokens.extend_from_slice(tokens);
        Ok(())
    }

    /// Forgets everything after the first `length` tokens.
    pub(crate) fn truncate(&mut self, length: usize) {
        if length >= self.tokens.len() {
            return;
        }
        let position = u32::try_from(length).unwrap_or(0);
        // Models with a running state instead of a cache cannot forget a part.
        if length == 0
            || self
                .context
                .kv_cache_seq_rm(SEQUENCE, Some(position), None)
                .is_err()
        {
            self.clear();
        } else {
            self.tokens.truncate(length);
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.context.clear_kv_cache();
        self.tokens.clear();
    }

    /// Replaces the memory by the capsule of `tokens`, if there is one.
    pub(crate) fn restore(&mut self, tokens: &[LlamaToken]) -> bool {
        let Some(state) = self
            .capsules
            .as_ref()
            .and_then(|capsules| capsules.read(tokens))
        else {
            return false;
        };
        self.clear();
        let flags = LlamaStateSeqFlags::empty();
        // SAFETY: the bytes came from `state_seq_get_data_ext` of the same model, context
        // type and build (their names are in the file's name) and their checksum holds.
        let restored = unsafe { self.context.state_seq_set_data_ext(&state, SEQUENCE, flags) };
        let end = self.context.kv_cache_seq_pos_max(SEQUENCE);
        if !restored || usize::try_from(end).ok() != tokens.len().checked_sub(1) {
            self.clear();
            return false;
        }
        self.tokens.extend_from_slice(tokens);
        true
    }

    /// Writes the memory as a capsule; 0 bytes when that is impossible or unwanted.
    fn save(&mut self) -> u64 {
        let Some(capsules) = &self.capsules else {
            return 0;
        };
        // A capsule saves time and nothing else: a full disk is no reason to fail.
        self.state()
            .and_then(|state| Ok(capsules.write(&self.tokens, &state)?))
            .unwrap_or_else(|error| {
                eprintln!("could not write a capsule: {error:#}");
                0
            })
    }

    /// The size of the capsule for all that is in memory; writes it if it is missing.
    pub(crate) fn capsule_bytes_or_save(&mut self) -> u64 {
        let path = self
            .capsules
            .as_ref()
            .map(|capsules| capsules.path(&self.tokens));
        match path.and_then(|path| std::fs::metadata(path).ok()) {
            Some(metadata) => metadata.len(),
            None => self.save(),
        }
    }

    fn state(&self) -> anyhow::Result<Vec<u8>> {
        let flags = LlamaStateSeqFlags::empty();
        let size = self.context.state_seq_get_size_ext(SEQUENCE, flags);
        let mut state = vec![0; size];
        // SAFETY: the buffer has the size that llama.cpp asks for.
        let written = unsafe {
            self.context
                .state_seq_get_data_ext(state.as_mut_ptr(), SEQUENCE, flags)
        };
        if written != size || size == 0 {
            bail!("llama.cpp gave {written} of {size} bytes");
        }
        Ok(state)
    }
}

/// The number of equal tokens at the start.
fn common(left: &[LlamaToken], right: &[LlamaToken]) -> usize {
    left.iter()
        .zip(right)
        .take_while(|(left, right)| left == right)
        .count()
}
