//! `files.open`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use policy::ResolvedCall;
use protocol::text::message;

use super::{open_with_desktop, place, target};
use crate::{Action, Availability, ErrorKind, FunctionError, World};

/// Opens a file or folder with the application for it.
pub(super) struct Open;

#[async_trait]
impl Action for Open {
    async fn availability(&self, world: &World) -> Availability {
        open_with_desktop::availability(world)
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let path = target::path_of(call, "path", world)?;
        let name = call.text("path").unwrap_or_default();
        match target::present(&path, world) {
            // “open flurble” may have meant an app, too.
            Err(error) if error.kind == ErrorKind::NotFound && !name.contains('/') => {
                let values = [("name", name)];
                let id = "file-nothing-called";
                Err(FunctionError::new(
                    ErrorKind::NotFound,
                    world.language,
                    id,
                    &values,
                ))
            }
            found => found.map(|_| Intent::default()),
        }
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let path = target::path_of(entry.call(), "path", world)?;
        let path = target::present(&path, world)?;
        open_with_desktop::open(&path, world).await?;
        let values = [("name", &*place::name_of(&path))];
        Ok(Outcome {
            note: message(world.language, "file-opened", &values),
            ..Outcome::default()
        })
    }
}
