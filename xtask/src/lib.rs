//! What the repository's commands share with its browser tests.

pub mod chromium;
pub mod manifest;
pub mod package;
pub mod server;
pub mod service_worker;
pub mod space;
pub mod webdriver;
