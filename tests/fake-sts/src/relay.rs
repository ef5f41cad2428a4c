//! A connection handed on to another server of this machine; knows nothing of what is said on it.

use std::{
    io::{self, Write},
    net::{Ipv4Addr, Shutdown, TcpStream},
    thread,
};

use time::OffsetDateTime;

use crate::http::Reply;

/// Which server a connection goes on to, and what is said first.
#[derive(Debug)]
pub struct Relay {
    /// The server's port, of 127.0.0.1.
    pub(crate) port: u16,
    /// To the server.
    pub(crate) opening: Vec<u8>,
    /// To the client, once the server is reached.
    pub(crate) greeting: Vec<u8>,
}

impl Relay {
    /// Until either side is done. `early` is what the client said without waiting for the greeting.
    pub(crate) fn run(&self, mut client: &TcpStream, early: &[u8]) -> io::Result<()> {
        let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)) else {
            let reply = Reply::text(502, "nobody listens there");
            return client.write_all(&reply.to_bytes(false, OffsetDateTime::now_utc()));
        };
        server.set_nodelay(true)?;
        (&server).write_all(&self.opening)?;
        (&server).write_all(early)?;
        client.write_all(&self.greeting)?;
        thread::scope(|scope| {
            scope.spawn(|| pump(&server, client));
            pump(client, &server);
        });
        Ok(())
    }
}

/// Copy until there is no more, which then ends the other direction, too.
fn pump(mut from: &TcpStream, mut to: &TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    for stream in [from, to] {
        let _ = stream.shutdown(Shutdown::Both);
    }
}
