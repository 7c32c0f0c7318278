//! The models of the catalogue: which is used, and where it runs.

mod asked;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::Duration,
};

use engine::{
    AtStart, Engine, Script, ScriptedEngine, WorkerEngine, WorkerOptions,
    catalog::{Catalog, Model, Role},
    store::{Presence, Store},
};
use protocol::{
    ModelBench, ModelReport, Problem,
    text::{Language, problem},
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{KernelError, bench, settings::EngineSettings, weight};

/// How long the engine of vectors keeps its memory: it is back within a second of typing.
const EMBEDDER_IDLE: Duration = Duration::from_secs(120);

/// How long a busy worker is waited for that is asked for its fences.
const FENCES_WAIT: Duration = Duration::from_secs(1);

/// The setting that names the model in use.
const SETTING: &str = "model";

/// The catalogue, the store and the engine of the model in use.
pub struct Models {
    catalog: Catalog,
    store: Store,
    scripted: Option<ScriptedEngine>,
    chosen: RwLock<Option<String>>,
    engine: Mutex<Option<(String, WorkerEngine)>>,
    /// The engines of models above the one in use, by their ids.
    above: Mutex<HashMap<String, WorkerEngine>>,
    /// The models whose files are being worked on, each with what stops that.
    busy: Mutex<HashMap<String, CancellationToken>>,
    /// What stops the measuring of models, while there is any.
    measuring: Mutex<Option<CancellationToken>>,
    /// Whether models are measured, for what reads ahead and has to stand back.
    is_measuring: watch::Sender<bool>,
    settings: EngineSettings,
    /// What is done with each worker that was started.
    at_start: Option<AtStart>,
    /// The engine of vectors that was made last.
    embedder: Mutex<Option<Arc<WorkerEngine>>>,
}

/// A model to be measured.
pub(crate) struct Candidate {
    /// What is known of it before.
    pub(crate) bench: ModelBench,
    /// Where its engine comes from.
    pub(crate) source: EngineSource,
}

/// Where a model above the one in use is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// On this machine.
    Here,
    /// On a server.
    Server,
}

/// Where the engine of a model to be measured comes from.
pub(crate) enum EngineSource {
    /// The script in the place of every model.
    Scripted(ScriptedEngine),
    /// A worker of its own.
    Worker(Box<WorkerOptions>),
}

/// The right to measure, which one task has at a time; meanwhile no request gets a model. Dropping
/// it gives it back.
pub(crate) struct Measuring {
    models: Arc<Models>,
    stop: CancellationToken,
}

impl Measuring {
    /// Waits until the measuring is to be stopped.
    pub(crate) async fn stopped(&self) {
        self.stop.cancelled().await;
    }
}

impl Drop for Measuring {
    fn drop(&mut self) {
        *lock(&self.models.measuring) = None;
        self.models.is_measuring.send_replace(false);
    }
}

impl Models {
    /// Reads the catalogue. With `scripted`, that file answers in the place of every model.
    ///
    /// # Errors
    ///
    /// [`KernelError::Script`] when that file cannot be read.
    pub(crate) fn new(
        scripted: Option<&Path>,
        settings: EngineSettings,
        bus: Option<zbus::Connection>,
    ) -> Result<Models, KernelError> {
        let catalog = Catalog::load().unwrap_or_else(|error| {
            tracing::error!(%error, "the person's own catalogue of models is left out");
            Catalog::builtin()
        });
        let scripted = scripted.map(script).transpose()?;
        Ok(Models {
            catalog,
            store: Store::open(),
            scripted,
            chosen: RwLock::default(),
            engine: Mutex::default(),
            above: Mutex::default(),
            busy: Mutex::default(),
            measuring: Mutex::default(),
            is_measuring: watch::Sender::new(false),
            settings,
            at_start: bus.map(weight::lightening),
            embedder: Mutex::default(),
        })
    }

    /// Returns the engine of the model in use; none when no model is here, or while models are
    /// measured. No process is started by this.
    pub(crate) fn engine(&self) -> Option<Arc<dyn Engine>> {
        if lock(&self.measuring).is_some() {
            return None;
        }
        if let Some(scripted) = &self.scripted {
            return Some(Arc::new(scripted.clone()));
        }
        // A damaged one is given too: its engine says so, where silence would say that there is none.
        let model = self.model().or_else(|| self.damaged())?;
        let (Presence::Here(path) | Presence::Damaged(path)) = self.store.presence(model) else {
            return None;
        };
        let mut engine = lock(&self.engine);
        if let Some((_, engine)) = engine.as_ref().filter(|(id, _)| *id == model.id) {
            return Some(Arc::new(engine.clone()));
        }
        let made = WorkerEngine::new(self.options(model, path));
        *engine = Some((model.id.clone(), made.clone()));
        Some(Arc::new(made))
    }

