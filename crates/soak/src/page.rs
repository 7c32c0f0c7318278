//! The findings as a page.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};

use crate::chaos::{self, Act};
use crate::tally::Tally;
use crate::victim::Victim;

/// Writes the page.
pub(crate) fn write(tally: &Tally, path: &Path) -> Result<()> {
    std::fs::write(path, page(tally)?)
        .with_context(|| format!("could not write {}", path.display()))
}

fn page(tally: &Tally) -> Result<String> {
    let date = tally.date();
    let mut page = format!(
        "# Soak\n\nWritten by `make soak` on {date}, over all its runs. They add up in `target/soak/tally.json`; without it \
         the next run begins anew.\n\n\
         ## Random plans\n\n\
         {} texts in {:.0} minutes went through parser and printer; {} of them were plans. Nothing may panic, and what is \
         printed must read as the same plan.\n\n\
         ## Deaths in the middle of requests\n\n\
         {} rounds in {:.0} minutes. Each moves a file (by a plan, by words through the model, or with an undo) while a \
         process is killed with SIGKILL at a random moment. Afterwards the file must be in one place, the one that the \
         journal says; no entry may be open or gone; the next request must work.\n\n",
        tally.texts,
        tally.fuzz_seconds / 60.0,
        tally.plans,
        tally.rounds,
        tally.chaos_seconds / 60.0,
    );
    deaths(&mut page, tally)?;
    table(
        &mut page,
        "the journal's state of the act afterwards",
        &tally.outcomes,
    )?;
    recoveries(&mut page, &tally.recoveries_ms)?;
    page.push_str("## Findings\n\n");
    if tally.findings.is_empty() {
        page.push_str("None.\n");
    }
    for finding in &tally.findings {
        writeln!(page, "- {finding}")?;
    }
    Ok(page)
}

/// Every kind of death has its row, so that one that never came about shows.
fn deaths(page: &mut String, tally: &Tally) -> Result<()> {
    page.push_str("| killed | times |\n|---|---:|\n");
    for victim in Victim::ALL {
        for act in Act::ALL {
            let name = chaos::death(victim, act);
            let times = tally.kills.get(&name).copied().unwrap_or_default();
            writeln!(page, "| {name} | {times} |")?;
        }
    }
    page.push('\n');
    Ok(())
}

fn table(
    page: &mut String,
    title: &str,
    counters: &std::collections::BTreeMap<String, u64>,
) -> Result<()> {
    if counters.is_empty() {
        return Ok(());
    }
    writeln!(page, "| {title} | times |\n|---|---:|")?;
    for (name, count) in counters {
        writeln!(page, "| {name} | {count} |")?;
    }
    page.push('\n');
    Ok(())
}

fn recoveries(page: &mut String, times: &[f64]) -> Result<()> {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    if let (Some(median), Some(longest)) = (times.get(times.len() / 2), times.last()) {
        writeln!(
            page,
            "From the kill of the kernel to the next one's answer: {median:.0} ms in the median, {longest:.0} ms at most.\n"
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_tells_what_was_done_and_found() {
        let mut tally = Tally::default();
        tally.rounds = 3;
        tally.recoveries_ms = vec![120.0, 90.0, 300.0];
        Tally::count(&mut tally.kills, "kernel during Move");
        let clean = page(&tally).unwrap();
        assert!(clean.contains("| kernel during Move | 1 |"), "{clean}");
        assert!(clean.contains("| worker during Ask | 0 |"), "{clean}");
        assert!(
            clean.contains("120 ms in the median, 300 ms at most"),
            "{clean}"
        );
        assert!(clean.ends_with("None.\n"), "{clean}");
        tally.findings.push("a file is lost".to_owned());
        assert!(page(&tally).unwrap().ends_with("- a file is lost\n"));
    }
}
