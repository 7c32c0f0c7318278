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
            let spec = match &argument.name {
                Some(name) => signature.argument(name),
                None => signature.arguments.get(index),
            };
            if let Some(spec) = spec {
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
