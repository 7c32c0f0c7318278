//! `text.answer`

use async_trait::async_trait;
use journal::{OpenEntry, Outcome};
use plan::Value;
use policy::ResolvedCall;
use protocol::text::Language;

use super::document;
use crate::{Action, Availability, ErrorKind, FunctionError, World};

/// Has a model answer a question from a file. The result comes from the file's words, so it is untrusted.
pub(super) struct Answer;

async fn answer(call: &ResolvedCall, world: &World) -> Result<Outcome, FunctionError> {
    let Some(reader) = &world.reader else {
        return Err(FunctionError::new(
            ErrorKind::Unavailable,
            world.language,
            "reader-no-model",
            &[],
        ));
    };
    let document = document::read(call, world).await?;
    let question = call.text("question").unwrap_or_default();
    let instruction = match world.language {
        Language::English => format!(
            "Answer from the text alone; if it does not say, say that it does not. Question: {question}"
        ),
        Language::Chinese => {
            format!("只根据这段文字回答；如果文中没有，就说没有提到。问题：{question}")
        }
    };
    let answer = reader
        .read(&instruction, &document.text, world.language)
        .await?;
    Ok(Outcome {
        note: document.note(answer.read, world),
        value: answer.text.into(),
        undo: None,
    })
}

#[async_trait]
impl Action for Answer {
    async fn availability(&self, world: &World) -> Availability {
        document::availability(world)
    }

    async fn read(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        Ok(answer(call, world).await?.value)
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        answer(entry.call(), world).await
    }
}
