//! `web.open`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use policy::ResolvedCall;
use protocol::text::message;

use super::address;
use crate::{
    Action, Availability, ErrorKind, FunctionError, World,
    builtin::files::{open_address, openers},
};

/// Opens a page in the browser.
pub(super) struct Open;

fn page(call: &ResolvedCall, world: &World) -> Result<String, FunctionError> {
    let said = call.text("address").unwrap_or_default();
    address::of_page(said).ok_or_else(|| {
        let said = plan::escape_for_display(said);
        let values = [("address", said.as_str())];
        FunctionError::new(ErrorKind::Invalid, world.language, "web-no-page", &values)
    })
}

#[async_trait]
impl Action for Open {
    async fn availability(&self, world: &World) -> Availability {
        openers(world)
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        Ok(Intent {
            touches: page(call, world)?,
            ..Intent::default()
        })
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let page = page(entry.call(), world)?;
        open_address(&page, &page, world).await?;
        Ok(Outcome {
            note: message(world.language, "web-opened", &[("address", &page)]),
            ..Outcome::default()
        })
    }
}
