//! `files.trashed`

use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;

use super::{blocking::off_thread, trash_can};
use crate::{Action, Availability, FunctionError, World};

/// Lists the trash, the latest first.
pub(super) struct Trashed;

#[async_trait]
impl Action for Trashed {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    fn shown_by(&self) -> Option<&'static str> {
        Some("limit")
    }

    async fn read(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let limit = call.number("limit").unwrap_or(100.0) as usize;
        let world = world.clone();
        off_thread(world.language, move |_| {
            let all = trash_can::contents(&world);
            Ok(Value::List(
                all.iter()
                    .take(limit)
                    .map(trash_can::Trashed::row)
                    .collect(),
            ))
        })
        .await
    }
}