    /// How the worker of a model is started, by the catalogue and the person's settings.
    fn options(&self, model: &Model, path: PathBuf) -> WorkerOptions {
        let mut options = WorkerOptions::of(model, path);
        options.load.allow_unfenced = self.settings.allow_unfenced;
        options.at_start.clone_from(&self.at_start);
        options
    }

    /// Tells whether the person lets models run without fences.
    pub(crate) fn are_allowed_unfenced(&self) -> bool {
        self.settings.allow_unfenced
    }

    /// Tells what fences the worker in that runs now, each as `name: how`; none when no worker
    /// runs, or it is too busy to tell soon.
    pub(crate) async fn fences(&self) -> Option<Vec<String>> {
        let engine = lock(&self.engine)
            .as_ref()
            .filter(|(_, engine)| engine.is_loaded())
            .map(|(_, engine)| engine.clone())?;
        let stats = tokio::time::timeout(FENCES_WAIT, engine.stats()).await;
        let fences = stats.ok()?.ok()?.sandbox;
        (!fences.is_empty()).then_some(fences)
    }

    /// Tells the processor time of each worker that runs now, by its process.
    pub(crate) fn worker_times(&self) -> HashMap<u32, Duration> {
        let mut processes: Vec<u32> = lock(&self.above)
            .values()
            .filter_map(WorkerEngine::process_id)
            .collect();
        let engine = lock(&self.engine);
        processes.extend(engine.as_ref().and_then(|(_, engine)| engine.process_id()));
        let embedder = lock(&self.embedder);
        processes.extend(embedder.as_ref().and_then(|engine| engine.process_id()));
        let time = |process: u32| Some((process, engine::energy::cpu_time(&process.to_string())?));
        processes.into_iter().filter_map(time).collect()
    }

    /// Returns the engines that may be asked above the one in use, the nearest first. No process is
    /// started by this.
    pub(crate) fn engines_above(
        &self,
        larger: Option<&str>,
        remote: Option<&str>,
    ) -> Vec<Arc<dyn Engine>> {
        if lock(&self.measuring).is_some() {
            return Vec::new();
        }
        let (used, _) = self.in_use();
        let steps = [(larger, Place::Here), (remote, Place::Server)];
        steps
            .into_iter()
            .filter_map(|(id, place)| self.engine_above(id?, place))
            .filter(|engine| engine.model() != used)
            .collect()
    }

    /// Returns the engine of a model that the settings name, where it is here and of the kind that
    /// the setting is for: what is to stay on this machine never goes to a server by a wrong name.
    pub(crate) fn engine_above(&self, id: &str, place: Place) -> Option<Arc<dyn Engine>> {
        if let Some(scripted) = &self.scripted {
            let mut others = scripted.others().into_iter();
            let other = others.find(|other| {
                other.model() == id && other.is_on_this_machine() == (place == Place::Here)
            })?;
            return Some(Arc::new(other));
        }
        let model = self.catalog.get(id).ok()?;
        let is_fit = model.role != Role::Embedding
            && match (&model.endpoint, place) {
                (None, Place::Here) | (Some(_), Place::Server) => true,
                (Some(endpoint), Place::Here) => endpoint.is_on_this_machine(),
                (None, Place::Server) => false,
            };
        let Presence::Here(path) = self.store.presence(model) else {
            return None;
        };
        is_fit.then(|| {
            let mut above = lock(&self.above);
            let made = || WorkerEngine::new(self.options(model, path));
            let engine = above.entry(id.to_owned()).or_insert_with(made);
            Arc::new(engine.clone()) as Arc<dyn Engine>
        })
    }

    /// Returns the id of the model in use, empty when none is here, and whether it is in memory.
    pub(crate) fn in_use(&self) -> (String, bool) {
        if let Some(scripted) = &self.scripted {
            return (scripted.model().to_owned(), true);
        }
        let id = self
            .model()
            .map(|model| model.id.clone())
            .unwrap_or_default();
        let loaded = lock(&self.engine)
            .as_ref()
            .is_some_and(|(model, engine)| *model == id && engine.is_loaded());
        (id, loaded)
    }

