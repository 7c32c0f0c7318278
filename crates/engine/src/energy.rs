//! How much energy a turn took.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use protocol::Energy;

/// Where Linux shows the counters of processors. Intel's and AMD's have the same form; root alone
/// can read them on most machines, because they tell programs apart by what they compute.
const COUNTERS: &str = "/sys/class/powercap";

/// What one busy core is assumed to draw where nothing can be measured: a laptop's
/// processor of 15 W with four cores draws about 4 W a core, a desktop's about 8 W.
const WATTS_PER_BUSY_CORE: f64 = 6.0;

/// Begins to measure at its making.
pub struct Meter {
    /// The counters of all processors, with what they showed; empty where one cannot be read.
    counters: Vec<(Counter, u64)>,
    cpu_start: Duration,
}

/// The counter of one processor.
struct Counter {
    folder: PathBuf,
}

impl Meter {
    /// Starts to measure.
    pub fn start() -> Meter {
        Meter::start_with(Path::new(COUNTERS))
    }

    /// Starts to measure with the counters in a folder.
    fn start_with(folder: &Path) -> Meter {
        let counters = counters(folder).into_iter().map(|counter| {
            let start = counter.microjoules()?;
            Some((counter, start))
        });
        Meter {
            // One processor of two would tell half.
            counters: counters.collect::<Option<_>>().unwrap_or_default(),
            cpu_start: cpu_time("self").unwrap_or_default(),
        }
    }

    /// Tells the energy since the start. `worker` is processor time of the model's worker.
    ///
    /// Measured is what the processors drew, whichever program they worked for.
    pub fn read(&self, worker: Duration) -> Energy {
        if let Some(microjoules) = self.measured() {
            return Energy {
                joules: microjoules as f64 / 1e6,
                method: "rapl".into(),
                watts_per_core: None,
            };
        }
        let own = cpu_time("self")
            .unwrap_or_default()
            .saturating_sub(self.cpu_start);
        Energy {
            joules: (own + worker).as_secs_f64() * WATTS_PER_BUSY_CORE,
            method: "estimate".into(),
            watts_per_core: Some(WATTS_PER_BUSY_CORE),
        }
    }

    fn measured(&self) -> Option<u64> {
        if self.counters.is_empty() {
            return None;
        }
        let used = self
            .counters
            .iter()
            .map(|(counter, start)| counter.since(*start));
        used.sum()
    }
}

/// Finds the counters of whole processors. Those of their parts, and of the whole machine, count
/// again what these count.
fn counters(folder: &Path) -> Vec<Counter> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let zone = |name: &str| {
        let number = name.strip_prefix("intel-rapl:")?;
        number.parse::<u32>().ok()
    };
    entries
        .flatten()
        .filter(|entry| zone(&entry.file_name().to_string_lossy()).is_some())
        .map(|entry| Counter {
            folder: entry.path(),
        })
        .filter(|counter| {
            let name = std::fs::read_to_string(counter.folder.join("name"));
            name.is_ok_and(|name| name.starts_with("package"))
        })
        .collect()
}

impl Counter {
    fn microjoules(&self) -> Option<u64> {
        self.number("energy_uj")
    }

    /// Tells how far the counter has come from `start`. It begins anew at 0 about once an hour under
    /// load; a turn is shorter, so that it has done so once at most.
    fn since(&self, start: u64) -> Option<u64> {
        let end = self.microjoules()?;
        match end.checked_sub(start) {
            Some(used) => Some(used),
            None => (end + self.number("max_energy_range_uj")?).checked_sub(start),
        }
    }

    fn number(&self, file: &str) -> Option<u64> {
        let text = std::fs::read_to_string(self.folder.join(file)).ok()?;
        text.trim().parse().ok()
    }
}

/// The processor time that an engine tells, in seconds; one that tells none counts as none.
pub fn processor_time(seconds: Option<f64>) -> Duration {
    Duration::from_secs_f64(seconds.unwrap_or_default().max(0.0))
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
        let meter = Meter::start_with(Path::new("/nonexistent"));
        let energy = meter.read(Duration::from_secs(2));
        assert_eq!(energy.method, "estimate");
        assert_eq!(energy.watts_per_core, Some(WATTS_PER_BUSY_CORE));
        assert!(energy.joules >= 12.0);
    }

    /// A machine with one counter a name, each of which shows `microjoules`.
    fn machine(counters: &[(&str, &str, u64)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (zone, name, microjoules) in counters {
            let zone = folder.path().join(zone);
            std::fs::create_dir(&zone).unwrap();
            std::fs::write(zone.join("name"), format!("{name}\n")).unwrap();
            std::fs::write(zone.join("max_energy_range_uj"), "262143328850\n").unwrap();
            std::fs::write(zone.join("energy_uj"), format!("{microjoules}\n")).unwrap();
        }
        folder
    }

    fn show(machine: &tempfile::TempDir, zone: &str, microjoules: u64) {
        let counter = machine.path().join(zone).join("energy_uj");
        std::fs::write(counter, microjoules.to_string()).unwrap();
    }

    #[test]
    fn the_counters_of_all_processors_are_summed_and_no_part_counts_twice() {
        let machine = machine(&[
            ("intel-rapl:0", "package-0", 1_000_000),
            ("intel-rapl:1", "package-1", 2_000_000),
            ("intel-rapl:2", "psys", 0),
            ("intel-rapl:0:0", "core", 0),
            ("intel-rapl-mmio:0", "package-0", 0),
        ]);
        let meter = Meter::start_with(machine.path());
        show(&machine, "intel-rapl:0", 4_000_000);
        show(&machine, "intel-rapl:1", 2_500_000);
        show(&machine, "intel-rapl:2", 90_000_000);
        show(&machine, "intel-rapl:0:0", 90_000_000);
        show(&machine, "intel-rapl-mmio:0", 90_000_000);
        let energy = meter.read(Duration::from_secs(100));
        assert_eq!((energy.joules, &*energy.method), (3.5, "rapl"));
        assert_eq!(energy.watts_per_core, None);
    }

    #[test]
    fn a_counter_that_begins_anew_is_followed() {
        let machine = machine(&[("intel-rapl:0", "package-0", 262_143_000_000)]);
        let meter = Meter::start_with(machine.path());
        show(&machine, "intel-rapl:0", 671_150);
        let energy = meter.read(Duration::ZERO);
        assert_eq!((energy.joules, &*energy.method), (1.0, "rapl"));
    }

    #[test]
    fn half_of_the_processors_is_no_measure() {
        let machine = machine(&[
            ("intel-rapl:0", "package-0", 1),
            ("intel-rapl:1", "package-1", 1),
        ]);
        std::fs::remove_file(machine.path().join("intel-rapl:1/energy_uj")).unwrap();
        let meter = Meter::start_with(machine.path());
        assert_eq!(meter.read(Duration::ZERO).method, "estimate");
    }
}
