//! The listener and its threads: one that accepts, one for each connection, all gone after `stop`.

use std::{
    collections::HashMap,
    fmt,
    io::{self, Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use time::OffsetDateTime;

use crate::{
    delivery::Then,
    http::{Received, Reply, Requests},
    relay::Relay,
    service::{Service, State},
};

/// A server that runs until it is dropped.
pub(crate) struct Server<S: Service> {
    address: SocketAddr,
    shared: Arc<Shared<S>>,
    acceptor: Option<JoinHandle<()>>,
}

/// What the threads share. No lock is held while another is taken, nor during input or output.
struct Shared<S: Service> {
    state: Mutex<State<S>>,
    stopping: Mutex<bool>,
    stopped: Condvar,
    connections: Mutex<HashMap<u64, Connection>>,
    tls: Option<Arc<ServerConfig>>,
}

/// A second handle of a connection, to close it from outside, and the thread to wait for.
struct Connection {
    stream: TcpStream,
    thread: JoinHandle<()>,
}

impl<S: Service> Server<S> {
    pub(crate) fn start(state: State<S>, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port of 127.0.0.1");
        let address = listener.local_addr().expect("the address of a listener");
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            stopping: Mutex::new(false),
            stopped: Condvar::new(),
            connections: Mutex::default(),
            tls,
        });
        let acceptor = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.accept(&listener))
        };
        Self {
            address,
            shared,
            acceptor: Some(acceptor),
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State<S>> {
        lock(&self.shared.state)
    }

    fn stop(&mut self) {
        *lock(&self.shared.stopping) = true;
        self.shared.stopped.notify_all();
        // `accept` has no other way out than a connection. If none can be made, say for want of
        // file descriptors, its thread is left to the end of the process.
        if TcpStream::connect(self.address).is_ok()
            && let Some(acceptor) = self.acceptor.take()
        {
            let _ = acceptor.join();
        }
        let connections = std::mem::take(&mut *lock(&self.shared.connections));
        for connection in connections.values() {
            let _ = connection.stream.shutdown(Shutdown::Both);
        }
        // Windows does not wake a blocked read when its socket is shut down from another thread;
        // there a thread goes when its client does, or with the process.
        if cfg!(unix) {
            for connection in connections.into_values() {
                let _ = connection.thread.join();
            }
        }
    }
}

impl<S: Service> Drop for Server<S> {
    fn drop(&mut self) {
        self.stop();
    }
}

impl<S: Service> fmt::Debug for Server<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl<S: Service> Shared<S> {
    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for id in 0.. {
            let accepted = listener.accept();
            if *lock(&self.stopping) {
                return;
            }
            lock(&self.connections).retain(|_, connection| !connection.thread.is_finished());
            match accepted {
                Ok((stream, _)) => self.open(id, stream),
                // Out of file descriptors, say: it may pass, and must not spin until it does.
                Err(_) => thread::sleep(Duration::from_millis(10)),
            }
        }
    }

    fn open(self: &Arc<Self>, id: u64, stream: TcpStream) {
        // Without it a reply may wait for the acknowledgement of the last one.
        let _ = stream.set_nodelay(true);
        let Ok(handle) = stream.try_clone() else {
            return;
        };
        let shared = Arc::clone(self);
        let thread = thread::spawn(move || {
            let handle = stream.try_clone();
            let _ = shared.serve(stream);
            // The handle of the registry keeps the connection open, so dropping is not enough.
            if let Ok(handle) = handle {
                let _ = handle.shutdown(Shutdown::Both);
            }
        });
        lock(&self.connections).insert(id, Connection { stream: handle, thread });
    }

    fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        let Some(config) = &self.tls else {
            return match self.converse(&mut stream)? {
                Farewell::Relay(relay, early) => relay.run(&stream, &early),
                Farewell::Polite | Farewell::Abrupt => Ok(()),
            };
        };
        let session = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
        let mut stream = StreamOwned::new(session, stream);
        if matches!(self.converse(&mut stream)?, Farewell::Polite) {
            stream.conn.send_close_notify();
            stream.flush()?;
        }
        Ok(())
    }

    fn converse(&self, stream: &mut (impl Read + Write)) -> io::Result<Farewell> {
        let mut requests = Requests::new();
        loop {
            let request = match requests.next(stream)? {
                Received::Request(request) => request,
                Received::Unfit(status) => {
                    stream.write_all(&Reply::text(status, "").to_bytes(false, OffsetDateTime::now_utc()))?;
                    stream.flush()?;
                    return Ok(Farewell::Polite);
                }
                Received::End => return Ok(Farewell::Polite),
            };
            let delivery = lock(&self.state).answer(request);
            if self.pause(delivery.delay) {
                return Ok(Farewell::Abrupt);
            }
            stream.write_all(&delivery.bytes)?;
            stream.flush()?;
            match delivery.then {
                Then::Listen => {}
                Then::Close => return Ok(Farewell::Polite),
                Then::HangUp => return Ok(Farewell::Abrupt),
                Then::Relay(relay) => return Ok(Farewell::Relay(relay, requests.into_rest())),
            }
        }
    }

    /// Wait, but not past the end of the server; whether that came first.
    fn pause(&self, delay: Duration) -> bool {
        let stopping = lock(&self.stopping);
        let (stopping, _) = self
            .stopped
            .wait_timeout_while(stopping, delay, |stopping| !*stopping)
            .unwrap_or_else(PoisonError::into_inner);
        *stopping
    }
}

/// How the conversation on a connection ends.
enum Farewell {
    /// With TLS, the client is told so.
    Polite,
    Abrupt,
    /// It goes on with another server, to which these bytes came early. Only proxies do that, and
    /// they have no TLS.
    Relay(Relay, Vec<u8>),
}

/// A test that panicked elsewhere must not take the server along.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
