//! Asks the model that turns texts into vectors, and waits for it no longer than its start takes.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use engine::{Engine, EngineError};

use crate::{KeptVectors, Retrieval, Vector};

/// How long a request may wait for its vector. A short one needs three milliseconds, and half a second where the
/// worker has to start again: that is worth it, for words alone tell much less.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long it may wait behind one that waited in vain.
const LITTLE_PATIENCE: Duration = Duration::from_millis(50);
/// Requests whose vectors are remembered: while a person types, the same words come again.
const REMEMBERED: usize = 16;
/// Labels whose vectors are remembered: those of all apps that are asked for something.
const REMEMBERED_LABELS: usize = 4096;
/// Texts that the model gets at once.
const BATCH: usize = 64;

/// What is known of the meaning of some words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Meaning {
    /// No model has told yet what functions mean.
    Unlearnt,
    /// The model did not answer in time, or failed.
    Late,
    /// The words' vector.
    Known(Vector),
}

impl Meaning {
    pub(crate) fn vector(&self) -> Option<&Vector> {
        match self {
            Meaning::Known(vector) => Some(vector),
            Meaning::Unlearnt | Meaning::Late => None,
        }
    }
}

/// The model, once it has told what functions mean.
#[derive(Default)]
pub(crate) struct Meanings {
    embedder: RwLock<Option<Arc<dyn Engine>>>,
    remembered: Arc<Mutex<VecDeque<(String, Vector)>>>,
    labels: Mutex<Arc<Labels>>,
    /// Whether the last request waited in vain, and nothing came since.
    was_late: Arc<AtomicBool>,
}

/// What one model has told about the labels of apps.
#[derive(Default)]
struct Labels {
    known: Mutex<BTreeMap<String, Vector>>,
    /// Held by who asks the model: another one waits for the same labels, and asks for none twice.
    asking: tokio::sync::Mutex<()>,
}

impl Labels {
    async fn learn(
        &self,
        engine: &dyn Engine,
        wanted: &BTreeSet<String>,
    ) -> Result<(), EngineError> {
        let _alone = self.asking.lock().await;
        let new: Vec<String> = {
            let mut known = lock(&self.known);
            let is_new = |label: &&String| !known.contains_key(*label);
            let new: Vec<String> = wanted.iter().filter(is_new).cloned().collect();
            if known.len() + new.len() > REMEMBERED_LABELS {
                known.retain(|label, _| wanted.contains(label));
            }
            new
        };
        for batch in new.chunks(BATCH) {
            let vectors = engine.embed(batch).await?.into_iter().map(Vector::new);
            let given = batch.iter().cloned().zip(vectors);
            let given = given.filter_map(|(label, vector)| Some((label, vector?)));
            lock(&self.known).extend(given);
        }
        Ok(())
    }
}

impl std::fmt::Debug for Meanings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meanings").finish_non_exhaustive()
    }
}

impl Meanings {
    /// Gives the vectors of all texts to `retrieval`: those that are kept, and of the rest
    /// those that the model gives now. Returns how many it gave.
    pub(crate) async fn learn(
        &self,
        engine: Arc<dyn Engine>,
        mut kept: KeptVectors,
        retrieval: &RwLock<Retrieval>,
        examples: impl Iterator<Item = &str>,
    ) -> Result<usize, EngineError> {
        let texts: BTreeSet<String> = {
            let retrieval = retrieval.read().unwrap_or_else(PoisonError::into_inner);
            let own = retrieval.texts().into_iter().map(str::to_owned);
            own.chain(examples.map(str::to_owned)).collect()
        };
        let mut vectors: Vec<(String, Vector)> = Vec::with_capacity(texts.len());
        let mut new = Vec::new();
        for text in texts {
            match kept.get(&text) {
                Some(vector) => vectors.push((text, vector.clone())),
                None => new.push(text),
            }
        }
        for batch in new.chunks(BATCH) {
            let numbers = engine.embed(batch).await?;
            let given = batch.iter().zip(numbers);
            vectors.extend(
                given.filter_map(|(text, numbers)| Some((text.clone(), Vector::new(numbers)?))),
            );
        }
        let pairs = vectors.iter().map(|(text, vector)| (text.as_str(), vector));
        if let Err(error) = kept.keep(pairs) {
            tracing::warn!(%error, "the functions' vectors are not kept on disk");
        }
        let mut retrieval = retrieval.write().unwrap_or_else(PoisonError::into_inner);
        retrieval.learn(vectors);
        drop(retrieval);
        *self
            .embedder
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Some(engine);
        Ok(new.len())
    }

    /// Goes by words alone from now on.
    pub(crate) fn forget(&self) {
        *self
            .embedder
            .write()
            .unwrap_or_else(PoisonError::into_inner) = None;
        lock(&self.remembered).clear();
        *lock(&self.labels) = Arc::default();
    }

    /// The vectors of what apps call their own functions, as far as the model gives them in time.
    pub(crate) async fn of_labels(&self, wanted: BTreeSet<String>) -> BTreeMap<String, Vector> {
        let labels = lock(&self.labels).clone();
        if let Some(engine) = self.embedder() {
            let (labels, wanted) = (labels.clone(), wanted.clone());
            // A task of its own, as below.
            let asked = tokio::spawn(async move { labels.learn(&*engine, &wanted).await });
            // What comes later is there the next time.
            if let Ok(Ok(Err(error))) = tokio::time::timeout(PATIENCE, asked).await {
                tracing::warn!(%error, "what labels mean is not known");
            }
        }
        let known = lock(&labels.known);
        let found = wanted.into_iter().filter_map(|label| {
            let vector = known.get(&label)?.clone();
            Some((label, vector))
        });
        found.collect()
    }

    fn embedder(&self) -> Option<Arc<dyn Engine>> {
        let embedder = self.embedder.read();
        embedder.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tells what some words mean, if that takes no longer than the model needs to start.
    pub(crate) async fn of(&self, words: &str) -> Meaning {
        let Some(engine) = self.embedder() else {
            return Meaning::Unlearnt;
        };
        let known = |(known, _): &&(String, Vector)| known == words;
        if let Some((_, vector)) = lock(&self.remembered).iter().find(known) {
            return Meaning::Known(vector.clone());
        }
        let (text, remembered) = (words.to_owned(), self.remembered.clone());
        let was_late = self.was_late.clone();
        // A task of its own: what comes too late for these words now is there when they come again.
        let asked = tokio::spawn(async move {
            let mut vectors = engine.embed(std::slice::from_ref(&text)).await?;
            let vector = vectors.pop().and_then(Vector::new);
            if let Some(vector) = &vector {
                was_late.store(false, Ordering::Relaxed);
                remember(&remembered, text, vector.clone());
            }
            Ok::<_, EngineError>(vector)
        });
        let patience = match self.was_late.load(Ordering::Relaxed) {
            true => LITTLE_PATIENCE,
            false => PATIENCE,
        };
        match tokio::time::timeout(patience, asked).await {
            Ok(Ok(Ok(Some(vector)))) => return Meaning::Known(vector),
            Ok(Ok(Err(error))) => tracing::warn!(%error, "the words' meaning is not known"),
            _ => {}
        }
        self.was_late.store(true, Ordering::Relaxed);
        Meaning::Late
    }
}

fn remember(remembered: &Mutex<VecDeque<(String, Vector)>>, words: String, vector: Vector) {
    let mut remembered = lock(remembered);
    remembered.push_back((words, vector));
    if remembered.len() > REMEMBERED {
        remembered.pop_front();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
