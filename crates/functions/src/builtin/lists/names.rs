//! `lists.names`

use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;

use super::file;
use crate::{Action, Availability, FunctionError, World};

/// Lists the lists, with how many things are on each.
pub(super) struct Names;

#[async_trait]
impl Action for Names {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn read(&self, _: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let row = |name: String| {
            let count = file::items(&name, world)?.len();
            Ok(Value::record([
                ("list", name.into()),
                ("items", (count as f64).into()),
            ]))
        };
        let rows: Result<Vec<Value>, FunctionError> =
            file::names(world)?.into_iter().map(row).collect();
        Ok(Value::List(rows?))
    }
}
