//! How models get here, are chosen, and go: what a person asks for.

use std::sync::Arc;

use engine::{
    Engine as _,
    catalog::{Model, Role},
    store::{Progress, Stage, StoreError},
};
use protocol::{
    ModelProgress, ModelReport, Problem,
    text::{Language, problem},
};
use tokio::sync::{mpsc::UnboundedSender, oneshot};
use tokio_util::sync::CancellationToken;

use super::{Models, SETTING, lock};
use crate::{Kernel, problems};

/// The right to work on a model's file, which one task has at a time. Dropping it gives it back.
struct Claim {
    models: Arc<Models>,
    id: String,
    stop: CancellationToken,
}

impl Claim {
    /// Makes what tells the steps of the work, and ends it when it was stopped or nobody listens.
    fn teller(&self, progress: &UnboundedSender<ModelProgress>) -> impl FnMut(Progress) -> bool {
        |step| !self.stop.is_cancelled() && progress.send(progress_of(step)).is_ok()
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        lock(&self.models.busy).remove(&self.id);
    }
}

impl Models {
    /// Claims a model's file.
    fn claim(self: &Arc<Models>, id: &str) -> Result<Claim, Problem> {
        let mut busy = lock(&self.busy);
        if busy.contains_key(id) {
            let values = [("model", id)];
            return Err(problem(Language::of_session(), "model-busy", &values));
        }
        let stop = CancellationToken::new();
        busy.insert(id.to_owned(), stop.clone());
        Ok(Claim {
            models: self.clone(),
            id: id.to_owned(),
            stop,
        })
    }

    /// Fetches a model in this thread, telling its progress. Returns whether it is here.
    fn pull(&self, model: &Model, claim: Claim, progress: &UnboundedSender<ModelProgress>) -> bool {
        let pulled = self.store.pull(model, &mut claim.teller(progress));
        let is_here = pulled.is_ok();
        let end = match pulled {
            Ok(_) => ended(model, "placed", None),
            Err(error) => ended(model, "failed", Some(told(&error))),
        };
        drop(claim);
        // Whoever asked may have gone; the file is there all the same.
        let _ = progress.send(end);
        is_here
    }

    /// Makes sure in this thread that the file of a model is the catalogue's.
    fn confirm(
        &self,
        model: &Model,
        claim: &Claim,
        progress: &UnboundedSender<ModelProgress>,
    ) -> Result<(), Problem> {
        match self.store.confirm(model, &mut claim.teller(progress)) {
            Ok(_) => Ok(()),
            Err(StoreError::Stopped { id }) => Err(problem(
                Language::of_session(),
                "model-use-stopped",
                &[("model", &id)],
            )),
            Err(error) => Err(told(&error)),
        }
    }
}

impl Kernel {
    /// Lists the models of the catalogue.
    pub fn model_reports(&self) -> Vec<ModelReport> {
        let (used, loaded) = self.models.in_use();
        self.models
            .catalog
            .models
            .iter()
            .map(|model| self.models.report(model, &used, loaded))
            .collect()
    }

    /// Begins to fetch a model; `progress` gets every step and, last, `placed` or `failed`.
    ///
    /// # Errors
    ///
    /// When there is no such model, or it is being fetched already.
    pub fn pull_model(
        self: &Arc<Kernel>,
        id: &str,
        progress: UnboundedSender<ModelProgress>,
    ) -> Result<(), Problem> {
        let model = self.known_model(id)?.clone();
        let claim = self.models.claim(id)?;
        let (kernel, runtime) = (self.clone(), tokio::runtime::Handle::current());
        // A thread of its own, so that a kernel that ends does not wait for the network.
        std::thread::spawn(move || {
            if kernel.models.pull(&model, claim, &progress) {
                // The file before it may have been damaged, or another one.
                lock(&kernel.models.engine).take_if(|(id, _)| *id == model.id);
                if model.role == Role::Embedding {
                    runtime.spawn(kernel.learn());
                } else {
                    runtime.spawn(kernel.warm());
                }
            }
        });
        Ok(())
    }

    /// Stops fetching or checking a model. What was fetched is kept for the next time.
    ///
    /// # Errors
    ///
    /// When there is no such model, or nothing is done with it.
    pub fn stop_pull(&self, id: &str) -> Result<(), Problem> {
        self.known_model(id)?;
        match lock(&self.models.busy).get(id) {
            Some(stop) => {
                stop.cancel();
                Ok(())
            }
            None => Err(problem(
                Language::of_session(),
                "model-not-pulled",
                &[("model", id)],
            )),
        }
    }

