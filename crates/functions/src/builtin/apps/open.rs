//! `apps.open`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use policy::ResolvedCall;
use protocol::text::message;

use super::{
    launch::launch,
    resolve::{Resolved, resolve},
};
use crate::{Action, Availability, FunctionError, World};

/// Opens an application.
pub(super) struct Open;

/// Says which of several that fit as well was taken; empty when there was no choice.
pub(super) fn choice_note(resolved: &Resolved, world: &World) -> String {
    if resolved.as_good.is_empty() {
        return String::new();
    }
    let first = resolved.app.shown_name(world.language).to_owned();
    let names: Vec<String> = std::iter::once(first)
        .chain(resolved.as_good.iter().cloned())
        .collect();
    message(
        world.language,
        "app-chosen",
        &[("names", &names.join(", "))],
    )
}

#[async_trait]
impl Action for Open {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        resolve(call.text("app").unwrap_or_default(), world).await?;
        Ok(Intent::default())
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let resolved = resolve(entry.call().text("app").unwrap_or_default(), world).await?;
        launch(&resolved.app, &[], world).await?;
        let values = [("name", resolved.app.shown_name(world.language))];
        let note = message(world.language, "app-opened", &values);
        Ok(Outcome {
            note: format!("{note} {}", choice_note(&resolved, world))
                .trim()
                .to_owned(),
            ..Outcome::default()
        })
    }
}
