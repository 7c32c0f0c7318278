//! `windows.go_to`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use policy::ResolvedCall;
use protocol::text::message;

use super::{availability, target};
use crate::{Action, Availability, ErrorKind, FunctionError, World};

/// Shows a workspace.
pub(super) struct GoTo;

#[async_trait]
impl Action for GoTo {
    async fn availability(&self, world: &World) -> Availability {
        availability(world).await
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        target::workspace(call, world)?;
        Ok(Intent::default())
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let workspace = target::workspace(entry.call(), world)?;
        let (screen, _) = target::windows(world).await?;
        if !screen.go_to(&workspace).await || !target::until_shown(screen, &workspace).await {
            let (kind, name) = (ErrorKind::NotFound, workspace.name());
            return Err(target::error(kind, "workspace-none", name, world));
        }
        let shown = screen.workspace().await.unwrap_or_default();
        let values = [("workspace", shown.as_str())];
        Ok(Outcome {
            note: message(world.language, "workspace-shown", &values),
            ..Outcome::default()
        })
    }
}
