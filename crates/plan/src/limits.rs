//! How long and how deep a plan may be.

/// Statements in a plan that was just planned.
pub const MAX_STATEMENTS: usize = 12;
/// Statements in a saved plan.
pub const MAX_SAVED_STATEMENTS: usize = 60;
/// `param` lines in a saved plan.
pub const MAX_PARAMS: usize = 20;
/// Characters in one line, without its end.
pub const MAX_LINE: usize = 4000;
/// Bytes in a whole text, comments included.
pub const MAX_TEXT: usize = 256 * 1024;
/// Lists and calls inside each other.
pub const MAX_DEPTH: usize = 4;
/// Arguments of one call, and items of one list.
pub const MAX_ITEMS: usize = 64;
/// Steps behind a name, such as the two of `p[0].name`.
pub const MAX_STEPS: usize = 4;
/// Characters of a bound name.
pub const MAX_NAME: usize = 32;
