//! Where a request says that files are: “in my downloads”, 桌面上的.

use std::ops::Range;

use functions::folder_word;

use crate::{template, words::Words};

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

/// Returns the one usual folder that the words name as a place; [`None`] when they name none, or several.
pub(crate) fn folder(words: &Words) -> Option<&'static str> {
    let mut folders: Vec<&str> = places(words)
        .into_iter()
        .map(|(_, folder)| folder)
        .collect();
    folders.dedup();
    match folders[..] {
        [folder] => Some(folder),
        _ => None,
    }
}

/// Tells whether no usual folder is named but as a place, or as where things go.
pub(crate) fn are_places_and_aims(words: &Words) -> bool {
    let places = places(words);
    let is_place = |span: &Range<usize>| places.iter().any(|(place, _)| place == span);
    let mut named = named(words).into_iter();
    named.all(|(span, _)| is_place(&span) || is_aim(words, span.start, span.end))
}

/// Returns the words without the names of folders in which something is.
pub(crate) fn without(words: &Words) -> Words {
    let mut rest = String::new();
    let mut begin = 0;
    for (place, _) in places(words) {
        rest.push_str(words.slice(begin..place.start));
        rest.push(' ');
        begin = place.end;
    }
    rest.push_str(words.slice(begin..words.len()));
    Words::of(&rest)
}

/// Finds the usual folders that the words name as places.
fn places(words: &Words) -> Vec<(Range<usize>, &'static str)> {
    // “which did I save in Downloads” puts nothing there.
    let puts = words.keys().any(|key| PUTTING.contains(&key)) && !template::is_question(words);
    let mut places = named(words);
    places.retain(|(span, _)| is_place(words, span.start, span.end, puts));
    places
}

/// Finds the names of usual folders.
fn named(words: &Words) -> Vec<(Range<usize>, &'static str)> {
    let mut named = Vec::new();
    let mut begin = 0;
    while begin < words.len() {
        let mut ends = (begin + 1..=(begin + LONGEST).min(words.len())).rev();
        let found = ends.find_map(|end| Some((end, folder_word(words.slice(begin..end))?)));
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
            assert_eq!(folder(&Words::of(words)), expected, "{words}");
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
