//! Worked examples that every prompt shows.

use functions::Registry;
use plan::{
    Argument, Call, Expression, FunctionName, Head, Literal, LiveNames, Plan, Signatures, Type,
};

/// Requests without a plan. They stand before the hard examples, neither last (a small model copies
/// what is near) nor first (it forgets what is far). Their sentence is always the same, so that a
/// copied one is still true.
pub(crate) const REFUSED: &[(&str, &str)] = &[
    (
        "remind me",
        "ask(\"What should I remind you of, and when?\")",
    ),
    (
        "book a table for two tonight",
        "say(\"Lucid has no function for that.\")",
    ),
    ("下周会下雪吗", "say(\"Lucid 没有这个功能。\")"),
    (
        "write an email to Anna",
        "say(\"Lucid has no function for that.\")",
    ),
    ("打开客厅的空调", "say(\"Lucid 没有这个功能。\")"),
    ("unlock my car", "say(\"Lucid has no function for that.\")"),
    (
        "tell the neighbours to stop drilling",
        "say(\"Lucid has no function for that.\")",
    ),
    ("把猫喂了", "say(\"Lucid 没有这个功能。\")"),
    (
        "fold the laundry",
        "say(\"Lucid has no function for that.\")",
    ),
    ("给小王打个电话", "say(\"Lucid 没有这个功能。\")"),
    ("delete it", "ask(\"Which file or folder do you mean?\")"),
    ("把它关了", "ask(\"您指的是哪一个？\")"),
    ("rename the report", "ask(\"What should it be called?\")"),
    (
        "who painted the Mona Lisa",
        "say(\"Leonardo da Vinci painted the Mona Lisa.\")",
    ),
];

/// Requests and plans that show what single functions cannot: several wishes, results that
/// are used again, panels. Those that need a function that is not
/// installed are left out.
pub(crate) const WORKED: &[(&str, &str)] = &[
    (
        "turn it up a little and skip this song",
        "audio.change_volume(10)\nmedia.next()",
    ),
    ("把声音关掉，然后锁屏", "audio.mute()\npower.lock()"),
    (
        "show me the largest videos so that I can throw some away",
        "f = files.find(kind=\"video\")\ns = sort(f, \"size\", desc=true)\ntitle(\"Largest videos\")\ntable(s, [\"name\", \"size\"], [files.trash])",
    ),
    (
        "end the process that uses the most cpu",
        "p = system.processes(by=\"cpu\", limit=1)\nsystem.end_process(p[0])",
    ),
    (
        "把下载里最新的 pdf 移到文档",
        "f = files.find(kind=\"pdf\", folder=\"~/Downloads\")\nt = top(f, 1, by=\"modified\")\nfiles.move(t[0], \"~/Documents\")",
    ),
    (
        "put every archive on my desktop into the trash",
        "f = files.find(kind=\"archive\", folder=\"~/Desktop\")\neach(f, files.trash)",
    ),
    (
        "the ten biggest downloads, each with a button to throw it away",
        "f = files.largest(folder=\"~/Downloads\", limit=10)\ntitle(\"Biggest downloads\")\ntable(f, [\"name\", \"size\"], [files.trash])",
    ),
    (
        "列出占处理器的程序，我来选结束哪个",
        "p = system.processes(by=\"cpu\")\ntitle(\"占用处理器的程序\")\ntable(p, [\"name\", \"cpu\"], [system.end_process])",
    ),
    (
        "buttons to lock the screen and to restart",
        "button(\"Lock\", power.lock())\nbutton(\"Restart\", power.restart())",
    ),
    (
        "a slider for the brightness next to how full the battery is",
        "b = screen.brightness()\nslider(\"Brightness\", b, screen.set_brightness)\np = power.battery()\nmeter(p.level, label=\"Battery\")",
    ),
    (
        "what does the newest pdf on my desktop say about the price",
        "f = files.find(kind=\"pdf\", folder=\"~/Desktop\", limit=1)\na = text.answer(f[0], \"What is the price?\")\ntext(a)",
    ),
    (
        "copy the three newest photos to documents",
        "f = files.find(kind=\"image\", folder=\"~/Pictures\", limit=3)\neach(f, files.copy, to=\"~/Documents\")",
    ),
    (
        "make a folder Trips in pictures and put every photo from the desktop into it",
        "files.make_folder(\"~/Pictures/Trips\")\nf = files.find(kind=\"image\", folder=\"~/Desktop\")\neach(f, files.move, to=\"~/Pictures/Trips\")",
    ),
    (
        "所有视频加起来多大",
        "f = files.find(kind=\"video\")\nsum(f, \"size\")",
    ),
    (
        "call off the laundry timer",
        "t = timers.list()\nv = filter(t, \"label\", \"contains\", \"laundry\")\ntimers.cancel(v[0])",
    ),
    (
        "把回收站里的 notes.txt 恢复",
        "files.restore(\"notes.txt\")",
    ),
    (
        "move budget.ods from my documents to the desktop",
        "files.move(\"~/Documents/budget.ods\", \"~/Desktop\")",
    ),
    (
        "twice as loud, and on to the next track",
        "audio.scale_volume(200)\nmedia.next()",
    ),
    (
        "wake me in an hour and a half, and dim the screen to 20%",
        "timers.start(90min)\nscreen.set_brightness(20)",
    ),
    (
        "tell me in 45 minutes to feed the cat",
        "timers.start(45min, \"feed the cat\")",
    ),
    (
        "明天下午三点提醒我交房租",
        "timers.remind(\"tomorrow 15:00\", \"交房租\")",
    ),
    (
        "what is eating my memory",
        "system.processes(by=\"memory\")",
    ),
];

