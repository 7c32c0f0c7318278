//! `system.processes`

use async_trait::async_trait;
use plan::Value;
use policy::ResolvedCall;
use sysinfo::{
    MINIMUM_CPU_UPDATE_INTERVAL, Process, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind,
};

use super::untold;
use crate::{Action, Availability, FunctionError, World};

/// Lists the processes that use most memory or processor time.
pub(super) struct Processes;

fn row(process: &Process, processors: f32) -> Value {
    let cpu = f64::from(process.cpu_usage() / processors.max(1.0)).clamp(0.0, 100.0);
    Value::record([
        ("name", name(process).into()),
        ("pid", f64::from(process.pid().as_u32()).into()),
        ("memory", (process.memory() as f64).into()),
        ("cpu", ((cpu * 10.0).round() / 10.0).into()),
    ])
}

/// The program's name: the kernel cuts its own off after 15 characters (proc_pid_comm(5)).
fn name(process: &Process) -> String {
    let short = process.name().to_string_lossy().into_owned();
    let program = process.exe().and_then(|path| path.file_name());
    match program.map(|name| name.to_string_lossy().into_owned()) {
        Some(program) if short.len() >= 15 && program.starts_with(&short) => program,
        _ => short,
    }
}

#[async_trait]
impl Action for Processes {
    async fn availability(&self, _: &World) -> Availability {
        Availability::Available
    }

    fn shown_by(&self) -> Option<&'static str> {
        Some("limit")
    }

    async fn read(&self, call: &ResolvedCall, world: &World) -> Result<Value, FunctionError> {
        let by_cpu = call.text("by") == Some("cpu");
        let limit = call.number("limit").unwrap_or(20.0).max(1.0) as usize;
        let kind = ProcessRefreshKind::nothing()
            .with_memory()
            .with_cpu()
            .with_exe(UpdateKind::OnlyIfNotSet);
        let refresh = move |system: &mut System| {
            system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind.without_tasks());
        };
        let mut system = System::new().map_err(|error| untold(&error, world))?;
        refresh(&mut system);
        // Processor time is a difference between two looks.
        tokio::time::sleep(MINIMUM_CPU_UPDATE_INTERVAL).await;
        refresh(&mut system);
        let processors = std::thread::available_parallelism().map_or(1, usize::from) as f32;
        let mut all: Vec<&Process> = system.processes().values().collect();
        all.sort_by(|a, b| {
            let by_memory = b.memory().cmp(&a.memory());
            let order = if by_cpu {
                b.cpu_usage().total_cmp(&a.cpu_usage()).then(by_memory)
            } else {
                by_memory
            };
            order.then_with(|| a.pid().cmp(&b.pid()))
        });
        Ok(Value::List(
            all.into_iter()
                .take(limit)
                .map(|process| row(process, processors))
                .collect(),
        ))
    }
}
