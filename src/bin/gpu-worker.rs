//! The program of the web worker, for browsers that offer a GPU; it has the CPU's engine too.

#[cfg(target_family = "wasm")]
fn main() {
    crack_segmenter::web::worker::run();
}

#[cfg(not(target_family = "wasm"))]
fn main() {
    eprintln!("This program runs in a browser: `cargo xtask serve` builds and serves it.");
}
