//! The program of the web worker, for browsers without a GPU.

#[cfg(target_family = "wasm")]
fn main() {
    crack_segmenter::web::worker::run();
}

#[cfg(not(target_family = "wasm"))]
fn main() {
    eprintln!("This program runs in a browser: `cargo xtask serve` builds and serves it.");
}
