//! Functions that nobody has, as many as one likes: what a machine with many plugins looks like.
//!
//! Tests and measurements load them beside the real ones. The same count always gives the same
//! functions, and fewer are a part of more.

use std::{collections::BTreeMap, fmt::Write as _, fs, io, path::Path};

use functions::plugins::{Installed, Plugin};

/// A thing that functions act on.
struct Thing {
    id: &'static str,
    en: &'static str,
    zh: &'static str,
}

/// Things of one plugin.
struct Domain {
    id: &'static str,
    en: &'static str,
    zh: &'static str,
    acts: &'static [Act],
    things: [Thing; 5],
}

/// What can be done with a thing; `{}` stands for the thing.
struct Act {
    id: &'static str,
    effect: &'static str,
    en: &'static str,
    zh: &'static str,
    /// The argument in TOML and its example value.
    argument: Option<(&'static str, &'static str)>,
    requests_en: [&'static str; 3],
    requests_zh: [&'static str; 2],
}

const LEVEL: Option<(&str, &str)> = Some((
    r#"{ name = "level", type = "percent", required = true }"#,
    "40",
));
const NAME: Option<(&str, &str)> = Some((
    r#"{ name = "name", type = "text(80)", required = true }"#,
    r#""spring""#,
));

const DEVICE: &[Act] = &[
    Act {
        id: "start",
        effect: "transient",
        en: "Turns the {} on.",
        zh: "打开{}。",
        argument: None,
        requests_en: [
            "turn on the {}",
            "start the {} please",
            "I want the {} running",
        ],
        requests_zh: ["打开{}", "把{}开起来"],
    },
    Act {
        id: "stop",
        effect: "transient",
        en: "Turns the {} off.",
        zh: "关闭{}。",
        argument: None,
        requests_en: ["turn off the {}", "stop the {}", "I am done with the {}"],
        requests_zh: ["关掉{}", "把{}停下来"],
    },
    Act {
        id: "set",
        effect: "transient",
        en: "Sets the power of the {}.",
        zh: "设置{}的功率。",
        argument: LEVEL,
        requests_en: [
            "set the {} to 40 percent",
            "{} at 40%",
            "bring the {} down to 40",
        ],
        requests_zh: ["把{}调到百分之四十", "{}调到40%"],
    },
    Act {
        id: "state",
        effect: "read",
        en: "Tells how the {} is doing.",
        zh: "显示{}的状态。",
        argument: None,
        requests_en: [
            "is the {} on",
            "how is the {} doing",
            "show the state of the {}",
        ],
        requests_zh: ["{}开着吗", "看看{}的状态"],
    },
];

const ITEM: &[Act] = &[
    Act {
        id: "create",
        effect: "irreversible",
        en: "Makes a new {}.",
        zh: "新建{}。",
        argument: NAME,
        requests_en: [
            "make a new {} called spring",
            "create a {} named spring",
            "add the {} spring",
        ],
        requests_zh: ["新建一个叫 spring 的{}", "加一个{}，名字是 spring"],
    },
    Act {
        id: "remove",
        effect: "irreversible",
        en: "Deletes a {}.",
        zh: "删除{}。",
        argument: NAME,
        requests_en: [
            "delete the {} spring",
            "get rid of the {} called spring",
            "drop the spring {}",
        ],
        requests_zh: ["删掉叫 spring 的{}", "不要 spring 这个{}了"],
    },
    Act {
        id: "share",
        effect: "egress",
        en: "Shares a {} with others.",
        zh: "与别人共享{}。",
        argument: NAME,
        requests_en: [
            "share the {} spring",
            "let others see the {} spring",
            "send out the spring {}",
        ],
        requests_zh: ["共享 spring 这个{}", "把叫 spring 的{}发给大家"],
    },
    Act {
        id: "list",
        effect: "read",
        en: "Lists every {}.",
        zh: "列出所有{}。",
        argument: None,
        requests_en: ["show every {}", "what {} is there", "list each {} I have"],
        requests_zh: ["有哪些{}", "列出我的{}"],
    },
];

const fn thing(id: &'static str, en: &'static str, zh: &'static str) -> Thing {
    Thing { id, en, zh }
}

const DOMAINS: &[Domain] = &[
    Domain {
        id: "home",
        en: "the house",
        zh: "家居",
        acts: DEVICE,
        things: [
            thing("lamp", "kitchen lamp", "厨房的灯"),
            thing("heater", "bedroom heater", "卧室暖气"),
            thing("blinds", "living room blinds", "客厅的窗帘"),
            thing("vacuum", "robot vacuum", "扫地机器人"),
            thing("sprinkler", "garden sprinkler", "花园喷头"),
        ],
    },
    Domain {
        id: "kitchen",
        en: "kitchen machines",
        zh: "厨房电器",
        acts: DEVICE,
        things: [
            thing("oven", "oven", "烤箱"),
            thing("kettle", "kettle", "电水壶"),
            thing("coffee", "coffee machine", "咖啡机"),
            thing("dishwasher", "dishwasher", "洗碗机"),
            thing("hood", "cooker hood", "抽油烟机"),
        ],
    },
    Domain {
        id: "camera",
        en: "cameras",
        zh: "摄像头",
        acts: DEVICE,
        things: [
            thing("webcam", "webcam", "网络摄像头"),
            thing("doorbell", "doorbell camera", "门铃摄像头"),
            thing("recording", "video recording", "录像"),
            thing("flash", "camera flash", "闪光灯"),
            thing("timelapse", "time lapse", "延时摄影"),
        ],
    },
    Domain {
        id: "print",
        en: "printers",
        zh: "打印机",
        acts: DEVICE,
        things: [
            thing("printer", "printer", "打印机"),
            thing("scanner", "scanner", "扫描仪"),
            thing("duplex", "two-sided printing", "双面打印"),
            thing("plotter", "plotter", "绘图仪"),
            thing("filament", "3D printer", "3D 打印机"),
        ],
    },
    Domain {
        id: "car",
        en: "the car",
        zh: "汽车",
        acts: DEVICE,
        things: [
            thing("charging", "car charging", "汽车充电"),
            thing("climate", "air conditioning of the car", "车内空调"),
            thing("alarm", "car alarm", "汽车警报"),
            thing("seats", "seat heating", "座椅加热"),
            thing("wipers", "windscreen wipers", "雨刷"),
        ],
    },
    Domain {
        id: "routers",
        en: "the network",
        zh: "网络",
        acts: DEVICE,
        things: [
            thing("vpn", "VPN", "虚拟专用网"),
            thing("hotspot", "hotspot", "热点"),
            thing("wifi", "wireless network", "无线网络"),
            thing("bluetooth", "Bluetooth", "蓝牙"),
            thing("firewall", "firewall", "防火墙"),
        ],
    },
    Domain {
        id: "studio",
        en: "sound equipment",
        zh: "录音设备",
        acts: DEVICE,
        things: [
            thing("microphone", "microphone", "麦克风"),
            thing("equaliser", "equaliser", "均衡器"),
            thing("metronome", "metronome", "节拍器"),
            thing("reverb", "reverb", "混响"),
            thing("turntable", "turntable", "唱机"),
        ],
    },
    Domain {
        id: "server",
        en: "servers",
        zh: "服务器",
        acts: DEVICE,
        things: [
            thing("database", "database server", "数据库服务器"),
            thing("website", "web server", "网站服务器"),
            thing("backup", "nightly backup", "夜间备份"),
            thing("container", "container", "容器"),
            thing("virtual", "virtual machine", "虚拟机"),
        ],
    },
    Domain {
        id: "sheet",
        en: "spreadsheets",
        zh: "电子表格",
        acts: ITEM,
        things: [
            thing("sheet", "spreadsheet", "电子表格"),
            thing("column", "column", "列"),
            thing("pivot", "pivot table", "数据透视表"),
            thing("formula", "formula", "公式"),
            thing("filter", "row filter", "行筛选器"),
        ],
    },
    Domain {
        id: "mail",
        en: "mail",
        zh: "邮件",
        acts: ITEM,
        things: [
            thing("draft", "mail draft", "邮件草稿"),
            thing("signature", "mail signature", "邮件签名"),
            thing("rule", "mail rule", "邮件规则"),
            thing("mailbox", "mailbox", "邮箱"),
            thing("attachment", "attachment", "附件"),
        ],
    },
    Domain {
        id: "agenda",
        en: "calendars",
        zh: "日历",
        acts: ITEM,
        things: [
            thing("meeting", "meeting", "会议"),
            thing("birthday", "birthday", "生日"),
            thing("holiday", "holiday", "假期"),
            thing("invitation", "invitation", "邀请"),
            thing("room", "room booking", "会议室预订"),
        ],
    },
    Domain {
        id: "notebook",
        en: "notes",
        zh: "笔记",
        acts: ITEM,
        things: [
            thing("note", "note", "笔记"),
            thing("notebook", "notebook", "笔记本子"),
            thing("checklist", "checklist", "清单"),
            thing("tag", "tag", "标签"),
            thing("sketch", "sketch", "草图"),
        ],
    },
    Domain {
        id: "shop",
        en: "shopping",
        zh: "购物",
        acts: ITEM,
        things: [
            thing("order", "order", "订单"),
            thing("wishlist", "wish list", "心愿单"),
            thing("coupon", "coupon", "优惠券"),
            thing("return", "return parcel", "退货包裹"),
            thing("review", "product review", "商品评价"),
        ],
    },
    Domain {
        id: "travel",
        en: "journeys",
        zh: "旅行",
        acts: ITEM,
        things: [
            thing("trip", "trip", "行程"),
            thing("flight", "flight booking", "机票预订"),
            thing("hotel", "hotel booking", "酒店预订"),
            thing("ticket", "train ticket", "火车票"),
            thing("visa", "visa application", "签证申请"),
        ],
    },
    Domain {
        id: "code",
        en: "source code",
        zh: "源代码",
        acts: ITEM,
        things: [
            thing("repository", "repository", "代码仓库"),
            thing("branch", "branch", "分支"),
            thing("issue", "issue", "问题单"),
            thing("release", "release", "发布版本"),
            thing("review", "code review", "代码审查"),
        ],
    },
    Domain {
        id: "photo",
        en: "photographs",
        zh: "照片",
        acts: ITEM,
        things: [
            thing("album", "photo album", "相册"),
            thing("collage", "collage", "拼图"),
            thing("slideshow", "slide show", "幻灯片放映"),
            thing("portrait", "portrait", "人像"),
            thing("watermark", "watermark", "水印"),
        ],
    },
];

/// The most functions that there are.
pub const MOST: usize = {
    let (mut most, mut at) = (0, 0);
    while at < DOMAINS.len() {
        most += DOMAINS[at].acts.len() * DOMAINS[at].things.len();
        at += 1;
    }
    most
};

/// Decides the order in which functions come; any number does.
const SEED: u64 = 20_261_125;

/// Writes plugins with `count` functions together (at most [`MOST`]) below `folder`, one folder each, for
/// `functions::Registry::load`.
///
/// # Errors
///
/// When a file cannot be written.
pub fn write_plugins(folder: &Path, count: usize) -> io::Result<()> {
    let mut all: Vec<(&Domain, &Act, &Thing)> = DOMAINS
        .iter()
        .flat_map(|domain| domain.acts.iter().map(move |act| (domain, act)))
        .flat_map(|(domain, act)| domain.things.iter().map(move |thing| (domain, act, thing)))
        .collect();
    shuffle(&mut all);
    let mut plugins: BTreeMap<&str, String> = BTreeMap::new();
    for (domain, act, thing) in all.into_iter().take(count) {
        let text = plugins.entry(domain.id).or_insert_with(|| head(domain));
        text.push_str(&function(domain, act, thing));
    }
    let installed = Installed::at(folder.to_owned());
    for (id, text) in plugins {
        let folder = folder.join(id);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("plugin.toml"), text)?;
        let plugin = Plugin::read(&folder).map_err(io::Error::other)?;
        let agreed = installed.install(&plugin, &plugin.record());
        agreed.map_err(io::Error::other)?;
    }
    Ok(())
}

fn shuffle<T>(items: &mut [T]) {
    let mut state = SEED;
    for last in (1..items.len()).rev() {
        // Knuth's multiplier; the high bits are the random ones.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        items.swap(last, (state >> 33) as usize % (last + 1));
    }
}

fn head(domain: &Domain) -> String {
    format!(
        "[plugin]\nid = \"{}\"\nsummary = {{ en = \"Controls {}.\", zh = \"控制{}。\" }}\n",
        domain.id, domain.en, domain.zh
    )
}

fn function(domain: &Domain, act: &Act, thing: &Thing) -> String {
    let name = format!("{}.{}_{}", domain.id, act.id, thing.id);
    let en = |text: &str| text.replace("{}", thing.en);
    let zh = |text: &str| text.replace("{}", thing.zh);
    let (argument, value) = act.argument.unwrap_or_default();
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "\n[[function]]\nname = \"{name}\"\nsummary = \"{}\"\nsummary_zh = \"{}\"\n\
         label = \"{} {}\"\nlabel_zh = \"{}\"\neffect = \"{}\"\narguments = [{argument}]\n",
        en(act.en),
        zh(act.zh),
        act.id,
        thing.en,
        zh(act.zh).trim_end_matches('。'),
        act.effect,
    );
    if act.effect == "read" {
        text.push_str("output = { kind = \"value\", type = \"text(200)\" }\n");
    }
    text.push_str("examples = [\n");
    let requests = (act.requests_en.iter().map(|request| ("en", en(request))))
        .chain(act.requests_zh.iter().map(|request| ("zh", zh(request))));
    for (language, request) in requests {
        let _ = writeln!(
            text,
            "    {{ language = \"{language}\", request = \"{request}\", plan = '{name}({value})' }},"
        );
    }
    text.push_str("]\n[function.command]\nargv = [\"true\"");
    if argument.contains("level") {
        text.push_str(", \"--level={level}\"");
    } else if argument.contains("name = \"name\"") {
        text.push_str(", \"--name={name}\"");
    }
    text.push_str("]\n");
    if act.effect == "read" {
        text.push_str("stdout = \"text\"\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use functions::Registry;

    use super::*;

    #[test]
    fn every_function_loads_and_its_examples_pass_the_check() {
        let folder = tempfile::tempdir().expect("a folder");
        write_plugins(folder.path(), MOST).expect("a disk");
        let (registry, errors) = Registry::load(&[], &[folder.path()]);
        assert_eq!(errors, []);
        let synthetic = registry.functions().filter(|f| !f.plugin.is_empty());
        assert_eq!(synthetic.count(), MOST);
        const { assert!(MOST >= 300) };
        assert_eq!(crate::Planner::new(&registry).defects(), [""; 0]);
    }

    #[test]
    fn fewer_are_a_part_of_more() {
        let names = |count| {
            let folder = tempfile::tempdir().expect("a folder");
            write_plugins(folder.path(), count).expect("a disk");
            let (registry, _) = Registry::load(&[], &[folder.path()]);
            let names: std::collections::BTreeSet<String> = registry
                .functions()
                .filter(|function| !function.plugin.is_empty())
                .map(|function| function.signature.name.to_string())
                .collect();
            names
        };
        let (few, many) = (names(40), names(80));
        assert_eq!((few.len(), many.len()), (40, 80));
        assert!(few.is_subset(&many));
    }
}
