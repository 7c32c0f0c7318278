//! The turn before with another value: “make it 40”, “what about Documents”, 换成耳机.
//!
//! Words that hold nothing but one value, behind a phrase that points back, need no model: the value takes
//! the place of the only one of its kind.

use functions::{Registry, folder_word};
use plan::{
    Argument, Expression, Head, Literal, Moment, Plan, Signatures, Statement, TimeText, Toward,
    Type, Unit,
};

use crate::{
    follow::Earlier,
    line::names_in,
    slot::{self, Surroundings},
    words::Words,
};

/// What stands before the value. The longest first.
const OPENINGS: &[&[&str]] = &[
    &["i", "meant", "to", "say"],
    &["i", "meant"],
    &["i", "mean"],
    &["change", "it", "to"],
    &["change", "that", "to"],
    &["make", "it"],
    &["make", "that"],
    &["set", "it", "to"],
    &["turn", "it", "to"],
    &["put", "it", "at"],
    &["what", "about"],
    &["how", "about"],
    &["and", "what", "about"],
    &["do", "the", "same", "for"],
    &["do", "the", "same", "with"],
    &["the", "same", "for"],
    &["same", "for"],
    &["and", "for"],
    &["and", "in"],
    &["no", "wait"],
    &["no"],
    &["wait"],
    &["oops"],
    &["sorry"],
    &["actually"],
    &["rather"],
    &["better"],
    &["and"],
    &["or"],
    &["also"],
    &[","],
    &["改", "成"],
    &["改", "到"],
    &["改", "为"],
    &["换", "成"],
    &["调", "到"],
    &["调", "成"],
    &["设", "成"],
    &["我", "是", "说"],
    &["我", "说", "的", "是"],
    &["应", "该", "是"],
    &["还", "是"],
    &["不", "对"],
    &["不", "是"],
    &["错", "了"],
    &["那"],
    &["不"],
    &["换"],
    &["再"],
];
/// What stands behind it.
const ENDINGS: &[&[&str]] = &[
    &["instead"],
    &["rather"],
    &["then"],
    &["as", "well"],
    &["too"],
    &["里", "呢"],
    &["呢"],
    &["好", "了"],
    &["也"],
];

/// Returns the plan of the turn before with the value in the words, if they hold one alone and it fits one place alone.
pub(crate) fn plan(
    words: &Words,
    earlier: &Earlier,
    registry: &Registry,
    surroundings: Surroundings<'_>,
) -> Option<Plan> {
    let value = value(words)?;
    let statements = &earlier.plan.statements;
    let mut changed = Vec::new();
    for (at, statement) in statements.iter().enumerate() {
        let Head::Function(name) = &statement.call.head else {
            continue;
        };
        let signature = registry.signature(name)?;
        for (index, argument) in statement.call.arguments.iter().enumerate() {
            let spec = signature.argument_at(index, argument)?;
            if let Some(literal) = exchanged(argument, &spec.ty, &value, surroundings) {
                changed.push((at, index, literal));
            }
        }
    }
    let [(at, index, literal)] = &changed[..] else {
        return None;
    };
    let Head::Function(name) = &statements[*at].call.head else {
        return None;
    };
    let before = match registry.function(name)?.before_another.as_str() {
        "" => Plan::default(),
        _ if words.keys().any(|key| ADDING.contains(&key)) => return None,
        text => plan::parse(text).ok()?,
    };
    let mut plan = earlier.plan.clone();
    plan.statements[*at].call.arguments[*index].value = Expression::Literal(literal.clone());
    keep_what_belongs(&mut plan, *at);
    let at = plan
        .statements
        .iter()
        .position(|statement| statement.call.head == statements[*at].call.head)?;
    plan.statements.splice(at..at, before.statements);
    Some(plan)
}

/// Words that add to what was done, and do not change it: “also 20 minutes”.
pub(crate) const ADDING: &[&str] = &[
    "also", "and", "another", "or", "second", "too", "well", "再", "也", "还",
];

/// Tells whether the words are such that they may hold another value for the turn before.
pub(crate) fn points_back(words: &Words) -> bool {
    value(words).is_some()
}

/// What is left of the words without the phrases that point back; nothing if there was none of these.
fn value(words: &Words) -> Option<String> {
    let (mut begin, mut end) = (0, words.len());
    let at = |list: &[&[&str]], fits: &dyn Fn(&[&str]) -> bool| -> Option<usize> {
        list.iter()
            .filter(|phrase| fits(phrase))
            .map(|phrase| phrase.len())
            .max()
    };
    while let Some(length) = at(OPENINGS, &|phrase| words.has_at(begin, phrase)) {
        begin += length;
    }
    while let Some(length) = at(ENDINGS, &|phrase| {
        end >= begin + phrase.len() && words.has_at(end - phrase.len(), phrase)
    }) {
        end -= length;
    }
    let points_back = begin > 0 || end < words.len();
    (points_back && begin < end).then(|| words.slice(begin..end).to_owned())
}

