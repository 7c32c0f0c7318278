//! Whether the arguments of a plan follow from the person's words.
//!
//! Small models copy values from examples (`min_size=100MB` where nobody spoke of a size) and
//! invent paths. A value that follows from nothing is left out when it is optional;
//! otherwise the line is refused and written anew.

use functions::{Function, folder_word};
use plan::{
    Argument, Call, Expression, Head, Literal, LiveNames, Moment, PathKind, Said, Signature,
    Signatures, Statement, Type, Value,
};

use crate::{
    place, said,
    slot::{self, NameIndex},
    template,
    words::{Words, is_ideograph},
};

/// A value that a call needs and that follows from nothing in the words.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the request does not say `{argument}={value}`; take values from the request only")]
pub(crate) struct Ungrounded {
    /// The argument.
    pub(crate) argument: String,
    /// The value as written.
    pub(crate) value: String,
    /// The argument's type.
    pub(crate) ty: Type,
}

/// The words of a request, prepared for being asked what follows from them.
#[derive(Debug)]
pub(crate) struct Ground<'a> {
    words: Words,
    text: String,
    numbers: Vec<f64>,
    /// The folder in which things are said to be.
    place: Option<&'static str>,
    names: &'a NameIndex,
}

impl<'a> Ground<'a> {
    /// Reads the words.
    pub(crate) fn new(utterance: &str, names: &'a NameIndex) -> Ground<'a> {
        let words = Words::of(utterance);
        Ground {
            numbers: numbers(&words),
            place: place::folder(&words).filter(|_| template::clauses(&words).len() == 1),
            text: words.slice(0..words.len()).to_lowercase(),
            words,
            names,
        }
    }

    /// Tells whether the words can give what a function requires. Words that name a span, such as “in 15
    /// minutes”, and no time give none: small models make 15:00 of it again and again.
    pub(crate) fn can_give(&self, signature: &Signature) -> bool {
        let requires_time = signature
            .arguments
            .iter()
            .any(|argument| argument.required && argument.ty == Type::Time);
        !requires_time || !self.says_span() || self.says_time()
    }

    /// Returns the live names that the words mention.
    pub(crate) fn mentioned(&self) -> LiveNames {
        self.names.mentioned_in(&self.text)
    }

    /// Returns the words in small letters.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Tells whether the words hold one of these, or a word that begins so.
    pub(crate) fn says_one_of(&self, beginnings: &[String]) -> bool {
        beginnings.iter().any(|beginning| {
            let is_word = beginning.bytes().all(|byte| byte.is_ascii_alphabetic());
            match is_word {
                true => self
                    .words
                    .keys()
                    .any(|key| key.starts_with(beginning.as_str())),
                false => self.text.contains(beginning.as_str()),
            }
        })
    }

    /// Returns the signature with those choices alone that the words can mean.
    pub(crate) fn with_choices(&self, function: &Function) -> Signature {
        let mut signature = function.signature.clone();
        for argument in &mut signature.arguments {
            let (Type::Choice(choices), Some(said), Some(Value::Text(usual))) = (
                &mut argument.ty,
                function.choices_said.get(&argument.name),
                &argument.default,
            ) else {
                continue;
            };
            choices.retain(|choice| {
                choice == usual || said.get(choice).is_none_or(|words| self.says_one_of(words))
            });
        }
        signature
    }

    /// Tells whether the words mention a live name that the function takes.
    pub(crate) fn mentions_a_name_for(&self, signature: &Signature) -> bool {
        signature
            .arguments
            .iter()
            .any(|argument| match &argument.ty {
                Type::Live(source) => self.names.mentions_any_of(source, &self.text),
                _ => false,
            })
    }

    /// Returns the values in the words, as a grammar needs them.
    pub(crate) fn said(&self, now: Moment) -> Said {
        said::said(&self.words, &self.text, &self.numbers, now)
    }

    /// Leaves out optional arguments of a call that follow from nothing.
    ///
    /// # Errors
    ///
    /// [`Ungrounded`] for a required one.
    pub(crate) fn settle(
        &self,
        statement: &mut Statement,
        signatures: &dyn Signatures,
    ) -> Result<(), Ungrounded> {
        self.settle_call(&mut statement.call, signatures)
    }

    fn settle_call(&self, call: &mut Call, signatures: &dyn Signatures) -> Result<(), Ungrounded> {
        let Head::Function(name) = &call.head else {
            return Ok(());
        };
        let Some(signature) = signatures.signature(name) else {
            return Ok(());
        };
        let mut kept = Vec::with_capacity(call.arguments.len());
        let last = call.arguments.len().saturating_sub(1);
        for (index, mut argument) in call.arguments.drain(..).enumerate() {
            let Some(spec) = signature.argument_at(index, &argument) else {
                kept.push(argument);
                continue;
            };
            self.tidy(&mut argument.value, &spec.ty);
            if signature
                .subject()
                .is_some_and(|subject| subject.name == spec.name)
            {
                self.put_in_place(&mut argument.value, &spec.ty);
            }
            // Without a positional argument in the middle the others would move up.
            let may_go = argument.name.is_some() || index == last;
            if self.follows(&argument.value, &spec.ty) {
                kept.push(argument);
            } else if spec.required || !may_go {
                return Err(Ungrounded {
                    argument: spec.name.clone(),
                    value: argument.value.to_string(),
                    ty: spec.ty.clone(),
                });
            } else {
                tracing::debug!(argument = %argument, "left out a value that nobody said");
            }
        }
        call.arguments = kept;
        self.add_place(call, signature);
        Ok(())
    }

    /// A name without a folder is in the one that was said.
    fn put_in_place(&self, value: &mut Expression, ty: &Type) {
        match (value, ty, self.place) {
            (Expression::Literal(Literal::Text(path)), Type::Path(_), Some(place))
                if !path.contains('/') && *path != "~" && folder_word(path).is_none() =>
            {
                *path = format!("{place}/{path}");
            }
            (Expression::List(items), Type::List(item), _) => {
                items
                    .iter_mut()
                    .for_each(|value| self.put_in_place(value, item));
            }
            _ => {}
        }
    }

    /// What searches a folder searches the one that was said.
    fn add_place(&self, call: &mut Call, signature: &Signature) {
        let Some(spec) = signature
            .argument("folder")
            .filter(|spec| !spec.required && spec.ty == Type::Path(PathKind::Folder))
        else {
            return;
        };
        let mut given = call.arguments.iter().enumerate();
        let is_given =
            given.any(|(index, argument)| signature.argument_at(index, argument) == Some(spec));
        if let (false, Some(place)) = (is_given, self.place) {
            call.arguments.push(Argument {
                name: Some(spec.name.clone()),
                value: Expression::Literal(Literal::Text(place.to_owned())),
                span: call.span,
            });
        }
    }

    /// Writes paths as they were said.
    fn tidy(&self, value: &mut Expression, ty: &Type) {
        match (value, ty) {
            (Expression::Literal(Literal::Text(path)), Type::Path(_)) => {
                let whole = place::with_folder(path).unwrap_or_else(|| path.clone());
                *path = self.as_said(&self.without_stray_blanks(&whole));
            }
            (Expression::List(items), Type::List(ty)) => {
                items.iter_mut().for_each(|item| self.tidy(item, ty));
            }
            _ => {}
        }
    }

    fn follows(&self, value: &Expression, ty: &Type) -> bool {
        match (value, ty) {
            (Expression::List(items), Type::List(item)) => {
                items.iter().all(|value| self.follows(value, item))
            }
            (Expression::Literal(literal), ty) => self.literal_follows(literal, ty),
            _ => true,
        }
    }

    fn literal_follows(&self, literal: &Literal, ty: &Type) -> bool {
        match (literal, ty) {
            // A number that stands for no number is a mistake of another kind, which the check names.
            (
                Literal::Number { .. },
                Type::Path(_) | Type::Text { .. } | Type::App | Type::Live(_) | Type::Time,
            ) => true,
            (Literal::Number { value, unit }, ty) => {
                self.number_follows(*value, unit.is_some(), ty)
            }
            (Literal::Text(text), Type::Path(_)) => self.path_follows(text),
            (Literal::Text(text), Type::App) => self.names.mentions_app(text, &self.text),
            (Literal::Text(text), Type::Live(source)) => {
                self.names.mentions_live(source, text, &self.text)
            }
            (Literal::Text(text), Type::Time) => self.time_follows(text),
            (Literal::Text(text), Type::Text { .. }) => self.text_follows(text),
            // Which of a few fixed words is meant is what the model is for.
            _ => true,
        }
    }

    fn number_follows(&self, value: f64, has_unit: bool, ty: &Type) -> bool {
        let said = |wanted: f64| {
            let same = |number: &f64| (number.abs() - wanted.abs()).abs() < 1e-6;
            self.numbers.iter().any(same)
        };
        // “a bit quieter” names no number, but a change needs one.
        let is_change = matches!(ty, Type::Int { min: Some(min), .. } if *min < 0);
        // “turn this one up” names none either.
        let names_none = self.numbers.iter().all(|number| *number == 1.0);
        let chosen = is_change && names_none && value.abs() <= MOST_CHANGE;
        // “the biggest file” says one, “half” and “full” say a share.
        let may_share = match ty {
            Type::Percent => true,
            // “a touch quieter” as a part of the present level.
            Type::Int { min: Some(0), .. } => self.numbers.is_empty(),
            _ => false,
        };
        let is_share = may_share && says_share(&self.words, &self.text);
        let is_one = value == 1.0 && !has_unit && matches!(ty, Type::Int { .. });
        let is_span = matches!(ty, Type::Duration | Type::Bytes);
        let scaled = is_span
            && [60.0, 3600.0, 86_400.0, 1e3, 1e6, 1e9]
                .iter()
                .any(|scale| said(value / scale) || said(value * scale));
        let composed = is_span && self.numbers.len() > 1;
        let spoken_span = matches!(ty, Type::Duration) && self.has_any(SPANS)
            || *ty == Type::Bytes && self.has_any(SIZES);
        said(value)
            || is_share
            || is_one
            || scaled
            || composed
            || spoken_span
            || chosen
            || value == 0.0
    }

    /// Models write `~/Desktop/ report.txt` now and then. A blank at the edge of a name goes, unless it was said.
    fn without_stray_blanks(&self, path: &str) -> String {
        let parts = path.split('/').map(|part| {
            // Only within a path or in quotes does a blank belong to a name.
            let is_said = ['/', '"'].iter().any(|end| {
                self.text
                    .contains(&format!("/{}{end}", part.to_lowercase()))
            });
            if is_said { part } else { part.trim() }
        });
        parts.collect::<Vec<_>>().join("/")
    }

    /// Models copy the capitals of an example: a name takes those of the words, but for the usual folders.
    fn as_said(&self, path: &str) -> String {
        let said = self.words.slice(0..self.words.len());
        // Only letters of which both cases are as long keep their places.
        let lower = said.to_ascii_lowercase();
        let parts = path.split('/').map(|part| {
            let at = lower
                .find(&part.to_ascii_lowercase())
                .filter(|_| !part.is_empty() && folder_word(part).is_none());
            at.map_or(part, |at| &said[at..at + part.len()])
        });
        parts.collect::<Vec<_>>().join("/")
    }

    /// The name must have been said as it is, and each folder above it too: a model likes to
    /// invent `~/Music/song.mp3` for “what song is this”.
    fn path_follows(&self, path: &str) -> bool {
        let bare = path.trim_end_matches('/');
        if names_nothing(bare.rsplit('/').next().unwrap_or(bare)) {
            return false;
        }
        let inner = bare.strip_prefix('~').unwrap_or(bare);
        let mut above = if bare.starts_with('~') { "~" } else { "" }.to_owned();
        inner
            .split('/')
            .filter(|part| !part.is_empty())
            .all(|part| {
                above = format!("{above}/{part}");
                self.text.contains(&part.to_lowercase()) || self.says_folder(&above)
            })
    }

    /// Tells whether some of the words name the folder, in either language.
    fn says_folder(&self, path: &str) -> bool {
        let wanted = folder_word(path.rsplit('/').next().unwrap_or(path));
        wanted.is_some()
            && (0..self.words.len()).any(|start| {
                (start + 1..=(start + 4).min(self.words.len()))
                    .any(|end| folder_word(self.words.slice(start..end)) == wanted)
            })
    }

    fn time_follows(&self, text: &str) -> bool {
        let has_digit = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
        let says_number = self.says_number_outside_spans();
        if let Some((day, _)) = date_of(text) {
            let said = |part: u32| self.numbers.iter().any(|number| *number == f64::from(part));
            return said(day) || self.text.contains(&text[..10]) || self.has_any(DATES);
        }
        (has_digit(text) && says_number) || self.has_any(TIMES)
    }

    fn says_time(&self) -> bool {
        self.has_any(DATES) || self.has_any(TIMES) || self.says_number_outside_spans()
    }

    fn says_span(&self) -> bool {
        self.spans().contains(&true)
    }

    /// Tells whether a number was said that is not the length of a span: “in 15 minutes” is not 15:00.
    fn says_number_outside_spans(&self) -> bool {
        let in_span = self.spans();
        (0..self.words.len()).filter(|at| !in_span[*at]).any(|at| {
            let word = self.words.key(at);
            word.bytes().any(|byte| byte.is_ascii_digit()) || slot::number(word).is_some()
        })
    }

    /// Tells of each word whether it belongs to the length of a span.
    fn spans(&self) -> Vec<bool> {
        let mut in_span = vec![false; self.words.len()];
        for start in 0..self.words.len() {
            for end in start + 1..=(start + 6).min(self.words.len()) {
                if slot::duration_seconds(self.words.slice(start..end)).is_some() {
                    in_span[start..end].fill(true);
                }
            }
        }
        in_span
    }

    /// At least half of the words of a text must have been said, or begin like one that was.
    ///
    /// Of an English text for Chinese words (“5 英里是多少公里” → `"5 miles in km"`) only the numbers are compared.
    fn text_follows(&self, text: &str) -> bool {
        let words = Words::of(&text.to_lowercase());
        let is_chinese = |text: &str| text.chars().any(is_ideograph);
        let translated = is_chinese(&self.text) && !is_chinese(text);
        let telling: Vec<&str> = words
            .keys()
            .filter(|key| key.chars().any(char::is_alphanumeric))
            .filter(|key| !translated || slot::number(key).is_some())
            .collect();
        let said = telling.iter().filter(|word| self.says(word)).count();
        telling.is_empty() || said * 2 >= telling.len()
    }

    fn says(&self, word: &str) -> bool {
        if let Some(number) = slot::number(word) {
            return self.text.contains(word)
                || self.numbers.iter().any(|said| (said - number).abs() < 1e-6);
        }
        if word.chars().all(is_ideograph) {
            return self.text.contains(word);
        }
        let beginning: String = word.chars().take(4).collect();
        self.words.keys().any(|key| key.starts_with(&beginning))
    }

    fn has_any(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.text.contains(phrase))
    }
}

