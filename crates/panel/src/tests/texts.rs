//! Hostile names and long texts.

use expect_test::{Expect, expect};

use crate::{MAX_STRING, visible, visible::cut, visible_lines};

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&visible(text));
}

#[test]
fn what_cannot_be_seen_is_written_out() {
    check("plain 文件 é.txt", expect!["plain 文件 é.txt"]);
    check("\u{202e}gpj.exe", expect!["⟨U+202E⟩gpj.exe"]);
    check("a\u{200b}b\u{feff}c", expect!["a⟨U+200B⟩b⟨U+FEFF⟩c"]);
    check(
        "line\nbreak\tand\u{1b}[31m",
        expect!["line⟨U+000A⟩break⟨U+0009⟩and⟨U+001B⟩[31m"],
    );
    check("\u{2066}x\u{2069}", expect!["⟨U+2066⟩x⟨U+2069⟩"]);
    check("no\u{a0}break", expect!["no⟨U+00A0⟩break"]);
    check("tag\u{e0041}", expect!["tag⟨U+E0041⟩"]);
    check("👩‍👧 ❤️", expect!["👩‍👧 ❤️"]);
    check("a\u{200d}b\u{fe0f}", expect!["a⟨U+200D⟩b⟨U+FE0F⟩"]);
    check("⟨U+202E⟩", expect!["⟨U+27E8⟩U+202E⟩"]);
}

#[test]
fn texts_of_several_lines_keep_their_lines() {
    assert_eq!(
        visible_lines("one\ntwo\r\u{202e}"),
        "one\ntwo⟨U+000D⟩⟨U+202E⟩"
    );
}

#[test]
fn long_texts_are_cut_between_characters() {
    assert_eq!(cut("x".repeat(MAX_STRING)), "x".repeat(MAX_STRING));
    for text in ["x", "é", "文", "👧"] {
        let long = cut(text.repeat(MAX_STRING + 1));
        assert!(
            long.len() <= MAX_STRING && long.len() > MAX_STRING - 8,
            "{}",
            long.len()
        );
        assert!(long.ends_with('…'));
    }
}
