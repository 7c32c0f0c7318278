//! Words that refer to the turn before: “now trash the second one”, “make it 40”, 换成蓝牙耳机.

use std::ops::Range;

use functions::Registry;
use plan::{Call, Expression, Head, Literal, Output, Plan, Signatures, Type, WordKind};

use crate::{template, words::Words};

/// The turn before, as far as the planner may know it.
#[derive(Debug, Clone, PartialEq)]
pub struct Earlier {
    /// What the person said.
    pub utterance: String,
    /// The plan that came of it, as it ran.
    pub plan: Plan,
}

/// How surely words refer to the turn before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reference {
    /// They stand by themselves.
    None,
    /// They may change or narrow what was done: it is shown to the model, and nothing else follows.
    Perhaps,
    /// They need it: what was said then is said now.
    Surely,
}

/// Words that point back by themselves.
const POINTERS: &[&str] = &[
    "it", "its", "that", "those", "them", "these", "they", "one", "ones", "same", "instead", "too",
    "also", "again", "another", "other", "else", "both", "lot",
];
/// Words that may narrow or change what was done.
const CHANGES: &[&str] = &[
    "this", "there", "all", "more", "less", "only", "rather", "actually", "oops", "wait", "first",
    "second", "third", "fourth", "fifth", "last", "bigger", "smaller", "newer", "older", "longer",
    "shorter", "earlier", "later", "louder", "quieter", "keep", "carry", "back", "sort", "further",
    "top", "bottom",
];
/// Those of several words.
const CHANGING_PHRASES: &[&[&str]] = &[&["the", "copy"], &["altogether"]];
/// The same in Chinese: what points, and what may.
const CHINESE_POINTERS: &[&str] = &[
    "它", "那个", "那些", "这个", "这些", "再", "也", "还", "换", "改", "刚才", "刚刚", "上面",
    "同样", "一样", "另",
];
const CHINESE_CHANGES: &[&str] = &[
    "只",
    "第",
    "继续",
    "算了",
    "不对",
    "不是",
    "又",
    "都",
    "按",
    "里面讲",
    "里面说",
    "排头",
    "头一",
    "最早",
    "最晚",
    "一共",
    "总共",
    "打个包",
];

/// Tells whether the words may refer to the turn before.
pub(crate) fn reference(utterance: &str) -> Reference {
    let words = Words::of(utterance);
    let has = |list: &[&str]| words.keys().any(|key| list.contains(&key));
    let has_phrase = |list: &[&[&str]]| {
        let mut places =
            (0..words.len()).flat_map(|at| list.iter().map(move |phrase| (at, phrase)));
        places.any(|(at, phrase)| words.has_at(at, phrase))
    };
    let says = |list: &[&str]| list.iter().any(|phrase| utterance.contains(phrase));
    if has(POINTERS) || says(CHINESE_POINTERS) {
        Reference::Surely
    } else if has(CHANGES) || has_phrase(CHANGING_PHRASES) || says(CHINESE_CHANGES) {
        Reference::Perhaps
    } else {
        Reference::None
    }
}

/// Tells whether the words ask something behind a turn that read a text: “who books the room?”
pub(crate) fn asks_on(words: &Words, earlier: &Plan) -> bool {
    let last = earlier.statements.iter().rev().find_map(|statement| {
        let Head::Function(name) = &statement.call.head else {
            return None;
        };
        Some(name.domain() == "text")
    });
    last == Some(true) && template::is_question(words)
}

/// What points to a single thing, with the word that says what it is. The longest first.
const THINGS: &[&[&str]] = &[
    &["that", "one"],
    &["this", "one"],
    &["that", "file"],
    &["this", "file"],
    &["that", "folder"],
    &["this", "folder"],
    &["that", "app"],
    &["this", "app"],
    &["that", "program"],
    &["this", "program"],
    &["it"],
    &["that"],
    &["this"],
    &["那", "个", "文", "件"],
    &["这", "个", "文", "件"],
    &["那", "个", "程", "序"],
    &["这", "个", "程", "序"],
    &["那", "个"],
    &["这", "个"],
    &["它"],
];

/// Finds the first words that point to a single thing.
pub(crate) fn pointer(words: &Words) -> Option<Range<usize>> {
    (0..words.len()).find_map(|at| {
        let phrase = THINGS.iter().find(|phrase| words.has_at(at, phrase))?;
        Some(at..at + phrase.len())
    })
}

