//! `text.rewrite`

use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;
use protocol::text::Language;

use super::{document, passage};
use crate::{Action, Availability, FunctionError, World};

/// Has a model say a text otherwise.
pub(super) struct Rewrite;

#[async_trait]
impl Action for Rewrite {
    async fn availability(&self, world: &World) -> Availability {
        document::availability(world)
    }

    async fn read(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let how = call.text("how").unwrap_or_default();
        let instruction = match world.language {
            Language::English => format!(
                "Rewrite the text so that it is {how}. Keep its language and what it says. Give the new text and nothing else."
            ),
            Language::Chinese => {
                format!("改写这段文字，使它{how}。保持原来的语言和意思，只给出改写后的文字。")
            }
        };
        passage::read(&instruction, call, world).await
    }
}
