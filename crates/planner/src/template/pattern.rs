//! Patterns: `(set|turn) [the] volume to {level}`, compiled to a small program.

use std::{collections::HashMap, ops::Range};

use crate::words::Words;

/// The numbers of all words in patterns, so that matching compares numbers.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    numbers: HashMap<String, u32>,
}

impl Vocabulary {
    fn add(&mut self, word: &str) -> u32 {
        let next = self.numbers.len() as u32;
        *self.numbers.entry(word.to_owned()).or_insert(next)
    }

    /// Returns the words' numbers; words of no pattern have none.
    pub(crate) fn numbers(&self, words: &Words) -> Vec<Option<u32>> {
        words
            .keys()
            .map(|key| self.numbers.get(key).copied())
            .collect()
    }
}

/// A compiled pattern.
#[derive(Debug)]
pub(crate) struct Pattern {
    program: Vec<Step>,
    /// The names of the slots, in the order of their numbers.
    pub(crate) slots: Vec<String>,
    /// Sets of words of which each must occur once at least, for a quick refusal.
    needs: Vec<Vec<u32>>,
}

/// One step of the program of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Word(u32),
    Slot(usize),
    /// Goes on at each of these places, in order.
    Either(Vec<usize>),
    Jump(usize),
    End,
}

/// Where slots matched, and how well.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PatternMatch<V> {
    /// For each slot that was taken: its number and its value.
    pub(crate) slots: Vec<(usize, V)>,
    /// Words that are written in the pattern itself.
    pub(crate) literal_words: usize,
    /// Words that went into free text.
    pub(crate) free_words: usize,
}

/// Why a pattern does not compile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PatternError {
    #[error("`{0}` is not closed")]
    Unclosed(char),
    #[error("`{0}` closes nothing")]
    Unopened(char),
    #[error("it has no word that must be there")]
    NoWord,
}

/// What a slot may be.
pub(crate) trait Slots {
    /// The value of a slot.
    type Value: Clone;

    /// Tells how many tokens slot `slot` may take at most.
    fn longest(&self, slot: usize) -> usize;

    /// Tells whether the slot takes any text.
    fn is_free(&self, slot: usize) -> bool;

    /// Reads the slot's value from some tokens.
    fn read(&self, slot: usize, range: Range<usize>) -> Option<Self::Value>;
}

enum Node {
    Word(u32),
    Slot(usize),
    Choice(Vec<Vec<Node>>),
    Optional(Vec<Vec<Node>>),
}

impl Pattern {
    /// Compiles a pattern and adds its words to the vocabulary.
    ///
    /// # Errors
    ///
    /// [`PatternError`] for brackets that do not match, and for patterns that would match anything.
    pub(crate) fn compile(
        text: &str,
        vocabulary: &mut Vocabulary,
    ) -> Result<Pattern, PatternError> {
        let mut reader = Reader {
            rest: text,
            slots: Vec::new(),
            vocabulary,
        };
        let branches = reader.branches(None)?;
        let slots = reader.slots;
        let mut program = Vec::new();
        emit_either(&branches, &mut program);
        program.push(Step::End);
        let needs = needs_of_branches(&branches);
        if needs.is_empty() {
            return Err(PatternError::NoWord);
        }
        Ok(Pattern {
            program,
            slots,
            needs,
        })
    }

    /// Tells whether all words are there without which the pattern cannot match.
    pub(crate) fn may_match(&self, numbers: &[Option<u32>]) -> bool {
        self.needs
            .iter()
            .all(|any| any.iter().any(|word| numbers.contains(&Some(*word))))
    }

    /// Finds the best way in which the whole of the words fits the pattern.
    pub(crate) fn find<S: Slots>(
        &self,
        numbers: &[Option<u32>],
        slots: &S,
    ) -> Option<PatternMatch<S::Value>> {
        let mut run = Run {
            program: &self.program,
            numbers,
            slots,
            budget: BUDGET,
            taken: Vec::new(),
            literal_words: 0,
            free_words: 0,
            best: None,
        };
        run.step(0, 0);
        run.best
    }
}

/// Steps after which a pattern gives up on a request; none of ours needs a tenth of it.
const BUDGET: usize = 4000;

struct Reader<'a, 'v> {
    rest: &'a str,
    slots: Vec<String>,
    vocabulary: &'v mut Vocabulary,
}

