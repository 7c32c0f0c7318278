//! Fires timers when they are due.

use std::{collections::HashSet, time::Duration};

use protocol::text::{Language, message};
use zbus::{Array, Dict, Signature, Variant};

use super::{
    NOTIFICATIONS,
    store::{self, CHANGED, Timer},
    words,
};
use crate::{
    FunctionError, World,
    dbus::{self, Target},
    manifest::Bus,
};

/// The clock may jump and the machine may sleep, so nobody sleeps longer than this.
const LONGEST_SLEEP: Duration = Duration::from_secs(20);
/// How long after its time a timer counts as late, in seconds.
const LATE: f64 = 60.0;
/// How long until a notification that could not be shown is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// Shows a notification for every timer that is due, for ever.
///
/// A timer that became due while nothing ran is shown at once, and says so. It is
/// removed after it was shown: a crash in between shows it twice rather than never.
pub async fn scheduler(world: World) {
    let mut complained = HashSet::new();
    loop {
        let changed = CHANGED.notified();
        tokio::pin!(changed);
        // Registered before the file is read, so that no change in between is missed.
        changed.as_mut().enable();
        let sleep = fire_due(&world, &mut complained).await;
        tokio::select! {
            () = tokio::time::sleep(sleep) => {}
            () = changed => {}
        }
    }
}

/// Fires what is due and returns how long to sleep. What cannot be shown is kept and tried
/// again, but complained of once only: the doctor says what is missing.
async fn fire_due(world: &World, complained: &mut HashSet<u64>) -> Duration {
    let timers = match store::load(world) {
        Ok(timers) => timers.timers,
        Err(error) => {
            tracing::warn!(%error, "timers cannot be read");
            return RETRY;
        }
    };
    let mut sleep = LONGEST_SLEEP;
    for timer in timers {
        let left = timer.due - words::now();
        if left > 0.0 {
            sleep = sleep.min(Duration::from_secs_f64(
                left.min(LONGEST_SLEEP.as_secs_f64()),
            ));
            continue;
        }
        let fired = match show(&timer, world).await {
            Ok(()) => shown(&timer, world),
            Err(error) => Err(error),
        };
        if let Err(error) = fired {
            if complained.insert(timer.id) {
                tracing::warn!(%error, timer = timer.id, "a timer could not be shown");
            }
            sleep = sleep.min(RETRY);
        }
    }
    sleep
}

/// Takes a timer that was shown away, unless it comes again.
fn shown(timer: &Timer, world: &World) -> Result<(), FunctionError> {
    let left = match timer.repeat {
        Some(repeat) => store::put_off(timer.id, repeat.after(timer.due, words::now()), world),
        None => store::remove(timer.id, world),
    };
    left.map(|_| ())
}

async fn show(timer: &Timer, world: &World) -> Result<(), FunctionError> {
    let (title, body) = sentences(timer, words::now());
    let connection = dbus::connection(Bus::Session, world)?;
    let target = Target {
        activatable: true,
        ..Target::of(connection, NOTIFICATIONS, "/org/freedesktop/Notifications")
    };
    let text = |text: &str| Variant::from(text.to_owned());
    let arguments = vec![
        text("Lucid"),
        Variant::U32(0),
        text("alarm-symbolic"),
        text(&title),
        text(&body),
        Variant::Array(Array::new(&Signature::Str)),
        Variant::Dict(urgent()),
        // Never goes away by itself.
        Variant::I32(0),
    ];
    target
        .call(NOTIFICATIONS, "Notify", arguments, world)
        .await?;
    Ok(())
}

/// The hint that keeps a notification on the screen until it is dismissed.
fn urgent() -> Dict<'static, 'static> {
    let mut hints = Dict::new(&Signature::Str, &Signature::Variant);
    let urgency = Variant::Variant(Box::new(Variant::U8(2)));
    if let Err(error) = hints.append(Variant::from("urgency".to_owned()), urgency) {
        tracing::error!(%error, "a notification's hint does not fit its own type");
    }
    hints
}

/// The title and the text of the notification of `timer`, shown at `now`.
pub(super) fn sentences(timer: &Timer, now: f64) -> (String, String) {
    let language = Language::of(&timer.language);
    let title = match (timer.duration, timer.label.as_str()) {
        (Some(_), "") => message(language, "timer-fired-title", &[]),
        (Some(_), label) => label.to_owned(),
        (None, _) => message(language, "reminder-fired-title", &[]),
    };
    let body = match timer.duration {
        Some(duration) => {
            let duration = words::spoken_duration(duration, language);
            message(language, "timer-fired-body", &[("duration", &duration)])
        }
        None => timer.label.clone(),
    };
    if now - timer.due < LATE {
        return (title, body);
    }
    let time = words::spoken_time(timer.due);
    let values = [("text", body.as_str()), ("time", time.as_str())];
    (title, message(language, "timer-fired-late", &values))
}
