//! `timers.list`

use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;

use super::{store, words};
use crate::{Action, Availability, FunctionError, World};

/// All timers, the next one first.
fn in_order(world: &World) -> Result<Vec<store::Timer>, FunctionError> {
    let mut timers = store::load(world)?.timers;
    timers.sort_by(|a, b| a.due.total_cmp(&b.due));
    Ok(timers)
}

/// Lists the alarms that come again, the next one first.
pub(crate) fn repeating(world: &World) -> Result<Value, FunctionError> {
    let timers = in_order(world)?;
    let row = |timer: &store::Timer| {
        Some(Value::record([
            ("label", Value::Text(words::label(timer, world.language))),
            ("due", Value::Text(words::rfc3339(timer.due))),
            ("days", timer.repeat?.name().into()),
            ("timer", Value::Number(timer.id as f64)),
        ]))
    };
    Ok(Value::List(timers.iter().filter_map(row).collect()))
}

/// Lists timers and reminders, the next one first.
pub(super) struct List;

#[async_trait]
impl Action for List {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn read(&self, _: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let timers = in_order(world)?;
        let now = words::now();
        let row = |timer: store::Timer| {
            let label = words::label(&timer, world.language);
            Value::record([
                ("label", Value::Text(label)),
                ("due", Value::Text(words::rfc3339(timer.due))),
                ("left", Value::Number((timer.due - now).max(0.0).round())),
                ("timer", Value::Number(timer.id as f64)),
            ])
        };
        Ok(Value::List(timers.into_iter().map(row).collect()))
    }
}
