//! Puts llama.cpp's shared libraries where the worker looks for them: in a folder
//! `lucid-engine-llama.libs` beside the program. The folder moves with the program.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

const FOLDER: &str = "lucid-engine-llama.libs";

fn main() -> io::Result<()> {
    let variants = PathBuf::from(required("DEP_LLAMA_BACKENDS_DIR"));
    let output = variants.parent().expect("the variants lie in a folder");
    let target = PathBuf::from(required("OUT_DIR"));
    let target = target
        .ancestors()
        .nth(3)
        .expect("OUT_DIR lies in target/PROFILE/build/PACKAGE/out");
    let folder = target.join(FOLDER);
    // What an earlier build left there must not be chosen.
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder)?;
    for library in ["lib", "lib64"] {
        copy(&output.join(library), &folder, is_linked)?;
    }
    copy(&variants, &folder, is_variant)?;
    remove_dangling_links(target);
    println!("cargo:rerun-if-changed=cpu-variants.cmake");
    println!("cargo:rerun-if-changed={}", variants.display());
    // DT_RPATH rather than DT_RUNPATH: it also holds for the libraries' own needs.
    println!("cargo:rustc-link-arg-bins=-Wl,--disable-new-dtags,-rpath,$ORIGIN/{FOLDER}");
    println!("cargo:rustc-env=LUCID_LIBRARIES={FOLDER}");
    Ok(())
}

/// llama-cpp-sys-2 leaves links like `libllama.so` in the target folder whose targets it
/// does not put there, and its next build in the same folder fails because they exist.
fn remove_dangling_links(target: &Path) {
    for folder in ["", "deps", "examples"] {
        for library in ["libllama", "libggml", "libggml-base", "libllama-common"] {
            let link = target.join(folder).join(format!("{library}.so"));
            if link.is_symlink() && !link.exists() {
                let _ = fs::remove_file(link);
            }
        }
    }
}

fn required(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("cargo and llama-cpp-sys-2 set {name}"))
}

/// The names that programs are linked to end in one number, as in `libllama.so.0`.
fn is_linked(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let wanted = [
        "libllama.so.",
        "libggml.so.",
        "libggml-base.so.",
        "libllama-common.so.",
    ];
    wanted.iter().any(|start| {
        name.strip_prefix(start)
            .is_some_and(|version| version.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

/// On x86-64, only the variants named in cpu-variants.cmake have anything in them.
fn is_variant(path: &Path) -> bool {
    let kept = include_str!("cpu-variants.cmake")
        .lines()
        .find_map(|line| line.strip_prefix("set(LUCID_CPU_VARIANTS "))
        .expect("the file sets the variants in one line");
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let Some(variant) = name.strip_prefix("libggml-cpu-") else {
        return false;
    };
    let variant = variant.trim_end_matches(".so");
    required("CARGO_CFG_TARGET_ARCH") != "x86_64"
        || kept
            .trim_end_matches(')')
            .split(' ')
            .any(|kept| kept == variant)
}

fn copy(from: &Path, to: &Path, wanted: fn(&Path) -> bool) -> io::Result<()> {
    let Ok(entries) = fs::read_dir(from) else {
        return Ok(());
    };
    for entry in entries {
        let path = entry?.path();
        if let Some(name) = path.file_name().filter(|_| wanted(&path)) {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
