//! `files.recent`

use async_trait::async_trait;
use journal::{OpenEntry, Outcome};
use plan::Value;
use policy::ResolvedCall;

use super::find::{Order, Query};
use crate::{Action, Availability, FunctionError, World};

/// Finds the files beneath a folder that changed last.
pub(super) struct Recent;

#[async_trait]
impl Action for Recent {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn read(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let query = Query::of(call, Order::Newest, world)?;
        Ok(query.outcome(world).await?.value)
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        Query::of(entry.call(), Order::Newest, world)?
            .outcome(world)
            .await
    }
}
