//! Sentences and the plans that templates give, over all functions that Lucid comes with.

mod fixture;

use expect_test::expect;
use fixture::{Fixture, check};

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
        expect![[r#"
            mute → audio.mute()
            Please unmute the sound. → audio.unmute()
            set the volume to thirty percent → audio.set_volume(30)
            volume to half → audio.set_volume(50)
            turn down the volume by 10 → audio.change_volume(-10)
            turn the volume up a bit → audio.change_volume(10)
            Pause the music! → media.pause()
            skip to the next song → media.next()
            pause vlc → media.pause("VLC")
        "#]],
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
        expect![[r#"
            静音 → audio.mute()
            取消静音 → audio.unmute()
            请把音量调到百分之三十 → audio.set_volume(30)
            音量调到一半 → audio.set_volume(50)
            声音大一点 → audio.change_volume(10)
            暂停音乐 → media.pause()
            下一首 → media.next()
            切换到耳机 → audio.set_output("Headphones")
        "#]],
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
        expect![[r#"
            open gedit → apps.open("gedit")
            could you please start the text editor → apps.open("gedit")
            launch firefix → apps.open("Firefox")
            打开火狐 → apps.open("Firefox")
            启动计算器 → apps.open("Calculator")
            what is in my downloads folder → (the model)
            show the biggest files in downloads → f = files.largest(folder="~/Downloads"); title("Largest files"); table(f, ["name", "size"], [files.reveal, files.trash])
            打开下载文件夹 → files.open("~/Downloads")
            下载里最大的文件 → f = files.largest(folder="~/Downloads"); title("最大的文件"); table(f, ["name", "size"], [files.reveal, files.trash])
        "#]],
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
            "remind me at 3pm to fetch the kids and at 6pm to cook",
            "remind me at 3pm to buy milk and bread",
            "明天早上九点提醒我开会",
            "lock the screen",
            "重启电脑",
            "how much battery is left",
            "亮度调到50%",
            "take a screenshot",
            "calculate 3 * (4 + 5)",
        ],
        expect![[r#"
            set a timer for 1h30 → timers.start(90min)
            一个半小时后提醒我关火 → timers.start(90min, "关火")
            remind me to call mum tomorrow at 9 → timers.remind("tomorrow 09:00", "call mum")
            remind me at 3pm to fetch the kids and at 6pm to cook → (the model)
            remind me at 3pm to buy milk and bread → timers.remind("15:00", "buy milk and bread")
            明天早上九点提醒我开会 → timers.remind("tomorrow 09:00", "开会")
            lock the screen → power.lock()
            重启电脑 → power.restart()
            how much battery is left → power.battery()
            亮度调到50% → screen.set_brightness(50)
            take a screenshot → screen.screenshot()
            calculate 3 * (4 + 5) → calc.evaluate("3 * (4 + 5)")
        "#]],
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
            "先静音，然后打开计算器",
            "暂停音乐并锁屏",
            "set the volume to 30 and then open firefox",
        ],
        expect![[r#"
            mute and open gedit → audio.mute(); apps.open("gedit")
            pause, then lock the screen → media.pause(); power.lock()
            mute, pause and open the calculator → audio.mute(); media.pause(); apps.open("Calculator")
            先静音，然后打开计算器 → audio.mute(); apps.open("Calculator")
            暂停音乐并锁屏 → media.pause(); power.lock()
            set the volume to 30 and then open firefox → audio.set_volume(30); apps.open("Firefox")
        "#]],
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
            "太吵了，别出声",
            "听不清，大声点",
            "把音量调到月亮上",
        ],
        expect![[r#"
            who is Ada → (the model)
            open the door → (the model)
            open the pod bay doors → (the model)
            mute my neighbour → (the model)
            set the volume to lots → (the model)
            mute and fly to the moon → (the model)
            book me a flight → (the model)
            set a timer → (the model)
            打开窗户 → (the model)
            今天天气怎么样 → (the model)
            太吵了，别出声 → (the model)
            听不清，大声点 → (the model)
            把音量调到月亮上 → (the model)
        "#]],
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
