//! Sentences that ask an app for what it offers: the words of the action together with the app's name.

use plan::{FunctionName, Type};

use super::Found;
use crate::{InstalledApp, Template};

/// The most names of an app that sentences may use.
const MOST_NAMES: usize = 6;

/// Returns the sentences for an action. Each names the app, so that no app can be meant without being named.
pub(super) fn templates(name: &FunctionName, found: &Found, app: &InstalledApp) -> Vec<Template> {
    let [label, label_zh] = found.labels.clone().map(|label| plain(&label));
    let apps = app_names(app);
    if apps.is_empty() || label.is_empty() {
        return Vec::new();
    }
    let value = found
        .arguments
        .first()
        .map(|argument| (argument.name.as_str(), &argument.ty));
    let english = |pattern: String, arguments: &str| template("en", pattern, name, arguments);
    let chinese = |pattern: String, arguments: &str| template("zh", pattern, name, arguments);
    let do_it = "[(click|press|choose|select|use|run|do|open|create|make|show)] [(the|a|an)]";
    let within = format!("(in|on|of|from|with|using) [the] {apps} [(app|window)]");
    let mut templates = Vec::new();
    match value {
        Some((_, Type::Bool)) => {
            for (verbs, on) in [
                ("(turn|switch) on|enable|show", true),
                ("(turn|switch) off|disable|hide", false),
            ] {
                let arguments = format!("on={on}");
                templates.push(english(
                    format!("({verbs}) [the] {label} {within}"),
                    &arguments,
                ));
                templates.push(english(
                    format!("(in|on) [the] {apps} ({verbs}) [the] {label}"),
                    &arguments,
                ));
            }
            let each = [("打开|显示|启用", true), ("关闭|隐藏|停用", false)];
            for (verbs, on) in each {
                for label in [&label, &label_zh]
                    .into_iter()
                    .filter(|label| !label.is_empty())
                {
                    let arguments = format!("on={on}");
                    templates.push(chinese(
                        format!("[在]{apps}[(里|中|里面)][的]({verbs}){label}"),
                        &arguments,
                    ));
                    templates.push(chinese(format!("({verbs}){apps}[的]{label}"), &arguments));
                }
            }
            templates.push(english(format!("toggle [the] {label} {within}"), ""));
        }
        Some((slot, ty)) => {
            let (slot, argument) = match ty {
                Type::Text { .. } => (format!("{{{slot}}}"), format!("\"{{{slot}}}\"")),
                _ => (format!("{{{slot}}}"), format!("{{{slot}}}")),
            };
            templates.push(english(
                format!("[(set|change|put)] [the] {label} {within} to {slot}"),
                &argument,
            ));
            templates.push(english(
                format!("[(set|change|put)] {apps} {label} to {slot}"),
                &argument,
            ));
            for label in [&label, &label_zh]
                .into_iter()
                .filter(|label| !label.is_empty())
            {
                templates.push(chinese(
                    format!("[把|将]{apps}[(里|中)][的]{label}[(设置|设|改|调)](为|成|到){slot}"),
                    &argument,
                ));
            }
        }
        None => {
            templates.push(english(
                format!("{do_it} {label} [(action|command|button)] {within}"),
                "",
            ));
            templates.push(english(
                format!("(in|on|with|using) [the] {apps} [app] {do_it} {label}"),
                "",
            ));
            templates.push(english(format!("{apps} {label}"), ""));
            templates.push(english(format!("(tell|ask) {apps} to {label}"), ""));
            for label in [&label, &label_zh]
                .into_iter()
                .filter(|label| !label.is_empty())
            {
                templates.push(chinese(
                    format!("[在|用|让]{apps}[(里|中|里面|上)][(点击|选择|执行)]{label}"),
                    "",
                ));
            }
        }
    }
    templates
}

fn template(language: &str, pattern: String, name: &FunctionName, arguments: &str) -> Template {
    Template {
        language: language.to_owned(),
        pattern,
        plan: format!("{name}({arguments})"),
    }
}

/// The app's names as alternatives.
fn app_names(app: &InstalledApp) -> String {
    let mut names: Vec<String> = Vec::new();
    let own = [
        Some(&app.name),
        app.name_zh.as_ref(),
        app.name_local.as_ref(),
    ];
    for name in own.into_iter().flatten().map(|name| plain(name)) {
        if !name.is_empty() && !names.contains(&name) && names.len() < MOST_NAMES {
            names.push(name);
        }
    }
    match names.len() {
        0 => String::new(),
        _ => format!("({})", names.join("|")),
    }
}

/// Keeps words alone: brackets and bars mean something in a pattern.
fn plain(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let words: Vec<String> = spaced.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}
