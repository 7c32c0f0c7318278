//! Deaths in the middle of requests.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::client::Client;
use crate::invariants::{Memory, Moved};
use crate::random::Random;
use crate::tally::Tally;
use crate::victim::Victim;

const LIMIT: Duration = Duration::from_secs(20);
const MODEL_LIMIT: Duration = Duration::from_secs(180);

/// What a round does to the file while something is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    /// Moves it, by a plan's text.
    Move,
    /// Moves it, and undoes that.
    Undo,
    /// Moves it, asked for in words.
    Ask,
}

/// Kills until the time is over.
pub(crate) async fn run(tally: &mut Tally, limit: Duration, model: bool) -> Result<()> {
    let home = PathBuf::from(std::env::var_os("HOME").context("HOME is not set")?);
    let client = Client::new().await?;
    let mut memory = Memory::default();
    let begin = Instant::now();
    let before = tally.chaos_seconds;
    while begin.elapsed() < limit {
        let mut random = Random::new(tally.rounds);
        let acts = [Act::Move, Act::Move, Act::Undo, Act::Ask];
        let act = *random.choose(if model { &acts } else { &acts[..3] });
        let moved = Moved::make(&home, tally.rounds)?;
        if let Err(error) = round(&client, &mut random, act, &moved, &mut memory, tally).await {
            tally.find(format!("round {}, {act:?}: {error:#}", tally.rounds));
        }
        tally.rounds += 1;
        tally.chaos_seconds = before + begin.elapsed().as_secs_f64();
        tally.save()?;
        if tally.rounds.is_multiple_of(20) {
            eprintln!(
                "    {} rounds, {} findings",
                tally.rounds,
                tally.findings.len()
            );
        }
    }
    Ok(())
}

async fn round(
    client: &Client,
    random: &mut Random,
    act: Act,
    moved: &Moved,
    memory: &mut Memory,
    tally: &mut Tally,
) -> Result<()> {
    client.answers_within(LIMIT).await?;
    let victim = Victim::choose(random);
    if victim == Victim::Shell {
        client.toggle().await;
    }
    let killed_at = perform(client, random, act, victim, moved, tally).await;
    let limit = if act == Act::Ask { MODEL_LIMIT } else { LIMIT };
    client.answers_within(LIMIT).await?;
    // Before an undo is asked for, its round waits for the move, which hides how long the start took.
    if let (Victim::Kernel, Some(moment), Act::Move) = (victim, killed_at, act) {
        tally.recovered(moment.elapsed().as_secs_f64() * 1e3);
    }
    let turns = quiet(client, victim, limit).await?;
    let state = moved.state(&turns);
    Tally::count(&mut tally.outcomes, state.unwrap_or("not begun"));
    if let Some(contradiction) = moved.contradiction(state) {
        anyhow::bail!("after the death of {}: {contradiction}", victim.name());
    }
    if let Some(gone) = memory.forgotten(&turns) {
        anyhow::bail!("after the death of {}: {gone}", victim.name());
    }
    next_request_works(client, victim).await
}

/// Begins the act and kills the victim at a random moment of it. Returns when.
async fn perform(
    client: &Client,
    random: &mut Random,
    act: Act,
    victim: Victim,
    moved: &Moved,
    tally: &mut Tally,
) -> Option<Instant> {
    let from = moved.from.to_string_lossy();
    let plan = format!("files.move(\"{from}\", \"~/Documents\")");
    let name = moved.from.file_name().unwrap_or_default().to_string_lossy();
    let words = format!("move {name} from the desktop to Documents");
    // Most of a plan's turn is over within a few milliseconds; a model writes for seconds.
    let span = if act == Act::Ask { 4_000_000 } else { 30_000 };
    let pause = Duration::from_micros(random.below(span) as u64);

    let doing = async {
        match act {
            Act::Ask => client.ask(&words).await,
            Act::Move => client.run(&plan).await,
            Act::Undo => {
                let turn = client.run(&plan).await?;
                client.ended_within(&turn, LIMIT).await.ok()?;
                client.undo(&turn).await
            }
        }
    };
    let killing = async {
        tokio::time::sleep(pause).await;
        (victim.kill() > 0).then(Instant::now)
    };
    let (_, killed_at) = tokio::join!(doing, killing);
    if killed_at.is_some() {
        let name = format!("{} during {act:?}", victim.name());
        Tally::count(&mut tally.kills, &name);
    }
    killed_at
}

/// Waits until nothing runs any more, and returns the latest turns.
async fn quiet(
    client: &Client,
    victim: Victim,
    limit: Duration,
) -> Result<Vec<protocol::TurnReport>> {
    // The newest turn of a kernel that lives will finish; a dead kernel's never will.
    if victim != Victim::Kernel
        && let Some(newest) = client.log(1).await?.into_iter().next()
    {
        client.ended_within(&newest.turn.0, limit).await?;
    }
    client.settled_within(LIMIT).await
}

async fn next_request_works(client: &Client, victim: Victim) -> Result<()> {
    let turn = client
        .run("say(\"still here\")")
        .await
        .with_context(|| format!("no request is taken after the death of {}", victim.name()))?;
    client.ended_within(&turn, LIMIT).await?;
    Ok(())
}
