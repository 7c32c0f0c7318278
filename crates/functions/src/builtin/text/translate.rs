//! `text.translate`

use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;
use protocol::text::Language;

use super::{document, passage};
use crate::{Action, Availability, FunctionError, World};

/// Has a model translate a text.
pub(super) struct Translate;

#[async_trait]
impl Action for Translate {
    async fn availability(&self, world: &World) -> Availability {
        document::availability(world)
    }

    async fn read(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let language = call.text("language").unwrap_or_default();
        let instruction = match world.language {
            Language::English => {
                format!(
                    "Translate the text into {language}. Give the translation and nothing else."
                )
            }
            Language::Chinese => format!("把这段文字翻译成{language}。只给出译文。"),
        };
        passage::read(&instruction, call, world).await
    }
}
