//! Functions: what plans can call, where they come from, and how they are run.
//!
//! Every function is described by the same TOML table (`docs/plugins.md`),
//! whether it is built in (`builtin/`, one folder per domain, one file per
//! function) or declared by a manifest in `plugins/`.

#[cfg(test)]
extern crate self as functions;

mod builtin;
mod command;
mod dbus;
mod discovery;
mod error;
mod fill;
mod fingerprint;
mod function;
mod live;
mod manifest;
mod mapping;
mod mcp;
pub mod plugins;
mod provider;
mod registry;
mod signal;
pub mod spawn;
#[cfg(test)]
#[path = "../tests/support/mod.rs"]
mod support;
pub mod trial;
mod world;

pub use builtin::{
    apps::{InstalledApp, installed as installed_apps},
    calc::evaluate as calculate,
    files::{folder_word, names_of_folders},
    timers::scheduler as timer_scheduler,
};
pub use discovery::{
    AppAccess, Hit, Means, Offered, ResultSource, hits, result_sources, watch_apps,
};
pub use error::{ErrorKind, FunctionError};
pub use fingerprint::fingerprint;
pub use function::{ALL_ROWS, Availability, Example, Function, Template};
pub use manifest::Access;
pub use mcp::{Agreed, AgreedTool, Record};
pub use provider::{Action, Settlement};
pub use registry::{LoadError, Registry};
pub use signal::{Listening, Signal};
pub use world::{Known, LiveValue, Places, Reader, ReaderAnswer, World};
