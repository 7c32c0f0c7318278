//! Measures models on this machine with the requests that people make, one model after the other.

use std::{path::PathBuf, sync::Arc, time::Duration};

use engine::{
    Engine, EngineError, GenerateRequest, Prompt, WorkerEngine, WorkerOptions, catalog::Role,
};
use planner::{PlanError, Request};
use protocol::{
    BenchReport, BenchStep, ModelBench, Problem,
    text::{Language, message, problem},
};
use tokio::sync::mpsc::UnboundedSender;

use crate::{Kernel, models::Candidate, surroundings};

/// The longest that a short plan of the proposed model takes: what still feels like an answer.
const PATIENCE_MS: f64 = 1500.0;

/// Requests of one call each, and what they are.
const SHORT_PLANS: [(&str, &str); 3] = [
    (
        "set the volume to thirty percent please",
        "audio.set_volume(30)",
    ),
    ("please mute the sound", "audio.mute()"),
    ("请把音量调到六十", "audio.set_volume(60)"),
];

/// The tokens by which writing is measured.
const WRITTEN_TOKENS: u32 = 48;

/// The folder of the capsules that measuring makes; it goes when this is dropped.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "the capsules of measuring were not removed");
        }
    }
}

impl Kernel {
    /// Measures the models with `ids`, all that are here and write plans when there are none, and
    /// proposes one. `steps` gets each step as it begins, and each model's figures as they come.
    ///
    /// The worker of the model in use ends before, so that one model is in memory at a time; until
    /// the end no request gets a model. Dropping the future ends the measuring.
    ///
    /// # Errors
    ///
    /// When a model is unknown, absent or of the kind that writes nothing, when a turn runs or
    /// models are being measured already, or when [`Kernel::stop_bench`] was asked.
    pub async fn bench_models(
        self: &Arc<Kernel>,
        ids: &[String],
        steps: UnboundedSender<BenchStep>,
        language: Language,
    ) -> Result<BenchReport, Problem> {
        let candidates = self.models.candidates(ids, language)?;
        let measuring = self.models.begin_measuring(language)?;
        if self.turns.running() > 0 {
            return Err(problem(language, "bench-turn-runs", &[]));
        }
        let folder = Folder(self.world.places.cache.join("lucid/bench-capsules"));
        let work = async {
            self.models.unload().await;
            self.measure_all(&candidates, &folder, &steps, language)
                .await
        };
        let models = tokio::select! {
            models = work => models,
            () = measuring.stopped() => return Err(problem(language, "bench-stopped", &[])),
        };
        let (proposed, reason) = propose(&models, language);
        Ok(BenchReport {
            models,
            proposed,
            reason,
        })
    }

    /// Stops the measuring of models. Returns whether there was any.
    pub fn stop_bench(&self) -> bool {
        self.models.stop_measuring()
    }

    async fn measure_all(
        &self,
        candidates: &[Candidate],
        folder: &Folder,
        steps: &UnboundedSender<BenchStep>,
        language: Language,
    ) -> Vec<ModelBench> {
        let mut models = Vec::new();
        for (number, candidate) in (1u32..).zip(candidates) {
            let mut bench = candidate.bench.clone();
            let engine = engine_of(candidate, folder);
            let step = |stage: &str, model: Option<ModelBench>| {
                // Whoever asked may have gone; then the measuring ends by itself.
                let _ = steps.send(BenchStep {
                    id: candidate.bench.id.clone(),
                    stage: stage.to_owned(),
                    number,
                    of: u32::try_from(candidates.len()).unwrap_or(u32::MAX),
                    model,
                });
            };
            let measured = self
                .measure(engine.as_ref(), &mut bench, &mut |stage| {
                    step(stage, None);
                })
                .await;
            if let Err(error) = measured {
                bench.problem = Some(PlanError::Engine(error).problem(language));
            }
            engine.unload().await;
            step("measured", Some(bench.clone()));
            models.push(bench);
        }
        models
    }

    async fn measure(
        &self,
        engine: &dyn Engine,
        bench: &mut ModelBench,
        step: &mut (dyn FnMut(&str) + Send),
    ) -> Result<(), EngineError> {
        step("loading");
        let loaded = engine.load().await?;
        bench.load_ms = Some(loaded.load_ms);
        bench.build = loaded.build;
        step("reading");
        let constant = self.planner().constant();
        let read = engine.prepare(&constant).await?;
        bench.capsule_tokens = read.tokens;
        bench.reading_tokens_per_s =
            per_second(read.tokens.saturating_sub(read.restored_tokens), read.ms);
        step("writing");
        // Another prompt, so that the constant one has to come back from its capsule.
        let request = GenerateRequest::new(Prompt {
            user: "Count from one to a hundred in words.".to_owned(),
            ..Prompt::default()
        });
        let written = engine.generate(request.max_tokens(WRITTEN_TOKENS)).await?;
        let written = written.finish().await?;
        bench.writing_tokens_per_s = per_second(written.decoded_tokens, written.decode_ms);
        step("restoring");
        let restored = engine.prepare(&constant).await?;
        bench.capsule_restore_ms = (restored.restored_tokens > 0).then_some(restored.ms);
        step("planning");
        self.plan_shortly(engine, bench).await?;
        let stats = engine.stats().await?;
        bench.memory_bytes = stats.rss_bytes;
        let told = |speed: f64| (speed > 0.0).then_some(speed);
        // An engine without capsules reads only with a request.
        let (reading, writing) = (stats.prefill_tokens_per_s, stats.decode_tokens_per_s);
        bench.reading_tokens_per_s = bench.reading_tokens_per_s.or(told(reading));
        bench.writing_tokens_per_s = bench.writing_tokens_per_s.or(told(writing));
        Ok(())
    }

