//! `apps.close`

use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use plan::Value;
use policy::ResolvedCall;
use protocol::text::message;
use rustix::process::{Pid, PidfdFlags, Signal};
use zbus::Variant;

use super::{
    catalogue::InstalledApp,
    processes::{self, start_of},
    resolve::resolve,
};
use crate::{Action, Availability, ErrorKind, FunctionError, Settlement, World, builtin::windows};

/// How long an application may take to close.
const LIMIT: Duration = Duration::from_secs(5);
/// When its windows are asked a second time.
const AGAIN: Duration = Duration::from_millis(1500);
/// How often it is looked at meanwhile.
const STEP: Duration = Duration::from_millis(50);

/// Asks an application to close as its own close button does: its windows first, then its
/// action `quit`, then the signal TERM. Nothing is ever killed.
pub(super) struct Close;

/// A process with its start time.
type Marked = (u32, u64);

async fn processes_of(app: &InstalledApp) -> Vec<Marked> {
    let app = app.clone();
    let own = std::process::id();
    let found = tokio::task::spawn_blocking(move || {
        let all = processes::own();
        let fitting = all
            .iter()
            .filter(|process| process.pid != own && process.is_of(&app));
        fitting
            .map(|process| (process.pid, process.start))
            .collect()
    });
    found.await.unwrap_or_default()
}

fn marked(facts: &Value) -> Vec<Marked> {
    let list = facts
        .field("processes")
        .and_then(Value::as_list)
        .unwrap_or_default();
    let pair = |value: &Value| {
        let (pid, start) = (
            value.field("pid")?.as_number()?,
            value.field("start")?.as_number()?,
        );
        Some((pid as u32, start as u64))
    };
    list.iter().filter_map(pair).collect()
}

fn alive(processes: &[Marked]) -> Vec<u32> {
    let lives = |(pid, start): &&Marked| start_of(*pid) == Some(*start);
    processes
        .iter()
        .filter(lives)
        .map(|(pid, _)| *pid)
        .collect()
}

/// Activates `quit` of org.gtk.Actions where the running application has it.
async fn quit(app: &InstalledApp, world: &World) -> bool {
    let Some(bus) = &world.session_bus else {
        return false;
    };
    let name = app.bare_id();
    let has_owner = async {
        let names = zbus::fdo::DBusProxy::new(bus).await?;
        names
            .name_has_owner(name.try_into()?)
            .await
            .map_err(zbus::Error::from)
    };
    if !has_owner.await.unwrap_or(false) {
        return false;
    }
    let path = format!("/{}", name.replace('.', "/").replace('-', "_"));
    let body = (
        "quit",
        Vec::<Variant<'_>>::new(),
        HashMap::<&str, Variant<'_>>::new(),
    );
    let call = bus.call_method(
        Some(name),
        path.as_str(),
        Some("org.gtk.Actions"),
        "Activate",
        &body,
    );
    matches!(tokio::time::timeout(LIMIT, call).await, Ok(Ok(_)))
}

/// Sends TERM through a descriptor of the process, so that a later one of the same number is not hit.
pub(crate) fn terminate(pid: u32, start: u64) -> std::io::Result<()> {
    let number = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let number = number.ok_or(std::io::ErrorKind::InvalidInput)?;
    let descriptor = rustix::process::pidfd_open(number, PidfdFlags::empty())?;
    if start_of(pid) != Some(start) {
        return Err(std::io::ErrorKind::NotFound.into());
    }
    rustix::process::pidfd_send_signal(&descriptor, Signal::TERM)?;
    Ok(())
}

/// Waits until the processes have ended, or all their windows are gone.
async fn closed(processes: &[Marked], had_windows: bool) -> bool {
    let begun = tokio::time::Instant::now();
    let mut asked_again = false;
    loop {
        let pids = alive(processes);
        // Some stay in the background for a while without a window.
        if pids.is_empty() || (had_windows && windows::count(&pids).await == 0) {
            return true;
        }
        if begun.elapsed() >= LIMIT {
            return false;
        }
        // An application that is still loading may not have heard it.
        if had_windows && !asked_again && begun.elapsed() >= AGAIN {
            asked_again = true;
            windows::ask_to_close(&pids).await;
        }
        tokio::time::sleep(STEP).await;
    }
}

#[async_trait]
impl Action for Close {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let app = resolve(call.text("app").unwrap_or_default(), world)
            .await?
            .app;
        let processes = processes_of(&app).await;
        if processes.is_empty() {
            let values = [("name", app.shown_name(world.language))];
            let id = "app-not-running";
            return Err(FunctionError::new(
                ErrorKind::NotFound,
                world.language,
                id,
                &values,
            ));
        }
        let record = |(pid, start): &Marked| {
            Value::record([
                ("pid", f64::from(*pid).into()),
                ("start", (*start as f64).into()),
            ])
        };
        Ok(Intent {
            // Two apps may show the same name.
            touches: format!("{} ({})", app.shown_name(world.language), app.id),
            facts: Value::record([
                ("app", app.id.as_str().into()),
                (
                    "processes",
                    Value::List(processes.iter().map(record).collect()),
                ),
            ]),
            ..Intent::default()
        })
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let facts = &entry.intent().facts;
        let id = facts
            .field("app")
            .and_then(Value::as_text)
            .unwrap_or_default();
        let app = resolve(id, world).await?.app;
        let processes = marked(facts);
        let name = app.shown_name(world.language);
        let had_windows = windows::ask_to_close(&alive(&processes)).await > 0;
        if !had_windows && !quit(&app, world).await {
            let running = alive(&processes);
            for (pid, start) in processes.iter().filter(|(pid, _)| running.contains(pid)) {
                if let Err(error) = terminate(*pid, *start)
                    && start_of(*pid) == Some(*start)
                {
                    let reason = error.to_string();
                    let values = [("name", name), ("reason", &*reason)];
                    let id = "app-not-closed";
                    return Err(FunctionError::new(
                        ErrorKind::Failed,
                        world.language,
                        id,
                        &values,
                    ));
                }
            }
        }
        let id = if closed(&processes, had_windows).await {
            "app-closed"
        } else {
            "app-still-open"
        };
        Ok(Outcome {
            note: message(world.language, id, &[("name", name)]),
            ..Outcome::default()
        })
    }

    async fn settle(&self, _: &ResolvedCall, intent: &Intent, _: &World) -> Settlement {
        let processes = marked(&intent.facts);
        if !processes.is_empty() && alive(&processes).is_empty() {
            Settlement::Done(Outcome::default())
        } else {
            // It may have been asked and be asking the person in turn.
            Settlement::Unknown
        }
    }
}
