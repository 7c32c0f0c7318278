//! Which acts the words open: what a model may call by itself, and what a person can only press.

use std::collections::BTreeSet;

use functions::{Function, Registry};
use plan::{Effect, FunctionName};

use crate::{ground::Ground, template, words::Words};

/// What the words say about acts.
pub(crate) struct Acts {
    /// The functions that no line may call.
    pub(crate) only_pressed: BTreeSet<FunctionName>,
    /// What the person wants to press for each row, if they want to choose from a list.
    pub(crate) pressed: Option<Vec<FunctionName>>,
    /// The most acts that they can ask for.
    pub(crate) most: Option<usize>,
}

impl Acts {
    /// Reads the words. `may_be_reasons` tells that of several parts only one is like a wish.
    pub(crate) fn of(
        words: &Words,
        ground: &Ground<'_>,
        registry: &Registry,
        is_here: bool,
        may_be_reasons: bool,
    ) -> Acts {
        let most_wishes = template::most_wishes(words);
        let has_one_part = most_wishes == Some(1);
        let wants_to_press = wants_to_press(ground.text());
        let is_question = has_one_part && template::is_question(words);
        // A person can press whatever there is; the model acts on clear words alone.
        let is_closed = |function: &Function| {
            let is_meant = function.when_said.is_empty()
                || ground.says_one_of(&function.when_said)
                || (is_here && ground.mentions_a_name_for(&function.signature));
            let effect = function.signature.effect;
            !is_meant
                || (wants_to_press && effect > Effect::Read)
                || (is_question && effect > Effect::Read)
        };
        let is_named = |function: &Function| {
            function.signature.effect > Effect::Read
                && (ground.says_one_of(&function.when_said)
                    || verb(function).is_some_and(|verb| ground.says_one_of(&[verb.to_owned()])))
        };
        let name = |function: &Function| function.signature.name.clone();
        let functions = || registry.functions().map(AsRef::as_ref);
        Acts {
            only_pressed: functions().filter(|f| is_closed(f)).map(name).collect(),
            pressed: wants_to_press
                .then(|| functions().filter(|f| is_named(f)).map(name).collect()),
            most: most_wishes.map(|most| match may_be_reasons {
                true => 1,
                // “close firefox gedit and spotify”.
                false if most > 1 => most.max(ground.count_of_names()),
                false => most,
            }),
        }
    }
}

/// The first word behind the domain of a function's name: `shut` of `power.shut_down`.
pub(crate) fn verb(function: &Function) -> Option<&str> {
    function.signature.name.as_str().split(['.', '_']).nth(1)
}

/// What is pressed.
const PANELS: &[&str] = &[
    "panel", "button", "slider", "click to", "面板", "按钮", "滑块",
];
/// How a wish to see something begins, and what says that it is to choose from.
const SHOWING: &[&str] = &[
    "show",
    "list",
    "find",
    "table",
    "give me",
    "i want a list",
    "i want to see",
    "display",
    "列",
    "显示",
    "看看",
    "找",
    "给我",
];
const CHOOSING: &[&str] = &[
    "so i can",
    "so that i can",
    "where i can",
    "which i can",
    "let me pick",
    "let me choose",
    "let me end",
    "let me delete",
    "let me trash",
    "let me kill",
    "let me open",
    "let me cancel",
    "let me remove",
    "let me select",
    "let me decide",
    "让我选",
    "让我挑",
    "让我删",
    "好让我",
    "我来选",
    "我来挑",
    "方便我",
];

/// What is drawn beside that.
const DRAWN: &[&str] = &[
    "table",
    "chart",
    "meter",
    "gallery",
    "dashboard",
    "overview",
    "表格",
    "图表",
    "总览",
    "画廊",
];

/// Tells whether the person wants a panel: several functions may be meant by few words.
pub(crate) fn wants_panel(text: &str) -> bool {
    let mut drawn = PANELS.iter().chain(DRAWN);
    wants_to_press(text) || drawn.any(|phrase| text.contains(phrase))
}