impl Reader<'_, '_> {
    /// Reads alternatives up to `close`, or to the end.
    fn branches(&mut self, close: Option<char>) -> Result<Vec<Vec<Node>>, PatternError> {
        let mut branches = vec![Vec::new()];
        loop {
            let special = self.rest.find(['(', ')', '[', ']', '{', '|']);
            let (words, rest) = self.rest.split_at(special.unwrap_or(self.rest.len()));
            self.add_words(words, &mut branches);
            let Some(c) = rest.chars().next() else {
                return close.map_or(Ok(branches), |close| Err(PatternError::Unclosed(close)));
            };
            self.rest = &rest[1..];
            let node = match c {
                '|' => {
                    branches.push(Vec::new());
                    continue;
                }
                '(' => Node::Choice(self.branches(Some(')'))?),
                '[' => Node::Optional(self.branches(Some(']'))?),
                '{' => self.slot()?,
                c if close == Some(c) => return Ok(branches),
                c => return Err(PatternError::Unopened(c)),
            };
            if let Some(branch) = branches.last_mut() {
                branch.push(node);
            }
        }
    }

    fn slot(&mut self) -> Result<Node, PatternError> {
        let (name, rest) = self
            .rest
            .split_once('}')
            .ok_or(PatternError::Unclosed('}'))?;
        self.rest = rest;
        let name = name.trim();
        let number = self.slots.iter().position(|slot| slot == name);
        Ok(Node::Slot(number.unwrap_or_else(|| {
            self.slots.push(name.to_owned());
            self.slots.len() - 1
        })))
    }

    fn add_words(&mut self, text: &str, branches: &mut [Vec<Node>]) {
        if let Some(branch) = branches.last_mut() {
            for key in Words::of(text).keys() {
                branch.push(Node::Word(self.vocabulary.add(key)));
            }
        }
    }
}

fn emit(nodes: &[Node], program: &mut Vec<Step>) {
    for node in nodes {
        match node {
            Node::Word(word) => program.push(Step::Word(*word)),
            Node::Slot(slot) => program.push(Step::Slot(*slot)),
            Node::Choice(branches) => emit_either(branches, program),
            Node::Optional(branches) => {
                let either = program.len();
                program.push(Step::End);
                let inside = program.len();
                emit_either(branches, program);
                program[either] = Step::Either(vec![inside, program.len()]);
            }
        }
    }
}

fn emit_either(branches: &[Vec<Node>], program: &mut Vec<Step>) {
    if let [only] = branches {
        return emit(only, program);
    }
    let either = program.len();
    program.push(Step::End);
    let mut starts = Vec::new();
    let mut jumps = Vec::new();
    for branch in branches {
        starts.push(program.len());
        emit(branch, program);
        jumps.push(program.len());
        program.push(Step::End);
    }
    let end = program.len();
    for jump in jumps {
        program[jump] = Step::Jump(end);
    }
    program[either] = Step::Either(starts);
}

/// Returns the sets of words of which each must occur.
fn needs_of(nodes: &[Node]) -> Vec<Vec<u32>> {
    let mut needs = Vec::new();
    for node in nodes {
        match node {
            Node::Word(word) => needs.push(vec![*word]),
            Node::Choice(branches) => needs.extend(needs_of_branches(branches)),
            Node::Slot(_) | Node::Optional(_) => {}
        }
    }
    needs
}

/// One branch: its needs. Several: a word of one of them.
fn needs_of_branches(branches: &[Vec<Node>]) -> Vec<Vec<u32>> {
    if let [only] = branches {
        return needs_of(only);
    }
    let mut any = Vec::new();
    for branch in branches {
        // The smallest set is the strictest.
        match needs_of(branch).into_iter().min_by_key(Vec::len) {
            Some(words) => any.extend(words),
            None => return Vec::new(),
        }
    }
    vec![any]
}

struct Run<'a, S: Slots> {
    program: &'a [Step],
    numbers: &'a [Option<u32>],
    slots: &'a S,
    budget: usize,
    taken: Vec<(usize, S::Value)>,
    literal_words: usize,
    free_words: usize,
    best: Option<PatternMatch<S::Value>>,
}

