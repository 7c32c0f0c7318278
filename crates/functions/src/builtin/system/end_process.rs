//! `system.end_process`

use std::time::Duration;

use async_trait::async_trait;
use journal::{Intent, OpenEntry, Outcome};
use plan::Value;
use policy::ResolvedCall;
use protocol::text::message;
use rustix::{
    io::Errno,
    process::{Pid, test_kill_process},
};

use super::protected::is_protected;
use crate::{
    Action, Availability, ErrorKind, FunctionError, Settlement, World,
    builtin::apps::{start_of, terminate},
};

/// How long a process may take to end.
const LIMIT: Duration = Duration::from_secs(3);
/// Linux counts the start of a process in these (USER_HZ) on every architecture that we run on.
const TICKS_PER_SECOND: u64 = 100;
/// How often it is looked at meanwhile.
const STEP: Duration = Duration::from_millis(25);

/// Asks a process to end with the signal TERM; never kills it.
///
/// The start time, found before the act, tells the process from a later one
/// that got its number.
pub(super) struct EndProcess;

struct Target {
    pid: u32,
    start: u64,
    name: String,
}

impl Target {
    fn of_facts(facts: &Value) -> Option<Target> {
        let number = |name| facts.field(name).and_then(Value::as_number);
        Some(Target {
            pid: number("pid")? as u32,
            start: number("start")? as u64,
            name: facts.field("name")?.as_text()?.to_owned(),
        })
    }

    /// Names it with its start: another process may get the number of one that has ended.
    fn described(&self, world: &World) -> String {
        let booted = sysinfo::System::boot_time().unwrap_or_default();
        let started = i64::try_from(booted + self.start / TICKS_PER_SECOND)
            .ok()
            .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
        let since = started.map_or(String::new(), |started| {
            let local = started.to_zoned_datetime(jiff::tz::TimeZone::system());
            local.strftime("%Y-%m-%d %H:%M:%S").to_string()
        });
        let pid = self.pid.to_string();
        let values = [("name", &*self.name), ("pid", &*pid), ("since", &*since)];
        message(world.language, "process-described", &values)
    }

    /// The name for a sentence; a question makes what it touches visible itself.
    fn shown_name(&self) -> String {
        plan::escape_for_display(&self.name)
    }

    fn is_alive(&self) -> bool {
        start_of(self.pid) == Some(self.start)
    }

    fn error(&self, kind: ErrorKind, id: &str, reason: &str, world: &World) -> FunctionError {
        let (pid, name) = (self.pid.to_string(), self.shown_name());
        let values = [("pid", &*pid), ("name", &*name), ("reason", reason)];
        FunctionError::new(kind, world.language, id, &values)
    }
}

fn find(call: &ResolvedCall, world: &World) -> Result<Target, FunctionError> {
    let pid = call.number("pid").unwrap_or_default();
    let shown = pid.to_string();
    let gone = || {
        let id = "process-gone";
        FunctionError::new(ErrorKind::NotFound, world.language, id, &[("pid", &shown)])
    };
    let pid = u32::try_from(pid as i64).map_err(|_| gone())?;
    let start = start_of(pid).ok_or_else(gone)?;
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).map_err(|_| gone())?;
    let name = name.trim_end();
    let target = Target {
        pid,
        start,
        name: name.to_owned(),
    };
    if is_protected(pid, name) {
        return Err(target.error(ErrorKind::Invalid, "process-protected", "", world));
    }
    Ok(target)
}

/// Whether a process carries the session, or is not this person's to end.
fn is_refused(pid: u32) -> bool {
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let number = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let may_end = number.map(test_kill_process);
    is_protected(pid, name.trim_end()) || may_end == Some(Err(Errno::PERM))
}

#[async_trait]
impl Action for EndProcess {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    fn refuses(&self, subjects: &[&Value], _: &World) -> Vec<bool> {
        let pid = |subject: &&Value| subject.as_number().map(|pid| pid as u32);
        let pids = subjects.iter().map(pid);
        pids.map(|pid| pid.is_some_and(is_refused)).collect()
    }

    async fn intend(&self, call: &ResolvedCall, world: &World) -> Result<Intent, FunctionError> {
        let target = find(call, world)?;
        Ok(Intent {
            touches: target.described(world),
            facts: Value::record([
                ("pid", f64::from(target.pid).into()),
                ("start", (target.start as f64).into()),
                ("name", target.name.into()),
            ]),
            ..Intent::default()
        })
    }

    async fn run(&self, entry: &OpenEntry, world: &World) -> Result<Outcome, FunctionError> {
        let target = match Target::of_facts(&entry.intent().facts) {
            Some(target) => target,
            None => find(entry.call(), world)?,
        };
        if let Err(error) = terminate(target.pid, target.start) {
            let code = error.raw_os_error().map(Errno::from_raw_os_error);
            return Err(match code {
                Some(Errno::PERM) => {
                    target.error(ErrorKind::Failed, "process-not-yours", "", world)
                }
                Some(Errno::SRCH) => target.error(ErrorKind::NotFound, "process-gone", "", world),
                None => target.error(ErrorKind::NotFound, "process-gone", "", world),
                _ => target.error(
                    ErrorKind::Failed,
                    "process-failed",
                    &error.to_string(),
                    world,
                ),
            });
        }
        let deadline = tokio::time::Instant::now() + LIMIT;
        while target.is_alive() && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(STEP).await;
        }
        let id = if target.is_alive() {
            "process-asked"
        } else {
            "process-ended"
        };
        let (pid, name) = (target.pid.to_string(), target.shown_name());
        let values = [("pid", &*pid), ("name", &*name)];
        Ok(Outcome {
            note: message(world.language, id, &values),
            ..Outcome::default()
        })
    }

    async fn settle(&self, _: &ResolvedCall, intent: &Intent, _: &World) -> Settlement {
        match Target::of_facts(&intent.facts) {
            Some(target) if !target.is_alive() => Settlement::Done(Outcome::default()),
            // The signal may have been sent and be worked on.
            _ => Settlement::Unknown,
        }
    }
}
