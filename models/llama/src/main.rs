//! The llama.cpp worker.
fn main() {}
