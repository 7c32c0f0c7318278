//! Paths as they were said, and the folder in which things are said to be.

use functions::folder_word;
use plan::{Argument, Call, Expression, Literal, PathKind, Signature, Type};

use super::{Ground, figures::bare_number, follows::numbers, give};
use crate::{place, slot, words::Words};

/// Endings that people say, and what else they call such files.
const SAID_ENDINGS: &[(&str, &[&str])] = &[
    ("txt", &["text file", "textfile", "文本文件"]),
    ("md", &["markdown"]),
    ("csv", &[]),
    ("docx", &[]),
    ("xlsx", &[]),
    ("pptx", &[]),
    ("odt", &[]),
    ("ods", &[]),
    ("epub", &[]),
];

/// Kinds of files, and the words that mean nothing else.
const SAID_KINDS: &[(&str, &[&str])] = &[
    (
        "image",
        &[
            "photos", "pictures", "pics", "images", "照片", "图片", "相片", "张图",
        ],
    ),
    (
        "video",
        &["videos", "vids", "movies", "clips", "视频", "录像"],
    ),
    (
        "audio",
        &[
            "songs",
            "tracks",
            "recordings",
            "mp3s",
            "歌曲",
            "首歌",
            "些歌",
            "录音",
            "音频",
        ],
    ),
    ("pdf", &["pdf", "pdfs"]),
    ("archive", &["archives", "zips", "压缩包"]),
];

/// Words that leave something out, or say what something becomes.
const EXCEPT: &[&str] = &[
    "except", "but ", " not ", "n't", "without", " as ", " to ", " into ", "除", "不", "别", "成",
    "为",
];

/// Words that leave a kind out, or name something else beside it.
const EXCEPT_KIND: &[&str] = &[
    "except",
    "but ",
    " not ",
    "n't",
    "without",
    " or ",
    "files",
    "folder",
    "keep",
    "leave",
    "other than",
    "apart from",
    "besides",
    "excluding",
    "rest",
    " no ",
    " as ",
    " into ",
    "除",
    "不",
    "别",
    "文件",
    "东西",
    "其他",
    "其它",
    "留",
    "以外",
    "成",
    "为",
];

/// The one ending that is a kind by itself, and all of it.
const ENDING_OF_ONE_KIND: &str = "pdf";

/// How many characters before a name may say its folder.
const LONGEST_BEFORE: usize = 10;

/// Words for the files that `files.largest` lists.
const LARGEST: &[&str] = &["largest", "biggest", "heaviest"];

/// Words for going over to a device.
const SWITCHING: &[&str] = &[
    "switch", "use", "using", "put", "play", "through", "over", "onto", "back", "change", "send",
];
/// Words within the names of devices that name none of them.
const OF_ALL_DEVICES: &[&str] = &["audio", "sound"];
const CHINESE_SWITCHING: &[&str] = &["换", "切", "用", "改到", "放到"];

/// The arguments for a period.
const BEGIN: &str = "modified_after";
const END: &str = "modified_before";
/// Periods that are over, what comes behind each, and how people say it.
const PERIODS: &[(&str, &str, &[&str])] = &[
    ("yesterday", "today", &["yesterday", "昨天", "昨日"]),
    (
        "last week",
        "this week",
        &["last week", "上周", "上星期", "上个星期", "上礼拜"],
    ),
    (
        "last month",
        "this month",
        &["last month", "上个月", "上月"],
    ),
    ("last year", "this year", &["last year", "去年"]),
];
/// Words for what goes on to this day.
const OPEN_ENDED: &[&str] = &[
    "since",
    "after",
    " on ",
    "onward",
    "until now",
    "the last",
    "past",
    "today",
    "later",
    "newer",
    "以来",
    "以后",
    "之后",
    "开始",
    "起",
    "到现在",
    "至今",
    "今天",
];

