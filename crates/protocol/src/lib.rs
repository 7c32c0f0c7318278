//! What the kernel, the shell and the command line say to each other.
//!
//! The kernel owns [`BUS_NAME`] on the session bus; structured arguments and
//! results travel as JSON text of the types here, so that a script can use the
//! bus without our types. Answers to consents never travel over the bus: they
//! take the private socket of [`consent`].

pub mod consent;
mod event;
mod panel;
mod proxy;
mod refusal;
mod reports;
mod search;
pub mod text;

pub use event::{
    Energy, Finish, Outcome, Problem, ReadBy, Route, RouteStep, StatementState, Timings, Tokens,
    TurnEvent, TurnId, Weighing,
};
pub use panel::{PanelAction, PanelMessage};
pub use proxy::{
    Kernel1Proxy, ModelMeasuredStream, ModelProgressStream, ToggledStream, TurnStream,
};
pub use refusal::refusal;
pub use reports::{
    AskOptions, BenchReport, BenchStep, CallReport, DecisionReport, DoctorCheck, DoctorState,
    FunctionReport, LabelReport, LogEntry, ModelBench, ModelProgress, ModelReport, PlanReport,
    Source, StateReport, TurnReport, WhyReport,
};
pub use search::{ResultKind, SearchReport, SearchResult};

/// The kernel's name on the session bus.
pub const BUS_NAME: &str = "org.lucidshell.Kernel1";
/// The kernel's object.
pub const OBJECT_PATH: &str = "/org/lucidshell/Kernel1";
/// The kernel's interface.
pub const INTERFACE: &str = "org.lucidshell.Kernel1";
