//! The kernel as a client sees it, also while it dies.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use protocol::{AskOptions, Kernel1Proxy, TurnReport};
use serde_json::to_string;

const POLL: Duration = Duration::from_millis(10);

/// A way to the kernel, whichever process that is at the moment.
pub(crate) struct Client {
    kernel: Kernel1Proxy<'static>,
}

impl Client {
    pub(crate) async fn new() -> Result<Self> {
        let bus = zbus::Connection::session().await?;
        Ok(Client {
            kernel: Kernel1Proxy::new(&bus).await?,
        })
    }

    /// Runs a plan's text; returns the turn, or nothing when the kernel died meanwhile.
    pub(crate) async fn run(&self, plan: &str) -> Option<String> {
        let options = to_string(&AskOptions::default()).ok()?;
        self.kernel.run(plan, &options).await.ok()
    }

    /// Asks in words, without templates; returns as [`Client::run`] does.
    pub(crate) async fn ask(&self, words: &str) -> Option<String> {
        let options = AskOptions {
            no_templates: true,
            ..AskOptions::default()
        };
        self.kernel
            .ask(words, &to_string(&options).ok()?)
            .await
            .ok()
    }

    /// Undoes a turn; returns the undoing turn, or nothing when the kernel died meanwhile.
    pub(crate) async fn undo(&self, turn: &str) -> Option<String> {
        let options = to_string(&AskOptions::default()).ok()?;
        self.kernel.undo(turn, 0, &options).await.ok()
    }

    /// Shows or hides the overlay, which starts the shell.
    pub(crate) async fn toggle(&self) {
        // A kernel that dies meanwhile is what other checks look at.
        let _ = self.kernel.toggle().await;
    }

    /// Waits until a kernel answers; the bus starts one when there is none.
    pub(crate) async fn answers_within(&self, limit: Duration) -> Result<Duration> {
        let begin = Instant::now();
        loop {
            if self.kernel.log(1).await.is_ok() {
                return Ok(begin.elapsed());
            }
            if begin.elapsed() > limit {
                bail!("no kernel answered within {limit:?}");
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Returns the latest turns, newest first.
    pub(crate) async fn log(&self, limit: u32) -> Result<Vec<TurnReport>> {
        serde_json::from_str(&self.kernel.log(limit).await?)
            .context("the log is not what it should be")
    }

    /// Waits until nothing runs and nothing is open in the latest turns, and returns them.
    pub(crate) async fn settled_within(&self, limit: Duration) -> Result<Vec<TurnReport>> {
        let begin = Instant::now();
        loop {
            let turns = self.log(10).await?;
            let open = turns
                .iter()
                .flat_map(|turn| &turn.entries)
                .filter(|entry| entry.state == "open")
                .count();
            // A turn that the kernel died in has no finish for ever, so only the entries count.
            if open == 0 {
                return Ok(turns);
            }
            if begin.elapsed() > limit {
                bail!("{open} journal entries are still open after {limit:?}");
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits for the end of a turn of this kernel.
    pub(crate) async fn ended_within(&self, turn: &str, limit: Duration) -> Result<TurnReport> {
        let begin = Instant::now();
        loop {
            let turns = self.log(10).await?;
            let ended = turns
                .into_iter()
                .find(|report| report.turn.0 == turn && report.finish.is_some());
            if let Some(report) = ended {
                return Ok(report);
            }
            if begin.elapsed() > limit {
                bail!("turn {turn} did not end within {limit:?}");
            }
            tokio::time::sleep(POLL).await;
        }
    }
}
