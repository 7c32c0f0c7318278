//! `clipboard.read`

use arboard::LinuxClipboardKind;
use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;

use super::board;
use crate::{Action, Availability, FunctionError, World};

/// Reads the text that was copied last.
pub(super) struct Read;

#[async_trait]
impl Action for Read {
    async fn availability(&self, world: &World) -> Availability {
        board::availability(world)
    }

    async fn read(&self, _: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        Ok(board::text(LinuxClipboardKind::Clipboard, world)
            .await?
            .into())
    }
}
