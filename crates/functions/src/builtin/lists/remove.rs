//! `lists.remove`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use plan::Value;
use policy::ResolvedCall;

use super::{
    add::{back, facts, outcome},
    file,
};
use crate::{Action, Availability, ErrorKind, FunctionError, World};

/// Takes something off a list.
pub(super) struct Remove;

#[async_trait]
impl Action for Remove {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let list = file::named(call, world)?;
        let item = file::written(&list, call, world)?;
        Ok(Intent {
            undo: Some(back("lists.add", &list, &item)),
            touches: format!("{} ({list})", plan::escape_for_display(&item)),
            facts: Value::record([("list", list.into()), ("item", item.into())]),
            ..Intent::default()
        })
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let (list, item) = facts(entry);
        if !file::remove(&list, &item, world)? {
            let shown = plan::escape_for_display(&item);
            let values = [("item", shown.as_str()), ("list", &list)];
            let kind = ErrorKind::NotFound;
            return Err(FunctionError::new(
                kind,
                world.language,
                "list-no-item",
                &values,
            ));
        }
        Ok(outcome(entry, "list-removed", &list, &item, world))
    }
}
