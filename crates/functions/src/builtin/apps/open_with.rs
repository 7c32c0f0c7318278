//! `apps.open_with`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use policy::ResolvedCall;
use protocol::text::message;

use super::{launch::launch, open::choice_note, resolve::resolve};
use crate::{
    Action, Availability, FunctionError, World,
    builtin::files::{from_io, place},
};

/// Opens a file with an application of the person's choice.
pub(super) struct OpenWith;

fn file(call: &ResolvedCall, world: &World) -> Result<std::path::PathBuf, FunctionError> {
    let path = place::resolve(call.text("file").unwrap_or_default(), world)?;
    match path.metadata() {
        Ok(_) => Ok(path),
        Err(error) => Err(from_io(world.language, &path, &error)),
    }
}

#[async_trait]
impl Action for OpenWith {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        file(call, world)?;
        resolve(call.text("app").unwrap_or_default(), world).await?;
        Ok(Intent::default())
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let file = file(entry.call(), world)?;
        let resolved = resolve(entry.call().text("app").unwrap_or_default(), world).await?;
        launch(&resolved.app, std::slice::from_ref(&file), world).await?;
        let name = resolved.app.shown_name(world.language);
        let values = [("name", name), ("file", &*place::name_of(&file))];
        let note = message(world.language, "app-opened-with", &values);
        Ok(Outcome {
            note: format!("{note} {}", choice_note(&resolved, world))
                .trim()
                .to_owned(),
            ..Outcome::default()
        })
    }
}
