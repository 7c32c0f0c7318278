//! `clipboard.copy`

use async_trait::async_trait;
use journal::{OpenEntry, Outcome};
use protocol::text::message;

use super::board;
use crate::{Action, Availability, FunctionError, World};

/// Puts a text onto the clipboard. What was there before may be a password: nothing of it is kept, so it does not come back.
pub(super) struct Copy;

#[async_trait]
impl Action for Copy {
    async fn availability(&self, world: &World) -> Availability {
        board::availability(world)
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let text = entry.call().text("text").unwrap_or_default();
        board::put(text.to_owned(), world).await?;
        Ok(Outcome {
            note: message(world.language, "clipboard-copied", &[]),
            ..Outcome::default()
        })
    }
}
