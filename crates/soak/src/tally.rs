//! What all runs together have done and found.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// Counters and findings, on disk after every [`Tally::save`].
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Tally {
    /// Texts given to the parser.
    pub(crate) texts: u64,
    /// Of those, how many were plans.
    pub(crate) plans: u64,
    /// Seconds of fuzzing.
    pub(crate) fuzz_seconds: f64,
    /// Rounds of chaos; also the number of the next one.
    pub(crate) rounds: u64,
    /// Seconds of chaos.
    pub(crate) chaos_seconds: f64,
    /// Kills, by victim and act.
    pub(crate) kills: BTreeMap<String, u64>,
    /// How acts ended in the journal.
    pub(crate) outcomes: BTreeMap<String, u64>,
    /// Milliseconds from the kill of the kernel to its next answer, the latest thousand.
    pub(crate) recoveries_ms: Vec<f64>,
    /// What should not have happened, each with its day.
    pub(crate) findings: Vec<String>,
    #[serde(skip)]
    path: PathBuf,
    #[serde(skip)]
    date: String,
}

impl Tally {
    /// Reads the file, or begins anew without one. What is found from now on is found on `date`.
    pub(crate) fn open(path: &Path, date: &str) -> Result<Self> {
        let mut tally = match fs::read_to_string(path) {
            Ok(text) => serde_json::from_str(&text).with_context(|| {
                format!("{} is damaged; remove it to begin anew", path.display())
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Tally::default(),
            Err(error) => {
                return Err(error).with_context(|| format!("could not read {}", path.display()));
            }
        };
        tally.path = path.to_owned();
        tally.date = date.to_owned();
        Ok(tally)
    }

    /// Notes something that should not have happened.
    pub(crate) fn find(&mut self, text: String) {
        eprintln!("    FOUND: {text}");
        self.findings.push(format!("{}: {text}", self.date));
    }

    /// The day of this run.
    pub(crate) fn date(&self) -> &str {
        &self.date
    }

    /// Adds one to a counter.
    pub(crate) fn count(counters: &mut BTreeMap<String, u64>, name: &str) {
        *counters.entry(name.to_owned()).or_default() += 1;
    }

    /// Notes how long the kernel took to answer again.
    pub(crate) fn recovered(&mut self, milliseconds: f64) {
        self.recoveries_ms.push(milliseconds);
        let extra = self.recoveries_ms.len().saturating_sub(1000);
        self.recoveries_ms.drain(..extra);
    }

    /// Writes the file as a whole or not at all.
    pub(crate) fn save(&self) -> Result<()> {
        let fresh = self.path.with_extension("new");
        fs::write(&fresh, serde_json::to_vec(self)?)
            .and_then(|()| fs::rename(&fresh, &self.path))
            .with_context(|| format!("could not write {}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_run_goes_on_from_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tally.json");
        let mut tally = Tally::open(&path, "2026-01-31").unwrap();
        tally.texts += 5;
        tally.find("a finding".to_owned());
        Tally::count(&mut tally.kills, "kernel");
        tally.save().unwrap();
        let tally = Tally::open(&path, "2026-01-31").unwrap();
        assert_eq!((tally.texts, tally.kills["kernel"]), (5, 1));
        assert_eq!(tally.findings, ["2026-01-31: a finding"]);
    }

    #[test]
    fn a_damaged_file_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tally.json");
        fs::write(&path, "{").unwrap();
        assert!(Tally::open(&path, "2026-01-31").is_err());
    }
}
