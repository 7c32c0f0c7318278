//! Lark grammars over the model's tokens.

use std::sync::Arc;

use anyhow::{Context as _, anyhow};

use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::sampling::LlamaSampler;
use llama_cpp_2::token::LlamaToken;
use llguidance::api::TopLevelGrammar;
use llguidance::earley::SlicedBiasComputer;
use llguidance::toktrie::{InferenceCapabilities, TokEnv, TokTrie, TokenId, TokenizerEnv};
use llguidance::{Matcher, ParserFactory};

/// How many compiled grammars are kept: a planner's grammars come back.
const KEPT: usize = 8;

/// The environment that comes with llama-cpp-2 takes the longest token always, and so
/// may not force tokens. This one asks the model's tokenizer.
struct ModelTokens {
    model: &'static LlamaModel,
    base: TokEnv,
}

impl TokenizerEnv for ModelTokens {
    fn tok_trie(&self) -> &TokTrie {
        self.base.tok_trie()
    }

    fn tokenize_bytes(&self, bytes: &[u8]) -> Vec<TokenId> {
        self.tok_trie()
            .tokenize_with_greedy_fallback(bytes, |text| {
                crate::prompt::plain(self.model, text)
                    .into_iter()
                    .map(to_guidance)
                    .collect()
            })
    }
}

/// llguidance counts tokens without a sign.
pub(crate) fn to_guidance(token: LlamaToken) -> TokenId {
    token.0.cast_unsigned()
}

/// And llama.cpp with one.
pub(crate) fn to_llama(token: TokenId) -> LlamaToken {
    LlamaToken(token.cast_signed())
}

/// Compiles grammars, and remembers the last ones.
pub(crate) struct Grammars {
    factory: ParserFactory,
    compiled: Vec<(String, Matcher)>,
}

impl Grammars {
    /// Walks the whole vocabulary; takes the better part of a second.
    pub(crate) fn new(model: &'static LlamaModel) -> anyhow::Result<Self> {
        let base = LlamaSampler::llguidance_tok_env(model);
        let tokens: TokEnv = Arc::new(ModelTokens { model, base });
        let capabilities = InferenceCapabilities {
            ff_tokens: true,
            ..InferenceCapabilities::default()
        };
        let slices = SlicedBiasComputer::json_slices();
        let mut factory = ParserFactory::new(&tokens, capabilities, &slices)
            .context("could not prepare the grammars")?;
        factory.quiet();
        Ok(Self {
            factory,
            compiled: Vec::new(),
        })
    }

    /// Makes a fresh matcher for a Lark grammar.
    pub(crate) fn matcher(&mut self, lark: &str) -> anyhow::Result<Matcher> {
        if let Some(found) = self.compiled.iter().position(|(text, _)| text == lark) {
            let recent = self.compiled.remove(found);
            self.compiled.push(recent);
        } else {
            let parser = self
                .factory
                .create_parser(TopLevelGrammar::from_lark(lark.to_owned()));
            let matcher = Matcher::new(parser);
            if let Some(error) = matcher.get_error() {
                return Err(anyhow!(error));
            }
            if self.compiled.len() == KEPT {
                self.compiled.remove(0);
            }
            self.compiled.push((lark.to_owned(), matcher));
        }
        let (_, matcher) = self
            .compiled
            .last()
            .context("a grammar was just put there")?;
        Ok(matcher.deep_clone())
    }
}
