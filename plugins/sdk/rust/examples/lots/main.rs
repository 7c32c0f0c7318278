//! A plugin in Rust: throws dice and draws lots.

use lucid_plugin::{Plugin, Refused};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Dice {
    /// How many.
    count: u32,
    /// Of how many sides.
    sides: u32,
}

#[derive(Serialize, JsonSchema)]
struct Die {
    die: u32,
    shows: u32,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Names {
    /// With commas between them.
    names: String,
}

/// A number from 0 to below `end`, each as likely as the others.
fn below(end: u32) -> Result<u32, Refused> {
    let unfair = u32::MAX - u32::MAX % end;
    loop {
        let mut bytes = [0; 4];
        getrandom::fill(&mut bytes).map_err(|error| Refused::new(error.to_string()))?;
        let drawn = u32::from_ne_bytes(bytes);
        if drawn < unfair {
            return Ok(drawn % end);
        }
    }
}

fn throw(dice: Dice) -> Result<Vec<Die>, Refused> {
    if !(1..=100).contains(&dice.count) || !(2..=1000).contains(&dice.sides) {
        return Err(Refused::new("Throw 1 to 100 dice of 2 to 1000 sides."));
    }
    let one = |die| {
        Ok(Die {
            die,
            shows: below(dice.sides)? + 1,
        })
    };
    (1..=dice.count).map(one).collect()
}

fn draw(names: Names) -> Result<String, Refused> {
    let all = names.names.split([',', '，', '、']).map(str::trim);
    let all: Vec<&str> = all.filter(|name| !name.is_empty()).collect();
    match u32::try_from(all.len()) {
        Ok(count @ 1..) => Ok(all[below(count)? as usize].to_owned()),
        _ => Err(Refused::new("There is no name to draw.")),
    }
}

fn main() {
    Plugin::new("lots", "1.0")
        .tool("throw", "Throws dice.", throw)
        .tool("draw", "Draws one of some names.", draw)
        .run();
}
