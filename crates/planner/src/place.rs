//! Where a request says that files are: “in my downloads”, 桌面上的.

use std::ops::Range;

use functions::folder_word;

use crate::{
    slot::{self, NameIndex},
    template,
    words::Words,
};

/// The most words of a folder's name.
const LONGEST: usize = 6;
/// Words before a folder in which something is, and behind one.
const BEFORE: &[&str] = &["in", "inside", "from", "on", "within", "under", "在", "从"];
const BEHIND: &[&str] = &["里", "中", "上", "内", "下", "的", "那"];
/// Words before a folder to which something goes, and behind one.
const TOWARDS: &[&str] = &["to", "into", "onto", "到", "进", "去", "至", "往"];
const TOWARDS_BEHIND: &[&str] = &["去"];
/// Verbs that make even “in” and “on” an aim: “put it on the desktop”.
const PUTTING: &[&str] = &[
    "put", "save", "store", "keep", "leave", "stick", "drop", "belongs", "放", "存", "搁", "建",
];
/// What may stand between a Chinese folder and a name.
const PARTICLES: &[char] = &[
    '的', '那', '个', '份', '上', '里', '中', '内', '面', '下', '边',
];

/// What of it must stand there.
const JOINING: &[char] = &['的', '那'];

/// Words before the name of a folder.
const DETERMINERS: &[&str] = &["the ", "my ", "我的"];
/// Words behind a name that is a folder's.
const FOLDER_NOUNS: &[&str] = &[" folder", " directory", "文件夹", "目录"];
/// What ends a phrase behind a name, in English; in Chinese it is [`WITHIN`].
const ENDS_OF_PHRASES: &[&str] = &[
    ",", ".", "?", "!", ";", "to", "into", "onto", "and", "then", "that", "which", "by", "as",
    "over", "under", "bigger", "larger", "smaller", "older", "newer", "sorted", "ordered", "with",
    "without",
];
const WITHIN: &[&str] = &["里", "中", "内"];

/// Returns the one folder that the words name as a place; [`None`] when they name none, or several.
pub(crate) fn folder(words: &Words, names: &NameIndex) -> Option<String> {
    let places = places(words, names);
    let mut folders: Vec<String> = places.into_iter().map(|(_, folder)| folder).collect();
    folders.dedup();
    match folders.len() {
        1 => folders.pop(),
        _ => None,
    }
}

/// Tells whether the words name a folder as a place.
pub(crate) fn is_said_as_place(words: &Words, names: &NameIndex, folder: &str) -> bool {
    let places = places(words, names);
    places.iter().any(|(_, place)| place == folder)
}

/// Tells whether no folder is named but as a place, or as where things go.
pub(crate) fn are_places_and_aims(words: &Words, names: &NameIndex) -> bool {
    let places = places(words, names);
    let is_place = |span: &Range<usize>| places.iter().any(|(place, _)| place == span);
    let mut named = named(words, names).into_iter();
    named.all(|(span, _)| is_place(&span) || is_aim(words, span.start, span.end))
}

/// Returns the words without the names of folders in which something is, or to which it goes.
pub(crate) fn without(words: &Words, names: &NameIndex) -> Words {
    let mut rest = String::new();
    let mut begin = 0;
    let places = places(words, names);
    let is_place = |span: &Range<usize>| places.iter().any(|(place, _)| place == span);
    let mut folders = named(words, names);
    folders.retain(|(span, _)| is_place(span) || is_aim(words, span.start, span.end));
    for (place, _) in folders {
        rest.push_str(words.slice(begin..place.start));
        rest.push(' ');
        begin = place.end;
    }
    rest.push_str(words.slice(begin..words.len()));
    Words::of(&rest)
}

/// Finds the folders that the words name as places.
fn places(words: &Words, names: &NameIndex) -> Vec<(Range<usize>, String)> {
    // “which did I save in Downloads” puts nothing there.
    let is_question = template::is_question(words);
    let puts = |place: &Range<usize>| {
        let mut others = (0..words.len()).filter(|at| !place.contains(at));
        !is_question && others.any(|at| PUTTING.contains(&words.key(at)))
    };
    let mut places = named(words, names);
    places.retain(|(span, _)| is_place(words, span.start, span.end, puts(span)));
    places
}

