//! Sentences and the plans that templates give, over all functions that Lucid comes with.

mod fixture;

use expect_test::{Expect, expect};
use fixture::Fixture;

/// Every sentence with its plan, one block each.
async fn check(sentences: &[&str], expected: Expect) {
    let fixture = Fixture::new();
    let mut shown = String::new();
    for words in sentences {
        let plan = fixture.template_plan(words).await.replace('\n', "; ");
        shown.push_str(&format!("{words} → {plan}\n"));
    }
    expected.assert_eq(&shown);
}

#[tokio::test]
async fn no_template_or_example_is_broken() {
    let fixture = Fixture::new();
    assert_eq!(fixture.planner.defects(), [] as [String; 0]);
}

#[tokio::test]
async fn sound_and_media_in_english() {
    check(
        &[
            "mute",
            "Please unmute the sound.",
            "set the volume to thirty percent",
            "volume to half",
            "turn down the volume by 10",
            "turn the volume up a bit",
            "Pause the music!",
            "skip to the next song",
            "pause vlc",
        ],
        expect![[""]],
    )
    .await;
}

#[tokio::test]
async fn sound_and_media_in_chinese() {
    check(
        &[
            "静音",
            "取消静音",
            "请把音量调到百分之三十",
            "音量调到一半",
            "声音大一点",
            "暂停音乐",
            "下一首",
            "切换到耳机",
        ],
        expect![[""]],
    )
    .await;
}

#[tokio::test]
async fn apps_and_files() {
    check(
        &[
            "open gedit",
            "could you please start the text editor",
            "launch firefix",
            "打开火狐",
            "启动计算器",
            "what is in my downloads folder",
            "show the biggest files in downloads",
            "打开下载文件夹",
            "下载里最大的文件",
        ],
        expect![[""]],
    )
    .await;
}

#[tokio::test]
async fn time_power_and_the_rest() {
    check(
        &[
            "set a timer for 1h30",
            "一个半小时后提醒我关火",
            "remind me to call mum tomorrow at 9",
            "明天早上九点提醒我开会",
            "lock the screen",
            "重启电脑",
            "how much battery is left",
            "亮度调到50%",
            "take a screenshot",
            "calculate 3 * (4 + 5)",
        ],
        expect![[""]],
    )
    .await;
}

#[tokio::test]
async fn several_wishes() {
    check(
        &[
            "mute and open gedit",
            "pause, then lock the screen",
            "mute, pause and open the calculator",
            "静音，然后打开计算器",
            "暂停音乐并锁屏",
            "set the volume to 30 and then open firefox",
        ],
        expect![[""]],
    )
    .await;
}

#[tokio::test]
async fn everything_else_is_for_the_model() {
    check(
        &[
            "who is Ada",
            "open the door",
            "open the pod bay doors",
            "mute my neighbour",
            "set the volume to lots",
            "mute and fly to the moon",
            "book me a flight",
            "set a timer",
            "打开窗户",
            "今天天气怎么样",
            "把音量调到月亮上",
        ],
        expect![[""]],
    )
    .await;
}

/// Whatever is said, matching ends quickly and never panics.
#[tokio::test]
async fn strange_words_do_no_harm() {
    let fixture = Fixture::new();
    let long = "open and then set volume to thirty ".repeat(50);
    for words in [
        "{level}",
        "(a|b)",
        "打开",
        "[",
        "\u{202e}mute",
        &long,
        "点",
        "and and and",
        ",,,,then",
    ] {
        let plan = fixture.template_plan(words).await;
        assert!(!plan.contains("panic"), "{words}");
    }
}
