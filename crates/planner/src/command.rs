//! Words that command the kernel itself instead of a function.

use crate::{
    template::{Pattern, Vocabulary},
    words::Words,
};

/// A command to the kernel. The kernel asks [`crate::Planner::command`] before it plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// Take back the last turn that can be: “undo”, “undo the last change”, “撤销”.
    Undo,
    /// Take back the turn just before, and no older one: “undo that”, “撤销刚才的操作”.
    UndoThat,
    /// Stop everything that runs: “stop”, “停”.
    Stop,
}

const PATTERNS: &[(Command, &str)] = &[
    (
        Command::Undo,
        "(undo|revert|take back) [[the] last (one|thing|change|action|step)]",
    ),
    (
        Command::UndoThat,
        "(undo|revert|take back) (that|it|this|what you [just] did)",
    ),
    (Command::UndoThat, "(take|put) (that|it) back"),
    (
        Command::Undo,
        "(撤销|撤回|还原|复原) [上一步 [操作]|上一个操作|上次的操作]",
    ),
    (
        Command::UndoThat,
        "(撤销|撤回|还原|复原) (它|这个|刚才的 [操作|更改|改动])",
    ),
    (
        Command::Stop,
        "(stop|cancel|abort|halt) [it|that|this|everything|all [of it]|all requests]",
    ),
    (
        Command::Stop,
        "(停|停止|停下|停下来|取消|中止|打住) [一切|所有操作|全部]",
    ),
    (Command::Stop, "全部 (停|停止|取消)"),
];

/// The compiled patterns of commands.
#[derive(Debug)]
pub(crate) struct Commands {
    vocabulary: Vocabulary,
    patterns: Vec<(Command, Pattern)>,
}

impl Commands {
    /// Compiles the patterns.
    pub(crate) fn new() -> Commands {
        let mut vocabulary = Vocabulary::default();
        let patterns = PATTERNS
            .iter()
            .map(|(command, text)| {
                let pattern = Pattern::compile(text, &mut vocabulary)
                    .expect("the patterns of commands are checked by a test");
                (*command, pattern)
            })
            .collect();
        Commands {
            vocabulary,
            patterns,
        }
    }

    /// Recognises a command that is the whole of the words.
    pub(crate) fn find(&self, utterance: &str) -> Option<Command> {
        let words = Words::of_utterance(utterance);
        let numbers = self.vocabulary.numbers(&words);
        self.patterns
            .iter()
            .find(|(_, pattern)| pattern.find(&numbers, &()).is_some())
            .map(|(command, _)| *command)
    }
}

/// The patterns of commands have no slots.
impl crate::template::Slots for () {
    type Value = ();

    fn longest(&self, _: usize) -> usize {
        0
    }

    fn is_free(&self, _: usize) -> bool {
        false
    }

    fn read(&self, _: usize, _: std::ops::Range<usize>) -> Option<()> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_whole_sentences() {
        let commands = Commands::new();
        for (text, expected) in [
            ("undo", Some(Command::Undo)),
            ("Undo that, please!", Some(Command::UndoThat)),
            ("take it back", Some(Command::UndoThat)),
            ("undo the last change", Some(Command::Undo)),
            ("撤销", Some(Command::Undo)),
            ("请撤销刚才的操作。", Some(Command::UndoThat)),
            ("撤销上一步", Some(Command::Undo)),
            ("stop", Some(Command::Stop)),
            ("stop everything", Some(Command::Stop)),
            ("停", Some(Command::Stop)),
            ("停止", Some(Command::Stop)),
            ("全部停止", Some(Command::Stop)),
            ("stop the music", None),
            ("undo the knot", None),
            ("停止播放", None),
            ("", None),
        ] {
            assert_eq!(commands.find(text), expected, "{text}");
        }
    }
}
