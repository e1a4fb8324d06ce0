//! Starts the local cloud, a driver and browsers; ends what it started.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use local_cloud::{Config, Running, serve};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// No step of a flow takes longer, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// The path of a small HDF5 file of the core's tests.
pub fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../wasm-core/golden/hdf5").join(name).canonicalize().expect("golden")
}

/// A local cloud of its own for one test.
pub struct Stage {
    pub cloud: Running,
    pub folder: TempDir,
    driver: Child,
    /// Host and port of the driver.
    driver_host: String,
    browsers: Vec<Client>,
}

impl Stage {
    pub async fn open() -> Self {
        let site = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/site");
        assert!(site.join("app_bg.wasm").exists(), "the site is not built; run `cargo xtask site` first");
        let folder = TempDir::new().expect("a temporary folder");
        let cloud = serve(Config { port: 0, data: folder.path().join("data"), site }).await.expect("the local cloud");
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver; Debian's package is chromium-driver");
        let mut lines = BufReader::new(driver.stdout.take().expect("piped")).lines();
        let port = loop {
            let line = lines.next_line().await.expect("readable").expect("the driver says its port");
            if let Some(rest) = line.split("on port ").nth(1).filter(|_| line.contains("started successfully")) {
                break rest.trim_end_matches('.').to_owned();
            }
        };
        // The driver would block on a full pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { cloud, folder, driver, driver_host: format!("127.0.0.1:{port}"), browsers: Vec::new() }
    }

    /// A browser in which nothing was done but that the link with the invitation was opened, and a folder
    /// for its downloads.
    pub async fn browser(&mut self) -> (Page, PathBuf) {
        let (page, downloads) = self.uninvited().await;
        page.go(&self.cloud.link()).await;
        page.until("return localStorage.getItem('neurocyte-invitation')", |code| !code.is_null()).await;
        (page, downloads)
    }

    /// A browser that has never been here, with a folder for its downloads.
    pub async fn uninvited(&mut self) -> (Page, PathBuf) {
        let at = self.browsers.len();
        let (profile, downloads) =
            (self.folder.path().join(format!("profile-{at}")), self.folder.path().join(format!("downloads-{at}")));
        std::fs::create_dir_all(&downloads).expect("a folder for downloads");
        let arguments = [
            "--headless".to_owned(),
            "--no-sandbox".into(),
            "--disable-gpu".into(),
            "--no-first-run".into(),
            "--disable-background-networking".into(),
            "--disable-component-update".into(),
            "--disable-sync".into(),
            "--window-size=1440,900".into(),
            format!("--user-data-dir={}", profile.display()),
        ];
        let options = json!({ "args": arguments, "prefs": { "download.default_directory": downloads } });
        let mut capabilities = serde_json::Map::new();
        capabilities.insert("goog:chromeOptions".into(), options);
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://{}", self.driver_host))
            .await
            .expect("a browser");
        self.browsers.push(client.clone());
        let page = Page { client, address: self.cloud.address.clone(), driver_host: self.driver_host.clone() };
        (page, downloads)
    }

    pub async fn close(mut self) {
        for browser in self.browsers.drain(..) {
            browser.close().await.ok();
        }
        self.driver.kill().await.ok();
        self.cloud.stop();
    }
}

impl Drop for Stage {
    /// A test that failed has not closed its browsers, and the driver leaves them running.
    fn drop(&mut self) {
        let folder = self.folder.path().display().to_string();
        let processes = if self.browsers.is_empty() { None } else { std::fs::read_dir("/proc").ok() };
        for process in processes.into_iter().flatten().flatten() {
            let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
            if String::from_utf8_lossy(&line).contains(&folder) {
                std::process::Command::new("kill").arg(process.file_name()).status().ok();
            }
        }
    }
}

/// A tab.
pub struct Page {
    client: Client,
    pub address: String,
    driver_host: String,
}

impl Page {
    pub async fn go(&self, address: &str) {
        self.client.goto(address).await.expect("the page loads");
    }

    /// Waits for the element with this `data-testid`; a page that says what went wrong ends the test.
    pub async fn find(&self, name: &str) -> Element {
        let selector = format!("[data-testid=\"{name}\"]");
        let waiting = self.client.wait().at_most(PATIENCE).every(Duration::from_millis(100));
        match waiting.for_element(Locator::Css(&selector)).await {
            Ok(element) => element,
            Err(error) => {
                panic!("{name}: {error}; the page says: {}", self.run("return document.body.innerText").await)
            }
        }
    }