/// Finds the names of folders.
fn named(words: &Words, names: &NameIndex) -> Vec<(Range<usize>, String)> {
    let mut named = Vec::new();
    let mut begin = 0;
    while begin < words.len() {
        let mut ends = (begin + 1..=(begin + LONGEST).min(words.len())).rev();
        let found = ends.find_map(|end| Some((end, folder_at(words, begin..end, names)?)));
        begin = match found {
            Some((end, folder)) => {
                named.push((begin..end, folder));
                end
            }
            None => begin + 1,
        };
    }
    named
}

/// Finds the folder whose name some of the words are: a usual one, or another where the words beside it tell that a
/// folder is meant. It is written as it was said.
fn folder_at(words: &Words, span: Range<usize>, names: &NameIndex) -> Option<String> {
    let text = words.slice(span.clone());
    if let Some(usual) = folder_word(text) {
        return Some(usual.to_owned());
    }
    let bare = DETERMINERS
        .iter()
        .find_map(|word| without_beginning(text, word))
        .unwrap_or(text);
    let called = FOLDER_NOUNS.iter().find_map(|noun| without_end(bare, noun));
    let is_beside = is_beside(words, &span);
    let forms = [
        Some(text).filter(|_| is_beside),
        Some(bare).filter(|_| is_beside),
        called,
    ];
    let mut forms = forms.into_iter().flatten();
    forms.find(|name| names.is_folder(name)).map(str::to_owned)
}

/// Tells whether some of the words stand where the name of a place does: “in” before them and the end of a phrase
/// behind, 里 in Chinese. “In big PDFs” names no folder, and “from 2024” a year.
fn is_beside(words: &Words, span: &Range<usize>) -> bool {
    let is_number = slot::number(words.slice(span.clone())).is_some();
    let before = span.start.checked_sub(1).map(|at| words.key(at));
    let is_behind_preposition =
        before.is_some_and(|word| BEFORE.contains(&word) || TOWARDS.contains(&word));
    let behind = (span.end < words.len()).then(|| words.key(span.end));
    let is_within = behind.is_some_and(|word| WITHIN.contains(&word));
    let is_last = behind.is_none_or(|word| ENDS_OF_PHRASES.contains(&word));
    !is_number && (is_within || is_behind_preposition && is_last)
}

/// Takes some ASCII or Chinese letters from the beginning of a text, whatever their case.
fn without_beginning<'t>(text: &'t str, beginning: &str) -> Option<&'t str> {
    let head = text.get(..beginning.len())?;
    head.eq_ignore_ascii_case(beginning)
        .then(|| &text[beginning.len()..])
}

/// Takes some from its end.
fn without_end<'t>(text: &'t str, end: &str) -> Option<&'t str> {
    let at = text.len().checked_sub(end.len())?;
    let tail = text.get(at..)?;
    tail.eq_ignore_ascii_case(end).then(|| &text[..at])
}

fn is_place(words: &Words, begin: usize, end: usize, puts: bool) -> bool {
    let before = begin.checked_sub(1).map(|at| words.key(at));
    let behind = (end < words.len()).then(|| words.key(end));
    let is_one = |word: Option<&str>, of: &[&str]| word.is_some_and(|word| of.contains(&word));
    let is_aim = is_aim(words, begin, end);
    // The name of a folder may end in the word: 下载里.
    let is_within = BEHIND.contains(&words.key(end - 1)) || is_one(behind, BEHIND);
    let is_out_of = begin > 1 && words.has_at(begin - 2, &["out", "of"]);
    let is_from =
        is_one(before, &["from", "从"]) || is_out_of || (is_within && is_one(before, &["把"]));
    // 最新的文档里: a document.
    let is_described = is_one(before, &["的"]);
    !is_aim && !is_described && (is_from || (!puts && (is_one(before, BEFORE) || is_within)))
}

/// Tells whether things go to the folder there.
fn is_aim(words: &Words, begin: usize, end: usize) -> bool {
    let before = begin.checked_sub(1).map(|at| words.key(at));
    let behind = (end < words.len()).then(|| words.key(end));
    before.is_some_and(|word| TOWARDS.contains(&word))
        || behind.is_some_and(|word| TOWARDS_BEHIND.contains(&word))
}