/// The greatest change, in percents, that words without a number may mean.
const MOST_CHANGE: f64 = 30.0;

/// Tells whether a name only points: “that one”, 那个文件.
fn names_nothing(name: &str) -> bool {
    const POINTING: &[&str] = &[
        "that", "this", "it", "them", "those", "these", "那", "这", "它",
    ];
    const EMPTY: &[&str] = &[
        "one", "ones", "file", "text", "thing", "个", "份", "张", "们", "些", "文", "件", "东",
        "西",
    ];
    let words = Words::of(&name.to_lowercase());
    words.keys().any(|key| POINTING.contains(&key))
        && words
            .keys()
            .all(|key| POINTING.contains(&key) || EMPTY.contains(&key))
}

/// Words for days that the plan language has no word for.
const DATES: &[&str] = &["after tomorrow", "后天", "前天"];

/// Returns the day and the month of a text that begins with a date, such as `2026-03-01 10:00`.
fn date_of(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.get(..10)?.split('-');
    let year = parts.next()?;
    let month = parts.next()?.parse().ok()?;
    let day = parts.next()?.parse().ok()?;
    (year.len() == 4).then_some((day, month))
}

/// Tells whether the words say a share, or a change, without a number.
pub(crate) fn says_share(words: &Words, text: &str) -> bool {
    // “min” is no part of “remind”.
    let says = |share: &str| match share.is_ascii() && !share.contains(' ') {
        true => words
            .keys()
            .any(|key| key == share || (share.len() > 3 && key.starts_with(share))),
        false => text.contains(share),
    };
    SHARES.iter().any(|share| says(share))
}

