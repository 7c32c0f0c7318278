//! Words that command the kernel itself instead of a function.

/// A command to the kernel. The kernel asks [`crate::Planner::command`] before it plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// Take back the last turn: “undo that”, “撤销”.
    Undo,
    /// Stop everything that runs: “stop”, “停”.
    Stop,
}
