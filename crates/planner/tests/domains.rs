//! The functions that prompts show on demand: what is said for them, and that they take no sentence from the others.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod fixture;

use std::path::Path;

use expect_test::expect;
use fixture::{Fixture, check};

#[tokio::test]
async fn networks_and_devices() {
    check(
        &[
            "turn off Wi-Fi",
            "switch the wifi on",
            "am I online?",
            "which wifi networks are there",
            "connect to the wifi Cafe Luna",
            "disconnect from the vpn office",
            "what's my IP address",
            "关掉 wifi",
            "打开无线网",
            "附近有哪些无线网",
            "我的 IP 地址是多少",
            "turn on bluetooth",
            "bluetooth off",
            "connect to Boom",
            "disconnect the boom",
            "打开蓝牙",
            "连接音箱",
            "list bluetooth devices",
        ],
        expect![[r#"
            turn off Wi-Fi → network.set_wifi(false)
            switch the wifi on → network.set_wifi(true)
            am I online? → network.status()
            which wifi networks are there → network.nearby()
            connect to the wifi Cafe Luna → network.join("Cafe Luna")
            disconnect from the vpn office → network.leave("office")
            what's my IP address → network.addresses()
            关掉 wifi → network.set_wifi(false)
            打开无线网 → network.set_wifi(true)
            附近有哪些无线网 → network.nearby()
            我的 IP 地址是多少 → network.addresses()
            turn on bluetooth → bluetooth.set_power(true)
            bluetooth off → bluetooth.set_power(false)
            connect to Boom → bluetooth.connect("Boom")
            disconnect the boom → bluetooth.disconnect("Boom")
            打开蓝牙 → bluetooth.set_power(true)
            连接音箱 → bluetooth.connect("Boom")
            list bluetooth devices → d = bluetooth.devices(); title("Bluetooth devices"); table(d, ["name", "connected", "paired"], [bluetooth.connect, bluetooth.disconnect])
        "#]],
    )
    .await;
}

#[tokio::test]
async fn windows_and_what_is_on_the_screen() {
    check(
        &[
            "which windows are open",
            "focus the Inbox window",
            "close this window",
            "close the report.odt window",
            "move this window to workspace 3",
            "move Thunderbird to workspace 2",
            "go to workspace 4",
            "列出打开的窗口",
            "切换到终端窗口",
            "关闭这个窗口",
            "把终端移到工作区 2",
            "切换到工作区 3",
            "do not disturb",
            "turn off do not disturb",
            "what notifications did I miss",
            "打开免打扰",
            "清除所有通知",
            "turn on dark mode",
            "switch to light mode",
            "dark mode off",
            "make the text bigger",
            "set the text size to 150%",
            "turn on the night light",
            "set the wallpaper to ~/Pictures/lake.jpg",
            "打开深色模式",
            "把文字调大",
            "关闭夜灯",
        ],
        expect![[r#"
            which windows are open → w = windows.list(); title("Windows"); table(w, ["title", "app", "workspace"], [windows.focus, windows.close])
            focus the Inbox window → windows.focus("Inbox")
            close this window → windows.close()
            close the report.odt window → windows.close("report.odt")
            move this window to workspace 3 → windows.move("3")
            move Thunderbird to workspace 2 → windows.move("2", "Inbox")
            go to workspace 4 → windows.go_to("4")
            列出打开的窗口 → w = windows.list(); title("窗口"); table(w, ["title", "app", "workspace"], [windows.focus, windows.close])
            切换到终端窗口 → windows.focus("report.odt")
            关闭这个窗口 → windows.close()
            把终端移到工作区 2 → windows.move("2", "report.odt")
            切换到工作区 3 → windows.go_to("3")
            do not disturb → notifications.silence(true)
            turn off do not disturb → notifications.silence(false)
            what notifications did I miss → notifications.list()
            打开免打扰 → notifications.silence(true)
            清除所有通知 → notifications.dismiss()
            turn on dark mode → settings.set_theme("dark")
            switch to light mode → settings.set_theme("light")
            dark mode off → settings.set_theme("light")
            make the text bigger → settings.set_text_size(125)
            set the text size to 150% → (the model)
            turn on the night light → settings.set_night_light(true)
            set the wallpaper to ~/Pictures/lake.jpg → settings.set_wallpaper("~/Pictures/lake.jpg")
            打开深色模式 → settings.set_theme("dark")
            把文字调大 → settings.set_text_size(125)
            关闭夜灯 → settings.set_night_light(false)
        "#]],
    )
    .await;
}

#[tokio::test]
async fn what_people_write_down() {
    check(
        &[
            "take a note: the landlord comes on Tuesday",
            "show my notes",
            "find notes about the garden",
            "记一下：房东周二来",
            "看看我的笔记",
            "put oat milk on the shopping list",
            "what's on my to-do list",
            "take oat milk off the shopping list",
            "把牛奶加到购物清单",
            "购物清单里有什么",
            "which lists do I have",
            "add dinner with Ada to my calendar tomorrow at 19:00",
            "what's on my calendar tomorrow",
            "show my calendar",
            "明天有什么日程",
            "cancel the event dinner with Ada",
            "wake me up every day at 7:00",
            "set an alarm for 6:30 on weekdays",
            "每天七点叫我起床",
            "set an alarm for 7:00",
        ],
        expect![[r#"
            take a note: the landlord comes on Tuesday → notes.add("the landlord comes on Tuesday")
            show my notes → n = notes.list(); title("Notes"); table(n, ["name", "text", "modified"], [files.open, files.trash])
            find notes about the garden → n = notes.list(about="garden"); title("Notes"); table(n, ["name", "text", "modified"], [files.open, files.trash])
            记一下：房东周二来 → notes.add("房东周二来")
            看看我的笔记 → n = notes.list(); title("笔记"); table(n, ["name", "text", "modified"], [files.open, files.trash])
            put oat milk on the shopping list → lists.add("oat milk", "shopping")
            what's on my to-do list → l = lists.show("to-do"); list(l)
            take oat milk off the shopping list → lists.remove("oat milk", "shopping")
            把牛奶加到购物清单 → lists.add("牛奶", "shopping")
            购物清单里有什么 → l = lists.show("shopping"); list(l)
            which lists do I have → lists.names()
            add dinner with Ada to my calendar tomorrow at 19:00 → calendar.add("dinner with Ada", "tomorrow 19:00")
            what's on my calendar tomorrow → e = calendar.list(day="tomorrow"); title("Calendar"); table(e, ["title", "start", "end"], [calendar.remove])
            show my calendar → e = calendar.list(); title("Calendar"); table(e, ["title", "start", "end"], [calendar.remove])
            明天有什么日程 → e = calendar.list(day="tomorrow"); title("日历"); table(e, ["title", "start", "end"], [calendar.remove])
            cancel the event dinner with Ada → calendar.remove("dinner with Ada")
            wake me up every day at 7:00 → alarms.set("7:00")
            set an alarm for 6:30 on weekdays → alarms.set("6:30", "weekdays")
            每天七点叫我起床 → alarms.set("七点")
            set an alarm for 7:00 → timers.remind("19:00", "Alarm")
        "#]],
    )
    .await;
}

#[tokio::test]
async fn texts_pages_and_copies() {
    check(
        &[
            "what's on the clipboard",
            "copy hello world to the clipboard",
            "剪贴板里有什么",
            "translate the selection into French",
            "把选中的文字翻译成英文",
            "make the selected text shorter",
            "search the web for rust borrow checker",
            "look up tardigrades on wikipedia",
            "open the website debian.org",
            "上网搜索红烧肉做法",
            "find duplicate files in my downloads",
            "找出下载里重复的文件",
        ],
        expect![[r#"
            what's on the clipboard → c = clipboard.read(); text(c)
            copy hello world to the clipboard → clipboard.copy("hello world")
            剪贴板里有什么 → c = clipboard.read(); text(c)
            translate the selection into French → s = clipboard.selection(); t = text.translate(s, "French"); text(t)
            把选中的文字翻译成英文 → s = clipboard.selection(); t = text.translate(s, "英文"); text(t)
            make the selected text shorter → s = clipboard.selection(); t = text.rewrite(s, "shorter"); text(t)
            search the web for rust borrow checker → web.search("rust borrow checker")
            look up tardigrades on wikipedia → web.search("tardigrades", engine="wikipedia")
            open the website debian.org → web.open("debian.org")
            上网搜索红烧肉做法 → web.search("红烧肉做法")
            find duplicate files in my downloads → d = files.duplicates(folder="~/Downloads"); title("Duplicates"); table(d, ["name", "size", "group", "path"], [files.reveal, files.trash])
            找出下载里重复的文件 → d = files.duplicates(folder="~/Downloads"); title("重复文件"); table(d, ["name", "size", "group", "path"], [files.reveal, files.trash])
        "#]],
    )
    .await;
}

#[tokio::test]
async fn they_take_no_sentence_from_the_others() {
    let (without, with) = (Fixture::constant(), Fixture::new());
    let bank = Path::new(env!("CARGO_MANIFEST_DIR")).join("bank");
    let mut taken = Vec::new();
    for file in std::fs::read_dir(bank).unwrap() {
        for line in std::fs::read_to_string(file.unwrap().path())
            .unwrap()
            .lines()
        {
            let example: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = |key: &str| example[key].as_str().unwrap_or_default().to_owned();
            let (request, plan) = (text("request"), text("plan"));
            if !example["before"].is_null() || plan.starts_with("say(") {
                continue;
            }
            let new = with.template_plan(&request).await;
            if new != without.template_plan(&request).await && new != plan {
                taken.push(format!(
                    "{request} → {} instead of {}",
                    new.replace('\n', "; "),
                    plan.replace('\n', "; ")
                ));
            }
        }
    }
    assert!(taken.is_empty(), "{}\n{}", taken.len(), taken.join("\n"));
}

#[tokio::test]
async fn functions_themselves() {
    check(
        &[
            "which functions are there for bluetooth",
            "find functions about spelling",
            "show me all commands for kate",
            "有哪些关于蓝牙的功能",
            "查找壁纸的功能",
        ],
        expect![[r#"
            which functions are there for bluetooth → functions.search("bluetooth")
            find functions about spelling → functions.search("spelling")
            show me all commands for kate → functions.search("kate")
            有哪些关于蓝牙的功能 → functions.search("蓝牙")
            查找壁纸的功能 → functions.search("壁纸")
        "#]],
    )
    .await;
}
