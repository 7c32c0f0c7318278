//! What a server and all that it started take of the machine.
//!
//! Limits of single processes are no limits of a plugin: it may start a hundred. So its processes are counted together,
//! several times a second.

use std::{
    collections::HashMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use procfs::process::Process;
use rustix::process::{Pid, Signal, kill_process};
use tokio::task::JoinHandle;

/// How often it is looked.
const LOOK: Duration = Duration::from_millis(200);

/// What a server may take in all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Bytes of memory, of all its processes together; what they share counts once.
    pub(super) memory: u64,
    /// Processor time from one call to the next, of all processes together.
    pub(super) processor: Duration,
}

/// What it took more of than it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Excess {
    /// Memory.
    Memory,
    /// Processor time.
    Processor,
}

/// Looks at a server until this is dropped, and kills it when it takes too much.
#[derive(Debug)]
pub(super) struct Watch {
    state: Arc<State>,
    looking: JoinHandle<()>,
}

#[derive(Debug)]
struct State {
    limits: Limits,
    /// Processor milliseconds when they were allowed anew, and at the last look.
    allowed_at: AtomicU64,
    seen: AtomicU64,
    excess: OnceLock<Excess>,
}

impl Watch {
    /// Begins to look at the process `root` and all that descends from it.
    pub(super) fn begin(root: u32, limits: Limits) -> Watch {
        let state = Arc::new(State {
            limits,
            allowed_at: AtomicU64::new(0),
            seen: AtomicU64::new(0),
            excess: OnceLock::new(),
        });
        let looking = tokio::spawn(state.clone().look(root));
        Watch { state, looking }
    }

    /// Allows the processor time of one more call.
    pub(super) fn allow(&self) {
        let seen = self.state.seen.load(Ordering::Relaxed);
        self.state.allowed_at.store(seen, Ordering::Relaxed);
    }

    /// What it was killed for, if it was.
    pub(super) fn excess(&self) -> Option<Excess> {
        self.state.excess.get().copied()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.looking.abort();
    }
}

impl State {
    async fn look(self: Arc<State>, root: u32) {
        let mut work = Work::default();
        loop {
            tokio::time::sleep(LOOK).await;
            let state = self.clone();
            // The system may let wait who asks about the memory of a process.
            let looked = tokio::task::spawn_blocking(move || {
                let excess = state.excess_of(&family(root), &mut work);
                (excess, work)
            });
            let Ok((excess, seen)) = looked.await else {
                return;
            };
            work = seen;
            let Some(excess) = excess else { continue };
            // First what is known: whoever finds it gone asks why.
            let _ = self.excess.set(excess);
            tracing::warn!(?excess, "the server of a plugin is ended");
            // The sandbox ends with its first process, whose number is nobody else's before it was waited for.
            if let Some(pid) = i32::try_from(root).ok().and_then(Pid::from_raw) {
                let _ = kill_process(pid, Signal::KILL);
            }
            return;
        }
    }

    fn excess_of(&self, family: &[Process], work: &mut Work) -> Option<Excess> {
        let seen = work.milliseconds(family);
        self.seen.store(seen, Ordering::Relaxed);
        let allowed_at = self.allowed_at.load(Ordering::Relaxed);
        if seen.saturating_sub(allowed_at) > self.limits.processor.as_millis() as u64 {
            return Some(Excess::Processor);
        }
        let resident: u64 = family.iter().map(resident_bytes).sum();
        // To count what is shared once takes the system longer.
        let is_over = resident > self.limits.memory
            && family.iter().map(own_bytes).sum::<u64>() > self.limits.memory;
        is_over.then_some(Excess::Memory)
    }
}

/// Processor time that never goes back, whatever becomes of the processes.
#[derive(Debug, Default)]
struct Work {
    /// The ticks of each process, by its number and when it began.
    of_each: HashMap<(i32, u64), u64>,
    /// What all have added up to.
    sum: u64,
    /// The most that those alive had, with their children that they have waited for.
    most: u64,
}

impl Work {
    fn milliseconds(&mut self, family: &[Process]) -> u64 {
        let (mut of_each, mut with_children) = (HashMap::new(), 0);
        for stat in family.iter().filter_map(|process| process.stat().ok()) {
            let own = stat.utime + stat.stime;
            let id = (stat.pid, stat.starttime);
            self.sum += own.saturating_sub(self.of_each.get(&id).copied().unwrap_or(0));
            with_children += own + (stat.cutime.max(0) + stat.cstime.max(0)).unsigned_abs();
            of_each.insert(id, own);
        }
        self.of_each = of_each;
        self.most = self.most.max(with_children);
        self.sum.max(self.most) * 1000 / procfs::ticks_per_second()
    }
}

/// A process and all that descends from it, as far as they are there still.
fn family(root: u32) -> Vec<Process> {
    let mut found = Vec::new();
    let mut next = vec![root];
    while let Some(pid) = next.pop() {
        let Ok(process) = i32::try_from(pid).map(Process::new) else {
            continue;
        };
        let Ok(process) = process else { continue };
        let tasks = process.tasks().into_iter().flatten().flatten();
        next.extend(tasks.flat_map(|task| task.children().unwrap_or_default()));
        found.push(process);
    }
    found
}

fn resident_bytes(process: &Process) -> u64 {
    let memory = process.statm();
    memory.map_or(0, |memory| memory.resident * procfs::page_size())
}

/// What is shared counts in parts. Of a process of somebody else, such as a helper with more rights, nothing is known.
fn own_bytes(process: &Process) -> u64 {
    let Ok(summed) = process.smaps_rollup() else {
        return 0;
    };
    let maps = summed.memory_map_rollup.into_iter();
    maps.filter_map(|map| map.extension.map.get("Pss").copied())
        .sum()
}
