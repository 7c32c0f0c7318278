//! Starts llama.cpp with the CPU kernels that suit this machine, and loads a model.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, bail};
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::context::params::LlamaContextParams;
use llama_cpp_2::llama_backend::{LlamaBackend, load_backends_from_path};
use llama_cpp_2::model::params::LlamaModelParams;
use llama_cpp_2::model::{LlamaLoraAdapter, LlamaModel};

/// Tokens that go through the model in one step of a prefill. The pause between two
/// steps is where a cancellation takes hold.
pub(crate) const PREFILL_STEP: usize = 64;

/// What a model is loaded with.
#[derive(Debug, Clone)]
pub(crate) struct LoadOptions {
    pub(crate) path: PathBuf,
    pub(crate) context_length: u32,
    pub(crate) threads: Option<u32>,
    /// The adapter for prompts that ask for it.
    pub(crate) adapter: Option<PathBuf>,
    /// Whether the file stays mapped. Without, the kernels' repacked copy of the
    /// weights is all that remains in memory, a third less.
    pub(crate) mmap: bool,
}

/// A model in memory. It lives as long as the process.
pub(crate) struct Loaded {
    pub(crate) model: &'static LlamaModel,
    pub(crate) context: LlamaContext<'static>,
    pub(crate) adapter: Option<LlamaLoraAdapter>,
    pub(crate) load_ms: f64,
}

/// Loads the fitting kernels; call once, before anything else of llama.cpp.
pub(crate) fn start() -> anyhow::Result<LlamaBackend> {
    load_backends_from_path(&libraries()?);
    let mut backend = LlamaBackend::init().context("could not start llama.cpp")?;
    if std::env::var_os("LUCID_ENGINE_LOG").is_none() {
        backend.void_logs();
    }
    Ok(backend)
}

/// The folder with the kernels, beside the program.
fn libraries() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe().context("could not find the worker's own program")?;
    let beside = program.with_file_name(env!("LUCID_LIBRARIES"));
    if beside.is_dir() {
        return Ok(beside);
    }
    // A unit test runs from `deps/`, one folder deeper.
    let above = program
        .parent()
        .and_then(Path::parent)
        .map(|folder| folder.join(env!("LUCID_LIBRARIES")));
    match above {
        Some(above) if above.is_dir() => Ok(above),
        _ => bail!("the folder {} is missing", beside.display()),
    }
}

/// Names the engine, its version and the kernels in use.
pub(crate) fn build_name() -> String {
    let kernels = loaded_kernels().unwrap_or_else(|| "unknown".to_owned());
    format!(
        "llama.cpp (lucid-engine-llama {}, kernels {kernels})",
        env!("CARGO_PKG_VERSION")
    )
}

/// The kernel library that the loader chose, as the process' memory map tells it.
fn loaded_kernels() -> Option<String> {
    let maps = fs::read_to_string("/proc/self/maps").ok()?;
    maps.lines().find_map(|line| {
        let (_, file) = line.rsplit_once("/libggml-cpu-")?;
        Some(file.trim_end_matches(".so").to_owned())
    })
}

/// Reads the model's file and makes a context.
pub(crate) fn load(
    backend: &LlamaBackend,
    options: &LoadOptions,
    progress: impl FnMut(f32) + 'static,
) -> anyhow::Result<Loaded> {
    let start = Instant::now();
    check_header(&options.path)?;
    let mut progress = progress;
    let parameters = LlamaModelParams::default()
        .with_use_mmap(options.mmap)
        .with_progress_callback(move |done| {
            progress(done);
            true
        });
    let mut model = LlamaModel::load_from_file(backend, &options.path, &parameters)
        .context("the file is damaged, or there is too little memory for it")?;
    // Before the context, which has room for what is known by then.
    let adapter = options.adapter.as_deref().map(|path| {
        model
            .lora_adapter_init(path)
            .context("the adapter is damaged, or is for another model")
    });
    let adapter = adapter.transpose()?;
    let model: &'static LlamaModel = Box::leak(Box::new(model));
    let threads = i32::try_from(options.threads.unwrap_or_else(physical_cores)).unwrap_or(1);
    let step = u32::try_from(PREFILL_STEP).expect("the step is a small number");
    let parameters = LlamaContextParams::default()
        .with_n_ctx(std::num::NonZeroU32::new(
            options.context_length.min(model.n_ctx_train()).max(64),
        ))
        .with_n_batch(step)
        .with_n_ubatch(step)
        .with_n_seq_max(1)
        // On processors, flash attention over a long capsule takes as long for 24 tokens as
        // for 64: without it the words of a request are read a quarter quicker.
        .with_flash_attention_policy(llama_cpp_sys_2::LLAMA_FLASH_ATTN_TYPE_DISABLED)
        .with_n_threads(threads)
        .with_n_threads_batch(threads);
    let context = model
        .new_context(backend, parameters)
        .context("there is too little memory for the context")?;
    Ok(Loaded {
        model,
        context,
        adapter,
        load_ms: start.elapsed().as_secs_f64() * 1e3,
    })
}

/// Gives the plain cases of a bad file their own sentence.
fn check_header(path: &Path) -> anyhow::Result<()> {
    let mut magic = [0; 4];
    let mut file = fs::File::open(path).context("the file cannot be opened")?;
    std::io::Read::read_exact(&mut file, &mut magic).context("the file is empty or cut off")?;
    if &magic != b"GGUF" {
        bail!("the file is not a GGUF model");
    }
    Ok(())
}

/// Counts cores rather than hardware threads: two threads on one core only get in each
/// other's way here.
fn physical_cores() -> u32 {
    let available = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut cores = std::collections::BTreeSet::new();
    for cpu in 0.. {
        let folder = format!("/sys/devices/system/cpu/cpu{cpu}");
        if !Path::new(&folder).exists() {
            break;
        }
        let read = |name: &str| fs::read_to_string(format!("{folder}/topology/{name}")).ok();
        if let (Some(package), Some(core)) = (read("physical_package_id"), read("core_id")) {
            cores.insert((package, core));
        }
    }
    let cores = if cores.is_empty() {
        available
    } else {
        cores.len()
    };
    u32::try_from(cores.min(available)).unwrap_or(1)
}