/// Returns what stands in an argument's place once the value has come.
fn exchanged(
    argument: &Argument,
    ty: &Type,
    value: &str,
    surroundings: Surroundings<'_>,
) -> Option<Literal> {
    let Expression::Literal(old) = &argument.value else {
        return None;
    };
    let number = slot::number(value);
    // “what about documents”: a folder takes the place of a folder alone, never of a file.
    if matches!(ty, Type::Path(_)) && is_folder(old) != folder_word(value).is_some() {
        return None;
    }
    // “make it half” may mean half of anything.
    if number.is_some_and(|number| number < 1.0 && number != 0.0) {
        return None;
    }
    let new = match (old, ty) {
        (Literal::Text(text), Type::Text { .. }) => Literal::Text(with_number(text, number?)?),
        (_, Type::Text { .. }) => return None,
        // “10 minutes”, “sorry, 15”.
        (
            Literal::Number {
                unit: Some(unit), ..
            },
            Type::Duration | Type::Bytes,
        ) => slot::read(value, ty, surroundings).or_else(|| {
            Some(Literal::Number {
                value: number?,
                unit: Some(*unit),
            })
        })?,
        _ => slot::read(value, ty, surroundings)?,
    };
    let new = match (old, new) {
        // “quieter by 10”, “make it 15”.
        (Literal::Number { value: old, .. }, Literal::Number { value, unit }) if *old < 0.0 => {
            Literal::Number {
                value: -value.abs(),
                unit,
            }
        }
        (
            Literal::Number {
                unit: Some(Unit::Percent),
                ..
            },
            Literal::Number { value, .. },
        ) => Literal::Number {
            value,
            unit: Some(Unit::Percent),
        },
        // “no, at 10” keeps the day.
        (Literal::Text(old), Literal::Text(new)) if *ty == Type::Time => {
            match (old.rsplit_once(' '), new.contains(' ')) {
                (Some((day, clock)), false) if new.contains(':') => {
                    // Today is the next one, whatever was said before.
                    let nearer = (day != "today").then(|| nearer_half(value, clock, surroundings));
                    let new = nearer.flatten().unwrap_or(new);
                    Literal::Text(format!("{day} {new}"))
                }
                _ => Literal::Text(new),
            }
        }
        (_, new) => new,
    };
    (new != *old).then_some(new)
}

/// Reads a clock time of another day than today: where the words leave the half of the day open, it is the one nearer to
/// the old time.
fn nearer_half(value: &str, old: &str, surroundings: Surroundings<'_>) -> Option<String> {
    let old = minutes(old)?;
    let now = surroundings.now;
    let midnight = TimeText::parse("today")?.resolve(now, Toward::Past).unix();
    [0, 12 * 3600]
        .into_iter()
        .filter_map(|seconds| {
            let now = Moment::from_unix(midnight + seconds, now.offset_minutes());
            slot::time(value, now)
        })
        .filter_map(|time| Some((minutes(&time)?, time)))
        .min_by_key(|(minutes, _)| minutes.abs_diff(old))
        .map(|(_, time)| time)
}

/// The minutes since midnight of `HH:MM`.
fn minutes(clock: &str) -> Option<u32> {
    let (hours, minutes) = clock.split_once(':')?;
    Some(hours.parse::<u32>().ok()? * 60 + minutes.parse::<u32>().ok()?)
}

fn is_folder(literal: &Literal) -> bool {
    let Literal::Text(path) = literal else {
        return false;
    };
    let name = path.trim_start_matches("~/");
    path == "~" || folder_word(name).is_some()
}

/// Puts a number in the place of the only one in a text.
fn with_number(text: &str, number: f64) -> Option<String> {
    let words = Words::of(text);
    let mut numbers = (0..words.len()).filter(|at| slot::number(words.key(*at)).is_some());
    let at = numbers.next()?;
    if numbers.next().is_some() {
        return None;
    }
    let (before, behind) = (words.slice(0..at), words.slice(at + 1..words.len()));
    let glue = |text: &str| if text.is_empty() { "" } else { " " };
    Some(format!(
        "{before}{}{number}{}{behind}",
        glue(before),
        glue(behind)
    ))
}

