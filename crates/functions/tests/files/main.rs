//! Functions on files: the tree is read again after each act.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
mod support;
mod tree;

mod archive;
mod changes;
mod find;
mod identity;
mod links;
mod names;
mod trash;
