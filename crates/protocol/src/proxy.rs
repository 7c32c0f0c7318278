//! The bus interface, for clients.

use zbus::proxy;

/// `org.lucidshell.Kernel1`. Every `json` is the text of a type of this crate.
#[proxy(
    interface = "org.lucidshell.Kernel1",
    default_service = "org.lucidshell.Kernel1",
    default_path = "/org/lucidshell/Kernel1"
)]
#[allow(missing_docs, reason = "the macro's own items")]
pub trait Kernel1 {
    /// Begins a turn; `options` is an `AskOptions`. Returns the turn's id.
    fn ask(&self, utterance: &str, options: &str) -> zbus::Result<String>;

    /// Plans without running. Returns a `PlanReport`.
    fn plan(&self, utterance: &str, options: &str) -> zbus::Result<String>;

    /// Runs the text of a plan as a turn. Returns the turn's id.
    fn run(&self, plan: &str, options: &str) -> zbus::Result<String>;

    /// Calls one function for another program and waits for what comes of it; `arguments` is a JSON object, `options` an
    /// `AskOptions`. Leaving the bus stops it. Returns a `CallReport`.
    fn call(&self, function: &str, arguments: &str, options: &str) -> zbus::Result<String>;

    /// Tells the words typed so far, so that a model can read them early; none when the line
    /// appears, so that it is loaded while they are typed. Best effort.
    fn typing(&self, text: &str) -> zbus::Result<()>;

    /// Stops a turn, or all when `turn` is empty. Returns how many were stopped.
    fn stop(&self, turn: &str) -> zbus::Result<u32>;

    /// Undoes a turn (the last undoable one when empty), or one entry of it when `entry` is not 0. Returns the id of the undoing turn.
    fn undo(&self, turn: &str, entry: i64, options: &str) -> zbus::Result<String>;

    /// Acts on a part of a panel; `action` is a `PanelAction`. Returns the turn's id, empty when the nonce was used before.
    fn act(&self, action: &str) -> zbus::Result<String>;

    /// Searches apps, files and so on. Returns a `SearchReport`.
    fn search(&self, query: &str, limit: u32) -> zbus::Result<String>;

    /// Asks the apps that the person lets answer; may take a second. Returns a `SearchReport`.
    fn search_apps(&self, query: &str) -> zbus::Result<String>;

    /// Opens a result of the search. Returns the turn's id.
    fn open(&self, id: &str, options: &str) -> zbus::Result<String>;

    /// Shows or hides the overlay; starts the shell when it is not there.
    fn toggle(&self) -> zbus::Result<()>;

    /// Returns a `StateReport`.
    fn state(&self) -> zbus::Result<String>;

    /// Returns all events of a turn so far, a list of `TurnEvent`; empty when the turn is not of this run of the kernel.
    fn events(&self, turn: &str) -> zbus::Result<String>;

    /// Returns the last `limit` turns, newest first, a list of `TurnReport`.
    fn log(&self, limit: u32) -> zbus::Result<String>;

    /// Returns a `WhyReport` of a turn, the last one when empty.
    fn why(&self, turn: &str) -> zbus::Result<String>;

    /// Returns the last `limit` utterances, newest first, a list of text.
    fn history(&self, limit: u32) -> zbus::Result<String>;

    /// Erases history: utterances, events, and journal entries that can no longer be undone. Returns how many turns.
    fn clear_history(&self) -> zbus::Result<u32>;

    /// Returns a list of `FunctionReport` in `language`.
    fn functions(&self, language: &str) -> zbus::Result<String>;

    /// Returns a list of `DoctorCheck` in `language`.
    fn doctor(&self, language: &str) -> zbus::Result<String>;

    /// Returns a list of `ModelReport`.
    fn models(&self) -> zbus::Result<String>;

    /// Starts to download a model; progress comes as `model_progress`.
    fn pull_model(&self, id: &str) -> zbus::Result<()>;

    /// Stops what `pull_model` or `use_model` does with a model. What was fetched is kept.
    fn stop_pull(&self, id: &str) -> zbus::Result<()>;

    /// Uses a model from now on; it must be there and whole, and is read once where that is not
    /// known yet, which comes as `model_progress`.
    fn use_model(&self, id: &str) -> zbus::Result<()>;

    /// Removes a model's file. Returns the bytes freed.
    fn remove_model(&self, id: &str) -> zbus::Result<u64>;

    /// Measures models: those with `ids`, and without any all that are here and write plans. Each
    /// step comes as `model_measured`. It ends early when the caller leaves the bus. Returns a
    /// `BenchReport` in `language`.
    fn bench_models(&self, ids: &[String], language: &str) -> zbus::Result<String>;

    /// Stops what `bench_models` does. Returns whether it did anything.
    fn stop_bench(&self) -> zbus::Result<bool>;

    /// An event of a turn; `sequence` counts from 0 within the turn, `event` is a `TurnEvent`.
    #[zbus(signal)]
    fn turn(&self, turn: &str, sequence: u32, event: &str) -> zbus::Result<()>;

    /// The overlay shall be shown when hidden and hidden when shown.
    #[zbus(signal)]
    fn toggled(&self) -> zbus::Result<()>;

    /// A download moved on; `progress` is a `ModelProgress`.
    #[zbus(signal)]
    fn model_progress(&self, id: &str, progress: &str) -> zbus::Result<()>;

    /// The measuring of models moved on; `step` is a `BenchStep`.
    #[zbus(signal)]
    fn model_measured(&self, step: &str) -> zbus::Result<()>;
}
