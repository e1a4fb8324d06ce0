//! What the browser loads and says, by HTTP on 127.0.0.1.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use serde::Deserialize;
use serde_json::json;

use super::files::{self, Files};
use super::report::Ran;
use super::{Options, Program, choice};
use crate::shell::{Outcome, root};

/// No test takes longer.
const PATIENCE_S: u64 = 600;

/// What the page says.
pub enum Word {
    /// The names of a program's tests, and how many of them are to run.
    Listed(Vec<String>, usize),
    Ran(Ran),
    /// The end, and what went wrong with the page, if anything.
    Done(String),
}

#[derive(Deserialize)]
struct Listed {
    names: Vec<String>,
}

struct Site {
    programs: Vec<Program>,
    filter: Option<String>,
    seed: u32,
    files: Files,
}

/// Serves until this program ends; gives the address of the page, and what it says.
pub fn open(programs: Vec<Program>, options: &Options) -> Outcome<(String, Receiver<Word>)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = format!("http://{}/", listener.local_addr()?);
    let site = Arc::new(Site { programs, filter: options.filter.clone(), seed: options.seed, files: Files::new() });
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (site, sender) = (Arc::clone(&site), sender.clone());
            // A browser that does not listen any more is seen by its silence.
            thread::spawn(move || site.answer(&stream, &sender).ok());
        }
    });
    Ok((address, receiver))
}

struct Answer {
    kind: &'static str,
    body: Vec<u8>,
}

impl Site {
    fn answer(&self, stream: &TcpStream, sender: &Sender<Word>) -> io::Result<()> {
        let (what, body) = request(stream)?;
        let mut to = stream;
        let Some(Answer { kind, body }) = self.answer_to(&what, &body, sender) else {
            return write!(to, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        };
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}", body.len());
        write!(to, "{head}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n")?;
        to.write_all(&body)
    }

    fn answer_to(&self, what: &str, body: &[u8], sender: &Sender<Word>) -> Option<Answer> {
        let said = |word: Word| sender.send(word).ok().map(|()| Answer { kind: "text/plain", body: Vec::new() });
        let page = |name: &str, kind: &'static str| {
            Some(Answer { kind, body: fs::read(root().join("infra/xtask/test-wasm").join(name)).ok()? })
        };
        let json =
            |value: &serde_json::Value| Some(Answer { kind: "application/json", body: value.to_string().into_bytes() });
        let path = || String::from_utf8_lossy(body).into_owned();
        match what {
            "GET /" => page("index.html", "text/html"),
            "GET /page.js" => page("page.js", "text/javascript"),
            "GET /worker.js" => page("worker.js", "text/javascript"),
            "GET /wasi.js" => page("wasi.js", "text/javascript"),
            "GET /files.js" => page("files.js", "text/javascript"),
            "GET /job" => {
                let programs: Vec<&str> = self.programs.iter().map(|program| program.name.as_str()).collect();
                let (seed, folders) = (self.seed, files::folders());
                json(&json!({ "programs": programs, "seed": seed, "folders": folders, "patience_s": PATIENCE_S }))
            }
            "POST /listed" => {
                let Listed { names } = serde_json::from_slice(body).ok()?;
                let chosen = choice::chosen(&names, self.filter.as_deref());
                sender.send(Word::Listed(names, chosen.len())).ok()?;
                json(&json!(chosen))
            }
            "POST /ran" => said(Word::Ran(serde_json::from_slice(body).ok()?)),
            "POST /done" => said(Word::Done(serde_json::from_slice(body).ok()?)),
            "POST /look" => json(&self.files.look(&path())?),
            "POST /read" => Some(Answer { kind: "application/octet-stream", body: self.files.read(&path())? }),
            other => {
                let program = self.programs.get(other.strip_prefix("GET /programs/")?.parse::<usize>().ok()?)?;
                Some(Answer { kind: "application/wasm", body: fs::read(&program.path).ok()? })
            }
        }
    }
}

/// Method and path of a request, and what came with it.
fn request(stream: &TcpStream) -> io::Result<(String, Vec<u8>)> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let what = line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let mut n_bytes = 0;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            n_bytes = value.trim().parse::<u64>().map_err(io::Error::other)?;
        }
    }
    let mut body = Vec::new();
    reader.take(n_bytes).read_to_end(&mut body)?;
    Ok((what, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(address: &str, what: &str, body: &str) -> String {
        let host = address.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = TcpStream::connect(host).expect("connects");
        write!(stream, "{what} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}", body.len()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    #[test]
    fn the_page_is_served_and_heard() {
        let programs = vec![Program { name: "it".into(), path: root().join("Cargo.toml") }];
        let (address, words) = open(programs, &Options { filter: Some("b".into()), seed: 3 }).expect("serves");
        assert!(ask(&address, "GET /", "").contains("/page.js"));
        assert!(ask(&address, "GET /job", "").contains(r#""programs":["it"]"#));
        assert!(ask(&address, "GET /programs/0", "").contains("application/wasm"));
        assert!(ask(&address, "GET /programs/1", "").starts_with("HTTP/1.1 404"));
        assert!(ask(&address, "POST /read", "/etc/hosts").starts_with("HTTP/1.1 404"));
        let chosen = ask(&address, "POST /listed", r#"{ "program": "it", "names": ["a", "b"] }"#);
        assert!(chosen.ends_with(r#"["b"]"#), "{chosen}");
        assert!(matches!(words.recv(), Ok(Word::Listed(names, 1)) if names == ["a", "b"]));
        assert!(ask(&address, "POST /done", r#""broken""#).starts_with("HTTP/1.1 200"));
        assert!(matches!(words.recv(), Ok(Word::Done(why)) if why == "broken"));
    }
}