impl<S: Slots> Run<'_, S> {
    fn step(&mut self, place: usize, at: usize) {
        if self.budget == 0 {
            return;
        }
        self.budget -= 1;
        match &self.program[place] {
            Step::Word(word) => {
                if self.numbers.get(at) == Some(&Some(*word)) {
                    self.literal_words += 1;
                    self.step(place + 1, at + 1);
                    self.literal_words -= 1;
                }
            }
            Step::Slot(slot) => self.slot(*slot, place, at),
            Step::Either(places) => places.iter().for_each(|place| self.step(*place, at)),
            Step::Jump(place) => self.step(*place, at),
            Step::End => self.end(at),
        }
    }

    fn slot(&mut self, slot: usize, place: usize, at: usize) {
        let free = self.slots.is_free(slot);
        let last = self.numbers.len().min(at + self.slots.longest(slot));
        // The longest value first: "ten minutes" before "ten". What is best is judged at the end.
        for end in (at + 1..=last).rev() {
            if !self.can_follow(place + 1, end) {
                continue;
            }
            let Some(value) = self.slots.read(slot, at..end) else {
                continue;
            };
            let free_words = if free { end - at } else { 0 };
            self.taken.push((slot, value));
            self.free_words += free_words;
            self.step(place + 1, end);
            self.free_words -= free_words;
            self.taken.pop();
        }
    }

    /// Refuses ends of a slot that the next step cannot follow, before the slot is read.
    fn can_follow(&self, place: usize, at: usize) -> bool {
        match &self.program[place] {
            Step::Word(word) => self.numbers.get(at) == Some(&Some(*word)),
            Step::End => at == self.numbers.len(),
            Step::Jump(place) => self.can_follow(*place, at),
            Step::Either(places) => places.iter().any(|place| self.can_follow(*place, at)),
            Step::Slot(_) => at < self.numbers.len(),
        }
    }

    fn end(&mut self, at: usize) {
        let found = PatternMatch {
            slots: self.taken.clone(),
            literal_words: self.literal_words,
            free_words: self.free_words,
        };
        if at == self.numbers.len()
            && self
                .best
                .as_ref()
                .is_none_or(|best| found.rank() > best.rank())
        {
            self.best = Some(found);
        }
    }
}

impl<V> PatternMatch<V> {
    /// Orders matches: fewest words in free text, then most literal words.
    pub(crate) fn rank(&self) -> (std::cmp::Reverse<usize>, usize) {
        (std::cmp::Reverse(self.free_words), self.literal_words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Slots that take anything of one or two words.
    struct Anything<'a>(&'a Words);

    impl Slots for Anything<'_> {
        type Value = String;
        fn longest(&self, _: usize) -> usize {
            2
        }
        fn is_free(&self, _: usize) -> bool {
            true
        }
        fn read(&self, _: usize, range: Range<usize>) -> Option<String> {
            Some(self.0.slice(range).to_owned())
        }
    }

    fn found(pattern: &str, text: &str) -> Option<Vec<String>> {
        let mut vocabulary = Vocabulary::default();
        let pattern = Pattern::compile(pattern, &mut vocabulary).expect("it compiles");
        let words = Words::of_utterance(text);
        let numbers = vocabulary.numbers(&words);
        let found = pattern.find(&numbers, &Anything(&words))?;
        assert!(pattern.may_match(&numbers), "the quick refusal is wrong");
        Some(found.slots.into_iter().map(|(_, value)| value).collect())
    }

    #[test]
    fn options_and_alternatives() {
        let pattern = "(set|turn) [the] volume [up|down] to {level}[%]";
        assert_eq!(
            found(pattern, "set volume to 30"),
            Some(vec!["30".to_owned()])
        );
        assert_eq!(
            found(pattern, "Turn the volume down to 30%"),
            Some(vec!["30".to_owned()])
        );
        assert_eq!(found(pattern, "turn the the volume to 3"), None);
        assert_eq!(found(pattern, "turn volume to"), None);
        assert_eq!(found(pattern, "turn volume to 3 or 4"), None);
    }

    #[test]
    fn chinese_needs_no_blanks() {
        assert_eq!(
            found("(把|将)音量(调到|设为){level}", "把音量调到30"),
            Some(vec!["30".to_owned()])
        );
    }

    #[test]
    fn broken_patterns_are_refused() {
        let compile = |text| Pattern::compile(text, &mut Vocabulary::default()).map(|_| ());
        assert_eq!(compile("(a|b"), Err(PatternError::Unclosed(')')));
        assert_eq!(compile("a]"), Err(PatternError::Unopened(']')));
        assert_eq!(compile("a {b"), Err(PatternError::Unclosed('}')));
        assert_eq!(compile("[a] {b}"), Err(PatternError::NoWord));
        assert_eq!(compile("(a|[b]) {c}"), Err(PatternError::NoWord));
    }

    #[test]
    fn nothing_explodes() {
        let many = "[a] ".repeat(40) + "b";
        assert_eq!(found(&many, &"a ".repeat(60)), None);
    }
}
