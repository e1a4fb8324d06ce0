//! How far regions are from this machine.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use wasm_core::regions::Region;

/// Connections that are made to each; the quickest counts.
const TRIES: usize = 5;
/// What does not answer by then is not there.
const PATIENCE: Duration = Duration::from_secs(2);
const HTTPS: u16 = 443;

/// Milliseconds there and back to each region that answers, by its code: the time in which a connection is
/// made, which is one way there and one back. Nothing is sent.
pub fn ping(regions: &[Region]) -> BTreeMap<String, f64> {
    std::thread::scope(|scope| {
        let one = |region| scope.spawn(move || measure(region));
        let waiting: Vec<_> = regions.iter().map(|region| (region, one(region))).collect();
        let found = waiting.into_iter().map(|(region, thread)| (region.code.clone(), thread.join().ok().flatten()));
        found.filter_map(|(code, ms)| Some((code, ms?))).collect()
    })
}

fn measure(region: &Region) -> Option<f64> {
    // The name is looked up before the clock runs.
    let address: SocketAddr = (region.ping_host().as_str(), HTTPS).to_socket_addrs().ok()?.next()?;
    let once = |_| {
        let start = Instant::now();
        let connected = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
        let took = start.elapsed();
        drop(connected);
        Some(took.as_secs_f64() * 1000.0)
    };
    // What does not answer once is not waited for again.
    let first = once(0)?;
    (1..TRIES).filter_map(once).chain([first]).min_by(f64::total_cmp)
}
