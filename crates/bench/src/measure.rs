//! Measures and the file they are kept in.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// One measured figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Measure {
    /// Its fixed name.
    pub(crate) name: String,
    /// The figure.
    pub(crate) value: f64,
    /// Its unit.
    pub(crate) unit: String,
    /// What it is compared with, where there is something.
    pub(crate) peer: Option<String>,
    /// The peer's figure, measured in the same run.
    pub(crate) peer_value: Option<f64>,
    /// How it was found.
    pub(crate) note: String,
    /// The machine.
    pub(crate) machine: String,
    /// The day.
    pub(crate) date: String,
}

/// A figure that something is compared with.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) name: String,
    pub(crate) value: f64,
}

/// Appends measures to the results.
#[derive(Debug)]
pub(crate) struct Recorder {
    path: PathBuf,
    date: String,
    machine: String,
}

impl Recorder {
    pub(crate) fn new(path: PathBuf, date: String) -> Self {
        Recorder {
            path,
            date,
            machine: machine(),
        }
    }

    /// Adds a figure, rounded to a tenth. [`None`] as a value adds nothing.
    pub(crate) fn add(
        &self,
        name: &str,
        value: Option<f64>,
        unit: &str,
        peer: Option<&Peer>,
        note: &str,
    ) -> Result<()> {
        let Some(value) = value else {
            return Ok(());
        };
        let round = |value: f64| (value * 10.0).round() / 10.0;
        let measure = Measure {
            name: name.to_owned(),
            value: round(value),
            unit: unit.to_owned(),
            peer: peer.map(|peer| peer.name.clone()),
            peer_value: peer.map(|peer| round(peer.value)),
            note: note.to_owned(),
            machine: self.machine.clone(),
            date: self.date.clone(),
        };
        let mut file = File::options()
            .create(true)
            .append(true)
            .open(&self.path)
            .with_context(|| format!("could not open {}", self.path.display()))?;
        writeln!(file, "{}", serde_json::to_string(&measure)?)?;
        Ok(())
    }

    /// Reads all figures, in the order in which they were measured; the last one of a name counts.
    pub(crate) fn read(&self) -> Result<Vec<Measure>> {
        let text = fs::read_to_string(&self.path)
            .with_context(|| format!("could not read {}", self.path.display()))?;
        let mut measures: Vec<Measure> = Vec::new();
        for line in text.lines() {
            let fresh: Measure =
                serde_json::from_str(line).context("a line of the results is damaged")?;
            measures.retain(|measure| measure.name != fresh.name);
            measures.push(fresh);
        }
        Ok(measures)
    }

    /// Gives the measure `name` the measure `peer` as what it is compared with, where both were found.
    pub(crate) fn compare(measures: &mut [Measure], name: &str, peer: &str, called: &str) {
        let value = measures
            .iter()
            .find(|measure| measure.name == peer)
            .map(|measure| measure.value);
        if let Some(measure) = measures.iter_mut().find(|measure| measure.name == name)
            && let Some(value) = value
        {
            measure.peer = Some(called.to_owned());
            measure.peer_value = Some(value);
        }
    }

    /// Writes the file anew with one line a measure, as a whole or not at all.
    pub(crate) fn keep(&self, measures: &[Measure]) -> Result<()> {
        let mut text = String::new();
        for measure in measures {
            text.push_str(&serde_json::to_string(measure)?);
            text.push('\n');
        }
        let fresh = self.path.with_extension("new");
        fs::write(&fresh, text)
            .and_then(|()| fs::rename(&fresh, &self.path))
            .with_context(|| format!("could not write {}", self.path.display()))
    }
}

/// Names this machine: processor, cores, memory, system.
fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name))
            .map(|rest| {
                rest.trim_start_matches([' ', '\t', ':', '='])
                    .trim_matches('"')
                    .to_owned()
            })
    };
    let processor = field(&read("/proc/cpuinfo"), "model name")
        .unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get());
    let memory = field(&read("/proc/meminfo"), "MemTotal")
        .and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok())
        .unwrap_or_default()
        / 1_048_576.0;
    let system =
        field(&read("/etc/os-release"), "PRETTY_NAME").unwrap_or_else(|| "Linux".to_owned());
    format!("{processor}, {cores} cores, {memory:.0} GiB, {system}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::new(folder.path().join("results.jsonl"), "2026-01-31".to_owned());
        let peer = Peer {
            name: "fsync".to_owned(),
            value: 2.04,
        };
        recorder
            .add("a_ms", Some(1.26), "ms", Some(&peer), "note")
            .unwrap();
        recorder.add("b_ms", None, "ms", None, "").unwrap();
        let measures = recorder.read().unwrap();
        assert_eq!(measures.len(), 1);
        assert_eq!(measures[0].value, 1.3);
        assert_eq!(measures[0].peer_value, Some(2.0));
        assert!(measures[0].machine.contains("cores"));
    }

    #[test]
    fn a_measure_is_compared_with_another_where_both_are_there() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::new(folder.path().join("results.jsonl"), "2026-01-31".to_owned());
        for (name, value) in [("ours_ms", 1.0), ("usual_ms", 5.0)] {
            recorder.add(name, Some(value), "ms", None, "").unwrap();
        }
        let mut measures = recorder.read().unwrap();
        Recorder::compare(&mut measures, "ours_ms", "missing_ms", "nothing");
        assert_eq!(measures[0].peer_value, None);
        Recorder::compare(&mut measures, "ours_ms", "usual_ms", "the usual way");
        assert_eq!(measures[0].peer.as_deref(), Some("the usual way"));
        assert_eq!(measures[0].peer_value, Some(5.0));
    }

    #[test]
    fn the_last_of_two_figures_counts_and_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::new(folder.path().join("results.jsonl"), "2026-01-31".to_owned());
        for (name, value) in [("a_ms", 1.0), ("b_ms", 2.0), ("a_ms", 3.0)] {
            recorder.add(name, Some(value), "ms", None, "").unwrap();
        }
        let measures = recorder.read().unwrap();
        let figures: Vec<(&str, f64)> = measures
            .iter()
            .map(|measure| (measure.name.as_str(), measure.value))
            .collect();
        assert_eq!(figures, [("b_ms", 2.0), ("a_ms", 3.0)]);
        recorder.keep(&measures).unwrap();
        let text = fs::read_to_string(folder.path().join("results.jsonl")).unwrap();
        assert_eq!(text.lines().count(), 2, "{text}");
    }
}