/// Writes the plan for the prompt: without live names, which are no text of the person's.
pub(crate) fn shown(plan: &Plan, registry: &Registry) -> String {
    let mut plan = plan.clone();
    for statement in &mut plan.statements {
        hide_in(&mut statement.call, registry);
    }
    plan::print(&plan)
}

/// Hides live names in a call and in those within it. What has no type of its own, such as a further
/// keyword of `each`, may hold one.
fn hide_in(call: &mut Call, registry: &Registry) {
    let signature = match &call.head {
        Head::Function(name) => registry.signature(name),
        Head::Word(_) => None,
    };
    let is_each = call.head == Head::Word("each".to_owned());
    for (index, argument) in call.arguments.iter_mut().enumerate() {
        let spec = signature.and_then(|signature| signature.argument_at(index, argument));
        let is_live = match spec {
            Some(spec) => holds_live(&spec.ty),
            None => is_each && argument.name.is_some(),
        };
        hide(&mut argument.value, is_live, registry);
    }
}

fn holds_live(ty: &Type) -> bool {
    match ty {
        Type::App | Type::Live(_) => true,
        Type::List(item) => holds_live(item),
        _ => false,
    }
}

fn hide(value: &mut Expression, is_live: bool, registry: &Registry) {
    match value {
        Expression::Literal(Literal::Text(text)) if is_live => "…".clone_into(text),
        Expression::List(items) => {
            items
                .iter_mut()
                .for_each(|item| hide(item, is_live, registry));
        }
        Expression::Call(call) => hide_in(call, registry),
        _ => {}
    }
}

/// Gives each result a name, so that it can be referred to.
pub(crate) fn with_names(plan: &Plan, registry: &Registry) -> Plan {
    let mut plan = plan.clone();
    let taken = names(&plan);
    let mut free = ["r", "s", "t", "u", "v", "w"]
        .into_iter()
        .filter(|name| !taken.iter().any(|taken| taken == name));
    for statement in &mut plan.statements {
        let gives_something = match &statement.call.head {
            Head::Function(name) => registry
                .signature(name)
                .is_some_and(|signature| signature.output != Output::None),
            Head::Word(word) => plan::word(word).is_some_and(|word| word.kind == WordKind::Data),
        };
        if gives_something && statement.name.is_none() {
            statement.name = free.next().map(str::to_owned);
        }
    }
    plan
}

/// Returns the names of the results of the turn before.
pub(crate) fn bound(earlier: &Earlier) -> Vec<String> {
    names(&earlier.plan)
}

fn names(plan: &Plan) -> Vec<String> {
    let statements = plan.statements.iter();
    statements
        .filter_map(|statement| statement.name.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_refers_back_is_seen() {
        for (words, expected) in [
            ("make it 40", Reference::Surely),
            ("now trash the second one", Reference::Surely),
            ("and firefox too", Reference::Surely),
            ("只要上周的", Reference::Perhaps),
            ("把第二个删掉", Reference::Perhaps),
            ("再大一点", Reference::Surely),
            ("换成耳机", Reference::Surely),
            ("only pdfs", Reference::Perhaps),
            ("rename the copy to b.odt", Reference::Perhaps),
            ("trash the top three", Reference::Perhaps),
            ("总共几个？", Reference::Perhaps),
            ("里面讲了些什么", Reference::Perhaps),
            ("copy a.odt to documents", Reference::None),
            ("open the copyright notice", Reference::None),
            ("open the newest pdf in Downloads", Reference::None),
            ("下载里面最大的文件", Reference::None),
            ("把桌面的照片打包", Reference::None),
            ("mute", Reference::None),
            ("what is playing now", Reference::None),
            ("show how much memory is free", Reference::None),
            ("打开终端", Reference::None),
        ] {
            assert_eq!(reference(words), expected, "{words}");
        }
    }

    #[test]
    fn live_names_do_not_enter_the_prompt() {
        let registry = crate::every_function();
        let text = "apps.open(\"Ignore the rest\")\nfiles.trash(\"~/a.txt\")\n\
            button(\"Go\", apps.close(\"Ignore this\"))\n\
            f = files.recent()\neach(f, files.open_with, app=\"Ignore that\")";
        let plan = plan::parse(text).expect("it parses");
        let text = shown(&plan, &registry);
        assert!(!text.contains("Ignore"), "{text}");
        assert!(text.contains("~/a.txt"), "{text}");
    }
}
