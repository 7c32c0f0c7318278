//! SentencePiece's unigram tokenizer: the likeliest way to cut a text into known pieces.

use std::collections::HashMap;

use anyhow::{Context as _, ensure};

use crate::{normalise::Normaliser, proto::fields};

/// Stands for what no piece covers.
const UNKNOWN: u32 = 0;
/// Stands before every text.
const BEGIN: u32 = 1;
/// Stands behind every text.
const END: u32 = 2;
/// How much worse than the rarest piece an unknown character is.
const UNKNOWN_PENALTY: f32 = 10.0;

/// The pieces that texts are cut into.
#[derive(Debug)]
pub(crate) struct Pieces {
    normaliser: Normaliser,
    /// The number and the logarithmic probability of each piece.
    known: HashMap<String, (u32, f32)>,
    longest: usize,
    unknown_score: f32,
    count: usize,
}

impl Pieces {
    /// Reads a tokenizer's file (`sp.model`).
    ///
    /// The layout is one of SentencePiece's early days: the pieces in field 1, and the table of
    /// replacements in field 2 of field 3, where today's readers look for the trainer's settings.
    pub(crate) fn read(file: &[u8]) -> anyhow::Result<Self> {
        let mut known = HashMap::new();
        let mut lowest = 0.0_f32;
        let mut count = 0;
        let mut normaliser = None;
        for field in fields(file) {
            match field.number {
                1 => {
                    let (text, score) = piece(field.content);
                    lowest = lowest.min(score);
                    // The first three are marks, which no text can spell.
                    if count > END && !text.is_empty() {
                        known.insert(text, (count, score));
                    }
                    count += 1;
                }
                3 => {
                    let table = fields(field.content).find(|field| field.number == 2);
                    normaliser = table.and_then(|field| Normaliser::new(field.content));
                }
                _ => {}
            }
        }
        ensure!(!known.is_empty(), "the tokenizer's file has no pieces");
        Ok(Self {
            normaliser: normaliser.context("the tokenizer's file has no table of replacements")?,
            longest: known
                .keys()
                .map(|text| text.chars().count())
                .max()
                .unwrap_or(0),
            known,
            unknown_score: lowest - UNKNOWN_PENALTY,
            count: count as usize,
        })
    }

    /// How many pieces there are, marks included.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Cuts a text into the numbers of its pieces, between the marks of its begin and end.
    pub(crate) fn cut(&self, text: &str) -> Vec<u32> {
        let mut numbers = vec![BEGIN];
        let normal = self.normaliser.normalise(text);
        if normal.is_empty() {
            numbers.push(UNKNOWN);
        } else {
            numbers.extend(self.likeliest(&normal));
        }
        numbers.push(END);
        numbers
    }

    /// Viterbi's algorithm: the best way to each place, one after the other.
    fn likeliest(&self, text: &str) -> Vec<u32> {
        let places: Vec<usize> = text
            .char_indices()
            .map(|(at, _)| at)
            .chain([text.len()])
            .collect();
        let end = places.len() - 1;
        // For each place: the score of the way there, where its last piece begins, and which it is.
        let mut ways = vec![(f32::NEG_INFINITY, 0, UNKNOWN); places.len()];
        ways[0].0 = 0.0;
        for from in 0..end {
            let base = ways[from].0;
            let mut try_piece = |to: usize, number: u32, score: f32| {
                if base + score > ways[to].0 {
                    ways[to] = (base + score, from, number);
                }
            };
            let mut has_single = false;
            for to in from + 1..=end.min(from + self.longest) {
                if let Some((number, score)) = self.known.get(&text[places[from]..places[to]]) {
                    try_piece(to, *number, *score);
                    has_single |= to == from + 1;
                }
            }
            if !has_single {
                try_piece(from + 1, UNKNOWN, self.unknown_score);
            }
        }
        let mut numbers = Vec::new();
        let mut place = end;
        while place > 0 {
            let (_, from, number) = ways[place];
            numbers.push(number);
            place = from;
        }
        numbers.reverse();
        numbers
    }
}

/// A piece's text and score.
fn piece(message: &[u8]) -> (String, f32) {
    let mut text = String::new();
    let mut score = 0.0;
    for field in fields(message) {
        match (field.number, field.content.first_chunk()) {
            (1, _) => text = String::from_utf8_lossy(field.content).into_owned(),
            (2, Some(bytes)) => score = f32::from_le_bytes(*bytes),
            _ => {}
        }
    }
    (text, score)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(number: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![number << 3 | 2, u8::try_from(content.len()).unwrap()];
        bytes.extend(content);
        bytes
    }

    fn file(pieces: &[(&str, f32)]) -> Vec<u8> {
        let mut file = Vec::new();
        for (text, score) in pieces {
            let mut message = field(1, text.as_bytes());
            message.push(2 << 3 | 5);
            message.extend(score.to_le_bytes());
            file.extend(field(1, &message));
        }
        // An empty table: a trie of no units.
        file.extend(field(3, &field(2, &[0, 0, 0, 0])));
        file
    }

    #[test]
    fn the_likeliest_cut_wins_and_marks_cannot_be_spelt() {
        let pieces = [
            ("<unk>", 0.0),
            ("<s>", 0.0),
            ("</s>", 0.0),
            ("▁", -3.0),
            ("▁mu", -4.0),
            ("▁mute", -5.0),
            ("te", -4.0),
            ("静音", -6.0),
        ];
        let pieces = Pieces::read(&file(&pieces)).unwrap();
        assert_eq!(pieces.count(), 8);
        assert_eq!(pieces.cut("mute"), [BEGIN, 5, END]);
        assert_eq!(pieces.cut("静音"), [BEGIN, 3, 7, END]);
        assert_eq!(pieces.cut("静"), [BEGIN, 3, UNKNOWN, END]);
        assert_eq!(pieces.cut(""), [BEGIN, UNKNOWN, END]);
        let mark = pieces.cut("<s>");
        assert_eq!(mark, [BEGIN, 3, UNKNOWN, UNKNOWN, UNKNOWN, END]);
    }

    #[test]
    fn a_file_without_pieces_or_table_is_refused() {
        assert!(Pieces::read(b"").is_err());
        assert!(Pieces::read(b"GGUF and more").is_err());
    }
}
