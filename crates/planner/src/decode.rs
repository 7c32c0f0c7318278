//! The model's way: words → lines, checked as they come.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use engine::{
    Engine, EngineError, Gate, GenerateRequest, Generated, GenerationEvent, Prompt, StopReason,
};
use plan::{
    Effect, FunctionName, GrammarOptions, Head, Statement, StatementKind, WordKind, grammar,
};
use protocol::Tokens;
use tokio_util::sync::CancellationToken;

use crate::{
    PlanError, PlanEvent, PlannedStatement, gate,
    ground::Ground,
    line::{Added, Draft, LineError},
};

/// The most tokens of a plan; twelve long lines.
const MAX_TOKENS: u32 = 320;

/// What the model is asked, the same for each attempt.
pub(crate) struct Task<'a> {
    /// The prompt.
    pub(crate) prompt: Prompt,
    /// The grammar with everything that is offered.
    pub(crate) grammar: String,
    /// Below this probability mass only the exits are open.
    pub(crate) min_first_token_mass: f32,
    /// What follows from the words.
    pub(crate) ground: Ground<'a>,
    /// When planning began.
    pub(crate) began: Instant,
    /// Whether an unsure model gives up before its first line.
    pub(crate) gives_up_unsure: bool,
    /// Whether the words would open an app that is not there: then that is what the person reads, and not that
    /// nothing can be done.
    pub(crate) is_app_missing: bool,
    /// The most acts that the words can ask for: small models go on from there to what nobody wants.
    pub(crate) most_acts: Option<usize>,
    /// Whether one line is all that the words may mean.
    pub(crate) is_one_line: bool,
    /// Where no examples tell which functions go together: those that a line may call beside the first one's. Small
    /// models call a second one for the “and” within one wish.
    pub(crate) further: Option<BTreeSet<FunctionName>>,
    /// Whether a wish is for later that can be done only now: it is no part of the plan, which says so.
    pub(crate) is_left_out: bool,
    /// What the person wants to press for each row, if they want to choose from a list.
    pub(crate) pressed: Option<Vec<FunctionName>>,
}

/// What the model's way cost.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Cost {
    /// What was read and written.
    pub(crate) tokens: Tokens,
    /// Until the first checked line.
    pub(crate) first_statement: Option<Duration>,
    /// How sure the model was that the words call for a function; of the first attempt.
    pub(crate) first_token_mass: Option<f32>,
    /// Whether only the exits were open; in the first attempt.
    pub(crate) gated: bool,
}

/// Why an attempt ended early.
enum Broken {
    Line(LineError),
    Engine(EngineError),
    Unsure,
    Cancelled,
}

/// Lets the model write the plan into `draft`: one repair of a bad line, one retry of a
/// broken engine. Lines that were sent stay as they are. `cost` grows as it is spent.
///
/// # Errors
///
/// [`PlanError`] when that was not enough.
pub(crate) async fn write(
    task: &Task<'_>,
    draft: &mut Draft<'_>,
    engine: &dyn Engine,
    events: &mut (dyn FnMut(PlanEvent) + Send),
    cancel: &CancellationToken,
    cost: &mut Cost,
) -> Result<(), PlanError> {
    let mut prompt = task.prompt.clone();
    let mut may_repair = true;
    let mut may_retry = true;
    loop {
        let attempt = attempt(task, prompt.clone(), draft, engine, events, cancel, cost);
        let reason = match attempt.await {
            Ok(()) => {
                if task.is_left_out {
                    say_what_is_left_out(draft, events);
                }
                return Ok(());
            }
            Err(Broken::Cancelled) => return Err(PlanError::Cancelled),
            Err(Broken::Unsure) => return Err(PlanError::Unsure),
            Err(Broken::Engine(error)) if may_retry && is_passing(&error) => {
                may_retry = false;
                error.to_string()
            }
            Err(Broken::Engine(EngineError::MissingModel { .. })) => {
                return Err(PlanError::NoModel);
            }
            Err(Broken::Engine(error)) => return Err(PlanError::Engine(error)),
            Err(Broken::Line(error)) => match error.advice().filter(|_| may_repair) {
                Some(advice) => {
                    may_repair = false;
                    prompt = repair(&task.prompt, advice);
                    advice.to_owned()
                }
                None => return give_up(error, draft, events, cost, task.began),
            },
        };
        tracing::info!(%reason, "the plan is written anew");
        events(PlanEvent::Rewriting { reason });
    }
}

/// Sends lines to whoever runs them.
pub(crate) fn send(lines: &[PlannedStatement], events: &mut (dyn FnMut(PlanEvent) + Send)) {
    for line in lines {
        events(PlanEvent::Statement(Box::new(line.clone())));
    }
}

/// Says that nothing is done later, unless the plan says or asks something already.
fn say_what_is_left_out(draft: &mut Draft<'_>, events: &mut (dyn FnMut(PlanEvent) + Send)) {
    let is_exit = |line: &PlannedStatement| {
        let kind = &line.checked.kind;
        matches!(kind, StatementKind::Say { .. } | StatementKind::Ask { .. })
    };
    if draft.lines().iter().any(is_exit) {
        return;
    }
    if let Ok(Added::Lines(lines)) = draft.say("only-now-rest") {
        send(lines, events);
    }
}

