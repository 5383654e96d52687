//! Questions over UDP.
use crate::{
    resolver::Service,
    wire::{Reply, Transport},
};
use hickory_proto::op::ResponseCode;
use std::{sync::Arc, time::Duration};
use tokio::{net::UdpSocket, task::JoinSet};

/// Forwarded questions of one socket that wait for their answer.
const WAITING: usize = 256;

/// Answers until it is aborted.
pub(crate) async fn serve(socket: UdpSocket, service: Service) {
    let socket = Arc::new(socket);
    let mut buffer = vec![0; usize::from(u16::MAX)];
    let mut waiting = JoinSet::new();
    loop {
        let received = tokio::select! {
            received = socket.recv_from(&mut buffer) => received,
            Some(_) = waiting.join_next() => continue,
        };
        let (len, client) = match received {
            Ok(received) => received,
            Err(error) => {
                tracing::warn!(vpc = %service.vpc, %error, "cannot receive questions");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let bytes = buffer.get(..len).unwrap_or_default();
        let answer = match service.respond(client.ip(), bytes, Transport::Udp) {
            Reply::Drop => continue,
            Reply::Send(answer) => answer,
            Reply::Forward(request) if waiting.len() < WAITING => {
                let (socket, service) = (Arc::clone(&socket), service.clone());
                waiting.spawn(async move {
                    let answer = service.forward(&request).await;
                    let _ = socket.send_to(&answer, client).await;
                });
                continue;
            }
            Reply::Forward(request) => request.fail(ResponseCode::ServFail),
        };
        // A client that is gone is no concern of the next one.
        if let Err(error) = socket.send_to(&answer, client).await {
            tracing::debug!(vpc = %service.vpc, %client, %error, "cannot send an answer");
        }
    }
}