impl Ground<'_> {
    /// Tells whether a file is named only as what is left out: “all but a.txt”, 除了a.txt.
    pub(super) fn is_left_out(&self, value: &Expression) -> bool {
        const LEAVING_OUT: &[&str] = &[
            "except",
            "except for",
            "but",
            "but not",
            "other than",
            "apart from",
            "besides",
            "excluding",
            "without",
            "not",
            "除了",
            "除",
            "别动",
            "别删",
            "不要动",
            "不要删",
            "留下",
            "保留",
            "keep",
        ];
        let Expression::Literal(Literal::Text(text)) = value else {
            return false;
        };
        let name = text.rsplit('/').next().unwrap_or(text).to_lowercase();
        if !name.contains('.') {
            return false;
        }
        let leaves_out = |at: usize| {
            let before = self.text[..at].trim_end_matches([' ', '"', '“', '「']);
            let before = before.strip_suffix(" the").unwrap_or(before);
            LEAVING_OUT.iter().any(|phrase| {
                before.strip_suffix(phrase).is_some_and(|rest| {
                    !phrase.is_ascii() || !rest.ends_with(|c: char| c.is_ascii_alphanumeric())
                })
            })
        };
        let mut places = self.text.match_indices(&name).peekable();
        places.peek().is_some() && places.all(|(at, _)| leaves_out(at))
    }

    /// A name without a folder is in the one that was said beside it.
    pub(super) fn put_in_place(&self, value: &mut Expression, ty: &Type) {
        match (value, ty) {
            (Expression::Literal(Literal::Text(path)), Type::Path(_))
                if !path.contains('/')
                    && *path != "~"
                    && folder_word(path).is_none()
                    && !self.is_the_place(path) =>
            {
                let place = self.folder_before(path);
                if let Some(place) = place.or_else(|| self.place_beside(path).map(str::to_owned)) {
                    *path = format!("{place}/{path}");
                }
            }
            (Expression::List(items), Type::List(item)) => {
                items
                    .iter_mut()
                    .for_each(|value| self.put_in_place(value, item));
            }
            _ => {}
        }
    }

    /// Tells whether a name is that of the folder in which things are said to be.
    fn is_the_place(&self, name: &str) -> bool {
        let place = self.place.as_deref();
        place.is_some_and(|place| place.to_lowercase() == name.to_lowercase())
    }

    /// Tells whether a usual folder is named, and nowhere as the one in which things are.
    fn is_only_an_aim(&self, folder: &str) -> bool {
        let usual = folder.strip_prefix("~/").and_then(folder_word);
        usual.is_some_and(|usual| !place::is_said_as_place(&self.words, self.names, usual))
    }

    /// The folder right before the name, wherever it is said: 桌面的租赁协议.pdf.
    fn folder_before(&self, name: &str) -> Option<String> {
        let name = name.to_lowercase();
        let mut folders = self.text.match_indices(&name).map(|(at, name)| {
            let begins = self.text[..at].char_indices().rev().take(LONGEST_BEFORE);
            let mut paths = begins
                .filter_map(|(begin, _)| place::with_folder(&self.text[begin..at + name.len()]));
            paths.find_map(|path| {
                path.strip_suffix(name)?
                    .strip_suffix('/')
                    .map(str::to_owned)
            })
        });
        let first = folders.next()??;
        folders
            .all(|other| other.as_ref() == Some(&first))
            .then_some(first)
    }

    /// The folder that is said in every part of the words in which the name stands.
    fn place_beside(&self, name: &str) -> Option<&str> {
        let name = name.to_lowercase();
        let holds = |part: &str| {
            let mut places = part.match_indices(&name);
            places.any(|(at, found)| is_whole(part, at, found.len()))
        };
        let mut parts = self.parts.iter().filter(|(part, _)| holds(part));
        let (_, place) = parts.next()?;
        let is_same = parts.all(|(_, other)| other == place);
        place.as_deref().filter(|_| is_same)
    }

    /// What searches a folder searches the one that was said.
    pub(super) fn add_place(&self, call: &mut Call, signature: &Signature) {
        let Some(spec) = signature
            .argument("folder")
            .filter(|spec| !spec.required && spec.ty == Type::Path(PathKind::Folder))
        else {
            return;
        };
        // A folder to which things go is none in which they are: “move everything in big to Documents”.
        if let Some(place) = &self.place {
            call.arguments.retain(|argument| match &argument.value {
                Expression::Literal(Literal::Text(text))
                    if argument.name.as_ref() == Some(&spec.name) =>
                {
                    text.starts_with(place.as_str()) || !self.is_only_an_aim(text)
                }
                // Neither is the name of the place one of what is in it.
                Expression::Literal(Literal::Text(text)) => {
                    argument.name.as_deref() != Some("name") || !self.is_the_place(text)
                }
                _ => true,
            });
        }
        // In several parts the first wish is the one with the place, and a name that is said elsewhere is looked for
        // elsewhere.
        let is_elsewhere = self
            .parts
            .first()
            .is_some_and(|(_, place)| *place != self.place)
            || call.arguments.iter().any(|argument| match &argument.value {
                Expression::Literal(Literal::Text(text)) => {
                    let text = text.to_lowercase();
                    let mut parts = self.parts.iter().filter(|(part, _)| part.contains(&text));
                    parts.next().is_some_and(|(_, place)| *place != self.place)
                }
                _ => false,
            });
        let is_given = signature.given(call, &spec.name).is_some();
        if let (false, false, Some(place)) = (is_given, is_elsewhere, &self.place) {
            give(call, &spec.name, Literal::Text(place.clone()));
        }
    }

    /// A level is that of the device beside it: “headphones at 30, speakers at 60”. Where one is switched to it is the
    /// current one's.
    pub(super) fn add_name(&self, call: &mut Call, signature: &Signature) {
        let mut free = signature
            .arguments
            .iter()
            .filter(|spec| !spec.required && signature.given(call, &spec.name).is_none());
        let Some((argument, source)) = free.find_map(|spec| match &spec.ty {
            Type::Live(source) => Some((&spec.name, source)),
            _ => None,
        }) else {
            return;
        };
        let levels = call
            .arguments
            .iter()
            .filter_map(|argument| bare_number(&argument.value));
        let mut devices = levels.filter_map(|level| self.device_beside(level, source));
        if let Some(device) = devices.next() {
            give(call, argument, Literal::Text(device));
        }
    }

    /// The device in the one part of the words that says a level, unless the words only switch to it.
    fn device_beside(&self, level: f64, source: &str) -> Option<String> {
        let named = |text: &str| self.names.mentioned_in(text).of(source).to_vec();
        let mut parts = self
            .parts
            .iter()
            .filter(|(part, _)| numbers(&Words::of(part)).contains(&level));
        let (part, _) = parts.next().filter(|_| parts.next().is_none())?;
        // “The audio” is no name of Built-in Audio.
        let telling = part
            .split_whitespace()
            .filter(|word| !OF_ALL_DEVICES.contains(word));
        let telling = telling.collect::<Vec<_>>().join(" ");
        let [device] = <[String; 1]>::try_from(named(&telling)).ok()?;
        let switches = Words::of(part).keys().any(|key| SWITCHING.contains(&key))
            || CHINESE_SWITCHING.iter().any(|word| part.contains(word));
        (!switches || named(&self.text).len() > 1).then_some(device)
    }

    /// What lists the most of something lists as many as were said beside it: “… and the five largest in Downloads”.
    pub(super) fn add_count(&self, call: &mut Call, signature: &Signature) {
        if signature.name.as_str() != "files.largest" || signature.given(call, "limit").is_some() {
            return;
        }
        let folder = match signature
            .given(call, "folder")
            .map(|(_, given)| &given.value)
        {
            Some(Expression::Literal(Literal::Text(folder))) => Some(folder),
            Some(_) => return,
            None => None,
        };
        let here = self
            .parts
            .iter()
            .filter(|(_, place)| place.as_ref() == folder);
        let mut counts = here.filter_map(|(part, _)| {
            let words = Words::of(part);
            let at = words.keys().position(|key| LARGEST.contains(&key))?;
            let count = slot::number(words.key(at.checked_sub(1)?))?;
            (count >= 1.0 && count.fract() == 0.0).then_some(count)
        });
        if let (Some(value), None) = (counts.next(), counts.next()) {
            give(call, "limit", Literal::Number { value, unit: None });
        }
    }

    /// What searches files of which an ending was said searches those: “the newest text file”.
    pub(super) fn add_ending(&self, call: &mut Call, signature: &Signature) {
        if finds_anything(call, signature)
            && let Some(ending) = self.ending()
        {
            give(call, "name", Literal::Text(format!("*.{ending}")));
        }
    }

    /// What searches names that end as those of one kind do searches that kind: `*.pdf`.
    pub(super) fn with_kind(call: &mut Call, signature: &Signature) {
        if signature.name.as_str() != "files.find" || signature.given(call, "kind").is_some() {
            return;
        }
        let ending = Expression::Literal(Literal::Text(format!("*.{ENDING_OF_ONE_KIND}")));
        let name = signature.given(call, "name");
        if let Some((at, _)) = name.filter(|(_, name)| name.value == ending) {
            let argument = &mut call.arguments[at];
            argument.name = Some("kind".to_owned());
            argument.value = Expression::Literal(Literal::Text(ENDING_OF_ONE_KIND.to_owned()));
        }
    }

    /// What searches files of which a kind was said searches those: “the three newest photos”.
    pub(super) fn add_kind(&self, call: &mut Call, signature: &Signature) {
        if finds_anything(call, signature)
            && let Some(kind) = self.kind()
        {
            call.arguments
                .retain(|argument| argument.name.as_deref() != Some("kind"));
            give(call, "kind", Literal::Text(kind.to_owned()));
        }
    }

    /// The one kind of files that the words speak of.
    fn kind(&self) -> Option<&'static str> {
        if EXCEPT_KIND
            .iter()
            .any(|phrase| self.elsewhere_text.contains(phrase))
        {
            return None;
        }
        // Of several wishes the first is the one that searches.
        let first = self.parts.first().map_or("", |(part, _)| part.as_str());
        let is_said = |phrase: &&str| {
            let is_word = match phrase.is_ascii() {
                true => self.elsewhere.keys().any(|key| key == *phrase),
                false => self.elsewhere_text.contains(phrase),
            };
            is_word && first.contains(phrase)
        };
        let mut said = SAID_KINDS
            .iter()
            .filter(|(_, phrases)| phrases.iter().any(&is_said));
        match (said.next(), said.next()) {
            (Some((kind, _)), None) => Some(kind),
            _ => None,
        }
    }

    /// The one ending of files that the words speak of; [`None`] if they name a file with it.
    fn ending(&self) -> Option<&'static str> {
        if self.parts.len() > 1 || EXCEPT.iter().any(|phrase| self.text.contains(phrase)) {
            return None;
        }
        let is_said = |ending: &str| {
            (0..self.words.len()).any(|at| {
                // That of `plan.txt` is part of a name.
                let is_glued =
                    at > 1 && self.words.key(at - 1) == "." && self.words.is_glued(at - 1);
                let is_plural = self.words.key(at).strip_suffix('s') == Some(ending);
                (self.words.key(at) == ending || is_plural) && !is_glued
            })
        };
        let mut said = SAID_ENDINGS.iter().filter(|(ending, phrases)| {
            is_said(ending) || phrases.iter().any(|phrase| self.text.contains(phrase))
        });
        match (said.next(), said.next()) {
            (Some((ending, _)), None) => Some(ending),
            _ => None,
        }
    }

    /// What was changed yesterday was not changed today: a period that was said has an end, too.
    pub(super) fn add_end(&self, call: &mut Call, signature: &Signature) {
        let given = |name: &str| {
            let (at, argument) = signature.given(call, name)?;
            match &argument.value {
                Expression::Literal(Literal::Text(text)) => Some((at, text.clone())),
                _ => None,
            }
        };
        let (Some((_, begin)), Some(_)) = (given(BEGIN), signature.argument(END)) else {
            return;
        };
        // A period does not end where it begins.
        match given(END) {
            Some((at, end)) if end == begin => {
                call.arguments.remove(at);
            }
            Some(_) => return,
            None => {}
        }
        let period = PERIODS.iter().find(|(period, _, said)| {
            *period == begin && said.iter().any(|said| self.text.contains(said))
        });
        // “In the last week” goes on to this day, as does “yesterday and today”.
        let is_open = OPEN_ENDED.iter().any(|phrase| self.text.contains(phrase));
        if let (Some((_, end, _)), false) = (period, is_open) {
            give(call, END, Literal::Text((*end).to_owned()));
        }
    }

    /// Writes paths as they were said.
    pub(super) fn tidy(&self, value: &mut Expression, ty: &Type) {
        match (value, ty) {
            (Expression::Literal(Literal::Text(path)), Type::Path(_)) => {
                let whole = place::with_folder(path).unwrap_or_else(|| path.clone());
                let whole = self.without_invented_folder(whole);
                *path = self.as_said(&self.without_stray_blanks(&whole));
            }
            (Expression::List(items), Type::List(ty)) => {
                items.iter_mut().for_each(|item| self.tidy(item, ty));
            }
            _ => {}
        }
    }

    /// Models put a bare name into a usual folder: one that nobody said goes, and the file is looked for.
    fn without_invented_folder(&self, path: String) -> String {
        let Some((folder, name)) = path.rsplit_once('/') else {
            return path;
        };
        let is_usual = folder
            .strip_prefix("~/")
            .is_some_and(|folder| !folder.contains('/') && folder_word(folder).is_some());
        let lower = name.to_lowercase();
        let mut places = self.text.match_indices(&lower);
        let is_said = places.any(|(at, found)| is_whole(&self.text, at, found.len()));
        match is_usual && is_said && !self.says_folder(folder) {
            true => name.to_owned(),
            false => path,
        }
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
            if part.is_empty() || folder_word(part).is_some() {
                return part;
            }
            let wanted = part.to_ascii_lowercase();
            let places = lower.match_indices(&wanted);
            let mut whole = places.filter(|(at, found)| is_whole(&lower, *at, found.len()));
            whole
                .next()
                .map_or(part, |(at, found)| &said[at..at + found.len()])
        });
        parts.collect::<Vec<_>>().join("/")
    }
}

