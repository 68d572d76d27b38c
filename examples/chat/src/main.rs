//! A chat with rooms and presence.
//!
//! ```text
//! cargo run --example chat -- [ADDRESS]
//! ```

use std::process::ExitCode;

use chat::{Chatting, Listen};
use sprag::Error;

#[tokio::main]
async fn main() -> ExitCode {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8081".to_owned());
    match run(&address).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("chat: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(address: &str) -> Result<ExitCode, Error> {
    let listen = address.parse().map_err(|_| {
        Error::msg(format!("`{address}` is not an address; write `127.0.0.1:8081`"))
    })?;
    println!("the chat is at http://{address}; enter it twice, with two browsers");
    let chatting = Chatting::builder(Listen(listen)).stop_on_signals().start().await?;
    Ok(chatting.stopped().await.exit_code())
}
