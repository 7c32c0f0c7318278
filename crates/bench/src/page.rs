//! The results as a table and as a page.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::measure::Measure;

/// The fixed names and what each means, in the order of the page.
const NAMES: [(&str, &str); 23] = [
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
        "small_model_first_action_ms_p50",
        "through the smaller model, typed, median",
    ),
    (
        "small_model_first_action_ms_p95",
        "the same, 95th percentile",
    ),
    (
        "model_first_action_untyped_ms_p50",
        "through the model, the words arrive at once",
    ),
    (
        "json_schema_first_action_ms_p50",
        "the usual way: JSON tool schemas, no capsule, no grammar",
    ),
    (
        "json_schema_kept_first_action_ms_p50",
        "the same with a prompt that is remembered from the request before",
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
    (
        "apps_discovery_ms",
        "finding all that nine running apps offer",
    ),
    (
        "apps_update_ms_p50",
        "a change of what an app offers, median",
    ),
    ("apps_update_ms_max", "the same, at most"),
    (
        "beside_rogue_plugin_ms_p50",
        "a template request beside a plugin that misbehaves, median",
    ),
    ("beside_rogue_plugin_ms_p95", "the same, 95th percentile"),
];

/// What begins the names of measures that want a model which is not fetched by itself.
const OPTIONAL: &str = "small_model_";

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

/// Names the fixed measures that the results do not hold.
///
/// # Errors
///
/// When there are any: a page without them looks whole to whoever does not know the list.
pub(crate) fn complete(measures: &[Measure]) -> Result<()> {
    let missing: Vec<&str> = NAMES
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !name.starts_with(OPTIONAL))
        .filter(|name| !measures.iter().any(|measure| measure.name == *name))
        .collect();
    ensure!(missing.is_empty(), "not measured: {}", missing.join(", "));
    Ok(())
}

fn page(measures: &[Measure]) -> Result<String> {
    let last = measures.last().context("there are no results")?;
    let mut page = format!(
        "# Benchmarks\n\n\
         Written by `make bench` on {}, on this machine: {}. Figures of one machine compare with each other, \
         not with another's; on shared machines they drift by a quarter.\n\n\
         | measure | value | compared with | ratio | how |\n|---|---:|---|---:|---|\n",
        last.date, last.machine
    );
    let find = |name: &str| measures.iter().find(|measure| measure.name == name);
    for (name, meaning) in NAMES {
        match find(name) {
            Some(measure) => writeln!(page, "{}", row(measure, meaning, &last.date))?,
            None => writeln!(page, "| {meaning} (`{name}`) | not measured | | | |")?,
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

fn row(measure: &Measure, meaning: &str, today: &str) -> String {
    // Where only some groups were measured anew.
    let earlier = if measure.date == today {
        String::new()
    } else {
        format!("; on {}", measure.date)
    };
    let (peer, ratio) = match (&measure.peer, measure.peer_value) {
        (Some(peer), Some(value)) if value > 0.0 => (
            format!("{peer}: {value} {}", measure.unit),
            format!("{:.2}", measure.value / value),
        ),
        _ => (String::new(), String::new()),
    };
    format!(
        "| {meaning} (`{}`) | {} {} | {peer} | {ratio} | {}{earlier} |",
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
        assert!(
            page.contains("(`kernel_idle_mb`) | not measured |"),
            "{page}"
        );
    }

    #[test]
    fn a_missing_fixed_name_is_an_error_that_names_it() {
        let mut measures: Vec<Measure> = NAMES.iter().map(|(name, _)| measure(name, 1.0)).collect();
        assert!(complete(&measures).is_ok());
        measures.retain(|measure| measure.name != "capsule_restore_ms");
        let error = complete(&measures).unwrap_err();
        assert_eq!(error.to_string(), "not measured: capsule_restore_ms");
    }

    #[test]
    fn a_figure_of_another_day_says_so() {
        let mut old = measure("kernel_start_ms", 90.0);
        old.date = "2026-01-01".to_owned();
        let page = page(&[old, measure("kernel_idle_mb", 20.0)]).unwrap();
        assert!(page.contains("; on 2026-01-01 |"), "{page}");
        assert!(!page.contains("; on 2026-01-31"), "{page}");
    }

    #[test]
    fn no_results_are_an_error() {
        assert!(super::page(&[]).is_err());
    }
}
