//! mistral.rs with a model in it, as calls that wait.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};
use mistralrs::core::TokenizationRequest;
use mistralrs::{
    GgufModelBuilder, Model, NormalRequest, Request, RequestMessage, Response, StopTokens,
    TextModelBuilder, TokenSource,
};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{Receiver, channel, error::TryRecvError};

use crate::markup::Markup;
use crate::prompt::{Piece, without_markup};

/// Chunks that may wait to be taken; one is a token.
const CHUNKS: usize = 64;

/// Tokens with which models end a turn. mistral.rs knows one that the model's file names, while
/// the end of a grammar may be another.
const ENDS: [&str; 6] = [
    "<|im_end|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<end_of_turn>",
    "<|end|>",
    "</s>",
];

/// A model in memory.
pub(crate) struct Loaded {
    runtime: Runtime,
    model: Model,
    ends: Vec<u32>,
    pub(crate) markup: Markup,
    pub(crate) context_length: u32,
}

impl Loaded {
    /// Loads a GGUF file, or a folder of safetensors with its tokenizer.
    ///
    /// # Errors
    ///
    /// When there is no such model, or mistral.rs does not know its architecture.
    pub(crate) fn load(
        path: &Path,
        isq: Option<&str>,
        context_length: u32,
    ) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_time()
            .build()?;
        let model = runtime.block_on(build(path, isq))?;
        let most = model.max_sequence_length()?.unwrap_or(usize::MAX);
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        let mut loaded = Self {
            runtime,
            model,
            ends: Vec::new(),
            markup: Markup::of_model(path),
            context_length: context_length.min(most),
        };
        for end in ENDS {
            // One that the model does not know is a text of several tokens.
            if let [token] = loaded.tokenise(end)?[..] {
                loaded.ends.push(token);
            }
        }
        Ok(loaded)
    }

    /// The tokens of pieces of a prompt.
    ///
    /// # Errors
    ///
    /// When the model has no tokenizer.
    pub(crate) fn tokens(&self, pieces: &[Piece<'_>]) -> anyhow::Result<Vec<u32>> {
        let mut tokens = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Markup(markup) => tokens.extend(self.tokenise(markup)?),
                Piece::Text(text) => {
                    for text in without_markup(text) {
                        tokens.extend(self.tokenise(text)?);
                    }
                }
            }
        }
        Ok(tokens)
    }

    fn tokenise(&self, text: &str) -> anyhow::Result<Vec<u32>> {
        let (response, mut tokens) = channel(1);
        self.send(Request::Tokenize(TokenizationRequest {
            text: either::Either::Right(text.to_owned()),
            tools: None,
            add_generation_prompt: false,
            add_special_tokens: false,
            enable_thinking: None,
            reasoning_effort: None,
            response,
        }))?;
        tokens.blocking_recv().context("mistral.rs ended")?
    }

    /// Starts to answer; what the request needs besides is filled in.
    ///
    /// # Errors
    ///
    /// When mistral.rs has ended.
    pub(crate) fn answer(
        &self,
        tokens: Vec<u32>,
        change: impl FnOnce(&mut NormalRequest),
    ) -> anyhow::Result<Chunks> {
        let (response, chunks) = channel(CHUNKS);
        let mut request = NormalRequest::new_simple(
            RequestMessage::CompletionTokens(tokens),
            mistralrs::SamplingParams::deterministic(),
            response,
            self.model.inner().next_request_id(),
            None,
            None,
        );
        request.is_streaming = true;
        request.sampling_params.stop_toks = Some(StopTokens::Ids(self.ends.clone()));
        change(&mut request);
        self.send(Request::Normal(Box::new(request)))?;
        Ok(Chunks { chunks })
    }

    fn send(&self, request: Request) -> anyhow::Result<()> {
        let sender = self
            .model
            .inner()
            .get_sender(None)
            .map_err(|error| anyhow::anyhow!("{error}"))?;
        self.runtime
            .block_on(sender.send(request))
            .ok()
            .context("mistral.rs ended")
    }
}

async fn build(path: &Path, isq: Option<&str>) -> anyhow::Result<Model> {
    if path.is_dir() {
        let mut builder = TextModelBuilder::new(path.display())
            .with_token_source(TokenSource::None)
            .with_prefix_cache_n(None)
            .with_max_num_seqs(1);
        if let Some(isq) = isq {
            let isq = mistralrs::parse_isq_value(isq, None).map_err(anyhow::Error::msg)?;
            builder = builder.with_isq(isq);
        }
        return builder.build().await;
    }
    if isq.is_some() {
        bail!("the weights of a GGUF file are quantised already; leave `isq` out");
    }
    let (Some(folder), Some(file)) = (path.parent(), path.file_name()) else {
        bail!("{} is no file", path.display());
    };
    GgufModelBuilder::new(folder.display(), vec![file.to_string_lossy()])
        .with_token_source(TokenSource::None)
        // On a processor it is never emptied, and was measured to save nothing.
        .with_prefix_cache_n(None)
        .with_max_num_seqs(1)
        .build()
        .await
}

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chunk {
    pub(crate) text: String,
    /// Why nothing follows, in mistral.rs's words.
    pub(crate) end: Option<String>,
}

/// An answer under way. Dropping it ends the answer with the next token.
pub(crate) struct Chunks {
    chunks: Receiver<Response>,
}

impl Chunks {
    /// Waits a little for the next piece; none yet is no error.
    ///
    /// # Errors
    ///
    /// What mistral.rs says of a request that it refuses or breaks off.
    pub(crate) fn next(&mut self, patience: Duration) -> anyhow::Result<Option<Chunk>> {
        let response = match self.chunks.try_recv() {
            Ok(response) => response,
            Err(TryRecvError::Empty) => {
                std::thread::sleep(patience);
                return Ok(None);
            }
            Err(TryRecvError::Disconnected) => bail!("mistral.rs broke off"),
        };
        match response {
            Response::CompletionChunk(chunk) => {
                let choice = chunk.choices.into_iter().next().context("an empty piece")?;
                Ok(Some(Chunk {
                    text: choice.text,
                    end: choice.finish_reason,
                }))
            }
            Response::ValidationError(error) | Response::InternalError(error) => bail!("{error}"),
            Response::CompletionModelError(error, _) => bail!("{error}"),
            _ => bail!("an answer of another kind"),
        }
    }
}
