//! `lucidd`, the kernel: all authority, no pixels, no inference.
//!
//! The way of a request: [`bus`] takes it, [`requests`] asks the planner, [`turn`] goes with it, [`run`]
//! puts every call to the policy, the journal and the registry in this order,
//! and every hop is an event that [`turns`] keeps and the bus announces.

pub mod bus;
pub mod consent;
pub mod ledger;
pub mod models;
pub mod turns;

mod act;
mod before;
mod bench;
mod budget;
mod carry_out;
mod delegation;
mod doctor;
mod kernel;
mod launcher;
mod overlay;
mod panels;
mod permission;
mod plugins;
mod problems;
mod programs;
mod question;
mod reader;
mod recovery;
mod reports;
mod requests;
mod resolve;
mod results;
mod run;
mod schema;
mod settings;
mod surroundings;
mod turn;
mod undo;
mod weight;
mod whole;

pub use kernel::{Kernel, KernelError, Setup};
