//! A listener that has room for so many connections, and that waits where none can be accepted.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};

/// A back-off after a connection that could not be accepted.
const BACK_OFF: Duration = Duration::from_millis(50);

/// Where connections come in.
#[derive(Debug)]
pub struct Door {
    listener: TcpListener,
    room: Arc<Semaphore>,
}

/// A connection that came in.
#[derive(Debug)]
pub struct Visitor {
    /// The connection; it sends at once what is written.
    pub stream: TcpStream,
    /// Who is at its other end.
    pub peer: SocketAddr,
    /// The connection's place, which another one gets when this is dropped.
    pub place: Place,
}

/// One of the places.
#[derive(Debug)]
pub struct Place(#[expect(dead_code, reason = "dropping it is its use")] OwnedSemaphorePermit);

impl Door {
    /// A door for so many connections at once; further ones wait in the kernel's queue.
    #[must_use]
    pub fn new(listener: TcpListener, most: usize) -> Self {
        Self { listener, room: Arc::new(Semaphore::new(most)) }
    }

    /// The next connection, once there is a place for it. `None` never comes while the door is there; it ends loops.
    pub async fn next(&self) -> Option<Visitor> {
        let place = Place(Arc::clone(&self.room).acquire_owned().await.ok()?);
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => {
                    let _nodelay = stream.set_nodelay(true);
                    return Some(Visitor { stream, peer, place });
                }
                // A client that went away, or no file descriptor is left: the connection stays in the queue and would fail at once again.
                Err(why) => {
                    tracing::warn!(%why, listener = ?self.listener.local_addr().ok(), "a connection could not be accepted");
                    tokio::time::sleep(BACK_OFF).await;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_connection_waits_for_a_place() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let door = Door::new(listener, 1);
        let (_one, _two) = (TcpStream::connect(at).await.unwrap(), TcpStream::connect(at).await.unwrap());
        let first = door.next().await.unwrap();
        assert!(first.stream.nodelay().unwrap());
        let mut second = std::pin::pin!(door.next());
        tokio::select! {
            biased;
            _ = &mut second => panic!("there is no place"),
            () = std::future::ready(()) => {}
        }
        drop(first);
        assert!(second.await.is_some());
    }
}