    /// Uses a model from now on, and remembers it. Its file is read first, unless it was found to
    /// be right before; `progress` gets the steps of that.
    ///
    /// # Errors
    ///
    /// When there is no such model, or its file is not here or not the catalogue's.
    pub async fn use_model(
        self: &Arc<Kernel>,
        id: &str,
        progress: UnboundedSender<ModelProgress>,
    ) -> Result<(), Problem> {
        let model = self.known_model(id)?;
        if model.role == Role::Embedding {
            return Err(problem(
                Language::of_session(),
                "model-embeds",
                &[("model", id)],
            ));
        }
        self.confirm_model(model.clone(), progress).await?;
        self.models.choose(id);
        tokio::spawn(self.clone().warm());
        let json = serde_json::to_string(id).unwrap_or_default();
        let kept = self
            .ledger
            .with(move |journal| journal.set_setting(SETTING, &json))
            .await;
        kept.map_err(|error| problems::journal(Language::of_session(), &error))
    }

    async fn confirm_model(
        &self,
        model: Model,
        progress: UnboundedSender<ModelProgress>,
    ) -> Result<(), Problem> {
        let claim = self.models.claim(&model.id)?;
        let (models, (sender, confirmed)) = (self.models.clone(), oneshot::channel());
        // A thread of its own, so that a kernel that ends does not wait for the disk.
        std::thread::spawn(move || {
            let found = models.confirm(&model, &claim, &progress);
            drop(claim);
            // Whoever asked may have gone.
            let _ = sender.send(found);
        });
        let broken = |_| Err(problem(Language::of_session(), "function-panicked", &[]));
        confirmed.await.unwrap_or_else(broken)
    }

    /// Removes a model's file. Returns the bytes freed.
    ///
    /// # Errors
    ///
    /// When there is no such model or file, or it belongs to the system.
    pub async fn remove_model(&self, id: &str) -> Result<u64, Problem> {
        let model = self.known_model(id)?.clone();
        let _claim = self.models.claim(id)?;
        let engine = lock(&self.models.engine).take_if(|(engine, _)| engine == id);
        let above = lock(&self.models.above).remove(id);
        for engine in engine.map(|(_, engine)| engine).into_iter().chain(above) {
            engine.unload().await;
        }
        if model.role == Role::Embedding {
            self.planner().forget();
        }
        match self.models.store.remove(&model) {
            Ok(()) => Ok(model.bytes),
            Err(error) => Err(told(&error)),
        }
    }

    /// Takes up the choice of an earlier run.
    pub(crate) async fn remember_model(&self) {
        let setting = self.ledger.with(|journal| journal.setting(SETTING)).await;
        if let Ok(Some(json)) = setting
            && let Ok(id) = serde_json::from_str::<String>(&json)
        {
            self.models.choose(&id);
        }
    }

    fn known_model(&self, id: &str) -> Result<&Model, Problem> {
        self.models
            .catalog
            .get(id)
            .map_err(|_| problem(Language::of_session(), "model-unknown", &[("model", id)]))
    }
}

/// Says a failure of the store as a person reads it.
fn told(error: &StoreError) -> Problem {
    tracing::warn!(%error, "a model's file");
    let (id, values) = error.sentence();
    let values: Vec<(&str, &str)> = values
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    problem(Language::of_session(), id, &values)
}

fn progress_of(step: Progress) -> ModelProgress {
    let stage = match step.stage {
        Stage::Download => "fetching",
        Stage::Verify => "verifying",
    };
    ModelProgress {
        stage: stage.to_owned(),
        bytes: step.done_bytes,
        total: step.total_bytes,
        rate: step.bytes_per_s,
        seconds_left: step.left.map(|left| left.as_secs_f64()),
        problem: None,
    }
}

fn ended(model: &Model, stage: &str, problem: Option<Problem>) -> ModelProgress {
    let bytes = if problem.is_none() { model.bytes } else { 0 };
    ModelProgress {
        stage: stage.to_owned(),
        bytes,
        total: model.bytes,
        rate: 0.0,
        seconds_left: None,
        problem,
    }
}

#[cfg(test)]
mod tests {
    use protocol::text::message;

    use super::*;

    #[test]
    fn every_failure_of_the_store_is_said_in_both_languages() {
        let (id, path) = (String::from("tiny"), std::path::PathBuf::from("/m"));
        let source = std::io::ErrorKind::StorageFull.into();
        for error in [
            StoreError::Missing { id: id.clone() },
            StoreError::Damaged {
                id: id.clone(),
                path: path.clone(),
                reason: "short".into(),
            },
            StoreError::Space {
                folder: path.clone(),
                needed_mb: 2,
                free_mb: 1,
            },
            StoreError::Sources {
                id: id.clone(),
                reasons: "no network".into(),
            },
            StoreError::Stopped { id },
            StoreError::System { path: path.clone() },
            StoreError::Write { path, source },
        ] {
            let (id, values) = error.sentence();
            let values: Vec<(&str, &str)> = values
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            for language in [Language::English, Language::Chinese] {
                for id in [id.to_owned(), format!("{id}-remedy")] {
                    let said = message(language, &id, &values);
                    assert!(!said.contains('{'), "{said}");
                }
                assert_ne!(message(language, id, &values), id);
            }
        }
    }
}
