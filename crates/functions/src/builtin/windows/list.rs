//! `windows.list`

use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;

use super::{availability, target};
use crate::{Action, Availability, FunctionError, World, installed_apps};

/// Lists the open windows.
pub(super) struct List;

#[async_trait]
impl Action for List {
    async fn availability(&self, world: &World) -> Availability {
        availability(world).await
    }

    async fn read(&self, _: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let (_, windows) = target::windows(world).await?;
        let installed = installed_apps(&world.places);
        let row = |window: &super::screen::Window| {
            Value::record([
                ("title", window.title.as_str().into()),
                ("app", target::shown_app(&installed, window, world).into()),
                ("workspace", window.workspace.as_str().into()),
                ("focused", window.is_focused.into()),
                ("window", window.id.to_string().into()),
            ])
        };
        Ok(Value::List(windows.iter().map(row).collect()))
    }
}
