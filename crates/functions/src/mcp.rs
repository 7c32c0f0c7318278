//! Plugins with a program of their own: it serves tools over MCP, in a sandbox, and of these tools only what the
//! manifest declares can be called, with the effects that the manifest gives them.
//!
//! What a server says about itself (annotations, instructions) counts for nothing. What the person agreed to when the
//! plugin was installed is kept in a [`Record`]; a server that is not the same any more is not called.

mod action;
mod calls;
mod filtered;
mod metered;
mod record;
mod sandbox;
mod server;
mod session;
mod usage;

pub(crate) use action::McpAction;
pub use record::{Agreed, AgreedTool, Record};
pub(crate) use record::{
    MOST_BYTES, MOST_FILES, change_of, digest_of, digest_of_folder, digest_of_server,
    forget_change, record_of, record_path, too_much, write_record,
};
pub(crate) use server::{Server, Trust};
