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

/// Cancels a timer or a reminder: by its number, by words of its label, the one that was set last, or the only one.
pub(super) struct Cancel;

#[async_trait]
impl Action for Cancel {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let timer = find(call, world)?;
        let restore = FunctionName::new("timers.restore").expect("a well-formed name");
        Ok(Intent {
            undo: Some(Undo {
                function: restore,
                arguments: vec![("timer".to_owned(), Value::Number(timer.id as f64))],
                expect: Vec::new(),
            }),
            facts: Value::record([("id", Value::Number(timer.id as f64))]),
            ..Intent::default()
        })
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let id = entry.intent().facts.field("id").and_then(Value::as_number);
        let id = id.unwrap_or_default() as u64;
        let timer = store::cancel(id, world)?.ok_or_else(|| gone(id, world))?;
        let label = words::label(&timer, world.language);
        Ok(Outcome {
            value: Value::Null,
            undo: entry.intent().undo.clone(),
            note: message(world.language, "timer-cancelled", &[("label", &label)]),
        })
    }

    /// A timer that is in neither list may have been cancelled and run out since, or have fired.
    async fn settle(&self, _: &ResolvedCall, intent: &Intent, world: &World) -> Settlement {
        let id = intent.facts.field("id").and_then(Value::as_number);
        let (Ok(timers), Some(id)) = (store::load(world), id.map(|id| id as u64)) else {
            return Settlement::Unknown;
        };
        if timers.get(id).is_some() {
            Settlement::NotDone
        } else if timers.cancelled(Some(id)).is_some() {
            Settlement::Done(Outcome {
                undo: intent.undo.clone(),
                ..Outcome::default()
            })
        } else {
            Settlement::Unknown
        }
    }
}

fn find(call: &ResolvedCall, world: &World) -> Result<Timer, FunctionError> {
    let timers = store::load(world)?;
    if let Some(id) = call.number("timer") {
        let timer = timers.get(id as u64);
        return timer.cloned().ok_or_else(|| gone(id as u64, world));
    }
    if let Some(label) = call.text("label") {
        return labelled(&timers.timers, label, world);
    }
    let wants_last = call.argument("last").and_then(Value::as_bool) == Some(true);
    // Numbers are given in the order in which timers are set.
    if let Some(timer) = timers
        .timers
        .iter()
        .max_by_key(|timer| timer.id)
        .filter(|_| wants_last)
    {
        return Ok(timer.clone());
    }
    match timers.timers.as_slice() {
        [timer] => Ok(timer.clone()),
        [] => Err(FunctionError::new(
            ErrorKind::NotFound,
            world.language,
            "timer-none",
            &[],
        )),
        several => Err(which(several.len(), world)),
    }
}

/// The only timer with these words in its label, however they are written.
fn labelled(timers: &[Timer], label: &str, world: &World) -> Result<Timer, FunctionError> {
    let wanted = label.trim().to_lowercase();
    let fitting: Vec<&Timer> = timers
        .iter()
        .filter(|timer| timer.label.to_lowercase().contains(&wanted))
        .collect();
    match fitting[..] {
        [timer] => Ok(timer.clone()),
        // “The five minute timer” has no label.
        [] if timers.len() == 1 && timers[0].label.is_empty() => Ok(timers[0].clone()),
        [] => Err(FunctionError::new(
            ErrorKind::NotFound,
            world.language,
            "timer-none-called",
            &[("label", label)],
        )),
        _ => Err(which(fitting.len(), world)),
    }
}

fn which(count: usize, world: &World) -> FunctionError {
    let count = count.to_string();
    let values = [("count", count.as_str())];
    FunctionError::new(ErrorKind::Invalid, world.language, "timer-which", &values)
}

pub(super) fn gone(id: u64, world: &World) -> FunctionError {
    let id = id.to_string();
    FunctionError::new(
        ErrorKind::NotFound,
        world.language,
        "timer-gone",
        &[("id", &id)],
    )
}
