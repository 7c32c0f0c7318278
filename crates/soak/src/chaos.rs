//! Deaths in the middle of requests.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::client::Client;
use crate::invariants::{Memory, Moved};
use crate::random::Random;
use crate::tally::Tally;
use crate::victim::Victim;

const LIMIT: Duration = Duration::from_secs(20);
const MODEL_LIMIT: Duration = Duration::from_secs(180);
/// For the first reading of the prompt, on a machine that does other things as well.
const WARM_LIMIT: Duration = Duration::from_secs(900);

/// What a round does to the file while something is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// Moves it, by a plan's text.
    Move,
    /// Moves it, and undoes that.
    Undo,
    /// Moves it, asked for in words.
    Ask,
}

impl Act {
    /// In the order of the page.
    pub(crate) const ALL: [Self; 3] = [Act::Move, Act::Undo, Act::Ask];
}

/// Names a death in the tally.
pub(crate) fn death(victim: Victim, act: Act) -> String {
    format!("{} during {act:?}", victim.name())
}

/// Kills until the time is over.
pub(crate) async fn run(tally: &mut Tally, limit: Duration, model: bool) -> Result<()> {
    let home = PathBuf::from(std::env::var_os("HOME").context("HOME is not set")?);
    let client = Client::new().await?;
    let mut memory = Memory::default();
    if model {
        client.answers_within(LIMIT).await?;
        let time = client.warm_within(WARM_LIMIT).await?;
        eprintln!("    the model answers after {:.0} s", time.as_secs_f64());
    }
    let begin = Instant::now();
    let before = tally.chaos_seconds;
    while begin.elapsed() < limit {
        let mut random = Random::new(tally.rounds);
        let (act, victim) = deal(tally.rounds, model);
        let moved = Moved::make(&home, tally.rounds)?;
        if let Err(error) = round(
            &client,
            &mut random,
            (act, victim),
            &moved,
            &mut memory,
            tally,
        )
        .await
        {
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

/// Returns what a round does and who dies in it: every act with every victim, in ever new
/// order, so that a short run has seen them all. The kernel dies most often, because it holds the most.
fn deal(round: u64, model: bool) -> (Act, Victim) {
    let victims = [
        Victim::Kernel,
        Victim::Kernel,
        Victim::Worker,
        Victim::Shell,
        Victim::Nobody,
    ];
    let mut deck: Vec<(Act, Victim)> = Act::ALL
        .into_iter()
        .flat_map(|act| victims.map(|victim| (act, victim)))
        .filter(|(act, victim)| model || (*act != Act::Ask && *victim != Victim::Worker))
        .collect();
    let size = deck.len() as u64;
    let mut random = Random::new(round / size);
    for last in (1..deck.len()).rev() {
        deck.swap(last, random.below(last + 1));
    }
    deck[(round % size) as usize]
}

async fn round(
    client: &Client,
    random: &mut Random,
    (act, victim): (Act, Victim),
    moved: &Moved,
    memory: &mut Memory,
    tally: &mut Tally,
) -> Result<()> {
    client.answers_within(LIMIT).await?;
    be_there(client, victim).await?;
    let killed_at = perform(client, random, act, victim, moved, tally).await;
    let limit = if act == Act::Ask { MODEL_LIMIT } else { LIMIT };
    client.answers_within(LIMIT).await?;
    // Before an undo is asked for, its round waits for the move, which hides how long the start took.
    if let (Victim::Kernel, Some(moment), Act::Move) = (victim, killed_at, act) {
        tally.recovered(moment.elapsed().as_secs_f64() * 1e3);
    }
    let turns = quiet(client, victim, limit).await?;
    let state = moved.state(&turns);
    let outcome = format!("{act:?}: {}", state.unwrap_or("not begun"));
    Tally::count(&mut tally.outcomes, &outcome);
    if let Some(contradiction) = moved.contradiction(state) {
        anyhow::bail!("after the death of {}: {contradiction}", victim.name());
    }
    if let Some(gone) = memory.forgotten(&turns) {
        anyhow::bail!("after the death of {}: {gone}", victim.name());
    }
    next_request_works(client, victim).await?;
    // Last, so that the round is judged all the same.
    if victim != Victim::Nobody && killed_at.is_none() {
        anyhow::bail!("no {} ran that could be killed", victim.name());
    }
    Ok(())
}

/// Sees to it that the victim runs before the act begins.
async fn be_there(client: &Client, victim: Victim) -> Result<()> {
    match victim {
        Victim::Worker => client.warm_within(MODEL_LIMIT).await.map(|_| ()),
        Victim::Shell => {
            client.toggle().await;
            let begin = Instant::now();
            while victim.processes().is_empty() {
                ensure!(begin.elapsed() < LIMIT, "no shell within {LIMIT:?}");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Ok(())
        }
        Victim::Kernel | Victim::Nobody => Ok(()),
    }
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
    // A whole path: a file that had to be looked for would be asked about first.
    let name = moved.from.file_name().unwrap_or_default().to_string_lossy();
    let words = format!("move ~/Desktop/{name} to ~/Documents");
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
        Tally::count(&mut tally.kills, &death(victim, act));
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
        let turn = &newest.turn.0;
        if let Err(error) = client.ended_within(turn, limit).await {
            // So that the next round does not find it running.
            client.stop(turn).await;
            return Err(error);
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deck_holds_every_death() {
        for deck in 0..20 {
            let dealt: Vec<_> = (deck * 15..(deck + 1) * 15)
                .map(|round| deal(round, true))
                .collect();
            for victim in Victim::ALL {
                for act in Act::ALL {
                    assert!(dealt.contains(&(act, victim)), "{act:?}, {victim:?}");
                }
            }
        }
    }

    #[test]
    fn without_a_model_nobody_asks_and_no_worker_dies() {
        for round in 0..100 {
            let (act, victim) = deal(round, false);
            assert!(act != Act::Ask && victim != Victim::Worker, "{round}");
        }
    }
}
