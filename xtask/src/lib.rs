//! What the repository's commands share with its browser tests: the server.

pub mod server;