/// Asks the person for what the line needs and nobody said; any other mistake is an error.
fn give_up(
    error: LineError,
    draft: &mut Draft<'_>,
    events: &mut (dyn FnMut(PlanEvent) + Send),
    cost: &mut Cost,
    began: Instant,
) -> Result<(), PlanError> {
    let reads = |line: &PlannedStatement| line.checked.effect() == Effect::Read;
    // What was asked for is there; how the model would have shown it is not worth an error.
    if is_showing(&error) && !draft.lines().is_empty() && draft.lines().iter().all(reads) {
        return Ok(());
    }
    if let LineError::Invalid {
        question: Some(question),
        ..
    } = &error
        && draft.lines().iter().all(reads)
        && let Ok(Added::Lines(lines)) = draft.ask(question)
    {
        cost.first_statement.get_or_insert_with(|| began.elapsed());
        send(lines, events);
        return Ok(());
    }
    Err(refuse(error, draft.lines().len() + 1))
}

/// Tells whether a bad line would only have shown or counted what was read.
fn is_showing(error: &LineError) -> bool {
    let LineError::Invalid { text, .. } = error else {
        return false;
    };
    let statement = plan::parse_statement(text, 1).ok().flatten();
    statement.is_some_and(|statement| match statement.call.head {
        Head::Word(word) => {
            ["count", "sum"].contains(&word.as_str())
                || plan::word(&word).is_some_and(|word| word.kind == WordKind::Part)
        }
        Head::Function(_) => false,
    })
}

fn is_part(line: &PlannedStatement) -> bool {
    matches!(line.checked.kind, StatementKind::Part(_))
}

/// A worker that died or hung is started again by the next call.
fn is_passing(error: &EngineError) -> bool {
    matches!(
        error,
        EngineError::Crashed { .. } | EngineError::Hung { .. }
    )
}

fn refuse(error: LineError, line: usize) -> PlanError {
    match error {
        LineError::Invalid { text, reason, .. } => PlanError::Invalid { line, text, reason },
        LineError::NoSuchApp => PlanError::NoSuchApp,
        LineError::Unavailable(function) => PlanError::Unavailable { function },
    }
}

/// Tells the model what was wrong. The bad line itself is not shown: it may carry a live name.
fn repair(prompt: &Prompt, advice: &str) -> Prompt {
    Prompt {
        user: format!("{}\n(Mind: {advice}.)", prompt.user),
        ..prompt.clone()
    }
}

async fn attempt(
    task: &Task<'_>,
    prompt: Prompt,
    draft: &mut Draft<'_>,
    engine: &dyn Engine,
    events: &mut (dyn FnMut(PlanEvent) + Send),
    cancel: &CancellationToken,
    cost: &mut Cost,
) -> Result<(), Broken> {
    let request = request(task, prompt, draft.written());
    let mut generation = tokio::select! {
        biased;
        () = cancel.cancelled() => return Err(Broken::Cancelled),
        generation = engine.generate(request) => generation.map_err(Broken::Engine)?,
    };
    let mut line = String::new();
    let mut pieces = 0;
    loop {
        let event = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(Broken::Cancelled),
            event = generation.next() => event,
        };
        match event {
            Some(Ok(GenerationEvent::Started(started))) => {
                cost.tokens.prompt = started.prompt_tokens;
                cost.tokens.restored = started.restored_tokens + started.reused_tokens;
                if cost.first_token_mass.is_none() {
                    cost.first_token_mass = started.first_token_legal_mass;
                    cost.gated = started.gated;
                }
                tracing::debug!(
                    mass = started.first_token_legal_mass,
                    least = task.min_first_token_mass,
                    gated = started.gated,
                    prefill_ms = started.prefill_ms,
                    "decoding starts"
                );
                let is_unsure = gate::is_unsure(started.first_token_legal_mass, started.gated);
                if task.gives_up_unsure && is_unsure && draft.lines().is_empty() {
                    return Err(Broken::Unsure);
                }
            }
            Some(Ok(GenerationEvent::Delta(text))) => {
                pieces += 1;
                events(PlanEvent::Text(text.clone()));
                line.push_str(&text);
                while let Some(end) = line.find('\n') {
                    let whole: String = line.drain(..=end).collect();
                    if add(task, draft, &whole, events, cost)? == Next::Stop {
                        // Dropping the generation stops the model, and its count never comes.
                        cost.tokens.decoded += pieces;
                        show_to_press(task, draft, events);
                        return Ok(());
                    }
                }
            }
            Some(Ok(GenerationEvent::Done(generated))) => {
                cost.tokens.decoded += generated.decoded_tokens;
                return finish(task, draft, &line, &generated, events, cost);
            }
            Some(Err(EngineError::Cancelled)) => return Err(Broken::Cancelled),
            Some(Err(error)) => return Err(Broken::Engine(error)),
            None => return finish(task, draft, &line, &Generated::default(), events, cost),
        }
    }
}

