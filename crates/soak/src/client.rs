//! The kernel as a client sees it, also while it dies.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use protocol::{AskOptions, Kernel1Proxy, PlanReport, TurnEvent, TurnReport};
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
        self.kernel
            .ask(words, &through_the_model().ok()?)
            .await
            .ok()
    }

    /// Waits until the model has answered once: then its worker runs and its capsule is on the disk.
    ///
    /// The first time of all that is a prompt of thousands of tokens, which no
    /// request that is killed should have to wait for.
    pub(crate) async fn warm_within(&self, limit: Duration) -> Result<Duration> {
        let begin = Instant::now();
        let warm = async {
            let report = self.kernel.plan("hello", &through_the_model()?).await?;
            let report: PlanReport = serde_json::from_str(&report)?;
            match report.problem {
                Some(problem) => bail!(problem.sentence),
                None => Ok(begin.elapsed()),
            }
        };
        tokio::time::timeout(limit, warm)
            .await
            .with_context(|| format!("the model did not answer within {limit:?}"))?
            .context("the model does not answer")
    }

    /// Ends a turn that waits for something that will not come.
    pub(crate) async fn stop(&self, turn: &str) {
        // A turn that has ended meanwhile needs no end.
        let _ = self.kernel.stop(turn).await;
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
            let events = self.events(turn).await?;
            if let Some(question) = open_question(&events) {
                bail!("turn {turn} asks, and nobody answers: {question}");
            }
            if begin.elapsed() > limit {
                let last = events.last().map(to_string).transpose()?;
                bail!(
                    "turn {turn} did not end within {limit:?}; it last said: {}",
                    last.unwrap_or_else(|| "nothing".to_owned())
                );
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Returns what a turn of this kernel has said.
    async fn events(&self, turn: &str) -> Result<Vec<TurnEvent>> {
        serde_json::from_str(&self.kernel.events(turn).await?)
            .context("the events are not what they should be")
    }
}

/// Options that leave every plan to the model.
fn through_the_model() -> Result<String> {
    Ok(to_string(&AskOptions {
        no_templates: true,
        ..AskOptions::default()
    })?)
}

/// Returns the question that a turn waits with.
fn open_question(events: &[TurnEvent]) -> Option<&str> {
    events.iter().rev().find_map(|event| match event {
        TurnEvent::ConsentAsked { request } => Some(Some(request.sentence.as_str())),
        TurnEvent::ConsentAnswered { .. } => Some(None),
        _ => None,
    })?
}

#[cfg(test)]
mod tests {
    use protocol::TurnId;
    use protocol::consent::ConsentRequest;

    use super::*;

    #[test]
    fn a_question_is_open_until_it_is_answered() {
        let asked = TurnEvent::ConsentAsked {
            request: ConsentRequest {
                consent: "c".to_owned(),
                turn: TurnId("t1".to_owned()),
                function: "files.move".to_owned(),
                sentence: "Move a?".to_owned(),
                reason: String::new(),
                arguments: Vec::new(),
                targets: Vec::new(),
                digest: String::new(),
                undoable: true,
            },
        };
        let answered = TurnEvent::ConsentAnswered {
            consent: "c".to_owned(),
            granted: false,
        };
        assert_eq!(open_question(&[]), None);
        let mut events = vec![asked];
        assert_eq!(open_question(&events), Some("Move a?"));
        events.push(answered);
        assert_eq!(open_question(&events), None);
    }
}
