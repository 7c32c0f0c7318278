//! Functions on files: the tree is read again after each act.

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
