//! Writes answers: token by token, under a grammar, with what the grammar forces in one go.

use std::time::Instant;

use engine::protocol::{Delta, Failure};
use engine::{GenerateRequest, Generated, Started, StopReason, TokenLogprob};
use llama_cpp_2::token::LlamaToken;
use llguidance::Matcher;
use llguidance::toktrie::SimpleVob;
use worker::{Job, first_stop, possible_stop};

use crate::grammar::{Grammars, to_guidance, to_llama};
use crate::prompt::{self, Markup};
use crate::session::{Halt, Session, Watch};
use crate::text::Characters;

/// Where the pieces of an answer go.
pub(crate) trait Listen {
    fn start(&self, started: Started);
    fn delta(&self, delta: Delta);
}

impl Listen for Job {
    fn start(&self, started: Started) {
        self.start(started);
    }

    fn delta(&self, delta: Delta) {
        self.delta(delta);
    }
}

/// Hears nothing.
impl Listen for () {
    fn start(&self, _: Started) {}

    fn delta(&self, _: Delta) {}
}

impl From<Halt> for Failure {
    fn from(halt: Halt) -> Self {
        let count = |tokens: usize| u32::try_from(tokens).unwrap_or(u32::MAX);
        match halt {
            Halt::Cancelled => Self::Cancelled,
            Halt::TooLong { tokens, limit } => Self::TooLong {
                tokens: count(tokens),
                limit: count(limit),
            },
            Halt::Broken(error) => Self::Other(format!("{error:#}")),
        }
    }
}

/// The grammars of one request, past its fixed text.
struct Matchers {
    main: Option<Matcher>,
    gate: Option<(f32, Matcher)>,
}

impl Matchers {
    fn compile(
        grammars: &mut Grammars,
        request: &GenerateRequest,
        fixed: &[LlamaToken],
    ) -> Result<Self, Failure> {
        let fixed: Vec<u32> = fixed.iter().copied().map(to_guidance).collect();
        let mut compile = |lark: &str| -> Result<Matcher, Failure> {
            let wrong = |error: anyhow::Error| Failure::Grammar(format!("{error:#}"));
            let mut matcher = grammars.matcher(lark).map_err(wrong)?;
            matcher.consume_tokens(&fixed).map_err(|error| {
                Failure::Grammar(format!("the fixed text does not obey it: {error:#}"))
            })?;
            Ok(matcher)
        };
        Ok(Self {
            main: request.grammar.as_deref().map(&mut compile).transpose()?,
            // What already ran has passed the gate.
            gate: match &request.gate {
                Some(gate) if fixed.is_empty() => {
                    Some((gate.min_first_token_mass, compile(&gate.grammar)?))
                }
                _ => None,
            },
        })
    }
}

/// Answers a request; `listen` hears of the start and of each piece of text.
pub(crate) fn generate(
    session: &mut Session,
    grammars: &mut Grammars,
    markup: &Markup,
    request: &GenerateRequest,
    watch: &mut dyn Watch,
    listen: &dyn Listen,
) -> Result<Generated, Failure> {
    let arrived = Instant::now();
    let fixed = match request.fixed.as_str() {
        "" => Vec::new(),
        text => prompt::plain(session.model, text),
    };
    let mut matchers = Matchers::compile(grammars, request, &fixed)?;
    let mut rendered = markup.render(session.model, &request.prompt);
    rendered.tokens.extend_from_slice(&fixed);
    let room = (request.max_tokens as usize).min(session.context_length() / 4);
    let read = session.read(&rendered, room, watch)?;
    let count = |tokens: usize| u32::try_from(tokens).unwrap_or(u32::MAX);
    let mut started = Started {
        prompt_tokens: count(rendered.tokens.len()),
        restored_tokens: count(read.restored),
        reused_tokens: count(read.reused),
        prefill_ms: arrived.elapsed().as_secs_f64() * 1e3,
        first_token_legal_mass: None,
        gated: false,
    };
    if let Some(main) = &mut matchers.main {
        let mass = legal_mass(session.logits(), &mask(main)?);
        started.first_token_legal_mass = Some(mass);
        if let Some((min, _)) = &matchers.gate {
            started.gated = mass < *min;
        }
    }
    let matcher = match matchers.gate {
        Some((_, gate)) if started.gated => Some(gate),
        _ => matchers.main,
    };
    listen.start(started.clone());
    let answer = Answer::new(session, matcher, request);
    let mut generated = answer.write(watch, listen)?;
    generated.started = started;
    Ok(generated)
}

