//! The findings as a page.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};

use crate::tally::Tally;

/// Writes the page.
pub(crate) fn write(tally: &Tally, path: &Path, date: &str) -> Result<()> {
    std::fs::write(path, page(tally, date)?)
        .with_context(|| format!("could not write {}", path.display()))
}

fn page(tally: &Tally, date: &str) -> Result<String> {
    let mut page = format!(
        "# Soak\n\nWritten by `make soak` on {date}, over all its runs.\n\n\
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
    table(&mut page, "killed", &tally.kills)?;
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
        let clean = page(&tally, "2026-01-31").unwrap();
        assert!(clean.contains("| kernel during Move | 1 |"), "{clean}");
        assert!(
            clean.contains("120 ms in the median, 300 ms at most"),
            "{clean}"
        );
        assert!(clean.ends_with("None.\n"), "{clean}");
        tally.findings.push("a file is lost".to_owned());
        assert!(
            page(&tally, "2026-01-31")
                .unwrap()
                .ends_with("- a file is lost\n")
        );
    }
}
