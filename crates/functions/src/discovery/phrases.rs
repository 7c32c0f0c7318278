//! Sentences that ask an app for what it offers: the words of the action together with the app's name.

use plan::{FunctionName, Type};

use super::{Found, Means};
use crate::{InstalledApp, Template};

/// The most names of an app that sentences may use.
const MOST_NAMES: usize = 6;
/// Words that may stand before an action.
const DO: &str = "[(click|press|choose|select|use|run|do|open|create|make|show)] [(the|a|an)]";
/// Both languages' words for a switch, with how it stands afterwards.
const SWITCH: [(&str, &str, bool); 2] = [
    ("(turn|switch) on|enable|show", "打开|显示|启用", true),
    ("(turn|switch) off|disable|hide", "关闭|隐藏|停用", false),
];

/// Returns the sentences for an action, whose app has these names. Each names the app with a word before it, so that
/// no app can be meant by words that hold its name by chance. Nobody asks in words for a method, or for a result.
pub(super) fn templates(name: &FunctionName, found: &Found, names: &[String]) -> Vec<Template> {
    if matches!(found.means, Means::Method | Means::SearchResult) {
        return Vec::new();
    }
    // “Sort by size”, and “size” alone, for what is called “Size” in the menu “Sort By”.
    let menu = plain(menu(found));
    let labels = found
        .labels
        .iter()
        .map(|label| plain(&called(found, label)));
    let labels: Vec<String> = labels
        .filter(|label| !label.is_empty())
        .map(|label| match menu.as_str() {
            "" => label,
            menu => format!("({label}|{menu} {label})"),
        })
        .collect();
    let (Some(label), false) = (labels.first(), names.is_empty()) else {
        return Vec::new();
    };
    let sentences = Sentences {
        name,
        label,
        labels: &labels,
        app: format!("({})", names.join("|")),
    };
    match found.arguments.first() {
        None => sentences.act(),
        Some(argument) => match argument.ty {
            Type::Bool => sentences.switch(&argument.name, argument.required),
            _ => sentences.set(&argument.name, &argument.ty),
        },
    }
}

/// What sentences call an action, untranslated and in Chinese: with the last of the menus that it is in.
pub(super) fn said(found: &Found) -> [String; 2] {
    let [label, label_zh] = &found.labels;
    let label_zh = if label_zh.is_empty() { label } else { label_zh };
    [label, label_zh].map(|label| {
        let parts = [menu(found), &called(found, label)].map(spaced);
        parts.join(" ").trim().to_owned()
    })
}

/// The last of the menus that an action is in.
fn menu(found: &Found) -> &str {
    found.within.rsplit('›').next().unwrap_or_default()
}

/// A label as sentences have it: “hide the tabs”, not “hide the show tabs”.
fn called(found: &Found, label: &str) -> String {
    let label = spaced(label);
    let mut arguments = found.arguments.iter();
    let is_switch = arguments.any(|argument| argument.ty == Type::Bool);
    let shown = ["Show ", "show ", "显示"].into_iter();
    let mut rest = shown.filter_map(|shown| Some(label.strip_prefix(shown)?.trim()));
    match rest.find(|rest| is_switch && !rest.is_empty()) {
        Some(rest) => rest.to_owned(),
        None => label,
    }
}

/// What all sentences for one action are made of.
struct Sentences<'a> {
    name: &'a FunctionName,
    label: &'a str,
    /// In every language.
    labels: &'a [String],
    /// The app's names as alternatives.
    app: String,
}

impl Sentences<'_> {
    fn act(&self) -> Vec<Template> {
        let (label, app) = (self.label, &self.app);
        let mut templates = vec![
            self.english(
                format!("{DO} {label} [(action|command|button)] {}", self.within()),
                "",
            ),
            self.english(
                format!("(in|on|with|using) [the] {app} [app] {DO} {label}"),
                "",
            ),
            self.english(format!("(tell|ask) [the] {app} to {label}"), ""),
        ];
        templates.extend(self.labels.iter().map(|label| {
            self.chinese(
                format!("(在|用|让){app}[(里|中|里面|上)][(点击|选择|执行|打开)]{label}"),
                "",
            )
        }));
        templates
    }

    fn switch(&self, argument: &str, is_required: bool) -> Vec<Template> {
        let (label, app) = (self.label, &self.app);
        let mut templates = Vec::new();
        for (english, chinese, on) in SWITCH {
            let given = format!("{argument}={on}");
            let within = self.within();
            templates.push(self.english(format!("({english}) [the] {label} {within}"), &given));
            templates.push(self.english(
                format!("(in|on) [the] {app} ({english}) [the] {label}"),
                &given,
            ));
            templates.extend(self.labels.iter().map(|label| {
                self.chinese(format!("在{app}[(里|中|里面)]({chinese}){label}"), &given)
            }));
            templates.extend(
                self.labels
                    .iter()
                    .map(|label| self.chinese(format!("({chinese}){app}[的]{label}"), &given)),
            );
        }
        if !is_required {
            // What is pressed stands the other way round.
            let (press, within) = ("(toggle|press|click|push|tap)", self.within());
            let pressed = format!("{press} [the] {label} [(button|key)] {within}");
            templates.push(self.english(pressed, ""));
            templates.extend(self.labels.iter().map(|label| {
                let pressed = format!("(在|用){app}[(里|中|里面|上)](点击|按下|按|点){label}");
                self.chinese(pressed, "")
            }));
            templates.extend(
                self.labels
                    .iter()
                    .map(|label| self.chinese(format!("[在]{app}[(里|中|的)]切换{label}"), "")),
            );
            templates.extend(
                self.labels
                    .iter()
                    .map(|label| self.chinese(format!("切换{app}[的]{label}"), "")),
            );
        }
        templates
    }

    fn set(&self, argument: &str, ty: &Type) -> Vec<Template> {
        let (label, app) = (self.label, &self.app);
        let slot = format!("{{{argument}}}");
        let given = match ty {
            Type::Text { .. } => format!("\"{slot}\""),
            _ => slot.clone(),
        };
        let mut templates = vec![
            self.english(
                format!(
                    "[(set|change|put)] [the] {label} {} to {slot}",
                    self.within()
                ),
                &given,
            ),
            self.english(format!("(set|change|put) {app} {label} to {slot}"), &given),
        ];
        templates.extend(self.labels.iter().map(|label| {
            self.chinese(
                format!("(把|将|在){app}[(里|中)][的]{label}[(设置|设|改|调)](为|成|到){slot}"),
                &given,
            )
        }));
        templates
    }

    fn within(&self) -> String {
        format!(
            "(in|on|of|from|with|using) [the] {} [(app|window)]",
            self.app
        )
    }

    fn english(&self, pattern: String, given: &str) -> Template {
        self.template("en", pattern, given)
    }

    fn chinese(&self, pattern: String, given: &str) -> Template {
        self.template("zh", pattern, given)
    }

    fn template(&self, language: &str, pattern: String, given: &str) -> Template {
        Template {
            language: language.to_owned(),
            pattern,
            plan: format!("{}({given})", self.name),
        }
    }
}

