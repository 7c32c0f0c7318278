//! `lists.show`

use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;

use super::file;
use crate::{Action, Availability, FunctionError, World};

/// Shows what is on a list.
pub(super) struct Show;

#[async_trait]
impl Action for Show {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn read(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let list = file::named(call, world)?;
        let row =
            |item: String| Value::record([("item", item.into()), ("list", list.as_str().into())]);
        let items = file::items(&list, world)?;
        Ok(Value::List(items.into_iter().map(row).collect()))
    }
}
