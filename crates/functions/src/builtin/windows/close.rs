//! `windows.close`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use policy::ResolvedCall;
use protocol::text::message;

use super::{availability, target};
use crate::{Action, Availability, ErrorKind, FunctionError, World};

/// Asks one window to close as its own close button does.
pub(super) struct Close;

#[async_trait]
impl Action for Close {
    async fn availability(&self, world: &World) -> Availability {
        availability(world).await
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let (_, window) = target::find(call, world).await?;
        Ok(target::intent(&window, world))
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let (screen, window) = target::again(entry, world).await?;
        let name = target::shown(&window, world);
        if !screen.close(window.id).await {
            return Err(target::error(
                ErrorKind::Failed,
                "window-not-closed",
                &name,
                world,
            ));
        }
        let is_gone = |all: &[super::screen::Window]| all.iter().all(|one| one.id != window.id);
        // One that asks the person first stays.
        let id = if target::until(is_gone).await {
            "window-closed"
        } else {
            "window-still-open"
        };
        Ok(Outcome {
            note: message(world.language, id, &[("name", &name)]),
            ..Outcome::default()
        })
    }
}
