//! Decides, step by step, whether all threads compute or one alone.
//!
//! The threads of a step meet many hundred times a token. Where another program holds a
//! processor, each meeting waits for it: on two busy cores two threads were measured at
//! a fifteenth of the speed of one.

use std::ffi::c_int;
use std::time::{Duration, Instant};

/// The shortest time over which the load of other programs is measured.
const WINDOW: Duration = Duration::from_millis(250);

/// A measurement over more than this says nothing about now.
const STALE: Duration = Duration::from_secs(2);

unsafe extern "C" {
    /// OpenMP's limit of nested teams: 0 makes every team a team of one.
    fn omp_set_max_active_levels(levels: c_int);
}

/// Processor seconds since some moment.
#[derive(Debug, Clone, Copy)]
struct Sample {
    at: Instant,
    all: f64,
    own: f64,
}

/// The choice, and what it rests on.
#[derive(Debug)]
pub(crate) struct Crew {
    processors: f64,
    last: Option<Sample>,
}

impl Crew {
    pub(crate) fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            processors: processors as f64,
            last: None,
        }
    }

    /// Looks at the load now and then; call it before each step.
    pub(crate) fn choose(&mut self) {
        let Some(busy) = self.busy_elsewhere() else {
            return;
        };
        let levels = c_int::from(!is_alone_better(self.processors, busy));
        // SAFETY: the call sets a variable of the OpenMP library.
        unsafe { omp_set_max_active_levels(levels) };
    }

    /// Processors that other programs keep busy; none when it is too early to tell.
    fn busy_elsewhere(&mut self) -> Option<f64> {
        let elapsed = self.last.map(|last| last.at.elapsed());
        if elapsed.is_some_and(|elapsed| elapsed < WINDOW) {
            return None;
        }
        let now = Sample {
            at: Instant::now(),
            all: all_cpu_seconds()?,
            own: worker::cpu_seconds(),
        };
        let before = self.last.replace(now);
        match (before, elapsed) {
            (Some(before), Some(elapsed)) if elapsed < STALE => {
                let others = (now.all - before.all) - (now.own - before.own);
                Some((others / elapsed.as_secs_f64()).max(0.0))
            }
            _ => running_elsewhere(),
        }
    }
}

/// Whether one thread gets on better than all when others keep `busy` processors.
fn is_alone_better(processors: f64, busy: f64) -> bool {
    busy > processors - 1.5
}

/// Seconds that all processors together were busy since the system started.
fn all_cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/stat").ok()?;
    // SAFETY: a call without pointers.
    let ticks = unsafe { libc::sysconf(libc::_SC_CLK_TCK) } as f64;
    Some(busy_ticks(&text)? / ticks)
}

/// Adds up the first line of /proc/stat, without idle time (4th) and waiting (5th).
fn busy_ticks(stat: &str) -> Option<f64> {
    let numbers = stat.lines().next()?.strip_prefix("cpu ")?;
    let numbers: Vec<f64> = numbers
        .split_whitespace()
        .take(8)
        .filter_map(|number| number.parse().ok())
        .collect();
    let idle: f64 = numbers.get(3..5)?.iter().sum();
    Some(numbers.iter().sum::<f64>() - idle)
}

/// Processors that others seem to keep busy, without a measurement to go by.
fn running_elsewhere() -> Option<f64> {
    waiting_threads(&std::fs::read_to_string("/proc/loadavg").ok()?)
}

/// The threads that want a processor, without our own: those of this moment, unless the last minute
/// had fewer. A window that is being painted is busy for a moment; a compiler for minutes.
fn waiting_threads(loadavg: &str) -> Option<f64> {
    let mut fields = loadavg.split_whitespace();
    let last_minute: f64 = fields.next()?.parse().ok()?;
    let now: f64 = fields.nth(2)?.split('/').next()?.parse().ok()?;
    Some((now - 1.0).min(last_minute).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_busy_cores_are_left_to_one_thread() {
        assert!(!is_alone_better(2.0, 0.2));
        assert!(is_alone_better(2.0, 1.0));
        assert!(!is_alone_better(8.0, 4.0));
        assert!(is_alone_better(8.0, 8.0));
    }

    #[test]
    fn a_busy_moment_is_no_busy_machine() {
        assert_eq!(waiting_threads("0.20 0.10 0.05 3/400 1234\n"), Some(0.2));
        assert_eq!(waiting_threads("7.90 5.10 3.05 4/400 1234\n"), Some(3.0));
        assert_eq!(waiting_threads("7.90 5.10 3.05 1/400 1234\n"), Some(0.0));
    }

    #[test]
    fn idle_time_is_not_counted() {
        let stat = "cpu  10 1 5 1000 200 2 3 4 0 0\ncpu0 1 1 1 1\n";
        assert_eq!(busy_ticks(stat), Some(25.0));
    }
}