    /// Says why there is no model to ask.
    pub(crate) fn absence(&self, language: Language) -> Problem {
        if lock(&self.measuring).is_some() {
            return problem(language, "plan-models-measured", &[]);
        }
        match self.unchosen() {
            Some(model) => problem(language, "plan-model-not-chosen", &[("model", &model.id)]),
            None => problem(language, "plan-no-model", &[]),
        }
    }

    /// The models that can be measured: those with `ids`, and without any all that are here and
    /// write plans. A server is measured only by its name, because that sends it requests.
    pub(crate) fn candidates(
        &self,
        ids: &[String],
        language: Language,
    ) -> Result<Vec<Candidate>, Problem> {
        if let Some(scripted) = &self.scripted {
            return Ok(vec![scripted_candidate(scripted)]);
        }
        let (used, _) = self.in_use();
        if ids.is_empty() {
            let all = self.catalog.models.iter();
            let local = all.filter(|model| model.endpoint.is_none());
            return Ok(local
                .filter_map(|model| self.candidate(model, &used))
                .collect());
        }
        let candidate = |id: &String| {
            let values = [("model", &**id)];
            let refused = |sentence| problem(language, sentence, &values);
            let model = self.catalog.get(id).map_err(|_| refused("model-unknown"))?;
            if model.role == Role::Embedding {
                return Err(refused("model-embeds"));
            }
            self.candidate(model, &used)
                .ok_or_else(|| refused("model-not-there"))
        };
        ids.iter().map(candidate).collect()
    }

    fn candidate(&self, model: &Model, used: &str) -> Option<Candidate> {
        let Presence::Here(path) = self.store.presence(model) else {
            return None;
        };
        (model.role != Role::Embedding).then(|| Candidate {
            bench: ModelBench {
                id: model.id.clone(),
                title: model.title.clone(),
                engine: model.engine.clone(),
                bytes: model.bytes,
                used: model.id == used,
                may_be_default: bench::may_be_default(model.role) && model.endpoint.is_none(),
                ..ModelBench::default()
            },
            source: EngineSource::Worker(Box::new(self.options(model, path))),
        })
    }

    /// Takes the right to measure.
    pub(crate) fn begin_measuring(
        self: &Arc<Models>,
        language: Language,
    ) -> Result<Measuring, Problem> {
        let mut measuring = lock(&self.measuring);
        if measuring.is_some() {
            return Err(problem(language, "bench-runs-already", &[]));
        }
        let stop = CancellationToken::new();
        *measuring = Some(stop.clone());
        self.is_measuring.send_replace(true);
        Ok(Measuring {
            models: self.clone(),
            stop,
        })
    }

    /// Waits until models are measured, or until they are not.
    pub(crate) async fn until_measuring(&self, is_measuring: bool) {
        let mut measuring = self.is_measuring.subscribe();
        // Its other end lives as long as this.
        let _ = measuring.wait_for(|is| *is == is_measuring).await;
    }

    /// Stops the measuring. Returns whether there was any.
    pub(crate) fn stop_measuring(&self) -> bool {
        let measuring = lock(&self.measuring);
        measuring.as_ref().inspect(|stop| stop.cancel()).is_some()
    }

    /// Frees the memory of all models that write plans.
    pub(crate) async fn unload(&self) {
        let engine = lock(&self.engine).take().map(|(_, engine)| engine);
        let above: Vec<WorkerEngine> = lock(&self.above).drain().map(|(_, above)| above).collect();
        for engine in engine.into_iter().chain(above) {
            engine.unload().await;
        }
    }

    /// The model that is here and only used when it is chosen, where there is no other.
    pub(crate) fn unchosen(&self) -> Option<&Model> {
        let is_here = |model: &&Model| {
            model.role == Role::Tests && matches!(self.store.presence(model), Presence::Here(_))
        };
        let models = self.catalog.models.iter();
        let has_none = self.scripted.is_none() && self.model().is_none();
        models.filter(|_| has_none).find(is_here)
    }

