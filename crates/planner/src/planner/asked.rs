//! The model's way: what it is asked, and what it may answer.

use std::{collections::BTreeSet, time::Instant};

use engine::{ChatTurn, Engine, Prompt};
use plan::{CheckedPlan, FunctionName, GrammarOptions, Moment, Plan, Signature, grammar};
use protocol::Route;
use tokio_util::sync::CancellationToken;

use super::{Planner, refers_surely};
use crate::{
    Confidence, Found, PlanError, PlanEvent, Planned, Timings,
    acts::{self, Acts},
    decode::{self, Cost, Task},
    examples::functions_of,
    follow::{self, Earlier},
    gate,
    ground::{Bids, Ground},
    line::Draft,
    shown::Shown,
    slot::NameIndex,
    words::Words,
};

/// How many functions are reported as considered.
const CONSIDERED: usize = 8;

/// What the model's way starts from.
pub(super) struct ModelWork<'a> {
    pub(super) utterance: &'a str,
    pub(super) names: &'a NameIndex,
    pub(super) found: &'a Found,
    pub(super) shown: &'a Shown,
    /// See [`Task::further`].
    pub(super) further: Option<BTreeSet<FunctionName>>,
    pub(super) earlier: Option<&'a Earlier>,
    pub(super) route: Route,
    pub(super) began: Instant,
    /// Whether what the model is asked stays on this machine.
    pub(super) is_here: bool,
    pub(super) gives_up_unsure: bool,
    pub(super) now: Moment,
}

impl Planner {
    /// Asks the model for the plan.
    pub(super) async fn ask_model(
        &self,
        work: ModelWork<'_>,
        mut draft: Draft<'_>,
        engine: &dyn Engine,
        events: &mut (dyn FnMut(PlanEvent) + Send),
        cancel: &CancellationToken,
    ) -> Result<Planned, PlanError> {
        let considered: Vec<FunctionName> = work
            .found
            .ranked
            .iter()
            .take(CONSIDERED)
            .map(|(name, _)| name.clone())
            .collect();
        events(PlanEvent::Routed {
            route: work.route.clone(),
            considered: considered.clone(),
        });
        let routed = work.began.elapsed();
        let cpu_before = cpu_seconds(engine, cancel).await;
        let task = self.task(&work);
        let mut cost = Cost::default();
        let written = decode::write(&task, &mut draft, engine, events, cancel, &mut cost).await;
        let cpu_seconds = spent(cpu_before, cpu_seconds(engine, cancel).await);
        let confidence = Confidence {
            first_token_mass: cost.first_token_mass,
            coverage: work.found.coverage,
            nearest_act: work.shown.act,
            nearest_words: work.shown.words,
            cosine: work.found.cosine,
            gated: cost.gated,
        };
        events(PlanEvent::Spent {
            tokens: cost.tokens,
            cpu_seconds,
            confidence,
        });
        written?;
        let timings = Timings {
            routed,
            first_statement: cost.first_statement,
            total: work.began.elapsed(),
        };
        let mut planned = planned(&draft, work.route, considered, cost, timings);
        planned.confidence = Some(confidence);
        planned.cpu_seconds = cpu_seconds;
        Ok(planned)
    }

    /// Puts what belongs to the words behind the capsule, which stays as it is: worked examples,
    /// then the turn before, then the words.
    pub(super) fn prompt(
        &self,
        words: &str,
        found: &Found,
        shown: &Shown,
        earlier: Option<&Earlier>,
    ) -> Prompt {
        let mut prompt = self.prompts.for_words(words, found);
        // Functions that plugins add bring examples of their own, of which the bank knows nothing.
        if prompt.capsule_turns() == Some(prompt.turns.len()) {
            prompt.turns.extend_from_slice(&shown.turns);
        }
        if let Some(earlier) = earlier {
            prompt.turns.push(ChatTurn::new(
                earlier.utterance.clone(),
                follow::shown(&earlier.plan, &self.registry),
            ));
        }
        prompt
    }

    /// Takes out of the offered functions those that are hardly meant.
    fn keep_likely(&self, offered: &mut BTreeSet<FunctionName>, work: &ModelWork<'_>) {
        let before = work.earlier.map(|earlier| functions_of(&earlier.plan));
        let widely = before.is_some() || acts::wants_panel(&work.utterance.to_lowercase());
        let before = before.unwrap_or_default();
        // The bank knows nothing of what plugins do.
        offered.retain(|name| {
            work.shown.may_mean(name, widely)
                || before.contains(name)
                || !self.prompts.is_constant(name)
        });
    }

