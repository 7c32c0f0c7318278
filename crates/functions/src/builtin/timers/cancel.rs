//! `timers.cancel`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome, Undo};
use plan::{FunctionName, Value};
use policy::ResolvedCall;
use protocol::text::message;

use super::{
    store::{self, Timer},
    words,
};
use crate::{Action, Availability, ErrorKind, FunctionError, Settlement, World};

/// Cancels a timer or a reminder; without a number the only one there is.
pub(super) struct Cancel;

#[async_trait]
impl Action for Cancel {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let timer = find(call, world)?;
        let label = shown_label(&timer, world);
        let remind = FunctionName::new("timers.remind").expect("a well-formed name");
        Ok(Intent {
            undo: Some(Undo {
                function: remind,
                arguments: vec![
                    ("time".to_owned(), Value::Text(words::rfc3339(timer.due))),
                    ("text".to_owned(), Value::Text(label)),
                ],
                expect: Vec::new(),
            }),
            facts: Value::record([("id", Value::Number(timer.id as f64))]),
            ..Intent::default()
        })
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let id = entry.intent().facts.field("id").and_then(Value::as_number);
        let id = id.unwrap_or_default() as u64;
        let timer = store::remove(id, world)?.ok_or_else(|| gone(id, world))?;
        let label = shown_label(&timer, world);
        Ok(Outcome {
            value: Value::Null,
            undo: entry.intent().undo.clone(),
            note: message(world.language, "timer-cancelled", &[("label", &label)]),
        })
    }

    /// A timer that is gone may have been cancelled or may have fired.
    async fn settle(&self, _: &ResolvedCall, intent: &Intent, world: &World) -> Settlement {
        let id = intent.facts.field("id").and_then(Value::as_number);
        match (store::load(world), id) {
            (Ok(timers), Some(id)) if timers.get(id as u64).is_some() => Settlement::NotDone,
            _ => Settlement::Unknown,
        }
    }
}

fn find(call: &ResolvedCall, world: &World) -> Result<Timer, FunctionError> {
    let timers = store::load(world)?;
    if let Some(id) = call.number("timer") {
        let timer = timers.get(id as u64);
        return timer.cloned().ok_or_else(|| gone(id as u64, world));
    }
    match timers.timers.as_slice() {
        [timer] => Ok(timer.clone()),
        [] => Err(FunctionError::new(
            ErrorKind::NotFound,
            world.language,
            "timer-none",
            &[],
        )),
        several => {
            let count = several.len().to_string();
            let values = [("count", count.as_str())];
            Err(FunctionError::new(
                ErrorKind::Invalid,
                world.language,
                "timer-which",
                &values,
            ))
        }
    }
}

fn gone(id: u64, world: &World) -> FunctionError {
    let id = id.to_string();
    FunctionError::new(
        ErrorKind::NotFound,
        world.language,
        "timer-gone",
        &[("id", &id)],
    )
}

fn shown_label(timer: &Timer, world: &World) -> String {
    match timer.duration {
        Some(duration) if timer.label.is_empty() => {
            words::spoken_duration(duration, world.language)
        }
        _ => timer.label.clone(),
    }
}
