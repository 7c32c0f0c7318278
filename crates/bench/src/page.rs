//! The results as a table and as a page.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};

use crate::measure::Measure;

/// What each name means, in the order of the page.
const NAMES: [(&str, &str); 15] = [
    (
        "template_first_action_ms_p50",
        "a template fits: Enter to the first act, median",
    ),
    ("template_first_action_ms_p99", "the same, 99th percentile"),
    (
        "model_first_action_ms_p50",
        "through the model, typed at 8 keys a second: Enter to the first act, median",
    ),
    ("model_first_action_ms_p95", "the same, 95th percentile"),
    (
        "model_first_action_untyped_ms_p50",
        "through the model, the words arrive at once",
    ),
    (
        "json_schema_first_action_ms_p50",
        "the usual way: JSON tool schemas, no capsule, no grammar",
    ),
    ("capsule_restore_ms", "reading a capsule back"),
    ("prefill_tokens_per_s", "reading a prompt"),
    ("decode_tokens_per_s", "writing"),
    ("kernel_start_ms", "starting the kernel"),
    ("kernel_idle_mb", "memory of the kernel"),
    ("shell_pss_mb", "memory of the overlay with its web view"),
    (
        "toggle_to_painted_ms_p50",
        "hotkey to painted overlay, median",
    ),
    ("toggle_to_painted_ms_p99", "the same, 99th percentile"),
    (
        "key_to_results_ms_p99",
        "a key to apps and files, 99th percentile",
    ),
];

/// Prints the table and writes the page.
pub(crate) fn write(measures: &[Measure], path: &Path) -> Result<()> {
    let page = page(measures)?;
    let table: String = page
        .lines()
        .filter(|line| line.starts_with('|'))
        .map(|line| format!("{line}\n"))
        .collect();
    #[expect(clippy::print_stdout, reason = "the table is this program's output")]
    {
        print!("{table}");
    }
    std::fs::write(path, page).with_context(|| format!("could not write {}", path.display()))
}

fn page(measures: &[Measure]) -> Result<String> {
    let last = measures.last().context("there are no results")?;
    let mut page = format!(
        "# Benchmarks\n\n\
         Written by `make bench` on {}, on this machine: {}. Figures of one machine compare with each other, \
         not with another's; on shared machines they drift by a quarter. What was not measured is left out.\n\n\
         | measure | value | compared with | ratio | how |\n|---|---:|---|---:|---|\n",
        last.date, last.machine
    );
    let find = |name: &str| measures.iter().rev().find(|measure| measure.name == name);
    for (name, meaning) in NAMES {
        if let Some(measure) = find(name) {
            writeln!(page, "{}", row(measure, meaning))?;
        }
    }
    if let (Some(usual), Some(ours)) = (
        find("json_schema_first_action_ms_p50"),
        find("model_first_action_untyped_ms_p50"),
    ) {
        writeln!(
            page,
            "\nWith the same model on the same machine the usual way takes {:.1} times as long to the first act.",
            usual.value / ours.value
        )?;
    }
    page.push_str(
        "\nNames and units are fixed: `target/bench/results.jsonl` holds one object a measure, \
         with `name`, `value`, `unit`, `peer`, `peer_value`, `note`, `machine` and `date`.\n",
    );
    Ok(page)
}

fn row(measure: &Measure, meaning: &str) -> String {
    let (peer, ratio) = match (&measure.peer, measure.peer_value) {
        (Some(peer), Some(value)) if value > 0.0 => (
            format!("{peer}: {value} {}", measure.unit),
            format!("{:.1}", measure.value / value),
        ),
        _ => (String::new(), String::new()),
    };
    format!(
        "| {meaning} (`{}`) | {} {} | {peer} | {ratio} | {} |",
        measure.name, measure.value, measure.unit, measure.note
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(name: &str, value: f64) -> Measure {
        Measure {
            name: name.to_owned(),
            value,
            unit: "ms".to_owned(),
            peer: None,
            peer_value: None,
            note: String::new(),
            machine: "a machine".to_owned(),
            date: "2026-01-31".to_owned(),
        }
    }

    #[test]
    fn the_page_has_what_was_measured_and_the_ratio_to_the_usual_way() {
        let page = page(&[
            measure("model_first_action_untyped_ms_p50", 500.0),
            measure("json_schema_first_action_ms_p50", 5000.0),
        ])
        .unwrap();
        assert!(page.contains("10.0 times as long"), "{page}");
        assert!(!page.contains("kernel_idle_mb"), "{page}");
    }

    #[test]
    fn the_last_of_two_figures_counts() {
        let page = page(&[
            measure("kernel_start_ms", 90.0),
            measure("kernel_start_ms", 70.0),
        ])
        .unwrap();
        assert!(page.contains("70 ms") && !page.contains("90 ms"), "{page}");
    }

    #[test]
    fn no_results_are_an_error() {
        assert!(super::page(&[]).is_err());
    }
}
