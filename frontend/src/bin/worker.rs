//! A worker: reads files and computes.

fn main() {
    frontend::work::listen();
}
