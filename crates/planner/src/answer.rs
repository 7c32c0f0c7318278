//! Words that answer a question of the turn before: “set the volume” – “How much?” – “50”.

use functions::folder_word;
use plan::{Expression, Head, Literal, Plan, Type};

use crate::{
    follow::{self, Earlier},
    said,
    slot::{self, NameIndex, Surroundings},
    words::{Words, is_ideograph},
};

/// Words that answer nothing, and beginnings of such.
const WITHDRAWALS: &[&[&str]] = &[
    &["no"],
    &["none"],
    &["nope"],
    &["nah"],
    &["nothing"],
    &["nobody"],
    &["not"],
    &["never", "mind"],
    &["nevermind"],
    &["forget", "it"],
    &["leave", "it"],
    &["don't"],
    &["算", "了"],
    &["不"],
    &["没"],
    &["别"],
    &["都", "不", "是"],
];

/// What a question for words says.
const ASKS_FOR_WORDS: &[&str] = &[
    "it say",
    "remind you",
    "of what",
    "about what",
    "what about",
    "the text",
    "called",
    "name",
    "内容",
    "提醒什么",
    "提醒你",
    "说什么",
    "叫什么",
    "名字",
];

/// What may stand between a wish and what it lacked.
const JOINTS: &[&str] = &[" ", " to ", " at ", " in ", " for ", " with "];
const CHINESE_JOINTS: &[&str] = &["", "到", "为", "成", "叫"];

/// The question with which a plan ends.
pub(crate) struct Question {
    pub(crate) text: String,
    pub(crate) choices: Vec<String>,
}

/// Returns the words of the turn before together with these, if these answer its question: the likeliest
/// form first, then others that a sentence template may fit. Empty if they answer nothing.
///
/// One of its choices answers a question, and what is a value or a name and nothing else; words alone answer
/// only a question for words.
pub(crate) fn joined(
    utterance: &str,
    earlier: &Earlier,
    surroundings: Surroundings<'_>,
) -> Vec<String> {
    let words = Words::of_utterance(utterance);
    let answer = words.slice(0..words.len());
    let Some(question) = question(&earlier.plan).filter(|_| !answer.is_empty()) else {
        return Vec::new();
    };
    let is_withdrawn = WITHDRAWALS.iter().any(|phrase| words.has_at(0, phrase));
    let is_choice = question.choices.iter().any(|choice| choice == utterance);
    let is_name = is_choice || is_name(answer, surroundings.names);
    let asks_for_words = ASKS_FOR_WORDS
        .iter()
        .any(|phrase| question.text.to_lowercase().contains(phrase));
    let may_answer = is_name || is_value(answer, surroundings) || asks_for_words;
    if !may_answer || (is_withdrawn && !is_choice) {
        return Vec::new();
    }
    let asked = Words::of_utterance(&earlier.utterance);
    let wish = asked.slice(0..asked.len());
    let named = with_answer_named(&asked, answer).filter(|_| is_name);
    let joints = match wish.chars().any(is_ideograph) {
        true => CHINESE_JOINTS,
        false => JOINTS,
    };
    let behind = joints.iter().map(|joint| format!("{wish}{joint}{answer}"));
    named.into_iter().chain(behind).collect()
}

