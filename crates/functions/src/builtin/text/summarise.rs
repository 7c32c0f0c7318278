//! `text.summarise`

use async_trait::async_trait;
use journal::{OpenEntry, Outcome};
use plan::Value;
use policy::ResolvedCall;
use protocol::text::Language;

use super::document;
use crate::{Action, Availability, ErrorKind, FunctionError, World};

/// Has a model say what is in a file. The result comes from the file's words, so it is untrusted.
pub(super) struct Summarise;

fn instruction(call: &ResolvedCall, language: Language) -> &'static str {
    match (call.text("length"), language) {
        (Some("short"), Language::English) => "Summarise this text in one sentence.",
        (Some("long"), Language::English) => "Summarise this text in about ten sentences.",
        (_, Language::English) => "Summarise this text in three to five sentences.",
        (Some("short"), Language::Chinese) => "用一句话概括这段文字。",
        (Some("long"), Language::Chinese) => "用大约十句话概括这段文字。",
        (_, Language::Chinese) => "用三到五句话概括这段文字。",
    }
}

async fn summary(call: &ResolvedCall, world: &World) -> Result<Outcome, FunctionError> {
    let Some(reader) = &world.reader else {
        return Err(FunctionError::new(
            ErrorKind::Unavailable,
            world.language,
            "reader-no-model",
            &[],
        ));
    };
    let document = document::read(call, world).await?;
    let instruction = instruction(call, world.language);
    let answer = reader
        .read(instruction, &document.text, world.language)
        .await?;
    Ok(Outcome {
        note: document.note(answer.read, world),
        value: answer.text.into(),
        undo: None,
    })
}

#[async_trait]
impl Action for Summarise {
    async fn availability(&self, world: &World) -> Availability {
        document::availability(world)
    }

    async fn read(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        Ok(summary(call, world).await?.value)
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        summary(entry.call(), world).await
    }
}