/// Words that say a share, or a change, and beginnings of them.
const SHARES: &[&str] = &[
    "half",
    "halv",
    "full",
    "max",
    "quarter",
    "third",
    "min",
    "一半",
    "最大",
    "最小",
    "最高",
    "最低",
    "全",
    "成",
    "all the way",
    "highest",
    "lowest",
    "到底",
    "到头",
    "bit",
    "little",
    "loud",
    "quiet",
    "bright",
    "dark",
    "dim",
    "点",
    "double",
    "twice",
    "triple",
    "倍",
];
/// Words that speak of a span.
pub(crate) const SPANS: &[&str] = &[
    "hour", "minute", "second", "half", "day", "week", "month", "year", "小时", "分", "秒", "刻",
    "天", "周", "星期", "月", "年",
];
/// Sizes without a number: “over a gig”.
pub(crate) const SIZES: &[&str] = &["gig", "meg", "千兆", "个g"];
/// Words that speak of a moment.
pub(crate) const TIMES: &[&str] = &[
    "today",
    "tomorrow",
    "yesterday",
    "tonight",
    "morning",
    "noon",
    "evening",
    "night",
    "week",
    "month",
    "year",
    "day",
    "recent",
    "latest",
    "last",
    "今",
    "明",
    "昨",
    "周",
    "星期",
    "月",
    "年",
    "天",
    "点",
    "早",
    "晚",
    "午",
    "最近",
];