/// The question with which a plan ends; [`None`] if it asks nothing.
pub(crate) fn question(plan: &Plan) -> Option<Question> {
    let call = &plan.statements.last()?.call;
    if call.head != Head::Word("ask".to_owned()) {
        return None;
    }
    let text_of = |value: &Expression| match value {
        Expression::Literal(Literal::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let mut values = call.arguments.iter().map(|argument| &argument.value);
    Some(Question {
        text: values.next().and_then(text_of).unwrap_or_default(),
        choices: match values.next() {
            Some(Expression::List(items)) => items.iter().filter_map(text_of).collect(),
            _ => Vec::new(),
        },
    })
}

/// Tells whether the words are a number, a size, a span or a moment.
fn is_value(answer: &str, surroundings: Surroundings<'_>) -> bool {
    let types = [
        Type::Percent,
        Type::Number,
        Type::Bytes,
        Type::Duration,
        Type::Time,
    ];
    types
        .iter()
        .any(|ty| slot::read(answer, ty, surroundings).is_some())
}

/// Tells whether the words are the name of a folder, an app, a device or a file.
fn is_name(answer: &str, names: &NameIndex) -> bool {
    let is_file = said::names_a_file(answer) && !answer.contains(char::is_whitespace);
    let begins_with_verb = VERBS.iter().any(|verb| answer.starts_with(verb));
    folder_word(answer).is_some() || names.knows(answer) || (is_file && !begins_with_verb)
}

/// Verbs that stand before a file's name without a blank.
const VERBS: &[&str] = &[
    "打开",
    "关",
    "播放",
    "找",
    "查",
    "搜",
    "删",
    "复制",
    "移",
    "重命名",
    "恢复",
    "总结",
    "概括",
    "压缩",
    "解压",
    "看",
    "读",
    "把",
    "给",
];

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
    use functions::LiveValue;

    use super::*;
    use crate::LiveNames;

    fn earlier(utterance: &str, plan: &str) -> Earlier {
        Earlier {
            utterance: utterance.to_owned(),
            plan: plan::parse(plan).expect("a plan"),
        }
    }

    /// All forms of what was asked for with its answer.
    fn forms(asked: &str, plan: &str, answer: &str) -> Vec<String> {
        let gedit = LiveValue {
            id: "gedit.desktop".to_owned(),
            names: vec!["gedit".to_owned()],
        };
        let names = NameIndex::new(&LiveNames {
            apps: vec![gedit],
            ..LiveNames::default()
        });
        let surroundings = Surroundings {
            names: &names,
            now: plan::Moment::parse("2026-11-23T10:00:00+08:00", 0).expect("a moment"),
        };
        joined(answer, &earlier(asked, plan), surroundings)
    }

    #[test]
    fn an_answer_completes_what_was_asked_for() {
        for (asked, question, answer, expected) in [
            (
                "set the volume",
                "How much?",
                "50",
                Some("set the volume 50"),
            ),
            (
                "please set the volume.",
                "How much?",
                "50, please",
                Some("set the volume 50"),
            ),
            (
                "open it",
                "Which file?",
                "report.txt",
                Some("open report.txt"),
            ),
            (
                "open it",
                "Which file?",
                "~/Documents/report.txt",
                Some("open ~/Documents/report.txt"),
            ),
            (
                "close that program",
                "Which one?",
                "gedit",
                Some("close gedit"),
            ),
            (
                "make it louder",
                "How much?",
                "20",
                Some("make it louder 20"),
            ),
            (
                "打开它",
                "哪个文件？",
                "年度总结报告.docx",
                Some("打开年度总结报告.docx"),
            ),
            (
                "提醒我开会",
                "什么时候？",
                "明天早上九点半",
                Some("提醒我开会明天早上九点半"),
            ),
            (
                "remind me at 5",
                "What should it say?",
                "turn off the stove",
                Some("remind me at 5 turn off the stove"),
            ),
            (
                "五点提醒我",
                "内容是什么？",
                "看医生",
                Some("五点提醒我看医生"),
            ),
            ("set the volume", "How much?", "never mind", None),
            ("remind me at 5", "What should it say?", "nothing", None),
            ("set the volume", "How much?", "open the door", None),
            ("set the volume", "How much?", "summarise cv.pdf", None),
            ("trash it", "Which file?", "the second one", None),
            ("调一下音量", "多少？", "请删除报告.docx", None),
            ("调一下音量", "多少？", "算了", None),
        ] {
            let plan = format!("ask(\"{question}\")\n");
            let first = forms(asked, &plan, answer).into_iter().next();
            assert_eq!(first.as_deref(), expected, "{asked} – {answer}");
        }
    }

    #[test]
    fn other_forms_may_fit_a_template() {
        let forms = forms("set the volume", "ask(\"How much?\")\n", "50");
        assert!(
            forms.contains(&"set the volume to 50".to_owned()),
            "{forms:?}"
        );
    }

    #[test]
    fn only_a_question_is_answered() {
        assert!(forms("mute", "audio.mute()\n", "50").is_empty());
        let asked =
            "p = system.processes()\nask(\"What?\", [\"the first one of the whole long list\"])\n";
        assert!(!forms("end that", asked, "the first one of the whole long list").is_empty());
        assert!(forms("end that", asked, "the last one of the whole long list").is_empty());
    }
}
