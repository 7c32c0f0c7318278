//! `alarms.list`

use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;

use crate::{Action, Availability, FunctionError, World, builtin::timers};

/// Lists the alarms that come again, the next one first.
pub(super) struct List;

#[async_trait]
impl Action for List {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn read(&self, _: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        timers::repeating(world)
    }
}
