//! Functions beyond the constant ones are found by words and by meaning, with their examples.

mod fixture;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use engine::{Behaviour, Capsule, Engine, Prompt, Script, ScriptedAnswer, ScriptedEngine};
use fixture::{Fixture, request};
use functions::{Function, Means, Offered, Registry, Template};
use plan::{Effect, FunctionName, Output, Signature};
use planner::{Context, Earlier, KeptVectors, PlanError, Planned, Request};
use protocol::Route;
use tokio_util::sync::CancellationToken;

const OVEN: &str = "turn on the oven";
/// Shares no word with any function.
const HUNGRY: &str = "我想吃点热乎的";

fn asked(words: &str) -> Request {
    Request {
        use_templates: false,
        ..request(words)
    }
}

fn planning() -> ScriptedEngine {
    ScriptedEngine::answering([("", "kitchen.start_oven()\n")])
}

/// A model for which `HUNGRY` means the oven.
fn embedder(change: impl FnOnce(&mut ScriptedAnswer)) -> Arc<ScriptedEngine> {
    let mut row = ScriptedAnswer::new(HUNGRY, OVEN);
    change(&mut row);
    Arc::new(ScriptedEngine::new(Script {
        answer: vec![row],
        ..Script::default()
    }))
}

async fn learn(fixture: &Fixture, engine: Arc<ScriptedEngine>) -> usize {
    let folder = tempfile::tempdir().expect("a folder");
    let kept = KeptVectors::open(folder.path(), "model");
    fixture.planner.learn(engine, kept).await.expect("vectors")
}

async fn prompt_of(fixture: &Fixture, words: &str) -> (Prompt, Result<Planned, PlanError>) {
    let engine = planning();
    let (planned, _) = fixture.plan(&asked(words), Some(&engine)).await;
    (engine.requests().remove(0).prompt, planned)
}