    /// Lets the model plan the short requests, as the planner asks them.
    async fn plan_shortly(
        &self,
        engine: &dyn Engine,
        bench: &mut ModelBench,
    ) -> Result<(), EngineError> {
        let mut times = Vec::new();
        for (words, right) in SHORT_PLANS {
            let language = Language::of(if words.is_ascii() { "en" } else { "zh" });
            let mut request = Request::new(words, language, surroundings::now());
            request.use_templates = false;
            let cancel = tokio_util::sync::CancellationToken::new();
            let begun = std::time::Instant::now();
            let planned = self
                .planner()
                .plan(
                    &request,
                    &self.registry(),
                    Some(engine),
                    &mut |_| (),
                    &cancel,
                )
                .await;
            times.push(milliseconds(begun.elapsed()));
            bench.asked_plans += 1;
            match planned {
                Ok(planned) if is_right(&planned.text, right) => bench.right_plans += 1,
                Err(PlanError::Engine(error)) => return Err(error),
                _ => {}
            }
        }
        times.sort_by(f64::total_cmp);
        bench.short_plan_ms = times.get(times.len() / 2).copied();
        Ok(())
    }
}

fn engine_of(candidate: &Candidate, folder: &Folder) -> Box<dyn Engine> {
    match &candidate.source {
        crate::models::EngineSource::Scripted(engine) => Box::new(engine.clone()),
        crate::models::EngineSource::Worker(options) => {
            let mut options: WorkerOptions = (**options).clone();
            // Capsules of its own, so that reading is measured and not spared.
            options.load.capsules = Some(folder.0.clone());
            Box::new(WorkerEngine::new(options))
        }
    }
}

/// Compares a plan with the right one; models may name the argument and write the unit.
fn is_right(plan: &str, right: &str) -> bool {
    plan.trim().replace("level=", "").replace('%', "") == right
}

fn per_second(tokens: u32, ms: f64) -> Option<f64> {
    (tokens > 0 && ms > 0.0).then(|| f64::from(tokens) / ms * 1000.0)
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// Proposes the largest model whose short plan comes soon enough, and says why.
///
/// Larger models plan more requests rightly; what they cannot make up for is waiting. One that gets
/// even these requests wrong is none to use, and neither a model for tests nor a server is proposed.
fn propose(models: &[ModelBench], language: Language) -> (Option<String>, String) {
    let time = |model: &ModelBench| model.short_plan_ms.unwrap_or(f64::INFINITY);
    let able: Vec<&ModelBench> = models
        .iter()
        .filter(|model| model.may_be_default && model.problem.is_none())
        .filter(|model| model.right_plans * 2 > model.asked_plans)
        .collect();
    let quick = able.iter().filter(|model| time(model) <= PATIENCE_MS);
    let (model, id) = if let Some(model) = quick.max_by_key(|model| model.bytes) {
        (model, "bench-proposed-largest")
    } else if let Some(model) = able.iter().min_by(|a, b| time(a).total_cmp(&time(b))) {
        (model, "bench-proposed-quickest")
    } else {
        return (None, message(language, "bench-proposed-none", &[]));
    };
    let seconds = |ms: f64| format!("{:.1}", ms / 1000.0);
    let values = [
        ("model", &*model.id),
        ("seconds", &seconds(time(model))),
        ("limit", &seconds(PATIENCE_MS)),
    ];
    (Some(model.id.clone()), message(language, id, &values))
}

/// Whether a model of this role may be proposed as the one to use.
pub(crate) fn may_be_default(role: Role) -> bool {
    !matches!(role, Role::Tests | Role::Embedding)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(id: &str, bytes: u64, ms: f64, right: u32) -> ModelBench {
        ModelBench {
            id: id.to_owned(),
            bytes,
            short_plan_ms: Some(ms),
            right_plans: right,
            asked_plans: 3,
            may_be_default: true,
            ..ModelBench::default()
        }
    }

    fn proposed(models: &[ModelBench]) -> Option<String> {
        propose(models, Language::English).0
    }

    #[test]
    fn the_largest_that_is_quick_enough_and_right_is_proposed() {
        let (small, middle, large) = (
            model("small", 100, 300.0, 3),
            model("middle", 500, 1499.0, 2),
            model("large", 900, 1501.0, 3),
        );
        let models = [small.clone(), middle.clone(), large.clone()];
        assert_eq!(proposed(&models).as_deref(), Some("middle"));
        let (_, reason) = propose(&models, Language::English);
        assert!(
            reason.contains("1.5 s") && reason.contains("middle"),
            "{reason}"
        );
        let wrong = ModelBench {
            right_plans: 1,
            ..middle.clone()
        };
        assert_eq!(
            proposed(&[small.clone(), wrong, large.clone()]).as_deref(),
            Some("small")
        );
        let for_tests = ModelBench {
            may_be_default: false,
            ..middle
        };
        assert_eq!(proposed(&[small, for_tests]).as_deref(), Some("small"));
    }

    #[test]
    fn where_all_are_slow_the_quickest_is_proposed_and_where_none_is_right_none() {
        let slow = [model("a", 100, 2000.0, 3), model("b", 900, 3000.0, 3)];
        let (id, reason) = propose(&slow, Language::English);
        assert_eq!(id.as_deref(), Some("a"));
        assert!(reason.contains("2.0 s"), "{reason}");
        assert_eq!(proposed(&[model("a", 100, 200.0, 1)]), None);
        assert_eq!(proposed(&[]), None);
    }

    #[test]
    fn a_plan_may_name_its_argument() {
        assert!(is_right(
            "audio.set_volume(level=30%)\n",
            "audio.set_volume(30)"
        ));
        assert!(!is_right("audio.set_volume(20)", "audio.set_volume(30)"));
    }
}