/// An answer that is being written.
struct Answer<'a> {
    session: &'a mut Session,
    matcher: Option<Matcher>,
    request: &'a GenerateRequest,
    characters: Characters,
    /// Text that went out, then text that may turn out to begin a stop text.
    text: String,
    sent: usize,
    /// Tokens whose text has not gone out yet.
    unsent: Vec<TokenLogprob>,
    generated: Generated,
    random: Random,
}

impl<'a> Answer<'a> {
    fn new(
        session: &'a mut Session,
        matcher: Option<Matcher>,
        request: &'a GenerateRequest,
    ) -> Self {
        Self {
            session,
            matcher,
            request,
            characters: Characters::default(),
            text: String::new(),
            sent: 0,
            unsent: Vec::new(),
            generated: Generated::default(),
            random: Random::new(),
        }
    }

    fn write(mut self, watch: &mut dyn Watch, listen: &dyn Listen) -> Result<Generated, Failure> {
        let start = Instant::now();
        let reason = loop {
            if !watch.go_on(0.0) {
                return Err(Failure::Cancelled);
            }
            let (token, logprob) = self.choose()?;
            if self.session.model.vocab().is_eog(token) {
                break StopReason::End;
            }
            let tokens = self.accept(token, logprob)?;
            if let Some(reason) = self.take(&tokens, listen) {
                break reason;
            }
            if self.session.len() + tokens.len() >= self.session.context_length() {
                break StopReason::MaxTokens;
            }
            self.session.advance(&tokens)?;
        };
        self.send(self.text.len(), listen);
        self.generated.stop_reason = reason;
        self.generated.text = self.text;
        self.generated.decode_ms = start.elapsed().as_secs_f64() * 1e3;
        Ok(self.generated)
    }

    /// Picks the next token among those that the grammar allows; with its probability
    /// where that is wanted.
    fn choose(&mut self) -> Result<(LlamaToken, Option<f32>), Failure> {
        let allowed = self.matcher.as_mut().map(mask).transpose()?;
        let logits = self.session.logits();
        let temperature = self.request.temperature;
        let token = if temperature > 0.0 {
            sample(logits, allowed.as_ref(), temperature, &mut self.random)
        } else {
            likeliest(logits, allowed.as_ref())
        };
        let token =
            token.ok_or_else(|| Failure::Other("the grammar allows no token".to_owned()))?;
        let wanted = self.request.logprobs;
        let logprob = wanted.then(|| logits[token as usize] - log_sum_exp(logits));
        Ok((to_llama(token), logprob))
    }

    fn note(&mut self, token: LlamaToken, logprob: f32, forced: bool) {
        let piece = self
            .session
            .model
            .vocab()
            .token_to_piece(token, false, None);
        let text = String::from_utf8_lossy(&piece).into_owned();
        let entry = TokenLogprob {
            text,
            logprob,
            forced,
        };
        self.unsent.push(entry.clone());
        self.generated.logprobs.push(entry);
    }

    /// Moves the grammar on, and returns the token with those that it forces.
    fn accept(
        &mut self,
        token: LlamaToken,
        logprob: Option<f32>,
    ) -> Result<Vec<LlamaToken>, Failure> {
        let mut tokens = vec![token];
        if let Some(matcher) = &mut self.matcher {
            let wrong = |error: anyhow::Error| Failure::Other(format!("{error:#}"));
            matcher.consume_token(to_guidance(token)).map_err(wrong)?;
            if !matcher.is_stopped() {
                tokens.extend(matcher.consume_ff_tokens().into_iter().map(to_llama));
            }
        }
        let vocabulary = self.session.model.vocab();
        if let Some(end) = tokens.iter().position(|token| vocabulary.is_eog(*token)) {
            tokens.truncate(end);
        }
        self.generated.forced_tokens += u32::try_from(tokens.len().saturating_sub(1)).unwrap_or(0);
        if let Some(logprob) = logprob {
            self.note(token, logprob, false);
            for forced in &tokens[1..] {
                self.note(*forced, 0.0, true);
            }
        }
        Ok(tokens)
    }

