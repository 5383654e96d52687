//! Questions over TCP: each message after its length, several on one connection.
use crate::{
    resolver::Service,
    wire::{Reply, Transport},
};
use std::{io, net::IpAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::timeout,
};

/// How long a connection may be without a whole question, or an answer wait to be taken.
const IDLE: Duration = Duration::from_secs(10);

/// Accepts until it is aborted; then its connections end too.
pub(crate) async fn serve(listener: TcpListener, service: Service) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        let (stream, client) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(vpc = %service.vpc, %error, "cannot accept connections");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Ok(slot) = service.connections().try_acquire_owned() else {
            tracing::debug!(vpc = %service.vpc, %client, "too many connections");
            continue;
        };
        let service = service.clone();
        connections.spawn(async move {
            let _slot = slot;
            if let Err(error) = converse(stream, client.ip(), &service).await {
                tracing::debug!(vpc = %service.vpc, %client, %error, "connection ended");
            }
        });
    }
}

/// Answers the questions of one connection in their order.
async fn converse(mut stream: TcpStream, client: IpAddr, service: &Service) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut message = Vec::new();
    loop {
        match timeout(IDLE, read_message(&mut stream, &mut message)).await?? {
            Some(()) => {}
            None => return Ok(()),
        }
        let answer = match service.respond(client, &message, Transport::Tcp) {
            Reply::Drop => continue,
            Reply::Send(answer) => answer,
            Reply::Forward(request) => service.forward(&request).await,
        };
        let len = u16::try_from(answer.len()).map_err(io::Error::other)?;
        let mut framed = Vec::with_capacity(answer.len() + 2);
        framed.extend_from_slice(&len.to_be_bytes());
        framed.extend_from_slice(&answer);
        timeout(IDLE, stream.write_all(&framed)).await??;
    }
}

/// The next message; `None` when the client is done.
async fn read_message(stream: &mut TcpStream, message: &mut Vec<u8>) -> io::Result<Option<()>> {
    let len = match stream.read_u16().await {
        Ok(len) => len,
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    };
    message.clear();
    message.resize(usize::from(len), 0);
    stream.read_exact(message).await?;
    Ok(Some(()))
}
