//! `lucid model bench`.

use futures_util::StreamExt;
use protocol::{BenchReport, BenchStep, Kernel1Proxy, ModelBench};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    connection::{explain, language, read, refused},
    exit::Failure,
    models::megabytes,
    terminal::{Style, json_line, line, progress, styled},
    words,
};

/// Lets the kernel measure models, and shows each as soon as it is measured.
///
/// # Errors
///
/// When the kernel goes away, or with its own sentence.
pub(crate) async fn run(
    kernel: &Kernel1Proxy<'static>,
    ids: &[String],
    json: bool,
) -> anyhow::Result<()> {
    let mut steps = kernel.receive_model_measured().await?;
    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut is_stopping = false;
    let measured = kernel.bench_models(ids, language().code());
    tokio::pin!(measured);
    loop {
        tokio::select! {
            // Steps first: they are told before the report.
            biased;
            Some(step) = steps.next() => show_step(&read(step.args()?.step)?, json)?,
            report = &mut measured => {
                progress("");
                let report = report.map_err(|error| match refused(&error) {
                    Some(problem) if is_stopping => Failure::stopped_by(problem).into(),
                    _ => explain(error),
                })?;
                return show_proposal(&read(&report)?, json);
            }
            Some(_) = interrupts.recv() => {
                if std::mem::replace(&mut is_stopping, true) {
                    progress("");
                    return Err(Failure::stopped("bench-left").into());
                }
                let kernel = kernel.clone();
                tokio::spawn(async move { kernel.stop_bench().await });
            }
        }
    }
}

fn show_step(step: &BenchStep, json: bool) -> anyhow::Result<()> {
    let Some(model) = &step.model else {
        let stage = words::name("bench", &step.stage);
        progress(&format!("{}/{} {}: {stage}", step.number, step.of, step.id));
        return Ok(());
    };
    progress("");
    if json {
        json_line(&serde_json::to_string(model)?);
    } else {
        described(model).into_iter().for_each(line);
        if let Some(problem) = &model.problem {
            line(styled(&format!("    {}", problem.sentence), Style::Bad));
        }
    }
    Ok(())
}

fn show_proposal(report: &BenchReport, json: bool) -> anyhow::Result<()> {
    if json {
        let (proposed, reason) = (&report.proposed, &report.reason);
        json_line(&serde_json::to_string(
            &json!({"proposed": proposed, "reason": reason}),
        )?);
        return Ok(());
    }
    line(&*report.reason);
    let Some(id) = &report.proposed else {
        return Ok(());
    };
    let mut models = report.models.iter();
    let is_used = models.any(|model| model.id == *id && model.used);
    let known = if is_used {
        "bench-used"
    } else {
        "bench-choose"
    };
    line(words::text(known, &[("model", id)]));
    Ok(())
}

/// Says the figures of a model, a line for each kind.
fn described(model: &ModelBench) -> Vec<String> {
    let shown = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    let speed = |value: Option<f64>| shown(value.map(|speed| format!("{speed:.0}")));
    let plan = shown(model.short_plan_ms.map(seconds));
    let title = format!("{} · {} ({})", model.id, model.title, model.engine);
    let speeds = [
        ("load", &*shown(model.load_ms.map(seconds))),
        ("reading", &speed(model.reading_tokens_per_s)),
        (
            "restore",
            &shown(model.capsule_restore_ms.map(milliseconds)),
        ),
        ("writing", &speed(model.writing_tokens_per_s)),
    ];
    let plans = [
        ("plan", &*plan),
        ("right", &model.right_plans.to_string()),
        ("asked", &model.asked_plans.to_string()),
        ("memory", &megabytes(model.memory_bytes)),
    ];
    vec![
        title,
        words::text("bench-speed", &speeds),
        words::text("bench-plan", &plans),
    ]
}

fn seconds(ms: f64) -> String {
    format!("{:.2} s", ms / 1000.0)
}

fn milliseconds(ms: f64) -> String {
    format!("{ms:.0} ms")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn figures_are_shown_for_people_and_what_is_not_told_is_a_dash() {
        let model = ModelBench {
            id: "tiny".into(),
            title: "Tiny".into(),
            engine: "llama".into(),
            load_ms: Some(812.0),
            reading_tokens_per_s: Some(71.6),
            capsule_restore_ms: None,
            writing_tokens_per_s: Some(11.2),
            short_plan_ms: Some(934.0),
            right_plans: 2,
            asked_plans: 3,
            memory_bytes: 1_300_000_000,
            ..ModelBench::default()
        };
        expect![[r#"
            tiny · Tiny (llama)
                loaded in 0.81 s · reads 72 tokens/s · restored in – · writes 11 tokens/s
                short plan in 0.93 s, 2 of 3 right · 1300.0 MB of memory"#]]
        .assert_eq(&described(&model).join("\n"));
    }
}
