//! A worker: holds a result and computes from its spikes.

fn main() {
    frontend::work::analyst::listen();
}
