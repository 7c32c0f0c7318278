//! Names from the machine, written so that nothing in them is hidden.

use plan::is_invisible;

use crate::MAX_STRING;

/// Opens an escape; written as one itself, so that no name can pretend to hold one.
const OPENING: char = '\u{27e8}';

/// Writes control, bidirectional and zero-width characters as `⟨U+202E⟩`, line breaks too.
///
/// Two different texts are never written alike, so what a person sees decides which
/// one it is. Joiners within an emoji stay, because the sign would fall apart.
pub fn visible(text: &str) -> String {
    escape(text, false)
}

/// As [`visible`], but keeps line breaks, for texts of several lines.
pub fn visible_lines(text: &str) -> String {
    escape(text, true)
}

fn escape(text: &str, keep_lines: bool) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut before = None;
    for c in text.chars() {
        match c {
            '\n' if keep_lines => shown.push('\n'),
            '\u{fe0f}' | '\u{200d}' if before.is_some_and(joins_emoji) => shown.push(c),
            c if c == OPENING || is_invisible(c) => {
                shown.push_str(&format!("{OPENING}U+{:04X}⟩", u32::from(c)));
            }
            c => shown.push(c),
        }
        before = Some(c);
    }
    shown
}

/// Tells whether `c` is part of an emoji that a joiner may follow.
fn joins_emoji(c: char) -> bool {
    matches!(c, '\u{fe0f}' | '\u{2600}'..='\u{27bf}' | '\u{1f300}'..='\u{1faff}')
}

/// Cuts at [`MAX_STRING`] bytes, between characters, with an ellipsis.
pub(crate) fn cut(text: String) -> String {
    if text.len() <= MAX_STRING {
        return text;
    }
    let end = (0..=MAX_STRING - '…'.len_utf8())
        .rev()
        .find(|end| text.is_char_boundary(*end))
        .unwrap_or_default();
    format!("{}…", &text[..end])
}