fn request(task: &Task<'_>, prompt: Prompt, fixed: String) -> GenerateRequest {
    let mut request = GenerateRequest::new(prompt)
        .grammar(task.grammar.clone())
        .max_tokens(MAX_TOKENS);
    // Behind lines that have run it is decided that functions fit.
    if fixed.is_empty() {
        request = request.gate(Gate {
            min_first_token_mass: task.min_first_token_mass,
            grammar: exits(),
        });
    }
    request.fixed = fixed;
    request
}

/// The grammar of `say` and `ask`.
fn exits() -> String {
    let none: Vec<plan::Signature> = Vec::new();
    grammar(
        &none,
        &GrammarOptions {
            exits_only: true,
            ..GrammarOptions::default()
        },
    )
}

/// Takes the last line, if it is complete, and makes sure that there is a plan.
fn finish(
    task: &Task<'_>,
    draft: &mut Draft<'_>,
    rest: &str,
    generated: &Generated,
    events: &mut (dyn FnMut(PlanEvent) + Send),
    cost: &mut Cost,
) -> Result<(), Broken> {
    if generated.stop_reason == StopReason::MaxTokens {
        return Err(Broken::Line(LineError::Invalid {
            text: rest.to_owned(),
            reason: "…".to_owned(),
            advice: "the plan was too long; write fewer lines".to_owned(),
            question: None,
            excess: None,
        }));
    }
    add(task, draft, rest, events, cost)?;
    if draft.lines().is_empty() {
        return Err(Broken::Line(LineError::Invalid {
            text: String::new(),
            reason: "…".to_owned(),
            advice: "the plan was empty".to_owned(),
            question: None,
            excess: None,
        }));
    }
    show_to_press(task, draft, events);
    Ok(())
}

/// Adds the table that a person wants to choose from where the model left it out.
fn show_to_press(
    task: &Task<'_>,
    draft: &mut Draft<'_>,
    events: &mut (dyn FnMut(PlanEvent) + Send),
) {
    let Some(pressed) = task
        .pressed
        .as_ref()
        .filter(|_| !draft.lines().iter().any(is_part))
    else {
        return;
    };
    let named = |line: &PlannedStatement| line.statement.name.clone();
    let Some(rows) = draft.lines().iter().rev().find_map(named) else {
        return;
    };
    for function in pressed {
        // A function that takes no such row is none that was meant.
        if let Ok(Added::Lines(lines)) =
            draft.add(&format!("table({rows}, actions=[{function}])"), None)
        {
            send(lines, events);
            return;
        }
    }
}

/// Tells whether a line calls another function than those before it, and no part of the words asks for that.
fn is_beside_the_wish(task: &Task<'_>, draft: &Draft<'_>, text: &str) -> bool {
    let Some(further) = &task.further else {
        return false;
    };
    let called = |statement: &Statement| match &statement.call.head {
        Head::Function(name) => Some(name.clone()),
        Head::Word(_) => None,
    };
    let statement = plan::parse_statement(text.trim_end(), 1).ok().flatten();
    let Some(function) = statement.as_ref().and_then(called) else {
        return false;
    };
    let before: BTreeSet<FunctionName> = draft
        .lines()
        .iter()
        .filter_map(|line| called(&line.statement))
        .collect();
    !before.is_empty() && !before.contains(&function) && !further.contains(&function)
}

/// What to do with the rest of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Read,
    Stop,
}

fn add(
    task: &Task<'_>,
    draft: &mut Draft<'_>,
    text: &str,
    events: &mut (dyn FnMut(PlanEvent) + Send),
    cost: &mut Cost,
) -> Result<Next, Broken> {
    if task.is_app_missing && text.starts_with("say(") {
        return Err(Broken::Line(LineError::NoSuchApp));
    }
    if is_beside_the_wish(task, draft, text) {
        return Ok(Next::Stop);
    }
    let added = draft
        .add(text.trim_end(), Some(&task.ground))
        .map_err(Broken::Line)?;
    match added {
        Added::Lines(lines) => {
            cost.first_statement
                .get_or_insert_with(|| task.began.elapsed());
            send(lines, events);
            // Where there is more than one wish, a result that has a name may be used.
            let is_last = |line: &&PlannedStatement| {
                line.checked.effect() > Effect::Read
                    && (line.statement.name.is_none() || task.most_acts == Some(1))
                    && line.earlier.is_none()
            };
            let acts = draft.lines().iter().filter(is_last).count();
            let acts = acts.saturating_sub(draft.inserted());
            // What only has a name is wanted by the next line.
            let is_whole = |line: &PlannedStatement| line.statement.name.is_none();
            let is_one = task.is_one_line && draft.lines().last().is_some_and(is_whole);
            let is_enough = is_one || task.most_acts.is_some_and(|most| acts >= most);
            Ok(if is_enough { Next::Stop } else { Next::Read })
        }
        Added::Nothing => Ok(Next::Read),
        Added::Repetition => Ok(Next::Stop),
    }
}
