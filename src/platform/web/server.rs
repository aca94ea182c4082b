//! Accepts connections: a client that sends its headers too slowly is closed, and stopping has a
//! deadline even with clients that never finish.

use axum::Router;
use axum::extract::ConnectInfo;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

const HEADERS_WITHIN: Duration = Duration::from_secs(8);
const FINISH_WITHIN: Duration = Duration::from_secs(15);

/// Serves until `stop`, then lets requests under way finish within 15 s.
#[expect(clippy::cognitive_complexity, reason = "what the macros write")]
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let graceful = GracefulShutdown::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => attend(stream, peer, &router, &graceful),
                Err(error) => {
                    tracing::warn!(%error, "connection.not_accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            () = stop.cancelled() => break,
        }
    }
    drop(listener);
    if tokio::time::timeout(FINISH_WITHIN, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some clients were still connected at the deadline");
    }
}

fn attend(stream: TcpStream, peer: SocketAddr, router: &Router, graceful: &GracefulShutdown) {
    let router = router.clone();
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let mut request: Request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .serve_connection(TokioIo::new(stream), service);
    let watched = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = watched.await {
            tracing::debug!(%error, "connection.ended");
        }
    });
}
