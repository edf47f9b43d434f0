//! The delivery engine over real sockets.

mod hostile;
mod plan;
mod server;
mod tls;
