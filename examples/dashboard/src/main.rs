//! A dashboard of 10,000 devices.
//!
//! ```text
//! cargo run --example dashboard -- [ADDRESS]
//! ```

use std::process::ExitCode;

use dashboard::{Listen, Watching};
use sprag::Error;

#[tokio::main]
async fn main() -> ExitCode {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8082".to_owned());
    match run(&address).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("dashboard: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(address: &str) -> Result<ExitCode, Error> {
    let listen = address.parse().map_err(|_| {
        Error::msg(format!("`{address}` is not an address; write `127.0.0.1:8082`"))
    })?;
    println!("the dashboard is at http://{address}");
    let watching = Watching::builder(Listen(listen)).stop_on_signals().start().await?;
    Ok(watching.stopped().await.exit_code())
}
