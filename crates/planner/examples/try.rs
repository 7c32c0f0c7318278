//! Plans the words of its arguments over the installed manifests, and shows what happened.
//!
//! `cargo run --release -p planner --example try -- [--model FILE] [--embedder FILE] [--adapter FILE] [--no-templates] [--follow] WORDS…`
//! plans each argument as a request of its own, or with `--follow` as one behind that before it, and shows all that
//! the model writes. Nothing is run.
//! Without a model only templates answer.
#![allow(clippy::print_stdout, reason = "it is a program for the terminal")]

use std::{path::Path, sync::Arc};

use engine::{Engine, WorkerEngine, WorkerOptions, worker_program};
use functions::{Places, Registry, World};
use plan::Moment;
use planner::{Context, Earlier, KeptVectors, LiveNames, PlanEvent, Planner, Request};
use protocol::text::Language;
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut model = None;
    let mut adapter = None;
    let mut embedder = None;
    let mut use_templates = true;
    let mut follows = false;
    let mut words = Vec::new();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--embedder" => embedder = arguments.next(),
            "--adapter" => adapter = arguments.next(),
            "--model" => model = arguments.next(),
            "--no-templates" => use_templates = false,
            "--follow" => follows = true,
            _ => words.push(argument),
        }
    }
    let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins");
    let (registry, errors) = Registry::load(&[&plugins], &[]);
    for error in errors {
        println!("! {error}");
    }
    let planner = Planner::new(&registry);
    for defect in planner.defects() {
        println!("! {defect}");
    }
    let engine = model.map(|path| {
        let mut options = WorkerOptions::new("tried", path);
        options.load.adapter = adapter.map(Into::into);
        WorkerEngine::new(options)
    });
    let engine = engine.as_ref().map(|engine| engine as &dyn Engine);
    if let Some(engine) = engine {
        match planner.warm(engine).await {
            Ok(report) => println!("# capsule: {report:?}"),
            Err(error) => println!("! {error}"),
        }
    }
    if let Some(path) = embedder {
        let mut options = WorkerOptions::new("embedder", path);
        options.program = worker_program("lucid-engine-embed");
        options.load.capsules = None;
        let kept = KeptVectors::open(&std::env::temp_dir(), "embedder");
        let learnt = planner.learn(Arc::new(WorkerEngine::new(options)), kept);
        if let Err(error) = learnt.await {
            println!("! {error}");
        }
    }
    let live = live_names(&registry).await;
    let mut earlier = None;
    for words in words {
        let mut request = Request::new(words.as_str(), Language::English, now());
        request.live = live.clone();
        request.use_templates = use_templates;
        request.context = earlier.take().map(Context::after).unwrap_or_default();
        println!("\n> {words}");
        let mut show = |event: PlanEvent| match event {
            PlanEvent::Statement(statement) => println!("  {}", statement.text),
            PlanEvent::Rewriting { reason } => println!("  (anew: {reason})"),
            PlanEvent::Routed { route, .. } => println!("  {route:?}"),
            PlanEvent::Text(text) => print!("{text}"),
            PlanEvent::Spent { .. } => {}
        };
        let result = planner
            .plan(
                &request,
                &registry,
                engine,
                &mut show,
                &CancellationToken::new(),
            )
            .await;
        match result {
            Ok(planned) => {
                println!(
                    "  {:?} {:?} {:?}",
                    planned.timings, planned.tokens, planned.confidence
                );
                earlier = follows.then(|| Earlier {
                    utterance: words.clone(),
                    plan: planned.plan,
                });
            }
            Err(error) => println!("  ! {error}"),
        }
    }
    if let Some(engine) = engine {
        engine.unload().await;
    }
}

fn now() -> Moment {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    Moment::from_unix(since.as_secs() as i64, 0)
}

async fn live_names(registry: &Registry) -> LiveNames {
    let world = World {
        session_bus: None,
        system_bus: None,
        places: std::sync::Arc::new(Places::from_environment()),
        language: Language::English,
        reader: None,
        known: functions::Known::default(),
    };
    LiveNames {
        apps: registry.live("app", &world).await,
        folders: functions::names_of_folders(&world.places),
        ..LiveNames::default()
    }
}