    pub async fn click(&self, name: &str) {
        self.find(name).await;
        // A person opens the menus and cards that it lies in, and scrolls: the bar at the foot may lie over the
        // lower edge.
        let seen = format!(
            "const wanted = document.querySelector('[data-testid=\"{name}\"]');
             const isHead = wanted?.closest('summary') || wanted?.tagName === 'DETAILS';
             for (let at = isHead ? null : wanted; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
             wanted?.scrollIntoView({{ block: 'center' }})"
        );
        // A page that is still drawn again may move, close or replace it in between: a person tries again.
        let until = Instant::now() + PATIENCE;
        loop {
            self.run(&seen).await;
            match self.find(name).await.click().await {
                Ok(()) => return,
                Err(error) if Instant::now() > until => panic!("{name} cannot be clicked: {error}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }

    /// Waits until a button can be pressed, and presses it.
    pub async fn press(&self, button: &str) {
        let enabled = format!("return document.querySelector('[data-testid=\"{button}\"]')?.disabled === false");
        self.until(&enabled, |is| *is == true).await;
        self.click(button).await;
    }

    pub async fn text(&self, name: &str) -> String {
        self.find(name).await.text().await.expect("text")
    }

    /// Hands files to the file input.
    pub async fn choose(&self, files: &[&Path]) {
        let paths: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
        self.find("file-input").await.send_keys(&paths.join("\n")).await.expect("accepted");
    }

    /// Goes to the start page and opens files there, until their traces are on the screen.
    pub async fn open(&self, files: &[&Path]) {
        self.go(&self.address).await;
        self.choose(files).await;
        self.find("traces-ready").await;
    }

    /// Has the browser do what no page can, by its debugging protocol.
    pub async fn debug(&self, command: &str, parameters: Value) {
        let session = self.client.session_id().await.expect("answers").expect("a session");
        let body = json!({ "cmd": command, "params": parameters }).to_string();
        let head = format!(
            "POST /session/{session}/goog/cdp/execute HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            self.driver_host,
            body.len()
        );
        let mut stream = TcpStream::connect(&self.driver_host).await.expect("connects");
        stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await.expect("sends");
        let mut status = String::new();
        let answer = tokio::time::timeout(PATIENCE, BufReader::new(stream).read_line(&mut status)).await;
        answer.expect("answers in time").expect("answers");
        assert!(status.contains(" 200 "), "{command}: {status}");
    }

    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.expect("the script runs")
    }

    /// Waits until a script's value satisfies a condition.
    pub async fn until(&self, script: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            let value = self.run(script).await;
            if fits(&value) {
                return value;
            }
            assert!(Instant::now() < end, "{script} stays {value}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Waits for a whole download.
pub async fn downloaded(folder: &Path, name: &str) -> Vec<u8> {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Ok(bytes) = std::fs::read(folder.join(name))
            && !bytes.is_empty()
        {
            return bytes;
        }
        assert!(Instant::now() < end, "{name} was not downloaded");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Writes a simulated recording as plain binary with its description, and gives both paths.
pub fn write_recording(folder: &Path, n_channels: usize, duration_s: f64) -> [PathBuf; 2] {
    use wasm_core::recording::FrameSource;
    use wasm_core::simulation::{Simulation, SimulationSpec};
    let spec = SimulationSpec { n_channels, sampling_frequency_hz: 20_000.0, duration_s, seed: 5 };
    let simulation = Simulation::new(spec);
    let n_frames = usize::try_from(simulation.info().n_frames()).expect("small");
    let block = simulation.read(0, 0, n_frames).expect("renders");
    let (raw, description) = (folder.join("culture.raw"), folder.join("culture.json"));
    std::fs::write(&raw, block.bytes).expect("writable");
    let described = json!({
        "sampling_frequency_hz": 20_000.0, "n_channels": n_channels, "dtype": "int16", "gain_to_uv": 0.195,
        "positions_um": simulation.info().positions_um,
    });
    std::fs::write(&description, described.to_string()).expect("writable");
    [raw, description]
}