/// Tells whether the person wants something to press: a panel to choose from, not the act itself.
fn wants_to_press(text: &str) -> bool {
    let has_any = |phrases: &[&str]| phrases.iter().any(|phrase| text.contains(phrase));
    let begins = |phrases: &[&str]| phrases.iter().any(|phrase| text.starts_with(phrase));
    (has_any(PANELS) && !begins(&["open ", "打开"])) || (begins(SHOWING) && has_any(CHOOSING))
}

#[cfg(test)]
mod tests {
    use plan::{Call, Expression, Head};

    use super::*;
    use crate::{bank::Bank, slot::NameIndex};

    /// The functions that the lines of a plan run by themselves.
    fn called(plan: &str) -> Vec<FunctionName> {
        fn of(call: &Call) -> Vec<FunctionName> {
            match &call.head {
                Head::Function(name) => vec![name.clone()],
                Head::Word(word) if word == "each" => call
                    .arguments
                    .iter()
                    .filter_map(|argument| match &argument.value {
                        Expression::Function(name) => Some(name.clone()),
                        _ => None,
                    })
                    .collect(),
                Head::Word(_) => Vec::new(),
            }
        }
        let plan = plan::parse(plan).expect("a plan");
        let lines = plan.statements.iter();
        lines.flat_map(|statement| of(&statement.call)).collect()
    }

    #[test]
    fn what_people_say_in_the_bank_opens_what_they_mean() {
        let registry = crate::every_function();
        let player = |name: &str| functions::LiveValue {
            id: name.to_owned(),
            names: vec![name.to_owned()],
        };
        let players = [
            "VLC",
            "mpv",
            "Spotify",
            "Rhythmbox",
            "Firefox",
            "网易云音乐",
        ];
        let players = players.into_iter().map(player).collect();
        let names = NameIndex::new(&crate::LiveNames {
            sources: [("media.player".to_owned(), players)].into(),
            ..crate::LiveNames::default()
        });
        let bank = Bank::new([]);
        let mut closed = Vec::new();
        let mut all = 0;
        for (request, plan) in bank.standalone() {
            let (words, ground) = (Words::of_utterance(request), Ground::new(request, &names));
            let acts = Acts::of(&words, &ground, &registry, true, false);
            for function in called(plan) {
                all += 1;
                if acts.only_pressed.contains(&function) {
                    closed.push(format!("{function}: {request}"));
                }
            }
        }
        assert!(
            closed.len() * 500 <= all,
            "{} of {all}:\n{}",
            closed.len(),
            closed.join("\n")
        );
    }

    #[test]
    fn a_list_to_choose_from_is_told_from_an_act_with_a_reason() {
        for (text, expected) in [
            ("show the big files so that i can throw some away", true),
            ("a panel with a volume slider", true),
            ("列出占内存的程序，我来选结束哪个", true),
            ("turn the music down so i can listen to the call", false),
            ("make the screen brighter so i can see it", false),
            ("open the control panel", false),
            ("帮我把我好像昨天误删的报告找回来", false),
            ("show the big files", false),
        ] {
            assert_eq!(wants_to_press(text), expected, "{text}");
        }
    }

    #[test]
    fn a_panel_is_more_than_what_is_pressed() {
        for (text, expected) in [
            ("chart the sizes of my videos", true),
            ("弄个面板，音量和亮度都能在上面调", true),
            ("a volume slider", true),
            ("show the big files", false),
        ] {
            assert_eq!(wants_panel(text), expected, "{text}");
        }
    }

    #[test]
    fn plans_act_no_oftener_than_was_wished() {
        let registry = crate::every_function();
        let bank = Bank::new([]);
        let mut cut = Vec::new();
        let mut all = 0;
        for (request, plan) in bank.standalone() {
            let plan = plan::parse(plan).expect("a plan");
            let most = template::most_wishes(&Words::of_utterance(request));
            let acts = plan.statements.iter().filter(|statement| {
                let functions = called(&format!("{}\n", statement.call));
                let mut effects = functions.iter().filter_map(|name| registry.function(name));
                (statement.name.is_none() || most == Some(1))
                    && effects.any(|function| function.signature.effect > Effect::Read)
            });
            all += 1;
            if most.is_some_and(|most| acts.count() > most) {
                cut.push(request);
            }
        }
        assert!(
            cut.len() * 500 <= all,
            "{} of {all}:\n{}",
            cut.len(),
            cut.join("\n")
        );
    }
}
