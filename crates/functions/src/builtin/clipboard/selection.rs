//! `clipboard.selection`

use arboard::LinuxClipboardKind;
use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;

use super::board;
use crate::{Action, Availability, FunctionError, World};

/// Reads the text that is selected in some window.
pub(super) struct Selection;

#[async_trait]
impl Action for Selection {
    async fn availability(&self, world: &World) -> Availability {
        board::availability(world)
    }

    async fn read(&self, _: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        Ok(board::text(LinuxClipboardKind::Primary, world)
            .await?
            .into())
    }
}
