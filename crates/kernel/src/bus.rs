//! The kernel on the session bus.

use std::{collections::BTreeMap, sync::Arc};

use futures_util::StreamExt;
use protocol::{
    AskOptions, BenchStep, ModelProgress, OBJECT_PATH, PanelAction, Problem, TurnId, text::Language,
};
use serde::Serialize;
use tokio::sync::mpsc;
use zbus::{fdo, interface, message::Header, object_server::SignalEmitter};

use crate::{Kernel, turns::Announcement};

/// The object at [`OBJECT_PATH`].
pub struct Service {
    kernel: Arc<Kernel>,
}

impl Service {
    /// Serves `kernel`.
    pub fn new(kernel: Arc<Kernel>) -> Service {
        Service { kernel }
    }
}

/// A problem on the bus: the sentence, then the remedy on a line of its own.
fn failed(problem: Problem) -> fdo::Error {
    fdo::Error::Failed(
        format!("{}\n{}", problem.sentence, problem.remedy)
            .trim_end()
            .to_owned(),
    )
}

fn json<T: Serialize>(value: &T) -> fdo::Result<String> {
    serde_json::to_string(value).map_err(|error| fdo::Error::Failed(error.to_string()))
}

fn options(text: &str) -> fdo::Result<AskOptions> {
    if text.is_empty() {
        return Ok(AskOptions::default());
    }
    serde_json::from_str(text).map_err(|error| fdo::Error::InvalidArgs(format!("options: {error}")))
}

#[interface(name = "org.lucidshell.Kernel1")]
impl Service {
    async fn ask(&self, utterance: &str, options: &str) -> fdo::Result<String> {
        let options = self::options(options)?;
        self.kernel
            .ask(utterance, &options)
            .await
            .map(|turn| turn.0)
            .map_err(failed)
    }

    async fn plan(&self, utterance: &str, options: &str) -> fdo::Result<String> {
        let options = self::options(options)?;
        json(&self.kernel.plan_only(utterance, &options).await)
    }

    async fn run(&self, plan: &str, options: &str) -> fdo::Result<String> {
        let options = self::options(options)?;
        self.kernel
            .run_plan(plan, BTreeMap::new(), &options)
            .await
            .map(|turn| turn.0)
            .map_err(failed)
    }

