//! Puts a prompt into the markup of a model's chat, as tokens.
//!
//! The markup is tokenised with its special tokens, the texts of people without: an
//! utterance that contains `<|im_end|>` stays an utterance.

use anyhow::Context as _;
use engine::Prompt;
use llama_cpp_2::model::{LlamaChatMessage, LlamaChatTemplate, LlamaModel};
use llama_cpp_2::token::LlamaToken;

/// Stands for a text while the template is applied. A private-use character, which no
/// template contains and which [`Markup::new`] takes out again.
const PLACE: char = '\u{F8FF}';

/// A prompt as tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// All tokens, up to where the answer starts (or the utterance breaks off).
    pub(crate) tokens: Vec<LlamaToken>,
    /// How many of them are constant.
    pub(crate) capsule: Option<usize>,
    /// Whether those behind the constant part are read with the adapter.
    pub(crate) adapted: bool,
}

/// The markup of one model's chat, split where texts go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Markup {
    before_system: String,
    before_user: String,
    before_assistant: String,
    after_assistant: String,
}

impl Markup {
    /// Learns the markup from the template in the model's file, or takes ChatML.
    pub(crate) fn new(model: &LlamaModel) -> anyhow::Result<Self> {
        let chatml = LlamaChatTemplate::new("chatml").context("the name has no zero byte")?;
        model
            .chat_template(None)
            .ok()
            .and_then(|template| Self::from_template(model, &template).ok())
            .map_or_else(|| Self::from_template(model, &chatml), Ok)
    }

    fn from_template(model: &LlamaModel, template: &LlamaChatTemplate) -> anyhow::Result<Self> {
        let message = |role: &str| LlamaChatMessage::new(role.to_owned(), PLACE.to_string());
        let chat = [
            message("system")?,
            message("user")?,
            message("assistant")?,
            message("user")?,
        ];
        let text = model.apply_chat_template(template, &chat, true)?;
        let pieces: Vec<&str> = text.split(PLACE).collect();
        let [
            before_system,
            before_user,
            before_assistant,
            after_assistant,
            end,
        ] = pieces[..]
        else {
            anyhow::bail!("the template leaves texts out or repeats them");
        };
        anyhow::ensure!(
            end == before_assistant,
            "the template treats the last turn in its own way"
        );
        Ok(Self {
            before_system: before_system.to_owned(),
            before_user: before_user.to_owned(),
            before_assistant: before_assistant.to_owned(),
            after_assistant: after_assistant.to_owned(),
        })
    }

    /// Renders a prompt that is to be answered.
    pub(crate) fn render(&self, model: &LlamaModel, prompt: &Prompt) -> Rendered {
        let mut rendered = self.render_open(model, prompt);
        add_markup(model, &mut rendered.tokens, &self.before_assistant);
        rendered
    }

    /// Renders a prompt whose utterance may still grow.
    pub(crate) fn render_open(&self, model: &LlamaModel, prompt: &Prompt) -> Rendered {
        let mut rendered = self.render_constant(model, prompt);
        add_text(model, &mut rendered.tokens, &prompt.user);
        rendered
    }

    /// Renders everything before the utterance, and notes where the constant part ends.
    ///
    /// The constant part includes the opening of the turn that follows it.
    pub(crate) fn render_constant(&self, model: &LlamaModel, prompt: &Prompt) -> Rendered {
        let mut tokens = Vec::new();
        let vocabulary = model.vocab();
        if vocabulary.should_add_bos() {
            tokens.push(vocabulary.bos());
        }
        add_markup(model, &mut tokens, &self.before_system);
        add_text(model, &mut tokens, &prompt.system);
        add_markup(model, &mut tokens, &self.before_user);
        let constant_turns = prompt.capsule_turns();
        let mut capsule = constant_turns
            .filter(|turns| *turns == 0)
            .map(|_| tokens.len());
        for (index, turn) in prompt.turns.iter().enumerate() {
            add_text(model, &mut tokens, &turn.user);
            add_markup(model, &mut tokens, &self.before_assistant);
            add_text(model, &mut tokens, &turn.assistant);
            add_markup(model, &mut tokens, &self.after_assistant);
            if constant_turns == Some(index + 1) {
                capsule = Some(tokens.len());
            }
        }
        Rendered {
            tokens,
            capsule,
            adapted: prompt.adapted,
        }
    }
}

fn add_markup(model: &LlamaModel, tokens: &mut Vec<LlamaToken>, markup: &str) {
    tokens.extend(model.vocab().tokenize(markup.as_bytes(), false, true));
}

fn add_text(model: &LlamaModel, tokens: &mut Vec<LlamaToken>, text: &str) {
    if !text.is_empty() {
        tokens.extend(plain(model, text));
    }
}

/// Tokenises text in which nothing counts as markup.
pub(crate) fn plain(model: &LlamaModel, text: &str) -> Vec<LlamaToken> {
    model.vocab().tokenize(text.as_bytes(), false, false)
}
