//! The ceiling: of the right plans, how many the grammar and the guards would let a model write.
//!
//! An accepted plan takes the place of the model's answer. What is then refused, or changed into something wrong,
//! no model could get right.

use std::{path::Path, sync::Mutex};

use async_trait::async_trait;
use engine::{
    CapsuleReport, Engine, EngineError, EngineStats, GenerateRequest, Generated, Generation,
    GenerationEvent, LoadReport, PrefillReport, Prompt, Score, Started, WorkerEngine,
    WorkerOptions,
};
use fancy_regex::Regex;
use functions::Registry;
use plan::{Argument, Call, Expression, Head, Literal, Plan, Signatures, Type};
use planner::Planner;
use tokio_util::sync::CancellationToken;

use crate::{
    answers::{self, Answer},
    desk,
    judge::{self, Judge},
    requests::EvalRequest,
};

/// The longest span of words that is tried as a text.
const LONGEST_SPAN: usize = 12;

/// Plans all requests with their accepted plans and prints what does not come through.
pub(crate) async fn measure(
    root: &Path,
    requests: &[EvalRequest],
    model: &Path,
    embedder: Option<&Path>,
) -> anyhow::Result<()> {
    let registry = desk::registry(root)?;
    let planner = Planner::new(&registry);
    if let Some(embedder) = embedder {
        answers::learn(root, &planner, embedder).await?;
    }
    let judge = Judge::new(&registry);
    let mut options = WorkerOptions::new("ceiling", model);
    options.load.capsules = None;
    let worker = WorkerEngine::new(options);
    let (mut tried, mut right) = (0, 0);
    for request in requests {
        let plans = plans(request, &registry);
        if plans.is_empty() {
            continue;
        }
        tried += 1;
        let mut reasons = Vec::new();
        for plan in &plans {
            let told = Told {
                worker: worker.clone(),
                plan: plan.clone(),
                refusal: Mutex::default(),
            };
            let result = planner
                .plan(
                    &desk::request(request, false),
                    &registry,
                    Some(&told),
                    &mut |_| {},
                    &CancellationToken::new(),
                )
                .await;
            let refusal = told.refusal.lock().expect("nobody panics").take();
            let answer = Answer::of(&request.id, "told", "no-templates", &result);
            let is_right = judge.fault(request, &answer).is_none();
            match refusal {
                None if is_right => {
                    reasons.clear();
                    break;
                }
                Some(refusal) => reasons.push(format!("grammar: {refusal}")),
                None => reasons.push(format!("{}{}", answer.plan, answer.error)),
            }
        }
        if reasons.is_empty() {
            right += 1;
            continue;
        }
        println!("- {} {}: {}", request.kind, request.id, request.text);
        for (plan, reason) in plans.iter().zip(reasons) {
            let line = |text: &str| text.trim().replace('\n', "; ");
            println!("    {}\n      → {}", line(plan), line(&reason));
        }
    }
    worker.unload().await;
    println!("{right} of {tried} come through");
    Ok(())
}

/// The accepted plans with values in the place of patterns, as far as the words give any.
fn plans(request: &EvalRequest, registry: &Registry) -> Vec<String> {
    if request.accept.is_empty() {
        return vec!["say(\"Lucid cannot do that.\")\n".to_owned()];
    }
    let plans = request.accept.iter().filter_map(|pattern| {
        let mut plan: Plan = judge::pattern_of(pattern).ok()?;
        for statement in &mut plan.statements {
            fill_call(&mut statement.call, request, registry)?;
        }
        Some(plan::print(&plan))
    });
    plans.collect()
}

fn fill_call(call: &mut Call, request: &EvalRequest, registry: &Registry) -> Option<()> {
    let signature = match &call.head {
        Head::Function(name) => registry.signature(name),
        Head::Word(_) => None,
    };
    let is_word = matches!(&call.head, Head::Word(word) if word == "say" || word == "ask");
    let mut filled = Vec::new();
    for (index, mut argument) in call.arguments.drain(..).enumerate() {
        if judge::is_anything(&argument.value) {
            if argument.name.is_some() {
                continue;
            }
            let text = "Which one do you mean?".to_owned();
            if !is_word {
                return None;
            }
            argument.value = Expression::Literal(Literal::Text(text));
        }
        let ty = signature
            .and_then(|signature| signature.argument_at(index, &argument))
            .map(|spec| &spec.ty);
        fill(&mut argument, ty, request, registry)?;
        filled.push(argument);
    }
    call.arguments = filled;
    Some(())
}