    async fn call(
        &self,
        function: &str,
        arguments: &str,
        options: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] bus: &zbus::Connection,
    ) -> fdo::Result<String> {
        let arguments = serde_json::from_str(arguments)
            .map_err(|error| fdo::Error::InvalidArgs(format!("arguments: {error}")))?;
        let options = self::options(options)?;
        let call = self.kernel.call_for_program(function, arguments, &options);
        let (turn, report) = call.await.map_err(failed)?;
        tokio::select! {
            report = report => json(&report.map_err(failed)?),
            // Nobody would be told what comes of it.
            () = departure(bus, &header) => {
                self.kernel.stop(Some(&turn));
                Err(fdo::Error::NoReply(String::new()))
            }
        }
    }

    async fn typing(&self, text: &str) {
        self.kernel.typing(text);
    }

    async fn stop(&self, turn: &str) -> u32 {
        let turn = (!turn.is_empty()).then(|| TurnId(turn.to_owned()));
        self.kernel.stop(turn.as_ref())
    }

    async fn undo(&self, turn: &str, entry: i64, options: &str) -> fdo::Result<String> {
        let options = self::options(options)?;
        self.kernel
            .undo(turn, entry, &options)
            .await
            .map(|turn| turn.0)
            .map_err(failed)
    }

    async fn act(&self, action: &str) -> fdo::Result<String> {
        let action: PanelAction = serde_json::from_str(action)
            .map_err(|error| fdo::Error::InvalidArgs(error.to_string()))?;
        let turn = self.kernel.act_on_panel(&action).await.map_err(failed)?;
        Ok(turn.map(|turn| turn.0).unwrap_or_default())
    }

    async fn search(&self, query: &str, limit: u32) -> fdo::Result<String> {
        json(&self.kernel.search(query, limit).await)
    }

    async fn search_apps(&self, query: &str) -> fdo::Result<String> {
        json(&self.kernel.search_apps(query).await)
    }

    async fn open(&self, id: &str, options: &str) -> fdo::Result<String> {
        let options = self::options(options)?;
        self.kernel
            .open_result(id, &options)
            .await
            .map(|turn| turn.0)
            .map_err(failed)
    }

    async fn toggle(&self, #[zbus(signal_emitter)] emitter: SignalEmitter<'_>) -> fdo::Result<()> {
        if self.kernel.summon_shell().await.map_err(failed)? {
            Self::toggled(&emitter).await?;
        }
        Ok(())
    }

    async fn state(&self) -> fdo::Result<String> {
        json(&self.kernel.state())
    }

    async fn events(&self, turn: &str) -> fdo::Result<String> {
        json(&self.kernel.events(&TurnId(turn.to_owned())))
    }

    async fn log(&self, limit: u32) -> fdo::Result<String> {
        json(
            &self
                .kernel
                .log(limit, Language::of_session())
                .await
                .map_err(failed)?,
        )
    }

    async fn why(&self, turn: &str) -> fdo::Result<String> {
        json(
            &self
                .kernel
                .why(turn, Language::of_session())
                .await
                .map_err(failed)?,
        )
    }

    async fn history(&self, limit: u32) -> fdo::Result<String> {
        json(
            &self
                .kernel
                .history(limit, Language::of_session())
                .await
                .map_err(failed)?,
        )
    }

    async fn clear_history(&self) -> fdo::Result<u32> {
        self.kernel
            .clear_history(Language::of_session())
            .await
            .map_err(failed)
    }

    async fn functions(&self, language: &str) -> fdo::Result<String> {
        json(&self.kernel.functions(Language::of(language)).await)
    }

    async fn doctor(&self, language: &str) -> fdo::Result<String> {
        json(&self.kernel.doctor(Language::of(language)).await)
    }

    async fn models(&self) -> fdo::Result<String> {
        json(&self.kernel.model_reports())
    }

    async fn pull_model(
        &self,
        id: &str,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> fdo::Result<()> {
        let (sender, steps) = mpsc::unbounded_channel();
        self.kernel.pull_model(id, sender).map_err(failed)?;
        tokio::spawn(announce_steps(emitter.to_owned(), id.to_owned(), steps));
        Ok(())
    }

    async fn stop_pull(&self, id: &str) -> fdo::Result<()> {
        self.kernel.stop_pull(id).map_err(failed)
    }

    async fn use_model(
        &self,
        id: &str,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> fdo::Result<()> {
        let (sender, steps) = mpsc::unbounded_channel();
        tokio::spawn(announce_steps(emitter.to_owned(), id.to_owned(), steps));
        self.kernel.use_model(id, sender).await.map_err(failed)
    }

    async fn remove_model(&self, id: &str) -> fdo::Result<u64> {
        self.kernel.remove_model(id).await.map_err(failed)
    }

    async fn bench_models(
        &self,
        ids: Vec<String>,
        language: &str,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] bus: &zbus::Connection,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> fdo::Result<String> {
        let (sender, steps) = mpsc::unbounded_channel();
        let announcer = tokio::spawn(announce_bench(emitter.to_owned(), steps));
        let bench = self
            .kernel
            .bench_models(&ids, sender, Language::of(language));
        let report = tokio::select! {
            report = bench => report.map_err(failed)?,
            // Nobody would read the figures, and requests wait for the models.
            () = departure(bus, &header) => return Err(fdo::Error::NoReply(String::new())),
        };
        // Each step is told before the report that ends them.
        let _ = announcer.await;
        json(&report)
    }

    async fn stop_bench(&self) -> bool {
        self.kernel.stop_bench()
    }

    #[zbus(signal)]
    async fn turn(
        emitter: &SignalEmitter<'_>,
        turn: &str,
        sequence: u32,
        event: &str,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn toggled(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn model_progress(
        emitter: &SignalEmitter<'_>,
        id: &str,
        progress: &str,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn model_measured(emitter: &SignalEmitter<'_>, step: &str) -> zbus::Result<()>;
}

/// Waits until the caller of a method has left the bus.
async fn departure(bus: &zbus::Connection, header: &Header<'_>) {
    let watch = async {
        let caller = header.sender()?;
        let names = fdo::DBusProxy::new(bus).await.ok()?;
        let mut changes = names
            .receive_name_owner_changed_with_args(&[(0, caller.as_str())])
            .await
            .ok()?;
        // It may have left before anyone watched.
        if names.name_has_owner(caller.clone().into()).await.ok()? {
            changes.next().await?;
        }
        Some(())
    };
    if watch.await.is_none() {
        std::future::pending::<()>().await;
    }
}

/// Announces the steps of measuring until it is over.
async fn announce_bench(
    emitter: SignalEmitter<'static>,
    mut steps: mpsc::UnboundedReceiver<BenchStep>,
) {
    while let Some(step) = steps.recv().await {
        let Ok(step) = serde_json::to_string(&step) else {
            continue;
        };
        if let Err(error) = Service::model_measured(&emitter, &step).await {
            tracing::warn!(%error, "a step of measuring was not announced");
        }
    }
}

/// Announces the steps of work on the model `id` until it is over.
async fn announce_steps(
    emitter: SignalEmitter<'static>,
    id: String,
    mut steps: mpsc::UnboundedReceiver<ModelProgress>,
) {
    while let Some(step) = steps.recv().await {
        let Ok(step) = serde_json::to_string(&step) else {
            continue;
        };
        if let Err(error) = Service::model_progress(&emitter, &id, &step).await {
            tracing::warn!(%error, "the progress of work on a model was not announced");
        }
    }
}

/// Announces the events of turns on `bus`, in order, until the kernel is gone.
pub async fn announce(bus: zbus::Connection, mut events: mpsc::UnboundedReceiver<Announcement>) {
    let Ok(emitter) = SignalEmitter::new(&bus, OBJECT_PATH) else {
        return;
    };
    while let Some(Announcement {
        turn,
        sequence,
        event,
    }) = events.recv().await
    {
        let Ok(text) = serde_json::to_string(&event) else {
            continue;
        };
        if let Err(error) = Service::turn(&emitter, &turn.0, sequence, &text).await {
            tracing::error!(%error, "an event was not announced");
        }
    }
}
