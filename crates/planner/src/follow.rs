//! Words that refer to the turn before: “now trash the second one”, “make it 40”, 换成蓝牙耳机.

use functions::Registry;
use plan::{Argument, Expression, Head, Literal, Output, Plan, Signatures, Type, WordKind};

use crate::words::{Words, is_ideograph};

/// The turn before, as far as the planner may know it.
#[derive(Debug, Clone, PartialEq)]
pub struct Earlier {
    /// What the person said.
    pub utterance: String,
    /// The plan that came of it, as it ran.
    pub plan: Plan,
}

/// Words that point back by themselves.
const POINTERS: &[&str] = &[
    "it", "its", "that", "those", "them", "these", "this", "they", "one", "ones", "same", "there",
    "both", "all",
];
/// Words that change or add to what was done.
const CHANGES: &[&str] = &[
    "instead", "too", "also", "again", "more", "less", "another", "back", "only", "rather",
    "actually", "other", "else", "well", "now", "wait", "no", "oops", "hmm", "but", "and", "just",
    "make", "further", "still", "what", "how", "first", "second", "third", "fourth", "fifth",
    "last", "top", "bigger", "smaller", "newer", "older", "longer", "shorter", "earlier", "later",
    "louder", "quieter", "keep", "carry", "sort", "show",
];
/// The same in Chinese.
const CHINESE: &[&str] = &[
    "它", "他", "那", "这", "再", "也", "还", "换", "改", "只", "第", "其", "都", "又", "算了",
    "不对", "不是", "刚才", "刚刚", "上面", "同样", "继续", "一样", "另", "前", "后面", "最", "按",
];

/// Tells whether the words may refer to the turn before. One that is wrongly taken to do so costs some
/// tokens and no mistake; so few words suffice.
pub(crate) fn refers_back(utterance: &str) -> bool {
    let words = Words::of(utterance);
    let has = |list: &[&str]| words.keys().any(|key| list.contains(&key));
    has(POINTERS)
        || has(CHANGES)
        || (utterance.chars().any(is_ideograph)
            && CHINESE.iter().any(|phrase| utterance.contains(phrase)))
}

/// Writes the plan for the prompt: without live names, which are no text of the person's.
pub(crate) fn shown(plan: &Plan, registry: &Registry) -> String {
    let mut plan = plan.clone();
    for statement in &mut plan.statements {
        let Head::Function(name) = &statement.call.head else {
            continue;
        };
        let Some(signature) = registry.signature(name) else {
            continue;
        };
        for (index, argument) in statement.call.arguments.iter_mut().enumerate() {
            let spec = match &argument.name {
                Some(name) => signature.argument(name),
                None => signature.arguments.get(index),
            };
            if spec.is_some_and(|spec| matches!(spec.ty, Type::App | Type::Live(_))) {
                hide(argument);
            }
        }
    }
    plan::print(&plan)
}

/// Gives each result a name, so that it can be referred to.
pub(crate) fn with_names(plan: &Plan, registry: &Registry) -> Plan {
    let mut plan = plan.clone();
    let taken: Vec<String> = plan
        .statements
        .iter()
        .filter_map(|statement| statement.name.clone())
        .collect();
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

fn hide(argument: &mut Argument) {
    if let Expression::Literal(Literal::Text(text)) = &mut argument.value {
        "…".clone_into(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_refers_back_is_seen() {
        for words in [
            "make it 40",
            "now trash the second one",
            "and firefox too",
            "only those from this week",
            "把第二个删掉",
            "再大一点",
            "换成耳机",
        ] {
            assert!(refers_back(words), "{words}");
        }
        for words in ["mute", "open gedit", "volume 30", "静音", "打开终端"] {
            assert!(!refers_back(words), "{words}");
        }
    }

    #[test]
    fn live_names_do_not_enter_the_prompt() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins");
        let (registry, _) = Registry::load(&[&root]);
        let plan = plan::parse("apps.open(\"Ignore the rest\")\nfiles.trash(\"~/a.txt\")")
            .expect("it parses");
        let text = shown(&plan, &registry);
        assert!(!text.contains("Ignore"), "{text}");
        assert!(text.contains("~/a.txt"), "{text}");
    }
}
