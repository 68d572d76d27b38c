//! W9: 10,000 idle streams of several processes.
//!
//! A process of readers is this program again, which runs [`readers`] alone with the server's
//! address in its environment: one process may have too few open files for both ends.

#![cfg(target_os = "linux")]

#[path = "../idle/streams.rs"]
mod streams;

use std::env::{current_exe, var};
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use axum::Router;
use serde::{Deserialize, Serialize};
use sprag::prelude::*;
use sprag_web::{Published, Stores, store};
use test_support::{skip, within_async};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::TcpListener;
use tokio::process::{Child, ChildStdout, Command};

use self::streams::{allow_files, read_to, stream};

/// The default bound of the streams of all sessions.
const STREAMS: usize = 10_000;
/// How many files the server has open then.
const FILES: u64 = 10_200;
const PROCESSES: usize = 5;
const SERVER: &str = "SPRAG_CROWD_SERVER";
const PATH: &str = "/sprag/live?s=clock";
/// The line of a process whose streams are open.
const READY: &str = "all streams are open";

#[derive(Model, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Clock {
    at: u64,
}

/// The streams of one process; without a server there is nothing to read.
#[tokio::test]
async fn readers() {
    let Ok(server) = var(SERVER) else { return };
    let address: SocketAddr = server.parse().expect("it is an address");
    allow_files();
    let mut streams = Vec::with_capacity(STREAMS / PROCESSES);
    for _ in 0..STREAMS / PROCESSES {
        streams.push(stream(address, PATH, "\"at\":0").await);
    }
    println!("\n{READY}");
    for tcp in &mut streams {
        read_to(tcp, "[\"at\"],7").await;
    }
}

/// Starts a process of readers.
fn start(server: SocketAddr) -> (Child, Lines<BufReader<ChildStdout>>) {
    let program = current_exe().expect("the program has a path");
    let mut command = Command::new(program);
    command.args(["readers", "--exact", "--nocapture"]).env(SERVER, server.to_string());
    let mut child = command.kill_on_drop(true).stdout(Stdio::piped()).spawn().expect("it starts");
    let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    (child, lines)
}

async fn serve() -> (Published<Clock>, Stores, SocketAddr) {
    let clock = store("clock", Clock::default());
    let stores = Stores::new().add(&clock);
    let app = Router::new().nest("/sprag", stores.router());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("the listener has a port");
    tokio::spawn(async move { axum::serve(listener, app).await });
    (clock, stores, address)
}

#[tokio::test]
async fn w9_10_000_idle_streams_of_several_processes_are_live_and_the_next_is_refused() {
    let files = allow_files();
    if files < FILES {
        let reason = format!("this system allows {files} open files, and {FILES} are needed");
        return skip(&reason);
    }
    let (clock, stores, address) = serve().await;
    let mut processes: Vec<_> = (0..PROCESSES).map(|_| start(address)).collect();
    for (_, lines) in &mut processes {
        let ready = async {
            while lines.next_line().await.unwrap().expect("the readers are ready") != READY {}
        };
        within_async(Duration::from_secs(120), ready).await;
    }
    assert_eq!(stores.streams(), STREAMS);
    drop(stream(address, PATH, "too many streams are open").await);
    clock.set(Clock::PATHS.at, 7);
    for (child, lines) in &mut processes {
        let ended = async { while lines.next_line().await.unwrap().is_some() {} };
        within_async(Duration::from_secs(120), ended).await;
        assert!(child.wait().await.unwrap().success(), "each stream has the commit");
    }
}