    /// Makes the engine that turns texts into vectors, and tells the hash of its model, by which
    /// its vectors are told from those of another; none when no such model is here.
    pub(crate) fn embedder(&self) -> Option<(Arc<dyn Engine>, String)> {
        let model = self.catalog.by_role(Role::Embedding)?;
        match self.store.presence(model) {
            Presence::Here(path) if self.scripted.is_none() => {
                let mut options = self.options(model, path);
                options.idle = EMBEDDER_IDLE;
                let engine = Arc::new(WorkerEngine::new(options));
                *lock(&self.embedder) = Some(engine.clone());
                Some((engine, model.sha256.clone()))
            }
            _ => None,
        }
    }

    /// The chosen model where it is here, else the first of the catalogue that is and writes plans,
    /// but for those for tests.
    fn model(&self) -> Option<&Model> {
        let here = |model: &&Model| matches!(self.store.presence(model), Presence::Here(_));
        let usual = || self.usual().find(here);
        self.chosen_model().filter(here).or_else(usual)
    }

    /// The model that would be used if its file were whole: the chosen one, and where none can
    /// be used any other.
    pub(crate) fn damaged(&self) -> Option<&Model> {
        let damaged = |model: &&Model| matches!(self.store.presence(model), Presence::Damaged(_));
        let usual = || {
            let has_none = self.model().is_none();
            self.usual().filter(|_| has_none).find(damaged)
        };
        self.chosen_model().filter(damaged).or_else(usual)
    }

    fn usual(&self) -> impl Iterator<Item = &Model> {
        let models = self.catalog.models.iter();
        // Words go to a server only where it was chosen.
        models
            .filter(|model| !matches!(model.role, Role::Tests | Role::Embedding))
            .filter(|model| model.endpoint.is_none())
    }

    fn chosen_model(&self) -> Option<&Model> {
        let chosen = self.chosen.read().unwrap_or_else(PoisonError::into_inner);
        let model = self.catalog.get(chosen.as_deref()?).ok()?;
        (model.role != Role::Embedding).then_some(model)
    }

    fn choose(&self, id: &str) {
        *self.chosen.write().unwrap_or_else(PoisonError::into_inner) = Some(id.to_owned());
        *lock(&self.engine) = None;
    }

    fn report(&self, model: &Model, used: &str, loaded: bool) -> ModelReport {
        let presence = self.store.presence(model);
        let is_damaged = matches!(presence, Presence::Damaged(_));
        let path = match presence {
            Presence::Here(path) => Some(match &model.endpoint {
                Some(endpoint) => endpoint.url.clone(),
                None => path.display().to_string(),
            }),
            _ => None,
        };
        ModelReport {
            id: model.id.clone(),
            title: model.title.clone(),
            bytes: model.bytes,
            licence: model.licence.clone(),
            context_length: model.context_length,
            engine: model.engine.clone(),
            path,
            used: model.id == used,
            loaded: model.id == used && loaded,
            is_damaged,
        }
    }
}

fn scripted_candidate(engine: &ScriptedEngine) -> Candidate {
    let id = engine.model().to_owned();
    Candidate {
        bench: ModelBench {
            title: id.clone(),
            engine: id.clone(),
            id,
            used: true,
            may_be_default: true,
            ..ModelBench::default()
        },
        source: EngineSource::Scripted(engine.clone()),
    }
}

fn script(path: &Path) -> Result<ScriptedEngine, KernelError> {
    let failed = |error: engine::EngineError| KernelError::Script {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    Ok(ScriptedEngine::new(Script::read(path).map_err(failed)?))
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_reads_ahead_hears_when_measuring_begins_and_ends() {
        let models = Arc::new(Models::new(None, EngineSettings::default(), None).unwrap());
        let soon = Duration::from_millis(20);
        let waited = tokio::time::timeout(soon, models.until_measuring(true)).await;
        assert!(waited.is_err());
        let measuring = models.begin_measuring(Language::English).unwrap();
        models.until_measuring(true).await;
        assert!(models.engine().is_none() && models.begin_measuring(Language::English).is_err());
        drop(measuring);
        models.until_measuring(false).await;
        assert!(models.begin_measuring(Language::English).is_ok());
    }

    #[test]
    fn a_model_runs_without_fences_only_by_the_settings() {
        for allow_unfenced in [false, true] {
            let models = Models::new(None, EngineSettings { allow_unfenced }, None).unwrap();
            let model = models.catalog.by_role(Role::Default).unwrap();
            let options = models.options(model, "/m".into());
            assert_eq!(options.load.allow_unfenced, allow_unfenced);
        }
    }
}
