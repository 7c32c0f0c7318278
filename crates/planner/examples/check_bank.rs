#![allow(clippy::all, clippy::pedantic, clippy::print_stdout)]
use functions::Registry;
use plan::*;
fn add(ty: &Type, argument: &Argument, live: &mut LiveNames) {
    let Expression::Literal(Literal::Text(text)) = &argument.value else {
        return;
    };
    match ty {
        Type::App => live.apps.push(text.clone()),
        Type::Live(s) => live
            .sources
            .entry(s.clone())
            .or_default()
            .push(text.clone()),
        _ => {}
    }
}
fn main() -> anyhow::Result<()> {
    let plugins = std::path::Path::new("/work/main/plugins");
    let (registry, errors) = Registry::load(&[plugins], &[]);
    anyhow::ensure!(errors.is_empty(), "{errors:?}");
    let file = std::env::args().nth(1).unwrap();
    if file == "--functions" {
        for s in registry.signatures() {
            println!("{}", serde_json::to_string(s)?);
        }
        return Ok(());
    }
    let mut bad = 0;
    let mut n = 0;
    for (i, line) in std::fs::read_to_string(&file)?.lines().enumerate() {
        n += 1;
        let r = (|| -> Result<(), String> {
            let v: serde_json::Value = serde_json::from_str(line).map_err(|e| e.to_string())?;
            let p = v["plan"].as_str().ok_or("no plan")?;
            v["request"].as_str().ok_or("no request")?;
            if !matches!(v["language"].as_str(), Some("en" | "zh")) {
                return Err("language".into());
            }
            let whole = match v["before"]["plan"].as_str() {
                Some(b) => format!("{b}\n{p}"),
                None => p.to_string(),
            };
            let plan = parse(&whole).map_err(|e| {
                e.iter()
                    .map(|x| x.to_string())
                    .collect::<Vec<_>>()
                    .join("; ")
            })?;
            let mut live = LiveNames::default();
            for s in &plan.statements {
                let Head::Function(name) = &s.call.head else {
                    continue;
                };
                let Some(sig) = registry.signature(name) else {
                    continue;
                };
                for (k, a) in s.call.arguments.iter().enumerate() {
                    if let Some(spec) = sig.argument_at(k, a) {
                        add(&spec.ty, a, &mut live);
                    }
                }
            }
            check(&plan, &registry, &live).map_err(|e| {
                e.iter()
                    .map(|x| x.to_string())
                    .collect::<Vec<_>>()
                    .join("; ")
            })?;
            Ok(())
        })();
        if let Err(e) = r {
            bad += 1;
            println!("{}: {e}", i + 1);
        }
    }
    println!("{n} lines, {bad} with mistakes");
    Ok(())
}
