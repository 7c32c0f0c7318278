//! `lucid model`.

use std::process::ExitCode;

use futures_util::StreamExt;
use protocol::{Kernel1Proxy, ModelProgress, ModelReport, text::problem};

use crate::{
    arguments::ModelCommand,
    connection::{explain, kernel, language},
    exit::{FAILED, Failure},
    reports::{print_json, read},
    terminal::{Style, line, progress, styled},
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
        ModelCommand::Use { id } => {
            kernel.use_model(&id).await.map_err(explain)?;
            line(&id);
        }
        ModelCommand::Rm { id } => {
            let freed = kernel.remove_model(&id).await.map_err(explain)?;
            line(&format!("−{}", megabytes(freed)));
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
            (_, true) => "○".to_owned(),
            (_, false) => " ".to_owned(),
        };
        line(&format!(
            "{mark} {:<22} {:>9}  {} ({})",
            model.id,
            megabytes(model.bytes),
            model.title,
            model.licence
        ));
    }
    Ok(())
}

async fn info(kernel: &Kernel1Proxy<'_>, id: &str, json: bool) -> anyhow::Result<()> {
    let models = reports(kernel).await?;
    let Some(model) = models.into_iter().find(|model| model.id == id) else {
        let problem = problem(language(), "model-unknown", &[("model", id)]);
        return Err(Failure {
            sentence: problem.sentence,
            remedy: problem.remedy,
            code: FAILED,
        }
        .into());
    };
    let text = if json {
        serde_json::to_string(&model)?
    } else {
        serde_json::to_string_pretty(&model)?
    };
    line(&text);
    Ok(())
}

/// Fetches a model and shows the progress until it is placed or has failed.
async fn pull(kernel: &Kernel1Proxy<'_>, id: Option<String>) -> anyhow::Result<ExitCode> {
    let id = match id {
        Some(id) => id,
        None => default_model(kernel).await?,
    };
    let mut steps = kernel.receive_model_progress().await?;
    kernel.pull_model(&id).await.map_err(explain)?;
    while let Some(step) = steps.next().await {
        let arguments = step.args()?;
        if arguments.id != id {
            continue;
        }
        let step: ModelProgress = read(arguments.progress)?;
        if let Some(problem) = step.problem {
            progress("");
            return Err(Failure {
                sentence: problem.sentence,
                remedy: problem.remedy,
                code: FAILED,
            }
            .into());
        }
        progress(&bar(&id, &step));
        if step.stage == "placed" {
            progress("");
            line(&id);
            return Ok(ExitCode::SUCCESS);
        }
    }
    anyhow::bail!(protocol::text::message(language(), "kernel-gone", &[]))
}

/// The catalogue's first model is the default.
async fn default_model(kernel: &Kernel1Proxy<'_>) -> anyhow::Result<String> {
    let models = reports(kernel).await?;
    models
        .into_iter()
        .next()
        .map(|model| model.id)
        .ok_or_else(|| anyhow::anyhow!("the catalogue of models is empty"))
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
        step.stage
    )
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
