//! `timers.start`

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome, Undo};
use plan::{FunctionName, Value};
use policy::ResolvedCall;
use protocol::text::message;

use super::{
    Repeat, availability,
    store::{self, Timer},
    words,
};
use crate::{Action, Availability, ErrorKind, FunctionError, Settlement, World};

/// The longest timer, in seconds.
const LONGEST: f64 = 400.0 * 86_400.0;

/// Starts a timer.
pub(super) struct Start;

#[async_trait]
impl Action for Start {
    async fn availability(&self, world: &World) -> Availability {
        availability(world).await
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let duration = call.number("duration").unwrap_or_default();
        if !(0.1..=LONGEST).contains(&duration) {
            let kind = ErrorKind::Invalid;
            return Err(FunctionError::new(
                kind,
                world.language,
                "timer-too-long",
                &[],
            ));
        }
        intent(words::now() + duration, world)
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let call = entry.call();
        let duration = call.number("duration").unwrap_or_default();
        let label = call.text("label").unwrap_or_default();
        add(entry, Some(duration), label, world)?;
        let shown = words::spoken_duration(duration, world.language);
        let id = match label.trim() {
            "" => "timer-started",
            _ => "timer-started-for",
        };
        let label = plan::escape_for_display(label.trim());
        let values = [("duration", shown.as_str()), ("label", label.as_str())];
        Ok(outcome(entry, message(world.language, id, &values)))
    }

    async fn settle(&self, _: &ResolvedCall, intent: &Intent, world: &World) -> Settlement {
        settle(intent, world)
    }
}

/// What making a timer for `due` is about to change: its number and its time are fixed here,
/// so that a crash can be settled and a timer is not started anew.
pub(crate) fn intent(due: f64, world: &World) -> Result<Intent, FunctionError> {
    Ok(intent_for(store::reserve(world)?, due))
}

/// As [`intent`], for a timer that has its number.
pub(super) fn intent_for(id: u64, due: f64) -> Intent {
    let id = id as f64;
    let cancel = FunctionName::new("timers.cancel").expect("a well-formed name");
    Intent {
        undo: Some(Undo {
            function: cancel,
            arguments: vec![("timer".to_owned(), Value::Number(id))],
            expect: Vec::new(),
        }),
        facts: Value::record([("id", Value::Number(id)), ("due", Value::Number(due))]),
        ..Intent::default()
    }
}

/// Carries out an [`intent`] of a timer or a reminder.
pub(super) fn add(
    entry: &OpenEntry,
    duration: Option<f64>,
    label: &str,
    world: &World,
) -> Result<(), FunctionError> {
    put(entry, duration, label, None, world).map(|_| ())
}

/// Carries out an [`intent`] of an alarm that comes again, and returns when it rings first.
pub(crate) fn add_repeating(
    entry: &OpenEntry,
    label: &str,
    repeat: Repeat,
    world: &World,
) -> Result<f64, FunctionError> {
    put(entry, None, label, Some(repeat), world)
}

fn put(
    entry: &OpenEntry,
    duration: Option<f64>,
    label: &str,
    repeat: Option<Repeat>,
    world: &World,
) -> Result<f64, FunctionError> {
    let fact = |name: &str| entry.intent().facts.field(name).and_then(Value::as_number);
    let (Some(id), Some(due)) = (fact("id"), fact("due")) else {
        let kind = ErrorKind::Failed;
        return Err(FunctionError::new(
            kind,
            world.language,
            "manifest-incomplete",
            &[],
        ));
    };
    let timer = Timer {
        id: id as u64,
        due,
        duration,
        label: label.trim().to_owned(),
        repeat,
        language: world.language.code().to_owned(),
    };
    store::add(timer, world)?;
    Ok(due)
}

/// What came of making a timer: its number, and the undo of the intent.
pub(crate) fn outcome(entry: &OpenEntry, note: String) -> Outcome {
    let intent = entry.intent();
    Outcome {
        value: Value::Null,
        undo: intent.undo.clone(),
        note,
    }
}

/// Tells from the file whether the timer of `intent` was made.
///
/// One that was made and has fired since cannot be told from one that was never made.
pub(crate) fn settle(intent: &Intent, world: &World) -> Settlement {
    let fact = |name: &str| intent.facts.field(name).and_then(Value::as_number);
    let (Some(id), Some(due)) = (fact("id"), fact("due")) else {
        return Settlement::NotDone;
    };
    match store::load(world) {
        Ok(timers) if timers.get(id as u64).is_some() => Settlement::Done(Outcome {
            undo: intent.undo.clone(),
            ..Outcome::default()
        }),
        Ok(_) if due > words::now() => Settlement::NotDone,
        Ok(_) | Err(_) => Settlement::Unknown,
    }
}
