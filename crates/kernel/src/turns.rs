//! The turns of this run of the kernel, and their events.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use protocol::{TurnEvent, TurnId};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// How many finished turns stay in memory for a shell that reconnects.
pub(crate) const KEPT: usize = 24;

/// How long an undo waits for the turn that it takes back to end.
const END_LIMIT: Duration = Duration::from_secs(5);

/// An event on its way to the bus.
#[derive(Debug, Clone, PartialEq)]
pub struct Announcement {
    /// The turn.
    pub turn: TurnId,
    /// Counts from 0 within the turn.
    pub sequence: u32,
    /// What happened.
    pub event: TurnEvent,
}

/// All turns since the kernel started, the oldest finished ones dropped.
pub struct Turns {
    records: Mutex<VecDeque<Record>>,
    announce: mpsc::UnboundedSender<Announcement>,
}

struct Record {
    turn: TurnId,
    events: Vec<TurnEvent>,
    cancel: CancellationToken,
    finished: bool,
}

impl Turns {
    /// Makes an empty set that announces every event on `announce`, in order.
    pub fn new(announce: mpsc::UnboundedSender<Announcement>) -> Turns {
        Turns {
            records: Mutex::default(),
            announce,
        }
    }

    /// Adds a turn. Returns what stops it.
    pub fn begin(&self, turn: TurnId) -> CancellationToken {
        let cancel = CancellationToken::new();
        let mut records = self.lock();
        // One that runs for long keeps no finished one behind it.
        while records.len() >= KEPT
            && let Some(oldest) = records.iter().position(|record| record.finished)
        {
            records.remove(oldest);
        }
        records.push_back(Record {
            turn,
            events: Vec::new(),
            cancel: cancel.clone(),
            finished: false,
        });
        cancel
    }

    /// Appends an event to a turn and announces it.
    pub fn tell(&self, turn: &TurnId, event: TurnEvent) {
        let mut records = self.lock();
        let Some(record) = records.iter_mut().rev().find(|record| record.turn == *turn) else {
            return;
        };
        record.finished |= matches!(event, TurnEvent::Finished { .. });
        record.events.push(event.clone());
        let sequence = u32::try_from(record.events.len() - 1).unwrap_or(u32::MAX);
        // The receiver is gone only while the kernel shuts down; nobody listens then.
        let _ = self.announce.send(Announcement {
            turn: turn.clone(),
            sequence,
            event,
        });
    }

    /// Stops `turn`, or every running turn. Returns how many were running.
    pub fn stop(&self, turn: Option<&TurnId>) -> u32 {
        let records = self.lock();
        let running = records
            .iter()
            .filter(|record| !record.finished && turn.is_none_or(|turn| record.turn == *turn));
        running
            .map(|record| record.cancel.cancel())
            .count()
            .try_into()
            .unwrap_or(u32::MAX)
    }

    /// Stops `turn` if it runs, and waits until it has ended. Returns whether it has.
    pub async fn stop_and_wait(&self, turn: &TurnId) -> bool {
        self.stop(Some(turn));
        let ended = async {
            while self.is_running(turn) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(END_LIMIT, ended).await.is_ok()
    }

    /// Tells whether a turn is kept.
    pub fn has(&self, turn: &TurnId) -> bool {
        self.lock().iter().any(|record| record.turn == *turn)
    }

    fn is_running(&self, turn: &TurnId) -> bool {
        let records = self.lock();
        records
            .iter()
            .any(|record| record.turn == *turn && !record.finished)
    }

    /// Returns the events of a turn so far.
    pub fn events(&self, turn: &TurnId) -> Option<Vec<TurnEvent>> {
        self.lock()
            .iter()
            .rev()
            .find(|record| record.turn == *turn)
            .map(|record| record.events.clone())
    }

    /// Returns every kept turn with its events, oldest first.
    pub fn all(&self) -> Vec<(TurnId, Vec<TurnEvent>)> {
        self.lock()
            .iter()
            .map(|record| (record.turn.clone(), record.events.clone()))
            .collect()
    }

    /// Forgets the finished turns.
    pub fn forget_finished(&self) {
        self.lock().retain(|record| !record.finished);
    }

    /// Counts the running turns.
    pub fn running(&self) -> usize {
        self.lock().iter().filter(|record| !record.finished).count()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Record>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> TurnId {
        TurnId(format!("t{number}"))
    }

    fn said(text: &str) -> TurnEvent {
        TurnEvent::Said {
            text: text.to_owned(),
        }
    }

    #[test]
    fn events_are_numbered_within_their_turn() {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let turns = Turns::new(sender);
        turns.begin(id(1));
        turns.begin(id(2));
        turns.tell(&id(1), said("a"));
        turns.tell(&id(2), said("b"));
        turns.tell(&id(1), said("c"));
        let told: Vec<_> = std::iter::from_fn(|| receiver.try_recv().ok())
            .map(|a| (a.turn.0, a.sequence))
            .collect();
        assert_eq!(
            told,
            [
                ("t1".to_owned(), 0),
                ("t2".to_owned(), 0),
                ("t1".to_owned(), 1)
            ]
        );
    }

    #[test]
    fn stopping_all_counts_only_the_running_ones() {
        let turns = Turns::new(mpsc::unbounded_channel().0);
        let first = turns.begin(id(1));
        let second = turns.begin(id(2));
        let finish = protocol::Finish::of(protocol::Outcome::Done);
        turns.tell(&id(1), TurnEvent::Finished { finish });
        assert_eq!(turns.stop(None), 1);
        assert!(!first.is_cancelled() && second.is_cancelled());
    }

    #[test]
    fn a_long_turn_keeps_no_finished_ones_behind_it() {
        let turns = Turns::new(mpsc::unbounded_channel().0);
        turns.begin(id(0));
        for number in 1..3 * KEPT {
            turns.begin(id(number));
            let finish = protocol::Finish::of(protocol::Outcome::Done);
            turns.tell(&id(number), TurnEvent::Finished { finish });
        }
        assert!(turns.has(&id(0)));
        assert!(turns.has(&id(3 * KEPT - 1)));
        assert_eq!(turns.all().len(), KEPT);
    }
}