    /// Adds tokens to the text and sends what is certain; tells why the answer ends.
    fn take(&mut self, tokens: &[LlamaToken], listen: &dyn Listen) -> Option<StopReason> {
        for token in tokens {
            let bytes = self
                .session
                .model
                .vocab()
                .token_to_piece(*token, false, None);
            let more = self.characters.push(&bytes);
            self.text.push_str(&more);
            self.generated.decoded_tokens += 1;
        }
        if let Some(end) = first_stop(&self.text, &self.request.stop) {
            self.text.truncate(end);
            return Some(StopReason::Stop);
        }
        let certain = self.text.len() - possible_stop(&self.text, &self.request.stop);
        self.send(certain, listen);
        if self.matcher.as_ref().is_some_and(Matcher::is_stopped) {
            return Some(StopReason::End);
        }
        (self.generated.decoded_tokens >= self.request.max_tokens).then_some(StopReason::MaxTokens)
    }

    fn send(&mut self, end: usize, listen: &dyn Listen) {
        if end > self.sent {
            listen.delta(Delta {
                text: self.text[self.sent..end].to_owned(),
                logprobs: std::mem::take(&mut self.unsent),
            });
            self.sent = end;
        }
    }
}

fn mask(matcher: &mut Matcher) -> Result<SimpleVob, Failure> {
    matcher
        .compute_mask_or_eos()
        .map_err(|error| Failure::Other(format!("the grammar failed: {error:#}")))
}

/// The share of the model's probability that lies on allowed tokens.
fn legal_mass(logits: &[f32], allowed: &SimpleVob) -> f32 {
    let total = log_sum_exp(logits);
    let mut mass = 0.0_f64;
    allowed.iter_set_entries(|token| {
        if let Some(logit) = logits.get(token) {
            mass += f64::from(logit - total).exp();
        }
    });
    mass.min(1.0) as f32
}

pub(crate) fn log_sum_exp(logits: &[f32]) -> f32 {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = logits.iter().map(|logit| (logit - max).exp()).sum();
    max + sum.ln()
}

fn likeliest(logits: &[f32], allowed: Option<&SimpleVob>) -> Option<u32> {
    let mut best: Option<(u32, f32)> = None;
    each_allowed(logits, allowed, |token, logit| {
        if best.is_none_or(|(_, most)| logit > most) {
            best = Some((token, logit));
        }
    });
    best.map(|(token, _)| token)
}

fn sample(
    logits: &[f32],
    allowed: Option<&SimpleVob>,
    temperature: f32,
    random: &mut Random,
) -> Option<u32> {
    let best = likeliest(logits, allowed)?;
    let max = logits[best as usize];
    let weight = |logit: f32| f64::from((logit - max) / temperature).exp();
    let mut total = 0.0;
    each_allowed(logits, allowed, |_, logit| total += weight(logit));
    let mut rest = random.next() * total;
    let mut chosen = None;
    each_allowed(logits, allowed, |token, logit| {
        rest -= weight(logit);
        if rest <= 0.0 && chosen.is_none() {
            chosen = Some(token);
        }
    });
    chosen.or(Some(best))
}

fn each_allowed(logits: &[f32], allowed: Option<&SimpleVob>, mut visit: impl FnMut(u32, f32)) {
    match allowed {
        Some(allowed) => allowed.iter_set_entries(|token| {
            if let (Some(logit), Ok(token)) = (logits.get(token), u32::try_from(token)) {
                visit(token, *logit);
            }
        }),
        None => (0..)
            .zip(logits)
            .for_each(|(token, logit)| visit(token, *logit)),
    }
}

/// Enough chance for a sampler: xorshift, seeded by the clock.
struct Random(u64);

impl Random {
    fn new() -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Self(now.map_or(1, |time| time.as_nanos() as u64) | 1)
    }

    /// A number from 0 up to 1.
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_allowed_token_wins() {
        let mut allowed = SimpleVob::alloc(3);
        allowed.allow_token(0);
        allowed.allow_token(2);
        let logits = [0.0, 9.0, 1.0];
        assert_eq!(likeliest(&logits, Some(&allowed)), Some(2));
        assert_eq!(likeliest(&logits, None), Some(1));
        assert!(legal_mass(&logits, &allowed) < 0.01);
    }

    #[test]
    fn a_cold_sample_is_the_likeliest() {
        let logits = [0.0, 9.0, 1.0];
        assert_eq!(sample(&logits, None, 0.01, &mut Random(7)), Some(1));
    }
}