/// Returns every number that the words hold, in digits or in words.
fn numbers(words: &Words) -> Vec<f64> {
    let mut numbers = Vec::new();
    for start in 0..words.len() {
        for end in start + 1..=(start + 6).min(words.len()) {
            let text = words.slice(start..end);
            numbers.extend(slot::percent(text).or_else(|| slot::number(text)));
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tells whether a literal follows from some words.
    fn follows(words: &str, literal: &str, ty: &str) -> bool {
        let names = NameIndex::default();
        let ground = Ground::new(words, &names);
        let statement = plan::parse_statement(&format!("a.b({literal})"), 1)
            .expect("it parses")
            .expect("a statement");
        let ty = ty.parse().expect("a type");
        ground.follows(&statement.call.arguments[0].value, &ty)
    }

    #[test]
    fn a_blank_at_the_edge_of_a_name_goes_unless_it_was_said() {
        let names = NameIndex::default();
        let tidied =
            |words: &str, path: &str| Ground::new(words, &names).without_stray_blanks(path);
        let moved = "move report.txt from the desktop";
        assert_eq!(
            tidied(moved, "~/Desktop/ report.txt"),
            "~/Desktop/report.txt"
        );
        assert_eq!(tidied(moved, "~/my files/a.txt "), "~/my files/a.txt");
        let said = "open \"~/Desktop/ odd.txt\"";
        assert_eq!(tidied(said, "~/Desktop/ odd.txt"), "~/Desktop/ odd.txt");
    }

    #[test]
    fn names_take_the_capitals_of_the_words() {
        let names = NameIndex::default();
        let said = |words: &str, path: &str| Ground::new(words, &names).as_said(path);
        let words = "pack the folder invoices in documents as Old.zip";
        assert_eq!(said(words, "~/Documents/Invoices"), "~/Documents/invoices");
        assert_eq!(said(words, "old.zip"), "Old.zip");
        assert_eq!(said("新建 Ünïcode 文件夹", "~/ünïcode"), "~/ünïcode");
        assert_eq!(said("go", "~/a/b"), "~/a/b");
    }

    #[test]
    fn choices_are_those_that_the_words_can_mean() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins");
        let (registry, _) = functions::Registry::load(&[&root]);
        let names = NameIndex::default();
        let name = plan::FunctionName::new("files.find").expect("a name");
        let find = registry.function(&name).expect("a function");
        for (words, expected) in [
            ("my holiday photos", "any|image"),
            ("everything in downloads", "any"),
            ("下载里的压缩包", "any|archive"),
        ] {
            let signature = Ground::new(words, &names).with_choices(find);
            let kind = &signature.argument("kind").expect("an argument").ty;
            assert_eq!(
                *kind,
                format!("choice({expected})").parse().expect("a type"),
                "{words}"
            );
        }
    }

    #[test]
    fn a_costly_function_is_called_for_clear_words_alone() {
        let names = NameIndex::default();
        let beginnings = [
            "delet".to_owned(),
            "bin".to_owned(),
            "删".to_owned(),
            "get rid".to_owned(),
        ];
        for (words, expected) in [
            ("delete the old ones", true),
            ("which archives have not been touched", false),
            ("combine both files", false),
            ("put it in the bin", true),
            ("get rid of it", true),
            ("删掉旧的", true),
        ] {
            let said = Ground::new(words, &names).says_one_of(&beginnings);
            assert_eq!(said, expected, "{words}");
        }
    }

    #[test]
    fn files_are_in_the_folder_that_was_said() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins");
        let (registry, _) = functions::Registry::load(&[&root]);
        let names = NameIndex::default();
        for (words, line, expected) in [
            (
                "zip the PDFs in Documents",
                "files.find(kind=\"pdf\")",
                "files.find(kind=\"pdf\", folder=\"~/Documents\")",
            ),
            (
                "move a.pdf from downloads to the desktop",
                "files.move(\"a.pdf\", \"~/Desktop\")",
                "files.move(\"~/Downloads/a.pdf\", \"~/Desktop\")",
            ),
            (
                "桌面上的旧简历.docx扔掉",
                "files.trash(\"桌面上的旧简历.docx\")",
                "files.trash(\"~/Desktop/旧简历.docx\")",
            ),
            (
                "find the PDFs",
                "files.find(kind=\"pdf\")",
                "files.find(kind=\"pdf\")",
            ),
            (
                "trash a.pdf",
                "files.trash(\"a.pdf\")",
                "files.trash(\"a.pdf\")",
            ),
        ] {
            let mut statement = plan::parse_statement(line, 1)
                .expect("it parses")
                .expect("a line");
            Ground::new(words, &names)
                .settle(&mut statement, &registry)
                .expect("it follows");
            assert_eq!(statement.call.to_string(), expected, "{words}");
        }
    }

    #[test]
    fn a_span_gives_no_time() {
        let names = NameIndex::default();
        let remind: Signature = serde_json::from_str(
            r#"{"name": "timers.remind", "summary": "", "effect": "reversible",
                "arguments": [{"name": "time", "type": "time", "required": true}]}"#,
        )
        .expect("a signature");
        for (words, expected) in [
            ("remind me in 15 minutes to call Anna", false),
            ("二十分钟后提醒我关火", false),
            ("remind me at 6 to stretch for 10 minutes", true),
            ("remind me tomorrow to run for an hour", true),
            ("remind me", true),
        ] {
            let ground = Ground::new(words, &names);
            assert_eq!(ground.can_give(&remind), expected, "{words}");
        }
    }

    #[test]
    fn values_follow_from_words() {
        for (words, literal, ty, expected) in [
            ("set it to thirty", "30", "percent", true),
            ("音量三十", "30", "percent", true),
            ("half volume", "50", "percent", true),
            ("make it loud enough", "70", "percent", true),
            ("find files", "100MB", "bytes", false),
            ("find files over 100 MB", "100MB", "bytes", true),
            ("超过一百兆的文件", "100MB", "bytes", true),
            ("the biggest file", "1", "int(1..100)", true),
            ("big files", "20", "int(1..100)", false),
            ("a bit quieter", "-10", "int(-100..100)", true),
            ("quieter by 5", "-5", "int(-100..100)", true),
            ("quieter by 5", "-10", "int(-100..100)", false),
            ("an hour and a half", "90min", "duration", true),
            ("older than a year", "365d", "duration", true),
            ("两周前的文件", "14d", "duration", true),
            ("bigger than a gig", "1GB", "bytes", true),
            ("in my downloads", "\"~/Downloads\"", "folder", true),
            ("下载里的文件", "\"~/Downloads\"", "folder", true),
            ("find my thesis", "\"~/Documents\"", "folder", false),
            ("open ~/work/plan.txt", "\"~/work/plan.txt\"", "file", true),
            ("open the plan", "\"/etc/passwd\"", "file", false),
            ("get rid of that one", "\"that one\"", "path", false),
            ("总结一下那个文件", "\"那个文件\"", "file", false),
            ("what song is this", "\"~/Music/song.mp3\"", "file", false),
            (
                "open song.mp3 in my music",
                "\"~/Music/song.mp3\"",
                "file",
                true,
            ),
            ("在文档里新建税务", "\"~/Documents/税务\"", "path", true),
            ("tomorrow at 9", "\"tomorrow 09:00\"", "time", true),
            ("下午五点半提醒我", "\"2023-04-01 17:30\"", "time", false),
            ("on the 1st of april", "\"2027-04-01\"", "time", true),
            ("a touch quieter", "50", "int(0..1000)", true),
            ("louder", "100", "int(-100..100)", false),
            ("remind me in 15 minutes", "\"15:00\"", "time", false),
            ("remind me at six", "\"18:00\"", "time", true),
            ("remind me at 17:30", "\"17:30\"", "time", true),
            ("find my thesis", "\"last week\"", "time", false),
            (
                "say hello to everybody",
                "\"Hello everybody\"",
                "text(200)",
                true,
            ),
            ("say hello", "\"Good morning, team\"", "text(200)", false),
            ("5 英里是多少公里", "\"5 miles in km\"", "text(200)", true),
            ("leave for the train", "\"离开火车\"", "text(200)", false),
            ("6 英里是多少公里", "\"5 miles in km\"", "text(200)", false),
            ("what is 12 times 7", "\"12*7\"", "text(200)", true),
            (
                "shut it down",
                "\"power_off\"",
                "choice(power_off|restart)",
                true,
            ),
        ] {
            assert_eq!(follows(words, literal, ty), expected, "{words}: {literal}");
        }
    }
}
