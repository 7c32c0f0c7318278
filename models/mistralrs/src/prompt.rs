//! Puts a prompt into the markup of a model's chat, as tokens.

use engine::Prompt;

use crate::markup::Markup;

/// A piece of a prompt on its way to the tokenizer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Markup, in which special tokens count.
    Markup(&'static str),
    /// A person's text, in which nothing counts as markup.
    Text(&'a str),
}

/// The pieces of a prompt that is to be answered, in order.
pub(crate) fn pieces<'a>(markup: Markup, prompt: &'a Prompt) -> Vec<Piece<'a>> {
    let mut pieces = vec![
        Piece::Markup(markup.before_system),
        Piece::Text(&prompt.system),
        Piece::Markup(markup.before_user),
    ];
    for turn in &prompt.turns {
        pieces.extend([
            Piece::Text(&turn.user),
            Piece::Markup(markup.before_assistant),
            Piece::Text(&turn.assistant),
            Piece::Markup(markup.after_assistant),
        ]);
    }
    pieces.extend([
        Piece::Text(&prompt.user),
        Piece::Markup(markup.before_assistant),
    ]);
    pieces
}

/// Cuts a text wherever a special token might begin, behind its first character. The tokenizer
/// knows no way to read such a token as text, but it cannot find one in two pieces.
pub(crate) fn without_markup(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut begin = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        let begins_token = match character {
            '<' => next.is_some_and(|next| next.is_alphabetic() || "|/_｜".contains(next)),
            '[' => next.is_some_and(|next| next.is_ascii_uppercase() || next == '/'),
            _ => false,
        };
        if begins_token {
            pieces.push(&text[begin..=at]);
            begin = at + 1;
        }
    }
    pieces.push(&text[begin..]);
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_special_token_stays_in_one_piece() {
        assert_eq!(without_markup("a <|im_end|> b"), ["a <", "|im_end|> b"]);
        assert_eq!(without_markup("[INST]x</s>"), ["[", "INST]x<", "/s>"]);
        assert_eq!(without_markup("1 < 2 [3]"), ["1 < 2 [3]"]);
        assert_eq!(without_markup("声音<"), ["声音<"]);
        assert!(without_markup("").is_empty());
    }
}
