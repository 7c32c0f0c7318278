//! `lucid model`.

use std::process::ExitCode;

use futures_util::StreamExt;
use protocol::{Kernel1Proxy, ModelProgress, ModelReport};
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    arguments::ModelCommand,
    bench,
    connection::{explain, kernel, read, refused},
    exit::Failure,
    reports::print_json,
    terminal::{Shown, Style, json_line, line, progress, styled},
    words,
};

/// Runs a command on models.
///
/// # Errors
///
/// When the kernel cannot be reached, or with its own sentence.
pub(crate) async fn run(command: ModelCommand) -> anyhow::Result<ExitCode> {
    let kernel = kernel().await?;
    match command {
        ModelCommand::List { json } => list(&kernel, json).await?,
        ModelCommand::Info { id, json } => info(&kernel, &id, json).await?,
        ModelCommand::Pull { id } => return pull(&kernel, id).await,
        ModelCommand::Use { id } => choose(&kernel, &id).await?,
        ModelCommand::Bench { ids, json } => bench::run(&kernel, &ids, json).await?,
        ModelCommand::Rm { id } => {
            let freed = kernel.remove_model(&id).await.map_err(explain)?;
            line(format!("−{}", megabytes(freed)));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn reports(kernel: &Kernel1Proxy<'_>) -> anyhow::Result<Vec<ModelReport>> {
    read(&kernel.models().await.map_err(explain)?)
}

async fn list(kernel: &Kernel1Proxy<'_>, json: bool) -> anyhow::Result<()> {
    let models = reports(kernel).await?;
    if json {
        return print_json(&models);
    }
    for model in models {
        let mark = match (model.used, model.path.is_some()) {
            (true, true) => styled("●", Style::Good),
            (_, true) => Shown::from("○"),
            (_, false) => Shown::from(" "),
        };
        line(
            mark + format!(
                " {:<22} {:>9}  {} ({}) · {}",
                model.id,
                megabytes(model.bytes),
                model.title,
                model.licence,
                state(&model)
            ),
        );
        if model.is_damaged {
            let values = [("model", &*model.id)];
            let damaged = words::text("model-damaged-short", &values);
            line(styled(&format!("    {damaged}"), Style::Bad));
        }
    }
    Ok(())
}

async fn info(kernel: &Kernel1Proxy<'_>, id: &str, json: bool) -> anyhow::Result<()> {
    let models = reports(kernel).await?;
    let Some(model) = models.into_iter().find(|model| model.id == id) else {
        return Err(Failure::failed("model-unknown", &[("model", id)]).into());
    };
    if json {
        json_line(&serde_json::to_string(&model)?);
    } else {
        described(&model).into_iter().for_each(line);
    }
    Ok(())
}

/// Says in words how a model is here.
fn state(model: &ModelReport) -> String {
    let state = match (model.used, model.path.is_some()) {
        _ if model.is_damaged => "damaged",
        (_, false) => "missing",
        (true, true) if model.loaded => "loaded",
        (true, true) => "used",
        (false, true) => "here",
    };
    words::name("model-state", state)
}

/// Says everything about a model, a line for each thing.
fn described(model: &ModelReport) -> Vec<String> {
    let fact = |id: &str, value: &str| words::text(id, &[("value", value)]);
    let mut lines = vec![
        format!("{} ({})", model.title, model.id),
        fact("model-info-state", &state(model)),
        fact("model-info-size", &megabytes(model.bytes)),
        fact("model-info-licence", &model.licence),
        fact("model-info-context", &model.context_length.to_string()),
        fact("model-info-engine", &model.engine),
    ];
    lines.extend(
        model
            .path
            .as_deref()
            .map(|path| fact("model-info-path", path)),
    );
    lines
}

/// Chooses a model, and shows the progress where its file has to be read for that.
async fn choose(kernel: &Kernel1Proxy<'static>, id: &str) -> anyhow::Result<()> {
    let mut steps = kernel.receive_model_progress().await?;
    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut is_stopping = false;
    let chosen = kernel.use_model(id);
    tokio::pin!(chosen);
    loop {
        tokio::select! {
            Some(step) = steps.next() => {
                let arguments = step.args()?;
                if arguments.id == id {
                    show_step(id, &read(arguments.progress)?)?;
                }
            }
            chosen = &mut chosen => {
                progress("");
                chosen.map_err(|error| match refused(&error) {
                    Some(problem) if is_stopping => Failure::stopped_by(problem).into(),
                    _ => explain(error),
                })?;
                line(id);
                return Ok(());
            }
            Some(_) = interrupts.recv() => stop(kernel, id, &mut is_stopping)?,
        }
    }
}

/// Asks the kernel to stop what it does with a model; when the person has asked before, leaves.
/// That it has stopped is told by the work's own end.
fn stop(kernel: &Kernel1Proxy<'static>, id: &str, is_stopping: &mut bool) -> anyhow::Result<()> {
    if std::mem::replace(is_stopping, true) {
        progress("");
        return Err(Failure::stopped("model-left").into());
    }
    let (kernel, id) = (kernel.clone(), id.to_owned());
    tokio::spawn(async move { kernel.stop_pull(&id).await });
    Ok(())
}

/// Fetches a model and shows the progress until it is placed or has failed.
async fn pull(kernel: &Kernel1Proxy<'static>, id: Option<String>) -> anyhow::Result<ExitCode> {
    let id = match id {
        Some(id) => id,
        None => default_model(kernel).await?,
    };
    let mut steps = kernel.receive_model_progress().await?;
    let mut owners = kernel.inner().receive_owner_changed().await?;
    let mut interrupts = signal(SignalKind::interrupt())?;
    kernel.pull_model(&id).await.map_err(explain)?;
    let mut is_stopping = false;
    loop {
        tokio::select! {
            // Steps first: what the kernel said before it went away counts.
            biased;
            step = steps.next() => {
                let step = step.ok_or_else(|| Failure::unreachable("kernel-gone"))?;
                let arguments = step.args()?;
                if arguments.id == id && show_step(&id, &read(arguments.progress)?)? {
                    return Ok(ExitCode::SUCCESS);
                }
            }
            Some(_) = interrupts.recv() => stop(kernel, &id, &mut is_stopping)?,
            Some(owner) = owners.next() => {
                if owner.is_none() {
                    progress("");
                    return Err(Failure::unreachable("model-kernel-gone").into());
                }
            }
        }
    }
}

/// Shows a step of a download. Returns whether it was the last.
fn show_step(id: &str, step: &ModelProgress) -> anyhow::Result<bool> {
    if let Some(problem) = &step.problem {
        progress("");
        let problem = problem.clone();
        let failure = if problem.id == "model-stopped" {
            Failure::stopped_by(problem)
        } else {
            Failure::of(problem)
        };
        return Err(failure.into());
    }
    progress(&bar(id, step));
    let is_placed = step.stage == "placed";
    if is_placed {
        progress("");
        line(id);
    }
    Ok(is_placed)
}

/// The catalogue's first model is the default.
async fn default_model(kernel: &Kernel1Proxy<'_>) -> anyhow::Result<String> {
    let first = reports(kernel).await?.into_iter().next();
    let none = || Failure::failed("model-catalogue-empty", &[]);
    Ok(first.ok_or_else(none)?.id)
}

/// Draws one line: a bar, how much, how quickly, how long still.
fn bar(id: &str, step: &ModelProgress) -> String {
    const WIDTH: u64 = 30;
    let filled = (step.bytes * WIDTH)
        .checked_div(step.total)
        .unwrap_or(0)
        .min(WIDTH);
    let bar: String = (0..WIDTH)
        .map(|at| if at < filled { '█' } else { '░' })
        .collect();
    let left = step
        .seconds_left
        .map_or(String::new(), |seconds| format!(" · {seconds:.0} s"));
    let rate = step.rate / 1e6;
    format!(
        "{id} {bar} {} / {} · {rate:.1} MB/s{left} · {}",
        megabytes(step.bytes),
        megabytes(step.total),
        words::name("stage", &step.stage)
    )
}

pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_model_is_described_for_people() {
        let model = ModelReport {
            id: "tiny".into(),
            title: "Tiny".into(),
            bytes: 105_454_208,
            licence: "Apache-2.0".into(),
            context_length: 4096,
            engine: "llama".into(),
            path: Some("/models/tiny.gguf".into()),
            used: true,
            loaded: false,
            is_damaged: false,
        };
        expect![[r#"
            Tiny (tiny)
            State: in use
            Size: 105.5 MB
            Licence: Apache-2.0
            Context: 4096 tokens
            Engine: llama
            File: /models/tiny.gguf"#]]
        .assert_eq(&described(&model).join("\n"));
    }
}