/// Turns of which the second refers to the first.
pub(crate) const FOLLOWED: &[[(&str, &str); 2]] = &[
    [
        (
            "list the pictures from last month",
            "f = files.find(kind=\"image\", modified_after=\"last month\")",
        ),
        ("open the third one", "files.open(f[2])"),
    ],
    [
        ("屏幕亮度调到七成", "screen.set_brightness(70)"),
        ("还是 55 吧", "screen.set_brightness(55)"),
    ],
    [
        (
            "find archives in my documents",
            "f = files.find(kind=\"archive\", folder=\"~/Documents\")",
        ),
        (
            "just the ones over 50 MB",
            "f = files.find(kind=\"archive\", folder=\"~/Documents\", min_size=50MB)",
        ),
    ],
];

/// Returns the functions that a plan calls or names as actions.
pub(crate) fn functions_of(plan: &Plan) -> Vec<FunctionName> {
    let mut names = Vec::new();
    for statement in &plan.statements {
        of_call(&statement.call, &mut names);
    }
    names.dedup();
    names
}

fn of_call(call: &Call, names: &mut Vec<FunctionName>) {
    if let Head::Function(name) = &call.head {
        names.push(name.clone());
    }
    for argument in &call.arguments {
        of_expression(&argument.value, names);
    }
}

fn of_expression(expression: &Expression, names: &mut Vec<FunctionName>) {
    match expression {
        Expression::Function(name) => names.push(name.clone()),
        Expression::Call(call) => of_call(call, names),
        Expression::List(items) => items.iter().for_each(|item| of_expression(item, names)),
        Expression::Literal(_) | Expression::Reference(_) => {}
    }
}

/// Makes live exactly the names that a plan uses: an example is right whatever this machine has.
pub(crate) fn any_live_name(plan: &Plan, registry: &Registry) -> LiveNames {
    let mut live = LiveNames::default();
    for statement in &plan.statements {
        let Head::Function(name) = &statement.call.head else {
            continue;
        };
        let Some(signature) = registry.signature(name) else {
            continue;
        };
        for (index, argument) in statement.call.arguments.iter().enumerate() {
            if let Some(spec) = signature.argument_at(index, argument) {
                add_name(&spec.ty, argument, &mut live);
            }
        }
    }
    live
}

fn add_name(ty: &Type, argument: &Argument, live: &mut LiveNames) {
    let Expression::Literal(Literal::Text(text)) = &argument.value else {
        return;
    };
    match ty {
        Type::App => live.apps.push(text.clone()),
        Type::Live(source) => {
            let names = live.sources.entry(source.clone()).or_default();
            names.push(text.clone());
        }
        _ => {}
    }
}
