//! How much energy a turn took.

use std::{path::Path, time::Duration};

use protocol::Energy;

/// The counter of the processor package, readable by root only on most machines.
const RAPL: &str = "/sys/class/powercap/intel-rapl:0/energy_uj";

/// What one busy core is assumed to draw where nothing can be measured: a laptop's
/// processor of 15 W with four cores draws about 4 W a core, a desktop's about 8 W.
const WATTS_PER_BUSY_CORE: f64 = 6.0;

/// Begins to measure at its making.
pub struct Meter {
    rapl_start: Option<u64>,
    cpu_start: Duration,
}

impl Meter {
    /// Starts to measure.
    pub fn start() -> Meter {
        Meter {
            rapl_start: microjoules(Path::new(RAPL)),
            cpu_start: cpu_time("self").unwrap_or_default(),
        }
    }

    /// Tells the energy since the start. `worker` is processor time of the model's worker.
    pub fn read(&self, worker: Duration) -> Energy {
        let measured = self.rapl_start.zip(microjoules(Path::new(RAPL)));
        // The counter wraps about once an hour; then there is no measure for this turn.
        if let Some(used) = measured.and_then(|(start, end)| end.checked_sub(start)) {
            return Energy {
                joules: used as f64 / 1e6,
                method: "rapl".into(),
            };
        }
        let own = cpu_time("self")
            .unwrap_or_default()
            .saturating_sub(self.cpu_start);
        Energy {
            joules: (own + worker).as_secs_f64() * WATTS_PER_BUSY_CORE,
            method: format!("estimate: processor time × {WATTS_PER_BUSY_CORE} W"),
        }
    }
}

fn microjoules(counter: &Path) -> Option<u64> {
    std::fs::read_to_string(counter).ok()?.trim().parse().ok()
}

/// Reads the processor time, user and system, of a process (`self` or a number) from `/proc/PID/stat`.
pub fn cpu_time(process: &str) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The second field, the command's name, is in parentheses and may hold spaces.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    // Linux reports in ticks of 1/100 s on every architecture that we run on (USER_HZ).
    Some(Duration::from_millis((user + system) * 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_grows_with_work() {
        let before = cpu_time("self").unwrap();
        let start = std::time::Instant::now();
        let mut sum = 0u64;
        // A busy machine may give this thread little of the processor for a while.
        while cpu_time("self").unwrap() == before && start.elapsed() < Duration::from_secs(20) {
            for _ in 0..100_000 {
                sum = sum.wrapping_add(std::hint::black_box(1));
            }
        }
        assert!(sum > 0 && cpu_time("self").unwrap() > before);
    }

    #[test]
    fn an_estimate_says_that_it_is_one() {
        let meter = Meter {
            rapl_start: None,
            cpu_start: cpu_time("self").unwrap(),
        };
        let energy = meter.read(Duration::from_secs(2));
        assert!(energy.method.starts_with("estimate") && energy.joules >= 12.0);
    }
}
