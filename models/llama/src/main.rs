//! The llama.cpp worker.
fn main() {
    let backend = llama_cpp_2::llama_backend::LlamaBackend::init();
    println!("{:?}", backend.is_ok());
    let _ = llguidance::Matcher::new(Err(anyhow::anyhow!("x")));
}