/// Drops the statements that neither need the changed one nor are needed.
fn keep_what_belongs(plan: &mut Plan, changed: usize) {
    let mut kept = vec![false; plan.statements.len()];
    kept[changed] = true;
    let needs = |one: &Statement, other: &Statement| {
        let name = other.name.as_ref();
        name.is_some_and(|name| names_in(&one.call).contains(name))
    };
    for at in changed + 1..kept.len() {
        kept[at] = (changed..at)
            .any(|before| kept[before] && needs(&plan.statements[at], &plan.statements[before]));
    }
    for at in (0..kept.len()).rev() {
        kept[at] = kept[at]
            || (at + 1..kept.len())
                .any(|later| kept[later] && needs(&plan.statements[later], &plan.statements[at]));
    }
    let mut kept = kept.into_iter();
    plan.statements.retain(|_| kept.next().unwrap_or(true));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slot::NameIndex;

    fn amended(before: &str, words: &str) -> Option<String> {
        let registry = crate::every_function();
        let earlier = Earlier {
            utterance: String::new(),
            plan: plan::parse(before).expect("a plan"),
        };
        let names = NameIndex::default();
        let surroundings = Surroundings {
            names: &names,
            now: Moment::parse("2026-11-23T10:00:00+08:00", 0).expect("a moment"),
        };
        let words = Words::of_utterance(words);
        super::plan(&words, &earlier, &registry, surroundings).map(|plan| plan::print(&plan))
    }

    #[test]
    fn another_value_takes_the_place_of_the_only_one_of_its_kind() {
        for (before, words, expected) in [
            (
                "audio.set_volume(30)",
                "make it 40",
                "audio.set_volume(40)\n",
            ),
            (
                "audio.set_volume(30)",
                "sorry, I meant sixty percent",
                "audio.set_volume(60)\n",
            ),
            (
                "screen.set_brightness(70)",
                "还是 55 吧",
                "screen.set_brightness(55)\n",
            ),
            (
                "audio.change_volume(-10)",
                "no, 20",
                "audio.change_volume(-20)\n",
            ),
            (
                "timers.start(10min, \"tea\")",
                "sorry I meant 15",
                "timers.cancel(last=true)\ntimers.start(15min, \"tea\")\n",
            ),
            (
                "timers.start(10min)",
                "make that an hour instead",
                "timers.cancel(last=true)\ntimers.start(1h)\n",
            ),
            (
                "c = calc.evaluate(\"10 km to miles\")",
                "what about 25",
                "c = calc.evaluate(\"25 km to miles\")\n",
            ),
            (
                "timers.remind(\"tomorrow 09:00\", \"call Anna\")",
                "no, at 10:30",
                "timers.cancel(last=true)\ntimers.remind(\"tomorrow 10:30\", \"call Anna\")\n",
            ),
            (
                "files.find(kind=\"image\", folder=\"~/Desktop\")",
                "图片文件夹里呢",
                "files.find(kind=\"image\", folder=\"~/Pictures\")\n",
            ),
            (
                "timers.remind(\"tomorrow 8:00\", \"call Anna\")",
                "改成九点",
                "timers.cancel(last=true)\ntimers.remind(\"tomorrow 09:00\", \"call Anna\")\n",
            ),
            (
                "timers.remind(\"tomorrow 11:00\", \"call Anna\")",
                "make it 1",
                "timers.cancel(last=true)\ntimers.remind(\"tomorrow 13:00\", \"call Anna\")\n",
            ),
            (
                "apps.open(\"gedit\")\nf = files.largest(folder=\"~/Downloads\", limit=5)\ntable(f)",
                "and what about my documents",
                "f = files.largest(folder=\"~/Documents\", limit=5)\ntable(f)\n",
            ),
        ] {
            assert_eq!(amended(before, words).as_deref(), Some(expected), "{words}");
        }
    }

    #[test]
    fn what_fits_no_place_or_several_is_left_to_the_model() {
        for (before, words) in [
            ("audio.set_volume(30)", "40"),
            ("audio.set_volume(30)", "make it louder"),
            ("audio.set_volume(30)", "make it 30"),
            (
                "audio.set_volume(30)\nscreen.set_brightness(30)",
                "make it 40",
            ),
            ("audio.mute()", "make it 40"),
            ("timers.start(10min, \"tea\")", "no, coffee"),
            ("timers.start(10min)", "also 20 minutes"),
            ("audio.set_volume(30)", "make it half"),
            ("files.trash(\"~/Downloads/a.txt\")", "no, documents"),
            ("calc.evaluate(\"3*4\")", "what about 5"),
        ] {
            assert_eq!(amended(before, words), None, "{words}");
        }
    }
}
