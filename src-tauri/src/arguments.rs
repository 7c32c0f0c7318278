//! The command line.

use clap::Parser;

/// The windows of Lucid: overlay and consent dialog.
#[derive(Debug, Parser)]
#[command(name = "lucid-shell", version)]
pub(crate) struct Arguments {
    /// Show the overlay at once, here or in the shell that already runs.
    #[arg(long)]
    pub(crate) show: bool,
}