    fn task<'w>(&self, work: &ModelWork<'w>) -> Task<'w> {
        let words = Words::of_utterance(work.utterance);
        let mut offered = self.prompts.offered(work.found);
        // The bank knows nothing of what plugins do.
        let may_be_reasons = work.shown.is_one_wish && self.prompts.holds(&offered);
        self.keep_likely(&mut offered, work);
        let needed = work.earlier.filter(|earlier| {
            let asks_on = follow::asks_on(&words, &earlier.plan);
            refers_surely(work.utterance) || (asks_on && !work.shown.is_like_words)
        });
        // What was said before follows from the person's words too, where these need it.
        let said = match needed {
            Some(earlier) => format!("{}\n{}", work.utterance, earlier.utterance),
            None => work.utterance.to_owned(),
        };
        let mut ground = Ground::new(&said, work.names);
        ground.takes_any_text = self.bank.is_none();
        let bids = Bids::of(ground.own());
        let (too_early, in_time): (Vec<_>, Vec<_>) = self
            .registry
            .functions()
            .filter(|function| offered.contains(&function.signature.name))
            .partition(|function| bids.are_too_early(function));
        let signatures: Vec<Signature> = in_time
            .into_iter()
            .filter(|function| ground.can_give(&function.signature))
            .map(|function| ground.with_choices(function))
            .collect();
        let points = follow::pointer(&words).is_some();
        let acts = Acts::of(
            &words,
            &ground,
            &self.registry,
            work.is_here,
            may_be_reasons,
        );
        let is_app_missing = work.is_here
            && ((work.shown.opens_app && !work.shown.is_like_words) || opens_a_name(&words))
            && !work.names.mentions_an_app(&work.utterance.to_lowercase());
        // Of functions that plugins add the bank knows nothing.
        let is_known = self.prompts.holds(&offered);
        let is_open = |name: &FunctionName| {
            signatures.iter().any(|signature| signature.name == *name)
                && !acts.only_pressed.contains(name)
        };
        // Behind a turn the words alone tell too little.
        let is_told = is_known && work.earlier.is_none();
        // An app that is named is meant where the nearest example opens one: “get me gedit”.
        let opens_named = work.is_here
            && work.shown.opens_app
            && !work.shown.is_like_words
            && work.names.mentions_an_app(&work.utterance.to_lowercase());
        let is_sure =
            is_told && !is_app_missing && (opens_named || work.shown.sure().is_some_and(is_open));
        let mut options = GrammarOptions {
            only_pressed: acts.only_pressed,
            said: ground.said(work.now),
            follows: work.earlier.is_some(),
            bound: work.earlier.map(follow::bound).unwrap_or_default(),
            no_exits: is_sure,
            ..GrammarOptions::default()
        };
        // What is installed and runs here is nobody's business elsewhere. The check and the grounding
        // of each line know the names all the same.
        if work.is_here {
            options.live = ground.mentioned();
            options.said.names = true;
        }
        Task {
            prompt: self.prompt(work.utterance, work.found, work.shown, work.earlier),
            grammar: grammar(&signatures, &options),
            min_first_token_mass: match needed {
                Some(_) => gate::MASS_WITH_COVERAGE,
                None if work.shown.is_like_words && is_known => gate::SHUT,
                None if self.bank.is_none() && gate::is_near(work.found.cosine) => 0.0,
                // Of functions that nobody gave examples of, the words must name something, or mean it.
                None if self.bank.is_none()
                    && gate::names_nothing(work.found.coverage, work.found.cosine) =>
                {
                    gate::SHUT
                }
                None if opens_named && is_told => 0.0,
                None if work.shown.asks && is_told => gate::SHUT,
                None if work.shown.points && points && !ground.names_something() => gate::SHUT,
                None if is_sure => 0.0,
                None => gate::min_first_token_mass(work.found.coverage),
            },
            ground,
            began: work.began,
            gives_up_unsure: work.gives_up_unsure,
            is_app_missing,
            most_acts: acts.most,
            pressed: acts.pressed,
            is_one_line: is_told && work.shown.is_one_line(),
            further: work.further.clone(),
            is_left_out: !too_early.is_empty(),
        }
    }
}

/// Tells whether words would open something that is called by a name: “open Photoshop”, and not “open the door”.
fn opens_a_name(words: &Words) -> bool {
    const VERBS: &[&[&str]] = &[
        &["open"],
        &["launch"],
        &["start"],
        &["run"],
        &["打", "开"],
        &["启", "动"],
    ];
    const LONGEST: usize = 4;
    let behind = VERBS
        .iter()
        .find_map(|verb| words.has_at(0, verb).then_some(verb.len()));
    behind.is_some_and(|behind| {
        let is_described = |word: &str| {
            [
                "the", "my", "a", "an", "it", "that", "this", "these", "those", "your",
            ]
            .contains(&word)
        };
        (behind + 1..=behind + LONGEST).contains(&words.len()) && !is_described(words.key(behind))
    })
}

pub(super) fn planned(
    draft: &Draft<'_>,
    route: Route,
    considered: Vec<FunctionName>,
    cost: Cost,
    timings: Timings,
) -> Planned {
    let lines = draft.lines();
    Planned {
        plan: Plan {
            params: Vec::new(),
            statements: lines.iter().map(|line| line.statement.clone()).collect(),
        },
        checked: CheckedPlan {
            params: Vec::new(),
            statements: lines.iter().map(|line| line.checked.clone()).collect(),
        },
        text: draft.text(),
        route,
        considered,
        tokens: cost.tokens,
        timings,
        confidence: None,
        cpu_seconds: None,
        answered: None,
    }
}

/// The processor time between two readings; a worker that was started anew counts from 0.
fn spent(before: Option<f64>, after: Option<f64>) -> Option<f64> {
    after.zip(before).map(|(after, before)| {
        if after < before {
            after
        } else {
            after - before
        }
    })
}

/// Reads the worker's clock. A worker that is loaded, or reads its instructions, answers only behind that, for which
/// who stops a request does not wait.
async fn cpu_seconds(engine: &dyn Engine, cancel: &CancellationToken) -> Option<f64> {
    tokio::select! {
        biased;
        () = cancel.cancelled() => None,
        stats = engine.stats() => stats.ok().map(|stats| stats.cpu_seconds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_to_open_is_told_from_a_thing() {
        for (words, expected) in [
            ("open Photoshop", true),
            ("打开记事本", true),
            ("open the door", false),
            ("open it", false),
            ("open", false),
            ("close Photoshop", false),
            ("open whatever I was working on this morning", false),
        ] {
            assert_eq!(opens_a_name(&Words::of(words)), expected, "{words}");
        }
    }
}
