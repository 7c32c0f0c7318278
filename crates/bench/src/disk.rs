//! How long this disk takes to keep something for certain.

use std::fs::File;
use std::io::Write;
use std::time::Instant;

use anyhow::Result;

use crate::measure::Peer;
use crate::statistics::percentile;

const WRITES: usize = 300;

/// Measures appending 4 KiB and `fdatasync`, as SQLite's log does, in the folder that the journal is in.
pub(crate) fn sync_p99() -> Result<Option<Peer>> {
    let home = std::env::var_os("HOME").unwrap_or_else(|| "/var/tmp".into());
    let mut file: File = tempfile::tempfile_in(home)?;
    let mut times = Vec::with_capacity(WRITES);
    for _ in 0..WRITES {
        let begin = Instant::now();
        file.write_all(&[1; 4096])?;
        file.sync_data()?;
        times.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    Ok(percentile(&times, 99.0).map(|value| Peer {
        name: "fdatasync of 4 KiB here, p99".to_owned(),
        value,
    }))
}