/// Writes a usual folder at the beginning of a path as plans do: `Documents/cv.odt`, 桌面上的简历.docx.
pub(crate) fn with_folder(path: &str) -> Option<String> {
    if path.starts_with(['~', '/']) {
        return None;
    }
    if let Some((first, rest)) = path.split_once('/') {
        return Some(format!("{}/{rest}", folder_word(first)?));
    }
    // The longest beginning that names a folder once the particles behind it are gone.
    let ends: Vec<usize> = path.char_indices().map(|(at, _)| at).skip(1).collect();
    ends.into_iter().rev().find_map(|at| {
        let (head, name) = path.split_at(at);
        let mut bare = head;
        // 视频上传.mp4 is a name.
        let mut joins = false;
        loop {
            joins |= bare.ends_with(JOINING);
            bare = bare.strip_suffix(PARTICLES)?;
            if let Some(folder) = folder_word(bare).filter(|_| joins) {
                return Some(format!("{folder}/{name}"));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LiveNames;

    #[test]
    fn a_place_is_where_things_are_not_where_they_go() {
        for (words, expected) in [
            (
                "zip all the PDFs in Documents that changed",
                Some("~/Documents"),
            ),
            (
                "move a.pdf from my Downloads folder to Documents",
                Some("~/Downloads"),
            ),
            ("put a.pdf into Documents", None),
            (
                "which text file did I save last in Downloads",
                Some("~/Downloads"),
            ),
            ("take a.pdf out of Downloads", Some("~/Downloads")),
            ("把我的视频都列出来", None),
            ("最新的文档里有什么", None),
            ("put budget.ods on the desktop", None),
            ("把a.pdf放在桌面上", None),
            ("show me a list of my photos", None),
            ("把下载里最新的文件打开", Some("~/Downloads")),
            ("下载里那个租房合同.pdf，挪文档去", Some("~/Downloads")),
            ("把文档里的周报.docx复制到桌面", Some("~/Documents")),
            ("files in downloads or on the desktop", None),
            ("open Documents", None),
            ("mute", None),
        ] {
            let names = NameIndex::default();
            let found = folder(&Words::of(words), &names);
            assert_eq!(found.as_deref(), expected, "{words}");
        }
    }

    #[test]
    fn a_folder_with_a_name_is_a_place_where_the_words_say_so() {
        let names = NameIndex::new(&LiveNames {
            folders: [
                "big",
                "Tax 2025",
                "旧照片",
                "New Folder",
                "新建文件夹",
                "The Office",
                "2024",
                "work",
                "工作",
                "学习",
            ]
            .map(str::to_owned)
            .to_vec(),
            ..LiveNames::default()
        });
        for (words, expected) in [
            ("find files in big", Some("big")),
            ("what is in the Big folder", Some("Big")),
            ("what is in My Big Folder", Some("Big")),
            ("move all files in big to Documents", Some("big")),
            ("zip everything in tax 2025", Some("tax 2025")),
            ("what is in new folder", Some("new folder")),
            ("list what is in the office", Some("the office")),
            ("旧照片里有什么", Some("旧照片")),
            ("我的旧照片里有什么", Some("旧照片")),
            ("把big文件夹里的文件都列出来", Some("big")),
            ("新建文件夹里有什么", Some("新建文件夹")),
            ("find big files", None),
            ("files in small", None),
            ("move a.pdf to big", None),
            ("find photos from 2024", None),
            ("look for cat in big PDFs", None),
            ("find the report from work emails", None),
            ("找出我在学习时写的文件", None),
            ("从工作群里存的文件", None),
        ] {
            let found = folder(&Words::of(words), &names);
            assert_eq!(found.as_deref(), expected, "{words}");
        }
    }

    #[test]
    fn folders_in_front_of_names_are_written_as_plans_do() {
        for (path, expected) in [
            ("Documents/cv.odt", Some("~/Documents/cv.odt")),
            ("桌面上的旧简历.docx", Some("~/Desktop/旧简历.docx")),
            ("桌面上那份旧简历.docx", Some("~/Desktop/旧简历.docx")),
            ("桌面背景.png", None),
            ("视频上传.mp4", None),
            ("图片中心.png", None),
            ("~/Documents/cv.odt", None),
            ("src/main.rs", None),
            ("cv.odt", None),
        ] {
            assert_eq!(with_folder(path).as_deref(), expected, "{path}");
        }
    }
}
