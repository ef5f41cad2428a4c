//! A proxy that lets nobody through and remembers where they wanted to go.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

pub struct Proxy {
    pub url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Listens until the test program ends.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let target = refuse(client);
                let mut log = log.lock().expect("no thread panics here");
                if let Some(target) = target.filter(|target| !log.contains(target)) {
                    log.push(target);
                }
            }
        });
        Self {
            url: format!("http://{address}"),
            asked,
        }
    }

    /// `HOST:PORT` of everybody's wishes, each once.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no thread panics here").clone()
    }
}

/// Reads a CONNECT and says no.
fn refuse(client: TcpStream) -> Option<String> {
    let mut reader = BufReader::new(client.try_clone().ok()?);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let mut line = first.clone();
    while line.trim_end() != "" {
        line.clear();
        reader.read_line(&mut line).ok()?;
    }
    let mut client = client;
    client
        .write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        .ok()?;
    first.split(' ').nth(1).map(str::to_owned)
}
