//! What this person opens often and lately, learnt on this machine only.

use std::{
    collections::HashMap,
    io::Write,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

/// After this long without use a score has halved.
const HALF_LIFE: Duration = Duration::from_secs(14 * 24 * 3600);
/// More entries than this are not kept; the least used go first.
const KEPT: usize = 2000;

/// Scores by result id, kept in one file.
#[derive(Debug)]
pub struct Frecency {
    path: PathBuf,
    scores: HashMap<String, Score>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Score {
    /// Uses, decayed up to `at`.
    uses: f64,
    /// Unix seconds.
    at: u64,
}

impl Score {
    fn now(self, now: u64) -> f64 {
        let halves = now.saturating_sub(self.at) as f64 / HALF_LIFE.as_secs_f64();
        self.uses * 0.5f64.powf(halves)
    }
}

impl Frecency {
    /// Reads the scores from `path`; a missing or broken file starts anew, since nothing but comfort is lost.
    pub fn load(path: PathBuf) -> Frecency {
        let read = std::fs::read(&path)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Frecency {
            path,
            scores: read.unwrap_or_default(),
        }
    }

    /// Returns how much `id` is used: 0 for never, 1 for once just now.
    pub fn score(&self, id: &str) -> f64 {
        self.scores
            .get(id)
            .map_or(0.0, |score| score.now(unix_now()))
    }

    /// Forgets every use, also in the file.
    ///
    /// # Errors
    ///
    /// When the file cannot be removed.
    pub fn forget(&mut self) -> std::io::Result<()> {
        self.scores.clear();
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Counts a use of `id` and writes the file.
    ///
    /// # Errors
    ///
    /// When the file cannot be written; the use counts until the program ends.
    pub fn used(&mut self, id: &str) -> std::io::Result<()> {
        let now = unix_now();
        let uses = self.score(id) + 1.0;
        self.scores.insert(id.to_owned(), Score { uses, at: now });
        self.trim(now);
        write_atomically(&self.path, &serde_json::to_vec(&self.scores)?)
    }

    fn trim(&mut self, now: u64) {
        if self.scores.len() <= KEPT {
            return;
        }
        let mut by_score: Vec<(String, f64)> = self
            .scores
            .iter()
            .map(|(id, score)| (id.clone(), score.now(now)))
            .collect();
        by_score.sort_by(|a, b| b.1.total_cmp(&a.1));
        for (id, _) in by_score.into_iter().skip(KEPT) {
            self.scores.remove(&id);
        }
    }
}

fn unix_now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

fn write_atomically(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_are_remembered_and_decay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/frecency.json");
        let mut frecency = Frecency::load(path.clone());
        frecency.used("app:a").unwrap();
        frecency.used("app:a").unwrap();
        let again = Frecency::load(path);
        assert!(again.score("app:a") > 1.9 && again.score("app:b") == 0.0);
        let score = Score { uses: 2.0, at: 0 };
        assert!((score.now(HALF_LIFE.as_secs()) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_broken_file_starts_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("frecency.json");
        std::fs::write(&path, "{").unwrap();
        assert_eq!(Frecency::load(path).score("app:a"), 0.0);
    }
}
