//! `files.reveal`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use policy::ResolvedCall;
use protocol::text::message;

use super::{open_with_desktop, place, target};
use crate::{Action, Availability, FunctionError, World};

/// Shows a file in its folder.
pub(super) struct Reveal;

#[async_trait]
impl Action for Reveal {
    async fn availability(&self, world: &World) -> Availability {
        open_with_desktop::availability(world)
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let path = target::path_of(call, "path", world)?;
        target::present(&path, world)?;
        Ok(Intent::default())
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let path = target::path_of(entry.call(), "path", world)?;
        let path = target::present(&path, world)?;
        if !open_with_desktop::file_manager("ShowItems", &path, world).await {
            let folder = path.parent().unwrap_or(&path);
            open_with_desktop::open(folder, world).await?;
        }
        let values = [("name", &*place::name_of(&path))];
        Ok(Outcome {
            note: message(world.language, "file-revealed", &values),
            ..Outcome::default()
        })
    }
}
