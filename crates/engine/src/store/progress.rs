//! How a long step on a model's file is getting on.

use std::time::{Duration, Instant};

/// The least time between two reports.
const INTERVAL: Duration = Duration::from_millis(200);

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The file is on its way.
    Download,
    /// The file is here and is compared with the catalogue.
    Verify,
}

/// A report.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Bytes done, those of an earlier try included.
    pub done_bytes: u64,
    /// Bytes in all.
    pub total_bytes: u64,
    /// The recent speed.
    pub bytes_per_s: f64,
    /// Time left at that speed, once there is one.
    pub left: Option<Duration>,
}

/// Makes reports from counts.
#[derive(Debug)]
pub(super) struct Meter {
    stage: Stage,
    total_bytes: u64,
    told_bytes: u64,
    told_at: Instant,
    bytes_per_s: f64,
}

impl Meter {
    /// Starts at `done_bytes`, which do not count for the speed.
    pub(super) fn new(stage: Stage, total_bytes: u64, done_bytes: u64) -> Self {
        Self {
            stage,
            total_bytes,
            told_bytes: done_bytes,
            told_at: Instant::now(),
            bytes_per_s: 0.0,
        }
    }

    /// Reports if it is time to, and passes the answer on: false means stop.
    pub(super) fn tell(
        &mut self,
        done_bytes: u64,
        progress: &mut dyn FnMut(Progress) -> bool,
    ) -> bool {
        let elapsed = self.told_at.elapsed();
        if elapsed < INTERVAL && done_bytes < self.total_bytes {
            return true;
        }
        let gained = done_bytes.saturating_sub(self.told_bytes) as f64;
        let now = gained / elapsed.as_secs_f64().max(1e-3);
        // Half new, half old: steady enough to read, quick enough to be true.
        self.bytes_per_s = if self.bytes_per_s > 0.0 {
            0.5 * self.bytes_per_s + 0.5 * now
        } else {
            now
        };
        self.told_bytes = done_bytes;
        self.told_at = Instant::now();
        let left_bytes = self.total_bytes.saturating_sub(done_bytes) as f64;
        progress(Progress {
            stage: self.stage,
            done_bytes: done_bytes.min(self.total_bytes),
            total_bytes: self.total_bytes,
            bytes_per_s: self.bytes_per_s,
            left: (self.bytes_per_s > 1.0)
                .then(|| Duration::from_secs_f64(left_bytes / self.bytes_per_s)),
        })
    }
}