fn fill(
    argument: &mut Argument,
    ty: Option<&Type>,
    request: &EvalRequest,
    registry: &Registry,
) -> Option<()> {
    match &mut argument.value {
        Expression::Call(call) => fill_call(call, request, registry),
        Expression::Literal(Literal::Text(text)) => {
            if let Some(pattern) = text.strip_prefix("re:") {
                *text = matching(pattern, ty, &request.text)?;
            } else if let Some((least, _)) = text
                .strip_prefix("range:")
                .and_then(|range| range.split_once(".."))
            {
                let value = least.parse().ok()?;
                argument.value = Expression::Literal(Literal::Number { value, unit: None });
            }
            Some(())
        }
        _ => Some(()),
    }
}

/// A live name, or the shortest words of the request, that a pattern describes.
fn matching(pattern: &str, ty: Option<&Type>, words: &str) -> Option<String> {
    let regex = Regex::new(&format!("(?i){pattern}")).ok()?;
    let fits = |text: &str| regex.is_match(text).unwrap_or(false);
    let live = desk::live();
    let names = match ty {
        Some(Type::App) => Some(&live.apps),
        Some(Type::Live(source)) => Some(live.sources.get(source.as_str())?),
        _ => None,
    };
    if let Some(names) = names {
        let mut names = names.iter().flat_map(|value| &value.names);
        return names.find(|name| fits(name)).cloned();
    }
    let starts: Vec<usize> = words
        .char_indices()
        .filter(|(at, c)| {
            let before = words[..*at].chars().next_back();
            !c.is_ascii_alphanumeric()
                || before.is_none_or(|before| !before.is_ascii_alphanumeric())
        })
        .map(|(at, _)| at)
        .chain([words.len()])
        .collect();
    (1..=LONGEST_SPAN).find_map(|length| {
        let mut spans = starts.windows(length + 1);
        spans.find_map(|span| {
            let text = words[span[0]..span[length]].trim();
            fits(text).then(|| text.to_owned())
        })
    })
}

/// Answers with a plan that it was told, if the grammar allows it.
struct Told {
    /// Knows grammars.
    worker: WorkerEngine,
    plan: String,
    refusal: Mutex<Option<String>>,
}

#[async_trait]
impl Engine for Told {
    fn model(&self) -> &'static str {
        "told"
    }

    async fn load(&self) -> Result<LoadReport, EngineError> {
        Ok(LoadReport::default())
    }

    async fn prepare(&self, _: &Prompt) -> Result<CapsuleReport, EngineError> {
        Ok(CapsuleReport::default())
    }

    async fn prefill(&self, _: &Prompt) -> Result<PrefillReport, EngineError> {
        Ok(PrefillReport::default())
    }

    async fn generate(&self, request: GenerateRequest) -> Result<Generation, EngineError> {
        let prompt = Prompt {
            user: "a".to_owned(),
            capsule: engine::Capsule::None,
            ..Prompt::default()
        };
        let mut checked = GenerateRequest::new(prompt).max_tokens(1);
        // A gate that the prompt's own rules shut leaves the exits alone.
        checked.grammar = match &request.gate {
            Some(gate) if gate.min_first_token_mass > 1.0 => Some(gate.grammar.clone()),
            _ => request.grammar.clone(),
        };
        checked.fixed = format!("{}{}", request.fixed, self.plan);
        let obeys = match self.worker.generate(checked).await {
            Ok(generation) => generation.finish().await.map(|_| ()),
            Err(error) => Err(error),
        };
        if let Err(error) = obeys {
            let mut refusal = self.refusal.lock().expect("nobody panics");
            refusal.get_or_insert_with(|| error.to_string());
        }
        let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
        let started = Started {
            first_token_legal_mass: Some(1.0),
            ..Started::default()
        };
        let generated = Generated {
            text: self.plan.clone(),
            ..Generated::default()
        };
        for event in [
            GenerationEvent::Started(started),
            GenerationEvent::Delta(self.plan.clone()),
            GenerationEvent::Done(generated),
        ] {
            // Whoever heard enough is gone.
            let _ = sender.send(Ok(event));
        }
        Ok(Generation::new(receiver))
    }

    async fn score(&self, _: &Prompt, _: &[String]) -> Result<Vec<Score>, EngineError> {
        Ok(Vec::new())
    }

    async fn tokenise(&self, _: &str) -> Result<Vec<u32>, EngineError> {
        Ok(Vec::new())
    }

    async fn stats(&self) -> Result<EngineStats, EngineError> {
        Ok(EngineStats::default())
    }

    async fn unload(&self) {}
}
