//! The turn before: what “it”, “the second one” and “instead” mean.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use plan::Plan;
use planner::{Context, Earlier};

use crate::results::Results;

/// For how long words can refer to a turn.
const RECENT: Duration = Duration::from_secs(10 * 60);

/// A turn that has ended, with what its statements gave.
#[derive(Debug)]
pub(crate) struct TurnBefore {
    utterance: String,
    plan: Plan,
    /// What the person saw: referred to, it is not asked for anew.
    pub(crate) results: Arc<Results>,
    ended: Instant,
}

/// The last turn that was asked for in words; in memory alone.
#[derive(Debug, Default)]
pub(crate) struct Before(Mutex<Option<Arc<TurnBefore>>>);

impl Before {
    /// Keeps a turn that has just ended, in the place of the one before.
    pub(crate) fn keep(&self, utterance: String, plan: Plan, results: Arc<Results>) {
        *self.lock() = Some(Arc::new(TurnBefore {
            utterance,
            plan,
            results,
            ended: Instant::now(),
        }));
    }

    /// Takes out the turn before, if it is recent enough to be meant: a new turn stands in its place, and
    /// if nothing comes of that, nothing is meant.
    pub(crate) fn take(&self) -> Option<Arc<TurnBefore>> {
        self.lock()
            .take()
            .filter(|before| before.ended.elapsed() < RECENT)
    }

    /// Forgets it.
    pub(crate) fn forget(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<TurnBefore>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TurnBefore {
    /// What the planner may know of it: words and plan, and nothing that came of them.
    pub(crate) fn context(&self) -> Context {
        Context::after(Earlier {
            utterance: self.utterance.clone(),
            plan: self.plan.clone(),
        })
    }
}
