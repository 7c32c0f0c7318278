//! `windows.focus`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use policy::ResolvedCall;
use protocol::text::message;

use super::{availability, target};
use crate::{Action, Availability, ErrorKind, FunctionError, World};

/// An app that is still starting takes the keyboard back.
const ATTEMPTS: usize = 2;

/// Brings a window to the front.
pub(super) struct Focus;

#[async_trait]
impl Action for Focus {
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
        let is_there = |all: &[super::screen::Window]| {
            all.iter().any(|one| one.id == window.id && one.is_focused)
        };
        for _ in 0..ATTEMPTS {
            if screen.focus(window.id).await && target::until(is_there).await {
                return Ok(Outcome {
                    note: message(world.language, "window-focused", &[("name", &name)]),
                    ..Outcome::default()
                });
            }
        }
        let kind = ErrorKind::Failed;
        Err(target::error(kind, "window-not-focused", &name, world))
    }
}
