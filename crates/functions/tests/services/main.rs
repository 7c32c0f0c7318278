//! Every function on real services: the state of the world is read again after each act.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
mod support;

mod audio;
mod command;
mod media;
mod network;
mod notify;
mod power;
mod timers;
mod windowed;
mod wording;
