//! What models may spend on one request: tokens, seconds, joules.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use planner::PlanEvent;
use protocol::{
    Problem,
    text::{Language, problem},
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::settings::Limits;

/// How often the energy is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// Watches what planning or reading spends, and cancels it when that is more than the person allows.
///
/// What counts is writing: how long a model is loaded and how long it reads the constant prompt for
/// the first time is no fault of the request.
pub(crate) struct Budget {
    limits: Limits,
    /// The table of the settings that has the limits.
    table: &'static str,
    cancel: CancellationToken,
    spent: Mutex<Spent>,
    begun: Notify,
}

#[derive(Default)]
struct Spent {
    written: u32,
    /// How long it was written before.
    earlier: Duration,
    writing_since: Option<Instant>,
    exceeded: Option<Limit>,
}

impl Spent {
    fn elapsed(&self) -> Duration {
        let now = self.writing_since.map(|since| since.elapsed());
        self.earlier + now.unwrap_or_default()
    }
}

/// A limit that a request may exceed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Limit {
    Tokens(u32),
    Seconds(f64),
    Joules(f64),
}

impl Budget {
    /// Begins a request that is cancelled by `cancel`, too. `table` is that of the settings which has the limits.
    pub(crate) fn new(limits: Limits, table: &'static str, cancel: &CancellationToken) -> Budget {
        Budget {
            limits,
            table,
            cancel: cancel.child_token(),
            spent: Mutex::default(),
            begun: Notify::new(),
        }
    }

    /// Cancels the planning: by the person's wish, or because it has spent too much.
    pub(crate) fn cancel(&self) -> &CancellationToken {
        &self.cancel
    }

    /// Counts what an event of the planner tells.
    pub(crate) fn note(&self, event: &PlanEvent) {
        if matches!(event, PlanEvent::Text(_)) {
            self.count();
        }
    }

    /// Counts a piece that was written: a token, or several that the grammar forces in one go.
    pub(crate) fn count(&self) {
        let mut spent = self.spent();
        spent.written += 1;
        if spent.writing_since.is_none() {
            spent.writing_since = Some(Instant::now());
            self.begun.notify_one();
        }
        let is_over = |tokens: &u32| spent.written > *tokens;
        if let Some(tokens) = self.limits.tokens.filter(is_over) {
            self.exceed(spent, Limit::Tokens(tokens));
        }
    }

    /// Stops the time until more is written.
    pub(crate) fn rest(&self) {
        let mut spent = self.spent();
        if let Some(since) = spent.writing_since.take() {
            spent.earlier += since.elapsed();
        }
    }

    /// Waits until the time or the energy is spent, and cancels then. `joules` tells the energy so far.
    pub(crate) async fn watch(&self, joules: impl Fn() -> f64) {
        self.begun.notified().await;
        loop {
            let elapsed = self.spent().elapsed();
            if let Some(seconds) = self.limits.seconds
                && elapsed.as_secs_f64() >= seconds
            {
                return self.exceed(self.spent(), Limit::Seconds(seconds));
            }
            if let Some(limit) = self.limits.joules
                && joules() > limit
            {
                return self.exceed(self.spent(), Limit::Joules(limit));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Says which limit was exceeded, and where it is set; none when none was.
    pub(crate) fn problem(&self, language: Language) -> Option<Problem> {
        let (id, limit) = match self.spent().exceeded? {
            Limit::Tokens(limit) => ("budget-tokens", limit.to_string()),
            Limit::Seconds(limit) => ("budget-seconds", limit.to_string()),
            Limit::Joules(limit) => ("budget-joules", limit.to_string()),
        };
        let values = [("limit", &*limit), ("table", self.table)];
        Some(problem(language, id, &values))
    }

    fn exceed(&self, mut spent: MutexGuard<'_, Spent>, limit: Limit) {
        spent.exceeded.get_or_insert(limit);
        self.cancel.cancel();
    }

    fn spent(&self) -> MutexGuard<'_, Spent> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(settings: &str) -> Budget {
        let settings = crate::settings::Settings::parse(settings).unwrap();
        Budget::new(
            settings.budget.plans(),
            "[budget]",
            &CancellationToken::new(),
        )
    }

    fn said(budget: &Budget) -> String {
        let problem = budget.problem(Language::English).unwrap();
        format!("{} {}", problem.sentence, problem.remedy)
    }

    #[test]
    fn the_last_token_of_the_budget_is_free_and_the_next_one_is_not() {
        let budget = budget("[budget]\ntokens = 3\n");
        let piece = PlanEvent::Text("a".to_owned());
        for _ in 0..3 {
            budget.note(&piece);
        }
        assert!(!budget.cancel().is_cancelled() && budget.problem(Language::English).is_none());
        budget.note(&PlanEvent::Rewriting {
            reason: String::new(),
        });
        assert!(!budget.cancel().is_cancelled());
        budget.note(&piece);
        assert!(budget.cancel().is_cancelled());
        let said = said(&budget);
        assert!(
            said.contains("3 tokens") && said.contains("`tokens`"),
            "{said}"
        );
    }

    #[tokio::test]
    async fn energy_ends_a_request_only_where_a_limit_is_set() {
        let limited = budget("[budget]\njoules = 50\n");
        limited.note(&PlanEvent::Text("a".to_owned()));
        limited.watch(|| 51.0).await;
        assert!(limited.cancel().is_cancelled());
        let said = said(&limited);
        assert!(said.contains("50 J") && said.contains("`joules`"), "{said}");

        let free = budget("");
        free.note(&PlanEvent::Text("a".to_owned()));
        let watched = tokio::time::timeout(LOOK * 2, free.watch(|| 1e9)).await;
        assert!(watched.is_err() && !free.cancel().is_cancelled());
    }

    #[tokio::test]
    async fn time_counts_from_the_first_token() {
        let budget = budget("[budget]\nseconds = 0.01\n");
        let waiting = tokio::time::timeout(Duration::from_millis(50), budget.watch(|| 0.0)).await;
        assert!(
            waiting.is_err(),
            "a model that is loaded spends nothing yet"
        );
        budget.note(&PlanEvent::Text("a".to_owned()));
        budget.watch(|| 0.0).await;
        assert!(budget.cancel().is_cancelled());
        let said = said(&budget);
        assert!(
            said.contains("0.01 s") && said.contains("`seconds`"),
            "{said}"
        );
    }

    #[tokio::test]
    async fn time_between_two_readings_counts_for_nothing() {
        let budget = budget("[budget]\nseconds = 0.2\n");
        budget.count();
        budget.rest();
        tokio::time::sleep(Duration::from_millis(300)).await;
        budget.count();
        let begun = Instant::now();
        budget.watch(|| 0.0).await;
        assert!(begun.elapsed() > Duration::from_millis(150));
        assert!(budget.cancel().is_cancelled());
    }

    #[test]
    fn nothing_is_no_limit() {
        let budget = budget("[budget]\ntokens = 0\nseconds = 0\njoules = 0\n");
        for _ in 0..10_000 {
            budget.note(&PlanEvent::Text("a".to_owned()));
        }
        assert!(!budget.cancel().is_cancelled());
        assert_eq!((budget.limits.seconds, budget.limits.joules), (None, None));
    }
}