fn reason(planned: Result<Planned, PlanError>) -> String {
    match planned.expect("a plan").route {
        Route::Model { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn retrieved_functions_come_with_their_nearest_examples_as_earlier_turns() {
    let fixture = Fixture::with_synthetic(300);
    let (prompt, planned) = prompt_of(&fixture, OVEN).await;
    assert_eq!(planned.expect("a plan").text, "kitchen.start_oven()\n");
    assert!(
        prompt.user.contains("kitchen.start_oven"),
        "{}",
        prompt.user
    );
    assert!(prompt.user.ends_with(OVEN));
    let Capsule::Turns(constant) = prompt.capsule else {
        panic!("{:?}", prompt.capsule);
    };
    let near = &prompt.turns[constant..];
    assert!(!near.is_empty() && near.len() <= 3, "{near:?}");
    // The nearest stands next to the words.
    assert_eq!(near[near.len() - 1].user, OVEN);
    assert_eq!(near[near.len() - 1].assistant, "kitchen.start_oven()\n");

    // The constant part is the same, whatever the words.
    let engine = planning();
    let asked = asked("mute the sound");
    let _ = fixture.plan(&asked, Some(&engine)).await;
    let other = engine.requests().remove(0).prompt;
    assert_eq!(other.capsule_turns(), Some(constant));
    assert_eq!(other.turns[..constant], prompt.turns[..constant]);
    assert_eq!(other.system, prompt.system);
}

#[tokio::test]
async fn without_functions_beyond_the_constant_ones_examples_alone_are_added() {
    let fixture = Fixture::new();
    learn(&fixture, embedder(|_| {})).await;
    let engine = ScriptedEngine::answering([("", "audio.mute()\n")]);
    let words = asked("silence the sound");
    fixture.plan(&words, Some(&engine)).await.0.expect("a plan");
    let prompt = engine.requests().remove(0).prompt;
    assert_eq!(prompt.user, "silence the sound");
    let constant = prompt.capsule_turns().expect("a capsule");
    let near = &prompt.turns[constant..];
    assert_eq!(near.len(), 1, "{near:?}");
    assert!(near[0].assistant.contains("audio."), "{near:?}");
}

#[tokio::test]
async fn meaning_finds_what_words_do_not() {
    let fixture = Fixture::with_synthetic(300);
    let (prompt, _) = prompt_of(&fixture, HUNGRY).await;
    assert!(!prompt.user.contains("start_oven"), "{}", prompt.user);

    learn(&fixture, embedder(|_| {})).await;
    fixture.until_meant(HUNGRY).await;
    let (prompt, planned) = prompt_of(&fixture, HUNGRY).await;
    assert!(
        prompt.user.contains("kitchen.start_oven"),
        "{}",
        prompt.user
    );
    assert_eq!(prompt.turns[prompt.turns.len() - 1].user, OVEN);
    assert!(!reason(planned).contains("words alone"));
    // What a constant function fits far better costs nothing.
    fixture.until_meant("静音").await;
    let (prompt, _) = prompt_of(&fixture, "静音").await;
    assert_eq!(prompt.user, "静音");

    fixture.planner.forget();
    let (prompt, _) = prompt_of(&fixture, HUNGRY).await;
    assert!(!prompt.user.contains("start_oven"), "{}", prompt.user);
}

/// The functions with some that gedit offers, of which each is asked for by its label.
fn with_gedit(registry: &Registry, labels: &[&str]) -> Registry {
    let any = registry.functions().next().expect("a function").clone();
    let offered = labels.iter().map(|label| {
        let words = label.to_lowercase();
        let name = FunctionName::new(format!("app.gedit_{}", words.replace(' ', "_")));
        let name = name.expect("a name");
        let template = Template {
            language: "en".to_owned(),
            pattern: format!("[view] {words} in gedit"),
            plan: format!("{name}()"),
        };
        Arc::new(Function {
            templates: vec![template],
            signature: Signature {
                name,
                summary: String::new(),
                arguments: Vec::new(),
                output: Output::None,
                effect: Effect::Irreversible,
            },
            summary_zh: String::new(),
            label: (*label).to_owned(),
            label_zh: (*label).to_owned(),
            plugin: String::new(),
            examples: Vec::new(),
            is_own: false,
            core: false,
            on_demand: true,
            when_said: Vec::new(),
            before_another: String::new(),
            choices_said: Default::default(),
            offered: Some(Offered {
                app: ["gedit", "gedit"].map(str::to_owned),
                names: vec!["gedit".to_owned()],
                said: [format!("View {label}"), format!("View {label}")],
                app_id: "org.gnome.gedit.desktop".to_owned(),
                means: Means::GtkAction,
                is_guessed: true,
            }),
            action: any.action.clone(),
        })
    });
    registry.with_offered(offered)
}

#[tokio::test]
async fn what_an_app_offers_is_asked_about_when_the_words_mean_it() {
    const HIGHER: &str = "put me one storey higher";
    let fixture = Fixture::new();
    let available = with_gedit(&fixture.registry, &["Go Up", "Word Wrap", "Print Preview"]);
    let plan = async |request: Request, engine: Option<&dyn Engine>| {
        let planner = &fixture.planner;
        let stop = CancellationToken::new();
        let mut ignore = |_| {};
        let planned = planner.plan(&request, &available, engine, &mut ignore, &stop);
        planned.await.map(|planned| planned.text)
    };
    let words = format!("{HIGHER} in gedit");
    let none = plan(request(&words), None).await;
    assert_eq!(
        none,
        Err(PlanError::NoModel),
        "nothing tells what the words mean"
    );

    let row = ScriptedAnswer::new(HIGHER, "Go Up");
    let embedder = Arc::new(ScriptedEngine::new(Script {
        answer: vec![row],
        ..Script::default()
    }));
    learn(&fixture, embedder).await;
    fixture.until_meant(HIGHER).await;
    let asked = plan(request(&words), None).await.expect("a question");
    assert!(
        asked.starts_with("ask(\"Which of these in gedit?\", choices=[\"View Go Up in gedit\""),
        "{asked}"
    );
    let elsewhere = plan(request(HIGHER), None).await;
    assert_eq!(elsewhere, Err(PlanError::NoModel), "no app is named");

    let chosen = |words: &str| Request {
        context: Context::after(Earlier {
            utterance: format!("{HIGHER} in gedit"),
            plan: plan::parse(&asked).expect("a plan"),
        }),
        ..request(words)
    };
    let go_up = chosen("View Go Up in gedit");
    let planned = plan(go_up.clone(), None).await;
    assert_eq!(planned.as_deref(), Ok("app.gedit_go_up()\n"));

    // An app that is gone by then offers nothing, and no model reads what it had called it.
    let engine = planning();
    let (planned, _) = fixture.plan(&go_up, Some(&engine)).await;
    let said = planned.expect("words").text;
    assert!(
        said.starts_with("say(\"That is no longer offered"),
        "{said}"
    );
    assert_eq!(engine.requests(), []);
}

#[tokio::test]
async fn a_model_that_is_slow_or_gone_costs_little_time_and_the_route_says_so() {
    let slow = |row: &mut ScriptedAnswer| row.delay_ms = 1500;
    let gone = |row: &mut ScriptedAnswer| row.behaviour = Behaviour::Crash;
    for embedder in [embedder(slow), embedder(gone)] {
        let fixture = Fixture::with_synthetic(300);
        learn(&fixture, embedder).await;
        let (_, planned) = prompt_of(&fixture, HUNGRY).await;
        // No function fits by words, so the scripted plan is not even open.
        let said = match planned {
            Ok(planned) => reason(Ok(planned)),
            Err(_) => route_of(&fixture).await,
        };
        assert!(said.contains("words alone"), "{said}");
    }
}

/// The reason of the route, from the events.
async fn route_of(fixture: &Fixture) -> String {
    let (_, events) = fixture.plan(&asked(HUNGRY), Some(&planning())).await;
    match &events[0] {
        planner::PlanEvent::Routed {
            route: Route::Model { reason, .. },
            ..
        } => reason.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_comes_too_late_is_there_when_the_words_come_again() {
    let fixture = Fixture::with_synthetic(300);
    let embedder = embedder(|row| row.delay_ms = 1500);
    let learnt = learn(&fixture, embedder.clone()).await;
    let model = planning();
    let read = async || {
        let began = Instant::now();
        let typed = fixture.planner.typing(&model, HUNGRY).await;
        typed.expect("prefill");
        began.elapsed()
    };
    assert!(read().await >= Duration::from_millis(900));
    assert!(!model.prefills()[0].user.contains("start_oven"));
    let (_, planned) = prompt_of(&fixture, "我真的饿了").await;
    assert!(
        planned.expect("a plan").timings.routed < Duration::from_millis(500),
        "nobody waits twice"
    );
    tokio::time::sleep(Duration::from_millis(1500)).await;
    fixture.until_meant(HUNGRY).await;
    assert_eq!(embedder.embedded(), learnt + 2, "each was asked for once");
    let (prompt, _) = prompt_of(&fixture, HUNGRY).await;
    assert!(prompt.user.contains("start_oven"), "{}", prompt.user);
}

#[tokio::test]
async fn a_registry_that_changes_costs_only_its_new_texts() {
    let folder = tempfile::tempdir().expect("a folder");
    let kept = || KeptVectors::open(folder.path(), "model");
    let engine = embedder(|_| {});
    let small = Fixture::with_synthetic(20);
    let first = small.planner.learn(engine.clone(), kept()).await;
    let first = first.expect("vectors");
    assert_eq!(engine.embedded(), first);
    assert!(first > 100);
    assert_eq!(small.planner.learn(engine.clone(), kept()).await, Ok(0));

    let large = Fixture::with_synthetic(21);
    let new = large.planner.learn(engine.clone(), kept()).await;
    let new = new.expect("vectors");
    assert!((1..=9).contains(&new), "{new}");
    // Another model has to read everything.
    let other = KeptVectors::open(folder.path(), "other");
    let all = large.planner.learn(engine.clone(), other).await;
    assert!(all.expect("vectors") > first);
    assert!(engine.stats().await.is_ok());
}
