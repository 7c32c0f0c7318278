//! The ladder of models: one that does not do hands the request on, as far as the person allows it.
//!
//! A step is taken only before a line of the plan was sent, because a line may have run. What goes up
//! is the words with the pinned prompt. Readers have a ladder of their own ([`crate::reader`]): data goes to a server only
//! by the person's explicit rule.

use engine::{Engine, EngineError};
use functions::Registry;
use planner::{Confidence, Context, PlanError, PlanEvent, Planned, Request};
use protocol::{RouteStep, Tokens, text::message};
use tokio_util::sync::CancellationToken;

use crate::{
    Kernel,
    settings::{DelegationSettings, When},
};

/// What all steps have cost together.
#[derive(Default)]
struct Spent {
    tokens: Tokens,
    cpu_seconds: Option<f64>,
}

impl Spent {
    /// Adds the cost of a step, and returns the event that tells the sum.
    fn add(
        &mut self,
        tokens: Tokens,
        cpu_seconds: Option<f64>,
        confidence: Confidence,
    ) -> PlanEvent {
        self.tokens.prompt += tokens.prompt;
        self.tokens.restored += tokens.restored;
        self.tokens.decoded += tokens.decoded;
        if let Some(seconds) = cpu_seconds {
            *self.cpu_seconds.get_or_insert(0.0) += seconds;
        }
        PlanEvent::Spent {
            tokens: self.tokens,
            cpu_seconds: self.cpu_seconds,
            confidence,
        }
    }
}

impl Kernel {
    /// Plans with the model in use, and with those above it as long as one does not do.
    pub(crate) async fn climb(
        &self,
        mut request: Request,
        available: &Registry,
        events: &mut (dyn FnMut(PlanEvent) + Send),
        cancel: &CancellationToken,
    ) -> Result<Planned, PlanError> {
        let mut spent = Spent::default();
        let mut engine = self.models.engine();
        let settings = &self.delegation;
        let (larger, remote) = (settings.larger.as_deref(), settings.remote.as_deref());
        let mut above = self.models.engines_above(larger, remote).into_iter();
        loop {
            let next = above.next();
            request.gives_up_unsure = next.is_some() && self.delegation.allows(When::LowConfidence);
            let mut has_sent = false;
            let mut passed = |event| match event {
                PlanEvent::Spent {
                    tokens,
                    cpu_seconds,
                    confidence,
                } => events(spent.add(tokens, cpu_seconds, confidence)),
                other => {
                    has_sent |= matches!(other, PlanEvent::Statement(_));
                    events(other);
                }
            };
            // What was asked and done before is not part of these words.
            if engine
                .as_ref()
                .is_some_and(|engine| !engine.is_on_this_machine())
            {
                request.context = Context::default();
            }
            let planned = self
                .planner()
                .plan(&request, available, engine.as_deref(), &mut passed, cancel)
                .await;
            let step = match (&planned, &engine, &next) {
                (Err(error), Some(engine), Some(_)) if !has_sent => {
                    step(&self.delegation, error, engine.as_ref(), &request)
                }
                _ => None,
            };
            let (Some(step), Some(next)) = (step, next) else {
                return planned.map(|planned| Planned {
                    tokens: spent.tokens,
                    cpu_seconds: spent.cpu_seconds,
                    ..planned
                });
            };
            tracing::info!(from = step.model, to = next.model(), "the request goes on");
            events(PlanEvent::Rewriting {
                reason: step.reason.clone(),
            });
            request.steps.push(step);
            engine = Some(next);
        }
    }
}

/// Returns the step from a model whose plan came to nothing, where the settings allow it.
fn step(
    settings: &DelegationSettings,
    error: &PlanError,
    engine: &dyn Engine,
    request: &Request,
) -> Option<RouteStep> {
    let (when, id) = match error {
        PlanError::Unsure => (When::LowConfidence, "step-unsure"),
        PlanError::Invalid { .. } => (When::Failed, "step-failed"),
        PlanError::Engine(EngineError::TooLong { .. }) => (When::TooLong, "step-too-long"),
        _ => return None,
    };
    settings.allows(when).then(|| RouteStep {
        model: engine.model().to_owned(),
        reason: message(request.language, id, &[]),
    })
}
