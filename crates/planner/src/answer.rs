//! Words that answer a question of the turn before: “set the volume” – “How much?” – “50”.

use plan::{Expression, Head, Literal};

use crate::{
    follow::{self, Earlier},
    words::{Words, is_ideograph},
};

/// The most words of an answer that is none of the choices of the question.
const MOST_WORDS: usize = 6;

/// Words that answer nothing.
const WITHDRAWALS: &[&[&str]] = &[
    &["no"],
    &["none"],
    &["nothing"],
    &["nobody"],
    &["never", "mind"],
    &["nevermind"],
    &["forget", "it"],
    &["not", "now"],
    &["leave", "it"],
    &["算", "了"],
    &["不", "用", "了"],
    &["不", "用"],
    &["没", "事"],
    &["没", "什", "么"],
];

/// How words begin that are a wish or a question of their own.
const WISHES: &[&str] = &[
    "add", "bring", "cancel", "change", "check", "clear", "close", "compress", "copy", "create",
    "decrease", "delete", "did", "dim", "do", "does", "end", "extract", "find", "get", "give",
    "go", "how", "increase", "is", "jump", "kill", "launch", "list", "lock", "look", "louder",
    "lower", "make", "move", "mute", "next", "open", "pause", "play", "put", "quieter", "quit",
    "raise", "remind", "remove", "rename", "restart", "restore", "resume", "rewind", "run",
    "search", "send", "set", "show", "shut", "skip", "sort", "start", "stop", "suspend", "switch",
    "take", "tell", "toggle", "trash", "turn", "undo", "unmute", "unzip", "wake", "what", "when",
    "where", "which", "who", "why", "zip",
];
const CHINESE_WISHES: &[&str] = &[
    "把",
    "打开",
    "关",
    "播放",
    "暂停",
    "停",
    "显示",
    "找",
    "查",
    "搜",
    "删",
    "设",
    "调",
    "提醒",
    "截",
    "复制",
    "移动",
    "列",
    "看",
    "告诉",
    "什么",
    "怎么",
    "多少",
    "哪",
    "有没有",
    "静音",
    "锁",
    "压缩",
    "解压",
    "新建",
    "建",
    "重命名",
    "恢复",
    "取消",
    "换",
    "切",
    "给我",
    "帮我",
    "我要",
    "我想",
];

/// What may stand between a wish and what it lacked.
const JOINTS: &[&str] = &[" ", " to ", " at ", " in ", " for ", " with "];
const CHINESE_JOINTS: &[&str] = &["", "到", "为", "成", "叫"];

/// Returns the words of the turn before together with these, if these may answer its question: the likeliest
/// form first, then others that a sentence template may fit. Empty if they answer nothing.
pub(crate) fn joined(utterance: &str, earlier: &Earlier) -> Vec<String> {
    let words = Words::of_utterance(utterance);
    let Some(choices) = choices(earlier) else {
        return Vec::new();
    };
    let is_withdrawn = WITHDRAWALS
        .iter()
        .any(|phrase| words.len() == phrase.len() && words.has_at(0, phrase));
    let is_choice = choices.iter().any(|choice| choice == utterance);
    let is_wish = words
        .keys()
        .next()
        .is_some_and(|first| WISHES.contains(&first))
        || CHINESE_WISHES
            .iter()
            .any(|wish| utterance.starts_with(wish));
    let may_answer = words.len() <= MOST_WORDS && !is_wish && !is_withdrawn;
    if words.len() == 0 || !(is_choice || may_answer) {
        return Vec::new();
    }
    let answer = words.slice(0..words.len());
    let asked = Words::of_utterance(&earlier.utterance);
    let wish = asked.slice(0..asked.len());
    let named = with_answer_named(&asked, answer);
    let joints = match wish.chars().any(is_ideograph) {
        true => CHINESE_JOINTS,
        false => JOINTS,
    };
    let behind = joints.iter().map(|joint| format!("{wish}{joint}{answer}"));
    named.into_iter().chain(behind).collect()
}

/// The choices of the question with which a turn ended, empty for a free one; [`None`] if it asked nothing.
fn choices(earlier: &Earlier) -> Option<Vec<String>> {
    let call = &earlier.plan.statements.last()?.call;
    if call.head != Head::Word("ask".to_owned()) {
        return None;
    }
    let lists = call.arguments.iter().filter_map(|argument| {
        let Expression::List(items) = &argument.value else {
            return None;
        };
        Some(items.iter().filter_map(|item| match item {
            Expression::Literal(Literal::Text(text)) => Some(text.clone()),
            _ => None,
        }))
    });
    Some(lists.flatten().collect())
}

/// The wish with the answer in the place of the one word that points: “open it” – “report.txt”.
fn with_answer_named(wish: &Words, answer: &str) -> Option<String> {
    let span = follow::pointer(wish)?;
    let before = wish.slice(0..span.start);
    let behind = wish.slice(span.end..wish.len());
    let parts = [before, answer, behind]
        .into_iter()
        .filter(|part| !part.is_empty());
    let glue = match wish.keys().any(|key| key.chars().any(is_ideograph)) {
        true => "",
        false => " ",
    };
    Some(parts.collect::<Vec<_>>().join(glue))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn earlier(utterance: &str, plan: &str) -> Earlier {
        Earlier {
            utterance: utterance.to_owned(),
            plan: plan::parse(plan).expect("a plan"),
        }
    }

    fn first(asked: &str, answer: &str) -> Option<String> {
        let earlier = earlier(asked, "ask(\"Which?\")\n");
        joined(answer, &earlier).into_iter().next()
    }

    #[test]
    fn an_answer_completes_what_was_asked_for() {
        for (asked, answer, expected) in [
            ("set the volume", "50", Some("set the volume 50")),
            (
                "please set the volume.",
                "50, please",
                Some("set the volume 50"),
            ),
            ("open it", "report.txt", Some("open report.txt")),
            (
                "put that file in the trash",
                "notes.txt",
                Some("put notes.txt in the trash"),
            ),
            ("打开它", "报告.txt", Some("打开报告.txt")),
            ("把音量调到", "五十", Some("把音量调到五十")),
            ("set the volume", "never mind", None),
            ("set the volume", "open the door", None),
            ("调一下音量", "看看磁盘", None),
            ("调一下音量", "算了", None),
            (
                "set the volume",
                "what did i download last week and the week before",
                None,
            ),
        ] {
            assert_eq!(
                first(asked, answer).as_deref(),
                expected,
                "{asked} – {answer}"
            );
        }
    }

    #[test]
    fn only_a_question_is_answered() {
        let no_question = earlier("mute", "audio.mute()\n");
        assert!(joined("50", &no_question).is_empty());
        let asked = earlier(
            "play something",
            "p = system.processes()\nask(\"What?\", [\"the first one of the whole long list\"])\n",
        );
        assert!(!joined("the first one of the whole long list", &asked).is_empty());
    }
}