/// Tells whether a call searches files of every name and kind.
fn finds_anything(call: &Call, signature: &Signature) -> bool {
    let limits = |(index, argument): (usize, &Argument)| {
        let spec = signature.argument_at(index, argument);
        let of_kind = argument.value != Expression::Literal(Literal::Text("any".to_owned()));
        spec.is_some_and(|spec| spec.name == "name" || (spec.name == "kind" && of_kind))
    };
    signature.name.as_str() == "files.find" && !call.arguments.iter().enumerate().any(limits)
}

/// Tells whether what stands at `at` is neither the beginning nor the end of a longer word.
fn is_whole(text: &str, at: usize, length: usize) -> bool {
    let before = text[..at].chars().next_back();
    let behind = text[at + length..].chars().next();
    !before
        .into_iter()
        .chain(behind)
        .any(|c| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slot::NameIndex;

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
        let older = "put what is older than a year into a folder Old";
        assert_eq!(said(older, "~/Downloads/Old"), "~/Downloads/Old");
    }

    #[test]
    fn what_is_left_out_is_not_what_is_meant() {
        let names = NameIndex::default();
        for (words, expected) in [
            ("trash everything in Downloads except holiday.mp4", true),
            ("trash all but the holiday.mp4", true),
            ("除了holiday.mp4，下载里的都删掉", true),
            ("trash holiday.mp4", false),
            ("trash holiday.mp4, but not the others", false),
        ] {
            let value = Expression::Literal(Literal::Text("holiday.mp4".to_owned()));
            let found = Ground::new(words, &names).is_left_out(&value);
            assert_eq!(found, expected, "{words}");
        }
    }

    #[test]
    fn files_are_in_the_folder_that_was_said() {
        let registry = crate::every_function();
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
                "move everything in Downloads to Documents",
                "files.find(folder=\"~/Documents\")",
                "files.find(folder=\"~/Downloads\")",
            ),
            (
                "把下载里的所有东西移到文档",
                "files.find(folder=\"~/Documents\")",
                "files.find(folder=\"~/Downloads\")",
            ),
            (
                "move the PDFs in Documents to Documents",
                "files.find(folder=\"~/Documents\")",
                "files.find(folder=\"~/Documents\", kind=\"pdf\")",
            ),
            (
                "find the PDFs",
                "files.find(kind=\"pdf\")",
                "files.find(kind=\"pdf\")",
            ),
            (
                "the newest text file in Documents",
                "files.find(kind=\"any\", limit=1)",
                "files.find(kind=\"any\", limit=1, folder=\"~/Documents\", name=\"*.txt\")",
            ),
            (
                "最新的txt",
                "files.find(limit=1)",
                "files.find(limit=1, name=\"*.txt\")",
            ),
            (
                "看看文档里的须知.txt，押金要交几个月？",
                "text.answer(\"须知.txt\", \"押金要交几个月？\")",
                "text.answer(\"~/Documents/须知.txt\", \"押金要交几个月？\")",
            ),
            (
                "copy the PDFs to Documents and zip the pictures on the Desktop",
                "files.find(kind=\"pdf\")",
                "files.find(kind=\"pdf\")",
            ),
            (
                "下载里最新的三张图，复制到桌面上",
                "files.find(limit=3)",
                "files.find(limit=3, folder=\"~/Downloads\", kind=\"image\")",
            ),
            (
                "any vids bigger than 2 gigs on here",
                "files.find(min_size=2GB)",
                "files.find(min_size=2GB, kind=\"video\")",
            ),
            (
                "clear out Downloads, keep the photos",
                "files.find(limit=1)",
                "files.find(limit=1)",
            ),
            (
                "trash the oldest thing in Downloads and skip three tracks",
                "files.find(limit=1)",
                "files.find(limit=1, folder=\"~/Downloads\")",
            ),
            (
                "the files that are not photos",
                "files.find()",
                "files.find()",
            ),
            (
                "songs and videos of last year",
                "files.find(name=\"a\")",
                "files.find(name=\"a\")",
            ),
            (
                "find the PDFs in Documents and mute",
                "files.find(kind=\"pdf\")",
                "files.find(kind=\"pdf\", folder=\"~/Documents\")",
            ),
            (
                "open notes.txt",
                "files.open(\"~/Documents/notes.txt\")",
                "files.open(\"notes.txt\")",
            ),
            (
                "move notes.txt to the desktop",
                "files.move(\"~/Documents/notes.txt\", \"~/Desktop\")",
                "files.move(\"notes.txt\", \"~/Desktop\")",
            ),
            (
                "where is plan.txt",
                "files.find(limit=1)",
                "files.find(limit=1)",
            ),
            (
                "what changed yesterday",
                "files.find(modified_after=\"yesterday\")",
                "files.find(modified_after=\"yesterday\", modified_before=\"today\")",
            ),
            (
                "files dated yesterday",
                "files.find(modified_after=\"yesterday\", modified_before=\"yesterday\")",
                "files.find(modified_after=\"yesterday\", modified_before=\"today\")",
            ),
            (
                "files changed in the last week",
                "files.find(modified_after=\"last week\")",
                "files.find(modified_after=\"last week\")",
            ),
            (
                "trash everything in Downloads except the csv files",
                "files.find(folder=\"~/Downloads\")",
                "files.find(folder=\"~/Downloads\")",
            ),
            (
                "open a.txt in Documents and trash a.txt in Downloads",
                "files.trash(\"a.txt\")",
                "files.trash(\"a.txt\")",
            ),
            (
                "trash plan.txt and open floorplan.txt in Documents",
                "files.trash(\"plan.txt\")",
                "files.trash(\"plan.txt\")",
            ),
            (
                "find my thesis, and zip the pictures in Downloads",
                "files.find(name=\"thesis\")",
                "files.find(name=\"thesis\")",
            ),
            (
                "what changed since yesterday",
                "files.find(modified_after=\"yesterday\")",
                "files.find(modified_after=\"yesterday\")",
            ),
            (
                "recent files",
                "files.find(modified_after=\"last week\")",
                "files.find(modified_after=\"last week\")",
            ),
            (
                "trash a.pdf",
                "files.trash(\"a.pdf\")",
                "files.trash(\"a.pdf\")",
            ),
            (
                "文档里新建文件夹合同，桌面的租赁协议.pdf放进去",
                "files.move(\"租赁协议.pdf\", \"~/Documents/合同\")",
                "files.move(\"~/Desktop/租赁协议.pdf\", \"~/Documents/合同\")",
            ),
            (
                "桌面的a.pdf和下载的a.pdf都要",
                "files.trash(\"a.pdf\")",
                "files.trash(\"a.pdf\")",
            ),
            (
                "zip the PDFs",
                "files.find(name=\"*.pdf\")",
                "files.find(kind=\"pdf\")",
            ),
            (
                "find *.pdf among the documents",
                "files.find(name=\"*.pdf\", kind=\"document\")",
                "files.find(name=\"*.pdf\", kind=\"document\")",
            ),
        ] {
            let mut statement = crate::line_of(line);
            Ground::new(words, &names)
                .settle(&mut statement, true, &registry)
                .expect("it follows");
            assert_eq!(statement.call.to_string(), expected, "{words}");
        }
    }
}