/// Returns what sentences call an app, in small letters.
pub(super) fn app_names(app: &InstalledApp) -> Vec<String> {
    let own = [
        Some(&app.name),
        app.name_zh.as_ref(),
        app.name_local.as_ref(),
    ];
    let mut names: Vec<String> = Vec::new();
    for name in own.into_iter().flatten().map(|name| plain(name)) {
        if !name.is_empty() && !names.contains(&name) && names.len() < MOST_NAMES {
            names.push(name);
        }
    }
    names
}

/// Keeps words alone, in small letters.
fn plain(text: &str) -> String {
    spaced(text).to_lowercase()
}

/// Keeps words alone: brackets and bars mean something in a pattern.
fn spaced(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use plan::{ArgumentSpec, Role, Signature};

    use super::*;
    use crate::{Action, Availability, World, discovery::Means};

    struct Nothing;

    #[async_trait::async_trait]
    impl Action for Nothing {
        async fn availability(&self, _: &World) -> Availability {
            Availability::Available
        }
    }

    fn found(argument: Option<(&str, Type, bool)>) -> Found {
        let spec = |(name, ty, required): (&str, Type, bool)| ArgumentSpec {
            name: name.to_owned(),
            ty,
            role: Role::Critical,
            required,
            default: None,
            hint: String::new(),
            ahead: false,
        };
        Found {
            words: Vec::new(),
            within: String::new(),
            tip: String::new(),
            labels: ["Side (Panel)|".to_owned(), "侧栏".to_owned()],
            means: Means::GtkAction,
            is_guessed: true,
            arguments: argument.map(spec).into_iter().collect(),
            output: plan::Output::None,
            place: String::new(),
            action: Arc::new(Nothing),
        }
    }

    #[test]
    fn the_plan_of_each_sentence_can_be_run() {
        let name = FunctionName::new("app.gedit_side_panel").expect("a name");
        let names = ["gedit".to_owned(), "文本编辑器".to_owned()];
        let text = Type::Text { max: 9 };
        let number = Type::Int {
            min: None,
            max: None,
        };
        for (argument, value) in [
            (None, ""),
            (Some(("on", Type::Bool, false)), ""),
            (Some(("value", Type::Bool, true)), ""),
            (Some(("value", text, true)), "dark"),
            (Some(("value", number, true)), "4"),
        ] {
            let found = found(argument);
            let signature = Signature {
                name: name.clone(),
                summary: String::new(),
                arguments: found.arguments.clone(),
                output: plan::Output::None,
                effect: plan::Effect::Irreversible,
            };
            let templates = templates(&name, &found, &names);
            assert!(!templates.is_empty());
            for template in templates {
                assert!(
                    template.pattern.contains("(gedit|文本编辑器)"),
                    "{}",
                    template.pattern
                );
                let text = template.plan.replace("{value}", value);
                let plan = plan::parse(&text).unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
                let checked =
                    plan::check(&plan, &vec![signature.clone()], &plan::LiveNames::default());
                assert!(checked.is_ok(), "{text}: {checked:?}");
            }
        }
        let shown = Found {
            labels: ["Show (Side) Panel…".to_owned(), "显示侧栏".to_owned()],
            within: "View › Tool Views".to_owned(),
            ..found(Some(("on", Type::Bool, false)))
        };
        assert_eq!(
            said(&shown),
            ["Tool Views Side Panel", "Tool Views 侧栏"],
            "a choice says what a sentence does"
        );
        let sentences = templates(&name, &shown, &names);
        for label in [
            "(side panel|tool views side panel)",
            "(侧栏|tool views 侧栏)",
        ] {
            let has_label = |template: &Template| template.pattern.contains(label);
            assert!(sentences.iter().any(has_label), "{label}");
        }
        assert!(
            templates(&name, &found(None), &[]).is_empty(),
            "nobody can name that app"
        );
    }
}
