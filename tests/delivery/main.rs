//! The delivery engine over real sockets.

mod hostile;
mod http1;
mod http2;
mod plan;
mod server;
mod tls;
