//! `windows.move`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome, Undo};
use plan::{FunctionName, Value};
use policy::ResolvedCall;
use protocol::text::message;

use super::{
    availability,
    screen::{Window, Workspace},
    target,
};
use crate::{Action, Availability, ErrorKind, FunctionError, World};

/// Moves a window to a workspace.
pub(super) struct Move;

#[async_trait]
impl Action for Move {
    async fn availability(&self, world: &World) -> Availability {
        availability(world).await
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        target::workspace(call, world)?;
        let (_, window) = target::find(call, world).await?;
        let back = |old: Workspace| Undo {
            function: FunctionName::new("windows.move").expect("a well-formed name"),
            arguments: vec![
                ("workspace".to_owned(), Value::from(old.name())),
                ("window".to_owned(), window.id.to_string().into()),
            ],
            expect: Vec::new(),
        };
        Ok(Intent {
            undo: Workspace::new(&window.workspace).map(back),
            ..target::intent(&window, world)
        })
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let (screen, window) = target::again(entry, world).await?;
        let workspace = target::workspace(entry.call(), world)?;
        let name = target::shown(&window, world);
        let is_there = |all: &[Window]| {
            let moved = all.iter().find(|one| one.id == window.id);
            moved.is_some_and(|one| workspace.is(&one.workspace))
        };
        if !screen.move_to(window.id, &workspace).await || !target::until(is_there).await {
            return Err(target::error(
                ErrorKind::Failed,
                "window-not-moved",
                &name,
                world,
            ));
        }
        let values = [("name", &*name), ("workspace", workspace.name())];
        Ok(Outcome {
            undo: entry.intent().undo.clone(),
            note: message(world.language, "window-moved", &values),
            ..Outcome::default()
        })
    }
}
